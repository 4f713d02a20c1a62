"""How much better the selection is expected to be with the reviews of a batch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import cholesky, solve_triangular

from simsa.engine.calibration import Calibration
from simsa.engine.calibration.posterior import normal

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

MOST = 1000
"""So many entries of the greatest doubt are looked at; all others are taken to be where their scores put them."""


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
    contested = np.sort(np.argsort(-doubt, kind="stable")[: min(MOST, int((doubt > 0).sum()))])
    asked = np.flatnonzero(told[contested] > 0)
    if not places or not len(asked):
        return 0.0, 0.0
    mean, covariance = calibration.score[contested], calibration.covariance(contested)
    # Means of the new sheets have the covariance S + N, N = 1 / told; they move the scores by C (S + N)^-1 of how far
    # they are off, which has the covariance C (S + N)^-1 C'.
    root = cholesky(covariance[np.ix_(asked, asked)] + np.diag(1 / told[contested][asked]), lower=True)
    slope = solve_triangular(root, covariance[asked], lower=True)
    deviates = normal(np.random.Philox(key=seed).random_raw((draws, len(asked))))
    after = mean + deviates @ slope
    gains = np.zeros(draws)
    for field in fields:
        columns = np.flatnonzero(np.isin(contested, field.members))
        free = field.places - _sure_winners(calibration.score, field, contested)
        if 0 < free < len(columns):
            today = columns[np.argsort(-mean[columns], kind="stable")[:free]]
            gains += _best(after[:, columns], free) - after[:, today].sum(axis=1)
    return float(gains.mean() / places), float(gains.std() / np.sqrt(draws) / places)


def _sure_winners(score: Floats, field: Field, contested: Integers) -> int:
    """How many places go to those about whom there is no doubt, by their scores."""
    best = field.members[np.argsort(-score[field.members], kind="stable")[: field.places]]
    return int((~np.isin(best, contested)).sum())


def _best(scores: Floats, places: int) -> Floats:
    """The sum of the `places` greatest of each row."""
    return np.asarray(np.partition(scores, scores.shape[1] - places, axis=1)[:, -places:].sum(axis=1))
