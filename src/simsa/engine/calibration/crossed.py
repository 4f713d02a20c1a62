"""Mixed-model equations of sheets that hold several numbers, or one of a precision of its own.

Entrants' and reviewers' effects are vectors of `width` numbers, one per criterion, normal with one covariance for all
entrants and one for all reviewers; a block of fixed effects belongs to each group. The larger factor, whose equations
are blocks of that width, is eliminated; the smaller one and the fixed effects are factorised densely (Henderson,
Biometrics 1975, doi:10.2307/2529430). Nothing grows with the square of the sheets.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.linalg import cholesky, solve_triangular
from scipy.sparse import coo_array, csr_array, eye_array, kron

from simsa.engine.calibration.arrays import Floats, Integers, Sparse, gram_of, inverse_of, quadratic_forms
from simsa.engine.calibration.posterior import Posterior
from simsa.engine.calibration.statistics import Data

ENTRANTS, REVIEWERS = 0, 1


@dataclass(frozen=True)
class Pattern:
    """Where the blocks (k, width, width) of a sparse matrix stand; blocks at one place add up."""

    place: Integers
    indices: Integers
    indptr: Integers
    shape: tuple[int, int]

    @classmethod
    def of(cls, rows: Integers, columns: Integers, shape: tuple[int, int], width: int) -> Pattern:
        inner, size = np.arange(width), (shape[0] * width, shape[1] * width)
        across = rows[:, None, None] * width + inner[:, None]
        along = columns[:, None, None] * width + inner
        places, place = np.unique((across * size[1] + along).ravel(), return_inverse=True)
        row, indices = np.divmod(places, max(1, size[1]))
        return cls(place, indices, np.searchsorted(row, np.arange(size[0] + 1)), size)

    def filled(self, values: Floats) -> Sparse:
        data = np.bincount(self.place, values.ravel(), len(self.indices))
        return csr_array((data, self.indices, self.indptr), shape=self.shape)


@dataclass(frozen=True)
class Crossing:
    """Which levels meet on which sheet.

    `level`: of both factors per sheet, among those with sheets; `fixed` (sheets,): block of fixed effects, or -1.
    """

    data: Data
    level: tuple[Integers, Integers]
    fixed: Integers
    fixed_blocks: int
    width: int

    @classmethod
    def of(cls, data: Data, entrant: Integers, reviewer: Integers, fixed: Integers, width: int) -> Crossing:
        """`entrant`, `reviewer` as they were passed; `fixed` (groups,): the block of each group with sheets, or -1."""
        level = np.searchsorted(data.entrants, entrant), np.searchsorted(data.reviewers, reviewer)
        return cls(data, level, fixed[data.group[level[0]]], int(fixed.max()) + 1, width)

    @property
    def levels(self) -> tuple[int, int]:
        return len(self.data.entrants), len(self.data.reviewers)

    @cached_property
    def kept(self) -> int:
        """The factor that is not eliminated."""
        return REVIEWERS if self.levels[1] <= self.levels[0] else ENTRANTS

    @property
    def size(self) -> int:
        """How many equations are factorised: those of the kept factor, and behind them the fixed effects."""
        return (self.levels[self.kept] + self.fixed_blocks) * self.width

    @cached_property
    def sums(self) -> tuple[Sparse, Sparse]:
        """Levels x sheets, ones."""
        n = len(self.fixed)
        rows = [csr_array((np.ones(n), (self.level[f], np.arange(n))), shape=(self.levels[f], n)) for f in (0, 1)]
        return rows[0], rows[1]

    @cached_property
    def column(self) -> tuple[Integers, Integers]:
        """Sheets and blocks of the factorised equations that meet: those of the kept level, then of the fixed block."""
        sheets = np.flatnonzero(self.fixed >= 0)
        blocks = np.concatenate([self.level[self.kept], self.levels[self.kept] + self.fixed[sheets]])
        return np.concatenate([np.arange(len(self.fixed)), sheets]), blocks

    @cached_property
    def meetings(self) -> tuple[Integers, Integers, Integers]:
        """Sheets, and pairs of blocks of the factorised equations that meet on them."""
        sheets = np.flatnonzero(self.fixed >= 0)
        level, fixed = self.level[self.kept], self.levels[self.kept] + self.fixed[sheets]
        row = np.concatenate([level, level[sheets], fixed, fixed])
        column = np.concatenate([level, fixed, level[sheets], fixed])
        return np.concatenate([np.arange(len(level)), sheets, sheets, sheets]), row, column

    @cached_property
    def across(self) -> Pattern:
        """Of the eliminated levels' blocks with those of the factorised equations."""
        sheet, block = self.column
        gone = 1 - self.kept
        return Pattern.of(self.level[gone][sheet], block, (self.levels[gone], self.size // self.width), self.width)

    @cached_property
    def among(self) -> Pattern:
        """Of the blocks of the factorised equations with each other."""
        blocks = self.size // self.width
        return Pattern.of(*self.meetings[1:], (blocks, blocks), self.width)

    @cached_property
    def alone(self) -> tuple[Pattern, Pattern]:
        """Of each eliminated level, and of each block of the factorised equations, with itself."""
        sizes = [np.arange(self.levels[1 - self.kept]), np.arange(self.size // self.width)]
        gone, kept = (Pattern.of(at, at, (len(at), len(at)), self.width) for at in sizes)
        return gone, kept

    def fitted(self, effects: tuple[Floats, Floats], fixed: Floats) -> Floats:
        """What effects (levels, width) and fixed ones (blocks, width) make of each sheet, shape (sheets, width)."""
        padded = np.vstack([fixed, np.zeros((1, self.width))])
        return np.asarray(effects[0][self.level[0]] + effects[1][self.level[1]] + padded[self.fixed])


@dataclass(frozen=True)
class Spread:
    """Covariance of x, the kept effects and the fixed ones: left (root root')**-1 left', with a triangular root."""

    root: Floats
    left: Sparse

    @property
    def size(self) -> int:
        return len(self.root)

    def drawn(self, deviates: Floats) -> Floats:
        return np.asarray((self.left @ solve_triangular(self.root, deviates.T, lower=True, trans="T")).T)

    def covariance(self, slope: Floats) -> Floats:
        half = solve_triangular(self.root, np.asarray(self.left.T @ slope.T), lower=True)
        return np.asarray(half.T @ half)


class Equations:
    """The equations at given precisions of the sheets and covariances of the effects.

    `precision` (sheets, width, width), zero in rows and columns of what a sheet does not hold; `roots`: symmetric
    square roots of the covariances of an entrant's and a reviewer's effects, which may be singular; `tight`: precision
    of the fixed effects about zero.

    - `x` is all that is factorised, `covariance` its own; `log_determinant`: of these equations and of the eliminated
      blocks, with effects in units of their roots.
    """

    def __init__(self, crossing: Crossing, precision: Floats, roots: tuple[Floats, Floats], tight: float = 0.0) -> None:
        self.crossing, self.roots = crossing, roots
        kept, width = crossing.kept, crossing.width
        gone = 1 - kept
        n, m, sheets = crossing.levels[gone], crossing.levels[kept], len(precision)
        self.own = (crossing.sums[gone] @ precision.reshape(sheets, -1)).reshape(n, width, width)
        triangle = np.linalg.cholesky(np.eye(width) + roots[gone] @ self.own @ roots[gone])
        # Of each eliminated level's covariance given all else, which is half' half.
        self.half = np.linalg.solve(triangle, np.broadcast_to(roots[gone], self.own.shape))
        self.given = self.half.transpose(0, 2, 1) @ self.half
        self.across = crossing.across.filled(precision[crossing.column[0]])
        self.scaled = self._levels(self.half) @ self.across
        self.plain = crossing.among.filled(precision[crossing.meetings[0]]).toarray() - gram_of(self.scaled)
        fixed = np.broadcast_to(np.eye(width), (crossing.fixed_blocks, width, width))
        left = np.concatenate([np.broadcast_to(roots[kept], (m, width, width)), fixed])
        self.left = crossing.alone[1].filled(left)
        matrix = np.asarray(self.left @ np.asarray(self.left @ self.plain).T)
        matrix[np.diag_indices(m * width)] += 1
        matrix[np.arange(m * width, len(matrix)), np.arange(m * width, len(matrix))] += tight
        self.root = cholesky(matrix, lower=True)
        eliminated = np.sum(np.log(np.diagonal(triangle, axis1=1, axis2=2)))
        self.log_determinant = 2 * float(eliminated + np.sum(np.log(np.diag(self.root))))

    @cached_property
    def covariance(self) -> Floats:
        return np.asarray(self.left @ np.asarray(self.left @ inverse_of(self.root)).T)

    def _levels(self, blocks: Floats) -> Sparse:
        return self.crossing.alone[0].filled(blocks)

    def solve(self, weighted: Floats) -> tuple[tuple[Floats, Floats], Floats]:
        """Both factors' and the fixed effects, shapes (levels, width) and (fixed blocks, width), from what the sheets
        hold times their precision (sheets, width)."""
        crossing, width = self.crossing, self.crossing.width
        m, (sheet, block) = crossing.levels[crossing.kept], crossing.column
        of_x = np.zeros((crossing.size // width, width))
        np.add.at(of_x, block, weighted[sheet])
        of_gone = np.asarray(crossing.sums[1 - crossing.kept] @ weighted)
        alone = np.einsum("iab,ib->ia", self.half, of_gone)
        right = self.left.T @ (of_x.ravel() - self.scaled.T @ alone.ravel())
        half = solve_triangular(self.root, right, lower=True)
        x = self.left @ solve_triangular(self.root, half, lower=True, trans="T")
        gone = np.einsum("iab,ia->ib", self.half, alone - (self.scaled @ x).reshape(alone.shape))
        blocks = x.reshape(-1, width)
        effects = (gone, blocks[:m]) if crossing.kept == REVIEWERS else (blocks[:m], gone)
        return effects, blocks[m:]

    def lines(self, factor: int) -> tuple[Sparse, Floats]:
        """How the effects of a factor hang on x, rows (levels x width), and each level's covariance given x."""
        crossing, n = self.crossing, self.crossing.levels[factor]
        if factor == crossing.kept:
            rows = csr_array(eye_array(n * crossing.width, crossing.size))
            return rows, np.zeros((n, crossing.width, crossing.width))
        return csr_array(-(self._levels(self.half.transpose(0, 2, 1)) @ self.scaled)), self.given

    def fixed_lines(self, blocks: Integers) -> Sparse:
        """How the fixed effects of these blocks (-1: none) hang on x, rows (blocks x width)."""
        crossing = self.crossing
        there = np.flatnonzero(blocks >= 0)
        at = crossing.levels[crossing.kept] + blocks[there]
        values = np.broadcast_to(np.eye(crossing.width), (len(there), crossing.width, crossing.width))
        shape = len(blocks), crossing.size // crossing.width
        return Pattern.of(there, at, shape, crossing.width).filled(values)

    def scores(self, blocks: Integers) -> tuple[Sparse, Floats]:
        """The same of an entrant's effects and the fixed ones of its group; `blocks` (groups,)."""
        rows, own = self.lines(ENTRANTS)
        return csr_array(rows + self.fixed_lines(blocks[self.crossing.data.group])), own

    def variances(self, rows: Sparse, own: Floats) -> Floats:
        """Posterior variances of what `lines` or `scores` gave, shape (levels, width)."""
        alone = np.diagonal(own, axis1=1, axis2=2)
        return np.maximum(quadratic_forms(rows, self.covariance).reshape(alone.shape) + alone, 0.0)

    def fitted_variances(self, weights: Floats) -> Floats:
        """Posterior variance of a weighted sum of what is fitted to each sheet; `weights` (sheets, width)."""
        crossing, gone = self.crossing, 1 - self.crossing.kept
        sheet, block = crossing.column
        level, sheets = crossing.level[gone], len(weights)
        # It hangs on x directly and through the eliminated level.
        direct = _rows_of(weights[sheet], sheet, block, (sheets, crossing.size))
        columns = crossing.levels[gone] * crossing.width
        through = _rows_of(weights, np.arange(sheets), level, (sheets, columns))
        rows, own = self.lines(gone)
        given = np.einsum("pa,pab,pb->p", weights, own[level], weights)
        return np.asarray(quadratic_forms(csr_array(direct + through @ rows), self.covariance) + given)

    def along(self, rows: Sparse, own: Floats, direction: Floats) -> tuple[Sparse, Floats]:
        """A weighted sum over the width, one row per level, of a width of one; `direction` (width,)."""
        turned = csr_array(kron(eye_array(len(own)), direction[None, :]) @ rows)
        return turned, np.einsum("a,iab,b->i", direction, own, direction)[:, None, None]

    def information(self, factor: int, axis: Floats) -> tuple[float, float]:
        """Traces of Z'PZ over the levels of a factor: of their whole blocks, and along `axis` alone.

        Z are the factor's indicators, P the inverse covariance of the sheets off the fixed effects.
        """
        crossing, width = self.crossing, self.crossing.width
        n = crossing.levels[factor]
        if factor == crossing.kept:
            rows = self.plain[: n * width]
            at = np.arange(n)
            blocks = rows[:, : n * width].reshape(n, width, n, width)[at, :, at, :]
            turned = np.einsum("a,iab->ib", axis, rows.reshape(n, width, -1))
            lost = [float(np.sum(one @ self.covariance * one)) for one in (rows, turned)]
        else:
            root = self.roots[factor]
            # The inverse of 1 + own x covariance; as a difference it would lose digits.
            slope = np.asarray(np.linalg.inv(np.eye(width) + self.own @ root @ root), np.float64)
            blocks, hung = slope @ self.own, csr_array(self._levels(slope) @ self.across)
            along, _ = self.along(hung, blocks, axis)
            lost = [float(quadratic_forms(one, self.covariance).sum()) for one in (hung, along)]
        whole = float(np.trace(blocks, axis1=1, axis2=2).sum())
        return whole - lost[0], float(np.einsum("a,iab,b->", axis, blocks, axis)) - lost[1]

    def posterior(self, rows: Sparse, own: Floats, sigma: float) -> Posterior:
        """Joint posterior of one number per entrant, as `along` gives it."""
        data, groups = self.crossing.data, len(self.crossing.data.groups)
        # The fixed effects are a part of x: nothing of a group's mean is left beside it.
        load, shift, free = np.zeros(len(own)), csr_array((groups, self.crossing.size)), csr_array((groups, 1))
        spread = Spread(self.root, self.left)
        alone = np.maximum(own[:, 0, 0], 0.0)
        return Posterior(data.entrants, data.group, spread, rows, load, shift, free, alone, sigma)


def _rows_of(values: Floats, row: Integers, block: Integers, shape: tuple[int, int]) -> Sparse:
    """A sparse matrix of rows of blocks: `values` (k, width) at these rows and block columns."""
    width = values.shape[1]
    across = np.broadcast_to(row[:, None], values.shape).ravel()
    along = (block[:, None] * width + np.arange(width)).ravel()
    return csr_array(coo_array((values.ravel(), (across, along)), shape=shape))
