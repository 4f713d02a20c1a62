"""The residual network: what could be done differently from an assignment, and what each exchange costs, exactly.

An exchange is a way through the network: an entry takes a pair, its reviewer gives one back, the entry of that pair
takes another, and so on. With the prices that prove the assignment, the cheapest one is a shortest path (Ahuja,
Magnanti and Orlin, "Network Flows", 1993, chapter 9); one search answers a question about one entry and one reviewer,
or the same question about all of them. See residual.c.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from simsa.engine import native
from simsa.engine.assignment.answering import Prepared, objective_of
from simsa.engine.assignment.exchange import Exchange, PairUnits
from simsa.engine.assignment.network import Network, build_network, chosen_pairs
from simsa.engine.assignment.problem import AssignmentError, BoolArray, IntArray, Problem, in_range
from simsa.engine.assignment.result import Assignment

FAR = np.iinfo(np.int64).max
"""The distance of a node to which there is no way."""

_ABSENT = -1
_FREE, _TAKEN, _FIXED = 0, 1, 2


@dataclass(frozen=True, eq=False)
class Ways:
    """Shortest ways between one node and the others.

    Attributes:
        source: the node at one end.
        reverse: whether the ways lead to it.
        distance: int64, shape (nodes,): sums of reduced costs, `FAR` where there is no way.
        parent: int32, shape (nodes,): the next node towards `source`, -1 there and where there is no way.
    """

    source: int
    reverse: bool
    distance: IntArray
    parent: NDArray[np.int32]

    def way(self, node: int) -> list[int]:
        """The nodes of the way between `source` and this node, in the direction of the arcs."""
        nodes = [node]
        while self.parent[nodes[-1]] >= 0:
            nodes.append(int(self.parent[nodes[-1]]))
        return nodes if self.reverse else nodes[::-1]

    def next_to_source(self) -> IntArray:
        """By node, the node of its way that stands next to `source`; the node itself where there is none."""
        top = np.where(self.parent < 0, np.arange(self.parent.size), self.parent).astype(np.int64)
        top = np.where(top == self.source, np.arange(top.size), top)
        while not np.array_equal(further := top[top], top):
            top = further
        return top


@dataclass(frozen=True, eq=False)
class Residual(Prepared):
    """An assignment without kinds, prepared for any number of searches.

    Entries are the nodes from 0, reviewers those from n_entries; the last node is the sink, to which an entry turns
    that leaves a slot empty and a reviewer who takes one more.

    Attributes:
        reviewer, slack, state, leave, come: what the search reads; see residual.c.
    """

    reviewer: NDArray[np.int32]
    slack: IntArray
    state: NDArray[np.int8]
    leave: IntArray
    come: IntArray

    @classmethod
    def of(cls, problem: Problem, assignment: Assignment, previous: IntArray | None = None) -> Residual:
        """Prepare an assignment.

        Raises:
            AssignmentError: a pair that the problem does not allow, or prices that do not prove the assignment to be
                the problem's optimum.
        """
        network = build_network(problem, assignment.scale)
        objective = objective_of(network, previous)
        chosen = _chosen(network, assignment)
        prices = assignment.certificate.entry_price, assignment.certificate.reviewer_price
        if (prices[0].size, prices[1].size) != (problem.n_entries, problem.n_reviewers):
            raise AssignmentError("the assignment is of another problem: it has other numbers of entries or reviewers")
        slack = prices[0][network.entry] + prices[1][network.reviewer] - objective.units
        load = np.bincount(network.reviewer[chosen], minlength=problem.n_reviewers)
        short = problem.coverage - np.bincount(network.entry[chosen], minlength=problem.n_entries)
        leave, come = _sink_arcs(problem, objective, short, load, *prices)
        state = np.where(network.pinned, _FIXED, np.where(chosen, _TAKEN, _FREE)).astype(np.int8)
        _expect_proof(slack, state, short, load, problem, leave, come)
        return cls(
            problem=problem,
            assignment=assignment,
            previous=previous,
            network=network,
            objective=objective,
            chosen=chosen,
            load=load,
            entry_price=prices[0],
            reviewer_price=prices[1],
            start=np.searchsorted(network.entry, np.arange(problem.n_entries + 1)),
            reviewer=network.reviewer.astype(np.int32),
            slack=np.ascontiguousarray(slack),
            state=state,
            leave=leave,
            come=come,
        )

    @property
    def sink(self) -> int:
        return self.problem.n_entries + self.problem.n_reviewers

    def seat(self, reviewer: int) -> int:
        """The node of a reviewer; that of an entry is its number."""
        return self.problem.n_entries + reviewer

    def ways(self, source: int, *, target: int = -1, reverse: bool = False) -> Ways:
        """Shortest ways from a node, or to it. With a target, only its own distance is certain."""
        distance = np.empty(self.sink + 1, dtype=np.int64)
        parent = np.empty(self.sink + 1, dtype=np.int32)
        native.call(
            "simsa_residual",
            self.problem.n_entries,
            self.problem.n_reviewers,
            self.start,
            self.reviewer,
            self.slack,
            self.state,
            self.leave,
            self.come,
            source,
            target,
            int(reverse),
            distance,
            parent,
        )
        return Ways(source, reverse, distance, parent)

    def between(self, tail: int, head: int) -> Exchange | None:
        """The best that can be done from one node to another; None if there is no way."""
        ways = self.ways(tail, target=head)
        return None if ways.distance[head] == FAR else self.exchange(ways.way(head))

    def without(self, entry: int, reviewer: int) -> Exchange:
        rest = self.between(entry, self.seat(reviewer))
        assert rest is not None  # the slot may stay empty
        own = self.worth([(entry, reviewer)])
        return self.exchange_of(rest.gains, rest.losses | own, rest.filled, rest.met)

    def with_pair(self, entry: int, reviewer: int, units: int) -> Exchange | None:
        rest = self.between(self.seat(reviewer), entry)
        if rest is None:
            return None
        return self.exchange_of(rest.gains | {(entry, reviewer): units}, rest.losses, rest.filled, rest.met)

    def more_slot(self, reviewer: int) -> Exchange:
        seat, nothing = self.seat(reviewer), Exchange.of({}, {})
        ways = self.ways(self.sink, target=seat)
        if ways.distance[seat] == FAR:
            return nothing
        return max(nothing, self.exchange([*ways.way(seat), self.sink]), key=lambda one: one.value)

    def more_review(self, entry: int) -> Exchange:
        exchange = self.between(entry, self.sink)
        assert exchange is not None  # the slot may stay empty
        return exchange

    def exchange(self, way: list[int]) -> Exchange:
        """What happens along a way."""
        steps = list(pairwise(way))
        n, sink = self.problem.n_entries, self.sink
        added = [(a, b - n) for a, b in steps if a < n <= b < sink]
        removed = [(b, a - n) for a, b in steps if b < n <= a < sink]
        filled = sum(a == sink and b < n for a, b in steps) - sum(b == sink and a < n for a, b in steps)
        more = [a - n for a, b in steps if b == sink and a >= n]
        fewer = [b - n for a, b in steps if a == sink and b >= n]
        load, least = self.load, self.problem.least
        met = sum(bool(load[j] < least[j]) for j in more) - sum(bool(load[j] <= least[j]) for j in fewer)
        return self.exchange_of(self.worth(added), self.worth(removed), filled, met)

    def worth(self, pairs: list[tuple[int, int]]) -> PairUnits:
        """The units of pairs of the network."""
        return {pair: int(self.network.units[self.place(*pair)]) for pair in pairs}


def _chosen(network: Network, assignment: Assignment) -> BoolArray:
    in_range(assignment.entry, network.problem.n_entries, "entry")
    in_range(assignment.reviewer, network.problem.n_reviewers, "reviewer")
    chosen = chosen_pairs(network, assignment)
    if np.count_nonzero(chosen) < assignment.entry.size or (network.pinned & ~chosen).any():
        raise AssignmentError("the assignment is of another problem: it has a forbidden pair or lacks a pinned one")
    return chosen


def _sink_arcs(
    problem: Problem, network: Network, short: IntArray, load: IntArray, entry_price: IntArray, reviewer_price: IntArray
) -> tuple[IntArray, IntArray]:
    """Reduced costs of the arcs to the sink and from it, entries first."""
    penalty = network.penalty
    take = np.where(load < problem.least, -penalty, 0) - reviewer_price
    give = np.where(load > problem.least, 0, penalty) + reviewer_price
    leave = np.concatenate([penalty + entry_price, np.where(load < problem.most, take, _ABSENT)])
    come = np.concatenate(
        [np.where(short > 0, -penalty - entry_price, _ABSENT), np.where(load > 0, give, _ABSENT)],
    )
    return leave.astype(np.int64), come.astype(np.int64)


def _expect_proof(
    slack: IntArray,
    state: NDArray[np.int8],
    short: IntArray,
    load: IntArray,
    problem: Problem,
    leave: IntArray,
    come: IntArray,
) -> None:
    """Complementary slackness: no arc may cost less than nothing."""
    n = problem.n_entries
    held = bool((slack[state == _FREE] >= 0).all() and (slack[state == _TAKEN] <= 0).all())
    limits = bool((short >= 0).all() and (load <= problem.most).all())
    entries = bool((leave[:n] >= 0).all() and (come[:n][short > 0] >= 0).all())
    reviewers = bool((leave[n:][load < problem.most] >= 0).all() and (come[n:][load > 0] >= 0).all())
    if not (held and limits and entries and reviewers):
        raise AssignmentError("the prices do not prove that the assignment is this problem's optimum: assign anew")
