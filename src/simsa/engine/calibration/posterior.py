"""The joint posterior of the scores: its variances, its covariances and draws from it."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import solve_triangular
from scipy.special import ndtri

from simsa.engine.calibration.arrays import Floats, Integers, Sparse, quadratic_forms, row_products, row_sums, rows_of


class Kept(Protocol):
    """The kept effects x, whose covariance is C, over sigma squared."""

    @property
    def size(self) -> int:
        """How many there are."""
        ...

    def drawn(self, deviates: Floats) -> Floats:
        """Draws of x from standard normal deviates, both (draws, size)."""
        ...

    def covariance(self, slope: Floats) -> Floats:
        """slope C slope', for a slope (rows, size)."""
        ...


@dataclass(frozen=True)
class Rooted:
    """C = ratio (root root')**-1, with a lower triangular root."""

    root: Floats
    ratio: float

    @property
    def size(self) -> int:
        return len(self.root)

    def drawn(self, deviates: Floats) -> Floats:
        solved = solve_triangular(self.root, deviates.T, lower=True, trans="T")
        return np.asarray(math.sqrt(self.ratio) * solved.T)

    def covariance(self, slope: Floats) -> Floats:
        half = solve_triangular(self.root, slope.T, lower=True)
        return np.asarray(self.ratio * half.T @ half)


@dataclass(frozen=True)
class Posterior:
    """Joint posterior of the scores: group mean plus quality, given the kept effects x and independent remainders.

    score[i] = direct[i] x - load[i] shift[group[i]] x + load[i] (spread e)[group[i]] + own[i]**(1/2) e'[i]
    + sway[i] e'', where e, e', e'' are standard normal, all times `sigma`.
    """

    entrants: Integers
    group: Integers
    kept: Kept
    direct: Sparse
    load: Floats
    shift: Sparse
    spread: Sparse
    own: Floats
    sigma: float
    sway: Sparse | None = None

    def covariance(self, rows: Integers) -> Floats:
        group, load = self.group[rows], self.load[rows, None]
        slope = self.direct[rows].toarray() - load * self.shift[group].toarray()
        remainder = load * self.spread[group].toarray()
        result = self.kept.covariance(slope) + remainder @ remainder.T + np.diag(self.own[rows])
        if self.sway is not None:
            result += (self.sway[rows] @ self.sway[rows].T).toarray()
        return np.asarray(self.sigma**2 * result)

    def variances(self, kept: Floats) -> tuple[Floats, Floats]:
        """Variance of every score and of every group mean; `kept` is the covariance of x over `sigma` squared."""
        own_mean: Floats = np.asarray(self.spread.power(2).sum(axis=1), np.float64).ravel()
        of_mean, score = own_mean.copy(), self.own + self.load**2 * own_mean[self.group]
        if self.sway is not None:
            score += np.asarray(self.sway.power(2).sum(axis=1)).ravel()
        score += quadratic_forms(self.direct, kept)
        cross, groups = np.zeros(len(score)), len(of_mean)
        step = max(1, 2**22 // len(kept))  # groups at a time: each needs a line of the length of x
        for low in range(0, groups, step):
            shift = self.shift[low : low + step]
            moved = np.asarray(shift @ kept)
            of_mean[low : low + step] += row_sums(shift, shift.data * moved[rows_of(shift), shift.indices])
            row_products(self.direct, self.group - low, moved, cross)
        score += self.load**2 * (of_mean - own_mean)[self.group] - 2 * self.load * cross
        return self.sigma**2 * score, self.sigma**2 * of_mean

    def deviations(self, n: int, seed: int, rows: Integers) -> Iterator[tuple[int, Floats]]:
        """Draws minus the mean, in blocks of draws, each with the number of its first draw."""
        streams = [np.random.Philox(key=seed, counter=[0, 0, 0, stream]) for stream in range(4)]
        further = streams.pop()
        group, load = self.group[rows], self.load[rows]
        direct, shift, spread = self.direct[rows].T.tocsc(), self.shift.T.tocsr(), self.spread.T.tocsr()
        swayed = None if self.sway is None else self.sway[rows].T.tocsr()
        sizes = self.kept.size, spread.shape[0], len(self.entrants)
        step = max(1, 2**22 // sum(sizes))
        for start in range(0, n, step):
            count = min(step, n - start)
            raw = [stream.random_raw((count, size)) for stream, size in zip(streams, sizes, strict=True)]
            kept, means, own = normal(raw[0]), normal(raw[1]), normal(raw[2][:, rows])
            x = self.kept.drawn(kept)
            common = np.asarray(means @ spread - x @ shift)[:, group]
            result = x @ direct + load * common + np.sqrt(self.own[rows]) * own
            if swayed is not None:
                result += normal(further.random_raw((count, swayed.shape[0]))) @ swayed
            yield start, self.sigma * result


def normal(raw: NDArray[np.uint64]) -> Floats:
    """Standard normal deviates: 52 bits in the middle of their cell, so that neither 0 nor 1 is ever inverted."""
    return np.asarray(ndtri(((raw >> np.uint64(12)) + 0.5) * 2.0**-52))
