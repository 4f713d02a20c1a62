"""Restricted maximum likelihood of the six variances: exact slopes and average-information Newton steps."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.linalg import cholesky, solve_triangular
from scipy.optimize import lsq_linear
from scipy.sparse import coo_array, csr_array

from simsa.engine.calibration.arrays import Floats, Integers, Sparse, quadratic_forms, root_of
from simsa.engine.calibration.criteria.marks import Marks
from simsa.engine.calibration.crossed import Equations

_STEPS = 200


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
        roots = root_of(*variance[:, 0].tolist(), marks.axis), root_of(*variance[:, 1].tolist(), marks.axis)
        self.equations = Equations(marks.crossing, inverse / alone, roots)
        effects, self.fixed = self.equations.solve(self.weighted(marks.value))
        self.effects = effects
        residual = np.where(marks.seen, marks.value - self.equations.fitted(effects, self.fixed), 0.0)
        self.projected = self.weighted(residual)  # P y
        determinant = float(np.sum((marks.count - 1) * math.log(alone) + np.log(self._length)))
        squares = float(np.sum(self.projected * marks.value))
        constant = marks.freedom * math.log(2 * math.pi) + marks.jacobian
        self.criterion = determinant + self.equations.log_determinant + squares + constant
        self.squares = squares

    def weighted(self, values: Floats) -> Floats:
        """Values of the sheets times their precision."""
        marks = self.marks
        along = (values @ marks.axis * self._pull)[:, None] * marks.axis
        return np.asarray(np.where(marks.seen, values - along, 0.0) / self.variance[1, 2])

    def project(self, values: Floats) -> Floats:
        """P times values."""
        effects, fixed = self.equations.solve(self.weighted(values))
        rest = values - self.equations.fitted(effects, fixed)
        return self.weighted(np.where(self.marks.seen, rest, 0.0))

    @cached_property
    def traces(self) -> Floats:
        """Traces of P times each pattern, (2, 3); of a factor without variance NaN."""
        marks, equations = self.marks, self.equations
        result = np.full((2, 3), np.nan)
        for part in (0, 1):
            n, width = equations.crossing.levels[part], len(marks.axis)
            if not self.variance[:, part].any():
                continue
            rows, own = equations.lines(part)
            total = np.sum(equations.variances(*equations.along(rows, own, marks.axis)))
            every = np.sum(equations.variances(rows, own))
            for kind, (levels, spread) in enumerate(((n, total), (n * (width - 1), every - total))):
                if self.variance[kind, part] > 0:
                    result[kind, part] = (levels - spread / self.variance[kind, part]) / self.variance[kind, part]
        result[0, 2] = self._trace_along()
        known = np.where(np.isnan(result), 0.0, result * self.variance)
        result[1, 2] = (marks.freedom - known.sum()) / self.variance[1, 2]
        return result

    def _trace_along(self) -> float:
        """Of P times the pattern of the sheets along the total."""
        marks, equations = self.marks, self.equations
        crossing, n = marks.crossing, len(marks.share)
        weights = np.where(marks.seen, marks.axis, 0.0)
        gone = 1 - crossing.kept
        sheet, block = crossing.column
        at = np.arange(n)
        # The total of what is fitted to a sheet's marks hangs on x directly and through the eliminated level.
        direct = _rows_of(weights[sheet], sheet, block, (n, crossing.size))
        through = _rows_of(weights, at, crossing.level[gone], (n, crossing.levels[gone] * crossing.width))
        rows, own = equations.lines(gone)
        given = np.einsum("pa,pab,pb->p", weights, own[crossing.level[gone]], weights)
        spread = quadratic_forms(csr_array(direct + through @ rows), equations.covariance) + given
        return float(np.sum(marks.share / self._length - spread / self._length**2))

    def slope(self) -> Floats:
        """Of the criterion in the six variances, (2, 3); NaN as in `traces`."""
        patterns = self.marks.patterns(self.projected)
        return np.asarray(self.traces - np.einsum("kfpc,pc->kf", patterns, self.projected))

    def average_information(self) -> Floats:
        """(6, 6)."""
        patterns = self.marks.patterns(self.projected).reshape(6, *self.marks.value.shape)
        return np.array([[np.sum(one * other) for other in patterns] for one in map(self.project, patterns)])


def _rows_of(values: Floats, row: Integers, block: Integers, shape: tuple[int, int]) -> Sparse:
    """A sparse matrix of rows of blocks: `values` (k, width) at these rows and block columns."""
    width = values.shape[1]
    across = np.broadcast_to(row[:, None], values.shape).ravel()
    along = (block[:, None] * width + np.arange(width)).ravel()
    return csr_array(coo_array((values.ravel(), (across, along)), shape=shape))


@dataclass(frozen=True)
class Fit:
    """`least` (2, 3): where a variance is held."""

    point: Point
    least: Floats
    iterations: int
    converged: bool
    decrease: float


def minimise(marks: Marks, start: Floats, least: Floats, progress: Callable[[int, float], None]) -> Fit:
    """Newton steps from `start` (2, 3) over the variances of at least `least`; those that start at zero stay there."""
    free = np.flatnonzero(start.ravel() > 0)
    point, decrease, iteration = Point(marks, np.maximum(start, np.where(start > 0, least, 0.0))), math.inf, 0
    while iteration < _STEPS:
        step, decrease = _newton(point, free, least)
        if decrease <= min(1e-12 * marks.freedom, 1e-10):
            break
        better = _search(point, step, decrease)
        if better is None:
            break
        point, iteration = better, iteration + 1
        progress(iteration, point.criterion)
    size = abs(point.criterion) + marks.freedom
    return Fit(point, least, iteration, decrease <= 1e-9 * size, decrease)


def _newton(point: Point, free: Integers, least: Floats) -> tuple[Floats, float]:
    """The least of the quadratic model within the bounds, as a step, and by how much the model falls there."""
    slope = point.slope().ravel()[free]
    curvature = point.average_information()[np.ix_(free, free)]
    length = np.sqrt(np.maximum(np.diag(curvature), 1e-300))
    scaled = curvature / np.outer(length, length) + _ROUNDING * np.eye(len(free))
    root = cholesky(scaled, lower=True)
    room = ((least - point.variance).ravel()[free] * length, np.inf)
    found = lsq_linear(root.T, -solve_triangular(root, slope / length, lower=True), bounds=room, method="bvls")
    step = np.zeros(point.variance.size)
    step[free] = found.x / length
    decrease = -float(slope / length @ found.x + found.x @ scaled @ found.x / 2)
    return step.reshape(point.variance.shape), decrease


_ROUNDING = 1e-10  # of the curvature, along directions in which the likelihood is flat


def _search(point: Point, step: Floats, decrease: float) -> Point | None:
    rounding = 1e-13 * (abs(point.criterion) + point.marks.freedom)
    for halving in range(50):
        trial = Point(point.marks, point.variance + step / 2**halving)
        if trial.criterion <= point.criterion - 1e-4 * decrease / 2**halving + rounding:
            return trial
    return None
