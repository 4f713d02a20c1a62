"""An assignment prepared for questions: what every answer reads, and what the two ways to answer have in common.

Without kinds an answer is a shortest path (`Residual`), with kinds a solution of the changed problem (`Anew`).
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np

from simsa.engine.assignment.exchange import Exchange, PairUnits
from simsa.engine.assignment.network import (
    COST_ROOM,
    Network,
    build_network,
    chosen_pairs,
    fitting_scale,
    longest_exchange,
    preferring,
)
from simsa.engine.assignment.problem import AssignmentError, BoolArray, IntArray, Problem, in_range, pair_places
from simsa.engine.assignment.repair import among_pairs
from simsa.engine.assignment.result import Assignment
from simsa.engine.assignment.solving import solve


@dataclass(frozen=True, eq=False)
class Prepared(ABC):
    """An assignment that is proven optimal for its problem, prepared for any number of questions. See `prepare`.

    Attributes:
        previous: int64, shape (k, 2): of a repair, the pairs that were to be kept; None where there were none.
        network: the problem's pairs that are not forbidden, with their affinity units.
        objective: the same with what decides: for a repair, a bonus on previous pairs as well.
        chosen: bool, shape (pairs of the network,).
        load: int64, shape (n_reviewers,).
        entry_price, reviewer_price: int64, in units of the objective.
        start: int64, shape (n_entries + 1,): where each entry's pairs begin in the network.
    """

    problem: Problem
    assignment: Assignment
    previous: IntArray | None
    network: Network
    objective: Network
    chosen: BoolArray
    load: IntArray
    entry_price: IntArray
    reviewer_price: IntArray
    start: IntArray

    @abstractmethod
    def without(self, entry: int, reviewer: int) -> Exchange:
        """The best that can be done without a chosen pair."""

    @abstractmethod
    def with_pair(self, entry: int, reviewer: int, units: int) -> Exchange | None:
        """The best that can be done with a pair that is not chosen; None if it cannot be, for pinned ones or limits."""

    @abstractmethod
    def more_slot(self, reviewer: int) -> Exchange:
        """The best that can be done with one more slot of a reviewer who has no room."""

    @abstractmethod
    def more_review(self, entry: int) -> Exchange:
        """The best that can be done where an entry needs one more."""

    def priced_kinds(self, entry: int, reviewer: int) -> int:
        """What the limits of the reviewer's kinds take at the entry, in units of the objective."""
        return 0

    def preferred_but_for_kinds(self, entry: int, reviewer: int) -> IntArray:
        """The groups whose limits keep an entry from taking a reviewer, at the prices, for one that it has.

        Empty if it would not want to.
        """
        return np.zeros(0, dtype=np.int64)

    def needed_for_kinds(self, entry: int, reviewer: int) -> IntArray:
        """The groups whose limits keep an entry from giving a reviewer up, at the prices, for one that it has not.

        Empty if it would not want to, or must not.
        """
        return np.zeros(0, dtype=np.int64)

    def in_the_way(self, entry: int, reviewers: IntArray) -> IntArray:
        """The groups, as numbered in results, whose limits keep an entry from having all these reviewers."""
        return np.zeros(0, dtype=np.int64)

    def place(self, entry: int, reviewer: int) -> int:
        """Where a pair stands in the network; -1 if it is forbidden or no candidate.

        Raises:
            AssignmentError: there is no such entry or reviewer.
        """
        pair = np.array([[entry, reviewer]], dtype=np.int64)
        in_range(pair[:, 0], self.problem.n_entries, "entry")
        in_range(pair[:, 1], self.problem.n_reviewers, "reviewer")
        return int(pair_places(self.network.entry, self.network.reviewer, pair, self.problem.n_reviewers)[0])

    def amount(self, units: int) -> Fraction:
        """Units in the problem's own unit."""
        return Fraction(units, self.assignment.scale)

    def price(self, price: int) -> Fraction | None:
        """A price in the problem's own unit; None for a repair, whose prices weigh more than affinity."""
        return self.amount(price) if self.previous is None else None

    def exchange_of(self, added: PairUnits, removed: PairUnits, filled: int, met: int) -> Exchange:
        """The exchange of these pairs, with what it keeps of the previous ones."""
        before = () if self.previous is None else set(map(tuple, self.previous.tolist()))
        kept = sum(pair in before for pair in added) - sum(pair in before for pair in removed)
        return Exchange.of(added, removed, filled, met, kept)

    def solved(self, changed: Problem) -> Exchange:
        """What a changed problem's best assignment has that this one has not; of equal ones, one close to this.

        Raises:
            AssignmentError: its affinities do not fit; or kinds cross, and what is best is not known for certain.
        """
        now = self.assignment
        scale = fitting_scale(changed, now.scale)
        network = build_network(changed, scale)
        aim = objective_of(network, self.previous)
        closest, weight = _closest(aim, chosen_pairs(network, now))
        price = np.zeros(changed.n_reviewers, dtype=np.int64)
        price[: self.reviewer_price.size] = self.reviewer_price * weight
        result = solve(network, scale, objective=closest, price=price)
        if not result.certificate.optimal:
            raise AssignmentError(
                "kinds cross, and what would then be best is known but for "
                f"{self.amount(result.certificate.gap)}: no exact answer can be given"
            )
        before, after = _chosen_units(now), _chosen_units(result)
        return self.exchange_of(
            {pair: units for pair, units in after.items() if pair not in before},
            {pair: units for pair, units in before.items() if pair not in after},
            filled=_missing(now.short) - _missing(result.short),
            met=_missing(now.under) - _missing(result.under),
        )


def objective_of(network: Network, previous: IntArray | None) -> Network:
    """What decides: affinity; for a repair, the number of previous pairs first."""
    return network if previous is None else preferring(network, among_pairs(network, previous))


def _closest(network: Network, chosen: BoolArray) -> tuple[Network, int]:
    """The network with one last goal, to keep these pairs, and what a unit counts in it; as it is if that is too much.

    A simple exchange keeps or loses no more of them than it is long, so a unit is made to count more. Where kinds cross
    it would only make the proof harder.
    """
    kinds = network.problem.kinds
    weight = longest_exchange(network.problem) + 1
    penalty = weight * network.penalty + weight
    if (kinds is not None and len(kinds.families) > 1) or penalty > COST_ROOM // 2:
        return network, 1
    return replace(network, units=network.units * weight + chosen, penalty=penalty), weight


def _chosen_units(assignment: Assignment) -> PairUnits:
    pairs = zip(assignment.entry.tolist(), assignment.reviewer.tolist(), strict=True)
    return dict(zip(pairs, assignment.affinity_units.tolist(), strict=True))


def _missing(listed: IntArray) -> int:
    return int(listed[:, 1].sum())
