"""Without perturbation the problem is linear: a transport problem in units of the cap's denominator, solved exactly."""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from simsa.engine.assignment import kinds_transport
from simsa.engine.assignment import transport as plain_transport
from simsa.engine.assignment.certificate import exact_product, exact_sum
from simsa.engine.assignment.network import longest_exchange
from simsa.engine.assignment.problem import IntArray, Problem
from simsa.engine.assignment.randomised.trees import Trees
from simsa.engine.assignment.randomised.units import Units, loads
from simsa.engine.native import Tell, call


def solver(problem: Problem) -> str:
    return plain_transport.SOLVER if problem.kinds is None else kinds_transport.SOLVER


def solve_units(
    problem: Problem, trees: Trees, affinity: IntArray, cap: Fraction, whole: int, tell: Tell | None = None
) -> Units:
    """The units, shape (free pairs,), of most affinity within all limits, which must be known to be feasible."""
    order = np.argsort(trees.place)
    place, values, each = trees.place[order], affinity[order], int(cap * whole)
    width = max(int(values.max(initial=0)), 0) - min(int(values.min(initial=0)), 0)
    penalty = longest_exchange(problem) * width + 1
    if problem.kinds is None:
        found = plain_transport.transport(
            np.searchsorted(problem.entry[place], np.arange(problem.n_entries + 1)),
            problem.reviewer[place],
            values,
            trees.need * whole,
            trees.least_load * whole,
            np.minimum(trees.most_load * whole, np.diff(trees.at) * each),
            penalty,
            cap=np.full(place.size, each, dtype=np.int32),
            tell=tell,
        ).taken
    else:
        family = problem.kinds.families[0]
        found = kinds_transport.units_of_kinds(
            problem, family, place, trees.pinned, values, each, whole, penalty, tell=tell
        )
    taken = np.empty_like(found)
    taken[order] = found
    below = np.concatenate([[0], np.cumsum(taken, dtype=np.int64)])
    return Units(taken, below[trees.first[trees.end]] - below[trees.first[:-1]], whole)


def linear_bound(
    trees: Trees, affinity: IntArray, cap: Fraction, units: Units
) -> tuple[int, IntArray, IntArray] | None:
    """What no probabilities within the limits are worth more than, in affinity units times `whole`, and the prices of
    nodes and reviewers that say so, by complementary slackness; None if the units are not optimal."""
    n, m, whole = trees.parent.size, trees.least_load.size, units.whole
    level, found = np.zeros(n + m + 1, dtype=np.int64), np.zeros(1, dtype=np.int64)
    low, high = trees.least_load * whole, trees.most_load * whole
    call(
        "simsa_units_prices",
        *(n, trees.end, trees.first, trees.parent, trees.reviewer, affinity, m, trees.at, trees.column_node),
        *(trees.column_pair, int(cap * whole), trees.least * whole, trees.most * whole, units.pairs, units.nodes),
        *(low, high, loads(trees, units.pairs), level, found),
    )
    if not found[0]:
        return None
    node, reviewer = level[:n] - level[-1], level[-1] - level[n : n + m]
    own = node - np.where(trees.parent >= 0, node[trees.parent], 0)
    own_limit = np.where(own > 0, trees.most, trees.least) * whole
    gain = np.maximum(affinity - node[trees.node] - reviewer[trees.reviewer], 0)
    bound = (
        exact_product(own_limit, own)
        + exact_product(np.where(reviewer > 0, high, low), reviewer)
        + int(cap * whole) * exact_sum(gain)
    )
    return bound, node, reviewer
