"""How well off the worst-off entry can be at most: a bound with a witness that anyone can add up.

Give every entry a weight. However the pairs are chosen, the worst-off entry has at most the weighted mean of all, and
the greatest weighted sum is a transport problem, which prices bound (Lagrangian duality: Geoffrion, 1974; the best
weights give the bound of the linear program). Two things make this sharper where slots are few and affinities coarse:

- To show that nobody can have every entry at `threshold` or more, pairs can be left out that no such assignment has:
  those which, with the best other candidates of their entry, stay below it.
- An entry alone can have no more than its best candidates: all weight on it. Mostly this is the bound.

The weights are found by mirror descent with Polyak's step (Beck and Teboulle, 2003), one transport problem a round.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from simsa.engine.assignment import chains
from simsa.engine.assignment.certificate import Gain, exact_product, exact_sum, gain_of_pairs
from simsa.engine.assignment.kinds import Family
from simsa.engine.assignment.kinds_bound import Prices, best_within, most_within, prices_alone, weighted
from simsa.engine.assignment.network import Network, longest_exchange, penalty_of
from simsa.engine.assignment.problem import AssignmentError, BoolArray, IntArray
from simsa.engine.assignment.result import read_only
from simsa.engine.assignment.shortfall import shortfalls
from simsa.engine.assignment.transport import transport

FloatArray = NDArray[np.float64]
_NO_KINDS = np.zeros((0, 3), dtype=np.int64)

_FINEST = 10**6  # the greatest weight is at most this
_ROOM = 2**61  # sums along a path must fit into 64 bits
_LOW_PRICE = 0.6  # the kernel wants to start somewhat below the final prices
_LEAP = 3.0  # no weight changes by more than this power of e in a round


@dataclass(frozen=True, eq=False)
class Witness:
    """Weights and prices that prove how well off the worst-off entry can be at most.

    Attributes:
        bound: no assignment with as few slots missing as possible leaves every entry that counts more units than this.
        threshold: to prove that nobody can reach this many units (more than `bound` then), pairs are left out that
            cannot be part of it; None: all pairs stay.
        weight: int64, shape (n_entries,), not negative, 0 for those that do not count.
        entry_price, reviewer_price: int64, shapes (n_entries,) and (n_reviewers,), none below -penalty, in units times
            weight.
        kind_price: int64, shape (k, 3): (entry, group, price), as in `Certificate`, in the same units.
        penalty: of a missing slot.
    """

    bound: int
    threshold: int | None
    weight: IntArray
    entry_price: IntArray
    reviewer_price: IntArray
    kind_price: IntArray
    penalty: int


@dataclass(frozen=True, eq=False)
class Field:
    """What is left to be decided once pinned pairs are set, and whose welfare counts.

    Attributes:
        entry, reviewer, units: int64, shape (pairs,): pairs neither forbidden nor pinned.
        start: int64, shape (n_entries + 1,): where each entry's pairs begin.
        need, least, room: int32, as in `Network`.
        base: int64, shape (n_entries,): units of pinned pairs.
        missing: slots that are empty, or under a least load, however the pairs are chosen; with kinds, also those for
            which there are no candidates at all.
        network: all pairs that are not forbidden, and the penalty of a missing slot.
        find_best: how `best` is found.
        gain: how what pairs are worth beyond their prices is added up.
    """

    entry: IntArray
    reviewer: IntArray
    units: IntArray
    start: IntArray
    need: NDArray[np.int32]
    least: NDArray[np.int32]
    room: NDArray[np.int32]
    base: IntArray
    missing: int
    network: Network
    find_best: Best
    gain: Gain

    @property
    def penalty(self) -> int:
        return self.network.penalty

    @property
    def family(self) -> Family | None:
        """The one family of kinds; None if there are none."""
        return self.network.problem.kinds.families[0] if self.network.problem.kinds else None

    @property
    def worth(self) -> IntArray:
        """What pairs are worth to an entry at most: one that may stay short need not take one that harms it."""
        return np.maximum(self.units, 0) if self.missing else self.units

    @cached_property
    def _best(self) -> tuple[IntArray, IntArray, IntArray]:
        return self.find_best(self, self.worth)

    @cached_property
    def best(self) -> tuple[IntArray, IntArray]:
        """What each entry can have at most, and the units of the last pair of that."""
        total, last, _ = self._best
        return self.base + total, last

    @cached_property
    def counts(self) -> BoolArray:
        """The entries that need anybody and have enough candidates, within their kinds."""
        coverage = self.network.problem.coverage
        fixed = np.bincount(self.network.entry[self.network.pinned], minlength=coverage.size)
        counts: BoolArray = (coverage > 0) & (self._best[2] + fixed == coverage)
        return counts


Best = Callable[[Field, IntArray], tuple[IntArray, IntArray, IntArray]]
"""Of each entry, the sum of what pairs are worth over its best candidates, the least of that, and how many."""


def best(field: Field, worth: IntArray) -> tuple[IntArray, IntArray, IntArray]:
    """The best candidates of each entry, within its kinds."""
    if field.family is not None:
        return best_within(field.network, field.family, worth)
    return *chains.best(field.start, worth, field.need), field.need.astype(np.int64)


def field(network: Network, chosen: BoolArray, find_best: Best = best, gain: Gain = gain_of_pairs) -> Field:
    """Take the network and any assignment with as few slots missing as possible."""
    problem = network.problem
    free = np.flatnonzero(~network.pinned) if network.pinned.any() else slice(None)
    entry, reviewer = network.entry[free], network.reviewer[free]
    base = np.zeros(problem.n_entries, dtype=np.int64)
    np.add.at(base, network.entry[network.pinned], network.units[network.pinned])
    load = np.bincount(reviewer[np.flatnonzero(chosen[free])], minlength=problem.n_reviewers)
    missing = int(network.need.sum() - load.sum() + np.maximum(network.least - load, 0).sum())
    if problem.kinds is not None:
        places = np.flatnonzero(chosen)
        missing = sum(int(part.sum()) for part in shortfalls(problem, network.entry[places], network.reviewer[places]))
    return Field(
        entry=entry,
        reviewer=reviewer,
        units=network.units[free],
        start=np.searchsorted(entry, np.arange(problem.n_entries + 1)).astype(np.int64),
        need=network.need.astype(np.int32),
        least=network.least.astype(np.int32),
        room=network.room.astype(np.int32),
        base=base,
        missing=missing,
        network=network,
        find_best=find_best,
        gain=gain,
    )


def units_of(field: Field, taken: BoolArray) -> IntArray:
    """Each entry's units, with the pairs taken and those pinned."""
    total, places = field.base.copy(), np.flatnonzero(taken)
    np.add.at(total, field.entry[places], field.units[places])
    return total


def usable(field: Field, threshold: int) -> BoolArray:
    """The pairs which an entry that counts can have and still reach the threshold; all pairs of others."""
    total, last = field.best
    units, entry, worth = field.units, field.entry, field.worth
    reachable = total[entry] - np.maximum(last[entry] - worth, 0) + (units - worth)
    enough: BoolArray = (reachable >= threshold) | ~field.counts[entry]
    return enough


def proven_bound(field: Field, witness: Witness) -> int:
    """What the weights and prices of a witness prove, whatever bound it states.

    With prices not below -penalty, the weighted units of any assignment with only `missing` slots missing are at most
    sum of need x entry price + sum of room x reviewer price (where positive) or least x price (where negative) + what
    usable pairs exceed their two prices by + penalty x missing + the weighted units of pinned pairs.

    Raises:
        AssignmentError: they prove nothing.
    """
    weight = witness.weight
    if weight.size and (int(weight.min()) < 0 or weight[~field.counts].any()):
        raise AssignmentError("weights must be 0 or more, and 0 for an entry that does not count")
    prices = witness.entry_price, witness.reviewer_price, witness.kind_price
    possible = None if witness.threshold is None else usable(field, witness.threshold)
    if field.family is None:
        most = _most(field, witness, possible)
    else:
        among = np.ones_like(field.entry, dtype=np.bool_) if possible is None else possible
        most = most_within(field.network, weight, prices, witness.penalty, field.missing, among)
    most += exact_product(weight, field.base)
    total = exact_sum(weight)
    if not total and (most >= 0 or witness.threshold is None):
        raise AssignmentError("without weights, only a contradiction proves a bound")
    below = [] if witness.threshold is None else [witness.threshold - 1]
    return max(below + ([most // total] if total else []))


def _most(field: Field, witness: Witness, possible: BoolArray | None) -> int:
    """What free pairs can add up to, weighted, without kinds; `possible`: the pairs that count, None: all."""
    weight, penalty = witness.weight, witness.penalty
    prices = witness.entry_price, witness.reviewer_price
    if any(price.size and int(price.min()) < -penalty for price in prices):
        raise AssignmentError("a price is below -penalty")
    places = slice(None) if possible is None else np.flatnonzero(possible)
    entry, reviewer, units = field.entry[places], field.reviewer[places], field.units[places]
    if (weight != 1).any():
        units = weight[entry] * units
    return (
        exact_product(field.need, prices[0])
        + exact_product(field.room, np.maximum(prices[1], 0))
        + exact_product(field.least, np.minimum(prices[1], 0))
        + field.gain(entry, reviewer, units, np.zeros(units.size, dtype=np.bool_), *prices)
        + penalty * field.missing
    )


def alone(field: Field) -> Witness:
    """The bound of the entry whose best candidates give it least. Some entry must count."""
    total, last = field.best
    who = int(np.argmin(np.where(field.counts, total, np.iinfo(np.int64).max)))
    weight, entry_price = np.zeros_like(total), np.zeros_like(total)
    weight[who], entry_price[who] = 1, last[who]
    if field.family is not None:
        optional = field.missing > 0
        prices = prices_alone(field.network, field.family, field.worth, who, optional=optional)
        return _witness(field, None, weight, prices, 0 if optional else field.penalty)
    reviewer_price = np.zeros(field.room.size, dtype=np.int64)
    penalty = 0 if field.missing else max(field.penalty, -int(last[who]))
    return _witness(field, None, weight, (entry_price, reviewer_price, _NO_KINDS), penalty)


def equal(field: Field, prices: Prices) -> Witness | None:
    """The bound of equal weights, from prices that prove the greatest total. None if not everybody counts."""
    if not field.counts.all() or not field.counts.size:
        return None
    return _witness(field, None, np.ones_like(prices[0]), prices, field.penalty)


def nobody(field: Field) -> Witness:
    """The witness where nobody counts: nothing is proven, and the bound is 0."""
    nothing = [read_only(np.zeros(size, dtype=np.int64)) for size in (field.need.size, field.room.size)]
    return Witness(0, None, nothing[0], nothing[0], nothing[1], _NO_KINDS, 0)


def _witness(field: Field, threshold: int | None, weight: IntArray, prices: Prices, penalty: int) -> Witness:
    entry_price, reviewer_price, kind_price = map(read_only, prices)
    witness = Witness(0, threshold, read_only(weight), entry_price, reviewer_price, kind_price, penalty)
    object.__setattr__(witness, "bound", proven_bound(field, witness))
    return witness


@dataclass(frozen=True, eq=False)
class Round:
    """One round of the descent: what its weights prove, and an assignment with the greatest weighted sum.

    Attributes:
        taken: bool, shape (pairs,): of the field.
        welfare: int64, shape (n_entries,): units of each entry.
        mean: weighted mean of `welfare`.
        whole: whether every entry has its reviewers, and none was left aside.
        price: int64, shape (n_reviewers,): in units times the mean weight.
    """

    witness: Witness
    taken: BoolArray
    welfare: IntArray
    mean: float
    whole: bool
    price: IntArray


def finest(field: Field) -> int:
    """The greatest weight with which nothing can overflow; 0 if there is none. Pinned pairs are never multiplied."""
    width = int(np.ptp(field.units)) + int(np.abs(field.units).max()) if field.units.size else 0
    hops = longest_exchange(field.network.problem) + 1
    return min(_FINEST, _ROOM // (4 * hops * (width + 1)))


def weigh(field: Field, share: FloatArray, threshold: int | None, price: IntArray | None = None) -> Round:
    """Solve the transport problem in which every entry's units count by its share (the greatest is 1).

    Entries without weight are left aside where nothing is missing: they would only tie.

    Args:
        threshold: leave out pairs that no assignment has in which every entry has so much.
        price: of the round before.
    """
    weight = np.rint(share * finest(field)).astype(np.int64)
    mean = float(weight.sum()) / np.count_nonzero(weight)
    penalty = int(weight.max()) * penalty_of(field.network.problem, field.units)
    aside = (weight == 0) & (field.missing == 0) & (field.family is None)
    kept = ~aside[field.entry]
    if threshold is not None:
        kept &= usable(field, threshold)
    # A round with few weights may have had prices that are out of all proportion to these.
    start = None if price is None else np.clip(price * (_LOW_PRICE * mean), 0, penalty).astype(np.int64)
    if field.family is not None:
        taken, prices = weighted(field.network, field.family, weight, kept, penalty, start)
        return _round(field, threshold, weight, taken, prices, penalty, aside)
    places = np.flatnonzero(kept)
    entry = field.entry[places]
    flow = transport(
        np.searchsorted(entry, np.arange(field.need.size + 1)),
        field.reviewer[places],
        field.units[places] * weight[entry],
        np.where(aside, 0, field.need).astype(np.int64),
        np.where(aside.any(), 0, field.least).astype(np.int64),
        field.room.astype(np.int64),
        penalty,
        price=start,
    )
    taken = np.zeros(field.units.size, dtype=np.bool_)
    taken[places] = flow.taken > 0
    prices = np.where(aside, 0, flow.entry_price), flow.reviewer_price, _NO_KINDS
    return _round(field, threshold, weight, taken, prices, penalty, aside)


def _round(
    field: Field,
    threshold: int | None,
    weight: IntArray,
    taken: BoolArray,
    prices: Prices,
    penalty: int,
    aside: BoolArray,
) -> Round:
    welfare, mean = units_of(field, taken), float(weight.sum()) / np.count_nonzero(weight)
    load = np.bincount(field.reviewer[taken], minlength=field.room.size)
    return Round(
        witness=_witness(field, threshold, weight, prices, penalty),
        taken=taken,
        welfare=welfare,
        mean=float(weight.astype(np.float64) @ welfare) / float(weight.sum()),
        whole=not aside.any() and load.sum() == field.need.sum() and bool((load >= field.least).all()),
        price=(prices[1] / mean).astype(np.int64),
    )


def descended(share: FloatArray, done: Round, ahead: float) -> FloatArray:
    """The weights of the next round: who has more than the mean loses, by Polyak's step for a bound `ahead` lower."""
    above = done.welfare - done.mean
    spread = float(share @ above**2) / float(share.sum())
    if not spread:
        return share
    moved = share * np.exp(-np.clip(ahead / spread * above, -_LEAP, _LEAP))
    return np.asarray(moved / moved.max())
