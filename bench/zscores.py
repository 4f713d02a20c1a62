"""What z-scores cost and save beside plain means and calibration: points of true quality lost per winner.

A z-score takes each reviewer's own mean and spread off that reviewer's marks, so that all reviewers have the same mean
and spread afterwards. Four simulated kinds of round, all of 243 entrants in the groups and quotas of the reference
programme, 5 sheets each:

- balanced: 33 reviewers with random entrants of the whole round each (see `bench.selection`);
- two panels: the entrants of one half of the round are truly 8 points better, and each half has its own reviewers but
  for three who read in both;
- two panels apart: the same, and nobody reads in both;
- few sheets: 405 reviewers with 3 sheets each.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

import numpy as np

from bench.figure import Figure
from bench.selection import EACH, GROUP, REVIEWERS, Floats, Round, lost, simulated
from simsa.engine.calibration import calibrate

ROUNDS = 100
APART = 8.0  # points between the halves of the round
LIGHT = 405  # reviewers, three sheets each


def z_scores(one: Round) -> Floats:
    """Mean z-score of each entrant; a reviewer whose marks are all equal gives zeros."""
    count = np.bincount(one.reviewer)
    mean = np.bincount(one.reviewer, one.score) / np.maximum(count, 1)
    rest = one.score - mean[one.reviewer]
    spread = np.sqrt(np.bincount(one.reviewer, rest**2) / np.maximum(count - 1, 1))[one.reviewer]
    z = np.divide(rest, spread, out=np.zeros_like(rest), where=spread > 0)
    return np.bincount(one.entrant, z) / np.bincount(one.entrant)


def plain(one: Round) -> Floats:
    return np.bincount(one.entrant, one.score) / np.bincount(one.entrant)


def calibrated(one: Round) -> Floats:
    n_reviewers = int(one.reviewer.max()) + 1
    sheets = (one.score, one.entrant, one.reviewer)
    return calibrate(*sheets, n_entrants=len(GROUP), n_reviewers=n_reviewers, group=GROUP, reviewers="own").score


def balanced(seed: int) -> Round:
    return simulated(seed, erratic=0.1, scale_sd=0.25, stretched=True)


def drawn(seed: int, reviewer: np.ndarray, quality: Floats) -> Round:
    """Sheets of reviewers (243, 5), with severities and noise as in the reference programme and no own scale."""
    random = np.random.default_rng(10_000 + seed)
    j, i = reviewer.ravel(), np.repeat(np.arange(len(GROUP)), EACH)
    score = 70 + quality[i] - random.normal(0, 4, int(j.max()) + 1)[j] + random.normal(0, 8, len(i))
    return Round(score, i, j, quality)


def two_panels(seed: int, shared: int) -> Round:
    """`shared` reviewers read in both."""
    random = np.random.default_rng(20_000 + seed)
    better = random.random(len(GROUP)) < 0.5
    half = (REVIEWERS - shared) // 2
    both = np.arange(2 * half, 2 * half + shared)
    own = [np.concatenate([np.arange(half), both]), np.concatenate([np.arange(half, 2 * half), both])]
    chosen = np.array([random.choice(own[int(b)], EACH, replace=False) for b in better])
    return drawn(seed, chosen, random.normal(0, 8.3, len(GROUP)) + APART * better)


def few_sheets(seed: int) -> Round:
    """Shuffled until nobody has an entrant twice."""
    random = np.random.default_rng(30_000 + seed)
    seats = np.repeat(np.arange(LIGHT), len(GROUP) * EACH // LIGHT)
    chosen = random.permutation(seats).reshape(len(GROUP), EACH)
    while (twice := np.flatnonzero([len(set(row)) < EACH for row in chosen.tolist()])).size:
        rows = np.append(twice, random.choice(len(GROUP), 5))
        rows = np.unique(rows)
        chosen[rows] = random.permutation(chosen[rows].ravel()).reshape(len(rows), EACH)
    return drawn(seed, chosen, random.normal(0, 8.3, len(GROUP)))


def figures() -> Iterator[Figure]:
    kinds: dict[str, Callable[[int], Round]] = {
        "balanced": balanced,
        "two panels": partial(two_panels, shared=3),
        "two panels apart": partial(two_panels, shared=0),
        "few sheets": few_sheets,
    }
    for name, make in kinds.items():
        rounds = [make(seed) for seed in range(ROUNDS)]
        mean, z, own = (float(np.mean([lost(r, score(r)) for r in rounds])) for score in (plain, z_scores, calibrated))
        how = f"{ROUNDS} simulated rounds of 243 entrants, 7 winners, 5 sheets each"
        for scored, value in (("z-scores", z), ("calibrated scores", own)):
            yield Figure(f"regret of {scored}, {name}", value, "points per winner", how, "plain means", value / mean)
