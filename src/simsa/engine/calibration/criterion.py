"""The restricted likelihood at given shares of the variance, its slope and its average information."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from dataclasses import dataclass

import numpy as np
from scipy.linalg import cholesky

from simsa.engine.calibration.arrays import Floats, inverse_of, squares_of
from simsa.engine.calibration.equations import EntrantsKept, ReviewersKept
from simsa.engine.calibration.iterative import Iterated
from simsa.engine.calibration.posterior import Posterior
from simsa.engine.calibration.solver import Solver
from simsa.engine.calibration.statistics import Data

FORMED = 2000
"""Up to this size of the smaller factor its equations are formed and factorised; beyond, they are solved by steps."""


@dataclass(frozen=True)
class Point(ABC):
    """The fit at given shares of the variance (entrant, reviewer, residual), in standardised units.

    `v`: for both factors, sums of residuals per level (times `ratio` the predicted effects); `squares`: residual sum of
    squares plus penalties.
    """

    data: Data
    shares: Floats
    criterion: float
    v: tuple[Floats, Floats]
    mean: Floats
    squares: float

    @property
    def ratio(self) -> Floats:
        return np.asarray(self.shares[:2] / self.shares[2])

    @property
    def effect(self) -> tuple[Floats, Floats]:
        return self.ratio[0] * self.v[0], self.ratio[1] * self.v[1]

    @property
    def variance(self) -> float:
        """Of the residual."""
        return self.data.scale(self.squares)

    @property
    @abstractmethod
    def kept(self) -> int:
        """The factor that is not eliminated: 0 entrants, 1 reviewers."""

    @property
    @abstractmethod
    def blur(self) -> float:
        """How far differences of the criterion may be off, besides rounding."""

    @abstractmethod
    def traces(self) -> Floats:
        """Traces of U'PU for both factors, P in the metric of the full covariance over the residual variance."""

    @abstractmethod
    def average_information(self) -> Floats:
        """v'U'PUv for both factors and between them."""

    @abstractmethod
    def errors(self, sigma: float) -> tuple[Posterior, Floats, Floats, Floats]:
        """The joint posterior; the variances of the scores, of the group means and of the severities."""


@dataclass(frozen=True)
class FormedPoint(Point):
    """`information`, `root`, `inverse`: of the kept factor's equations."""

    system: ReviewersKept | EntrantsKept
    information: Floats
    root: Floats
    inverse: Floats

    @property
    def kept(self) -> int:
        return self.system.kept

    @property
    def blur(self) -> float:
        return 0.0

    def traces(self) -> Floats:
        system = self.system
        coupling, alone = system.coupling()
        result = np.empty(2)
        result[system.kept] = np.sum(self.inverse * self.information)
        result[system.gone] = alone - self.ratio[system.kept] * np.sum(self.inverse * coupling)
        return result

    def average_information(self) -> Floats:
        kept, gone, ratio = self.system.kept, self.system.gone, self.ratio[self.system.kept]
        towards, alone = self.system.towards(self.v[gone])
        solved = self.inverse @ self.v[kept]
        result = np.empty((2, 2))
        result[kept, kept] = solved @ self.information @ self.v[kept]
        result[kept, gone] = result[gone, kept] = towards @ solved
        result[gone, gone] = alone - ratio * (towards @ self.inverse @ towards)
        return result

    def errors(self, sigma: float) -> tuple[Posterior, Floats, Floats, Floats]:
        ratio = float(self.ratio[self.kept])
        kept = ratio * self.inverse
        posterior = self.system.posterior(self.root, ratio, sigma)
        return posterior, *posterior.variances(kept), self.system.severity_variances(posterior, kept)


@dataclass(frozen=True)
class IteratedPoint(Point):
    """The kept factor's equations are never formed: see `iterative`."""

    system: Iterated
    solver: Solver

    @property
    def kept(self) -> int:
        return self.system.kept

    @property
    def blur(self) -> float:
        return _BLUR

    def traces(self) -> Floats:
        system, solver = self.system, self.solver
        probes, ratio = solver.probes, solver.ratio
        result = np.empty(2)
        result[system.kept] = solver.trace(system.information(probes))
        across = system.across(probes)
        coupled = system.back @ (system.weight[:, None] * across)
        coupled -= system.by_group.T @ system.means_of(system.groups_gone @ (system.weight[:, None] * across))
        result[system.gone] = system.trace_alone - ratio * solver.trace(coupled)
        return result

    def average_information(self) -> Floats:
        system, solver = self.system, self.solver
        kept, gone = system.kept, system.gone
        towards, alone = system.towards(self.v[gone])
        both = solver.solve(np.column_stack([self.v[kept], towards]))
        result = np.empty((2, 2))
        result[kept, kept] = both[:, 0] @ system.information(self.v[kept])
        result[kept, gone] = result[gone, kept] = towards @ both[:, 0]
        result[gone, gone] = alone - solver.ratio * (towards @ both[:, 1])
        return result

    def errors(self, sigma: float) -> tuple[Posterior, Floats, Floats, Floats]:
        posterior = self.system.posterior(self.solver, sigma)
        score, mean, severity = (sigma**2 * one for one in self.system.variances(posterior, self.solver))
        return posterior, score, mean, severity


_BLUR = 0.02  # the determinant is estimated, and its slope from the same signs is not quite that of the estimate


def evaluate(data: Data, shares: Floats) -> Point:
    """The fit at these shares."""
    return _formed(data, shares) if min(data.count.shape) <= FORMED else _iterated(data, shares)


def _formed(data: Data, shares: Floats) -> FormedPoint:
    ratio = shares[:2] / shares[2]
    kind = ReviewersKept if data.count.shape[1] <= data.count.shape[0] else EntrantsKept
    system = kind(data, float(ratio[kind.gone]))
    information = system.information()
    root = cholesky(np.eye(len(information)) + ratio[kind.kept] * information, lower=True)
    inverse = inverse_of(root)
    kept = inverse @ system.right()
    mean, gone = system.rest(ratio[kind.kept] * kept)
    v = (kept, gone) if kind.kept == 0 else (gone, kept)
    squares = _squares(data, (ratio[0] * v[0], ratio[1] * v[1]), mean) + float(ratio @ [v[0] @ v[0], v[1] @ v[1]])
    criterion = _criterion(data, system.log_determinant + 2 * float(np.sum(np.log(np.diag(root)))), squares)
    return FormedPoint(data, shares, criterion, v, mean, squares, system, information, root, inverse)


def _iterated(data: Data, shares: Floats) -> IteratedPoint:
    ratio = shares[:2] / shares[2]
    keeps = Iterated.smaller(data)
    system = Iterated(data, float(ratio[1 - keeps]))
    solver = Solver(system, float(ratio[keeps]))
    right, by_group = system.right(system.y_kept, system.y_gone, np.asarray(data.members @ data.sums))
    kept = solver.solve(right)
    mean, gone = system.rest(ratio[keeps] * kept, system.y_gone, by_group)
    v = (kept, gone) if keeps == 0 else (gone, kept)
    squares = _squares(data, (ratio[0] * v[0], ratio[1] * v[1]), mean) + float(ratio @ [v[0] @ v[0], v[1] @ v[1]])
    criterion = _criterion(data, system.log_determinant + solver.log_determinant, squares)
    return IteratedPoint(data, shares, criterion, v, mean, squares, system, solver)


def _squares(data: Data, effect: tuple[Floats, Floats], mean: Floats) -> float:
    """Sum of squared residuals, as a sum of squares: nothing cancels."""
    return data.within + squares_of(data.count, data.mean, mean[data.group] + effect[0], effect[1])


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
    trace, average = point.traces(), point.average_information()
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
