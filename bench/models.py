"""What the further models of calibration save where they are made for it, and what they take.

Rounds of the reference programme's size (243 entrants in four groups, 33 reviewers, 5 sheets each) with true qualities:
marks at six criteria of unequal weight of which some are missing, beside totals of what is there; and a scale of five
steps, beside the same steps taken as numbers.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from bench.figure import Figure, cpu_seconds
from bench.selection import EACH, GROUP, REVIEWERS, Round, lost, simulated
from simsa.engine.calibration import calibrate
from simsa.engine.calibration.criteria import calibrate_criteria
from simsa.engine.calibration.ordinal import calibrate_ordinal

ROUNDS, CRITERIA = 60, 6
WEIGHT = np.array([0.3, 0.2, 0.2, 0.1, 0.1, 0.1])
LEVEL = np.array([0.0, 4.0, -3.0, 6.0, -5.0, 2.0])  # of a criterion's marks
SIZES = {"n_entrants": len(GROUP), "n_reviewers": REVIEWERS, "group": GROUP}

Floats = NDArray[np.float64]


def marked(seed: int, missing: float, *, alike: bool) -> tuple[Round, Floats]:
    """A round and its marks: on top of the totals' model, qualities, severities and errors of single criteria.

    These have the same spread at all criteria if `alike`, else less at the heavier ones, as the model takes it.
    """
    one = simulated(seed, erratic=0.0, scale_sd=0.0, stretched=False)
    rng = np.random.default_rng([seed, 1])
    spread = np.ones(CRITERIA) if alike else 1 / np.sqrt(WEIGHT * CRITERIA)
    entrants, reviewers = rng.normal(0, 5, (len(GROUP), CRITERIA)), rng.normal(0, 2, (REVIEWERS, CRITERIA))
    parts = entrants[one.entrant] - reviewers[one.reviewer] + rng.normal(0, 6, (len(one.entrant), CRITERIA))
    marks = one.score[:, None] + LEVEL + spread * parts
    gone = rng.random(marks.shape) < missing
    gone[np.arange(len(gone)), rng.integers(0, CRITERIA, len(gone))] = False
    quality = one.quality + (spread * entrants) @ WEIGHT
    return Round(one.score, one.entrant, one.reviewer, quality), np.where(gone, np.nan, marks)


def error(one: Round, score: Floats) -> float:
    """Root mean square error of the scores about the mean of their group."""
    off = score - one.quality
    return float(np.sqrt(np.mean((off - np.bincount(GROUP, off)[GROUP] / np.bincount(GROUP)[GROUP]) ** 2)))


def with_missing_marks(missing: float, *, alike: bool) -> Iterator[Figure]:
    errors, regrets = np.empty((2, ROUNDS)), np.empty((2, ROUNDS))
    for seed in range(ROUNDS):
        one, marks = marked(seed, missing, alike=alike)
        seen = ~np.isnan(marks)
        totals = np.nansum(marks * WEIGHT, axis=1) / (seen @ WEIGHT)
        plain = calibrate(totals, one.entrant, one.reviewer, **SIZES)
        found = calibrate_criteria(marks, one.entrant, one.reviewer, weight=WEIGHT, **SIZES)
        errors[:, seed] = error(one, plain.score), error(one, found.score)
        regrets[:, seed] = lost(one, plain.score), lost(one, found.score)
    kind = "equal spread of all criteria" if alike else "spread as the model takes it"
    how = f"{ROUNDS} simulated rounds, {CRITERIA} criteria, {missing:.0%} of the marks missing at random, {kind}"
    for name, values, unit in (("error", errors, "points"), ("regret", regrets, "points per winner")):
        totals_mean, mean = values.mean(axis=1)
        title = f"{name} by criteria, {missing:.0%} missing ({kind})"
        yield Figure(title, mean, unit, how, "calibrated totals of what is there", mean / totals_mean)


def on_five_steps(skewed: bool) -> Iterator[Figure]:
    cuts = np.quantile(np.linspace(40, 100, 601), [0.1, 0.2, 0.3, 0.45] if skewed else [0.2, 0.4, 0.6, 0.8])
    order, regrets = np.empty((2, ROUNDS)), np.empty((2, ROUNDS))
    for seed in range(ROUNDS):
        one = simulated(seed, erratic=0.0, scale_sd=0.0, stretched=False)
        step = np.searchsorted(cuts, one.score)
        plain = calibrate(step, one.entrant, one.reviewer, **SIZES)
        found = calibrate_ordinal(step, one.entrant, one.reviewer, marks=np.arange(5) + 1, **SIZES)
        order[:, seed] = [1 - np.corrcoef(one.quality, score)[0, 1] for score in (plain.score, found.score)]
        regrets[:, seed] = lost(one, plain.score), lost(one, found.score)
    kind = "most sheets at the top" if skewed else "even"
    how = f"{ROUNDS} simulated rounds, five steps, {kind}"
    for name, values, unit in (("1 - correlation", order, ""), ("regret", regrets, "points per winner")):
        plain_mean, mean = values.mean(axis=1)
        yield Figure(f"{name}, ordinal on five steps ({kind})", mean, unit, how, "steps as numbers", mean / plain_mean)


def figures() -> Iterator[Figure]:
    yield from with_missing_marks(0.3, alike=False)
    yield from with_missing_marks(0.3, alike=True)
    yield from on_five_steps(skewed=False)
    yield from on_five_steps(skewed=True)
    one, marks = marked(1, 0.3, alike=False)
    step = np.searchsorted([55, 65, 75, 85], one.score)

    def by_criteria() -> object:
        return calibrate_criteria(marks, one.entrant, one.reviewer, weight=WEIGHT, **SIZES)

    def ordinal() -> object:
        return calibrate_ordinal(step, one.entrant, one.reviewer, marks=np.arange(5) + 1, **SIZES)

    how = f"243 entrants, 33 reviewers, {EACH} sheets each"
    for name, call in ((f"calibration by {CRITERIA} criteria", by_criteria), ("ordinal calibration", ordinal)):
        seconds = cpu_seconds(call, 3)
        yield Figure(name, seconds, "CPU s", how, goal="<= 3", holds=seconds <= 3)
