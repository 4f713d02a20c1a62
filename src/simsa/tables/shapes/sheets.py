"""The table of score sheets, one row for each mark."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fractions import Fraction
from pathlib import Path

import numpy as np

from simsa.engine.inputs import Entries, Sheets, Status
from simsa.rules import Rules, decimal_or_none, exact_text
from simsa.tables.scales import NoMarkError, mark_of
from simsa.tables.shapes.labels import labelled
from simsa.tables.shapes.rows import Rows, read_whole
from simsa.tables.statuses import STATUSES, read_status
from simsa.tables.table import Table


def read_sheets(path: str | Path, rules: Rules, entries: Entries, *, slots: Iterable[tuple[str, str]] = ()) -> Sheets:
    """Score sheets from a long table, one row for each mark.

    `slots`: (entry, reviewer) pairs of the assignment; a cell without a row is NOT_SUBMITTED. RowsError for an entry or
    criterion that is not in the round, a mark that is no decimal or not on its scale, a mark beside another status, two
    marks for one cell, and, if slots are given, a sheet outside them.
    """
    rows = Rows(read_whole(path))
    return _sheets(rows, rules, entries, tuple(slots))


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


def _sheets(rows: Rows, rules: Rules, entries: Entries, slots: tuple[tuple[str, str], ...]) -> Sheets:
    leaves = {leaf.id: n for n, leaf in enumerate(rules.leaves)}
    names = [rows.column(name) for name in ("entry", "reviewer", "criterion", "mark")]
    statuses = rows.column("status") if "status" in rows.table.header else [""] * len(rows.table)
    position = {slot: n for n, slot in enumerate(dict.fromkeys(slots))}
    cells: dict[tuple[int, int], tuple[int, Status]] = {}
    for n, (entry, reviewer, criterion, mark, status) in enumerate(zip(*names, statuses, strict=True)):
        fits = rows.known(n, "entry", entry, entries.index) & rows.known(n, "criterion", criterion, leaves)
        rows.name(n, "reviewer", reviewer, "every mark has a reviewer")
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


def _cell(rows: Rows, n: int, rules: Rules, criterion: str, mark: str, status: str) -> tuple[int, Status] | None:
    kind = read_status(status) if status else Status.MARK if mark else Status.NOT_SUBMITTED
    if kind is None:
        rows.wrong(n, "status", status, "is not a status", f"one of {', '.join(STATUSES)}")
        return None
    if kind is not Status.MARK:
        if mark:
            rows.wrong(n, "mark", mark, f"stands beside status {status!r}", "a mark, or the reason why there is none")
        return 0, kind
    try:
        found = mark_of(rules.by_id[criterion], mark, decimal_or_none(mark))
    except NoMarkError as error:
        rows.wrong(n, "mark", mark, error.what, error.hint)
        return None
    return int(found * 10**rules.mark_places), kind


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
