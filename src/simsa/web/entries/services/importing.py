"""The verbs by which the bodies of a round are listed: import, which also changes and removes, and its undoing."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from simsa.rules import exact_text
from simsa.web.entries.models import Entrant, Entry, Import, ReportedNumber, Submission
from simsa.web.entries.services.dependants import dependants
from simsa.web.entries.services.plans import Plan, Source, check_expected, plan
from simsa.web.entries.services.rows import EntryRow, RowFault, entry_faults, refuse_rows
from simsa.web.entries.services.undoing import check_undo, keep_import, mark_undone, taken_places
from simsa.web.programmes.models import Round, Stage
from simsa.web.programmes.services import SYSTEM, lock, record

KIND = "entries"
State = dict[str, Any]
"""An entry as an import keeps it: its version of the entrant, group, position, and reported numbers."""


def plan_entries(round_: Round, rows: Sequence[EntryRow], *, update: bool = False, remove: bool = False) -> Plan:
    """What `import_entries` would do with these rows."""
    return _plan(round_, rows, Held.of(round_), update=update, remove=remove)


def import_entries(
    round_: Round,
    rows: Sequence[EntryRow],
    *,
    update: bool = False,
    remove: bool = False,
    expected: str = "",
    source: Source = Source(),  # noqa: B008 (frozen)
    actor: str = SYSTEM,
) -> Import:
    """Add entries to a round in preparation, in the order of the rows; all of it, or nothing.

    A row whose code is in the round already is a fault, or with `update` changes that entry to what the row says. With
    `remove` entries without a row leave, unless something depends on them. ImportRefusedError names every fault;
    StalePlanError if the plan has not the state that was `expected`.
    """
    with transaction.atomic():
        round_ = lock(round_, Stage.PREPARING)
        held = Held.of(round_)
        found = _plan(round_, rows, held, update=update, remove=remove)
        check_expected(found, expected)
        refuse_rows(found.faults)
        after = dict(_states(round_, rows, found, held))
        removed = [change.code for change in found.removed]
        changes = {code: (held.states.get(code), state) for code, state in after.items()}
        changes |= {code: (held.states[code], None) for code in removed}
        _put(round_, {code: after for code, (_before, after) in changes.items()}, held)
        done = keep_import(round_, KIND, len(rows), changes, source, actor)
        told = {
            "entries": [[change.code, after[change.code]["group"]] for change in found.added],
            "changed": [[change.code, [one.key for one in change.differences]] for change in found.changed],
            "removed": removed,
            "file": source.sha256,
        }
        record(round_, "entries.imported", actor, told)
    return done


def undo_entries(done: Import, *, actor: str = SYSTEM) -> None:
    """Take an import back: every entry that it added, changed or removed is exactly as it was before.

    ImportRefusedError names what stands in the way: an entry that has changed since, or on which something depends.
    """
    with transaction.atomic():
        round_ = lock(done.round, Stage.PREPARING)
        held = Held.of(round_)
        changes = check_undo(done, held.states)
        before = {code: before for code, (before, _after) in changes.items()}
        leaving = [held.entries[code] for code, state in before.items() if state is None]
        faults = [RowFault(0, code, what) for code, what in dependants(round_, leaving).items()]
        faults += _submitted(round_, {code: 0 for code, state in before.items() if state and code in held.entries})
        refuse_rows(faults + taken_places(before, held.states))
        _put(round_, before, held)
        mark_undone(done, actor)
        record(round_, "entries.import_undone", actor, {"entries": list(before), "file": done.sha256})


class Held:
    """The entries of a round as they are now, by code, in their order."""

    def __init__(self, entries: Iterable[Entry], reported: Iterable[ReportedNumber]) -> None:
        self.entries = {entry.entrant.code: entry for entry in entries}
        codes = {entry.pk: code for code, entry in self.entries.items()}
        self.reported: dict[str, list[ReportedNumber]] = {code: [] for code in self.entries}
        for number in reported:
            self.reported[codes[number.entry_id]].append(number)
        self.states: dict[str, State] = {
            code: _state(entry.entrant_id, entry.group, entry.position, self._numbers(code))
            for code, entry in self.entries.items()
        }

    @classmethod
    def of(cls, round_: Round) -> Held:
        entries = round_.entries.order_by("position").select_related("entrant")
        return cls(entries, ReportedNumber.objects.filter(entry__round=round_))

    def row(self, code: str) -> EntryRow:
        """An entry as the row that would import it."""
        entry = self.entries[code]
        reported = {(number.criterion, number.field): number.value for number in self.reported[code]}
        return row_of(entry.entrant, entry.group, reported)

    def _numbers(self, code: str) -> list[list[str]]:
        return [[number.criterion, number.field, number.number] for number in self.reported[code]]


def row_of(entrant: Entrant, group: str, reported: Mapping[tuple[str, str], Any]) -> EntryRow:
    """The row that says what is known of an entrant."""
    return EntryRow(
        code=entrant.code,
        group=group,
        name_ko=entrant.name_ko,
        name_en=entrant.name_en,
        region=entrant.region,
        latitude=entrant.latitude,
        longitude=entrant.longitude,
        fields=entrant.fields,
        reported=reported,
    )


def _state(entrant: int, group: str, position: int, numbers: Iterable[Sequence[str]]) -> State:
    return {
        "entrant": entrant,
        "group": group,
        "position": position,
        "reported": sorted([list(number) for number in numbers]),
    }


def _plan(round_: Round, rows: Sequence[EntryRow], held: Held, *, update: bool, remove: bool) -> Plan:
    rules = round_.rules
    faults = entry_faults(rules, rows)
    if not update:
        what = _("%(code)s is in the round already")
        faults += [
            RowFault(n, "code", what % {"code": row.code})
            for n, row in enumerate(rows, start=1)
            if row.code in held.entries
        ]
    if remove:
        listed = {row.code for row in rows}
        leaving = [entry for code, entry in held.entries.items() if code not in listed]
        faults += [RowFault(0, code, what) for code, what in dependants(round_, leaving).items()]
    there = {code: (str(entry.entrant), held.row(code).said) for code, entry in held.entries.items()}
    said = [(row.code, row.name, row.said) for row in rows]
    found = plan(said, there, faults, remove=remove, rules_hash=rules.hash)
    return found.with_faults(_submitted(round_, {change.code: change.row for change in found.changed}))


def _submitted(round_: Round, rows: Mapping[str, int]) -> list[RowFault]:
    """Entries that lists can no longer change, because what they say was submitted. `rows`: their rows by code."""
    codes = Submission.objects.filter(entry__round=round_, entry__entrant__code__in=rows)
    what = _("was submitted; a list can no longer change it")
    return [
        RowFault(rows[code], code, what) for code in codes.values_list("entry__entrant__code", flat=True).distinct()
    ]


def _states(round_: Round, rows: Sequence[EntryRow], found: Plan, held: Held) -> Iterable[tuple[str, State]]:
    """What each row that adds or changes leaves, by code, in the order of the rows."""
    touched = {change.code for change in (*found.added, *found.changed)}
    entrants = _entrants(round_, [row for row in rows if row.code in touched])
    last = round_.entries.aggregate(last=Max("position"))["last"]
    position = -1 if last is None else last
    for row in rows:
        if row.code not in touched:
            continue
        if row.code in held.states:
            at = held.states[row.code]["position"]
        else:
            position += 1
            at = position
        numbers = [(criterion, name, exact_text(number)) for (criterion, name), number in row.reported.items()]
        yield row.code, _state(entrants[row.code].pk, row.group, at, numbers)


def _put(round_: Round, states: Mapping[str, State | None], held: Held) -> None:
    """Make the entries what `states` says by code: added, changed, or gone where it is None."""
    gone = [held.entries[code].pk for code, state in states.items() if state is None and code in held.entries]
    Entry.objects.filter(pk__in=gone).delete()
    wanted = {code: state for code, state in states.items() if state is not None}
    changed = [_changed(held.entries[code], state) for code, state in wanted.items() if code in held.entries]
    Entry.objects.bulk_update(changed, ["entrant", "group"])
    new = [_changed(Entry(round=round_), state) for code, state in wanted.items() if code not in held.entries]
    Entry.objects.bulk_create(new)
    ReportedNumber.objects.filter(entry__in=changed).delete()
    by_entrant = {entry.entrant_id: entry for entry in (*changed, *new)}
    ReportedNumber.objects.bulk_create(
        ReportedNumber(entry=by_entrant[state["entrant"]], criterion=criterion, field=name, number=number)
        for state in wanted.values()
        for criterion, name, number in state["reported"]
    )


def _changed(entry: Entry, state: State) -> Entry:
    entry.entrant_id, entry.group, entry.position = state["entrant"], state["group"], state["position"]
    return entry


def _entrants(round_: Round, rows: Sequence[EntryRow]) -> dict[str, Entrant]:
    """The entrant of each row by code: the latest version that says the same, else a new one."""
    versions: dict[str, dict[str, Entrant]] = {}
    latest: dict[str, int] = {}
    for entrant in round_.programme.entrants.filter(code__in=[row.code for row in rows]).order_by("version"):
        versions.setdefault(entrant.code, {})[_facts_key(row_of(entrant, "", {}))] = entrant
        latest[entrant.code] = entrant.version
    found = {row.code: versions.get(row.code, {}).get(_facts_key(row)) for row in rows}
    created = Entrant.objects.bulk_create(
        Entrant(
            programme=round_.programme,
            code=row.code,
            version=latest.get(row.code, 0) + 1,
            name_ko=row.name_ko,
            name_en=row.name_en,
            region=row.region,
            latitude=row.place[0],
            longitude=row.place[1],
            fields=dict(row.fields),
        )
        for row in rows
        if found[row.code] is None
    )
    return {code: entrant for code, entrant in found.items() if entrant} | {one.code: one for one in created}


def _facts_key(row: EntryRow) -> str:
    return json.dumps(row.facts, ensure_ascii=False, sort_keys=True, default=str)
