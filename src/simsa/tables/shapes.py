"""The tables that single steps of the journey hand to each other: entries, reviewers, sheets, reported numbers, ...

- entries: `id`, `group`, optionally `name`, `name_ko`, `name_en`, further fields (such as `region`)
- reviewers: `id`, further fields
- sheets: `entry`, `reviewer`, `criterion`, `mark`, optionally `status`
- reported: `entry`, `field`, `value`, optionally `criterion`
- affinity: `entry`, `reviewer`, `affinity`
- conflicts: `entry`, `reviewer`, optionally `reason`
- assignment: `entry`, `reviewer`, optionally `affinity`

Numbers are exact decimals as text. Each reader collects every faulty row and refuses the table as a whole, so that
nothing is half read; the message names file, line and field.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from simsa.engine.inputs import Entries, Reported, Reviewers, Sheets, Status
from simsa.rules import Rules, exact_text, parse_decimal

from .files import read_table
from .sections import Conflict, Entrant, Reviewer
from .sections import Pairs as Candidates
from .spreadsheets import number_text
from .table import Cell, RowError, Table, TableError, tidy

SHOWN = 20
_STATUS = {status.name.lower(): status for status in Status}


class RowsError(TableError):
    """Rows of a table that cannot be used; `errors` names every one."""

    def __init__(self, errors: Sequence[RowError]) -> None:
        self.errors = tuple(errors)
        shown = "\n".join(f"  {error}" for error in self.errors[:SHOWN])
        more = f"\n  ... and {len(self.errors) - SHOWN} more" if len(self.errors) > SHOWN else ""
        count = "1 row" if len(self.errors) == 1 else f"{len(self.errors)} rows"
        super().__init__(f"{count} cannot be used:\n{shown}{more}")


@dataclass(frozen=True)
class EntryTable:
    """Entries with what people call them and their further fields, in the order of the file."""

    entries: Entries
    names: tuple[str, ...]
    fields: Mapping[str, tuple[str, ...]]


def read_entries(path: str | Path, rules: Rules) -> EntryTable:
    """Entries from a table with `id` and `group`. RowsError for an empty or repeated id or a group not in the rules."""
    table = _read(path)
    rows = _Rows(table)
    identifiers, groups = rows.column("id"), rows.column("group")
    seen: set[str] = set()
    for n, (key, group) in enumerate(zip(identifiers, groups, strict=True)):
        if not key:
            rows.wrong(n, "id", key, "is empty", "give every entry an id")
        elif key in seen:
            rows.wrong(n, "id", key, "is there twice", "one row for each entry")
        if rules.group(group) is None:
            known = ", ".join(known.id for known in rules.groups)
            rows.wrong(n, "group", group, "is not in the rules", f"known: {known}")
        seen.add(key)
    rows.done()
    names = next((rows.column(c) for c in ("name", "name_ko", "name_en") if c in table.header), identifiers)
    fields = {name: tuple(rows.column(name)) for name in table.header if name not in ("id", "group")}
    entries = Entries(tuple(identifiers), tuple(groups))
    return EntryTable(entries, tuple(n or k for n, k in zip(names, identifiers, strict=True)), fields)


def read_reviewers(path: str | Path) -> Reviewers:
    """The panel from a table with `id` and further fields. RowsError for an empty or repeated id."""
    table = _read(path)
    rows = _Rows(table)
    identifiers = rows.column("id")
    seen: set[str] = set()
    for n, key in enumerate(identifiers):
        if not key:
            rows.wrong(n, "id", key, "is empty", "give every reviewer an id")
        elif key in seen:
            rows.wrong(n, "id", key, "is there twice", "one row for each reviewer")
        seen.add(key)
    rows.done()
    return Reviewers(tuple(identifiers), {name: tuple(rows.column(name)) for name in table.header if name != "id"})


def read_sheets(path: str | Path, rules: Rules, entries: Entries, *, slots: Iterable[tuple[str, str]] = ()) -> Sheets:
    """Score sheets from a long table, one row for each mark.

    `slots`: (entry, reviewer) pairs of the assignment; a cell without a row is NOT_SUBMITTED. RowsError for an entry or
    criterion that is not in the round, a mark that is no decimal or not on its scale, a mark beside another status, two
    marks for one cell, and, if slots are given, a sheet outside them.
    """
    rows = _Rows(_read(path))
    return _sheets(rows, rules, entries, tuple(slots))


def read_reported(path: str | Path, rules: Rules, entries: Entries) -> Reported:
    """Reported numbers from a long table. RowsError for an unknown entry or criterion, or a value that is none."""
    rows = _Rows(_read(path))
    keys, fields, numbers = rows.column("entry"), rows.column("field"), rows.column("value")
    criteria = rows.column("criterion") if "criterion" in rows.table.header else [""] * len(keys)
    found: dict[tuple[str, str, str], Fraction] = {}
    seen: set[tuple[str, str, str]] = set()
    for n, (entry, criterion, field, number) in enumerate(zip(keys, criteria, fields, numbers, strict=True)):
        rows.known(n, "entry", entry, entries.index)
        if criterion:
            rows.known(n, "criterion", criterion, rules.by_id)
        if field not in rules.reported_fields:
            known = ", ".join(sorted(rules.reported_fields)) or "none"
            rows.wrong(n, "field", field, "is not a field that the rules use", f"known: {known}")
        value = rows.decimal(n, "value", number) if number else None
        if (entry, criterion, field) in seen:
            rows.wrong(n, "field", field, "is reported twice for this entry", "one row for each number")
        seen.add((entry, criterion, field))
        if value is not None:
            found[entry, criterion, field] = value
    rows.done()
    return Reported(found)


Pairs = tuple[NDArray[np.int64], NDArray[np.int64]]


def read_affinity(path: str | Path, entries: Entries, reviewers: Reviewers) -> tuple[Pairs, NDArray[np.float64]]:
    """Candidate pairs with their affinity: ((entry, reviewer) positions, values). RowsError as for the others."""
    rows = _Rows(_read(path))
    pairs = _pairs(rows, entries, reviewers)
    values = []
    for n, text in enumerate(rows.column("affinity")):
        try:
            value = math.nan if "_" in text else float(text)
        except ValueError:
            value = math.nan
        if not math.isfinite(value):
            rows.wrong(n, "affinity", text, "is not a number", "a decimal such as 0.75")
        values.append(value)
    rows.done()
    return pairs, np.array(values, dtype=np.float64)


def read_pairs(path: str | Path, entries: Entries, reviewers: Reviewers) -> Pairs:
    """(entry, reviewer) positions of a conflict register or an assignment. RowsError as for the others."""
    rows = _Rows(_read(path))
    pairs = _pairs(rows, entries, reviewers)
    rows.done()
    return pairs


def read_slots(path: str | Path, entries: Entries) -> tuple[tuple[str, str], ...]:
    """(entry, reviewer) ids of an assignment, where the panel itself is not listed. RowsError as for the others."""
    rows = _Rows(_read(path))
    slots = list(zip(rows.column("entry"), rows.column("reviewer"), strict=True))
    seen: set[tuple[str, str]] = set()
    for n, (entry, reviewer) in enumerate(slots):
        rows.known(n, "entry", entry, entries.index)
        if not reviewer:
            rows.wrong(n, "reviewer", reviewer, "is empty", "every slot has a reviewer")
        if (entry, reviewer) in seen:
            rows.wrong(n, "reviewer", reviewer, f"stands twice beside entry {entry!r}", "one row for each slot")
        seen.add((entry, reviewer))
    rows.done()
    return tuple(slots)


def sheets_table(sheets: Sheets, entries: Entries, *, synthetic: bool = False) -> Table:
    """Sheets as a long table, one row for each cell."""
    unit = 10**sheets.places
    rows = []
    for n in range(len(sheets)):
        for column, leaf in enumerate(sheets.leaves):
            status = Status(int(sheets.status[n, column]))
            mark = exact_text(Fraction(int(sheets.mark[n, column]), unit)) if status is Status.MARK else None
            entry, reviewer = entries.ids[sheets.entry[n]], sheets.reviewers[sheets.reviewer[n]]
            rows.append([entry, reviewer, leaf, mark, status.name.lower()])
    return labelled(Table.of(["entry", "reviewer", "criterion", "mark", "status"], rows, "sheets"), synthetic)


def entries_table(entrants: Sequence[Entrant]) -> Table:
    """Entries with what is known of them: `id`, `group`, `name_ko`, ..., `region`, `latitude`, `longitude`, fields."""
    languages = list(dict.fromkeys(language for entrant in entrants for language in entrant.name))
    fields = list(entrants[0].fields) if entrants else []
    header = ["id", "group", *(f"name_{x}" if x else "name" for x in languages), "region", "latitude", "longitude"]
    rows = [
        [
            entrant.id,
            entrant.group,
            *(entrant.name.get(language) for language in languages),
            entrant.region,
            *(None if degrees is None else number_text(degrees) for degrees in (entrant.latitude, entrant.longitude)),
            *(entrant.fields[name] for name in fields if name not in header),
        ]
        for entrant in entrants
    ]
    return Table.of([*header, *(name for name in fields if name not in header)], rows, "entries")


def reviewers_table(panel: Sequence[Reviewer]) -> Table:
    """The panel: `id`, `name_ko`, ..., fields."""
    languages = list(dict.fromkeys(language for reviewer in panel for language in reviewer.name))
    header = ["id", *(f"name_{language}" if language else "name" for language in languages)]
    fields = [name for name in (panel[0].fields if panel else ()) if name not in header]
    rows = [
        [
            reviewer.id,
            *(reviewer.name.get(language) for language in languages),
            *(reviewer.fields[name] for name in fields),
        ]
        for reviewer in panel
    ]
    return Table.of([*header, *fields], rows, "reviewers")


def reported_table(reported: Reported) -> Table:
    """Reported numbers as a long table, exact."""
    rows = [
        [entry, criterion, field, exact_text(value)] for (entry, criterion, field), value in reported.values.items()
    ]
    return Table.of(["entry", "criterion", "field", "value"], rows, "reported")


def affinity_table(affinity: Candidates, entries: Entries, reviewers: Reviewers) -> Table:
    """Candidate pairs with their affinity, in the shortest decimals that give the same numbers back."""
    rows = [
        [entries.ids[e], reviewers.ids[r], number_text(float(value))]
        for e, r, value in zip(affinity.entry, affinity.reviewer, affinity.value, strict=True)
    ]
    return Table.of(["entry", "reviewer", "affinity"], rows, "affinity")


def conflicts_table(conflicts: Sequence[Conflict], entries: Entries, reviewers: Reviewers) -> Table:
    """The conflict register: `entry`, `reviewer`, `reason`."""
    rows = [[entries.ids[one.entry], reviewers.ids[one.reviewer], one.reason] for one in conflicts]
    return Table.of(["entry", "reviewer", "reason"], rows, "conflicts")


def labelled(table: Table, synthetic: bool) -> Table:
    """The table with a last column that says of every row that it comes from synthetic data, if it does."""
    if not synthetic:
        return table
    return Table(
        table.source,
        (*table.header, "synthetic"),
        (*table.columns, ("yes",) * len(table)),
        table.lines,
        table.malformed,
    )


def _read(path: str | Path) -> Table:
    table = read_table(path)
    if table.malformed:
        raise RowsError(table.malformed)
    return table


class _Rows:
    """Columns of a table as tidy text, and the errors found in them."""

    def __init__(self, table: Table) -> None:
        self.table = table
        self.errors: list[RowError] = []

    def column(self, name: str) -> list[str]:
        return [tidy(cell or "") for cell in self.table.column(name)]

    def wrong(self, row: int, field: str, value: Cell, what: str, hint: str = "") -> None:
        self.errors.append(RowError(self.table.source, self.table.lines[row], field, value or "", what, hint))

    def known(self, row: int, field: str, value: str, names: Mapping[str, object]) -> bool:
        if value not in names:
            self.wrong(row, field, value, "is not in the round" if value else "is empty", f"known: {_some(names)}")
        return value in names

    def decimal(self, row: int, field: str, value: str) -> Fraction | None:
        try:
            return parse_decimal(value)
        except ValueError:
            self.wrong(row, field, value, "is not a decimal number", "for example 8.5")
            return None

    def done(self) -> None:
        if self.errors:
            raise RowsError(sorted(self.errors, key=lambda error: error.line))


def _some(names: Mapping[str, object]) -> str:
    listed = list(names)[:8]
    return ", ".join(listed) + (", ..." if len(names) > len(listed) else "")


def _pairs(rows: _Rows, entries: Entries, reviewers: Reviewers) -> Pairs:
    found: list[tuple[int, int]] = []
    seen: set[tuple[str, str]] = set()
    for n, pair in enumerate(zip(rows.column("entry"), rows.column("reviewer"), strict=True)):
        entry, reviewer = pair
        known = rows.known(n, "entry", entry, entries.index)
        if rows.known(n, "reviewer", reviewer, reviewers.index) and known:
            found.append((entries.index[entry], reviewers.index[reviewer]))
        if pair in seen:
            rows.wrong(n, "reviewer", reviewer, f"stands twice beside entry {entry!r}", "one row for each pair")
        seen.add(pair)
    entry_at, reviewer_at = (np.array([pair[side] for pair in found], dtype=np.int64) for side in (0, 1))
    return entry_at, reviewer_at


def _sheets(rows: _Rows, rules: Rules, entries: Entries, slots: tuple[tuple[str, str], ...]) -> Sheets:
    leaves = {leaf.id: n for n, leaf in enumerate(rules.leaves)}
    names = [rows.column(name) for name in ("entry", "reviewer", "criterion", "mark")]
    statuses = rows.column("status") if "status" in rows.table.header else [""] * len(rows.table)
    position = {slot: n for n, slot in enumerate(dict.fromkeys(slots))}
    cells: dict[tuple[int, int], tuple[int, Status]] = {}
    for n, (entry, reviewer, criterion, mark, status) in enumerate(zip(*names, statuses, strict=True)):
        fits = rows.known(n, "entry", entry, entries.index) & rows.known(n, "criterion", criterion, leaves)
        if not reviewer:
            rows.wrong(n, "reviewer", reviewer, "is empty", "every mark has a reviewer")
        if slots and (entry, reviewer) not in position:
            rows.wrong(n, "reviewer", reviewer, f"was not assigned to entry {entry!r}", "check the assignment")
        found = _cell(rows, n, rules, criterion, mark, status) if fits else None
        if found is None:
            continue
        cell = (position.setdefault((entry, reviewer), len(position)), leaves[criterion])
        if cell in cells:
            rows.wrong(n, "criterion", criterion, f"has two marks of {reviewer!r} on {entry!r}", "one row for each")
        cells[cell] = found
    rows.done()
    return _arranged(rules, entries, list(position), cells)


def _cell(rows: _Rows, n: int, rules: Rules, criterion: str, mark: str, status: str) -> tuple[int, Status] | None:
    kind = _STATUS.get(status or ("mark" if mark else "not_submitted"))
    if kind is None:
        rows.wrong(n, "status", status, "is not a status", f"one of {', '.join(_STATUS)}")
        return None
    if kind is not Status.MARK:
        if mark:
            rows.wrong(n, "mark", mark, f"stands beside status {status!r}", "a mark, or the reason why there is none")
        return 0, kind
    number = rows.decimal(n, "mark", mark)
    scale = rules.by_id[criterion].scale
    if number is None or scale is None:
        return None
    if not scale.allows(number):
        low, high, step = (exact_text(x) for x in (scale.min, scale.max, scale.step))
        rows.wrong(n, "mark", mark, f"is not on the scale of {criterion!r}", f"from {low} to {high} in steps of {step}")
        return None
    return int(number * 10**rules.mark_places), kind


def _arranged(
    rules: Rules, entries: Entries, slots: list[tuple[str, str]], cells: Mapping[tuple[int, int], tuple[int, Status]]
) -> Sheets:
    reviewers = tuple(dict.fromkeys(reviewer for _, reviewer in slots))
    index = {reviewer: n for n, reviewer in enumerate(reviewers)}
    mark = np.zeros((len(slots), len(rules.leaves)), np.int64)
    status = np.full(mark.shape, Status.NOT_SUBMITTED, np.int8)
    for (row, column), (number, kind) in cells.items():
        mark[row, column], status[row, column] = number, kind
    return Sheets(
        reviewers=reviewers,
        leaves=tuple(leaf.id for leaf in rules.leaves),
        entry=np.array([entries.index[entry] for entry, _ in slots], np.int64),
        reviewer=np.array([index[reviewer] for _, reviewer in slots], np.int64),
        mark=mark,
        status=status,
        places=rules.mark_places,
    )
