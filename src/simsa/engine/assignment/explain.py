"""Explanations: why a reviewer has an entry, and why another has not, in numbers that can be checked.

The prices say what a slot of an entry and of a reviewer is worth; one search of the residual network says exactly what
the total would lose if the pair were not there, or if it had to be, and what would change hands.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

import numpy as np

from simsa.engine.assignment.network import COST_ROOM, in_units
from simsa.engine.assignment.problem import AssignmentError, Problem, pair_places
from simsa.engine.assignment.residual import Exchange, Residual
from simsa.engine.assignment.result import Assignment

Reason = Literal[
    "conflict",
    "no candidate",
    "entry needs nobody",
    "reviewer takes nobody",
    "pinned pairs",
    "equal",
    "entry has better",
    "reviewer has better uses",
]
"""Why a pair is not chosen. "pinned pairs": they leave no slot of the entry or of the reviewer. "equal": it could have
been, at the same total. "entry has better": the entry would not want it even if the reviewer were free. "reviewer has
better uses": the entry would, but others are worth more."""


@dataclass(frozen=True, eq=False)
class Why:
    """Why a chosen pair is there. Fractions are in the problem's own unit.

    Attributes:
        pinned: it had to be.
        affinity: of the pair, as scaled.
        entry_price, reviewer_price: what a slot of each is worth; the pair is worth at least both together, unless it
            is pinned.
        rank: 1 if no candidate of the entry has a larger affinity, and so on.
        loss: what the total would be less without the pair (more, where negative: slots come first).
        slots_lost: slots and least loads that could then not be met.
        exchange: what would change hands, the pair itself among those removed.
    """

    entry: int
    reviewer: int
    pinned: bool
    affinity: Fraction
    entry_price: Fraction
    reviewer_price: Fraction
    rank: int
    loss: Fraction
    slots_lost: int
    exchange: Exchange


@dataclass(frozen=True, eq=False)
class WhyNot:
    """Why a pair is not there. Fractions are in the problem's own unit.

    Attributes:
        reason: see `Reason`.
        affinity: of the pair, as scaled; None if it has none, or one too large for the scale.
        entry_price, reviewer_price: what a slot of each is worth; the pair is worth at most both together, unless it is
            forbidden.
        rank: 1 if no candidate of the entry has a larger affinity, and so on; None without an affinity.
        load, most: of the reviewer.
        loss: what the total would be less if the pair had to be chosen (a conflict: if it were lifted and the pair had
            to be chosen); more, where negative. None without an affinity, or where it cannot be.
        slots_lost: slots and least loads that could then not be met; negative where more could be.
        exchange: what would change hands, the pair itself among those added; None as for `loss`.
    """

    entry: int
    reviewer: int
    reason: Reason
    affinity: Fraction | None
    entry_price: Fraction
    reviewer_price: Fraction
    rank: int | None
    load: int
    most: int
    loss: Fraction | None
    slots_lost: int
    exchange: Exchange | None


def why(
    problem: Problem, assignment: Assignment, entry: int, reviewer: int, *, residual: Residual | None = None
) -> Why:
    """Why a pair is chosen.

    Args:
        residual: `Residual.of(problem, assignment)`, to make it only once for many questions.

    Raises:
        AssignmentError: the pair is not chosen; the assignment is not proven to be the problem's optimum.
    """
    at = residual or Residual.of(problem, assignment)
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
        entry_price=at.amount(int(at.entry_price[entry])),
        reviewer_price=at.amount(int(at.reviewer_price[reviewer])),
        rank=_rank(at, entry, units),
        loss=at.amount(-exchange.units),
        slots_lost=-exchange.slots,
        exchange=exchange,
    )


def why_not(
    problem: Problem, assignment: Assignment, entry: int, reviewer: int, *, residual: Residual | None = None
) -> WhyNot:
    """Why a pair is not chosen.

    Args:
        residual: `Residual.of(problem, assignment)`, to make it only once for many questions.

    Raises:
        AssignmentError: the pair is chosen; the assignment is not proven to be the problem's optimum.
    """
    at = residual or Residual.of(problem, assignment)
    place = at.place(entry, reviewer)
    if place >= 0 and at.chosen[place]:
        raise AssignmentError(f"entry {entry}, reviewer {reviewer} is chosen: ask why")
    units = known_units(at, entry, reviewer)
    exchange = None if units is None else at.with_pair(entry, reviewer, units)
    return WhyNot(
        entry=entry,
        reviewer=reviewer,
        reason=_reason(at, entry, reviewer, exchange),
        affinity=None if units is None else at.amount(units),
        entry_price=at.amount(int(at.entry_price[entry])),
        reviewer_price=at.amount(int(at.reviewer_price[reviewer])),
        rank=None if units is None else _rank(at, entry, units),
        load=int(at.load[reviewer]),
        most=int(problem.most[reviewer]),
        loss=None if exchange is None else at.amount(-exchange.units),
        slots_lost=0 if exchange is None else -exchange.slots,
        exchange=exchange,
    )


def known_units(at: Residual, entry: int, reviewer: int) -> int | None:
    """The units of a pair, forbidden or not; None if it has no affinity, or one too large for the scale."""
    problem, scale = at.problem, at.assignment.scale
    (place,) = pair_places(problem.entry, problem.reviewer, np.array([[entry, reviewer]]), problem.n_reviewers)
    if place < 0 or abs(problem.affinity[place].item()) * scale > COST_ROOM:
        return None
    return int(in_units(problem.affinity[place : place + 1], scale)[0])


def _rank(at: Residual, entry: int, units: int) -> int:
    row = at.network.units[at.start[entry] : at.start[entry + 1]]
    return 1 + int(np.count_nonzero(row > units))


def _reason(at: Residual, entry: int, reviewer: int, exchange: Exchange | None) -> Reason:
    problem, place = at.problem, at.place(entry, reviewer)
    if place < 0:
        forbidden = (problem.forbidden == (entry, reviewer)).all(axis=1).any()
        return "conflict" if forbidden else "no candidate"
    if not problem.coverage[entry]:
        return "entry needs nobody"
    if not problem.most[reviewer]:
        return "reviewer takes nobody"
    if exchange is None:
        return "pinned pairs"
    if exchange.units == exchange.slots == 0:
        return "equal"
    wanted = at.network.units[place] > at.entry_price[entry]
    return "reviewer has better uses" if wanted else "entry has better"
