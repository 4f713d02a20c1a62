"""Without perturbation the problem is linear: a transport problem in units of the cap's denominator, solved exactly."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import ortools
from numpy.typing import NDArray
from ortools.graph.python.min_cost_flow import SimpleMinCostFlow

from simsa.engine.assignment.certificate import exact_sum
from simsa.engine.assignment.problem import AssignmentError, IntArray
from simsa.engine.assignment.randomised.trees import Int32Array, Trees
from simsa.engine.assignment.randomised.units import Units, loads
from simsa.engine.native import call

SOLVER = f"OR-tools {ortools.__version__} SimpleMinCostFlow"


def solve_units(trees: Trees, affinity: IntArray, cap: Fraction, whole: int) -> Units:
    """The units, shape (free pairs,), of most affinity within all limits, which must be known to be feasible.

    Raises:
        AssignmentError: the affinities are too large for the solver.
    """
    n, m = trees.parent.size, trees.least_load.size
    least, most = trees.least_load * whole, np.minimum(trees.most_load * whole, _room(trees, cap, whole))
    nodes, reviewers = np.arange(n, dtype=np.int32), np.arange(n, n + m, dtype=np.int32)
    kind = np.flatnonzero(trees.parent >= 0)
    solver = SimpleMinCostFlow()

    def arcs(tail: Int32Array, head: Int32Array, capacity: IntArray, cost: IntArray) -> None:
        solver.add_arcs_with_capacity_and_unit_cost(tail, head, capacity, cost)

    pairs = trees.node.size
    arcs(trees.node, reviewers[trees.reviewer], np.full(pairs, int(cap * whole)), -affinity)
    low, high = trees.least[kind] * whole, trees.most[kind] * whole
    arcs(trees.parent[kind].astype(np.int32), nodes[kind], high - low, np.zeros(kind.size, dtype=np.int64))
    arcs(reviewers, np.full_like(reviewers, n + m), most - least, np.zeros(m, dtype=np.int64))
    supply = np.zeros(n + m + 1, dtype=np.int64)
    supply[trees.root[:-1]] = trees.need * whole
    np.subtract.at(supply, trees.parent[kind], low)
    np.add.at(supply, kind, low)
    supply[n : n + m] = -least
    supply[n + m] = -supply.sum()
    solver.set_nodes_supplies(np.arange(n + m + 1, dtype=np.int32), supply)
    status = solver.solve()
    if status != solver.OPTIMAL:
        raise AssignmentError(f"the flow solver gave up ({status.name}): try a smaller scale")
    taken = solver.flows(np.arange(pairs, dtype=np.int32)).astype(np.int32)
    below = np.concatenate([[0], np.cumsum(taken, dtype=np.int64)])
    return Units(taken, below[trees.first[trees.end]] - below[trees.first[:-1]], whole)


def _room(trees: Trees, cap: Fraction, whole: int) -> IntArray:
    return np.diff(trees.at) * int(cap * whole)


def linear_bound(trees: Trees, affinity: IntArray, cap: Fraction, units: Units) -> int | None:
    """What no probabilities within the limits are worth more than, in affinity units times `whole`, from prices that
    complementary slackness gives; None if the units are not optimal, so that there are no such prices."""
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
    return (
        _product(own_limit, own)
        + _product(np.where(reviewer > 0, high, low), reviewer)
        + int(cap * whole) * exact_sum(gain)
    )


def _product(limits: NDArray[np.int64], prices: NDArray[np.int64]) -> int:
    return sum(a * b for a, b in zip(limits.tolist(), prices.tolist(), strict=True))
