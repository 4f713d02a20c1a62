"""Identifiability: which variances the design lets one estimate, and which it confounds."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simsa.engine.calibration.arrays import Floats, gram_of, group_sums, scaled_rows
from simsa.engine.calibration.statistics import Data


@dataclass(frozen=True)
class Design:
    """What the design of the panel lets one estimate, whatever the scores are.

    `estimable` (3,): entrant, reviewer, residual. `gram` (3, 3): inner products of the three covariance patterns off
    the group means; its null vectors (columns of `confounded`) are the directions along which variance can move from
    one component to another without any change of the likelihood. Components in order entrant, reviewer, residual.
    """

    estimable: NDArray[np.bool_]
    gram: Floats
    confounded: Floats

    @classmethod
    def of(cls, data: Data) -> Design:
        lone = bool((np.bincount(data.group) == 1).all())
        alone = bool((np.diff(data.by_group.indptr) == 1).all())
        free = data.freedom > 0
        estimable = np.array([free and not lone, free and not alone, free])
        gram = _pattern_gram(data)
        return cls(estimable, gram, _null_vectors(gram, estimable))


def _pattern_gram(data: Data) -> Floats:
    """Inner products of Q Z Z'Q (entrants), Q Z Z'Q (reviewers) and Q, where Q projects off the group means."""
    n, m, group, by_group = data.sheets, data.sheets_by, data.group, data.by_group
    size = np.asarray(by_group.sum(axis=1)).ravel()
    squares, cubes = np.bincount(group, n**2), np.bincount(group, n**3)
    length = np.asarray(by_group.power(2).sum(axis=1)).ravel()
    gram = np.empty((3, 3))
    gram[0, 0] = np.sum(squares - 2 * cubes / size + (squares / size) ** 2)
    scaled = scaled_rows(by_group, 1 / np.sqrt(size))
    overlap = gram_of(scaled.T.tocsr() if scaled.shape[0] <= scaled.shape[1] else scaled)
    gram[1, 1] = np.sum(m**2) - 2 * np.sum((by_group.power(2) @ m) / size) + np.sum(overlap**2)
    weighted = group_sums(data.members, data.count, n)
    cross = np.asarray(by_group.multiply(weighted).sum(axis=1)).ravel()
    gram[0, 1] = np.sum(data.count.data**2) - 2 * np.sum(cross / size) + np.sum(squares * length / size**2)
    gram[0, 2] = np.sum(n) - np.sum(squares / size)
    gram[1, 2] = np.sum(m) - np.sum(length / size)
    gram[2, 2] = data.freedom
    return np.triu(gram) + np.triu(gram, 1).T


def _null_vectors(gram: Floats, estimable: NDArray[np.bool_]) -> Floats:
    """Columns that span the confounded directions among the estimable components, shape (3, 0 to 2)."""
    rows = np.flatnonzero(estimable)
    length = np.sqrt(np.diag(gram)[rows])
    values, vectors = np.linalg.eigh(gram[np.ix_(rows, rows)] / np.outer(length, length))
    null = np.zeros((3, int(np.sum(values < _CONFOUNDED))))
    null[rows] = vectors[:, values < _CONFOUNDED] / length[:, None]
    null[np.abs(null) < 1e-6 * np.abs(null).max(initial=0)] = 0
    return null


_CONFOUNDED = 1e-10  # squared cosine distance below which covariance patterns count as equal
