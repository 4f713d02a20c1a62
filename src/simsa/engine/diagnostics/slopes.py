"""One slope for the panel and one for each reviewer, within entries: what favours, drifts or differs by session.

    score = entry + reviewer + (slope of the panel + the reviewer's own difference) x + noise

Entries and reviewers are fixed and taken off exactly; what is left of the reviewers' slopes is a linear model whose
covariance is known up to the spread of the slopes between reviewers, which is estimated by restricted maximum
likelihood (as in random-effects meta-analysis). The panel's interval is that of Knapp & Hartung (Statistics in Medicine
2003, doi:10.1002/sim.1482), never narrower than the normal one (Roever et al., BMC Med. Res. Methodol. 2015,
doi:10.1186/s12874-015-0091-1). Reviewers' noise has its own variance each (`noise`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize_scalar
from scipy.sparse import csr_array, diags_array
from scipy.stats import norm
from scipy.stats import t as t_distribution

from simsa.engine.diagnostics.comparison import DENSE, Comparison
from simsa.engine.diagnostics.discovery import Control, Floats, Integers, Screening, screen
from simsa.engine.diagnostics.noise import Noise, estimate_noise


@dataclass(frozen=True, eq=False)
class Estimate:
    """A number with its standard error, 95 % interval and p-value of zero."""

    value: float
    error: float
    low: float
    high: float
    p: float


@dataclass(frozen=True, eq=False)
class Slopes:
    """Slopes in the unit of the scores for each unit of `x`.

    `overall`: of the panel, None where x does not differ between reviewers of an entry (then each reviewer's slope is
    its difference from the others'). `spread`: standard deviation between reviewers. `reviewers` (k,): positions of
    those with a slope of their own; `own`, `own_error`: from their sheets alone, which `screening` tests against zero;
    `shrunken`, `shrunken_error`: drawn towards the panel as far as the data ask. `noise`: standard deviation of one
    sheet; `sheets`, `contrasts`: sheets used, and sheets on entries whose reviewers differ in x.
    """

    overall: Estimate | None
    spread: float
    reviewers: Integers
    own: Floats
    own_error: Floats
    shrunken: Floats
    shrunken_error: Floats
    screening: Screening
    noise: float
    sheets: int
    contrasts: int
    method: str = "entries and reviewers fixed, own noise of each reviewer; random slopes by REML, Knapp-Hartung"


def fit_slopes(
    score: Floats,
    entrant: Integers,
    reviewer: Integers,
    n_reviewers: int,
    x: Floats,
    level: float,
    group: Integers | None = None,
) -> Slopes | None:
    """Slopes of scores (n,) on x (n,), whose noise has a scale for each `group` (n,) if it is given.

    None where no reviewer of a common entry differs in x, where all scores agree exactly, and for more than `DENSE`
    reviewers.
    """
    if n_reviewers > DENSE or len(score) < 3:
        return None
    noise = estimate_noise(score, entrant, reviewer, n_reviewers, group)
    if noise.panel <= 0:
        return None
    found = _solve(score, x, noise.comparison)
    if found is None:
        return None
    # Once more with the slopes taken off: they are not noise.
    best = np.zeros(n_reviewers)
    best[found.who] = found.slope
    noise = estimate_noise(score - best[reviewer] * x, entrant, reviewer, n_reviewers, group)
    found = _solve(score, x, noise.comparison) if noise.panel > 0 else None
    return None if found is None else _slopes(found, noise, x, level)


@dataclass(frozen=True, eq=False)
class _Solved:
    """Slopes of the reviewers `who`: least squares, in the basis in which their covariance is diagonal."""

    who: Integers
    slope: Floats
    basis: Floats  # columns: directions that the sheets tell something of
    precision: Floats
    ones: Floats  # the panel's slope in that basis
    known: Floats  # share of each slope that lies in these directions
    along: bool  # whether the panel's slope does
    leverage: Floats  # about how many sheets each slope rests on


def _solve(score: Floats, x: Floats, comparison: Comparison) -> _Solved | None:
    reviewer, weight = comparison.reviewer, comparison.weight
    number, size = comparison.by_reviewer, comparison.n_reviewers
    mean = np.divide(np.bincount(reviewer, weight * x, size), number, out=np.zeros(size), where=number > 0)
    own = x - mean[reviewer]  # the same slopes, and well conditioned
    square = np.bincount(reviewer, weight * own**2, size)
    who = np.flatnonzero(square > 1e-9 * max(float(square.max(initial=0.0)), 1e-300))
    if len(who) == 0:
        return None
    place = np.full(size, -1)
    place[who] = np.arange(len(who))
    rows = place[reviewer] >= 0
    shape = (comparison.n_entrants, len(who))
    sums = csr_array((weight[rows] * own[rows], (comparison.entrant[rows], place[reviewer[rows]])), shape=shape)
    eliminated = diags_array(comparison.inverse) @ sums
    # The reviewers' own sums of `own` are zero, so that only the entries couple slopes with severities.
    across = -(comparison.count.T.tocsr() @ eliminated).toarray()
    matrix = np.diag(square[who]) - (sums.T.tocsr() @ eliminated).toarray() - across.T @ comparison.solve(across)
    residual, _ = comparison.fit(score)
    right = np.bincount(reviewer, weight * own * residual, size)[who]
    values, vectors = np.linalg.eigh((matrix + matrix.T) / 2)
    told = values > 1e-8 * float(square.max())
    if not told.any():
        return None
    basis, precision = vectors[:, told], values[told]
    ones = basis.sum(axis=0)
    slope = basis @ ((basis.T @ right) / precision)
    fourth = np.bincount(reviewer, weight**2 * own**4, size)[who]
    leverage = np.bincount(reviewer, weight * own**2, size)[who] ** 2 / fourth
    along = bool(ones @ ones > 1e-6 * len(who))
    return _Solved(who, slope, basis, precision, ones, np.sum(basis**2, axis=1), along, leverage)


def _slopes(found: _Solved, noise: Noise, x: Floats, level: float) -> Slopes | None:
    direct = found.basis.T @ found.slope
    likelihood = _Likelihood(direct, found.precision, found.ones)
    spread = likelihood.best()
    value, variance = likelihood.panel(spread)
    overall = None
    if found.along:
        overall = _overall(value, variance, direct - value * found.ones, 1 / found.precision + spread)
    shrunken, shrunken_error = _shrunken(found, direct, likelihood, spread)
    own_error = np.sqrt(np.sum(found.basis**2 / found.precision, axis=1))
    told = found.known > 1 - 1e-6 if found.along else np.ones(len(found.who), bool)
    # A reviewer of whom the panel's slope takes up everything has none of their own, and no error of it.
    ratio = np.divide(found.slope, own_error, out=np.zeros_like(own_error), where=own_error > 0)
    p = np.where(told, _own_p(ratio, found, noise), np.nan)
    comparison = noise.comparison
    mean = np.bincount(comparison.entrant, x) / np.maximum(np.bincount(comparison.entrant), 1)
    differs = np.bincount(comparison.entrant, (np.abs(x - mean[comparison.entrant]) > 1e-12)) > 0
    return Slopes(
        overall,
        float(np.sqrt(spread)),
        found.who,
        np.where(told, found.slope, np.nan),
        np.where(told, own_error, np.nan),
        shrunken,
        shrunken_error,
        screen(p, level, Control.BENJAMINI_HOCHBERG),
        float(np.sqrt(noise.panel)),
        len(comparison.entrant),
        int(differs[comparison.entrant].sum()),
    )


def _own_p(statistic: Floats, found: _Solved, noise: Noise) -> Floats:
    """P-values of slopes in units of their errors, by t distributions whose tails are those of a slope on few sheets.

    The kurtosis of a sum of so many sheets is that of the sheets over their number; a noise variance estimated from few
    sheets has tails of its own. The heavier of the two counts.
    """
    freedom = np.maximum(noise.freedom[found.who], 3.0)
    plain = 2 * t_distribution.sf(np.abs(statistic), freedom)
    if noise.tails <= 0:
        return np.asarray(plain)
    heavy = 4 + 6 * found.leverage / noise.tails
    return np.maximum(plain, 2 * t_distribution.sf(np.abs(statistic) * np.sqrt(heavy / (heavy - 2)), heavy))


def _shrunken(found: _Solved, direct: Floats, likelihood: _Likelihood, best: float) -> tuple[Floats, Floats]:
    """Slopes drawn towards the panel's, and their errors, over what the spread between reviewers may be.

    Averaged over the restricted likelihood of the spread (flat in its standard deviation), because intervals that take
    the estimated spread for the true one are too narrow where it happens to be estimated as zero.
    """
    top = 3 * float(np.sqrt(best + np.median(1 / found.precision)))
    grid = np.linspace(0.0, top, _GRID) ** 2
    criterion = np.array([likelihood.criterion(spread) for spread in grid])
    weight = np.exp(-(criterion - criterion.min()) / 2)
    weight /= weight.sum()
    mean, square = np.zeros(len(found.who)), np.zeros(len(found.who))
    for spread, share in zip(grid.tolist(), weight.tolist(), strict=True):
        value, variance = likelihood.panel(spread) if found.along else (0.0, 0.0)
        pull = spread / (1 / found.precision + spread)
        slope = value + found.basis @ (pull * (direct - value * found.ones))
        rest = spread * (1 - np.sum(found.basis**2 * pull, axis=1))
        rest = rest + variance * (1 - found.basis @ (pull * found.ones)) ** 2
        mean += share * slope
        square += share * (rest + slope**2)
    return mean, np.sqrt(np.maximum(square - mean**2, 0.0))


@dataclass(frozen=True, eq=False)
class _Likelihood:
    """The restricted likelihood of the variance of slopes between reviewers, in the diagonal basis."""

    direct: Floats
    precision: Floats
    ones: Floats

    def panel(self, spread: float) -> tuple[float, float]:
        """The panel's slope and its variance, given the variance between reviewers."""
        variance = 1 / self.precision + spread
        information = float(np.sum(self.ones**2 / variance))
        if information <= 1e-12 / float(variance.max()):
            return 0.0, 0.0
        return float(np.sum(self.ones * self.direct / variance)) / information, 1 / information

    def criterion(self, spread: float) -> float:
        """-2 restricted log-likelihood, up to a constant."""
        variance = 1 / self.precision + spread
        value, error = self.panel(spread)
        penalty = -np.log(error) if error else 0.0
        return float(np.sum(np.log(variance)) + penalty + np.sum((self.direct - value * self.ones) ** 2 / variance))

    def best(self) -> float:
        """The variance between reviewers with the greatest likelihood."""
        if len(self.direct) < 2:
            return 0.0
        reach = float(np.max(self.direct**2)) + float(np.max(1 / self.precision))
        found = float(minimize_scalar(self.criterion, bounds=(0.0, reach), options={"xatol": 1e-8 * reach}).x)
        return found if self.criterion(found) < self.criterion(0.0) - 1e-9 else 0.0


_GRID = 40


def _overall(value: float, variance: float, rest: Floats, spreads: Floats) -> Estimate:
    freedom = len(rest) - 1
    scale = max(1.0, float(np.sum(rest**2 / spreads)) / freedom) if freedom else 1.0
    error = float(np.sqrt(scale * variance))
    reference = t_distribution(freedom) if freedom else norm()
    half = float(reference.ppf(0.975)) * error
    return Estimate(value, error, value - half, value + half, float(2 * reference.sf(abs(value) / error)))
