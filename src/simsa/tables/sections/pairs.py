"""Pairs of entry and reviewer from their rows: assignment, affinities, declared conflicts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from simsa.tables.mapping import Numbers, PairsPart
from simsa.tables.rows import Rows
from simsa.tables.sections.decimals import read_decimals
from simsa.tables.sections.known import Known
from simsa.tables.sections.settling import good_rows, settle

Integers = NDArray[np.int64]
_MOST_AFFINITY = 10**15


@dataclass(frozen=True)
class Pairs:
    """Pairs of positions in the entries and in the panel, int64 (n,), with a number for each, float64 (n,)."""

    entry: Integers
    reviewer: Integers
    value: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.entry)


class Conflict(NamedTuple):
    """A declared conflict: positions of the entry and the reviewer, and the reason."""

    entry: int
    reviewer: int
    reason: str


def read_pairs(part: PairsPart, rows: Rows, known: Known, *, needs_value: bool = False) -> Pairs:
    """Pairs of an assignment or of affinities (0 where no number is asked for)."""
    entry = known.entry_of(rows, part.entry)
    reviewer, _ = known.reviewer_of(rows, part.reviewer)
    values = [0.0] * len(rows)
    if part.value is not None:
        for row, (cell, number) in enumerate(read_decimals(rows.values(part.value), Numbers())):
            if number is not None and abs(number) <= _MOST_AFFINITY:
                values[row] = float(number)
            elif cell or needs_value:
                what = "is not a decimal number" if number is None else "is too large"
                label = part.value.label
                rows.intake.note("malformed", rows.origin[row], what if cell else "is empty", field=label, value=cell)
    told: dict[tuple[int, int], list[tuple[int, float]]] = {}
    for row, pair in enumerate(zip(entry, reviewer, strict=True)):
        if min(pair) >= 0:
            told.setdefault(pair, []).append((row, values[row]))
    ids = tuple(known.entries)
    settle(rows, told, lambda pair: f"this pair with {ids[pair[0]]!r}")
    good = good_rows(rows)
    return Pairs(
        np.array([entry[row] for row in good], np.int64),
        np.array([reviewer[row] for row in good], np.int64),
        np.array([values[row] for row in good], np.float64),
    )


def read_conflicts(part: PairsPart, rows: Rows, known: Known) -> tuple[Conflict, ...]:
    """Declared conflicts, each once, in the order of the rows."""
    entry = known.entry_of(rows, part.entry)
    reviewer, _ = known.reviewer_of(rows, part.reviewer)
    reason = rows.values(part.value) if part.value else [None] * len(rows)
    return tuple(dict.fromkeys(Conflict(entry[row], reviewer[row], reason[row] or "") for row in good_rows(rows)))
