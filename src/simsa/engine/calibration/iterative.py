"""The mixed-model equations of large panels: never formed, solved by conjugate gradients.

The kept factor's equations are S = I + ratio K'PK, as in `equations`, where K indicates the kept factor and P is the
inverse covariance without it, less the group means. Products with S cost no more than two passes over the pairs, and S
is far from singular, so that few steps of preconditioned conjugate gradients solve it (Hestenes and Stiefel, 1952).
Traces come from a fixed set of random signs (Hutchinson, 1990), and the determinant from the same solutions, whose
coefficients are those of Lanczos' method (Ubaru, Chen and Saad, SIAM J. Matrix Anal. 2017, doi:10.1137/16M1104974). The
signs are the same at every point, so that the criterion is a smooth function of the variances. The same coefficients
give the inverse root of S times a vector, and so draws from the posterior (Chow and Saad, SIAM J. Sci. Comput. 2014,
doi:10.1137/130920587), from which the errors are estimated.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.linalg import cho_solve, cholesky, eigh_tridiagonal, solve_triangular
from scipy.sparse import csr_array, diags_array, eye_array

from simsa.engine.calibration.arrays import Floats, Sparse, scaled_rows
from simsa.engine.calibration.posterior import Posterior
from simsa.engine.calibration.statistics import Data

PROBES = 32
"""Random signs from which traces and determinants are estimated."""
DRAWS = 256
"""Draws from which errors are estimated: these are about 4 % off, and less where a level's own part counts most."""
_EXACT, _ROUGH = 1e-10, 1e-4  # of a right side, left over when a solution, or a draw, ends
_TOGETHER = 64  # draws at a time
_STEPS = 1000
_KEY = 0x51A5A


class Iterated:
    """The equations with the larger factor and the group means eliminated, at a given ratio of its variance.

    `kept`: 0 for entrants, 1 for reviewers. All products take vectors (kept,) or several at once (kept, k).
    """

    def __init__(self, data: Data, ratio: float) -> None:
        self.data, self.ratio = data, ratio
        self.kept = kept = self.smaller(data)
        self.gone = 1 - kept
        by_group = (data.members @ data.count).tocsr()  # groups x reviewers
        own = (data.members @ diags_array(data.sheets)).tocsr()  # groups x entrants
        self.cross: Sparse = data.count if kept else data.transposed  # gone x kept
        self.back: Sparse = data.transposed if kept else data.count
        self.n_kept, self.n_gone = (data.sheets_by, data.sheets) if kept else (data.sheets, data.sheets_by)
        self.y_kept, self.y_gone = (data.sums_by, data.sums) if kept else (data.sums, data.sums_by)
        groups_kept, self.groups_gone = (by_group, own) if kept else (own, by_group)
        self.weight = 1 / (1 + ratio * self.n_gone)
        self.own = ratio * self.weight
        eliminated = (self.groups_gone @ diags_array(self.own)).tocsr()
        self.by_group: Sparse = csr_array(groups_kept - eliminated @ self.cross)  # X'H⁻¹K
        sheets = np.asarray(own.sum(axis=1), np.float64).ravel()
        self.root = cholesky(np.diag(sheets) - (eliminated @ self.groups_gone.T).toarray(), lower=True)
        self.log_determinant = float(np.sum(np.log1p(ratio * self.n_gone)) + 2 * np.sum(np.log(np.diag(self.root))))

    @staticmethod
    def smaller(data: Data) -> int:
        return 1 if data.count.shape[1] <= data.count.shape[0] else 0

    def means_of(self, by_group: Floats) -> Floats:
        """(X'H⁻¹X)⁻¹ times sums by group."""
        return np.asarray(cho_solve((self.root, True), by_group))

    def information(self, v: Floats) -> Floats:
        """K'PK v."""
        plain = _times(self.n_kept, v) - self.back @ _times(self.own, self.cross @ v)
        return np.asarray(plain - self.by_group.T @ self.means_of(self.by_group @ v))

    def across(self, v: Floats) -> Floats:
        """U'PK v, where U indicates the eliminated factor."""
        means = self.means_of(self.by_group @ v)
        return _times(self.weight, self.cross @ v - self.groups_gone.T @ means)

    def towards(self, v: Floats) -> tuple[Floats, float]:
        """K'PU v and v'U'PU v."""
        weighted = self.weight * v
        by_group = self.groups_gone @ weighted
        own = float(self.n_gone @ (weighted * v)) - float(by_group @ self.means_of(by_group))
        return np.asarray(self.back @ weighted - self.by_group.T @ self.means_of(by_group)), own

    @cached_property
    def trace_alone(self) -> float:
        """The trace of U'PU."""
        squares = (self.groups_gone @ diags_array(self.weight**2) @ self.groups_gone.T).toarray()
        return float(self.weight @ self.n_gone) - float(np.trace(self.means_of(squares)))

    def right(self, y_kept: Floats, y_gone: Floats, y_group: Floats) -> tuple[Floats, Floats]:
        """K'Py and X'H⁻¹y, from the sums of scores by kept and eliminated level and by group."""
        eliminated = _times(self.own, y_gone)
        by_group = y_group - self.groups_gone @ eliminated
        return np.asarray(y_kept - self.back @ eliminated - self.by_group.T @ self.means_of(by_group)), by_group

    def rest(self, effect: Floats, y_gone: Floats, by_group: Floats) -> tuple[Floats, Floats]:
        """Group means, and the residual sums of the eliminated levels, given kept effects and X'H⁻¹y."""
        means = self.means_of(by_group - self.by_group @ effect)
        return means, _times(self.weight, y_gone - self.cross @ effect - self.groups_gone.T @ means)

    @property
    def diagonal(self) -> Floats:
        """Of K'H⁻¹K: what the group means take off is left out."""
        return np.asarray(self.n_kept - self.back.power(2) @ self.own)


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
    """S = I + ratio K'PK, solved by conjugate gradients with its diagonal as preconditioner. It is a `Kept`."""

    system: Iterated
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
        return self._steps(np.sqrt(self.scale)[:, None] * self.signs)

    def trace(self, product: Floats) -> float:
        """The trace of S⁻¹ F, from F times `probes`."""
        return float(np.sum(self.probed.x * product)) / PROBES

    @cached_property
    def probes(self) -> Floats:
        """What F is to be multiplied with for `trace`."""
        return np.asarray(self.signs / np.sqrt(self.scale)[:, None])

    @property
    def log_determinant(self) -> float:
        if not self.ratio:
            return 0.0
        first = [vectors[0] ** 2 @ np.log(values) for values, vectors in map(_spectrum, *_columns(self.probed))]
        return float(np.sum(np.log(self.scale))) + self.size * float(np.mean(first))

    def drawn(self, deviates: Floats) -> Floats:
        """Draws of the kept effects, with covariance ratio S⁻¹, from standard normal deviates; (draws, kept)."""
        parts = [self._rooted(deviates[at : at + _TOGETHER].T) for at in range(0, len(deviates), _TOGETHER)]
        return np.asarray(np.sqrt(self.ratio) * np.concatenate(parts, axis=1).T)

    def covariance(self, slope: Floats) -> Floats:
        common = self.ratio * slope @ self.solve(np.ascontiguousarray(slope.T))
        return np.asarray((common + common.T) / 2)

    def posterior(self, sigma: float) -> Posterior:
        """The joint posterior of the scores."""
        system, data = self.system, self.system.data
        shift = csr_array(system.means_of(system.by_group.toarray()))
        spread = csr_array(solve_triangular(system.root, np.eye(len(system.root)), lower=True).T)
        if system.kept:
            direct, load, own = scaled_rows(system.cross, -system.own), system.weight, system.own
        else:
            direct, load, own = (
                eye_array(self.size, format="csr"),
                np.ones(self.size),
                np.zeros(self.size),
            )
        return Posterior(data.entrants, data.group, self, direct, load, shift, spread, own, sigma)

    def variances(self) -> tuple[Floats, Floats, Floats]:
        """Of the scores, the group means and the severities, over sigma squared: from `DRAWS` draws."""
        system, data = self.system, self.system.data
        kept, gone = np.zeros(self.size), np.zeros(len(system.n_gone))
        mean, score = np.zeros(len(data.groups)), np.zeros(len(data.entrants))
        shift = system.means_of(system.by_group.toarray())
        spread = solve_triangular(system.root, np.eye(len(system.root)), lower=True).T
        stream = np.random.Philox(key=_KEY + 1)
        for _ in range(0, DRAWS, _TOGETHER):
            # Random signs do for variances; given kept effects and means, an eliminated effect has a part of its own.
            signs = np.where(stream.random_raw((self.size + len(mean), _TOGETHER)) >> np.uint64(63), 1.0, -1.0)
            x = np.sqrt(self.ratio) * self._rooted(signs[: self.size])
            means = spread @ signs[self.size :] - shift @ x
            moved = -system.own[:, None] * (system.cross @ x + system.groups_gone.T @ means)
            level = means[data.group] + (moved if system.kept else x)
            for total, part in ((kept, x), (gone, moved), (mean, means), (score, level)):
                total += np.einsum("ij,ij->i", part, part) / DRAWS
        own = system.own
        return score + (own if system.kept else 0), mean, kept if system.kept else gone + own

    def _rooted(self, deviates: Floats) -> Floats:
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


def _times(factor: Floats, values: Floats) -> Floats:
    """Rows of one or several vectors, each times its factor."""
    return np.asarray(factor * values if values.ndim == 1 else factor[:, None] * values)
