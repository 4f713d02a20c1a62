"""The restricted likelihood at given shares of the variance, its slope and its average information."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy.linalg import cholesky
from scipy.linalg.lapack import dpotri

from simsa.engine.calibration.arrays import Floats
from simsa.engine.calibration.equations import EntrantsKept, ReviewersKept
from simsa.engine.calibration.statistics import Data


@dataclass(frozen=True)
class Point:
    """The fit at given shares of the variance (entrant, reviewer, residual), in standardised units.

    `v`: for both factors, sums of residuals per level (times `ratio` the predicted effects); `squares`: residual sum of
    squares plus penalties; `information`, `root`, `inverse`: of the kept factor's equations.
    """

    shares: Floats
    criterion: float
    system: ReviewersKept | EntrantsKept
    v: tuple[Floats, Floats]
    mean: Floats
    squares: float
    information: Floats
    root: Floats
    inverse: Floats

    @property
    def ratio(self) -> Floats:
        return np.asarray(self.shares[:2] / self.shares[2])

    @property
    def effect(self) -> tuple[Floats, Floats]:
        return self.ratio[0] * self.v[0], self.ratio[1] * self.v[1]

    @property
    def variance(self) -> float:
        """Of the residual."""
        return self.system.data.scale(self.squares)


def evaluate(data: Data, shares: Floats) -> Point:
    ratio = shares[:2] / shares[2]
    kind = ReviewersKept if data.count.shape[1] <= data.count.shape[0] else EntrantsKept
    system = kind(data, float(ratio[kind.gone]))
    information = system.information()
    root = cholesky(np.eye(len(information)) + ratio[kind.kept] * information, lower=True)
    inverse = _inverse(root)
    kept = inverse @ system.right()
    mean, gone = system.rest(ratio[kind.kept] * kept)
    v = (kept, gone) if kind.kept == 0 else (gone, kept)
    squares = _squares(data, (ratio[0] * v[0], ratio[1] * v[1]), mean) + float(ratio @ [v[0] @ v[0], v[1] @ v[1]])
    criterion = _criterion(data, system.log_determinant + 2 * float(np.sum(np.log(np.diag(root)))), squares)
    return Point(shares, criterion, system, v, mean, squares, information, root, inverse)


def _inverse(root: Floats) -> Floats:
    lower, _ = dpotri(root, lower=1)
    return np.asarray(np.tril(lower) + np.tril(lower, -1).T)


def _squares(data: Data, effect: tuple[Floats, Floats], mean: Floats) -> float:
    """Sum of squared residuals, as a sum of squares: nothing cancels."""
    level = mean[data.group] + effect[0]
    residual = data.mean - level[data.row] - effect[1][data.count.indices]
    return data.within + float(data.count.data @ residual**2)


def _criterion(data: Data, log_determinant: float, squares: float) -> float:
    """-2 restricted log-likelihood in the unit of the scores, at the best scale unless the residual is held."""
    if data.freedom == 0:
        return log_determinant
    variance = data.scale(squares)
    if variance == 0:
        return -math.inf
    spread = math.log(2 * math.pi * variance) + 2 * math.log(data.unit)
    return log_determinant + data.freedom * spread + squares / variance


@dataclass(frozen=True)
class Slope:
    """First and second derivatives of the profiled criterion in the three shares.

    The criterion depends on the shares' proportions only, so `slope` and `curvature` vanish along the shares
    themselves. `curvature` is the average information; `size` (3,) bounds the terms it is the difference of, and so
    tells curvature from rounding.
    """

    slope: Floats
    curvature: Floats
    size: Floats


def derivatives(data: Data, point: Point) -> Slope:
    ratio, residual, s2 = point.ratio, point.shares[2], point.variance
    trace, average = _traces(point), _average_information(point)
    squares = np.array([point.v[0] @ point.v[0], point.v[1] @ point.v[1]])
    slope = (trace - squares / s2) / residual
    curvature = average / s2
    if data.held is None:
        # The scale is profiled out, which takes the part of the information along it away.
        curvature -= np.outer(squares, squares) / (s2**2 * data.freedom)
    curvature /= residual**2
    across = -ratio @ curvature
    size = np.sqrt(np.append(np.maximum(np.diag(average), 0) / s2, data.freedom)) / residual
    size = np.maximum(size, 1e-12 * size.max())
    return Slope(
        np.append(slope, -ratio @ slope),
        np.block([[curvature, across[:, None]], [across, np.array(-across @ ratio)]]),
        size,
    )


def _traces(point: Point) -> Floats:
    """Traces of U'PU for both factors, P in the metric of the full covariance over the residual variance."""
    system = point.system
    coupling, alone = system.coupling()
    result = np.empty(2)
    result[system.kept] = np.sum(point.inverse * point.information)
    result[system.gone] = alone - point.ratio[system.kept] * np.sum(point.inverse * coupling)
    return result


def _average_information(point: Point) -> Floats:
    """v'U'PUv for both factors and between them."""
    kept, gone, ratio = point.system.kept, point.system.gone, point.ratio[point.system.kept]
    towards, alone = point.system.towards(point.v[gone])
    solved = point.inverse @ point.v[kept]
    result = np.empty((2, 2))
    result[kept, kept] = solved @ point.information @ point.v[kept]
    result[kept, gone] = result[gone, kept] = towards @ solved
    result[gone, gone] = alone - ratio * (towards @ point.inverse @ towards)
    return result
