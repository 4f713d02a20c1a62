"""Calibrated scores given components, rounded: the same on every machine, because the rounding is proven.

Given components the predictions x = (group means, qualities q, levels l) minimise

    sum of u (y - mean - b q - l)**2 + |q|**2 / kq + |l|**2 / kl

where u is the residual variance over the reviewer's noise, b the reviewer's scale, kq and kl the variances of quality
and level over that of the residual. These are linear equations A x = r with rational numbers. They are solved in
floating point and corrected by their residual, which is computed in integers (Wilkinson, 1963; Moler, J. ACM 1967,
doi:10.1145/321386.321394), until what is left proves which way every score is rounded (`_Exact.bound`).

A score may lie on an edge of the rounding exactly, a mean of marks for instance. No number of digits shows that, so
edges have a width: a score nearer to one than `EDGE` of the last place lies on it. Whether it does is decided by the
exact score alone, and proven in the same way.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import reduce
from math import ceil, isqrt, lcm
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simsa.engine.calibration.arrays import Integers
from simsa.engine.calibration.components import Components
from simsa.engine.calibration.refining import Solver
from simsa.engine.calibration.sheets import CalibrationError
from simsa.engine.exact import THERE, Column
from simsa.rules import Rounding

EDGE = Fraction(1, 10**40)
"""Of the last place: a score nearer to an edge of the rounding lies on it."""
_REACH = (50, 200, 400, 800)  # bits of the last place that are proven: more where a score is so near to an edge
_FINE = 32  # bits of the weights in the bound


@dataclass(frozen=True)
class RoundedScores:
    """`score`: one cell per entrant, rounded; no result without a sheet. Before rounding none was off by more than
    2**-reach of the last place, proven."""

    score: Column
    rounding: Rounding
    reach: int

    @classmethod
    def none(cls, n_entrants: int, rounding: Rounding) -> RoundedScores:
        """No entrant has a score."""
        return cls(Column.from_values([None] * n_entrants), rounding, _REACH[0])

    @property
    def method(self) -> str:
        return (
            f"given the recorded components, proven to 2**-{self.reach} of the last of {self.rounding.places} places "
            "before rounding"
        )


def rounded_scores(
    components: Components,
    totals: Column,
    entrant: Integers,
    reviewer: Integers,
    group: Integers,
    rounding: Rounding,
) -> RoundedScores:
    """Calibrated scores of all entrants, rounded.

    `totals` (n,): the sheets' exact totals (cells without a number are no sheets), by `entrant` and `reviewer` (n,);
    `group` (n_entrants,). A term whose variance is zero or not estimable is left out: an entrant's score is then the
    (generalised least squares) mean of its group. CalibrationError where the components lie so far apart, or a score so
    exactly at `EDGE` from an edge, that `_REACH` of bits tell nothing.
    """
    there = totals.state == THERE
    if not there.any():
        return RoundedScores.none(len(group), rounding)
    values: list[Fraction | None] = [None] * len(group)
    exact = _Exact(components, totals, np.flatnonzero(there), entrant[there], reviewer[there], group)
    step = 10**rounding.places
    for reach in _REACH:
        bits = step.bit_length() + reach + exact.lost
        off = Fraction(2 ** (bits - reach), step)
        decided = _decided(exact.scores(), off, step, bits, rounding) if exact.refine(bits, off) else None
        if decided is not None:
            for n, units in zip(exact.entrants.tolist(), decided.tolist(), strict=True):
                values[n] = Fraction(units, step)
            return RoundedScores(Column.from_values(values), rounding, reach)
    raise CalibrationError(
        f"given these components some score cannot be rounded to {rounding.places} places with {_REACH[-1]} bits; "
        "calibrate with fewer digits, or declare other places"
    )


def _decided(scores: NDArray[Any], off: Fraction, step: int, bits: int, rounding: Rounding) -> NDArray[Any] | None:
    """Scores (over 2**bits, each off by `off` at most) in units of the last place; None if one cannot be told."""
    whole, half = 2**bits, 2 ** (bits - 1)
    units = scores * step  # over `whole`
    if rounding.mode == "down":
        edge = (units + half) // whole * whole
        distance = np.where(edge == 0, whole, np.abs(units - edge))
    else:
        edge = units // whole * whole + half
        distance = np.abs(units - edge)
    width, blur = ceil(whole * EDGE), ceil(off * step)
    on = distance + blur < width
    if not (on | (distance - blur > width)).all():
        return None
    column = Column(np.where(on, edge, units), whole, np.zeros(len(units), np.int8))
    return column.rounded(Rounding(0, rounding.mode)).numerator


class _Exact:
    """The equations in integers: what is known is rational, the solution so far whole multiples of 2**-bits."""

    def __init__(
        self,
        components: Components,
        totals: Column,
        rows: Integers,
        entrant: Integers,
        reviewer: Integers,
        group: Integers,
    ) -> None:
        order = np.argsort(entrant, kind="stable")  # an entrant's sheets belong together
        self.entrants, self.row = np.unique(entrant[order], return_inverse=True)
        reviewers, self.column = np.unique(reviewer[order], return_inverse=True)
        groups, self.group = np.unique(group[self.entrants], return_inverse=True)
        self.y, self.denominator = totals.numerator[rows][order].astype(object), totals.denominator
        kq, kl = self.ratio = _ratios(components)
        weight = scale = [Fraction(1)] * len(reviewers)
        if components.residual:
            weight = [components.residual / noise for noise in components.of("noise", reviewers.tolist())]
        if kq:
            scale = components.of("scale", reviewers.tolist())
        self.places = reduce(lcm, (one.denominator for one in scale), 1)
        self.scale = np.array([int(one * self.places) for one in scale], object)
        self.times = np.array([one.numerator for one in weight], object)
        self.over = np.array([one.denominator for one in weight], object)
        self.by_reviewer = np.argsort(self.column, kind="stable")
        self.by_group = np.argsort(self.group, kind="stable")
        self.solution = [np.zeros(len(n), object) for n in (groups, self.entrants, reviewers)]
        self.bits = 0
        self.counts = tuple(np.bincount(at) for at in (self.group[self.row], self.row, self.column))
        self.solver = Solver(
            self.row, self.column, self.group, np.array(weight, float), np.array(scale, float), float(kq), float(kl)
        )
        self._weigh(weight, scale)
        # Bits that are lost: what is left when every number of a solution is off by one in its last place.
        off = self.residual(0 * self.y, *(part - 1 for part in self.solution))
        self.lost = 4 + ceil(self.bound(off)).bit_length()

    def _weigh(self, weight: list[Fraction], scale: list[Fraction]) -> None:
        """What `bound` needs: `mass` of the groups at least, `most` and the norm of a score, `load`."""
        fine = 2**_FINE
        least = np.array([int(one * fine) for one in weight], object)
        most = np.array([ceil(one * fine) for one in weight], object)
        stretched = np.array([ceil(w * b * b * fine) for w, b in zip(weight, scale, strict=True)], object)
        self.mass = self._by_group(self._by_entrant(least[self.column]))  # over `fine`
        if int(self.mass.min()) == 0:
            raise CalibrationError("the components lie too far apart: some noise is beyond all others; calibrate again")
        kq, kl = self.ratio
        of_entrant = Fraction(int(self._by_entrant(stretched[self.column]).max()), fine)
        of_reviewer = Fraction(int((most * self.counts[2]).max()), fine)
        self.most = 1 + kq * of_entrant + kl * of_reviewer
        self.load = _root(self.most * fine / int(self.mass.min())) + _root(kq)

    def _by_entrant(self, values: NDArray[Any]) -> NDArray[Any]:
        return _summed(values, self.counts[1])

    def _by_group(self, values: NDArray[Any]) -> NDArray[Any]:
        """Sums over a group of one value per entrant."""
        return _summed(values[self.by_group], np.bincount(self.group))

    def scores(self) -> NDArray[Any]:
        mean, quality, _level = self.solution
        return np.asarray(mean[self.group] + quality)

    def refine(self, bits: int, enough: Fraction) -> bool:
        """Correct the solution until `bound` is `enough`; False if it stands still before."""
        self.solution = [part * 2 ** (bits - self.bits) for part in self.solution]
        self.bits = bits
        known = self.y * 2**bits
        residual = self.residual(known, *self.solution)
        bound = self.bound(residual)
        while bound > enough:
            changes = self.solver.solve(residual)
            better = [part + change for part, change in zip(self.solution, changes, strict=True)]
            residual = self.residual(known, *better)
            before, bound = bound, self.bound(residual)
            if 2 * bound > before:
                return False
            self.solution = better
        return True

    def residual(
        self, known: NDArray[Any], mean: NDArray[Any], quality: NDArray[Any], level: NDArray[Any]
    ) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any]]:
        """r - A x for means, qualities and levels, in units of 2**-bits, each term rounded down; `known`: y's part.

        Of a term that is left out there is none.
        """
        column, unit = self.column, self.denominator * self.places
        fitted = self.places * (mean[self.group][self.row] + level[column]) + self.scale[column] * quality[self.row]
        left = self.places * known - self.denominator * fitted  # over `unit`
        weighed = left * self.times[column]
        means = weighed // (self.over[column] * unit)
        of_mean = self._by_group(self._by_entrant(means))
        of_quality = of_level = np.zeros(0, object)
        kq, kl = self.ratio
        if kq:
            slopes = weighed * self.scale[column] // (self.over[column] * unit * self.places)
            of_quality = self._by_entrant(slopes) - quality * kq.denominator // kq.numerator
        if kl:
            of_level = _summed(means[self.by_reviewer], self.counts[2]) - level * kl.denominator // kl.numerator
        return of_mean, of_quality, of_level

    def bound(self, residual: tuple[NDArray[Any], NDArray[Any], NDArray[Any]]) -> Fraction:
        """How far any score may be from the solution, in units of 2**-bits.

        With the error d = A**-1 p of a residual p, a score's is c'd with ones in c at its mean and quality, and by
        Cauchy and Schwarz |c'd| <= |c| |p| in the norm of A**-1, which is a sum of two parts at most, each below:
        - of the means alone (X'V**-1 X)**-1 <= `most` diag(1 / mass), because V = I + kq ZZ' + kl UU' <= `most` I
          (each sheet times the root of its weight), where the columns of Z do not overlap, nor do those of U, and have
          the squares that `_weigh` adds up;
        - of qualities and levels alone (diag(1 / kq, 1 / kl) + (Z U)'Q(Z U))**-1 <= diag(kq, kl), with Q a projector.
        """
        # Each of the terms was rounded down by less than one, and so was what stands beside the sum.
        mean, quality, level = (
            [abs(int(n)) + int(count) + 1 for n, count in zip(part, counts, strict=False)]
            for part, counts in zip(residual, self.counts, strict=True)
        )
        kq, kl = self.ratio
        fine = 2**_FINE
        alone = sum(-(-n * n * fine // int(mass)) for n, mass in zip(mean, self.mass, strict=True))
        both = kq * sum(n * n for n in quality) + kl * sum(n * n for n in level)
        return self.load * (_root(self.most * alone) + _root(both))


def _ratios(components: Components) -> tuple[Fraction, Fraction]:
    """kq and kl. Without residuals there is nothing to weigh: what is left is the mean."""
    if not components.residual:
        return Fraction(0), Fraction(0)
    entrant, reviewer = components.entrant or Fraction(0), components.reviewer or Fraction(0)
    return entrant / components.residual, reviewer / components.residual


def _summed(values: NDArray[Any], counts: Integers) -> NDArray[Any]:
    """Sums over runs of `counts` values, none of them empty."""
    return np.asarray(np.add.reduceat(values, np.cumsum(counts) - counts))


def _root(number: Fraction) -> Fraction:
    """A number that is not below the square root."""
    return Fraction(isqrt(ceil(number * 4**_FINE)) + 1, 2**_FINE)
