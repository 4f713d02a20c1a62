"""Reviewers' own scale and noise by empirical Bayes, on top of the model in which all are alike.

A sheet is group mean + scale x quality - severity + noise. The logarithms of the scales are normal about zero, those of
the noise variances about that of the residual variance; their two spreads are estimated. Qualities, severities and
group means are integrated out exactly (restricted likelihood), scales and noises by Laplace's method with the expected
information of each reviewer (Tierney & Kadane, JASA 1986, doi:10.1080/01621459.1986.10478240). All is found by one
fixed point, mixed after Anderson: scoring steps for scales and noises, effective degrees of freedom for the variances
(Harville, JASA 1977, doi:10.1080/01621459.1977.10480998).

A spread is kept only if it lowers the criterion, -2 log of the marginal likelihood, by more than `GAIN`: the 5 % point
of the likelihood ratio where the null lies on the boundary (Self & Liang, JASA 1987,
doi:10.1080/01621459.1987.10478472).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np
from scipy.optimize import brentq

from simsa.engine.calibration.arrays import Floats
from simsa.engine.calibration.mixing import Mixing
from simsa.engine.calibration.own_fit import MOST_SPREAD, Alike, OwnFit
from simsa.engine.calibration.statistics import Data
from simsa.engine.calibration.weighted import Own, Uncertainty, Weighted

GAIN = 2.705543454095404  # the chi-squared value of one degree of freedom that is exceeded with probability 0.1
_START = (0.05, 0.3)  # squared spreads of scales and noises
_WARM = 6  # steps before a spread may become zero
_STEPS = 300
_BEYOND_DOUBT = 100.0  # evidence for a spread at which it is not tried to do without
_SETTLED = 1e-6
_STRIDE = 0.5  # at most so much does a logarithm move in a step
_LEAST = 1e-5  # a squared spread below any use: noises or scales a third of a percent apart
_NOTHING = 1e-9  # a variance below this part of the residual's is zero


def fit_own(data: Data, start: Own, alike: float, progress: Callable[[int, float], None]) -> OwnFit | Alike:
    """The best supported fit, or why there is none; `alike` is the criterion of the model in which all are alike."""
    both = _descend(data, start, _START, progress)
    fits = [both]
    doubtful = (both.boundless | (both.evidence < _BEYOND_DOUBT)).tolist()
    for free, open_ in (((True, False), doubtful[1]), ((False, True), doubtful[0])):
        if both.boundless:
            fits.append(_descend(data, start, (_START[0] * free[0], _START[1] * free[1]), progress))
        elif min(both.spread) > 0 and open_:
            own, spread = _without(both.system.own, both.spread, free)
            fits.append(_descend(data, own, spread, progress))
    sound = [fit for fit in fits if fit.converged and not fit.boundless]
    best = min(sound, key=_cost, default=None)
    if best is not None and _cost(best) < alike and max(best.spread) > 0:
        return best
    return Alike.NO_BEST if len(sound) < len(fits) else Alike.NOT_SHOWN


def fit_given(data: Data, own: Own, spread: tuple[float, float]) -> OwnFit:
    """The fit at given scales, noises, variances and spreads."""
    state = _State(data, own)
    criterion = state.criterion((spread[0] ** 2, spread[1] ** 2))
    return OwnFit(spread, state.system, state.information, criterion, 0, True, 0.0)


def _cost(fit: OwnFit) -> float:
    return fit.criterion + GAIN * sum(one > 0 for one in fit.spread)


def _without(own: Own, spread: tuple[float, float], free: tuple[bool, bool]) -> tuple[Own, tuple[float, float]]:
    """The same with a spread of zero, where one is not free; the other as a squared spread."""
    scale, noise = (free[0] and spread[0] > 0), (free[1] and spread[1] > 0)
    own = replace(own, log_scale=own.log_scale * scale, log_noise=own.log_noise * noise)
    return own, (spread[0] ** 2 * scale, spread[1] ** 2 * noise)


def _descend(data: Data, own: Own, spread: tuple[float, float], progress: Callable[[int, float], None]) -> OwnFit:
    """Mixed steps until nothing moves; `spread` is squared."""
    before, mixing, at_limit = math.inf, Mixing(_STRIDE), 0
    for iteration in range(1, _STEPS + 1):
        state = _State(data, own)
        criterion = state.criterion(spread)
        progress(iteration, criterion)
        warm = iteration <= _WARM
        target, wanted = state.step(spread, warm=warm)
        moved = _distance(own, target, spread, wanted)
        at_limit = at_limit + 1 if max(spread) >= MOST_SPREAD else 0
        if moved < _SETTLED or max(spread) == 0 or at_limit > 2 * _WARM or iteration == _STEPS:
            break
        before = criterion
        own, spread = (target, wanted) if warm else _mixed(data, mixing, own, spread, target, wanted)
    root = (math.sqrt(spread[0]), math.sqrt(spread[1]))
    decrease = 0.0 if moved < _SETTLED or max(spread) == 0 else abs(before - criterion)
    converged = decrease <= 1e-6 * data.freedom
    return OwnFit(root, state.system, state.information, criterion, iteration, converged, decrease)


def _mixed(
    data: Data, mixing: Mixing, own: Own, spread: tuple[float, float], target: Own, wanted: tuple[float, float]
) -> tuple[Own, tuple[float, float]]:
    """Where to look next. What becomes zero in a step, or was, is left at that."""
    before, after = (np.array([o.entrant, o.reviewer, o.residual]) for o in (own, target))
    free, n = (before > 0) & (after > 0), len(own.log_scale)
    here, there = (
        np.concatenate([o.log_scale, o.log_noise, np.log(v[free]), s])
        for o, v, s in ((own, before, spread), (target, after, wanted))
    )
    kind = (*free.tolist(), wanted[0] > 0, wanted[1] > 0)
    found = mixing.next(here, there - here, kind)
    for one, part in zip(wanted, (slice(n), slice(n, 2 * n)), strict=True):
        if one == 0:
            found[part] = there[part]
    after[free] = np.exp(found[2 * n : -2])
    entrant, reviewer, residual = after.tolist()
    further = _solvable(data, Own(found[:n], found[n : 2 * n], entrant, reviewer, residual))
    # Only a step of its own brings a spread to nothing.
    of_scale, of_noise = (
        min(max(float(one), least / 4), MOST_SPREAD) if least else 0.0
        for one, least in zip(found[-2:], wanted, strict=True)
    )
    return further, (of_scale, of_noise)


def _solvable(data: Data, own: Own) -> Own:
    """The same with no noise below the least: with none at all the equations would have no solution."""
    residual = max(own.residual, data.least_residual)
    noise = np.maximum(own.log_noise, math.log(data.least_residual / residual))
    return replace(own, log_noise=noise, residual=residual)


def _distance(own: Own, target: Own, spread: tuple[float, float], wanted: tuple[float, float]) -> float:
    moves = [np.abs(target.log_scale - own.log_scale).max(), np.abs(target.log_noise - own.log_noise).max()]
    total = own.entrant + own.reviewer + own.residual
    moves += [abs(target.entrant - own.entrant) / total, abs(target.reviewer - own.reviewer) / total]
    moves += [abs(target.residual / own.residual - 1), abs(wanted[0] - spread[0]), abs(wanted[1] - spread[1])]
    return float(max(moves))


class _State:
    """The equations at given scales, noises and variances, with what a step needs of them."""

    def __init__(self, data: Data, own: Own) -> None:
        self.data, self.own, self.system = data, own, Weighted(data, own)
        self.uncertainty: Uncertainty = self.system.uncertainty()
        system, count = self.system, data.count.data
        lost = system.precision * system.by_reviewer(count * self.uncertainty.residual)
        self.freedom = np.maximum(data.sheets_by - lost, 1e-9 * data.sheets_by)  # effective, of each reviewer's noise
        self.information = self._information()
        self.slope = np.stack([self._scale_slope(), (system.squares * system.precision - self.freedom) / 2], axis=1)

    def _scale_slope(self) -> Floats:
        system = self.system
        each = system.quality[system.row] * system.residual + self.uncertainty.both
        return system.precision * system.scale * system.by_reviewer(self.data.count.data * each)

    def _information(self) -> Floats:
        """Expected information of each reviewer on log scale and log noise variance, the others' given.

        For one entrant with known mean, quality of posterior variance d and leverage h = precision x scale**2 x d, it
        is precision x ((1 - h) quality**2 + h d) for the scale, h (1 - h) between the two; the part of the scale that a
        reviewer's level takes up is left out, and for the noise half the effective degrees of freedom stand.
        """
        system, count = self.system, self.data.count.data
        given, quality = system.given[system.row], system.quality[system.row]
        leverage = system.precision[system.column] * system.stretch**2 * given
        free = count * (1 - leverage)
        level = 1 / (system.precision * max(self.own.reviewer, 1e-12 * self.own.residual))
        about = system.by_reviewer(free * quality) ** 2 / (system.by_reviewer(free) + level)
        squares = system.by_reviewer(free * quality**2 + count * leverage * given) - about
        scale = system.precision * system.scale**2 * np.maximum(squares, 0)
        noise = self.freedom / 2
        both = np.minimum(system.by_reviewer(free * leverage), 0.95 * np.sqrt(scale * noise))
        return np.stack([np.stack([scale, both], axis=1), np.stack([both, noise], axis=1)], axis=1)

    def criterion(self, spread: tuple[float, float]) -> float:
        """-2 log of the marginal likelihood, by Laplace's method; `spread` is squared."""
        root = np.sqrt(spread)
        penalty = 0.0
        for values, square in zip((self.own.log_scale, self.own.log_noise), spread, strict=True):
            penalty += float(values @ values) / square if square > 0 else 0.0
        determinant = np.linalg.slogdet(np.eye(2) + root[:, None] * self.information * root)[1]
        return self.system.criterion + penalty + float(np.sum(determinant))

    def step(self, spread: tuple[float, float], *, warm: bool) -> tuple[Own, tuple[float, float]]:
        scale, of_scale = self._scales(spread[0], warm)
        noise, of_noise = self._noises(spread[1], warm)
        centre = _centre(noise, self.freedom / 2, of_noise)
        system, own = self.system, self.own
        entrant = own.entrant
        if of_scale > 0:
            # The mean scale and the spread of quality trade off freely.
            entrant, scale = entrant * math.exp(2 * float(scale.mean())), scale - scale.mean()
        entrant *= _growth(system.quality, self.uncertainty.quality, own.entrant)
        reviewer = own.reviewer * _growth(system.level, self.uncertainty.level, own.reviewer)
        if of_noise > 0:
            centre = min(max(centre, -4 * _STRIDE), 4 * _STRIDE)
            residual = own.residual * math.exp(centre)
            noise = noise - centre / (1 + 1 / (of_noise * self.freedom / 2))
        else:
            residual = float(system.squares.sum()) / float(self.freedom.sum())
        least = _NOTHING * residual
        entrant, reviewer = (value if value > least else 0.0 for value in (entrant, reviewer))
        if entrant == 0:
            scale, of_scale = np.zeros_like(scale), 0.0  # nothing to scale
        return _solvable(self.data, Own(scale, noise, entrant, reviewer, residual)), (of_scale, of_noise)

    def _scales(self, spread: float, warm: bool) -> tuple[Floats, float]:
        """A scoring step for the log scales, and their squared spread."""
        if spread == 0:
            return self.own.log_scale, 0.0
        values, information = self.own.log_scale, self.information[:, 0, 0]
        move = (self.slope[:, 0] - values / spread) / (information + 1 / spread)
        values = values + np.clip(move, -_STRIDE, _STRIDE)
        return _spread(values, information, spread, _START[0] if warm else 0.0)

    def _noises(self, spread: float, warm: bool) -> tuple[Floats, float]:
        """The log noise variances at their mode, given squares and degrees of freedom, and their squared spread."""
        if spread == 0:
            return self.own.log_noise, 0.0
        values, squares = self.own.log_noise.copy(), self.system.squares * self.system.precision
        expected = squares * np.exp(values)
        for _ in range(30):
            seen = expected * np.exp(-values)
            move = ((seen - self.freedom) / 2 - values / spread) / (seen / 2 + 1 / spread)
            values += np.clip(move, -_STRIDE, _STRIDE)
        return _spread(values, self.freedom / 2, spread, _START[1] if warm else 0.0)


def _growth(values: Floats, variance: Floats, prior: float) -> float:
    """The factor by which a variance grows: squares over prior x effective degrees of freedom."""
    freedom = float(np.sum(1 - variance / prior)) if prior > 0 else 0.0
    return float(values @ values) / (prior * freedom) if freedom > 0 else 0.0


def _centre(values: Floats, information: Floats, spread: float) -> float:
    """The mean of normal observations, of which `values` are the modes shrunk to zero."""
    if spread == 0:
        return 0.0
    return float(np.sum(values) / spread / np.sum(1 / (spread + 1 / information)))


def _spread(values: Floats, information: Floats, spread: float, least: float) -> tuple[Floats, float]:
    """Modes and the squared spread that fits them best: normal observations of known information about zero.

    An observation is the mode before it was shrunk. Of modes whose spread becomes zero nothing is left.
    """
    unshrunk = values * (1 / spread + information)

    def slope(square: float) -> float:
        free = 1 + square * information
        return float(np.sum(information / free - (unshrunk / free) ** 2))

    if slope(0.0) >= 0:
        return (values, least) if least else (np.zeros_like(values), 0.0)
    wanted = float(brentq(slope, 0.0, MOST_SPREAD, xtol=1e-12)) if slope(MOST_SPREAD) > 0 else MOST_SPREAD
    if wanted < _LEAST and not least:
        return np.zeros_like(values), 0.0
    return values, max(wanted, least / 100)
