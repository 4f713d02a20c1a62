"""How much better the selection is expected to be with the reviews of a batch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import cho_factor, cho_solve

from simsa.engine.calibration import Calibration
from simsa.engine.simulation import normal

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

    `doubt` (entries,); `told` (entries,): information that the new sheets of each entry bring together. Every draw of
    the true scores, with noise, is what the reviews might say; the scores that would follow from it choose anew. The
    gain is what they say of their own choice over what they say of today's, which is never negative.
    """
    places = sum(min(field.places, len(field.members)) for field in fields)
    contested = np.sort(np.argsort(-doubt, kind="stable")[: min(MOST, int((doubt > 0).sum()))])
    asked = np.flatnonzero(told[contested] > 0)
    if not places or not len(asked):
        return 0.0, 0.0
    mean, covariance = calibration.score[contested], calibration.covariance(contested)
    noise = 1 / told[contested][asked]
    weight = cho_solve(cho_factor(covariance[np.ix_(asked, asked)] + np.diag(noise)), covariance[asked])
    drawn = calibration.draws(draws, seed, contested)[:, asked] - mean[asked]
    said = drawn + np.sqrt(noise) * normal(str(seed), "review", drawn.size).reshape(drawn.shape)
    after = mean + said @ weight
    gains = np.zeros(draws)
    for field in fields:
        columns = np.flatnonzero(np.isin(contested, field.members))
        sure = np.setdiff1d(field.members, contested)
        free = field.places - _sure_winners(calibration.score, field, sure)
        if 0 < free < len(columns):
            gains += _best(after[:, columns], free) - after[:, columns[np.argsort(-mean[columns], kind="stable")]][
                :, :free
            ].sum(axis=1)
    return float(gains.mean() / places), float(gains.std() / np.sqrt(draws) / places)


def _sure_winners(score: Floats, field: Field, sure: Integers) -> int:
    """How many places go to those about whom there is no doubt, by their scores."""
    best = field.members[np.argsort(-score[field.members], kind="stable")[: field.places]]
    return int(np.isin(best, sure).sum())


def _best(scores: Floats, places: int) -> Floats:
    """The sum of the `places` greatest of each row."""
    return np.asarray(np.partition(scores, scores.shape[1] - places, axis=1)[:, -places:].sum(axis=1))
