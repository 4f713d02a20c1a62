"""Explanations: why a reviewer has an entry, and why another has not, in numbers that can be checked.

The prices say what a slot of an entry and of a reviewer is worth; one search of the residual network, or with kinds one
solution of the changed problem, says exactly what the total would lose if the pair were not there, or if it had to be,
and what would change hands.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

import numpy as np

from simsa.engine.assignment.answering import Prepared
from simsa.engine.assignment.exchange import Exchange
from simsa.engine.assignment.network import COST_ROOM, in_units
from simsa.engine.assignment.prepare import prepare
from simsa.engine.assignment.problem import AssignmentError, IntArray, Problem, pair_places
from simsa.engine.assignment.repair import Repair
from simsa.engine.assignment.result import Assignment, read_only

Reason = Literal[
    "conflict",
    "no candidate",
    "entry needs nobody",
    "reviewer takes nobody",
    "pinned pairs",
    "equal",
    "kinds",
    "previous pairs",
    "entry has better",
    "reviewer has better uses",
]
"""Why a pair is not chosen. "pinned pairs": they leave no slot of the entry or of the reviewer. "equal": it could have
been, at the same total. "kinds": limits of kinds leave no seat for it, or let no worse one go for it. "previous pairs":
in a repair, it would cost some of those that stay. "entry has better": the entry would not want it even if the reviewer
were free. "reviewer has better uses": the entry would, but others are worth more."""


@dataclass(frozen=True, eq=False)
class Why:
    """Why a chosen pair is there. Fractions are in the problem's own unit.

    Attributes:
        pinned: it had to be.
        affinity: of the pair, as scaled.
        entry_price, reviewer_price: what a slot of each is worth; None for a repair, where affinity is not all.
        kind_price: what the limits of the reviewer's kinds take from that at this entry, or (negative) add to it: the
            pair is worth at least all three together, unless it is pinned. None as above.
        rank: 1 if no candidate of the entry has a larger affinity, and so on.
        loss: what the total would be less without the pair (more, where negative: slots come first).
        slots_lost: slots and least loads that could then not be met.
        kinds: int64, shape (k,): groups whose limits keep the reviewer there; without them the entry would rather have
            another one.
        exchange: what would change hands, the pair itself among those removed.
    """

    entry: int
    reviewer: int
    pinned: bool
    affinity: Fraction
    entry_price: Fraction | None
    reviewer_price: Fraction | None
    kind_price: Fraction | None
    rank: int
    loss: Fraction
    slots_lost: int
    kinds: IntArray
    exchange: Exchange


@dataclass(frozen=True, eq=False)
class WhyNot:
    """Why a pair is not there. Fractions are in the problem's own unit.

    Attributes:
        reason: see `Reason`.
        affinity: of the pair, as scaled; None if it has none, or one too large for the scale.
        entry_price, reviewer_price, kind_price: as in `Why`; the pair is worth at most all three together, unless it is
            forbidden.
        rank: 1 if no candidate of the entry has a larger affinity, and so on; None without an affinity.
        load, most: of the reviewer.
        loss: what the total would be less if the pair had to be chosen (a conflict: if it were lifted and the pair had
            to be chosen); more, where negative. None without an affinity, or where it cannot be.
        slots_lost: slots and least loads that could then not be met; negative where more could be.
        kinds: int64, shape (k,): with reason "kinds", the groups whose limits stand in the way.
        exchange: what would change hands, the pair itself among those added; None as for `loss`.
    """

    entry: int
    reviewer: int
    reason: Reason
    affinity: Fraction | None
    entry_price: Fraction | None
    reviewer_price: Fraction | None
    kind_price: Fraction | None
    rank: int | None
    load: int
    most: int
    loss: Fraction | None
    slots_lost: int
    kinds: IntArray
    exchange: Exchange | None


def why(
    problem: Problem, assignment: Assignment | Repair, entry: int, reviewer: int, *, prepared: Prepared | None = None
) -> Why:
    """Why a pair is chosen.

    Args:
        prepared: `prepare(problem, assignment)`, to make it only once for many questions.

    Raises:
        AssignmentError: the pair is not chosen; the assignment is not proven to be the problem's optimum; kinds cross
            and the answer is not known for certain.
    """
    at = prepared or prepare(problem, assignment)
    place = at.place(entry, reviewer)
    if place < 0 or not at.chosen[place]:
        raise AssignmentError(f"entry {entry}, reviewer {reviewer} is not chosen: ask why not")
    exchange = at.without(entry, reviewer)
    units = int(at.network.units[place])
    return Why(
        entry=entry,
        reviewer=reviewer,
        pinned=bool(at.network.pinned[place]),
        affinity=at.amount(units),
        entry_price=at.price(int(at.entry_price[entry])),
        reviewer_price=at.price(int(at.reviewer_price[reviewer])),
        kind_price=at.price(at.priced_kinds(entry, reviewer)),
        rank=_rank(at, entry, units),
        loss=at.amount(-exchange.units),
        slots_lost=-exchange.slots,
        kinds=read_only(at.needed_for_kinds(entry, reviewer)),
        exchange=exchange,
    )


def why_not(
    problem: Problem, assignment: Assignment | Repair, entry: int, reviewer: int, *, prepared: Prepared | None = None
) -> WhyNot:
    """Why a pair is not chosen.

    Args:
        prepared: `prepare(problem, assignment)`, to make it only once for many questions.

    Raises:
        AssignmentError: the pair is chosen; the assignment is not proven to be the problem's optimum; kinds cross
            and the answer is not known for certain.
    """
    at = prepared or prepare(problem, assignment)
    place = at.place(entry, reviewer)
    if place >= 0 and at.chosen[place]:
        raise AssignmentError(f"entry {entry}, reviewer {reviewer} is chosen: ask why")
    units = known_units(at, entry, reviewer)
    exchange = None if units is None else at.with_pair(entry, reviewer, units)
    kinds = _kinds_in_the_way(at, entry, reviewer, exchange)
    return WhyNot(
        entry=entry,
        reviewer=reviewer,
        reason=_reason(at, entry, reviewer, exchange, kinds),
        affinity=None if units is None else at.amount(units),
        entry_price=at.price(int(at.entry_price[entry])),
        reviewer_price=at.price(int(at.reviewer_price[reviewer])),
        kind_price=at.price(at.priced_kinds(entry, reviewer)),
        rank=None if units is None else _rank(at, entry, units),
        load=int(at.load[reviewer]),
        most=int(problem.most[reviewer]),
        loss=None if exchange is None else at.amount(-exchange.units),
        slots_lost=0 if exchange is None else -exchange.slots,
        kinds=read_only(kinds),
        exchange=exchange,
    )


def known_units(at: Prepared, entry: int, reviewer: int) -> int | None:
    """The units of a pair, forbidden or not; None if it has no affinity, or one too large for the scale."""
    problem, scale = at.problem, at.assignment.scale
    (place,) = pair_places(problem.entry, problem.reviewer, np.array([[entry, reviewer]]), problem.n_reviewers)
    if place < 0 or abs(problem.affinity[place].item()) * scale > COST_ROOM:
        return None
    return int(in_units(problem.affinity[place : place + 1], scale)[0])


def _rank(at: Prepared, entry: int, units: int) -> int:
    row = at.network.units[at.start[entry] : at.start[entry + 1]]
    return 1 + int(np.count_nonzero(row > units))


def _kinds_in_the_way(at: Prepared, entry: int, reviewer: int, exchange: Exchange | None) -> IntArray:
    """The groups whose limits leave no seat for a pair that is allowed, or let no better one go for it."""
    problem = at.problem
    asked = at.place(entry, reviewer) >= 0 and problem.coverage[entry] and problem.most[reviewer]
    if not asked or (exchange is not None and _equal(exchange)):
        return np.zeros(0, dtype=np.int64)
    if exchange is not None:
        return at.preferred_but_for_kinds(entry, reviewer)
    pinned = problem.pinned[problem.pinned[:, 0] == entry, 1]
    full = pinned.size == problem.coverage[entry]
    full |= np.count_nonzero(problem.pinned[:, 1] == reviewer) == problem.most[reviewer]
    return at.in_the_way(entry, pinned[:0] if full else np.append(pinned, reviewer))


def _equal(exchange: Exchange) -> bool:
    return exchange.value == (0, 0, 0)


def _reason(at: Prepared, entry: int, reviewer: int, exchange: Exchange | None, kinds: IntArray) -> Reason:
    problem, place = at.problem, at.place(entry, reviewer)
    if place < 0:
        forbidden = (problem.forbidden == (entry, reviewer)).all(axis=1).any()
        return "conflict" if forbidden else "no candidate"
    if not problem.coverage[entry]:
        return "entry needs nobody"
    if not problem.most[reviewer]:
        return "reviewer takes nobody"
    if kinds.size:
        return "kinds"
    if exchange is None:
        return "pinned pairs"
    if _equal(exchange):
        return "equal"
    if exchange.kept < 0 == exchange.slots:
        return "previous pairs"
    wanted = at.objective.units[place] > at.entry_price[entry] + at.priced_kinds(entry, reviewer)
    return "reviewer has better uses" if wanted else "entry has better"
