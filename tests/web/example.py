"""The reference programme, loaded once for the whole run and put into the database of each test that asks for it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, models, transaction

from simsa.web.awards.models import Result, Standing
from simsa.web.awards.services import load_folder
from simsa.web.entries.models import Entrant, Entry, ReportedNumber
from simsa.web.panel.models import AffinityTable, Conflict, Reviewer, Sheet, Slot
from simsa.web.programmes.models import Checkpoint, Event, Leaf, Log, Opening, Programme, Round, Statement, TileHash

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "proactive"
SHOWN: tuple[type[models.Model], ...] = (Programme, Round, Log, Entrant, Entry, Reviewer, Result, Standing)
BEHIND: tuple[type[models.Model], ...] = (
    *(Leaf, TileHash, Checkpoint, Statement, Opening, Event),
    *(ReportedNumber, Conflict, AffinityTable, Slot, Sheet),
)
Inserts = list[tuple[str, Any]]


@dataclass(frozen=True)
class ExampleRows:
    """The statements that put the rows of the example back, without asking the models again."""

    shown: Inserts
    behind: Inserts


@pytest.fixture(scope="session")
def example_rows(django_db_setup: None, django_db_blocker: pytest.FixtureRequest) -> ExampleRows:
    """Every row that loading the example leaves in the database, which is rolled back afterwards."""
    with django_db_blocker.unblock():  # type: ignore[attr-defined]
        with transaction.atomic():
            load_folder(EXAMPLE)
            rows = {model: list(model._default_manager.all()) for model in (*SHOWN, *BEHIND)}
            transaction.set_rollback(True)
        with transaction.atomic():
            inserts = [_inserts(rows, models) for models in (SHOWN, BEHIND)]
            transaction.set_rollback(True)
    return ExampleRows(*inserts)


def _inserts(rows: dict[type[models.Model], list[models.Model]], these: tuple[type[models.Model], ...]) -> Inserts:
    noted: Inserts = []

    def note(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        if sql.startswith("INSERT"):
            noted.append((sql, params))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        for model in these:
            model._default_manager.bulk_create(rows[model])
    return noted


def _insert(these: Inserts) -> None:
    with connection.cursor() as cursor:
        for sql, params in these:
            cursor.execute(sql, params)


@pytest.fixture
def example(db: None, example_rows: ExampleRows) -> Round:
    """The published round of the reference programme, with what its pages show: 243 governments and their standings."""
    _insert(example_rows.shown)
    return Round.objects.get()


@pytest.fixture
def whole_example(example: Round, example_rows: ExampleRows) -> Round:
    """The same with all that is behind it: its record, conflicts, affinities, the assignment, and every sheet."""
    _insert(example_rows.behind)
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
