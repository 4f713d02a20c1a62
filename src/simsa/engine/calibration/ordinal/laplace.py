"""The marginal likelihood of a cumulative probit model with crossed effects, by Laplace's method, and its slope."""

from __future__ import annotations

import math
from functools import cached_property

import numpy as np

from simsa.engine.calibration.arrays import Floats, Integers
from simsa.engine.calibration.crossed import Crossing, Equations
from simsa.engine.calibration.ordinal.probit import Cells

TIGHT = 0.01
"""Precision of the groups' latent means about zero: a standard deviation of ten noises keeps them finite."""
_STEPS = 100
_LEAST_WEIGHT = 1e-12  # of a sheet whose category is certain

Effects = tuple[tuple[Floats, Floats], Floats]
"""Of entrants and of reviewers, and the fixed ones; each (levels, 1)."""


class Mode:
    """Effects at their posterior mode, given thresholds (increasing) and the variances of entrants and reviewers (2,).

    `criterion`: -2 log of the marginal likelihood. `start`: effects to start from.
    """

    def __init__(
        self, crossing: Crossing, category: Integers, thresholds: Floats, variance: Floats, start: Effects | None = None
    ) -> None:
        self.crossing, self.category, self.variance = crossing, category, variance
        ends = np.concatenate([[-np.inf], thresholds, [np.inf]])
        self._low, self._high = ends[category], ends[category + 1]
        sizes = (*crossing.levels, crossing.fixed_blocks)
        none = [np.zeros((size, 1)) for size in sizes]
        (entrants, reviewers), fixed = ((none[0], none[1]), none[2]) if start is None else start
        # Effects without variance are zero wherever the start was.
        self._climb(((entrants * (variance[0] > 0), reviewers * (variance[1] > 0)), fixed))
        determinant = self.equations.log_determinant - crossing.fixed_blocks * math.log(TIGHT)
        self.criterion = determinant - 2 * self._height(self.effects)

    def _climb(self, effects: Effects) -> None:
        """Newton steps to the mode, halved while the posterior falls; it is concave."""
        roots = np.sqrt(self.variance[0]).reshape(1, 1), np.sqrt(self.variance[1]).reshape(1, 1)
        here = self._height(effects)
        for _ in range(_STEPS):
            level = self.level(effects)
            self.cells = Cells.of(self._low - level, self._high - level)
            weight = np.maximum(self.cells.information, _LEAST_WEIGHT)
            self.equations = Equations(self.crossing, weight[:, None, None], roots, TIGHT)
            target = self.equations.solve((weight * level + self.cells.slope)[:, None])
            if float(np.abs(self.level(target) - level).max()) < _SETTLED:
                break
            size, trial, height = 1.0, target, self._height(target)
            while height < here - _ROUNDING * abs(here) and size > _SETTLED:
                size /= 2
                trial = _between(effects, target, size)
                height = self._height(trial)
            effects, here = trial, height
        self.effects = effects

    def level(self, effects: Effects) -> Floats:
        """Latent means of the sheets."""
        return self.crossing.fitted(*effects)[:, 0]

    def _height(self, effects: Effects) -> float:
        """Log posterior of the effects."""
        level = self.level(effects)
        log = Cells.of(self._low - level, self._high - level).log.sum()
        penalty = TIGHT * float(np.sum(effects[1] ** 2))
        for values, variance in zip(effects[0], self.variance, strict=True):
            penalty += float(np.sum(values**2)) / variance if variance > 0 else 0.0
        return float(log) - penalty / 2

    @cached_property
    def _spread(self) -> Floats:
        """Posterior variances of the sheets' latent means."""
        return self.equations.fitted_variances(np.ones((len(self.category), 1)))

    def slope(self) -> tuple[Floats, Floats]:
        """Of the criterion in the thresholds, and in the logarithms of the two variances."""
        cells, spread = self.cells, self._spread
        third = -(cells.information_ends[0] + cells.information_ends[1])
        # The mode moves with the parameters, and the determinant with the mode.
        moved, fixed = self.equations.solve((spread * third)[:, None])
        along = self.crossing.fitted(moved, fixed)[:, 0]
        last = int(self.category.max())
        thresholds = np.zeros(last + 2)
        for side in (0, 1):
            each = -2 * cells.ends[side] + spread * cells.information_ends[side] + along * cells.slope_ends[side]
            thresholds += np.bincount(self.category + side, each, last + 2)
        variances = np.zeros(2)
        for part in (0, 1):
            variance, sums = self.variance[part], self.crossing.sums[part]
            pull = sums @ cells.slope  # at the mode the effect is its variance times that
            whole, _ = self.equations.information(part, np.ones(1))
            variances[part] = variance * (whole - float(pull @ pull)) + float(moved[part][:, 0] @ pull)
        return thresholds[1:-1], variances


_SETTLED = 1e-8  # of the latent levels: the next step, which squares it, is not seen
_ROUNDING = 1e-13  # of the log posterior


def _between(one: Effects, other: Effects, size: float) -> Effects:
    (entrants, reviewers), fixed = one
    (to_entrants, to_reviewers), to_fixed = other
    moved = entrants + size * (to_entrants - entrants), reviewers + size * (to_reviewers - reviewers)
    return moved, fixed + size * (to_fixed - fixed)
