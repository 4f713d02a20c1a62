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
from scipy.stats import norm
from scipy.stats import t as t_distribution

from simsa.engine.diagnostics.discovery import Control, Flags, Floats, Integers, Screening, screen
from simsa.engine.diagnostics.noise import Noise, estimate_noise
from simsa.engine.diagnostics.slope_equations import Equations, Solution, solution_of


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

    None where no reviewer of a common entry differs in x, and where all scores agree exactly.
    """
    if len(score) < 3:
        return None
    noise = estimate_noise(score, entrant, reviewer, n_reviewers, group)
    found = _solved(score, x, noise)
    if found is None:
        return None
    # Once more with the slopes taken off: they are not noise.
    equations, solution = found
    best = np.zeros(n_reviewers)
    best[equations.who] = solution.slope
    noise = estimate_noise(score - best[reviewer] * x, entrant, reviewer, n_reviewers, group)
    found = _solved(score, x, noise)
    return None if found is None else _slopes(*found, noise, x, level)


def _solved(score: Floats, x: Floats, noise: Noise) -> tuple[Equations, Solution] | None:
    equations = Equations.of(score, x, noise.comparison) if noise.panel > 0 else None
    solution = None if equations is None else solution_of(equations)
    return None if equations is None or solution is None else (equations, solution)


def _slopes(equations: Equations, found: Solution, noise: Noise, x: Floats, level: float) -> Slopes | None:
    spread = _best(found)
    value, variance = found.panel(spread)
    overall = None
    if found.along:
        overall = _overall(value, variance, found.misfit(spread, value), found.rank - 1)
    shrunken, shrunken_error = _shrunken(found, spread)
    rough = screen(_own_p(found, found.own_error, equations, noise), level).q
    near = np.flatnonzero(np.nan_to_num(rough, nan=1.0) <= _NEAR * level)
    own_error = found.sharpened(near)
    comparison = noise.comparison
    mean = np.bincount(comparison.entrant, x) / np.maximum(np.bincount(comparison.entrant), 1)
    differs = np.bincount(comparison.entrant, (np.abs(x - mean[comparison.entrant]) > 1e-12)) > 0
    return Slopes(
        overall,
        float(np.sqrt(spread)),
        equations.who,
        np.where(found.told, found.slope, np.nan),
        np.where(found.told, own_error, np.nan),
        shrunken,
        shrunken_error,
        screen(_own_p(found, own_error, equations, noise), level, Control.BENJAMINI_HOCHBERG),
        float(np.sqrt(noise.panel)),
        len(comparison.entrant),
        int(differs[comparison.entrant].sum()),
        f"{Slopes.method}{found.approximate}",
    )


def _own_p(found: Solution, error: Floats, equations: Equations, noise: Noise) -> Floats:
    """P-values of slopes with these errors, NaN for those that are not told, by t distributions whose tails are those
    of a slope on few sheets.

    The kurtosis of a sum of so many sheets is that of the sheets over their number; a noise variance estimated from few
    sheets has tails of its own. The heavier of the two counts.
    """
    # A reviewer of whom the panel's slope takes up everything has none of their own, and no error of it.
    statistic = np.abs(np.divide(found.slope, error, out=np.zeros_like(error), where=error > 0))
    p = 2 * t_distribution.sf(statistic, np.maximum(noise.freedom[equations.who], 3.0))
    if noise.tails > 0:
        heavy = 4 + 6 * equations.leverage / noise.tails
        p = np.maximum(p, 2 * t_distribution.sf(statistic * np.sqrt(heavy / (heavy - 2)), heavy))
    return np.where(found.told, p, np.nan)


def _shrunken(found: Solution, best: float) -> tuple[Floats, Floats]:
    """Slopes drawn towards the panel's, and their errors, over what the spread between reviewers may be.

    Averaged over the restricted likelihood of the spread (flat in its standard deviation), because intervals that take
    the estimated spread for the true one are too narrow where it happens to be estimated as zero.
    """
    top = 3 * float(np.sqrt(best + np.median(found.own_error[_heard(found)] ** 2)))
    grid = np.linspace(0.0, top, _GRID) ** 2
    criterion = np.array([_criterion(found, spread) for spread in grid])
    weight = np.exp(-(criterion - criterion.min()) / 2)
    weight /= weight.sum()
    mean, square = np.zeros(len(found.slope)), np.zeros(len(found.slope))
    for spread, share in zip(grid.tolist(), weight.tolist(), strict=True):
        value, variance = found.panel(spread)
        own, rest, left = found.drawn(spread)
        slope = own + value * rest
        mean += share * slope
        square += share * (spread * left + variance * rest**2 + slope**2)
    return mean, np.sqrt(np.maximum(square - mean**2, 0.0))


def _criterion(found: Solution, spread: float) -> float:
    """-2 restricted log-likelihood of the variance between reviewers, up to a constant."""
    value, error = found.panel(spread)
    return found.determinant(spread) - (np.log(error) if error else 0.0) + found.misfit(spread, value)


def _best(found: Solution) -> float:
    """The variance between reviewers with the greatest likelihood."""
    if found.rank < 2:
        return 0.0
    heard = _heard(found)
    reach = float(np.max(found.slope[heard] ** 2)) + float(np.max(found.own_error[heard] ** 2))
    best = minimize_scalar(
        lambda spread: _criterion(found, spread), bounds=(0.0, reach), options={"xatol": 1e-8 * reach}
    )
    return float(best.x) if best.fun < _criterion(found, 0.0) - 1e-9 else 0.0


def _heard(found: Solution) -> Flags:
    """The reviewers whose slopes bound what the spread may be: those that are told, or all where none is."""
    return found.told if found.told.any() else np.ones(len(found.slope), bool)


_GRID = 40
_NEAR = 4.0  # times the level: an adjusted p-value from rough errors that the exact ones may bring below it


def _overall(value: float, variance: float, misfit: float, freedom: int) -> Estimate:
    scale = max(1.0, misfit / freedom) if freedom else 1.0
    error = float(np.sqrt(scale * variance))
    reference = t_distribution(freedom) if freedom else norm()
    half = float(reference.ppf(0.975)) * error
    return Estimate(value, error, value - half, value + half, float(2 * reference.sf(abs(value) / error)))
