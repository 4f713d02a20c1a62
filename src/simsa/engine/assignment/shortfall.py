"""The shortfall: slots that stay empty, and the Hall violators that say why."""

from __future__ import annotations

from typing import Literal

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import breadth_first_order, connected_components

from simsa.engine.assignment.network import Network
from simsa.engine.assignment.problem import BoolArray, IntArray, Problem
from simsa.engine.assignment.result import Infeasibility, read_only

NAMED_GROUPS = 20
"""So many groups of a kind are named at most, those that miss most; `short` and `under` are always complete."""


def shortfalls(problem: Problem, entry: IntArray, reviewer: IntArray) -> tuple[IntArray, IntArray]:
    """Slots missing per entry and per reviewer below the least load."""
    covered = np.bincount(entry, minlength=problem.n_entries)
    load = np.bincount(reviewer, minlength=problem.n_reviewers)
    return np.maximum(problem.coverage - covered, 0), np.maximum(problem.least - load, 0)


def listed(missing: IntArray) -> IntArray:
    who = np.flatnonzero(missing)
    return np.column_stack([who, missing[who]])


def violators(
    network: Network, chosen: BoolArray, kind: Literal["coverage", "least"], missing: IntArray
) -> tuple[Infeasibility, ...]:
    """The groups that cannot be satisfied, apart from each other, those with most slots missing first.

    From a node in want a residual path leads on over a pair that is not chosen and back over one that is. At the
    optimum everything so reached is used to the full: what is reached cannot give more than it does.
    """
    if not missing.any():
        return ()
    tail, head = _residual(network, chosen, kind)
    reached = _reached(tail, head, network.problem.n_entries + network.problem.n_reviewers, np.flatnonzero(missing))
    inside = reached[tail]
    graph = csr_array((np.ones(inside.sum()), (tail[inside], head[inside])), shape=(reached.size, reached.size))
    _, part = connected_components(graph, directed=False)
    members = np.flatnonzero(reached[: missing.size])
    _, first, which = np.unique(part[members], return_index=True, return_inverse=True)
    lacking = np.zeros(first.size, dtype=np.int64)
    np.add.at(lacking, which, missing[members])
    order = np.lexsort((first, -lacking))[:NAMED_GROUPS]
    return tuple(violator(network, kind, members[which == group]) for group in order)


def unsatisfied(network: Network, chosen: BoolArray, kind: Literal["coverage", "least"], missing: IntArray) -> IntArray:
    """The members of all groups that cannot be satisfied, named or not."""
    tail, head = _residual(network, chosen, kind)
    reached = _reached(tail, head, network.problem.n_entries + network.problem.n_reviewers, np.flatnonzero(missing))
    return np.flatnonzero(reached[: missing.size])


def _residual(network: Network, chosen: BoolArray, kind: Literal["coverage", "least"]) -> tuple[IntArray, IntArray]:
    """Tails and heads of the residual arcs; those in want have the first numbers."""
    free = ~network.pinned
    near, far = (network.entry, network.reviewer) if kind == "coverage" else (network.reviewer, network.entry)
    first = network.problem.n_entries if kind == "coverage" else network.problem.n_reviewers
    near, far, used = near[free], far[free] + first, chosen[free]
    return np.where(used, far, near), np.where(used, near, far)


def _reached(tail: IntArray, head: IntArray, n: int, sources: IntArray) -> BoolArray:
    """Which of n nodes can be reached from any of the sources."""
    rows, columns = np.concatenate([tail, np.full(sources.size, n)]), np.concatenate([head, sources])
    graph = csr_array((np.ones(rows.size), (rows, columns)), shape=(n + 1, n + 1))
    reached = np.zeros(n + 1, dtype=np.bool_)
    reached[breadth_first_order(graph, n, directed=True, return_predecessors=False)] = True
    return reached[:n]


def violator(network: Network, kind: Literal["coverage", "least"], group: IntArray) -> Infeasibility:
    """Count what a group of entries (or, for least loads, reviewers) needs and what can be had by it at most."""
    problem = network.problem
    if kind == "coverage":
        near, far, wanted, room = network.entry, network.reviewer, problem.coverage, network.room
    else:
        near, far, wanted, room = network.reviewer, network.entry, problem.least, network.need
    member = np.zeros(wanted.size, dtype=np.bool_)
    member[group] = True
    inside = member[near]
    others = np.unique(far[inside])
    taken = int(np.count_nonzero(inside & network.pinned))
    offered = np.bincount(far[inside & ~network.pinned], minlength=room.size)
    entries, reviewers = (group, others) if kind == "coverage" else (others, group)
    return Infeasibility(
        kind=kind,
        entries=read_only(entries),
        reviewers=read_only(reviewers),
        needed=int(wanted[group].sum()),
        available=taken + int(np.minimum(room, offered).sum()),
    )
