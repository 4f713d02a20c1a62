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

from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np

from simsa.engine.assignment.chains import Pairs, exchange
from simsa.engine.assignment.network import build_network, fitting_scale
from simsa.engine.assignment.problem import BoolArray, IntArray, Problem
from simsa.engine.assignment.result import Assignment, read_only
from simsa.engine.assignment.solving import Progress, assignment_of
from simsa.engine.assignment.transport import choose_pairs
from simsa.engine.assignment.worst_bound import Field, FloatArray, Round, Witness, alone, descended, field, weigh

SOLVER = "exchanges under floors"

_NO_FLOOR = -(2**62)
_ROUNDS = (10, 60)  # fewest and most
_ROUND_PAIRS = 3 * 10**6  # pairs x rounds that are aimed at
_WORK = 3 * 10**8  # pairs that chains may look at in all, ...
_WORK_PER_PAIR = 100  # ... and so many more for each pair there is
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
    def kept(self) -> Fraction:
        """The share of the greatest total that is kept; 1 if that is nothing."""
        greatest = self.optimum.total_units
        return Fraction(self.assignment.total_units, greatest) if greatest else Fraction(1)


def assign_fairly(problem: Problem, *, scale: int | None = None, progress: Progress | None = None) -> FairAssignment:
    """Choose pairs so that the worst-off entry has as much affinity as possible, then all together.

    Limits that cannot all be met are no error: first as many slots as possible are filled (see `assign`).

    Args:
        scale: as for `assign`.
        progress: told each step as it begins.

    Raises:
        AssignmentError: the affinities are too large for exact arithmetic at this scale, or at any.
    """
    tell = progress or (lambda _step, _share: None)
    tell("network", 0.0)
    scale = fitting_scale(problem, scale)
    network = build_network(problem, scale)
    tell("greatest total", 0.05)
    chosen, flow = choose_pairs(network, tell=lambda _step, _share: tell("greatest total", 0.05))
    optimum = assignment_of(problem, network, chosen, scale, flow.entry_price, flow.reviewer_price)
    climb = _Climb(field(network, chosen), chosen[~network.pinned], flow.reviewer_price, tell)
    witness = _raised(climb)
    tell("total", 0.8)
    climb.gain()
    chosen[~network.pinned] = climb.taken
    result = assignment_of(problem, network, chosen, scale, flow.entry_price, flow.reviewer_price)
    tell("done", 1.0)
    return FairAssignment(
        assignment=replace(result, solver=SOLVER),
        worst=climb.worst,
        witness=witness,
        excluded=read_only(np.flatnonzero(~climb.field.counts)),
        optimum=optimum,
    )


class _Climb:
    """The assignment with the best worst-off entry so far, and the work that may still be put into a better one.

    Where slots stay empty, stand-ins without affinity fill them: they are as many as there must be, none has room, and
    so an empty slot can be passed on but never made.
    """

    def __init__(self, field: Field, taken: BoolArray, price: IntArray, tell: Progress) -> None:
        self.field, self._tell = field, tell
        self._left = _WORK + _WORK_PER_PAIR * field.units.size
        self._pairs, self._real, self._state, self._price = _with_stand_ins(field, taken, price)
        self._welfare = field.base.copy()
        np.add.at(self._welfare, field.entry[taken], field.units[taken])
        self._optimum = self._state, self._welfare
        self.reached = field.counts

    @property
    def taken(self) -> BoolArray:
        """Of the field's pairs, those that are chosen."""
        return self._state[self._real]

    @property
    def worst(self) -> int:
        return self._worst(self._welfare)

    def _worst(self, welfare: IntArray) -> int:
        counted = welfare[self.field.counts]
        return int(counted.min()) if counted.size else 0

    def aim(self, target: int, at: Round | None = None) -> bool:
        """Raise everyone to the target, in the best assignment or in that of a round. Whether that succeeded."""
        if at is None:
            return self._aim(target, self._state, self._welfare, self._price)
        usable = at.whole and not self.field.missing
        return usable and self._aim(target, at.taken, at.welfare, at.price)

    def _aim(self, target: int, state: BoolArray, welfare: IntArray, price: IntArray) -> bool:
        if self._left <= 0:
            return False
        done = exchange(
            self._pairs,
            state,
            welfare,
            price,
            self._floor(target),
            work=self._left,
            tell=lambda _step, _share: self._tell("worst-off", 0.3),
        )
        self._left -= done.work
        if self._worst(done.welfare) > self.worst:
            self._state, self._welfare = done.taken, done.welfare
        if not done.complete:
            self.reached = done.reached & self.field.counts
        return done.complete

    def _floor(self, target: int) -> IntArray:
        return np.where(self.field.counts, target, _NO_FLOOR)

    def gain(self) -> None:
        """Gain in total under the floor, from the best assignment and from the greatest total raised to it."""
        floor, ends = self._floor(self.worst), []
        again = exchange(self._pairs, *self._optimum, self._price, floor, work=self._left)
        for state, welfare in [(self._state, self._welfare)] + [(again.taken, again.welfare)] * again.complete:
            tell = lambda _step, share: self._tell("total", 0.8 + 0.1 * share)  # noqa: E731
            done = exchange(self._pairs, state, welfare, self._price, floor, gain=True, work=_WORK, tell=tell)
            ends.append((int(done.welfare.sum()), done.taken, done.welfare))
        _, self._state, self._welfare = max(ends, key=lambda end: end[0])


def _with_stand_ins(
    field: Field, taken: BoolArray, price: IntArray
) -> tuple[Pairs, BoolArray, BoolArray, IntArray]:
    """The pairs to exchange; of them, those of the field and those taken; and the reviewers' prices."""
    empty = field.need - np.bincount(field.entry[taken], minlength=field.need.size)
    many, n_reviewers = int(empty.max(initial=0)), field.room.size
    stand_ins = np.arange(many)
    entry = np.concatenate([field.entry, np.repeat(np.arange(field.need.size), many)])
    order = np.argsort(entry, kind="stable") if many else slice(None)
    real = np.arange(entry.size)[order] < field.units.size
    state = np.concatenate([taken, (stand_ins < empty[:, None]).ravel()])[order]
    load = np.count_nonzero(stand_ins < empty[:, None], axis=0)
    units = np.zeros(entry.size, dtype=np.int64)
    units[: field.units.size] = field.units
    pairs = Pairs(
        start=field.start + many * np.arange(field.start.size),
        reviewer=np.concatenate([field.reviewer, np.tile(n_reviewers + stand_ins, field.need.size)])[order].astype("i4"),
        units=units[order],
        need=field.need,
        least=np.concatenate([field.least, load]).astype(np.int32),
        most=np.concatenate([field.room, load]).astype(np.int32),
    )
    return pairs, real, state, np.concatenate([price, np.full(many, field.penalty)])


def _raised(climb: _Climb) -> Witness:
    """Raise the worst-off entry as far as can be found, and prove how far it could be raised at most."""
    if not climb.field.counts.any():
        zero = (np.zeros(size, dtype=np.int64) for size in (climb.field.need.size,) * 2 + (climb.field.room.size,))
        return Witness(0, None, *map(read_only, zero), 0)
    witness = alone(climb.field)
    if climb.worst >= witness.bound or climb.aim(witness.bound):
        return witness
    pairs = max(climb.field.units.size, 1)
    witness = _descent(climb, witness, min(max(_ROUND_PAIRS // pairs, _ROUNDS[0]), _ROUNDS[1]))
    high = witness.bound
    while high - climb.worst > witness.bound // _CLOSE and (target := (climb.worst + high + 1) // 2) > climb.worst:
        high = high if climb.aim(target) else target - 1
    return witness


def _descent(climb: _Climb, witness: Witness, rounds: int) -> Witness:
    """The sharpest bound of so many rounds, with an attempt to get halfway to it after each."""
    share, done = _first(climb)
    ahead = (done.mean - climb.worst) / 2
    sharpest = done.mean
    for number in range(rounds):
        witness = min(witness, done.witness, key=lambda one: one.bound)
        if climb.worst >= witness.bound:
            break
        halfway = climb.worst + (witness.bound - climb.worst + 1) // 2
        climb.aim(halfway, done)
        climb.aim(halfway)
        share = descended(share, done, ahead)
        done = weigh(climb.field, share, climb.worst + 1 if number < rounds // 2 else halfway, done.price)
        ahead = ahead if done.mean < sharpest else ahead / 2
        sharpest = min(sharpest, done.mean)
    return witness


def _first(climb: _Climb) -> tuple[FloatArray, Round]:
    """Equal weights on everybody, or on those who stood in the way of the worst-off: what bounds more sharply."""
    shares = [climb.field.counts.astype(np.float64), climb.reached.astype(np.float64)]
    rounds = [weigh(climb.field, share, climb.worst + 1) for share in shares]
    best = min(range(2), key=lambda which: rounds[which].witness.bound)
    return shares[best], rounds[best]
