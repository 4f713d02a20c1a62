"""Order and session: did scores drift along the running order, and do they differ between morning and afternoon?

Where reviewers scored the same entries at different places of their order, drift is told from the entries' quality
exactly (see `slopes`). Where all of them saw the entries in one order, a drift that they share cannot be told from
later entries being better: then only the trend of the entries is given, with that warning, and each reviewer's drift
beside the others'.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.stats import t as t_distribution

from simsa.engine.diagnostics.discovery import Floats, Integers
from simsa.engine.diagnostics.reasons import Diagnosis, NotMade, Why
from simsa.engine.diagnostics.slopes import Estimate, Slopes, fit_slopes


@dataclass(frozen=True, eq=False)
class Timing:
    """When sheets were written. `order` (n,): any number that grows with time, NaN where unknown; `block` (n,) int64:
    within what it is counted (a reviewer, or the group whose running order it is); `afternoon` (n,): 1, 0, or NaN."""

    order: Floats
    block: Integers
    afternoon: Floats

    @classmethod
    def none(cls, sheets: int) -> Timing:
        nothing = np.full(sheets, np.nan)
        return cls(nothing, np.zeros(sheets, np.int64), nothing)

    def of(self, rows: Integers) -> Timing:
        """That of some sheets."""
        return Timing(self.order[rows], self.block[rows], self.afternoon[rows])


@dataclass(frozen=True, eq=False)
class Drift:
    """Points from the first to the last sheet (`Diagnosis.ORDER`), or afternoon less morning (`SESSION`).

    `slopes.overall` is None where all reviewers had the same order; `trend` is then how far the entries' mean scores
    rise along it, within their groups, else None.
    """

    diagnosis: Diagnosis
    slopes: Slopes
    trend: Estimate | None

    @property
    def common(self) -> bool:
        """Whether all reviewers saw the entries in the same order."""
        return self.slopes.overall is None


def find_drift(
    timing: Timing,
    score: Floats,
    entrant: Integers,
    reviewer: Integers,
    n_reviewers: int,
    group: Integers,
    level: float,
) -> Drift | NotMade:
    """Drift along the order, over sheets (n,) whose order is known; `group` (n,): of the sheet's entry."""
    known = np.flatnonzero(np.isfinite(timing.order))
    if len(known) == 0:
        return NotMade(Diagnosis.ORDER, Why.NO_ORDER)
    x = place_in_block(timing.order[known], timing.block[known])
    return _found(Diagnosis.ORDER, x, score[known], entrant[known], reviewer[known], n_reviewers, group[known], level)


def find_session(
    timing: Timing,
    score: Floats,
    entrant: Integers,
    reviewer: Integers,
    n_reviewers: int,
    group: Integers,
    level: float,
) -> Drift | NotMade:
    """Afternoon against morning, over sheets whose time is known."""
    known = np.flatnonzero(np.isfinite(timing.afternoon))
    x = timing.afternoon[known]
    if len(known) == 0 or np.ptp(x) == 0:
        return NotMade(Diagnosis.SESSION, Why.NO_SESSIONS)
    return _found(Diagnosis.SESSION, x, score[known], entrant[known], reviewer[known], n_reviewers, group[known], level)


def place_in_block(order: Floats, block: Integers) -> Floats:
    """Places 0 (first) to 1 (last) within each block, shape (n,); equal orders share their place."""
    result = np.full(len(order), 0.5)
    rows = np.lexsort((order, block))
    starts = np.flatnonzero(np.diff(block[rows], prepend=-1) != 0)
    for start, end in zip(starts, [*starts[1:], len(rows)], strict=True):
        here = rows[start:end]
        _, rank = np.unique(order[here], return_inverse=True)
        if rank.max(initial=0) > 0:
            result[here] = rank / rank.max()
    return result


def _found(
    diagnosis: Diagnosis,
    x: Floats,
    score: Floats,
    entrant: Integers,
    reviewer: Integers,
    n_reviewers: int,
    group: Integers,
    level: float,
) -> Drift | NotMade:
    if np.ptp(score) == 0:
        return NotMade(diagnosis, Why.CONSTANT)
    slopes = fit_slopes(score, entrant, reviewer, n_reviewers, x, level)
    if slopes is None:
        return NotMade(diagnosis, Why.NO_CONTRAST)
    return Drift(diagnosis, slopes, _trend(x, score, entrant, group) if slopes.overall is None else None)


def _trend(x: Floats, score: Floats, entrant: Integers, group: Integers) -> Estimate | None:
    """Ordinary least squares of the entries' mean scores on their place, within groups."""
    entries, place = np.unique(entrant, return_inverse=True)
    number = np.bincount(place)
    mean, at = np.bincount(place, score) / number, np.bincount(place, x) / number
    first = np.zeros(len(entries), np.int64)
    first[place] = group
    _, own = np.unique(first, return_inverse=True)
    size = np.bincount(own)
    mean, at = mean - (np.bincount(own, mean) / size)[own], at - (np.bincount(own, at) / size)[own]
    freedom, square = len(entries) - len(size) - 1, float(at @ at)
    if freedom < 1 or square <= 1e-12:
        return None
    slope = float(at @ mean) / square
    rest = mean - slope * at
    error = float(np.sqrt(rest @ rest / freedom / square))
    if error == 0:
        return None
    reference = t_distribution(freedom)
    half = float(reference.ppf(0.975)) * error
    return Estimate(slope, error, slope - half, slope + half, float(2 * reference.sf(abs(slope) / error)))
