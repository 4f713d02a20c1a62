"""The marks of the sheets in the units in which the model of criteria is symmetric."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from simsa.engine.calibration.arrays import Floats, Integers
from simsa.engine.calibration.crossed import Crossing


@dataclass(frozen=True)
class Marks:
    """Marks about the mean of their criterion in the group, times the root of the criterion's share of the weight.

    `seen` (sheets, criteria): where there is a mark; `value`, of the same shape, 0 elsewhere. `axis` (criteria,), of
    length one: the roots of the shares, along which a standardised sheet's total lies. `unit` (criteria,): what one
    standardised point is in the criterion's own; `total_unit` in the sheets' totals. `centre` (groups, criteria).
    """

    crossing: Crossing
    value: Floats
    seen: NDArray[np.bool_]
    axis: Floats
    unit: Floats
    total_unit: float
    centre: Floats

    @classmethod
    def of(cls, crossing: Crossing, mark: Floats, group: Integers, weight: Floats, unit: Floats) -> Marks:
        """`mark` (sheets, criteria), NaN where there is none; `group` (sheets,); `weight`, `unit` (criteria,)."""
        seen = ~np.isnan(mark)
        whole = float(weight @ unit)
        axis = np.sqrt(weight * unit / whole)
        count = np.zeros((int(group.max()) + 1, len(weight)))
        np.add.at(count, group, seen)
        # The first mark of a cell is subtracted before summing: an offset then costs no digits.
        first = np.zeros_like(count)
        for column in range(len(weight)):
            rows = np.flatnonzero(seen[:, column])[::-1]
            first[group[rows], column] = mark[rows, column]
        above, sums = np.where(seen, mark - first[group], 0.0), np.zeros_like(count)
        np.add.at(sums, group, above)
        centre = first + sums / np.maximum(count, 1)
        value = np.where(seen, (mark - centre[group]) * axis / unit, 0.0)
        value[np.abs(value) <= 4 * np.finfo(np.float64).eps * np.nanmax(np.abs(mark)) * (axis / unit).max()] = 0.0
        spread = float(np.sqrt(np.sum(value**2) / seen.sum())) or 1.0
        return cls(crossing, value / spread, seen, axis, spread * unit / axis, spread * whole, centre)

    @cached_property
    def share(self) -> Floats:
        """Of the weight that a sheet's marks carry (sheets,)."""
        return np.asarray(self.seen @ self.axis**2)

    @cached_property
    def count(self) -> Integers:
        return np.asarray(self.seen.sum(axis=1), np.int64)

    @property
    def freedom(self) -> int:
        """Degrees of freedom: marks less the means of criteria in groups."""
        return int(self.seen.sum()) - self.centre.size

    @cached_property
    def jacobian(self) -> float:
        """What the units add to -2 log of the restricted likelihood."""
        marks = self.seen.sum(axis=0) - len(self.centre)
        return float(2 * marks @ np.log(self.unit))

    def centred(self, values: Floats) -> Floats:
        """Values (sheets, criteria) less their mean over the marks of a criterion in a group."""
        block, size = self.crossing.fixed, self.centre.shape
        sums, count = np.zeros(size), np.zeros(size)
        np.add.at(sums, block, values)
        np.add.at(count, block, self.seen)
        return np.where(self.seen, values - (sums / count)[block], 0.0)

    def patterns(self, values: Floats) -> Floats:
        """Each variance component's covariance pattern times `values`, shape (2, 3, sheets, criteria).

        First the patterns along the total, then those of what is specific to a criterion; of entrants, reviewers and
        sheets.
        """
        result = np.empty((2, 3, *values.shape))
        for part in range(3):
            if part == 2:
                shared = values
            else:
                sums = self.crossing.sums[part] @ values
                shared = np.asarray(sums[self.crossing.level[part]])
            along = (shared @ self.axis)[:, None] * self.axis
            result[0, part] = np.where(self.seen, along, 0.0)
            result[1, part] = np.where(self.seen, shared - along, 0.0)
        return result
