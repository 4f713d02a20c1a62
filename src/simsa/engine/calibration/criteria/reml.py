"""Restricted maximum likelihood of the six variances: exact slopes and average-information Newton steps."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.optimize import lsq_linear

from simsa.engine.calibration.arrays import Floats, Integers, root_of
from simsa.engine.calibration.criteria.marks import Marks
from simsa.engine.calibration.crossed import Equations

_STEPS = 300
_HALVINGS = 30
_ROUNDING = 1e-10  # of the curvature


class Point:
    """The fit at given variances (2, 3): along the total and specific, of entrants, reviewers and sheets."""

    def __init__(self, marks: Marks, variance: Floats) -> None:
        self.marks, self.variance = marks, variance
        along, alone = variance[:, 2]
        self._length = alone + (along - alone) * marks.share  # the variance along the total of a sheet's marks
        self._pull = (along - alone) / self._length
        seen = np.where(marks.seen, marks.axis, 0.0)
        inverse = -self._pull[:, None, None] * seen[:, :, None] * seen[:, None, :]
        inner = np.arange(len(marks.axis))
        inverse[:, inner, inner] += marks.seen
        roots = [root_of(float(total), float(specific), marks.axis) for total, specific in variance[:, :2].T]
        self.equations = Equations(marks.crossing, inverse / alone, (roots[0], roots[1]))
        effects, self.fixed = self.equations.solve(self.weighted(marks.value))
        self.effects = effects
        residual = np.where(marks.seen, marks.value - marks.crossing.fitted(effects, self.fixed), 0.0)
        self.projected = self.weighted(residual)  # P y
        determinant = float(np.sum((marks.count - 1) * math.log(alone) + np.log(self._length)))
        squares = float(np.sum(self.projected * marks.value))
        constant = marks.freedom * math.log(2 * math.pi) + marks.jacobian
        self.criterion = determinant + self.equations.log_determinant + squares + constant

    def weighted(self, values: Floats) -> Floats:
        """Values of the sheets times their precision."""
        marks = self.marks
        along = (values @ marks.axis * self._pull)[:, None] * marks.axis
        return np.asarray(np.where(marks.seen, values - along, 0.0) / self.variance[1, 2])

    def project(self, values: Floats) -> Floats:
        """P times values."""
        effects, fixed = self.equations.solve(self.weighted(values))
        rest = values - self.marks.crossing.fitted(effects, fixed)
        return self.weighted(np.where(self.marks.seen, rest, 0.0))

    @cached_property
    def traces(self) -> Floats:
        """Traces of P times each pattern, (2, 3)."""
        marks, result = self.marks, np.zeros((2, 3))
        for part in (0, 1):
            whole, result[0, part] = self.equations.information(part, marks.axis)
            result[1, part] = whole - result[0, part]
        result[0, 2] = self._trace_along()
        # P times the covariance has the trace of a projection.
        known = float(np.sum(result * self.variance))
        result[1, 2] = (marks.freedom - known) / self.variance[1, 2]
        return result

    def _trace_along(self) -> float:
        """Of P times the pattern of the sheets along the total."""
        spread = self.equations.fitted_variances(np.where(self.marks.seen, self.marks.axis, 0.0))
        return float(np.sum(self.marks.share / self._length - spread / self._length**2))

    def slope(self) -> Floats:
        """Of the criterion in the six variances, (2, 3)."""
        patterns = self.marks.patterns(self.projected)
        return np.asarray(self.traces - np.einsum("kfpc,pc->kf", patterns, self.projected))

    def average_information(self) -> Floats:
        """(6, 6)."""
        patterns = self.marks.patterns(self.projected).reshape(6, *self.marks.value.shape)
        return np.array([[np.sum(one * other) for other in patterns] for one in map(self.project, patterns)])


@dataclass(frozen=True)
class Fit:
    """`least` (2, 3): where a variance is held."""

    point: Point
    least: Floats
    iterations: int
    converged: bool
    decrease: float


def minimise(marks: Marks, start: Floats, least: Floats, flat: Floats, progress: Callable[[int, float], None]) -> Fit:
    """Newton steps from `start` (2, 3) over the variances of at least `least`; those that start at zero stay there.

    `flat` (6, k): directions along which the criterion is known not to change.
    """
    free = np.flatnonzero(start.ravel() > 0)
    point, decrease, lowest, iteration = Point(marks, start), math.inf, math.inf, 0
    while iteration < _STEPS:
        step, decrease = _newton(point, free, least, flat)
        visible = 1e-11 * (abs(point.criterion) + marks.freedom)
        # Near the least variances rounding keeps the promised decrease from falling further.
        if decrease <= min(1e-12 * marks.freedom, 1e-10) or lowest / 2 < decrease <= visible:
            break
        lowest = min(lowest, decrease)
        better = _search(point, step, decrease, least)
        if better is None:
            # No step is seen to lead off the bounds, where slopes hold the most rounding: the rest is judged alone.
            inside = free[(point.variance > least).ravel()[free]]
            if len(inside) in (0, len(free)):
                break
            free, lowest = inside, math.inf
            continue
        point, iteration = better, iteration + 1
        progress(iteration, point.criterion)
    size = abs(point.criterion) + marks.freedom
    return Fit(point, least, iteration, bool(decrease <= 1e-9 * size), decrease)


def _newton(point: Point, free: Integers, least: Floats, flat: Floats) -> tuple[Floats, float]:
    """The least of the quadratic model within the bounds, as a step, and by how much the model falls there."""
    slope = point.slope().ravel()[free]
    curvature = point.average_information()[np.ix_(free, free)]
    bent = np.diag(curvature)
    length = np.sqrt(np.maximum(bent, max(_ROUNDING * bent.max(), 1e-100)))
    span = np.linalg.qr(flat[free] * length[:, None])[0]
    onto = np.eye(len(free)) - span @ span.T
    slope = onto @ (slope / length)
    values, vectors = np.linalg.eigh(onto @ (curvature / np.outer(length, length)) @ onto)
    root = np.sqrt(np.maximum(values, _ROUNDING))[:, None] * vectors.T
    goal = -(vectors.T @ slope) / np.sqrt(np.maximum(values, _ROUNDING))
    room = ((least - point.variance).ravel()[free] * length, np.inf)
    found = lsq_linear(root, goal, bounds=room, method="bvls")
    step = np.zeros(point.variance.size)
    step[free] = found.x / length
    decrease = -float(slope @ found.x + np.sum((root @ found.x) ** 2) / 2)
    return step.reshape(point.variance.shape), decrease


def _search(point: Point, step: Floats, decrease: float, least: Floats) -> Point | None:
    rounding = 1e-13 * (abs(point.criterion) + point.marks.freedom)
    for halving in range(_HALVINGS):
        trial = Point(point.marks, np.maximum(point.variance + step / 2**halving, least))
        fallen = point.criterion - trial.criterion
        if fallen >= 1e-4 * decrease / 2**halving - rounding:
            return trial if fallen > rounding or halving == 0 else None
    return None
