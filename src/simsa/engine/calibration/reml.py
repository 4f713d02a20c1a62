"""Restricted maximum likelihood: average-information Newton steps over the shares of the variance components."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from scipy.optimize import brentq, nnls

from simsa.engine.calibration.arrays import Floats
from simsa.engine.calibration.criterion import Point, Slope, derivatives, evaluate
from simsa.engine.calibration.design import Design
from simsa.engine.calibration.statistics import Data

_LEAST_SHARE = 1e-8  # of the residual in the sum of the components, during the search
_STEPS = 200
_NEAR = 1e-4  # of what the criterion may be off: a smaller gain is none
_SMALL, _FEW = 64, 2_000  # levels of the smaller factor and pairs: several minima are likeliest, a grid is cheap


@dataclass(frozen=True)
class Fit:
    point: Point
    iterations: int
    converged: bool
    decrease: float


def minimise(data: Data, design: Design, progress: Callable[[int, float], None]) -> Fit:
    """The best fit over the starts, moved to the middle of the confounded directions if there are any.

    Where that leaves no residual, its variance is held at the least one and the other two are estimated again.
    """
    fits = [_descend(data, design, start, progress) for start in _starts(data, design)]
    least = min(fit.point.criterion for fit in fits)
    rounding = 0.0 if math.isinf(least) else 1e-13 * (abs(least) + data.freedom)
    # Of fits that are equal but for rounding, the one that has come closest.
    best = min((fit for fit in fits if fit.point.criterion <= least + rounding), key=lambda fit: fit.decrease)
    if design.confounded.shape[1] > 0:
        best = replace(best, point=evaluate(data, _centred(best.point.shares, design)))
    if best.point.variance >= data.least_residual:
        return best
    held = replace(data, held=data.least_residual)
    plain = replace(design, confounded=np.zeros((3, 0)))
    again = _descend(held, plain, best.point.shares, progress)
    return replace(again, iterations=best.iterations + again.iterations)


def _starts(data: Data, design: Design) -> list[Floats]:
    """Shares from the method of moments; where it is cheap also the best of a grid."""
    moments = np.array([data.sums @ data.sums, data.sums_by @ data.sums_by, data.total])
    rows = np.flatnonzero(design.estimable)
    length = np.sqrt(np.diag(design.gram)[rows])
    scaled = design.gram[np.ix_(rows, rows)] / np.outer(length, length)
    solution, _ = nnls(scaled, moments[rows] / length / data.total)
    shares = np.zeros(3)
    shares[rows] = solution / length
    shares = np.where(design.estimable, np.maximum(shares / shares.sum(), 0.02), 0.0)
    starts = [shares / shares.sum()]
    if min(data.count.shape) <= _SMALL and data.count.nnz <= _FEW:
        axes = [(0.0, 0.03, 0.3, 3.0, 30.0, 1e3, 1e5) if free else (0.0,) for free in design.estimable[:2]]
        grid = [np.array([*ratio, 1.0]) / (1 + sum(ratio)) for ratio in itertools.product(*axes)]
        starts.append(min(grid, key=lambda shares: evaluate(data, shares).criterion))
    return starts


def _descend(data: Data, design: Design, start: Floats, progress: Callable[[int, float], None]) -> Fit:
    """Newton steps with average information on the triangle of shares, halved until the criterion falls."""
    point, decrease, least, iteration = evaluate(data, start), math.inf, math.inf, 0
    while iteration < _STEPS:
        slope = _convex(derivatives(data, point), point.shares, design.confounded)
        target, decrease = _newton(point.shares, slope, design)
        visible = 1e-11 * (abs(point.criterion) + data.freedom) + _NEAR * point.blur
        if data.held is None and point.shares[2] == target[2] == _LEAST_SHARE:
            break  # no residual: the fit that holds it takes over
        # Near the least residual rounding keeps the promised decrease from falling further.
        if decrease <= min(1e-12 * data.freedom, 1e-10) or least / 2 < decrease <= visible:
            break
        least = min(least, decrease)
        better = _search(data, point, target, decrease)
        if better is None:
            break
        point, iteration = better, iteration + 1
        progress(iteration, point.criterion)
    # What is left to gain may be below what the criterion's own rounding lets one see.
    return Fit(point, iteration, decrease <= 1e-9 * (abs(point.criterion) + data.freedom) + point.blur, decrease)


def _convex(at: Slope, shares: Floats, confounded: Floats) -> Slope:
    """The same without the rounding along confounded directions, where the criterion is known to be flat, and with as
    much curvature added as rounding may have taken off (felt only where the residual share is near its least).
    """
    flat = (confounded - np.outer(shares, confounded.sum(axis=0))) * at.size[:, None]
    span, values, _ = np.linalg.svd(flat, full_matrices=False)
    span = span[:, values > 1e-12 * values.max(initial=1e-300)]
    onto = (np.eye(3) - span @ span.T) / np.outer(at.size, 1 / at.size)
    return Slope(at.slope @ onto, onto.T @ at.curvature @ onto + np.diag(_ROUNDING * at.size**2), at.size)


_ROUNDING = 1e-10  # of the curvature, relative to the terms it is the difference of


def _search(data: Data, point: Point, target: Floats, decrease: float) -> Point | None:
    rounding = 1e-13 * (abs(point.criterion) + data.freedom) + point.blur
    for halving in range(50):
        shares = target if halving == 0 else point.shares + (target - point.shares) / 2**halving
        trial = evaluate(data, shares)
        if trial.criterion <= point.criterion - 1e-4 * decrease / 2**halving + rounding:
            return trial
    return None


def _newton(shares: Floats, at: Slope, design: Design) -> tuple[Floats, float]:
    """Minimum of the quadratic model over the triangle of shares, and by how much the model falls there.

    The triangle has seven faces (itself, edges, corners), each given by the shares that are held at their least; the
    minimum of a convex quadratic is the least of those on each face that lie in the triangle.
    """
    forced = {part for part in (0, 1) if not design.estimable[part]}
    best, least = shares, 0.0
    for number in range(len(forced), 3):
        for held in itertools.combinations(range(3), number):
            if not forced <= set(held):
                continue
            target = _on_face(shares, at, list(held))
            if (target < _LEAST).any():
                continue
            step = target - shares
            change = float(at.slope @ step + step @ at.curvature @ step / 2)
            if change < least:
                best, least = target, change
    return best, -least


_LEAST = np.array([0.0, 0.0, _LEAST_SHARE])


def _on_face(shares: Floats, at: Slope, held: list[int]) -> Floats:
    free = [part for part in range(3) if part not in held]
    # The largest share makes up for the others: its curvature is the smallest, so nothing is lost in differences.
    pivot = free.pop(int(np.argmax(shares[free])))
    target = shares.copy()
    target[held] = _LEAST[held]
    target[pivot] = 1 - target[held].sum() - target[free].sum()
    if free:
        basis = np.eye(3)[:, free] - np.eye(3)[:, [pivot]]
        length = np.hypot(at.size[free], at.size[pivot])
        curvature = basis.T @ at.curvature @ basis / np.outer(length, length)
        slope = basis.T @ (at.slope + at.curvature @ (target - shares)) / length
        target[free] -= np.linalg.lstsq(curvature, slope, rcond=1e-14)[0] / length
        target[pivot] = 1 - target[held].sum() - target[free].sum()
    return target


def _centred(shares: Floats, design: Design) -> Floats:
    """The most even point of equal likelihood: it maximises the product of the confounded components' variances."""
    variance, null = shares.copy(), design.confounded
    part = np.abs(null).max(axis=1) > 0
    if null.shape[1] == 2:
        length = np.sqrt(np.diag(design.gram))
        variance[part] = (length @ variance) / length[part] / part.sum()
    else:
        v, x = null[part, 0], variance[part]
        low, high = np.max(-x[v > 0] / v[v > 0]), np.min(x[v < 0] / -v[v < 0])
        if high - low > 1e-12:
            margin = 1e-9 * (high - low)
            variance[part] = x + v * brentq(lambda t: float(np.sum(v / (x + t * v))), low + margin, high - margin)
    return np.asarray(variance / variance.sum())
