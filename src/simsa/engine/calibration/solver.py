"""Equations that are never formed: solved, and their traces, determinant and root found, by conjugate gradients.

The kept effects' equations are S = I + ratio F. Products with F cost no more than two passes over the pairs, and S is
far from singular, so that few steps of preconditioned conjugate gradients solve it (Hestenes and Stiefel, 1952).
Traces come from a fixed set of random signs (Hutchinson, 1990), and the determinant from the same solutions, whose
coefficients are those of Lanczos' method (Ubaru, Chen and Saad, SIAM J. Matrix Anal. 2017, doi:10.1137/16M1104974). The
signs are the same at every point, so that the criterion is a smooth function of the variances. The same coefficients
give the inverse root of S times a vector, and so draws from the posterior (Chow and Saad, SIAM J. Sci. Comput. 2014,
doi:10.1137/130920587), from which the errors are estimated.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import numpy as np
from scipy.linalg import eigh_tridiagonal

from simsa.engine.calibration.arrays import Floats
from simsa.engine.calibration.posterior import Posterior

PROBES = 32
"""Random signs from which traces and determinants are estimated."""
DRAWS = 256
"""Draws from which errors are estimated: these are about 4 % off, and less where a level's own part counts most."""
_EXACT, _PROBED, _ROUGH = 1e-10, 1e-6, 1e-4  # of a right side, left over when a solution, a sign, or a draw, ends
_TOGETHER = 64  # draws at a time
_STEPS = 1000
_KEY = 0x51A5A


class Information(Protocol):
    """F, symmetric and not negative."""

    @property
    def diagonal(self) -> Floats:
        """Its diagonal, or about that."""
        ...

    def information(self, v: Floats) -> Floats:
        """F v, for one vector (kept,) or several (kept, k)."""
        ...


@dataclass(frozen=True)
class Solved:
    """Solutions of S x = b, column by column.

    `alphas`, `betas` (steps, k): the coefficients, 0 where a column had ended. `residuals`: of each step, if kept.
    """

    x: Floats
    alphas: Floats
    betas: Floats
    residuals: tuple[Floats, ...] = ()


@dataclass(frozen=True)
class Solver:
    """S = I + ratio F, solved by conjugate gradients with its diagonal as preconditioner. It is a `Kept`."""

    system: Information
    ratio: float

    @cached_property
    def scale(self) -> Floats:
        """The preconditioner's diagonal."""
        return 1 + self.ratio * self.system.diagonal

    @property
    def size(self) -> int:
        return len(self.scale)

    def times(self, v: Floats) -> Floats:
        return v + self.ratio * self.system.information(v)

    def solve(self, b: Floats) -> Floats:
        """S⁻¹ b, for one right side (kept,) or several (kept, k)."""
        return self._steps(b.reshape(len(b), -1)).x.reshape(b.shape) if self.ratio else b.copy()

    @cached_property
    def signs(self) -> Floats:
        """Random signs, (kept, PROBES): the same at every point."""
        raw = np.random.Philox(key=_KEY).random_raw((self.size, PROBES))
        return np.where(raw >> np.uint64(63), 1.0, -1.0)

    @cached_property
    def probed(self) -> Solved:
        """Solutions for the signs in the preconditioner's metric."""
        return self._steps(np.sqrt(self.scale)[:, None] * self.signs, _PROBED)

    def trace(self, product: Floats) -> float:
        """The trace of S⁻¹ F, from F times `probes`."""
        return float(np.sum(self.probed.x * product)) / PROBES

    @cached_property
    def probes(self) -> Floats:
        """What F is to be multiplied with for `trace`."""
        return np.asarray(self.signs / np.sqrt(self.scale)[:, None])

    @property
    def inverse_diagonal(self) -> Floats:
        """About the diagonal of S⁻¹: one over that of S, made larger until the trace is right."""
        alone = 1 / self.scale
        return alone * (self.trace(self.probes) / float(alone.sum()))

    @property
    def log_determinant(self) -> float:
        if not self.ratio:
            return 0.0
        first = [vectors[0] ** 2 @ np.log(values) for values, vectors in map(_spectrum, *_columns(self.probed))]
        return float(np.sum(np.log(self.scale))) + self.size * float(np.mean(first))

    def drawn(self, deviates: Floats) -> Floats:
        """Draws of the kept effects, with covariance ratio S⁻¹, from standard normal deviates; (draws, kept)."""
        parts = [self.rooted(deviates[at : at + _TOGETHER].T) for at in range(0, len(deviates), _TOGETHER)]
        return np.asarray(np.sqrt(self.ratio) * np.concatenate(parts, axis=1).T)

    def covariance(self, slope: Floats) -> Floats:
        common = self.ratio * slope @ self.solve(np.ascontiguousarray(slope.T))
        return np.asarray((common + common.T) / 2)

    def rooted(self, deviates: Floats) -> Floats:
        """The inverse root of S times vectors, (kept, k): their covariance is S⁻¹ where that of the deviates is I."""
        if not self.ratio:
            return deviates.copy()
        root = np.sqrt(self.scale)[:, None]
        solved = self._steps(root * deviates, _ROUGH, keep=True)
        weight = np.zeros((len(solved.residuals), deviates.shape[1]))
        for column, (diagonal, beside) in enumerate(zip(*_columns(solved), strict=True)):
            values, vectors = _spectrum(diagonal, beside)
            weight[: len(values), column] = vectors @ (vectors[0] / np.sqrt(values))
        weight[1::2] *= -1  # residuals are Lanczos' vectors with signs in turn
        length = np.sqrt(np.einsum("ij,ij->j", deviates, deviates))
        found = np.zeros_like(deviates)
        for residual, part in zip(solved.residuals, weight, strict=True):
            norm = np.sqrt(np.einsum("ij,ij->j", residual / root**2, residual))
            found += residual * np.divide(part * length, norm, out=np.zeros_like(norm), where=norm > 0)
        return np.asarray(found / root**2)

    def _steps(self, b: Floats, tolerance: float = _EXACT, *, keep: bool = False) -> Solved:
        """Conjugate gradients on all columns at once; `keep` the residuals."""
        inverse = 1 / self.scale[:, None]
        x, r = np.zeros_like(b), b.copy()
        z = inverse * r
        p, rho = z.copy(), np.einsum("ij,ij->j", r, z)
        enough = tolerance**2 * np.maximum(rho, np.finfo(float).tiny)
        alphas, betas, residuals = [], [], []
        for _ in range(_STEPS):
            if keep:
                residuals.append(r.copy())
            q, going = self.times(p), rho > enough
            alpha = np.divide(rho, np.einsum("ij,ij->j", p, q), out=np.zeros_like(rho), where=going)
            x += alpha * p
            r -= alpha * q
            z = inverse * r
            after = np.einsum("ij,ij->j", r, z)
            beta = np.divide(after, rho, out=np.zeros_like(rho), where=going)
            alphas.append(alpha)
            betas.append(beta)
            rho = after
            if not (rho > enough).any():
                break
            p = z + beta * p
        return Solved(x, np.array(alphas), np.array(betas), tuple(residuals))


def drawn_variances(
    posterior: Posterior, solver: Solver, also: Callable[[Floats, Floats], Floats]
) -> tuple[Floats, Floats, Floats]:
    """Variances of the scores and of the group means, over sigma squared, from `DRAWS` draws; and those of
    also(kept effects, scores but for what each has of its own), both (levels, draws)."""
    groups, size = posterior.spread.shape[0], solver.size
    score, mean, other = np.zeros(len(posterior.group)), np.zeros(groups), 0.0
    load, stream = posterior.load[:, None], np.random.Philox(key=_KEY + 1)
    for _ in range(0, DRAWS, _TOGETHER):
        # Random signs do for variances.
        signs = np.where(stream.random_raw((size + groups, _TOGETHER)) >> np.uint64(63), 1.0, -1.0)
        x = np.sqrt(solver.ratio) * solver.rooted(signs[:size])
        means = posterior.spread @ signs[size:] - posterior.shift @ x
        level = load * means[posterior.group] + posterior.direct @ x
        score += np.einsum("ij,ij->i", level, level) / DRAWS
        mean += np.einsum("ij,ij->i", means, means) / DRAWS
        of_other = also(x, level)
        other = other + np.einsum("ij,ij->i", of_other, of_other) / DRAWS
    return score + posterior.own, mean, np.asarray(other)


def _columns(solved: Solved) -> tuple[list[Floats], list[Floats]]:
    """Of each column, the diagonal of Lanczos' tridiagonal matrix and what stands beside it."""
    diagonals, besides = [], []
    for alpha, beta in zip(solved.alphas.T, solved.betas.T, strict=True):
        steps = max(int(np.count_nonzero(alpha)), 1)
        own, between = alpha[:steps], beta[: steps - 1]
        diagonal = 1 / np.where(own, own, 1.0)
        diagonal[1:] += between / own[:-1]
        diagonals.append(diagonal)
        besides.append(np.sqrt(between) / own[:-1])
    return diagonals, besides


def _spectrum(diagonal: Floats, beside: Floats) -> tuple[Floats, Floats]:
    """Eigenvalues, none below nothing by rounding, and eigenvectors of a tridiagonal matrix."""
    values, vectors = eigh_tridiagonal(diagonal, beside)
    return np.maximum(values, np.finfo(np.float64).tiny), np.asarray(vectors, np.float64)
