"""The worst-off first: an assignment in which the entry with the least affinity has as much as can be.

Welfare is what an entry's reviewers have in affinity to it, together. Of all assignments with as few slots missing as
possible, those are wanted in which the worst-off entry's welfare is greatest, and of these the one with the greatest
total ("fair assignment": Garg, Kavitha, Kumar, Mehlhorn and Mestre, 2010; Stelmakh, Shah and Singh, 2021; with a floor,
Kobren, Saha and McCallum, 2019). That is NP-hard, so both come with a bound: see `Witness`.

1. The assignment with the greatest total. Its worst-off entry is not far from the best, because only few are badly off.
2. A bound: the entry whose best candidates give it least. Chains of exchanges raise everyone to it, at the least cost
   in total. Mostly that succeeds, and the worst-off entry is as well off as it can be.
3. Where it does not, weights bound it more sharply, round by round. Chains, from the weighted optimum of each round and
   from the best assignment so far, aim halfway to the bound.
4. Chains that gain in total while everyone keeps the floor.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from simsa.engine.assignment.certificate import certify
from simsa.engine.assignment.climb import Climb
from simsa.engine.assignment.kinds_transport import Choice
from simsa.engine.assignment.network import build_network, chosen_pairs, fitting_scale
from simsa.engine.assignment.problem import AssignmentError, IntArray, Problem
from simsa.engine.assignment.result import Assignment, read_only
from simsa.engine.assignment.solving import Progress, assignment_of, solve
from simsa.engine.assignment.worst_bound import (
    FloatArray,
    Round,
    Witness,
    alone,
    descended,
    equal,
    field,
    finest,
    nobody,
    weigh,
)

SOLVER = "exchanges under floors"

_ROUNDS = (10, 60)  # fewest and most
_ROUND_PAIRS = 3 * 10**6  # pairs x rounds that are aimed at
_STARTS = 3  # rounds whose assignments are raised
_CAUTION = 8  # the first attempt goes up to this part of the gap below the bound
_AHEAD = 0.1  # part of the gap by which a round is to lower the bound at first
_CLOSE = 10**4  # the search ends when the gap is no more than this part of the bound


@dataclass(frozen=True, eq=False)
class FairAssignment:
    """An assignment that looks after the worst-off entry first, and how far from the best it can be.

    Attributes:
        assignment: the chosen pairs. Its certificate says by how much the total is below the greatest, at most.
        worst: units of the worst-off entry among those that count; 0 if none does.
        witness: proves that no assignment with as few slots missing can have a better worst-off entry than `bound`.
        excluded: int64, shape (k,): entries that do not count: they need nobody, or have too few candidates. They get
            reviewers like all others.
        optimum: the assignment with the greatest total, whoever is worst off, with its proof.
    """

    assignment: Assignment
    worst: int
    witness: Witness
    excluded: IntArray
    optimum: Assignment

    @property
    def bound(self) -> int:
        """Units that the worst-off entry can have at most."""
        return self.witness.bound

    @property
    def gap(self) -> int:
        """Units by which the worst-off entry can be better off at most; 0: it is as well off as it can be."""
        return self.bound - self.worst

    @property
    def kept(self) -> Fraction | None:
        """The share of the greatest total that is kept; None if that is not above nothing."""
        greatest = self.optimum.total_units
        return Fraction(self.assignment.total_units, greatest) if greatest > 0 else None


def assign_fairly(problem: Problem, *, scale: int | None = None, progress: Progress | None = None) -> FairAssignment:
    """Choose pairs so that the worst-off entry has as much affinity as possible, then all together.

    Limits that cannot all be met are no error: first as many slots as possible are filled (see `assign`).

    Args:
        scale: as for `assign`.
        progress: told each step as it begins.

    Raises:
        AssignmentError: the affinities are too large for exact arithmetic at this scale, or at any; or kinds cross.
    """
    if problem.kinds is not None and len(problem.kinds.families) > 1:
        raise AssignmentError(
            f"the worst-off cannot be put first where kinds of reviewers cross: {problem.kinds.crossing}"
        )
    tell = progress or (lambda _step, _share: None)
    tell("network", 0.0)
    scale = fitting_scale(problem, scale)
    network = build_network(problem, scale)
    optimum = solve(network, scale, tell=lambda _step, share: tell("greatest total", 0.3 * share))
    chosen = chosen_pairs(network, optimum)
    proof = optimum.certificate
    climb = Climb(field(network, chosen), chosen[~network.pinned], proof.reviewer_price, tell)
    witness = _raised(climb, equal(climb.field, (proof.entry_price, proof.reviewer_price, proof.kind_price)))
    tell("total", 0.8)
    climb.gain()
    tell("certificate", 0.9)
    chosen[~network.pinned] = climb.taken
    choice = Choice(chosen, proof.entry_price, proof.reviewer_price, proof.kind_price, SOLVER)
    result = assignment_of(network, choice, scale, certify(problem, network, *choice.proof))
    tell("done", 1.0)
    return FairAssignment(
        assignment=result,
        worst=climb.worst,
        witness=witness,
        excluded=read_only(np.flatnonzero(~climb.field.counts)),
        optimum=optimum,
    )


def _raised(climb: Climb, equally: Witness | None) -> Witness:
    """Raise the worst-off entry as far as can be found, and prove how far it could be raised at most."""
    if not climb.field.counts.any():
        return nobody(climb.field)
    witness = alone(climb.field)
    if equally is not None and equally.bound < witness.bound:
        witness = equally  # nobody could be raised to the other one
    elif climb.worst < witness.bound:
        climb.aim(witness.bound)
    if climb.worst >= witness.bound or not finest(climb.field):
        return witness
    witness, starts = _descent(climb, witness)
    climb.share, high = 0.6, witness.bound
    target = high - (high - climb.worst) // _CAUTION
    while high - climb.worst > abs(high) // _CLOSE and not climb.spent:
        if not any(climb.aim(target, start) for start in (*starts, None)):
            high = target - 1
        target = (climb.worst + high + 1) // 2
    return witness


def _descent(climb: Climb, witness: Witness) -> tuple[Witness, list[Round]]:
    """The sharpest bound of some rounds, and rounds whose assignments are worth raising."""
    pairs = max(climb.field.units.size, 1)
    rounds = min(max(_ROUND_PAIRS // pairs, _ROUNDS[0]), _ROUNDS[1])
    share, done = _first(climb, witness.bound)
    sharpest, ahead, passed = (share, done), (done.mean - climb.worst) * _AHEAD, [done]
    witness = min(witness, done.witness, key=lambda one: one.bound)
    for number in range(1, rounds):
        if climb.worst >= witness.bound:
            break
        climb.tell("bound", 0.4 + 0.2 * number / rounds)
        share = descended(*sharpest, ahead)
        halfway = (climb.worst + witness.bound) // 2
        done = weigh(climb.field, share, (climb.worst if number < rounds // 2 else halfway) + 1, done.price)
        witness = min(witness, done.witness, key=lambda one: one.bound)
        lower = sharpest[1].mean - done.mean
        if lower <= 0:
            ahead /= 2
            continue
        sharpest = share, done
        passed.append(done)
        if done.mean - lower * (rounds - number) > witness.bound:
            break  # rounds gain less and less: this will not lower the bound
    return witness, passed[: -_STARTS - 1 : -1]


def _first(climb: Climb, bound: int) -> tuple[FloatArray, Round]:
    """Equal weights on everybody, or on those near the worst-off: what bounds more sharply."""
    shares = [who.astype(np.float64) for who in (climb.field.counts, climb.near(bound))]
    rounds = [(share, weigh(climb.field, share, climb.worst + 1)) for share in shares]
    return min(rounds, key=lambda one: one[1].witness.bound)
