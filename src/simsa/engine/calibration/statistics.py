"""The sufficient statistics of the sheets: counts, means and sums per pair, entrant, reviewer and group."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from simsa.engine import native
from simsa.engine.calibration.arrays import (
    Floats,
    Integers,
    Sparse,
    column_sums,
    group_sums,
    places_of,
    row_sums,
    rows_of,
    squares_of,
)

Places: TypeAlias = NDArray[np.int32]


@dataclass(frozen=True)
class Data:
    """Sufficient statistics, of entrants, reviewers and groups with sheets only.

    Scores are centred on the plain mean of their group and divided by a power of two near their spread, so that
    neither a large offset nor the unit costs digits.
    """

    count: Sparse  # sheets per pair, entrants x reviewers
    mean: Floats  # mean score per stored pair
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

    @cached_property
    def transposed(self) -> Sparse:
        return csr_array(self.count.T)

    @cached_property
    def row(self) -> Integers:
        """Entrant per stored pair."""
        return rows_of(self.count)

    @cached_property
    def by_group(self) -> Sparse:
        """Sheets by group and reviewer."""
        return group_sums(self.members, self.count, np.ones(len(self.entrants)))

    @cached_property
    def place(self) -> Places:
        """Where the group and the reviewer of each pair stand among the values of `by_group`."""
        return places_of(self.members, self.count, self.by_group)

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
    def settled(self) -> bool:
        """Whether there is nothing to estimate: all scores of a group are equal, or each group has a single sheet."""
        return self.constant or self.freedom == 0

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
    by = np.bincount(j, minlength=n_reviewers)
    largest = max(float(y.max()), -float(y.min()))
    scale = 1 / _power_of_two(largest)  # so that no square leaves the range of numbers
    start, column, count, mean, within_by, widest = _gathered(y, i, j, scale, n_entrants, n_reviewers)
    entrants, reviewers = np.flatnonzero(np.diff(start)), np.flatnonzero(by)
    start = np.append(start[entrants], start[-1])
    if len(reviewers) < n_reviewers:
        column, within_by = _rank(reviewers, n_reviewers)[column], within_by[reviewers]
    groups = np.flatnonzero(np.bincount(g[entrants]))
    group = _rank(groups, int(groups[-1]) + 1)[g[entrants]].astype(np.int64)
    pairs: Sparse = csr_array((count, column, start), shape=(len(entrants), len(reviewers)))
    sheets = row_sums(pairs)
    sums, centre, widest = _centred(mean, widest, pairs, sheets, group)
    rounding = widest <= 4 * np.finfo(np.float64).eps * largest
    unit = 1.0 if rounding else _power_of_two(widest)
    factor = 0.0 if rounding else 1 / unit
    mean *= factor
    within_by *= (factor / scale) ** 2
    order, ends = np.argsort(group, kind="stable"), np.cumsum(np.bincount(group))
    members = (np.ones(len(group)), order.astype(np.int32), np.append(0, ends).astype(np.int32))
    nothing = np.zeros(len(entrants))
    return Data(
        count=pairs,
        mean=mean,
        within_by=within_by,
        total=squares_of(pairs, mean, nothing, np.zeros(len(reviewers))) + float(within_by.sum()),
        sheets=sheets,
        sheets_by=by[reviewers].astype(np.float64),
        sums=sums * factor,
        sums_by=column_sums(pairs, count * mean),
        group=group,
        members=csr_array(members, shape=(len(groups), len(group))),
        entrants=entrants,
        reviewers=reviewers,
        groups=groups,
        all_groups=g,
        n_reviewers=n_reviewers,
        centre=centre,
        unit=unit,
    )


@dataclass(frozen=True)
class Order:
    """The order in which entrants, reviewers and groups are gone through: positions, each once.

    What is drawn for them, and the last digits of everything, hang on it. By their names it is the same whatever stands
    first in a file.
    """

    entrants: Integers
    reviewers: Integers
    groups: Integers


def collect_in(
    order: Order, y: Floats, i: Integers, j: Integers, g: Integers, n_entrants: int, n_reviewers: int
) -> Data:
    """As `collect`, in this order; positions stay those that were passed."""
    entrant, reviewer, group = (np.argsort(part) for part in (order.entrants, order.reviewers, order.groups))
    data = collect(y, entrant[i], reviewer[j], group[g][order.entrants], n_entrants, n_reviewers)
    return replace(
        data,
        entrants=order.entrants[data.entrants],
        reviewers=order.reviewers[data.reviewers],
        groups=order.groups[data.groups],
        all_groups=g,
    )


def _gathered(
    y: Floats, i: Integers, j: Integers, scale: float, n_entrants: int, n_reviewers: int
) -> tuple[Places, Places, Floats, Floats, Floats, float]:
    """Pairs in order of entrant, then reviewer: where each entrant's begin, reviewer, count and mean of each; sums of
    squares within pairs, times scale squared, by reviewer; the largest distance of a score from its pair's mean."""
    start, column = np.zeros(n_entrants + 1, np.int32), np.empty(len(y), np.int32)
    count, mean = np.empty(len(y)), np.empty(len(y))
    within_by, widest = np.zeros(n_reviewers), np.zeros(1)
    sheets = [np.ascontiguousarray(part) for part in (i, j, y)]
    work = np.empty((2, len(y), 2))  # made here, where it is laid out in large pages
    into = work, start, column, count, mean, within_by, widest
    native.call("simsa_gather", len(y), n_entrants, n_reviewers, *sheets, scale, *into)
    pairs = int(start[-1])
    return start, column[:pairs], count[:pairs], mean[:pairs], within_by, float(widest[0])


def _centred(
    mean: Floats, widest: float, pairs: Sparse, sheets: Floats, group: Integers
) -> tuple[Floats, Floats, float]:
    """Take the mean of its group off that of every pair, in place; what is left by entrant, the means of the groups,
    and the largest distance of a score from them (about, where a pair has several)."""
    # The first score of a group is subtracted before summing: an offset then costs no digits.
    first = np.zeros(int(group.max()) + 1)
    first[group[::-1]] = mean[pairs.indptr[:-1]][::-1]
    sums, most = np.empty(len(group)), np.zeros(1)
    entrants = len(group), pairs.indptr, pairs.data
    native.call("simsa_centre", *entrants, first[group], mean, sums, most)
    rest = np.bincount(group, sums) / np.bincount(group, sheets)
    native.call("simsa_centre", *entrants, rest[group], mean, sums, most)
    return sums, first + rest, max(float(most[0]), widest)


def _rank(values: Integers, limit: int) -> Places:
    """The position of each value among `values`, which ascend."""
    rank = np.zeros(limit, np.int32)
    rank[values] = np.arange(len(values))
    return rank


def _power_of_two(near: float) -> float:
    """One whose inverse is a number too."""
    return 2.0 ** max(math.frexp(near)[1], -1000)
