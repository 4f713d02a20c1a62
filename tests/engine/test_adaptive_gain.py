"""The expected gain against a posterior that is really fitted again for every answer that reviewers might give."""

from __future__ import annotations

import numpy as np
import pytest

from simsa.engine.adaptive import gain
from simsa.engine.adaptive.gain import Field, expected_gain
from simsa.engine.adaptive.reviewers import voices
from simsa.engine.calibration import Calibration, calibrate

N, M, PLACES, DRAWS = 40, 10, 3, 10_000
ENTRY = np.repeat(np.arange(N), 2)
REVIEWER = np.array([(n + k * (1 + n // M)) % M for n in range(N) for k in range(2)])


def fitted() -> tuple[Calibration, np.ndarray]:
    random = np.random.default_rng(6)
    quality, severity = random.normal(0, 6, N), random.normal(0, 4, M)
    score = 70 + quality[ENTRY] - severity[REVIEWER] + random.normal(0, 5, len(ENTRY))
    return calibrate(score, ENTRY, REVIEWER, n_entrants=N, n_reviewers=M), score


def refit(found: Calibration, entry: np.ndarray, reviewer: np.ndarray, score: np.ndarray) -> tuple[np.ndarray, ...]:
    """Posterior of (mean, qualities, severities) by dense least squares with the known variances: mean, root of it."""
    rows = len(entry)
    design = np.zeros((rows, 1 + N + M))
    design[:, 0] = 1
    design[np.arange(rows), 1 + entry] = 1
    design[np.arange(rows), 1 + N + reviewer] = -1
    prior = np.diag([0.0] + [1 / found.entrant_variance] * N + [1 / found.reviewer_variance] * M)
    precision = design.T @ design / found.residual_variance + prior
    return np.linalg.solve(precision, design.T @ score / found.residual_variance), precision


def scores(effects: np.ndarray) -> np.ndarray:
    return effects[0] + effects[1 : 1 + N]


def test_the_oracle_is_the_same_posterior() -> None:
    found, score = fitted()
    effects, precision = refit(found, ENTRY, REVIEWER, score)
    to_score = np.hstack([np.ones((N, 1)), np.eye(N), np.zeros((N, M))])
    np.testing.assert_allclose(scores(effects), found.score, atol=1e-6)
    np.testing.assert_allclose(to_score @ np.linalg.inv(precision) @ to_score.T, found.covariance(), atol=1e-5)


def test_the_gain_is_that_of_fitting_again() -> None:
    found, score = fitted()
    effects, precision = refit(found, ENTRY, REVIEWER, score)
    order = np.argsort(-scores(effects))
    today, asked = order[:PLACES], order[: 3 * PLACES]
    random = np.random.default_rng(1)
    root = np.linalg.cholesky(np.linalg.inv(precision))
    truth = effects[:, None] + root @ random.normal(size=(len(effects), DRAWS))
    entry = np.repeat(asked, 2)
    reviewer = np.concatenate([np.setdiff1d(np.arange(M), REVIEWER[n == ENTRY])[n % 3 :][:2] for n in asked])
    noise = random.normal(0, found.residual_variance**0.5, (len(entry), DRAWS))
    answers = truth[0] + truth[1 + entry] - truth[1 + N + reviewer] + noise
    all_scores = np.vstack([np.repeat(score[:, None], DRAWS, axis=1), answers])
    after, _ = refit(found, np.append(ENTRY, entry), np.append(REVIEWER, reviewer), all_scores)
    new = scores(after)
    gains = np.sort(new, axis=0)[-PLACES:].sum(axis=0) - new[today].sum(axis=0)
    expected, error = gains.mean() / PLACES, gains.std() / DRAWS**0.5 / PLACES

    told = voices(found, np.arange(M)).information
    brought = np.bincount(entry, told[reviewer], N)
    ours, our_error = expected_gain(found, [Field(PLACES, np.arange(N))], np.ones(N), brought, draws=DRAWS, seed=5)
    chance = 4 * (error + our_error)
    assert expected > 0.2, "the case must be one in which something is at stake"
    assert 0.9 * expected - chance < ours < expected + chance  # what sheets tell of severities is left out: too little


def test_who_is_in_no_doubt_keeps_a_place_or_has_none() -> None:
    found, _ = fitted()
    order = np.argsort(-found.score)
    doubt = np.ones(N)
    doubt[order[0]] = 0
    told = np.full(N, 1 / 25)
    both = expected_gain(found, [Field(1, np.arange(N))], doubt, told, draws=2000, seed=1)
    assert both == (0.0, 0.0), "the only place is settled"
    two = expected_gain(found, [Field(2, np.arange(N))], doubt, told, draws=2000, seed=1)
    rest = expected_gain(found, [Field(1, np.delete(np.arange(N), order[0]))], doubt, told, draws=2000, seed=1)
    assert two[0] == pytest.approx(rest[0] / 2), "the same contest for the second place, over two places"


def test_nothing_asked_nothing_gained_and_more_asked_more_gained() -> None:
    found, _ = fitted()
    field = [Field(PLACES, np.arange(N))]
    gains = [
        expected_gain(found, field, np.ones(N), np.full(N, told), draws=4000, seed=1)[0] for told in (0, 0.01, 0.1, 10)
    ]
    assert gains[0] == 0
    assert gains == sorted(gains)
    assert gains[1] < gains[3]


def test_of_very_many_entries_the_errors_are_taken_as_independent(monkeypatch: pytest.MonkeyPatch) -> None:
    found, _ = fitted()
    told = np.zeros(N)
    told[:10] = 0.03
    gains = []
    for most in (gain.MOST, 5):
        monkeypatch.setattr(gain, "MOST", most)
        gains.append(expected_gain(found, [Field(PLACES, np.arange(N))], np.ones(N), told, draws=4000, seed=1)[0])
    assert gains[0] < gains[1] < 1.5 * gains[0], "what they have in common moves no place; of 40 entries it is much"


def test_it_does_not_matter_in_how_many_blocks_the_draws_are_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    found, _ = fitted()
    given = (found, [Field(PLACES, np.arange(N))], np.ones(N), np.full(N, 0.03))
    whole = expected_gain(*given, draws=500, seed=1)
    monkeypatch.setattr(gain, "_BLOCK", 7 * N)
    assert expected_gain(*given, draws=500, seed=1) == pytest.approx(whole, rel=1e-12)
