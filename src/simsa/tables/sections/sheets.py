"""Score sheets from their rows, one row for a sheet or one for each mark."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from simsa.engine.diagnostics import Timing
from simsa.engine.inputs import Sheets, Status
from simsa.rules import Rules
from simsa.tables.intake import RoundError
from simsa.tables.mapping import SheetsPart
from simsa.tables.rows import Rows
from simsa.tables.sections.known import Known
from simsa.tables.sections.marks import MarkReader
from simsa.tables.sections.pairs import Integers, Pairs
from simsa.tables.sections.settling import settle
from simsa.tables.table import Cell
from simsa.tables.timing import HINTS, When, read_when, timing_of


def read_sheets(part: SheetsPart, rows: Rows, known: Known, assigned: Pairs | None) -> tuple[Sheets, Timing | None]:
    """Sheets with a row for each slot, in the order of entries and reviewers, and when they were written.

    A slot is a pair that a row names or that was assigned; a leaf without a mark there is NOT_SUBMITTED. Faulty: an
    unknown entry, reviewer or criterion, a pair that was not assigned, a mark that is no decimal or off its scale, a
    mark beside another status, two marks for one place.
    """
    rules = known.rules
    entry = np.array(known.entry_of(rows, part.entry), np.int64)
    names, reviewers = known.reviewer_of(rows, part.reviewer)
    reviewer = np.array(names, np.int64)
    if assigned is not None:
        _check_assigned(rows, entry, reviewer, reviewers, known, assigned)
    cells = _cells(part, rows, rules)
    whens = _whens(part, rows, rules)
    slot_of = entry * len(reviewers) + reviewer
    _check_once(rows, cells, slot_of, rules)
    good = np.ones(len(rows), bool)
    good[[row for row, origin in enumerate(rows.origin) if origin in rows.intake.out]] = False
    slots = slot_of[good]
    if assigned is not None:
        slots = np.concatenate([slots, assigned.entry * len(reviewers) + assigned.reviewer])
    slots = np.unique(slots)
    mark = np.zeros((len(slots), len(rules.leaves)), np.int64)
    status = np.full(mark.shape, Status.NOT_SUBMITTED, np.int8)
    kept = good[cells.row]
    at = np.searchsorted(slots, slot_of[cells.row[kept]])
    mark[at, cells.leaf[kept]] = cells.mark[kept]
    status[at, cells.leaf[kept]] = cells.status[kept]
    width = max(len(reviewers), 1)
    leaves = tuple(leaf.id for leaf in rules.leaves)
    sheets = Sheets(reviewers, leaves, slots // width, slots % width, mark, status, rules.mark_places)
    told = ((int(np.searchsorted(slots, slot_of[row])), when) for row, when in whens if good[row])
    return sheets, timing_of(sheets, told)


@dataclass(frozen=True)
class _Cells:
    """One row for each mark that is told: the row it stands in, the leaf, the mark in units, and the status."""

    row: Integers
    leaf: Integers
    mark: Integers
    status: Integers


def _cells(part: SheetsPart, rows: Rows, rules: Rules) -> _Cells:
    leaves = {leaf.id: n for n, leaf in enumerate(rules.leaves)}
    if part.criterion is not None and part.mark is not None:
        criteria = rows.values(part.criterion)
        for row, cell in enumerate(criteria):
            if cell not in leaves:
                what = "is empty" if cell is None else "is no criterion that the panel marks"
                hint = f"known: {', '.join(leaves)}"
                rows.intake.note("malformed", rows.origin[row], what, hint, field=part.criterion.label, value=cell)
        statuses = rows.values(part.status) if part.status else [None] * len(rows)
        told = [([leaves.get(cell or "", -1) for cell in criteria], part.mark.label, rows.values(part.mark), statuses)]
    else:
        nothing: list[Cell] = [None] * len(rows)
        told = [([leaves[leaf]] * len(rows), v.label, rows.values(v), nothing) for leaf, v in part.marks]
    read = MarkReader(part, rules)
    found = [
        (row, leaf, *read(rows, row, leaf, label, text, status))
        for leaf_of, label, texts, statuses in told
        for row, (leaf, text, status) in enumerate(zip(leaf_of, texts, statuses, strict=True))
        if leaf >= 0
    ]
    columns = np.array(found, np.int64).reshape(-1, 4).T
    return _Cells(columns[0], columns[1], columns[2], columns[3])


def _whens(part: SheetsPart, rows: Rows, rules: Rules) -> list[tuple[int, When]]:
    """What rows say of when their sheet was written. RoundError if one cannot be read: no mark is left out for that."""
    if part.when is None:
        return []
    kind, value = part.when
    cells = rows.values(value)
    read = {cell: read_when(cell, kind, rules.time_zone) for cell in set(cells) if cell is not None}
    wrong = [row for row, cell in enumerate(cells) if cell is not None and np.isnan(read[cell][0])]
    for row in wrong:
        rows.intake.note("malformed", rows.origin[row], *HINTS[kind], field=value.label, value=cells[row])
    if wrong:
        raise RoundError(f"[sheets]: {kind} cannot be read, and no mark is left out for that", rows.intake.errors)
    return [(row, read[cell]) for row, cell in enumerate(cells) if cell is not None]


def _check_assigned(
    rows: Rows, entry: Integers, reviewer: Integers, reviewers: Sequence[str], known: Known, assigned: Pairs
) -> None:
    slots = set(zip(assigned.entry.tolist(), assigned.reviewer.tolist(), strict=True))
    ids = tuple(known.entries)
    for row, pair in enumerate(zip(entry.tolist(), reviewer.tolist(), strict=True)):
        if min(pair) >= 0 and pair not in slots:
            what = f"was not assigned to entry {ids[pair[0]]!r}"
            name = reviewers[pair[1]]
            rows.intake.note("unmatched", rows.origin[row], what, "see [assignment]", field="reviewer", value=name)


def _check_once(rows: Rows, cells: _Cells, slot_of: Integers, rules: Rules) -> None:
    """Settle places that have two marks."""
    place = slot_of[cells.row] * max(len(rules.leaves), 1) + cells.leaf
    order = np.argsort(place, kind="stable")
    same = np.flatnonzero(place[order][1:] == place[order][:-1])
    told: dict[int, list[tuple[int, tuple[int, int]]]] = {}
    for at in np.unique(np.concatenate([same, same + 1])).tolist():
        cell = int(order[at])
        mark = int(cells.mark[cell]), int(cells.status[cell])
        told.setdefault(int(place[cell]), []).append((int(cells.row[cell]), mark))
    leaf = {where: rules.leaves[where % len(rules.leaves)].id for where in told}
    values = Counter(rows.origin[row] for row in cells.row.tolist()) if told else Counter[int]()
    settle(rows, told, lambda where: f"{leaf[where]} of this reviewer on this entry", values)
