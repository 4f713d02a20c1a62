"""What diagnostics are told beside the sheets: fields that entrants and reviewers share, and when who wrote what."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from simsa.engine.diagnostics import Timing
from simsa.engine.inputs import Entries, InputError, Reviewers, Sheets
from simsa.tables.shapes.rows import Rows, read_whole
from simsa.tables.timing import HINTS, read_number, read_when, timing_of

_NAMES = ("id", "name", "name_ko", "name_en", "order")


def shared_fields(
    entrants: Mapping[str, Sequence[str]],
    reviewers: Reviewers,
    sheets: Sheets,
    wanted: Sequence[tuple[str, str]] | None = None,
) -> dict[str, tuple[tuple[str, ...], tuple[str, ...]]]:
    """Values of the fields that entrants and reviewers share, by name: of all entries, of the sheets' reviewers.

    By default every field that both have and fill anywhere. `wanted`: pairs of the entrants' and the reviewers' field;
    InputError for one that does not exist.
    """
    both = [(name, name) for name in entrants if name in reviewers.fields and name not in _NAMES]
    found = {}
    for ours, theirs in both if wanted is None else wanted:
        for name, fields, whose in ((ours, entrants, "entrants"), (theirs, reviewers.fields, "reviewers")):
            if name not in fields:
                raise InputError(f"the {whose} have no {name!r} (fields: {', '.join(fields) or 'none'})")
        cells = reviewers.fields[theirs]
        of_reviewer = tuple(cells[reviewers.index[key]] if key in reviewers.index else "" for key in sheets.reviewers)
        if wanted is not None or (any(entrants[ours]) and any(of_reviewer)):
            found[ours if ours == theirs else f"{ours}={theirs}"] = (tuple(entrants[ours]), of_reviewer)
    return found


def order_of_entries(order: Sequence[str] | None, entries: Entries, sheets: Sheets) -> Timing | None:
    """Timing by the running order of the entries within their groups; None where no entry has a number."""
    numbers = np.array([read_number(cell) for cell in order or ()], np.float64)
    if not np.isfinite(numbers).any():
        return None
    nothing = np.full(len(sheets), np.nan)
    return Timing(numbers[sheets.entry], entries.group_index[sheets.entry], nothing)


def read_timing(path: str | Path, entries: Entries, sheets: Sheets, zone: str) -> Timing | None:
    """Timing by the columns `time` (ISO 8601, by the clock of `zone`) or `order` of a table of sheets; None without
    either.

    The earliest of a sheet's rows counts. RowsError for a cell that is neither empty nor a time or number.
    """
    rows = Rows(read_whole(path))
    column = next((name for name in HINTS if name in rows.table.header), None)
    if column is None:
        return None
    slot = {
        (entries.ids[entry], sheets.reviewers[reviewer]): n
        for n, (entry, reviewer) in enumerate(zip(sheets.entry.tolist(), sheets.reviewer.tolist(), strict=True))
    }
    told = []
    cells = zip(rows.column("entry"), rows.column("reviewer"), rows.column(column), strict=True)
    for n, (entry, reviewer, cell) in enumerate(cells):
        at = slot.get((entry, reviewer))
        if not cell or at is None:
            continue
        when = read_when(cell, column, zone)
        if np.isnan(when[0]):
            rows.wrong(n, column, cell, *HINTS[column])
        told.append((at, when))
    rows.done()
    return timing_of(sheets, told)
