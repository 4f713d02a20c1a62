"""How much better the selection is expected to be with the reviews of a batch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import cholesky, solve_triangular
from scipy.sparse import csr_array

from simsa.engine.calibration import Calibration
from simsa.engine.calibration.posterior import normal

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

MOST = 2000
"""Of more entries in doubt than these the errors of the scores are taken as independent."""
_BLOCK = 2**22  # numbers held at a time: 32 MB


@dataclass(frozen=True)
class Field:
    """The contest of one group: its `places`, and the positions of those who may win one."""

    places: int
    members: Integers


def expected_gain(
    calibration: Calibration, fields: Sequence[Field], doubt: Floats, told: Floats, *, draws: int, seed: int
) -> tuple[float, float]:
    """Points of true quality per place that the next reviews are expected to bring, and the standard error of that.

    `doubt` (entries,); `told` (entries,): information that the new sheets of each entry bring together. What the sheets
    will say is drawn (`seed`: 0 to less than 2**128), and the scores that follow from it choose anew. The gain is what
    they say of their own choice over what they say of today's, which is never negative.
    """
    places = sum(min(field.places, len(field.members)) for field in fields)
    contested = np.flatnonzero(doubt > 0)
    if not places or not (told[contested] > 0).any():
        return 0.0, 0.0
    mean, slope = calibration.score[contested], _slope(calibration, contested, told[contested])
    contests = []
    for field in fields:
        columns = np.flatnonzero(np.isin(contested, field.members))
        free = field.places - _sure_winners(calibration.score, field, contested)
        if 0 < free < len(columns):
            contests.append((columns, free, columns[np.argsort(-mean[columns], kind="stable")[:free]]))
    gains, stream = np.zeros(draws), np.random.Philox(key=seed)
    step = max(1, _BLOCK // len(contested))
    for start in range(0, draws, step):
        count = min(step, draws - start)
        after = mean + normal(stream.random_raw((count, slope.shape[0]))) @ slope
        for columns, free, today in contests:
            better = _best(after[:, columns], free) - after[:, today].sum(axis=1)
            # The same choice, added up in another order, is no loss.
            gains[start : start + count] += np.maximum(better, 0)
    return float(gains.mean() / places), float(gains.std() / np.sqrt(draws) / places)


def _slope(calibration: Calibration, contested: Integers, told: Floats) -> Floats | csr_array:
    """How the scores of `contested` move with standard normal deviates of what the new sheets say, (asked, contested).

    Means of the new sheets have the covariance S + N, N = 1 / told. They move the scores by C (S + N)^-1 of how far
    they are off what was expected: a move whose covariance is C (S + N)^-1 C'.
    """
    asked = np.flatnonzero(told > 0)
    if len(contested) > MOST:
        variance = calibration.standard_error[contested[asked]] ** 2
        spread = variance / np.sqrt(variance + 1 / told[asked])
        return csr_array((spread, (np.arange(len(asked)), asked)), shape=(len(asked), len(contested)))
    covariance = calibration.covariance(contested)
    root = cholesky(covariance[asked][:, asked] + np.diag(1 / told[asked]), lower=True)
    return np.asarray(solve_triangular(root, covariance[asked], lower=True))


def _sure_winners(score: Floats, field: Field, contested: Integers) -> int:
    """How many places go to those about whom there is no doubt, by their scores."""
    best = field.members[np.argsort(-score[field.members], kind="stable")[: field.places]]
    return int((~np.isin(best, contested)).sum())


def _best(scores: Floats, places: int) -> Floats:
    """The sum of the `places` greatest of each row."""
    return np.asarray(np.partition(scores, scores.shape[1] - places, axis=1)[:, -places:].sum(axis=1))
