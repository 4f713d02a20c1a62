"""From sheets to calibrated scores: statistics, fit, predictions, blocks and notes."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from simsa.engine.calibration.arrays import Floats
from simsa.engine.calibration.components import Components
from simsa.engine.calibration.design import Design
from simsa.engine.calibration.given import fit_at, without_variance
from simsa.engine.calibration.notes import notes_of
from simsa.engine.calibration.own import fit_own
from simsa.engine.calibration.own_fit import Alike, OwnFit
from simsa.engine.calibration.posterior import Posterior
from simsa.engine.calibration.reml import Fit, minimise
from simsa.engine.calibration.result import Calibration, Places, blocks_of
from simsa.engine.calibration.sheets import CalibrationError, checked_sheets
from simsa.engine.calibration.solver import DRAWS, PROBES, Solver
from simsa.engine.calibration.statistics import Data, Order, collect, collect_in
from simsa.engine.calibration.weighted import Own, Weighted, formed


def calibrate(
    score: ArrayLike,
    entrant: ArrayLike,
    reviewer: ArrayLike,
    *,
    n_entrants: int,
    n_reviewers: int,
    group: ArrayLike | None = None,
    reviewers: Literal["alike", "own"] = "alike",
    digits: int | None = None,
    components: Components | None = None,
    order: Order | None = None,
    progress: Callable[[int, float], None] | None = None,
) -> Calibration:
    """Estimate every entrant's quality and every reviewer's severity from `n` sheets.

    `score` float (n,), any unit; `entrant`, `reviewer` int (n,), positions below `n_entrants` and `n_reviewers`;
    `group` int (n_entrants,), the group of each entrant from 0, or None for a single one. A pair may occur more than
    once. A missing sheet is simply not passed. `progress(iteration, criterion)` is called after each step of the
    optimiser. Nothing else is chosen: the variances are estimated, and `notes` says where they could not be.

    `reviewers` "alike": all use the scale alike and are equally noisy. "own": every reviewer has a scale and a noise,
    shrunk to the common ones by empirical Bayes; where the sheets do not support that, the result is that of "alike".

    With `digits` the estimates are rounded to so many significant digits (`Components`), and scores, errors and draws
    are those given the rounded ones. `components` that are passed are taken instead of being estimated.

    `order`: that of entrants, reviewers and groups where their positions are not to matter, neither for draws nor for
    what large panels estimate with random signs. The order of the sheets does not matter (beyond rounding).

    CalibrationError when shapes differ, positions are out of range, a score is not finite, or there is no sheet.
    """
    if reviewers not in ("alike", "own"):
        raise CalibrationError(f'reviewers is {reviewers!r}; pass "alike" or "own"')
    sheets = checked_sheets(score, entrant, reviewer, n_entrants, n_reviewers, group)
    data = collect(*sheets) if order is None else collect_in(order, *sheets)
    design = Design.of(data)
    if components is None:
        fit, own = _fitted(data, design, reviewers, progress or (lambda iteration, criterion: None))
        how, noted = _estimated(fit, own), fit
        if digits is not None:
            components, how = _rounded(data, design, fit, own, digits), f"{how}; rounded to {digits} significant digits"
            fit, own = fit_at(data, design, components)
    else:
        fit, own = fit_at(data, design, components)
        how, noted = "components given", replace(fit, point=replace(fit.point, data=data))  # what is given is not held
    found = _own_estimates(own) if isinstance(own, OwnFit) else _alike(data, design, fit)
    return _result(data, noted, found, design, how, components)


def _fitted(
    data: Data, design: Design, reviewers: str, heard: Callable[[int, float], None]
) -> tuple[Fit, OwnFit | Alike | None]:
    """The estimates: the plain ones, and where they are asked for those of reviewers' own, or why there are none."""
    if data.settled:
        return without_variance(data), Alike.NOT_SHOWN if reviewers == "own" else None
    fit = minimise(data, design, heard)
    own = _own(data, design, fit, heard) if reviewers == "own" else None
    if isinstance(own, OwnFit):
        fit = replace(fit, iterations=fit.iterations + own.iterations, converged=own.converged, decrease=own.decrease)
    return fit, own


def _rounded(data: Data, design: Design, fit: Fit, own: OwnFit | Alike | None, digits: int) -> Components:
    if not isinstance(own, OwnFit):
        return Components.rounded(digits, _variances(data, design, fit).tolist(), (), (), (0.0, 0.0))
    found, square = own.system.own, data.unit**2
    noise = square * found.residual * np.exp(found.log_noise)
    scale, noise = (Places(data).reviewers(one) for one in (own.system.scale, noise))
    variances = [square * value for value in (found.entrant, found.reviewer, found.residual)]
    return Components.rounded(digits, variances, scale.tolist(), noise.tolist(), own.spread)


def _own(data: Data, design: Design, fit: Fit, progress: Callable[[int, float], None]) -> OwnFit | Alike:
    """The fit with reviewers' own scales and noises where the plain model's variances are all told apart."""
    if data.constant or not design.estimable.all() or design.confounded.shape[1] or fit.point.data.held is not None:
        return Alike.NOT_SHOWN
    variance = fit.point.variance * np.append(fit.point.ratio, 1.0)
    none = np.zeros(len(data.reviewers))
    # A variance of zero would stay there: reviewers' own noises may well bring it up.
    entrant, reviewer = np.maximum(variance[:2], _LEAST_START * variance.sum())
    start = Own(none, none, float(entrant), float(reviewer), float(variance[2]))
    alike = fit.point.criterion
    if not formed(data):  # estimated by other signs, or not at all: to be compared with what the same signs say
        alike = Weighted(data, Own(none, none, *variance.tolist())).criterion
    return fit_own(data, start, alike, lambda step, value: progress(fit.iterations + step, value))


_LEAST_START = 0.01


@dataclass(frozen=True)
class _Estimates:
    """What a fit says, in the unit of the scores, of entrants, reviewers and groups with sheets."""

    mean: Floats
    quality: Floats
    severity: Floats
    severity_variance: Floats
    variance: Floats
    scale: Floats
    scale_error: Floats
    noise: Floats
    noise_error: Floats
    spread: tuple[float, float]
    criterion: float
    posterior: Posterior
    score_variance: Floats
    mean_variance: Floats


def _alike(data: Data, design: Design, fit: Fit) -> _Estimates:
    point, reviewers = fit.point, len(data.reviewers)
    sigma = data.unit * math.sqrt(point.variance)
    posterior, score_variance, mean_variance, severity_variance = point.errors(sigma)
    severity = -data.unit * point.effect[1]
    if not design.estimable[1]:
        severity = severity_variance = np.full(reviewers, np.nan)
    variance = _variances(data, design, fit)
    none, noise = np.zeros(reviewers), np.full(reviewers, math.sqrt(variance[2]))
    return _Estimates(
        mean=data.centre + data.unit * point.mean,
        quality=data.unit * point.effect[0],
        severity=severity,
        severity_variance=severity_variance,
        variance=variance,
        scale=np.ones(reviewers),
        scale_error=none,
        noise=noise,
        noise_error=np.where(np.isnan(noise), np.nan, none),
        spread=(0.0, 0.0),
        criterion=point.criterion,
        posterior=posterior,
        score_variance=score_variance,
        mean_variance=mean_variance,
    )


def _variances(data: Data, design: Design, fit: Fit) -> Floats:
    """Entrant, reviewer, residual in the square of the scores' unit; NaN where they are not estimable."""
    variance = data.unit**2 * fit.point.variance
    return np.where(design.estimable, [*fit.point.ratio, 1.0], np.nan) * variance


def _own_estimates(fit: OwnFit) -> _Estimates:
    system, data, own = fit.system, fit.system.data, fit.system.own
    posterior, score_variance, mean_variance, level_variance = system.errors(fit.sway())
    error = np.sqrt(np.diagonal(fit.covariance(), axis1=1, axis2=2))
    noise = data.unit * np.sqrt(own.residual * np.exp(own.log_noise))
    return _Estimates(
        mean=data.centre + data.unit * system.mean,
        quality=data.unit * system.quality,
        severity=-data.unit * system.level,
        severity_variance=level_variance,
        variance=data.unit**2 * np.array([own.entrant, own.reviewer, own.residual]),
        scale=system.scale,
        scale_error=system.scale * error[:, 0],
        noise=noise,
        noise_error=noise * error[:, 1] / 2,
        spread=fit.spread,
        criterion=fit.criterion,
        posterior=posterior,
        score_variance=score_variance,
        mean_variance=mean_variance,
    )


def _result(
    data: Data, fit: Fit, found: _Estimates, design: Design, how: str, components: Components | None
) -> Calibration:
    places, blocks = Places(data), blocks_of(data)
    return Calibration(
        score=places.entrants(found.mean[data.group] + found.quality),
        standard_error=places.entrants(np.sqrt(found.score_variance)),
        severity=places.reviewers(found.severity),
        severity_error=places.reviewers(np.sqrt(found.severity_variance)),
        scale=places.reviewers(found.scale),
        scale_error=places.reviewers(found.scale_error),
        noise=places.reviewers(found.noise),
        noise_error=places.reviewers(found.noise_error),
        sheets_per_entrant=places.sheets_per_entrant,
        sheets_per_reviewer=places.sheets_per_reviewer,
        group_mean=places.groups(found.mean),
        group_mean_error=places.groups(np.sqrt(found.mean_variance)),
        entrant_variance=float(found.variance[0]),
        reviewer_variance=float(found.variance[1]),
        residual_variance=float(found.variance[2]),
        scale_spread=found.spread[0],
        noise_spread=found.spread[1],
        criterion=found.criterion,
        iterations=fit.iterations,
        converged=fit.converged,
        notes=tuple(notes_of(data, design, fit, blocks, found.variance)),
        blocks=blocks,
        method=_method(data, found, how),
        _posterior=found.posterior,
        components=components,
    )


def _method(data: Data, found: _Estimates, how: str) -> str:
    entrants, reviewers = data.count.shape
    given = "their errors are given the variances"
    if isinstance(found.posterior.kept, Solver):
        given = (
            f"{given}; equations solved by conjugate gradients, determinant and traces from {PROBES} fixed random "
            f"signs, errors from {DRAWS} fixed draws of the posterior"
        )
    return (
        f"crossed random effects with group means (entrants {entrants}, reviewers {reviewers}, groups "
        f"{len(data.groups)}, sheets {int(data.sheets.sum())}); {how}; scores are best linear unbiased predictions, "
        f"{given}"
    )


def _estimated(fit: Fit, own: OwnFit | Alike | None) -> str:
    gone = "entrants" if fit.point.kept or isinstance(own, OwnFit) else "reviewers"
    by = "restricted maximum likelihood, average-information Newton on their shares"
    said = f"variances by {by} with {gone} eliminated"
    if own is None:
        return said
    if isinstance(own, Alike):
        return f"{said}; reviewers' own scale and noise are {own.value}"
    named = " and ".join(name for name, spread in zip(("scale", "noise"), own.spread, strict=True) if spread > 0)
    return f"{said}; reviewers' own {named} by empirical Bayes (Laplace's method), and the variances with them"
