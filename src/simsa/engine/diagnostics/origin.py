"""Affinity of origin: do reviewers favour entrants of their own country, region or institution?

Within an entry, reviewers of the same origin are compared with the others, each net of its own severity; an origin that
sends good entrants is not mistaken for one that is favoured. See `slopes` for the model.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from simsa.engine.diagnostics.discovery import Flags, Floats, Integers
from simsa.engine.diagnostics.reasons import Diagnosis, NotMade, Why
from simsa.engine.diagnostics.slopes import Slopes, fit_slopes
from simsa.engine.inputs import values_of


@dataclass(frozen=True, eq=False)
class Origin:
    """What scores of the own origin differ by, in points. `same`: sheets of the same origin; `same_by` (reviewers,).

    `in_noise`: the panel's difference over the standard deviation of a sheet's noise.
    """

    field: str
    slopes: Slopes
    same: int
    same_by: Integers

    @property
    def in_noise(self) -> float:
        overall = self.slopes.overall
        return float("nan") if overall is None or self.slopes.noise == 0 else overall.value / self.slopes.noise


def same_origin(entrants: Sequence[str], reviewers: Sequence[str], entrant: Integers, reviewer: Integers) -> Flags:
    """Whether a sheet's reviewer shares a value (several apart by `;`) with its entrant, shape (n,).

    `entrants`, `reviewers`: the field of each; an empty one shares nothing.
    """
    codes: dict[str, int] = {}

    def sets(fields: Sequence[str]) -> list[frozenset[int]]:
        return [frozenset(codes.setdefault(value, len(codes)) for value in values_of(cell)) for cell in fields]

    ours, theirs = sets(entrants), sets(reviewers)
    kinds: dict[frozenset[int], int] = {}
    left = np.array([kinds.setdefault(found, len(kinds)) for found in ours], np.int64)
    right = np.array([kinds.setdefault(found, len(kinds)) for found in theirs], np.int64)
    pair = left[entrant] * len(kinds) + right[reviewer]
    known, place = np.unique(pair, return_inverse=True)
    listed = list(kinds)
    shared = [bool(listed[n // len(kinds)] & listed[n % len(kinds)]) for n in known.tolist()]
    return np.array(shared, bool)[place] if len(known) else np.zeros(0, bool)


def find_origin(
    field: str,
    entrants: Sequence[str],
    reviewers: Sequence[str],
    score: Floats,
    entrant: Integers,
    reviewer: Integers,
    level: float,
) -> Origin | NotMade:
    """The difference that the same origin makes. `score`, `entrant`, `reviewer`: (n,), of the sheets."""
    same = same_origin(entrants, reviewers, entrant, reviewer)
    count = int(same.sum())
    if count == 0:
        return NotMade(Diagnosis.ORIGIN, Why.NO_SAME_ORIGIN, field)
    if np.ptp(score) == 0:
        return NotMade(Diagnosis.ORIGIN, Why.CONSTANT, field)
    slopes = fit_slopes(score, entrant, reviewer, len(reviewers), same.astype(np.float64), level)
    if slopes is None or slopes.overall is None:
        return NotMade(Diagnosis.ORIGIN, Why.NO_CONTRAST, field)
    return Origin(field, slopes, count, np.bincount(reviewer[same], minlength=len(reviewers)))
