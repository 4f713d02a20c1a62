"""The verbs by which the panel of a round is listed: import, which also changes and removes, and its undoing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from simsa.tables.lists import FIELD
from simsa.tables.table import has_control
from simsa.web.entries.models import Import
from simsa.web.entries.services.dependants import dependants_of
from simsa.web.entries.services.plans import Plan, Source, check_expected, plan
from simsa.web.entries.services.rows import RowFault, code_faults, refuse_rows
from simsa.web.entries.services.undoing import check_undo, keep_import, mark_undone, taken_places
from simsa.web.panel.models import Reviewer
from simsa.web.programmes.models import Kind, Round, Stage
from simsa.web.programmes.services import SYSTEM, lock, record

KIND = "reviewers"
State = dict[str, Any]


@dataclass(frozen=True)
class ReviewerRow:
    """One member of the panel to import, all that is known of them."""

    code: str
    name: str
    fields: Mapping[str, str] = field(default_factory=dict)

    @property
    def said(self) -> dict[str, str]:
        """Everything the row says, as text by key."""
        return {"name": self.name, **{FIELD + name: text for name, text in self.fields.items()}}


def plan_reviewers(round_: Round, rows: Sequence[ReviewerRow], *, update: bool = False, remove: bool = False) -> Plan:
    """What `import_reviewers` would do with these rows."""
    return _plan(round_, rows, panel_of(round_), update=update, remove=remove)


def import_reviewers(
    round_: Round,
    rows: Sequence[ReviewerRow],
    *,
    update: bool = False,
    remove: bool = False,
    expected: str = "",
    source: Source = Source(),  # noqa: B008 (frozen)
    actor: str = SYSTEM,
) -> Import:
    """Add members to the panel of a round in preparation; `update`, `remove` and errors as in `import_entries`."""
    with transaction.atomic():
        round_ = lock(round_, Stage.PREPARING)
        panel = panel_of(round_)
        found = _plan(round_, rows, panel, update=update, remove=remove)
        check_expected(found, expected)
        refuse_rows(found.faults)
        after = _states(round_, rows, found, panel)
        removed = [change.code for change in found.removed]
        before = {code: _state(reviewer) for code, reviewer in panel.items()}
        changes = {code: (before.get(code), state) for code, state in after.items()}
        changes |= {code: (before[code], None) for code in removed}
        _put(round_, {code: after for code, (_before, after) in changes.items()}, panel)
        done = keep_import(round_, KIND, len(rows), changes, source, actor)
        told = {
            "reviewers": [change.code for change in found.added],
            "changed": [[change.code, [one.key for one in change.differences]] for change in found.changed],
            "removed": removed,
            "file": source.sha256,
        }
        record(round_, "reviewers.imported", actor, told)
    return done


def undo_reviewers(done: Import, *, actor: str = SYSTEM) -> None:
    """Take an import back; ImportRefusedError as in `undo_entries`."""
    with transaction.atomic():
        round_ = lock(done.round, Stage.PREPARING)
        panel = panel_of(round_)
        now = {code: _state(reviewer) for code, reviewer in panel.items()}
        before = {code: before for code, (before, _after) in check_undo(done, now).items()}
        faults = _dependants(round_, [panel[code] for code, state in before.items() if state is None])
        refuse_rows(faults + taken_places(before, now))
        _put(round_, before, panel)
        mark_undone(done, actor)
        record(round_, "reviewers.import_undone", actor, {"reviewers": list(before), "file": done.sha256})


def panel_of(round_: Round) -> dict[str, Reviewer]:
    """The members of the panel by code, in their order."""
    return {reviewer.code: reviewer for reviewer in round_.reviewers.order_by("position")}


def row_of(reviewer: Reviewer) -> ReviewerRow:
    """A reviewer as the row that would import them."""
    return ReviewerRow(reviewer.code, reviewer.name, reviewer.fields)


def _state(reviewer: Reviewer) -> State:
    return {"name": reviewer.name, "fields": reviewer.fields, "position": reviewer.position}


def _plan(
    round_: Round, rows: Sequence[ReviewerRow], panel: Mapping[str, Reviewer], *, update: bool, remove: bool
) -> Plan:
    faults, seen = [], set[str]()
    for n, row in enumerate(rows, start=1):
        faults += code_faults(n, row.code)
        if row.code in seen:
            faults.append(RowFault(n, "code", _("%(code)s is there twice") % {"code": row.code}))
        elif row.code in panel and not update:
            faults.append(RowFault(n, "code", _("%(code)s is on the panel already") % {"code": row.code}))
        seen.add(row.code)
        if not row.name.strip() or len(row.name) > 200:
            faults.append(RowFault(n, "name", _("a name of 1 to 200 characters is needed")))
        unseen = _("has a character that nobody sees (a line break, a control character)")
        faults += [RowFault(n, key, unseen) for key, text in row.said.items() if has_control(text + key)]
    if remove:
        faults += _dependants(round_, [reviewer for code, reviewer in panel.items() if code not in seen])
    there = {code: (reviewer.name, row_of(reviewer).said) for code, reviewer in panel.items()}
    said = [(row.code, row.name, row.said) for row in rows]
    return plan(said, there, faults, remove=remove, rules_hash=round_.rules_hash)


def _dependants(round_: Round, leaving: Sequence[Reviewer]) -> list[RowFault]:
    named = {reviewer.pk: reviewer.code for reviewer in leaving}
    found = dependants_of(round_, Kind.REVIEWER, Reviewer, named)
    return [RowFault(0, code, what) for code, what in found.items()]


def _states(round_: Round, rows: Sequence[ReviewerRow], found: Plan, panel: Mapping[str, Reviewer]) -> dict[str, State]:
    touched = {change.code for change in (*found.added, *found.changed)}
    last = round_.reviewers.aggregate(last=Max("position"))["last"] or 0
    states: dict[str, State] = {}
    for row in rows:
        if row.code in touched:
            known = panel.get(row.code)
            last += known is None
            at = last if known is None else known.position
            states[row.code] = {"name": row.name, "fields": dict(row.fields), "position": at}
    return states


def _put(round_: Round, states: Mapping[str, State | None], panel: Mapping[str, Reviewer]) -> None:
    """Make the panel what `states` says by code: added, changed, or gone where it is None."""
    gone = [panel[code].pk for code, state in states.items() if state is None and code in panel]
    Reviewer.objects.filter(pk__in=gone).delete()
    wanted = {code: state for code, state in states.items() if state is not None}
    changed = [_changed(panel[code], state) for code, state in wanted.items() if code in panel]
    Reviewer.objects.bulk_update(changed, ["name", "fields"])
    new = (_changed(Reviewer(round=round_, code=code), state) for code, state in wanted.items() if code not in panel)
    Reviewer.objects.bulk_create(new)


def _changed(reviewer: Reviewer, state: State) -> Reviewer:
    reviewer.name, reviewer.fields, reviewer.position = state["name"], state["fields"], state["position"]
    return reviewer
