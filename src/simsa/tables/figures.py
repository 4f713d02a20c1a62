"""What an assignment comes to, for people and as JSON: loads, affinities, and the entries that fare worst."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simsa.engine.assignment import Assignment
from simsa.rules import exact_text

WORST = 10
"""So many of the worst entries are shown."""
_BINS = 12


@dataclass(frozen=True)
class Spread:
    """The least, the median and the greatest of some numbers; all 0 if there are none."""

    least: float
    median: float
    most: float

    @classmethod
    def of(cls, values: NDArray[Any]) -> Spread:
        if not len(values):
            return cls(0.0, 0.0, 0.0)
        return cls(float(values.min()), float(np.median(values)), float(values.max()))


@dataclass(frozen=True)
class WorstEntry:
    """An entry with the affinity of its reviewers together, who they are, and how many are missing."""

    entry: str
    affinity: str
    reviewers: tuple[str, ...]
    missing: int


@dataclass(frozen=True)
class Bin:
    """How many entries have an affinity from `low` to `high`, of which only the last bin holds its own end."""

    low: float
    high: float
    count: int


@dataclass(frozen=True)
class Figures:
    """The figures of an assignment. `total` is exact; `loads[n]` says how many reviewers have a load of n."""

    entries: int
    reviewers: int
    pairs: int
    slots: int
    coverage: Spread
    load: Spread
    load_limit: Spread
    total: str
    mean: float
    entry_affinity: Spread
    worst: tuple[WorstEntry, ...]
    loads: tuple[int, ...]
    affinities: tuple[Bin, ...]

    def as_json(self) -> dict[str, Any]:
        """The figures in the types that JSON has."""
        return asdict(self)


def assignment_figures(
    solved: Assignment, entries: Sequence[str], reviewers: Sequence[str], *, pairs: int, most: NDArray[np.int64]
) -> Figures:
    """The figures of `solved`.

    `entries`, `reviewers`: ids, in the order in which the problem counts them; `pairs`: how many candidates there were;
    `most`: greatest load of each reviewer.
    """
    per_entry = solved.per_entry / solved.scale
    slots = len(solved.entry)
    return Figures(
        entries=len(entries),
        reviewers=len(reviewers),
        pairs=pairs,
        slots=slots,
        coverage=Spread.of(coverage_of(solved)),
        load=Spread.of(solved.load),
        load_limit=Spread.of(most),
        total=exact_text(solved.total),
        mean=float(solved.total / slots) if slots else 0.0,
        entry_affinity=Spread.of(per_entry),
        worst=_worst(solved, entries, reviewers),
        loads=tuple(np.bincount(solved.load).tolist()) if len(solved.load) else (),
        affinities=_bins(per_entry),
    )


def coverage_of(solved: Assignment) -> NDArray[np.int64]:
    """The slots that each entry was to have: those that it has and those that it is short of."""
    wanted = np.bincount(solved.entry, minlength=len(solved.per_entry)).astype(np.int64)
    wanted[solved.short[:, 0]] += solved.short[:, 1]
    return wanted


def _worst(solved: Assignment, entries: Sequence[str], reviewers: Sequence[str]) -> tuple[WorstEntry, ...]:
    missing = dict(zip(solved.short[:, 0].tolist(), solved.short[:, 1].tolist(), strict=True))
    order = np.argsort(solved.per_entry, kind="stable")[:WORST].tolist()
    starts = np.searchsorted(solved.entry, order)
    ends = np.searchsorted(solved.entry, order, side="right")
    return tuple(
        WorstEntry(
            entry=entries[at],
            affinity=exact_text(Fraction(int(solved.per_entry[at]), solved.scale)),
            reviewers=tuple(reviewers[r] for r in solved.reviewer[start:end].tolist()),
            missing=missing.get(at, 0),
        )
        for at, start, end in zip(order, starts, ends, strict=True)
    )


def _bins(values: NDArray[np.float64]) -> tuple[Bin, ...]:
    if not len(values):
        return ()
    if values.min() == values.max():
        return (Bin(float(values.min()), float(values.max()), len(values)),)
    counts, edges = np.histogram(values, bins=min(_BINS, len(values)))
    return tuple(Bin(float(edges[n]), float(edges[n + 1]), int(count)) for n, count in enumerate(counts))
