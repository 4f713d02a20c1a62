"""From categories to calibrated latent scores: thresholds and variances by marginal likelihood, predictions, notes."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import minimize
from scipy.special import ndtri

from simsa.engine.calibration.arrays import Floats, Integers
from simsa.engine.calibration.crossed import ENTRANTS, REVIEWERS, Crossing
from simsa.engine.calibration.design import Design
from simsa.engine.calibration.notes import COMPONENTS, design_notes, panel_notes
from simsa.engine.calibration.ordinal.laplace import Mode
from simsa.engine.calibration.ordinal.probit import probabilities
from simsa.engine.calibration.ordinal.result import OrdinalCalibration
from simsa.engine.calibration.result import Note, NoteCode, Places, blocks_of
from simsa.engine.calibration.sheets import CalibrationError, checked_panel, numbers, whole_numbers
from simsa.engine.calibration.statistics import Data, collect

MOST_CATEGORIES = 20
"""A scale of more steps is as good as continuous: `calibrate` is for it."""
MOST_EQUATIONS = 2_000
"""The smaller of entrants and reviewers, plus groups: so many equations are factorised densely."""
_LEAST, _MOST = 1e-6, 100.0  # of a variance in that of the noise: below it is zero, above it the sheets are separated
_CLOSEST = 1e-4  # thresholds, on the latent scale


def calibrate_ordinal(
    category: ArrayLike,
    entrant: ArrayLike,
    reviewer: ArrayLike,
    *,
    n_entrants: int,
    n_reviewers: int,
    marks: ArrayLike,
    group: ArrayLike | None = None,
    progress: Callable[[int, float], None] | None = None,
) -> OrdinalCalibration:
    """Estimate every entrant's latent quality and every reviewer's severity from `n` sheets of one category each.

    `category` int (n,), positions in `marks` (categories,), the increasing marks of the scale, at most
    `MOST_CATEGORIES`.
    The rest is that of `calibrate`; `progress` is told the criterion of every trial.

    CalibrationError as there, and for marks that do not increase or more than `MOST_EQUATIONS` equations.
    """
    scale = numbers("marks", marks, 1, "the increasing marks of the scale")
    if not 1 <= len(scale) <= MOST_CATEGORIES or not np.isfinite(scale).all() or not (np.diff(scale) > 0).all():
        raise CalibrationError(f"marks are {scale.tolist()}; pass at most {MOST_CATEGORIES}, increasing")
    k = whole_numbers("category", category, len(scale), "the number of marks")
    i, j, g = checked_panel(len(k), "categories", entrant, reviewer, n_entrants, n_reviewers, group)
    data = collect(k.astype(np.float64), i, j, g, n_entrants, n_reviewers)
    used, rank = np.unique(k, return_inverse=True)
    sheets = np.bincount(data.group, data.sheets)
    fixed = np.argsort(np.argsort(-sheets, kind="stable"), kind="stable") - 1  # the largest group has no block
    crossing = Crossing.of(data, i, j, fixed, 1)
    if crossing.size > MOST_EQUATIONS:
        raise CalibrationError(
            f"{min(crossing.levels)} {('entrants', 'reviewers')[crossing.kept]} and {len(sheets)} groups are more than "
            f"{MOST_EQUATIONS} equations; calibrate the marks as totals"
        )
    fit = _fit(crossing, rank.astype(np.int64), Design.of(data), progress or (lambda iteration, criterion: None))
    return _result(crossing, fit, used, scale, fixed)


@dataclass(frozen=True)
class _Fit:
    """`free` (2,): which variance is estimated."""

    mode: Mode
    thresholds: Floats
    threshold_error: Floats
    design: Design
    free: tuple[bool, bool]
    iterations: int
    converged: bool
    decrease: float


def _fit(crossing: Crossing, category: Integers, design: Design, heard: Callable[[int, float], None]) -> _Fit:
    count = np.bincount(category)
    shape = _Shape.of(design, len(count) - 1)
    if len(count) == 1:
        mode = Mode(crossing, category, np.zeros(0), np.zeros(2))
        return _Fit(mode, np.zeros(0), np.zeros(0), design, (False, False), 0, True, 0.0)
    last: list[Mode] = []

    def at(parameters: Floats) -> tuple[float, Floats]:
        thresholds, variance = shape.opened(parameters)
        last[:] = [Mode(crossing, category, thresholds, variance, last[0].effects if last else None)]
        heard(0, last[0].criterion)
        return last[0].criterion, shape.closed_slope(parameters, *last[0].slope())

    start = ndtri(np.cumsum(count)[:-1] / count.sum()) * math.sqrt(1 + 2 * _START)
    options: Any = {"maxiter": 500, "ftol": 1e-13, "gtol": 1e-7}
    found: Any = minimize(at, shape.closed(start), jac=True, method="L-BFGS-B", bounds=shape.bounds, options=options)
    thresholds, variance = shape.opened(found.x)
    variance = np.where((variance <= _LEAST * 1.01) & shape.free, 0.0, variance)
    mode = Mode(crossing, category, thresholds, variance, last[0].effects)
    steep = np.abs(shape.projected(found.x, found.jac)).max(initial=0.0)
    error = _threshold_errors(at, shape, found.x)
    settled = bool(steep <= 1e-3 * math.sqrt(len(category)))
    return _Fit(mode, thresholds, error, design, tuple(shape.free.tolist()), int(found.nit), settled, float(steep))


_START = 0.5  # of a variance


@dataclass(frozen=True)
class _Shape:
    """The parameters as they are searched: first threshold, logarithms of the gaps, logarithms of free variances.

    `map` (2, k): which of the k free parameters is the logarithm of which variance. A variance that the sheets
    cannot tell from the noise is held at that of the noise, the most even split, and one of which they tell nothing at
    zero.
    """

    count: int
    map: Floats
    held: Floats

    @classmethod
    def of(cls, design: Design, count: int) -> _Shape:
        mixed = np.abs(design.confounded).max(axis=1, initial=0) > 0
        with_noise = mixed[:2] & bool(mixed[2])
        free = design.estimable[:2] & ~with_noise
        tied = bool((mixed[:2] & free).all())
        columns = [free.astype(np.float64)] if tied else [row for row in np.diag(free.astype(np.float64)) if row.any()]
        return cls(count, np.array(columns).reshape(-1, 2).T, np.where(design.estimable[:2] & with_noise, 1.0, 0.0))

    @property
    def free(self) -> NDArray[np.bool_]:
        return np.asarray(self.map.any(axis=1))

    @property
    def bounds(self) -> list[tuple[float | None, float | None]]:
        gaps = [(math.log(_CLOSEST), math.log(100.0))] * (self.count - 1)
        return [(-100.0, 100.0), *gaps, *[(math.log(_LEAST), math.log(_MOST))] * self.map.shape[1]]

    def closed(self, thresholds: Floats) -> Floats:
        gaps = np.log(np.maximum(np.diff(thresholds), 10 * _CLOSEST))
        return np.concatenate([thresholds[:1], gaps, np.full(self.map.shape[1], math.log(_START))])

    def opened(self, parameters: Floats) -> tuple[Floats, Floats]:
        gaps = np.exp(parameters[1 : self.count])
        thresholds = parameters[0] + np.concatenate([[0.0], np.cumsum(gaps)])
        return thresholds, np.where(self.free, np.exp(self.map @ parameters[self.count :]), self.held)

    def closed_slope(self, parameters: Floats, thresholds: Floats, variances: Floats) -> Floats:
        above = np.cumsum(thresholds[::-1])[::-1]
        gaps = np.exp(parameters[1 : self.count]) * above[1:]
        return np.concatenate([above[:1], gaps, variances @ self.map])

    def projected(self, parameters: Floats, slope: Floats) -> Floats:
        """The slope without what leads over a bound."""
        low, high = np.array(self.bounds, np.float64).T
        away = ((parameters <= low) & (slope > 0)) | ((parameters >= high) & (slope < 0))
        return np.where(away, 0.0, slope)


def _threshold_errors(at: Callable[[Floats], tuple[float, Floats]], shape: _Shape, best: Floats) -> Floats:
    """From the curvature of the criterion in all parameters, by differences of its slope; NaN where not convex."""
    low, high = np.array(shape.bounds, np.float64).T
    inside = np.flatnonzero((best > low + 1e-3) & (best < high - 1e-3))
    curvature = np.empty((len(inside), len(inside)))
    for row, part in enumerate(inside):
        step = np.zeros(len(best))
        step[part] = 1e-4
        curvature[row] = (at(best + step)[1] - at(best - step)[1])[inside] / 2e-4
    values, vectors = np.linalg.eigh((curvature + curvature.T) / 4)  # of -log likelihood
    if not len(values) or values[0] <= 0:
        return np.full(shape.count, np.nan)
    jacobian = np.zeros((shape.count, len(best)))
    jacobian[:, 0] = 1
    jacobian[:, 1 : shape.count] = np.tril(np.ones((shape.count, shape.count)), -1)[:, :-1] * np.exp(
        best[1 : shape.count]
    )
    return np.asarray(np.sqrt(np.sum((jacobian[:, inside] @ vectors) ** 2 / values, axis=1)))


def _result(crossing: Crossing, fit: _Fit, used: Integers, scale: Floats, fixed: Integers) -> OrdinalCalibration:
    data, mode, design = crossing.data, fit.mode, fit.design
    places, blocks, one = Places(data), blocks_of(data), np.ones(1)
    equations, constant = mode.equations, len(used) == 1
    known = 0.0 if constant else 1.0
    means = np.append(mode.effects[1][:, 0], 0.0)[fixed]
    score = means[data.group] + mode.effects[0][ENTRANTS][:, 0]
    lines, severities = equations.along(*equations.scores(fixed), one), equations.lines(REVIEWERS)
    variance = known * np.where(design.estimable[:2], mode.variance, np.nan)
    told = 1.0 if design.estimable[1] else math.nan
    error = known * np.sqrt(equations.variances(*lines)[:, 0])
    mean_lines = equations.fixed_lines(fixed), np.zeros((len(fixed), 1, 1))
    mark, mark_error = _expected(fit.thresholds, scale[used], score, error)
    thresholds, threshold_error = _on_the_scale(fit, used, len(scale))
    return OrdinalCalibration(
        score=places.entrants(known * score),
        standard_error=places.entrants(error),
        severity=places.reviewers(-told * known * mode.effects[0][REVIEWERS][:, 0]),
        severity_error=places.reviewers(told * known * np.sqrt(equations.variances(*severities)[:, 0])),
        sheets_per_entrant=places.sheets_per_entrant,
        sheets_per_reviewer=places.sheets_per_reviewer,
        group_mean=places.groups(known * means),
        group_mean_error=places.groups(known * np.sqrt(equations.variances(*mean_lines)[:, 0])),
        entrant_variance=float(variance[0]),
        reviewer_variance=float(variance[1]),
        residual_variance=known,
        criterion=mode.criterion if not constant else 0.0,
        iterations=fit.iterations,
        converged=fit.converged,
        notes=(*_notes(crossing, fit, used, len(scale)), *panel_notes(data, blocks)),
        blocks=blocks,
        method=_method(data, len(used)),
        thresholds=thresholds,
        threshold_error=threshold_error,
        expected_mark=places.entrants(mark),
        mark_error=places.entrants(mark_error),
        _posterior=equations.posterior(*lines, known),
    )


def _expected(thresholds: Floats, marks: Floats, score: Floats, error: Floats) -> tuple[Floats, Floats]:
    """Mean mark of each entrant by a reviewer of no severity, and its standard deviation over the score's posterior."""
    mean = probabilities(thresholds, score, error**2) @ marks
    nodes, weights = np.polynomial.hermite_e.hermegauss(31)
    at = score[:, None] + error[:, None] * nodes
    squares = (probabilities(thresholds, at, np.zeros_like(at)) @ marks - mean[:, None]) ** 2
    return mean, np.sqrt(squares @ weights / weights.sum())


def _on_the_scale(fit: _Fit, used: Integers, categories: int) -> tuple[Floats, Floats]:
    """The thresholds between all categories of the scale, and their errors."""
    lower = np.searchsorted(used, np.arange(categories - 1), side="right")  # used ones up to this category
    thresholds = np.concatenate([[-np.inf], fit.thresholds, [np.inf]])[lower]
    return thresholds, np.concatenate([[np.nan], fit.threshold_error, [np.nan]])[lower]


def _notes(crossing: Crossing, fit: _Fit, used: Integers, categories: int) -> Iterator[Note]:
    design = fit.design
    yield from design_notes(crossing.data, COMPONENTS, design.estimable, design.confounded)
    empty = np.setdiff1d(np.arange(categories), used)
    if len(empty):
        yield Note(NoteCode.EMPTY_CATEGORIES, {"categories": tuple(empty.tolist())})
    if len(used) == 1:
        yield Note(NoteCode.CONSTANT_SCORES)
        return
    for name, free, value in zip(COMPONENTS[:2], fit.free, fit.mode.variance, strict=True):
        if free and value == 0:
            yield Note(NoteCode.ZERO_VARIANCE, {"component": name})
        if free and value >= 0.99 * _MOST:
            yield Note(NoteCode.SEPARATED, {"component": name})
    if not fit.converged:
        yield Note(NoteCode.NOT_CONVERGED, {"decrease": fit.decrease})


def _method(data: Data, categories: int) -> str:
    entrants, reviewers = data.count.shape
    return (
        f"cumulative probit with crossed random effects and group means (entrants {entrants}, reviewers {reviewers}, "
        f"groups {len(data.groups)}, sheets {int(data.sheets.sum())}, categories in use {categories}); thresholds and "
        "variances by marginal likelihood (Laplace's method), scores are posterior modes with the curvature there, "
        "their errors are given thresholds and variances"
    )
