"""The shortfall: slots that stay empty, and the Hall violators that say why."""

from __future__ import annotations

from typing import Literal

import numpy as np

from simsa.engine.assignment.kinds_shortfall import reached_within_kinds, violator_within_kinds
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
    optimum everything so reached is used to the full: what is reached cannot give more than it does. With kinds only
    exchanges that they allow lead on, and of all others an entry so reached has as many as its kinds let it have (the
    minimum of Edmonds' matroid intersection theorem, 1970). Where kinds cross nothing of the sort is known.
    """
    kinds = network.problem.kinds
    if not missing.any() or (kinds and len(kinds.families) > 1):
        return ()
    tail, head = _residual(network, chosen, kind)
    reached = _all_reached(network, chosen, kind, missing)
    from scipy.sparse import csr_array  # noqa: PLC0415 (35 MB, for those alone who are short)
    from scipy.sparse.csgraph import connected_components  # noqa: PLC0415 (the same)

    inside = reached[tail] & reached[head]
    graph = csr_array((np.ones(inside.sum()), (tail[inside], head[inside])), shape=(reached.size, reached.size))
    _, part = connected_components(graph, directed=False)
    members = np.flatnonzero(reached[: missing.size])
    _, first, which = np.unique(part[members], return_index=True, return_inverse=True)
    lacking = np.zeros(first.size, dtype=np.int64)
    np.add.at(lacking, which, missing[members])
    order = np.lexsort((first, -lacking))[:NAMED_GROUPS]
    others = np.flatnonzero(reached[missing.size :])
    return tuple(
        violator(
            network, kind, members[which == group], others[part[missing.size + others] == part[members[first[group]]]]
        )
        for group in order
    )


def unsatisfied(network: Network, chosen: BoolArray, kind: Literal["coverage", "least"], missing: IntArray) -> IntArray:
    """The members of all groups that cannot be satisfied, named or not."""
    return np.flatnonzero(_all_reached(network, chosen, kind, missing)[: missing.size])


def _all_reached(
    network: Network, chosen: BoolArray, kind: Literal["coverage", "least"], missing: IntArray
) -> BoolArray:
    """Who can be reached from those in want by exchanges, those of their side first."""
    if network.problem.kinds:
        sides = reached_within_kinds(network, network.problem.kinds.families[0], chosen, kind, missing)
        return np.concatenate(sides if kind == "coverage" else sides[::-1])
    tail, head = _residual(network, chosen, kind)
    return _reached(tail, head, network.problem.n_entries + network.problem.n_reviewers, np.flatnonzero(missing))


def _residual(network: Network, chosen: BoolArray, kind: Literal["coverage", "least"]) -> tuple[IntArray, IntArray]:
    """Tails and heads of the residual arcs; those in want have the first numbers."""
    free = ~network.pinned
    near, far = (network.entry, network.reviewer) if kind == "coverage" else (network.reviewer, network.entry)
    first = network.problem.n_entries if kind == "coverage" else network.problem.n_reviewers
    near, far, used = near[free], far[free] + first, chosen[free]
    return np.where(used, far, near), np.where(used, near, far)


def _reached(tail: IntArray, head: IntArray, n: int, sources: IntArray) -> BoolArray:
    """Which of n nodes can be reached from any of the sources."""
    from scipy.sparse import csr_array  # noqa: PLC0415 (35 MB, for those alone who are short)
    from scipy.sparse.csgraph import breadth_first_order  # noqa: PLC0415 (the same)

    rows, columns = np.concatenate([tail, np.full(sources.size, n)]), np.concatenate([head, sources])
    graph = csr_array((np.ones(rows.size), (rows, columns)), shape=(n + 1, n + 1))
    reached = np.zeros(n + 1, dtype=np.bool_)
    reached[breadth_first_order(graph, n, directed=True, return_predecessors=False)] = True
    return reached[:n]


def violator(network: Network, kind: Literal["coverage", "least"], group: IntArray, others: IntArray) -> Infeasibility:
    """Count what a group of entries (or, for least loads, reviewers) needs and what can be had by it at most.

    Without kinds the others are all who can be had; with kinds those who would fill what the entries' kinds keep open.
    """
    problem = network.problem
    if problem.kinds:
        entries, reviewers = (group, others) if kind == "coverage" else (others, group)
        return violator_within_kinds(network, problem.kinds.families[0], kind, entries, reviewers)
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
        groups=read_only(np.zeros(0, dtype=np.int64)),
    )
