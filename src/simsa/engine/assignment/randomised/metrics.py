"""What randomisation bought and what it cost: how spread out the probabilities are, and how much affinity is kept."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from simsa.engine.assignment.problem import Problem
from simsa.engine.assignment.randomised.result import Marginals
from simsa.engine.assignment.randomised.solving import marginals as solve


@dataclass(frozen=True)
class Metrics:
    """Measures of Xu et al. (2023, section 5), per entry where they are means.

    Attributes:
        support: pairs with a positive probability.
        largest: the largest probability of a pair.
        mean_largest: mean over entries of the largest probability of a pair of the entry.
        entropy: mean over entries of the sum of -x ln x, in nats.
        squares: the sum of x**2 over all pairs, divided by the number of slots; 1 for a deterministic assignment.
        expected: the expected total affinity.
        kept: `expected` as a share of the largest total that a deterministic assignment has within the same limits;
            None if that is not above nothing.
    """

    support: int
    largest: float
    mean_largest: float
    entropy: float
    squares: float
    expected: float
    kept: float | None


def metrics(problem: Problem, marginals: Marginals, *, optimum: float | None = None) -> Metrics:
    """Measure marginals of a problem.

    Args:
        optimum: the deterministic optimum's total affinity; without it, it is solved for.
    """
    x = marginals.probability
    if optimum is None:
        optimum = solve(problem, cap=Fraction(1)).value
    expected = math.fsum(x * marginals.affinity)
    entries, slots = max(marginals.n_entries, 1), max(float(x.sum()), 1.0)
    most = np.zeros(marginals.n_entries)
    np.maximum.at(most, marginals.entry, x)
    return Metrics(
        support=x.size,
        largest=float(x.max(initial=0.0)),
        mean_largest=float(most.sum()) / entries,
        entropy=float(-np.dot(x, np.log(x))) / entries,
        squares=float(np.dot(x, x)) / slots,
        expected=expected,
        kept=expected / optimum if optimum > 0 else None,
    )
