"""What it costs to look for a preference of reviewers for their own in large panels: by products, and held whole."""

from __future__ import annotations

import resource
import time
from collections.abc import Iterator
from unittest.mock import patch

import numpy as np

from bench.figure import Figure
from simsa.engine.diagnostics import Slopes, comparison, fit_slopes, slope_equations

EACH = 4


def fitted(entries: int, reviewers: int, dense: int) -> tuple[Slopes, float]:
    """The slopes of a simulated panel that prefers its own by a point, and CPU seconds."""
    random = np.random.default_rng(0)
    entrant = np.repeat(np.arange(entries), EACH)
    reviewer = np.concatenate([random.choice(reviewers, EACH, replace=False) for _ in range(entries)])
    same = random.integers(0, 5, entries)[entrant] == random.integers(0, 5, reviewers)[reviewer]
    score = 70 + 8 * random.standard_normal(entries)[entrant] - 4 * random.standard_normal(reviewers)[reviewer]
    score += 8 * random.standard_normal(len(entrant)) + same
    with patch.object(slope_equations, "DENSE", dense), patch.object(comparison, "DENSE", dense):
        began = time.process_time()
        found = fit_slopes(score, entrant, reviewer, reviewers, same.astype(np.float64), 0.05)
        took = time.process_time() - began
    assert found is not None
    return found, took


def figures() -> Iterator[Figure]:
    how = "one call each, 4 sheets an entry, the own noise of reviewers estimated twice"
    found, took = fitted(15_000, 13_000, 0)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    yield Figure("own origin, 15,000 entries x 13,000 reviewers", took, "CPU s", how, goal="<= 60", holds=took <= 60)
    yield Figure("peak memory of it", memory, "MB", how, goal="<= 500", holds=memory <= 500)
    found, took = fitted(3_000, 3_000, 0)
    whole, peer = fitted(3_000, 3_000, 3_000)
    yield Figure("own origin, 3,000 x 3,000", took, "CPU s", how, "equations held whole", took / peer)
    assert found.overall is not None
    assert whole.overall is not None
    apart = abs(found.overall.value - whole.overall.value) / whole.overall.error
    yield Figure("the same: estimates apart, in standard errors", apart, "", how, goal="<= 0.01", holds=apart <= 0.01)
