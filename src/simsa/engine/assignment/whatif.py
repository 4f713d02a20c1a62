"""What if: one more reviewer, one more slot, one more review, one conflict lifted; what it would be worth, exactly.

The prices that prove an assignment bound what a small change can bring (they are the dual variables); what it does
bring is a shortest path in the residual network, of which one search finds those of all reviewers or of all entries at
once (the sensitivity of network flows: Ahuja, Magnanti and Orlin, "Network Flows", 1993, section 9.11). Where many
slots change at once, or there are kinds, the changed problem is solved.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from simsa.engine.assignment.answering import Prepared
from simsa.engine.assignment.certificate import exact_sum, kind_prices_of_pairs
from simsa.engine.assignment.exchange import Exchange
from simsa.engine.assignment.explain import known_units
from simsa.engine.assignment.kinds import Kinds
from simsa.engine.assignment.network import COST_ROOM, fitting_scale, in_units
from simsa.engine.assignment.prepare import prepare
from simsa.engine.assignment.problem import AssignmentError, BoolArray, IntArray, Problem, in_range
from simsa.engine.assignment.repair import Repair
from simsa.engine.assignment.residual import FAR, Residual
from simsa.engine.assignment.result import Assignment, read_only


@dataclass(frozen=True)
class OneMoreSlot:
    """A reviewer takes one more than now."""

    reviewer: int


@dataclass(frozen=True)
class OneMoreReview:
    """An entry needs one more than now; None: every entry."""

    entry: int | None = None


@dataclass(frozen=True)
class ConflictLifted:
    """A pair may be chosen that is forbidden now, or no candidate.

    Attributes:
        affinity: of the pair; None: the one that the problem has for it.
    """

    entry: int
    reviewer: int
    affinity: float | None = None


@dataclass(frozen=True, eq=False)
class OneMoreReviewer:
    """A reviewer comes in, with the next free number.

    Attributes:
        like: the reviewer whose candidates, conflicts and (unless given here) most load and groups they have.
        affinity: instead, shape (n_entries,); NaN where the entry is no candidate.
        most: slots that they take at most.
        groups: the kinds that they are of, as numbered in results, one in each family at most (those around it need not
            be named). None: as `like`, else of no kind.
    """

    like: int | None = None
    affinity: ArrayLike | None = None
    most: int | None = None
    groups: Sequence[int] | None = None


Change: TypeAlias = OneMoreSlot | OneMoreReview | ConflictLifted | OneMoreReviewer
"""A question to `what_if`."""


@dataclass(frozen=True, eq=False)
class Outcome:
    """What a change would bring: exact, not an estimate. Fractions are in the problem's own unit.

    Attributes:
        change: the question.
        total: the largest total affinity after it, where as many slots as can be are filled.
        gain: what that is more than now.
        worst: the smallest sum of affinities that an entry has after it; None if there are no entries.
        worst_before: the same now.
        missing: slots and least loads that are not met after it. The change is feasible where this is 0.
        missing_before: the same now.
        bound: what the prices alone say that `gain` cannot be above; None where slots come or go as well, or about a
            repair, for then they say nothing about affinity.
        exchange: what would change hands.
    """

    change: Change
    total: Fraction
    gain: Fraction
    worst: Fraction | None
    worst_before: Fraction | None
    missing: int
    missing_before: int
    bound: Fraction | None
    exchange: Exchange

    @property
    def feasible(self) -> bool:
        """Whether every entry has its coverage and every reviewer the least load after the change."""
        return not self.missing

    @property
    def tight(self) -> bool:
        """Whether the prices alone would have told the gain."""
        return self.bound == self.gain


@dataclass(frozen=True, eq=False)
class Margins:
    """What one more slot of each reviewer, and one more review of each entry, would bring: exact, each by itself.

    Attributes:
        scale: units in one of the problem's affinity.
        slot_units: int64, shape (n_reviewers,): what the total would change by with one more slot of the reviewer.
        slot_filled: int64, shape (n_reviewers,): slots and least loads met in addition.
        slot_bound: int64, shape (n_reviewers,): what the price says that `slot_units` cannot be above where no slot is
            filled in addition.
        review_units: int64, shape (n_entries,): what the total would change by with one more review of the entry.
        review_filled: int64, shape (n_entries,): 0, or 1 where a least load is met by it as well, or -1 where the
            review could not be had, or only at the cost of another slot.
        review_bound: int64, shape (n_entries,): as `slot_bound`.
    """

    scale: int
    slot_units: IntArray
    slot_filled: IntArray
    slot_bound: IntArray
    review_units: IntArray
    review_filled: IntArray
    review_bound: IntArray

    def slot(self, reviewer: int) -> Fraction:
        """What one more slot of a reviewer is worth, in the problem's own unit."""
        return Fraction(int(self.slot_units[reviewer]), self.scale)

    def review(self, entry: int) -> Fraction:
        """What the total would change by with one more review of an entry, in the problem's own unit."""
        return Fraction(int(self.review_units[entry]), self.scale)


def what_if(
    problem: Problem, assignment: Assignment | Repair, change: Change, *, prepared: Prepared | None = None
) -> Outcome:
    """What a change would bring. After a repair: slots first, then previous pairs, then affinity.

    Args:
        prepared: `prepare(problem, assignment)`, to make it only once for many questions.

    Raises:
        AssignmentError: the change names an entry, reviewer or group that there is not, a pair that is allowed already
            or whose affinity is not known, or affinities that do not fit; the assignment is not proven to be the
            problem's optimum; kinds cross and the answer is not known for certain.
    """
    at = prepared or prepare(problem, assignment)
    match change:
        case OneMoreSlot():
            return _more_slots(at, change)
        case OneMoreReview(entry=None):
            more = problem.changed(coverage=problem.coverage + 1)
            return _outcome(at, change, at.solved(more), exact_sum(at.entry_price))
        case OneMoreReview(entry=int(entry)):
            return _more_review(at, change, entry)
        case ConflictLifted():
            return _lifted(at, change)
        case OneMoreReviewer():
            return _more_reviewers(at, change)
        case _:
            raise AssignmentError(f"not a change: {change!r}")


def margins(problem: Problem, assignment: Assignment, *, prepared: Prepared | None = None) -> Margins:
    """What one more slot of every reviewer, and one more review of every entry, would bring: two searches for all.

    Args:
        prepared: `prepare(problem, assignment)`, to make it only once for many questions.

    Raises:
        AssignmentError: the assignment is not proven to be the problem's optimum; there are kinds, or it is a repair:
            then each margin is a question of its own to `what_if`.
    """
    at = prepared or prepare(problem, assignment)
    if not isinstance(at, Residual) or at.previous is not None:
        raise AssignmentError(
            "with kinds, and after a repair, two searches do not tell all margins: ask what_if about the entries and "
            "reviewers that matter (OneMoreReview, OneMoreSlot)"
        )
    n = problem.n_entries
    ways = at.ways(at.sink)
    full = (at.load == problem.most) & (ways.distance[n : at.sink] < FAR)
    slot = np.where(full, at.reviewer_price - np.where(full, ways.distance[n : at.sink], 0), 0)
    filled, units = _parted(at, slot, ways.next_to_source()[n : at.sink], full, given=True)
    better = full & ((filled > 0) | ((filled == 0) & (units > 0)))
    back = at.ways(at.sink, reverse=True)
    review = at.entry_price - back.distance[:n]
    everywhere = np.ones(n, dtype=np.bool_)
    review_filled, review_units = _parted(at, review, back.next_to_source()[:n], everywhere, given=False)
    return Margins(
        scale=assignment.scale,
        slot_units=read_only(np.where(better, units, 0)),
        slot_filled=read_only(np.where(better, filled, 0)),
        slot_bound=read_only(np.where(at.load == problem.most, np.maximum(at.reviewer_price, 0), 0)),
        review_units=read_only(review_units),
        review_filled=read_only(review_filled),
        review_bound=read_only(at.entry_price),
    )


def _parted(
    at: Residual, worth: IntArray, last: IntArray, where: BoolArray, *, given: bool
) -> tuple[IntArray, IntArray]:
    """What ways are worth, parted into slots and affinity units by the node next to the sink.

    Args:
        worth: of each way, in units less penalties.
        last: the node next to the sink; of a way from the sink (`given`) it gives a slot, else it takes one.
        where: the ways that there are.
    """
    n = at.problem.n_entries
    entry, seat = last < n, np.clip(last - n, 0, max(at.load.size - 1, 0))
    if at.load.size:
        load, least = at.load[seat], at.problem.least[seat]
        needy = ~entry & ((load <= least) if given else (load < least))
    else:
        needy = np.zeros(last.shape, dtype=np.bool_)
    sign = 1 if given else -1
    slots = np.where(where, sign * (entry.astype(np.int64) - needy), 0)
    return slots, worth - slots * at.network.penalty


def _more_slots(at: Prepared, change: OneMoreSlot) -> Outcome:
    j = _known(change.reviewer, at.problem.n_reviewers, "reviewer")
    if at.load[j] < at.problem.most[j]:
        return _outcome(at, change, Exchange.of({}, {}), 0)
    return _outcome(at, change, at.more_slot(j), max(int(at.reviewer_price[j]), 0))


def _more_review(at: Prepared, change: OneMoreReview, entry: int) -> Outcome:
    i = _known(entry, at.problem.n_entries, "entry")
    return _outcome(at, change, at.more_review(i), int(at.entry_price[i]))


def _lifted(at: Prepared, change: ConflictLifted) -> Outcome:
    i, j = change.entry, change.reviewer
    if at.place(i, j) >= 0:
        raise AssignmentError(f"entry {i}, reviewer {j} is a pair that is allowed already")
    units, nothing = _stated_units(at, change), Exchange.of({}, {})
    exchange = max(nothing, at.with_pair(i, j, units) or nothing, key=lambda one: one.value)
    surplus = units - int(at.entry_price[i]) - int(at.reviewer_price[j]) - at.priced_kinds(i, j)
    return _outcome(at, change, exchange, max(surplus, 0))


def _stated_units(at: Prepared, change: ConflictLifted) -> int:
    if change.affinity is None:
        units = known_units(at, change.entry, change.reviewer)
        if units is None:
            raise AssignmentError(f"entry {change.entry}, reviewer {change.reviewer} has no affinity: give one")
        return units
    scale = at.assignment.scale
    if not abs(change.affinity) * scale <= COST_ROOM:
        raise AssignmentError(f"affinity {change.affinity!r} does not fit the scale {scale}")
    return int(in_units(np.array([change.affinity]), scale)[0])


def _more_reviewers(at: Prepared, change: OneMoreReviewer) -> Outcome:
    problem = at.problem
    entry, affinity, forbidden = _newcomer(problem, change)
    most = int(problem.most[change.like]) if change.most is None and change.like is not None else change.most
    if most is None:
        raise AssignmentError("a reviewer with affinities of their own needs a most load")
    if most < 0:
        raise AssignmentError(f"most must not be negative: it is {most}")
    number = np.full(entry.size, problem.n_reviewers)
    kinds = _kinds_with(problem, change)
    more = problem.changed(
        n_reviewers=problem.n_reviewers + 1,
        entry=np.concatenate([problem.entry, entry]),
        reviewer=np.concatenate([problem.reviewer, number]),
        affinity=np.concatenate([problem.affinity, affinity]),
        least=np.append(problem.least, 0),
        most=np.append(problem.most, most),
        forbidden=np.concatenate([problem.forbidden, forbidden]),
        kinds=kinds,
    )
    allowed = ~np.isin(entry, forbidden[:, 0])
    entry, number = entry[allowed], number[allowed]
    surplus = in_units(affinity[allowed], fitting_scale(more, at.assignment.scale)) - at.entry_price[entry]
    if kinds is not None:
        surplus -= kind_prices_of_pairs(kinds, at.assignment.certificate.kind_price, entry, number)
    best = np.sort(surplus[surplus > 0])[::-1][:most]
    return _outcome(at, change, at.solved(more), exact_sum(best))


def _kinds_with(problem: Problem, change: OneMoreReviewer) -> Kinds | None:
    """The kinds with a new reviewer among those whom they are of."""
    if problem.kinds is None:
        if change.groups:
            raise AssignmentError("the new reviewer has groups, but the problem has no kinds")
        return None
    if change.groups is not None:
        return problem.kinds.with_reviewer(change.groups)
    return problem.kinds.with_reviewer(() if change.like is None else problem.kinds.groups_of(change.like))


def _newcomer(problem: Problem, change: OneMoreReviewer) -> tuple[IntArray, IntArray | NDArray[np.float64], IntArray]:
    """Entries that a new reviewer is a candidate for, the affinities, and the conflicts."""
    if (change.like is None) == (change.affinity is None):
        raise AssignmentError("a new reviewer is either like another or has affinities of their own")
    if change.like is not None:
        j = _known(change.like, problem.n_reviewers, "reviewer")
        pairs = problem.reviewer == j
        forbidden = problem.forbidden[problem.forbidden[:, 1] == j].copy()
        forbidden[:, 1] = problem.n_reviewers
        return problem.entry[pairs], problem.affinity[pairs], forbidden
    values = np.asarray(change.affinity)
    if values.shape != (problem.n_entries,):
        raise AssignmentError(f"affinity must be one for each entry ({problem.n_entries}): its shape is {values.shape}")
    entry = np.flatnonzero(~np.isnan(values)) if values.dtype.kind == "f" else np.arange(values.size)
    return entry, values[entry], np.zeros((0, 2), dtype=np.int64)


def _known(number: int, n: int, name: str) -> int:
    in_range(np.array([number]), n, name)
    return number


def _outcome(at: Prepared, change: Change, exchange: Exchange, bound: int) -> Outcome:
    now = at.assignment
    missing = now.missing
    per_entry = now.per_entry.copy()
    np.add.at(per_entry, exchange.added[:, 0], exchange.added_units)
    np.subtract.at(per_entry, exchange.removed[:, 0], exchange.removed_units)
    return Outcome(
        change=change,
        total=at.amount(now.total_units + exchange.units),
        gain=at.amount(exchange.units),
        worst=at.amount(int(per_entry.min())) if per_entry.size else None,
        worst_before=at.amount(int(now.per_entry.min())) if per_entry.size else None,
        missing=missing - exchange.slots,
        missing_before=missing,
        bound=None if exchange.slots or at.previous is not None else at.amount(bound),
        exchange=exchange,
    )
