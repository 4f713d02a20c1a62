"""The sufficient statistics of the sheets: counts, means and sums per pair, entrant, reviewer and group."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array

from simsa.engine.calibration.arrays import Floats, Integers, Sparse


@dataclass(frozen=True)
class Data:
    """Sufficient statistics, of entrants, reviewers and groups with sheets only.

    Scores are centred on the plain mean of their group and divided by a power of two near their spread, so that
    neither a large offset nor the unit costs digits.
    """

    count: Sparse  # sheets per pair, entrants x reviewers
    transposed: Sparse
    mean: Floats  # mean score per stored pair
    row: Integers
    within_by: Floats  # sum of squares within pairs, per reviewer
    total: float  # sum of squares of all scores
    sheets: Floats  # per entrant
    sheets_by: Floats  # per reviewer
    sums: Floats
    sums_by: Floats
    group: Integers  # per entrant
    members: Sparse  # groups x entrants, ones
    entrants: Integers
    reviewers: Integers
    groups: Integers
    all_groups: Integers  # per entrant, with or without sheets, as it was passed
    n_reviewers: int
    centre: Floats
    unit: float
    held: float | None = None  # residual variance, where it is not estimated

    @property
    def within(self) -> float:
        """Sum of squares within pairs."""
        return float(self.within_by.sum())

    @property
    def freedom(self) -> int:
        """Degrees of freedom: sheets minus group means."""
        return int(self.sheets.sum()) - len(self.groups)

    @property
    def constant(self) -> bool:
        return self.freedom > 0 and self.total == 0

    @property
    def least_residual(self) -> float:
        """The least residual variance: with none at all the equations could not be solved."""
        return _LEAST_RESIDUAL * self.total / self.freedom

    def scale(self, squares: float) -> float:
        """Residual variance that goes with a sum of squares; NaN without degrees of freedom."""
        if self.held is not None:
            return self.held
        return squares / self.freedom if self.freedom else math.nan


_LEAST_RESIDUAL = 1e-6  # of the variance of the scores about the means of their groups


def collect(y: Floats, i: Integers, j: Integers, g: Integers, n_entrants: int, n_reviewers: int) -> Data:
    entrants, i = _compressed(i, n_entrants)
    reviewers, j = _compressed(j, n_reviewers)
    groups, group = _compressed(g[entrants], int(g[entrants].max()) + 1)
    z, centre, unit = _standardised(y, group[i], len(groups))
    shape = (len(entrants), len(reviewers))
    # One conversion per array keeps the two in step: both have the same pairs in the same order.
    count = csr_array((np.ones(len(z)), (i, j)), shape=shape)
    total = csr_array((z, (i, j)), shape=shape)
    row = np.repeat(np.arange(shape[0]), np.diff(count.indptr))
    mean = total.data / count.data
    within_by = np.zeros(shape[1])
    if len(mean) < len(z):
        cell = np.searchsorted(row * shape[1] + count.indices, i * shape[1] + j)
        within_by = _summed(j, (z - mean[cell]) ** 2, shape[1])
    members = csr_array((np.ones(len(group)), (group, np.arange(len(group)))), shape=(len(groups), len(group)))
    return Data(
        count=count,
        transposed=count.T.tocsr(),
        mean=mean,
        row=row,
        within_by=within_by,
        total=float(z @ z),
        sheets=np.bincount(i, minlength=shape[0]).astype(np.float64),
        sheets_by=np.bincount(j, minlength=shape[1]).astype(np.float64),
        sums=_summed(i, z, shape[0]),
        sums_by=_summed(j, z, shape[1]),
        group=group,
        members=members,
        entrants=entrants,
        reviewers=reviewers,
        groups=groups,
        all_groups=g,
        n_reviewers=n_reviewers,
        centre=centre,
        unit=unit,
    )


def _summed(position: Integers, values: Floats, size: int) -> Floats:
    return np.bincount(position, values, size).astype(np.float64, copy=False)


def _compressed(values: Integers, limit: int) -> tuple[Integers, Integers]:
    """The values that occur, ascending, and the rank of each value among them."""
    occurs = np.bincount(values, minlength=limit) > 0
    rank = np.cumsum(occurs) - 1
    return np.flatnonzero(occurs), rank[values]


def _standardised(y: Floats, group: Integers, n_groups: int) -> tuple[Floats, Floats, float]:
    """Scores about the mean of their group in units of a power of two near their spread; the means; the unit."""
    sheets = np.bincount(group, minlength=n_groups)
    # The first score of a group is subtracted before summing: an offset then costs no digits.
    first = np.zeros(n_groups)
    first[group[::-1]] = y[::-1]
    centre = first + np.bincount(group, y - first[group], n_groups) / sheets
    z = y - centre[group]
    spread = float(np.abs(z).max())
    if spread <= 4 * np.finfo(np.float64).eps * float(np.abs(y).max()):
        return np.zeros(len(y)), centre, 1.0
    unit = 2.0 ** math.frexp(spread)[1]
    return z / unit, centre, unit
