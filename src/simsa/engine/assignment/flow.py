"""The minimum-cost flow through the network: which pairs are chosen."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from ortools.graph.python.min_cost_flow import SimpleMinCostFlow

from simsa.engine.assignment.network import Network
from simsa.engine.assignment.problem import AssignmentError, BoolArray, IntArray


def choose_pairs(network: Network) -> BoolArray:
    """Which pairs are chosen. Empty slots are provided for only when they are unavoidable: penalties cost time."""
    chosen = network.pinned.copy()
    if not chosen.all():
        flow = _min_cost_flow(network, penalty=0)
        chosen[~network.pinned] = _min_cost_flow(network, penalty=network.penalty) if flow is None else flow
    return chosen


def _min_cost_flow(network: Network, penalty: int) -> BoolArray | None:
    """Which free pairs are chosen; None if the limits cannot all be met and no penalty is given.

    Entries supply their need, reviewers demand their least load, and what they take beyond it goes on to a common sink.
    A penalised arc from entry to sink is an empty slot, one from sink to reviewer a slot under the least load.
    """
    problem, free = network.problem, ~network.pinned
    entries = np.arange(problem.n_entries, dtype=np.int32)
    reviewers = np.arange(problem.n_entries, problem.n_entries + problem.n_reviewers, dtype=np.int32)
    sink = problem.n_entries + problem.n_reviewers
    solver = SimpleMinCostFlow()

    def arcs(tail: NDArray[np.int32], head: NDArray[np.int32], capacity: IntArray, cost: int | IntArray) -> None:
        costs = np.broadcast_to(np.asarray(cost, dtype=np.int64), capacity.shape).copy()
        solver.add_arcs_with_capacity_and_unit_cost(tail, head, capacity, costs)

    tail, head = network.entry[free].astype(np.int32), reviewers[network.reviewer[free]]
    arcs(tail, head, np.ones(tail.size, dtype=np.int64), -network.units[free])
    arcs(reviewers, np.full_like(reviewers, sink), network.room - network.least, 0)
    if penalty:
        arcs(entries, np.full_like(entries, sink), network.need, penalty)
        arcs(np.full_like(reviewers, sink), reviewers, network.least, penalty)
    solver.set_nodes_supplies(entries, network.need)
    solver.set_nodes_supplies(reviewers, -network.least)
    solver.set_node_supply(sink, int(network.least.sum()) - int(network.need.sum()))
    status = solver.solve()
    if status == solver.INFEASIBLE and not penalty:
        return None
    if status != solver.OPTIMAL:
        raise AssignmentError(f"the flow solver gave up ({status.name}): try a smaller scale")
    flows: IntArray = solver.flows(np.arange(tail.size, dtype=np.int32))
    return flows > 0
