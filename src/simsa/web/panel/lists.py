"""Lists of reviewers, in the way of `simsa.web.entries.lists`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from django.utils.translation import gettext_lazy

from simsa.tables.lists import FIELD, ListRow, reviewer_targets
from simsa.web.entries.lists.kinds import CODE, ListKind
from simsa.web.entries.models import Import
from simsa.web.entries.services.plans import Plan, Source
from simsa.web.panel.services.listing import (
    ReviewerRow,
    import_reviewers,
    panel_of,
    plan_reviewers,
    row_of,
    undo_reviewers,
)
from simsa.web.programmes.models import Round


def reviewer_rows(round_: Round, rows: Sequence[ListRow]) -> list[ReviewerRow]:
    """The rows of an import; what a list does not say of a reviewer is as the round has it."""
    panel = panel_of(round_)
    found = []
    for row in rows:
        code = row.said["code"]
        before = row_of(panel[code]) if code in panel else ReviewerRow(code, "")
        fields = {key.removeprefix(FIELD): text for key, text in row.said.items() if key.startswith(FIELD)}
        name = row.said.get("name", before.name)
        found.append(replace(before, name=name, fields={**before.fields, **fields}))
    return found


def _plan(round_: Round, rows: Sequence[ListRow], removes: bool) -> Plan:
    return plan_reviewers(round_, reviewer_rows(round_, rows), update=True, remove=removes)


def _take(
    round_: Round, rows: Sequence[ListRow], *, removes: bool, expected: str, source: Source, actor: str
) -> Import:
    found = reviewer_rows(round_, rows)
    return import_reviewers(round_, found, update=True, remove=removes, expected=expected, source=source, actor=actor)


REVIEWERS = ListKind(
    key="reviewers",
    permission="panel.import_reviewers",
    title=gettext_lazy("Reviewers"),
    labels={"code": CODE, "name": gettext_lazy("name")},
    needed=("code",),
    targets=reviewer_targets,
    plan=_plan,
    take=_take,
    undo=undo_reviewers,
)
