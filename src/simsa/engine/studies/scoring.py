"""The methods that a study compares: from sheets to one score per entry."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from simsa.engine.adaptive import next_reviews
from simsa.engine.assignment import Problem, assign
from simsa.engine.evaluation import calibrated, rounded
from simsa.engine.exact import THERE
from simsa.engine.inputs import InputError, Reviewers, Sheets
from simsa.engine.simulation import World, uniform
from simsa.engine.studies.plan import Design, Method, Plan
from simsa.engine.tally import Tally, tally

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

DRAWS = 1000
"""Joint draws from which an adaptive round's doubts are told."""
MOST_PAIRS = 2_000_000


def slots(plan: Plan, design: Design, reviews: int, seed: str) -> tuple[Integers, Integers]:
    """A random balanced assignment: positions of entries and reviewers, `reviews` of each entry."""
    n, size = len(plan.entries), design.reviewers
    if n * size > MOST_PAIRS:
        raise InputError(f"{n} entries and {size} reviewers: a study takes up to {MOST_PAIRS:,} pairs")
    wish = uniform(seed, "assignment", n * size)
    entry, reviewer = np.indices((n, size)).reshape(2, -1)
    coverage = np.full(n, reviews)
    least = n * reviews // size
    found = assign(Problem(entry, reviewer, wish, n, size, coverage, least=least, most=-(-n * reviews // size)))
    return found.entry, found.reviewer


def scores(plan: Plan, design: Design, world: World) -> dict[Method, tuple[Floats, float]]:
    """Of each of the plan's methods the scores of all entries, NaN without one, and the reviews spent per entry."""
    entry, reviewer = slots(plan, design, design.reviews, world.seed)
    sheets = world.sheets(entry, reviewer)
    added = tally(plan.rules, plan.entries, sheets)
    found: dict[Method, tuple[Floats, float]] = {}
    for method in plan.methods:
        if method is Method.ADAPTIVE:
            if plan.first(design) < design.reviews:
                found[method] = _adaptive(plan, design, world)
        elif method is not Method.TRIMMED_MEAN or design.reviews > 2:
            found[method] = _score(plan, method, sheets, added), float(design.reviews)
    return found


def _score(plan: Plan, method: Method, sheets: Sheets, added: Tally) -> Floats:
    if method is Method.TALLY:
        return added.values[plan.rules.rank_by].floats()
    if method is Method.CALIBRATED:
        found = calibrated(plan.rules, added, plan.entries, sheets)
        return np.full(len(plan.entries), np.nan) if found is None else found.score
    there = added.sheet_totals.state == THERE
    total, entry = added.sheet_totals.floats()[there], sheets.entry[there]
    return _mean(total, entry, len(plan.entries), 1 if method is Method.TRIMMED_MEAN else 0)


def _mean(total: Floats, entry: Integers, size: int, dropped: int) -> Floats:
    """Means by entry without the `dropped` highest and lowest; NaN where nothing is left."""
    order = np.lexsort((total, entry))
    total, entry = total[order], entry[order]
    count = np.bincount(entry, minlength=size)
    rank = np.arange(len(entry)) - (np.cumsum(count) - count)[entry]
    kept = (rank >= dropped) & (rank < count[entry] - dropped)
    left = np.bincount(entry[kept], minlength=size)
    summed = np.bincount(entry[kept], total[kept], size)
    return np.asarray(np.divide(summed, left, out=np.full(size, np.nan), where=left > 0))


def _adaptive(plan: Plan, design: Design, world: World) -> tuple[Floats, float]:
    """A first round, then batches as `next_reviews` proposes them, and the calibrated scores in the end."""
    rules, reviewers = plan.adaptive_rules(design), Reviewers(world.reviewers)
    entry, reviewer = slots(plan, design, plan.first(design), world.seed)
    sheets, part = world.sheets(entry, reviewer), 0
    while True:
        added = tally(rules, plan.entries, sheets)
        found = calibrated(rules, added, plan.entries, sheets)
        if found is None:
            return np.full(len(plan.entries), np.nan), len(sheets) / len(plan.entries)
        given = (rules, plan.entries, sheets, added, found, reviewers)
        official = rounded(rules, added, plan.entries, sheets, found).score if rules.calibration.official else None
        batch = next_reviews(*given, calibrated=official, seed=part, draws=DRAWS)
        if batch.stop is not None:
            return found.score, len(sheets) / len(plan.entries)
        part += 1
        sheets = sheets.joined(world.sheets(batch.entry, batch.reviewer, f" {part}"))
