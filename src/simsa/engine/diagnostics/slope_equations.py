"""The normal equations of reviewers' slopes, entries and reviewers eliminated, and two ways to use them.

Both say the same: slopes by least squares, what the sheets tell of them given how much they vary between reviewers, and
how probable that variance is. `Spectrum` holds the equations whole and diagonalises them. `Probed`, for panels that are
too large for that, multiplies with them only: solutions by conjugate gradients, determinants by Lanczos quadrature from
fixed random signs (Ubaru, Chen & Saad, SIAM J. Matrix Anal. 2017, doi:10.1137/16M1104974), errors from the same signs
(Bekas, Kokiopoulou & Saad, Appl. Numer. Math. 2007, doi:10.1016/j.apnum.2007.01.003).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import numpy as np
from scipy.sparse import csr_array, diags_array

from simsa.engine.diagnostics.comparison import DENSE, Comparison
from simsa.engine.diagnostics.conjugate import Krylov, solved
from simsa.engine.diagnostics.discovery import Flags, Floats, Integers

PROBES = 64
"""Random signs from which `Probed` estimates determinants and errors."""
_KEY = 0x510BE
_LEAST = 1e-8  # of the greatest information on a slope: less is none
_TOGETHER = 64


@dataclass(frozen=True, eq=False)
class Equations:
    """`plain` less `across`' (reviewers' equations)⁻¹ `across`, times the slopes of `who`, is `right`.

    `leverage`: about how many sheets each slope rests on.
    """

    comparison: Comparison
    who: Integers
    plain: csr_array
    across: csr_array
    right: Floats
    leverage: Floats
    most: float  # the greatest information that one reviewer's sheets could hold

    @classmethod
    def of(cls, score: Floats, x: Floats, comparison: Comparison) -> Equations | None:
        """None where no reviewer has sheets that differ in x."""
        reviewer, weight = comparison.reviewer, comparison.weight
        number, size = comparison.by_reviewer, comparison.n_reviewers
        mean = np.divide(np.bincount(reviewer, weight * x, size), number, out=np.zeros(size), where=number > 0)
        own = x - mean[reviewer]  # the same slopes, and well conditioned
        square = np.bincount(reviewer, weight * own**2, size)
        who = np.flatnonzero(square > 1e-9 * max(float(square.max(initial=0.0)), 1e-300))
        if len(who) == 0:
            return None
        place = np.full(size, -1)
        place[who] = np.arange(len(who))
        rows = place[reviewer] >= 0
        shape = (comparison.n_entrants, len(who))
        sums = csr_array((weight[rows] * own[rows], (comparison.entrant[rows], place[reviewer[rows]])), shape=shape)
        eliminated = (diags_array(comparison.inverse) @ sums).tocsr()
        plain = csr_array(diags_array(square[who]) - sums.T.tocsr() @ eliminated)
        # The reviewers' own sums of `own` are zero, so that only the entries couple slopes with severities.
        across = csr_array(-(comparison.count.T.tocsr() @ eliminated))
        residual, _ = comparison.fit(score)
        right = np.asarray(np.bincount(reviewer, weight * own * residual, size)[who], np.float64)
        leverage = square[who] ** 2 / np.bincount(reviewer, weight**2 * own**4, size)[who]
        return cls(comparison, who, plain, across, right, leverage, float(square.max()))

    def times(self, v: Floats) -> Floats:
        """Products with the matrix, (k, n)."""
        return np.asarray(self.plain @ v - self.across.T @ self.comparison.solve(self.across @ v))

    def whole(self) -> Floats:
        across = self.across.toarray()
        matrix = self.plain.toarray() - across.T @ self.comparison.solve(across)
        return np.asarray((matrix + matrix.T) / 2)


class Solution(Protocol):
    """What the sheets tell of slopes (k,). `along`: whether of the panel's, too.

    `own_error`: of least squares. `told`: whether the sheets tell a reviewer's slope apart from the panel's. `rank`: of
    the equations. `approximate`: what is not exact, for `Slopes.method`.
    """

    @property
    def approximate(self) -> str: ...
    @property
    def slope(self) -> Floats: ...
    @property
    def own_error(self) -> Floats: ...
    @property
    def told(self) -> Flags: ...
    @property
    def along(self) -> bool: ...
    @property
    def rank(self) -> int: ...

    def sharpened(self, rows: Integers) -> Floats:
        """`own_error` without what is random in it at these positions."""
        ...

    def panel(self, spread: float) -> tuple[float, float]:
        """The panel's slope and its variance, given the variance between reviewers; zeros where it is not told."""
        ...

    def determinant(self, spread: float) -> float:
        """Log determinant of the slopes' covariance, up to a constant."""
        ...

    def misfit(self, spread: float, value: float) -> float:
        """Squares of the slopes about the panel's, over their covariance."""
        ...

    def drawn(self, spread: float) -> tuple[Floats, Floats, Floats]:
        """Given the variance between reviewers: slopes drawn to zero, the share of the panel's slope that is to be
        added, and the variances that are left over `spread`."""
        ...


def solution_of(equations: Equations) -> Solution | None:
    """None where the sheets tell nothing of any slope."""
    if len(equations.who) > DENSE or equations.comparison.n_reviewers > DENSE:
        return Probed(equations) if np.any(equations.plain.diagonal() > _LEAST * equations.most) else None
    values, vectors = np.linalg.eigh(equations.whole())
    told = values > _LEAST * equations.most
    return Spectrum(equations.right, vectors[:, told], values[told]) if told.any() else None


class Spectrum:
    """By eigenvectors `basis` (columns) with eigenvalues `precision`."""

    approximate = ""

    def __init__(self, right: Floats, basis: Floats, precision: Floats) -> None:
        self.basis: Floats = basis
        self.precision: Floats = precision
        self.ones = basis.sum(axis=0)
        self.direct = (basis.T @ right) / precision
        self.slope = basis @ self.direct
        self.own_error: Floats = np.sqrt(np.sum(basis**2 / precision, axis=1))
        self.along = bool(self.ones @ self.ones > 1e-6 * len(right))
        known = np.sum(basis**2, axis=1)
        self.told = known > 1 - 1e-6 if self.along else np.ones(len(right), bool)
        self.rank = len(precision)

    def sharpened(self, rows: Integers) -> Floats:
        return self.own_error

    def panel(self, spread: float) -> tuple[float, float]:
        variance = 1 / self.precision + spread
        information = float(np.sum(self.ones**2 / variance))
        if information <= 1e-12 / float(variance.max()):
            return 0.0, 0.0
        return float(np.sum(self.ones * self.direct / variance)) / information, 1 / information

    def determinant(self, spread: float) -> float:
        return float(np.sum(np.log(1 / self.precision + spread)))

    def misfit(self, spread: float, value: float) -> float:
        return float(np.sum((self.direct - value * self.ones) ** 2 / (1 / self.precision + spread)))

    def drawn(self, spread: float) -> tuple[Floats, Floats, Floats]:
        pull = spread / (1 / self.precision + spread)
        left = 1 - np.sum(self.basis**2 * pull, axis=1)
        return np.asarray(self.basis @ (pull * self.direct)), 1 - self.basis @ (pull * self.ones), left


class Probed:
    """By products alone; `own_error` is a few per cent off, and so are the errors of slopes that are drawn."""

    approximate = (
        f"; conjugate gradients, determinants and errors from {PROBES} fixed random signs, errors of those that may "
        "stand out without"
    )

    def __init__(self, equations: Equations) -> None:
        self.equations, self.size = equations, len(equations.who)
        self.floor = _LEAST * equations.most
        ones = np.ones((self.size, 1))
        moved = np.abs(equations.times(ones)[:, 0])
        part = equations.comparison.part[equations.who]
        # Where all of a part of the panel share a slope it cannot be told from entries and reviewers.
        silent = np.bincount(part, moved) <= 1e3 * self.floor * np.bincount(part)
        self.silent = silent[part]
        self.within, self.part = np.bincount(part), part
        self.along = bool((~self.silent).sum() > 1e-6 * self.size)
        self.slope = self._solved(equations.right[:, None])[:, 0]

    def _solved(self, right: Floats) -> Floats:
        """Least squares; what the sheets do not tell of `right` comes out as large as 1 / `floor`."""
        right = self._centred(right)
        diagonal = self.equations.plain.diagonal() + self.floor
        found = solved(lambda v: self.equations.times(v) + self.floor * v, diagonal, right, 1e-8)
        return self._centred(np.asarray(found))

    def _centred(self, v: Floats) -> Floats:
        """Without the mean of each silent part."""
        total = np.zeros((len(self.within), v.shape[1]))
        np.add.at(total, self.part, v)
        mean = total / np.maximum(self.within, 1)[:, None]
        return np.asarray(np.where(self.silent[:, None], v - mean[self.part], v))

    @cached_property
    def signs(self) -> Floats:
        raw = np.random.Philox(key=_KEY).random_raw((self.size, PROBES))
        return np.asarray(np.where(raw >> np.uint64(63), 1.0, -1.0))

    @cached_property
    def _probed(self) -> Floats:
        return self._solved(self.signs)

    @cached_property
    def untold(self) -> Flags:
        return np.asarray(np.max(np.abs(self._probed), axis=1) > 1e-3 / self.floor)

    @property
    def told(self) -> Flags:
        return ~self.untold & ~self.silent if self.along else np.ones(self.size, bool)

    @property
    def rank(self) -> int:
        return self.size - int(self.untold.sum()) - len(np.unique(self.part[self.silent]))

    @cached_property
    def own_error(self) -> Floats:
        least = 1 / (self.equations.plain.diagonal() + self.floor)
        return np.sqrt(np.maximum(np.mean(self.signs * self._probed, axis=1), least))

    def sharpened(self, rows: Integers) -> Floats:
        error = self.own_error.copy()
        for at in range(0, len(rows), _TOGETHER):
            some = rows[at : at + _TOGETHER]
            unit = np.zeros((self.size, len(some)))
            unit[some, np.arange(len(some))] = 1.0
            error[some] = np.sqrt(self._solved(unit)[some, np.arange(len(some))])
        return error

    @cached_property
    def reach(self) -> float:
        """No variance between reviewers that is looked at is greater."""
        told = self.told if self.told.any() else slice(None)
        return 9 * (float(np.max(self.slope[told] ** 2)) + float(np.max(self.own_error[told] ** 2)))

    @cached_property
    def _pair(self) -> Krylov:
        """From the right-hand side and from ones."""
        start = np.column_stack([self.equations.right, np.ones(self.size)])
        return Krylov.of(self.equations.times, start, self.reach, 1e-8)

    @cached_property
    def _many(self) -> Krylov:
        return Krylov.of(self.equations.times, self.signs, self.reach, 1e-3, np.float32)

    def panel(self, spread: float) -> tuple[float, float]:
        if not self.along:
            return 0.0, 0.0
        information = float(self._pair.forms(lambda a: a / (1 + spread * a))[1])
        value = float(self._pair.applied(lambda a: 1 / (1 + spread * a))[:, 0].sum())
        return value / information, 1 / information

    def determinant(self, spread: float) -> float:
        return float(np.mean(self._many.forms(lambda a: np.log1p(spread * a))))

    def misfit(self, spread: float, value: float) -> float:
        squares = self._pair.forms(lambda a: 1 / (1 + spread * a))[0]
        across = float(self._pair.applied(lambda a: 1 / (1 + spread * a))[:, 0].sum())
        ones = float(self._pair.forms(lambda a: a / (1 + spread * a))[1])
        own = float(self.equations.right @ self.slope) - spread * float(squares)
        return own - 2 * value * across + value**2 * ones

    def drawn(self, spread: float) -> tuple[Floats, Floats, Floats]:
        pulled, rest = self._pair.applied(lambda a: 1 / (1 + spread * a)).T
        left = np.mean(self.signs * self._many.applied(lambda a: 1 / (1 + spread * a)), axis=1)
        return spread * pulled, rest, np.clip(left, 0.0, 1.0)
