"""Randomised assignment of 20,000 entries to 20,000 reviewers with nested kinds: marginals, draws, what they bought.

The conference is made: entries and reviewers are points of the unit square, a pair's affinity is exp(-8 distance) plus
up to 0.3 of its own and up to 0.2 of the reviewer's, and each entry has 100 candidates, the better of 50 neighbours
and 100 others. 30 % of reviewers are senior, each in one of 8 regions: an entry has 1 to 3 seniors, at most one from a
region, and at most 3 juniors, at most two from a region. Coverage 4, load at most 6.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from fractions import Fraction
from functools import partial
from typing import TypeVar

import numpy as np
from scipy.spatial import cKDTree

from bench.figure import Figure
from simsa.engine.assignment import Kinds, Marginals, Problem, marginals, metrics, sample

Result = TypeVar("Result")
ENTRIES, CANDIDATES, COVERAGE, MOST, REGIONS = 20_000, 100, 4, 6, 8
CASES = (
    ("perturbed 0.5, load 67 %", ENTRIES, 0.5, Fraction(1, 2)),
    ("perturbed 0.05, load 98 %", 13_600, 0.05, Fraction(1, 2)),
    ("cap 1/2 alone, load 67 %", ENTRIES, 0.0, Fraction(1, 2)),
    ("cap 9/10 alone, load 67 %", ENTRIES, 0.0, Fraction(9, 10)),
)


def conference(reviewers: int, entries: int = ENTRIES, seed: int = 1) -> Problem:
    random = np.random.default_rng(seed)
    themes, fields = random.random((entries, 2)), random.random((reviewers, 2))
    _, near = cKDTree(fields).query(themes, k=CANDIDATES // 2)
    others = random.integers(0, reviewers, (entries, CANDIDATES))
    pairs = np.column_stack([near, others]) + reviewers * np.arange(entries)[:, None]
    keys = np.unique(pairs)
    entry, reviewer = keys // reviewers, keys % reviewers
    distance = np.linalg.norm(themes[entry] - fields[reviewer], axis=1)
    affinity = np.exp(-8 * distance) + 0.3 * random.random(keys.size) + 0.2 * random.random(reviewers)[reviewer]
    order = np.lexsort((-affinity, entry))
    rank = np.arange(keys.size) - np.searchsorted(entry, np.arange(entries))[entry]
    best = np.sort(order[rank < CANDIDATES])
    senior, region = random.random(reviewers) < 0.3, random.integers(0, REGIONS, reviewers)
    kinds = Kinds(
        2 + np.where(senior, 0, REGIONS) + region,
        parent=[-1, -1] + [0] * REGIONS + [1] * REGIONS,
        least=[1, 0] + [0] * 2 * REGIONS,
        most=[3, 3] + [1] * REGIONS + [2] * REGIONS,
    )
    return Problem(entry[best], reviewer[best], affinity[best], entries, reviewers, COVERAGE, most=MOST, kinds=kinds)


def figures() -> Iterator[Figure]:
    for name, reviewers, perturbation, cap in CASES:
        problem = conference(reviewers)
        result, wall, cpu = _timed(partial(marginals, problem, cap=cap, perturbation=perturbation))
        drawn, _, draw = _timed(partial(sample, result, 1))
        _explain(name, problem, result)
        assert (np.bincount(drawn.entry) == COVERAGE).all()
        assert drawn.load.max() <= MOST
        yield Figure(
            figure=f"marginals, {name}",
            value=wall,
            unit="s",
            goal="<= 120 s, gap <= 0.1 %",
            holds=wall <= 120 and result.gap <= 0.001,
            how=f"one call, {cpu:.1f} CPU s, {result.rounds} rounds, gap {100 * result.gap:.4f} %",
        )
        yield Figure(f"draw, {name}", draw, "CPU s", "one call", goal="<= 5 s", holds=draw <= 5)


def _timed(call: Callable[[], Result]) -> tuple[Result, float, float]:
    wall, cpu = time.perf_counter(), time.process_time()
    result = call()
    return result, time.perf_counter() - wall, time.process_time() - cpu


def _explain(name: str, problem: Problem, result: Marginals) -> None:
    print(name, metrics(problem, result), file=sys.stderr)
