"""Which of the six variances the sheets let one estimate, and which they confound."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linprog

from simsa.engine.calibration.arrays import Floats
from simsa.engine.calibration.criteria.marks import Marks
from simsa.engine.calibration.posterior import normal

_NOTHING = 1e-9  # of its length before the means were taken off: a pattern that these take up whole
_SAME = 1e-9  # singular value below which patterns of length one are dependent


@dataclass(frozen=True)
class CriteriaDesign:
    """Identifiability of the variances (2, 3) whatever the marks are.

    `estimable` (2, 3). `confounded` (6, k): directions along which variance moves between components without any change
    of the likelihood.

    A fixed generic vector stands for the covariance patterns: off the means these are linearly dependent as matrices
    just where their products with it are.
    """

    estimable: NDArray[np.bool_]
    confounded: Floats

    @classmethod
    def of(cls, marks: Marks) -> CriteriaDesign:
        raw = np.random.Philox(key=_KEY).random_raw(marks.value.size).reshape(marks.value.shape)
        probe = marks.centred(np.where(marks.seen, normal(raw), 0.0))
        patterns = marks.patterns(probe).reshape(6, *marks.value.shape)
        before = np.sqrt(np.sum(patterns**2, axis=(1, 2)))
        after = np.array([marks.centred(pattern).ravel() for pattern in patterns]).T
        length = np.sqrt(np.sum(after**2, axis=0))
        estimable = length > _NOTHING * np.maximum(before, 1e-300)
        rows = np.flatnonzero(estimable)
        _, values, vectors = np.linalg.svd(np.linalg.qr(after[:, rows] / length[rows], mode="r"))
        values = np.append(values, np.zeros(len(rows) - len(values)))
        null = np.zeros((6, int(np.sum(values < _SAME))))
        vectors[np.abs(vectors) < 1e-6] = 0
        null[rows] = vectors[values < _SAME].T / length[rows, None]
        return cls(estimable.reshape(2, 3), null)

    def centred(self, variance: Floats) -> Floats:
        """The most even point of equal likelihood: it maximises the product of the confounded variances."""
        part = np.flatnonzero(np.abs(self.confounded).max(axis=1, initial=0) > 0)
        if not len(part):
            return variance
        null, flat = self.confounded[part], variance.ravel().copy()
        null = np.linalg.qr(null)[0]
        start = flat[part]
        # From the point whose least variance is greatest, which is inside if any is, by Newton steps.
        room = np.hstack([-null, np.ones((len(part), 1))])
        free = [(None, None)] * null.shape[1] + [(None, float(start.sum()))]
        inside = linprog([*np.zeros(null.shape[1]), -1.0], A_ub=room, b_ub=start, bounds=free).x
        if inside is None or inside[-1] <= 1e-9 * start.sum():
            return variance
        value = start + null @ inside[:-1]
        for _ in range(100):
            step = null @ np.linalg.solve((null / value[:, None] ** 2).T @ null, null.T @ (1 / value))
            size = 1.0
            while (value + size * step <= 0.1 * value).any():
                size /= 2
            value = value + size * step
            if size == 1 and np.abs(step / value).max() < 1e-12:
                break
        flat[part] = value
        return np.asarray(flat.reshape(variance.shape))


_KEY = 20230617  # any number
