"""Answers about an assignment with kinds: the changed problem solved anew, and the limits in the way of a pair.

With kinds a change is no single path: each further exchange may depend on the one before. The kernel starts from the
prices that are known, so that an answer takes less than the assignment did.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from simsa.engine.assignment.answering import Prepared, objective_of
from simsa.engine.assignment.certificate import kind_prices_of_pairs
from simsa.engine.assignment.exchange import Exchange
from simsa.engine.assignment.kinds import Kinds
from simsa.engine.assignment.network import build_network
from simsa.engine.assignment.problem import AssignmentError, IntArray, Problem, pair_places
from simsa.engine.assignment.result import Assignment
from simsa.engine.assignment.verification import verified_pairs, verify_optimum


@dataclass(frozen=True, eq=False)
class Anew(Prepared):
    """An assignment with kinds, prepared for solutions of changed problems.

    Attributes:
        kinds: the problem's.
    """

    kinds: Kinds

    @classmethod
    def of(cls, problem: Problem, assignment: Assignment, previous: IntArray | None = None) -> Anew:
        """Prepare an assignment.

        Raises:
            AssignmentError: it does not stand up to `verify`, or is not proven to be the best.
        """
        assert problem.kinds is not None
        network = build_network(problem, assignment.scale)
        objective, proof = objective_of(network, previous), assignment.certificate
        chosen = verified_pairs(network, assignment)
        verify_optimum(objective, chosen, proof)
        if not proof.optimal:
            raise AssignmentError(
                f"kinds cross ({problem.kinds.crossing}), and the assignment is not proven to be the best: "
                "no exact answer can be given"
            )
        return cls(
            problem=problem,
            assignment=assignment,
            previous=previous,
            network=network,
            objective=objective,
            chosen=chosen,
            load=assignment.load,
            entry_price=proof.entry_price,
            reviewer_price=proof.reviewer_price,
            start=np.searchsorted(network.entry, np.arange(problem.n_entries + 1)),
            kinds=problem.kinds,
        )

    def without(self, entry: int, reviewer: int) -> Exchange:
        problem, pair = self.problem, np.array([[entry, reviewer]])
        others = problem.pinned[(problem.pinned != pair).any(axis=1)]
        return self.solved(problem.changed(forbidden=np.concatenate([problem.forbidden, pair]), pinned=others))

    def with_pair(self, entry: int, reviewer: int, units: int) -> Exchange | None:
        try:
            pinned = self._with_pinned(entry, reviewer)
        except AssignmentError:  # pinned pairs or kinds leave no room for it
            return None
        found = self.solved(pinned)
        gains = found.gains | {(entry, reviewer): units}
        return self.exchange_of(gains, found.losses, found.filled, found.met)

    def _with_pinned(self, entry: int, reviewer: int) -> Problem:
        """The problem in which the pair must be chosen. What it is worth then decides nothing, and is left out."""
        problem, pair = self.problem, np.array([[entry, reviewer]])
        pinned = np.concatenate([problem.pinned, pair])
        if self.place(entry, reviewer) >= 0:
            return problem.changed(pinned=pinned)
        others = np.ones(problem.entry.size, dtype=np.bool_)
        place = pair_places(problem.entry, problem.reviewer, pair, problem.n_reviewers)
        others[place[place >= 0]] = False
        return problem.changed(
            entry=np.append(problem.entry[others], entry),
            reviewer=np.append(problem.reviewer[others], reviewer),
            affinity=np.append(problem.affinity[others], np.zeros(1, dtype=problem.affinity.dtype)),
            forbidden=problem.forbidden[(problem.forbidden != pair).any(axis=1)],
            pinned=pinned,
        )

    def more_slot(self, reviewer: int) -> Exchange:
        more = np.arange(self.problem.n_reviewers) == reviewer
        return self.solved(self.problem.changed(most=self.problem.most + more))

    def more_review(self, entry: int) -> Exchange:
        more = np.arange(self.problem.n_entries) == entry
        return self.solved(self.problem.changed(coverage=self.problem.coverage + more))

    def priced_kinds(self, entry: int, reviewer: int) -> int:
        pair = np.array([entry]), np.array([reviewer])
        return int(kind_prices_of_pairs(self.kinds, self.assignment.certificate.kind_price, *pair)[0])

    def preferred_but_for_kinds(self, entry: int, reviewer: int) -> IntArray:
        # If nobody is kept out, what the entry holds are its best candidates at the prices, limits or not: the prices
        # then prove the assignment to be the best without this entry's limits as well.
        own = slice(self.start[entry], self.start[entry + 1])
        worth = self.objective.units[own] - self.reviewer_price[self.network.reviewer[own]]
        candidates, held = self.network.reviewer[own], self.chosen[own]
        (at,) = np.flatnonzero(candidates == reviewer)
        worse = candidates[held & ~self.network.pinned[own] & (worth < worth[at])]
        empty = held.sum() < self.problem.coverage[entry] and worth[at] > -self.objective.penalty
        out = [*worse, -1] if empty else worse
        return self._kept_out(entry, candidates[held], out, reviewer)

    def needed_for_kinds(self, entry: int, reviewer: int) -> IntArray:
        own = slice(self.start[entry], self.start[entry + 1])
        worth = self.objective.units[own] - self.reviewer_price[self.network.reviewer[own]]
        candidates, held = self.network.reviewer[own], self.chosen[own]
        (at,) = np.flatnonzero(candidates == reviewer)
        better = candidates[~held & (worth > worth[at]) & ~self.network.pinned[own][at]]
        alike = np.column_stack([family.group[better] for family in self.kinds.families])
        better = better[np.unique(alike, axis=0, return_index=True)[1]]  # of one kind one is enough
        found = [self._kept_out(entry, candidates[held], [reviewer], int(one)) for one in better]
        return np.unique(np.concatenate([np.zeros(0, dtype=np.int64), *found]))

    def _kept_out(self, entry: int, held: IntArray, out: Iterable[int], reviewer: int) -> IntArray:
        """The groups whose limits are broken if a reviewer comes for one of those `out`; -1 is nobody."""
        found = [self.in_the_way(entry, np.append(held[held != one], reviewer)) for one in out]
        return np.unique(np.concatenate([np.zeros(0, dtype=np.int64), *found]))

    def in_the_way(self, entry: int, reviewers: IntArray) -> IntArray:
        found = [np.zeros(0, dtype=np.int64)]
        who = np.full(reviewers.size, entry)
        for family, first in zip(self.kinds.families, self.kinds.first, strict=True):
            at, group, seats = family.seated(who, reviewers, np.array([entry]))
            least, most, _ = family.limits(at, group)
            everybody = group == family.n_groups
            found.append(group[~everybody & (seats > most)] + first)
            if seats[everybody] > self.problem.coverage[entry]:
                found.append(group[~everybody & (seats < least)] + first)
        return np.unique(np.concatenate(found))
