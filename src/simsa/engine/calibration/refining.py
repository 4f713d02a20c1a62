"""Corrections of calibrated scores in floating point: the equations of `rounded` for any right side.

Qualities and group means are eliminated, both diagonal; levels are solved for densely, or by conjugate gradients where
there are many. Nothing has to be exact here: a correction is only as good as its residual shows afterwards.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import LinAlgError, cho_factor, cho_solve
from scipy.sparse import csr_array
from scipy.sparse.linalg import LinearOperator, cg

from simsa.engine.calibration.arrays import Floats, Integers, Sparse, gram_of

_DENSE = 1000  # levels
_ENOUGH = 1e-10  # of a right side, left over by the conjugate gradients
_KEPT = 61  # bits of a correction


class Solver:
    """A**-1 times integers, as integers.

    `row`, `column` (n,): entrant and reviewer of each sheet; `group` of each entrant; `weight`, `scale` of each
    reviewer; `quality`, `level`: variances over that of the residual, zero for a term that is left out.
    """

    def __init__(
        self,
        row: Integers,
        column: Integers,
        group: Integers,
        weight: Floats,
        scale: Floats,
        quality: float,
        level: float,
    ) -> None:
        self.group, self.level = group, level
        self.sizes = int(group.max()) + 1, len(group), len(weight)
        shape = (len(group), len(weight))
        flat = weight[column]
        own = flat * scale[column]
        information = np.bincount(row, own * scale[column], len(group))
        self.given = np.asarray(quality / (1 + quality * information), np.float64)
        self.slope: Sparse = csr_array((own, (row, column)), shape=shape)
        self.pull = self.given * np.bincount(row, own, len(group))
        rest = csr_array((flat - own * self.pull[row], (row, column)), shape=shape)
        ones = csr_array((np.ones(len(group)), (group, np.arange(len(group)))), shape=(self.sizes[0], len(group)))
        self.by_group: Sparse = (ones @ rest).tocsr()
        self.by_group.sort_indices()
        self.means = np.asarray(self.by_group @ np.ones(len(weight)), np.float64)
        self.diagonal = np.bincount(column, flat, len(weight)) + (1 / level if level else np.inf)
        self.root = self._factor() if level and len(weight) <= _DENSE else None

    def _factor(self) -> tuple[Floats, bool] | None:
        eliminated = gram_of(self.slope, self.given) + gram_of(self.by_group, 1 / self.means)
        try:
            root, lower = cho_factor(np.diag(self.diagonal) - eliminated)
        except LinAlgError:  # not positive definite by rounding: conjugate gradients get as far as they can
            return None
        return root, bool(lower)

    def _product(self, level: Floats) -> Floats:
        of_quality = self.slope.T @ (self.given * (self.slope @ level))
        of_mean = self.by_group.T @ ((self.by_group @ level) / self.means)
        return np.asarray(self.diagonal * level - of_quality - of_mean)

    def solve(self, right: tuple[NDArray[Any], NDArray[Any], NDArray[Any]]) -> list[NDArray[Any]]:
        """For means, qualities and levels, of which the latter two are empty where the term is left out."""
        largest = max(abs(int(n)) for part in right if len(part) for n in (part.max(), part.min()))
        shift = max(0, largest.bit_length() - _KEPT)
        floats = [
            (part >> shift).astype(np.float64) if len(part) else np.zeros(size)
            for part, size in zip(right, self.sizes, strict=True)
        ]
        return [shifted(part, shift) for part in self._solve(*floats)]

    def _solve(self, mean: Floats, quality: Floats, level: Floats) -> tuple[Floats, Floats, Floats]:
        weighted = self.given * quality
        of_mean = mean - np.bincount(self.group, self.pull * quality, len(mean))
        found = np.zeros(len(level))
        if self.level:
            found = self._levels(level - self.slope.T @ weighted - self.by_group.T @ (of_mean / self.means))
        means = (of_mean - self.by_group @ found) / self.means
        return means, weighted - self.pull * means[self.group] - self.given * (self.slope @ found), found

    def _levels(self, right: Floats) -> Floats:
        if self.root is not None:
            return np.asarray(cho_solve(self.root, right))
        shape = (len(right), len(right))
        product, scaled = (
            LinearOperator(shape, matvec=one, dtype=np.float64) for one in (self._product, lambda v: v / self.diagonal)
        )
        return np.asarray(cg(product, right, rtol=_ENOUGH, maxiter=1000, M=scaled)[0])


def shifted(values: Floats, shift: int) -> NDArray[Any]:
    """Whole numbers near values x 2**shift."""
    largest = float(np.abs(values).max(initial=0.0))
    if largest == 0:
        return np.zeros(len(values), object)
    kept = _KEPT - int(np.frexp(largest)[1])
    whole = np.rint(np.ldexp(values, kept)).astype(np.int64).astype(object)
    return np.asarray(whole << (shift - kept) if shift >= kept else whole >> (kept - shift))
