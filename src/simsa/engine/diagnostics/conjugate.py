"""Conjugate gradients for several right-hand sides at once (Hestenes & Stiefel, 1952), and Lanczos' relation.

The matrix is known by its products alone, `times` of (n, k).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.linalg import eigh_tridiagonal

from simsa.engine.diagnostics.discovery import Floats

Times = Callable[[Floats], Floats]
_STEPS = 2000


def solved(times: Times, diagonal: Floats, right: Floats, tolerance: float = 1e-10) -> Floats:
    """Solutions (n, k) for right-hand sides (n, k) that have one; `diagonal` (n,): of the matrix or near it."""
    inverse = 1 / np.where(diagonal > 0, diagonal, 1.0)[:, None]
    x, r = np.zeros_like(right), right.copy()
    z = inverse * r
    p, rho = z, _dots(r, z)
    enough = tolerance**2 * rho
    for _ in range(_STEPS):
        going = rho > enough
        if not going.any():
            break
        q = times(p)
        alpha = np.divide(rho, _dots(p, q), out=np.zeros_like(rho), where=going)
        x += alpha * p
        r -= alpha * q
        z = inverse * r
        after = _dots(r, z)
        p = z + np.divide(after, rho, out=np.zeros_like(rho), where=going) * p
        rho = np.where(going, after, 0.0)
    return x


@dataclass(frozen=True, eq=False)
class Krylov:
    """A symmetric matrix A of at least no eigenvalue below zero, seen from some vectors: functions of A times these.

    `values`, `vectors`: of each vector's tridiagonal matrix; `basis` (steps, n, k), `length` (k,).
    """

    values: list[Floats]
    vectors: list[Floats]
    basis: Floats
    length: Floats

    @classmethod
    def of(cls, times: Times, start: Floats, most: float, tolerance: float = 1e-5, dtype: type = np.float64) -> Krylov:
        """From vectors (n, k), until (I + `most` A) is solved to `tolerance`, and so with less of A."""
        length = np.sqrt(_dots(start, start))
        q, before, beta = (
            np.divide(start, length, out=np.zeros_like(start), where=length > 0),
            np.zeros_like(start),
            np.zeros(start.shape[1]),
        )
        basis: list[Floats] = []
        alphas: list[Floats] = []
        betas: list[Floats] = []
        for step in range(1, _STEPS):
            basis.append(q.astype(dtype))
            w = times(q) - beta * before
            alpha = _dots(q, w)
            w -= alpha * q
            beta = np.sqrt(_dots(w, w))
            alphas.append(alpha)
            betas.append(beta)
            if step % 8 == 0 and cls._left(alphas, betas, most) < tolerance:
                break
            before, q = q, np.divide(w, beta, out=np.zeros_like(w), where=beta > 0)
        found = [eigh_tridiagonal(a, b[:-1]) for a, b in zip(np.array(alphas).T, np.array(betas).T, strict=True)]
        return cls(
            [np.maximum(np.asarray(values, np.float64), 0.0) for values, _ in found],
            [np.asarray(vectors, np.float64) for _, vectors in found],
            np.array(basis),
            length,
        )

    @staticmethod
    def _left(alphas: list[Floats], betas: list[Floats], most: float) -> float:
        """The greatest residual of (I + most A) x = v, over the length of v."""
        left = []
        for a, b in zip(np.array(alphas).T, np.array(betas).T, strict=True):
            values, vectors = eigh_tridiagonal(a, b[:-1])
            last = vectors[-1] @ (vectors[0] / (1 + most * np.maximum(values, 0.0)))
            left.append(float(most * b[-1] * abs(last)))
        return max(left)

    def applied(self, function: Callable[[Floats], Floats]) -> Floats:
        """f(A) times the vectors, (n, k)."""
        weight = [v @ (v[0] * function(x)) for x, v in zip(self.values, self.vectors, strict=True)]
        return np.asarray(np.einsum("snk,sk->nk", self.basis, np.array(weight).T) * self.length, np.float64)

    def forms(self, function: Callable[[Floats], Floats]) -> Floats:
        """v' f(A) v of each vector, (k,)."""
        found = [v[0] ** 2 @ function(x) for x, v in zip(self.values, self.vectors, strict=True)]
        return np.asarray(self.length**2 * np.array(found))


def _dots(a: Floats, b: Floats) -> Floats:
    return np.asarray(np.einsum("ij,ij->j", a, b))
