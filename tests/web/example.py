"""The reference programme, loaded once for the whole run and put into the database of each test that asks for it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from django.db import models, transaction

from simsa.web.awards.models import Result, Standing
from simsa.web.awards.services import load_folder
from simsa.web.entries.models import Entrant, Entry, ReportedNumber
from simsa.web.panel.models import AffinityTable, Conflict, Reviewer, Sheet, Slot
from simsa.web.programmes.models import Event, Programme, Round

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "proactive"
SHOWN: tuple[type[models.Model], ...] = (Programme, Round, Entrant, Entry, Reviewer, Result, Standing)
BEHIND: tuple[type[models.Model], ...] = (Event, ReportedNumber, Conflict, AffinityTable, Slot, Sheet)
Rows = list[tuple[type[models.Model], list[models.Model]]]


@pytest.fixture(scope="session")
def example_rows(django_db_setup: None, django_db_blocker: pytest.FixtureRequest) -> Rows:
    """Every row that loading the example leaves in the database, which is rolled back afterwards."""
    with django_db_blocker.unblock(), transaction.atomic():  # type: ignore[attr-defined]
        load_folder(EXAMPLE)
        rows = [(model, list(model._default_manager.all())) for model in (*SHOWN, *BEHIND)]
        transaction.set_rollback(True)
    return rows


@pytest.fixture
def example(db: None, example_rows: Rows) -> Round:
    """The published round of the reference programme, with what its pages show: 243 governments and their standings."""
    for model, rows in example_rows:
        if model in SHOWN:
            model._default_manager.bulk_create(rows)
    return Round.objects.get()


@pytest.fixture
def whole_example(example: Round, example_rows: Rows) -> Round:
    """The same with all that is behind it: events, conflicts, affinities, the assignment, and every sheet."""
    for model, rows in example_rows:
        if model in BEHIND:
            model._default_manager.bulk_create(rows)
    return example


@pytest.fixture
def hidden(example: Round) -> Callable[[], Round]:
    """The same round before anybody may know of it: `hidden()` turns back publication."""

    def hide() -> Round:
        Result.objects.update(published=None)
        Round.objects.update(published_at=None, stage="scoring")
        example.refresh_from_db()
        return example

    return hide
