"""The result: the chosen pairs and their loads, the prices that prove them, and who cannot be satisfied."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from simsa.engine.assignment.problem import NAMED, IntArray


@dataclass(frozen=True, eq=False)
class Infeasibility:
    """Entries and reviewers that cannot be satisfied together, whatever is done elsewhere (a Hall violator).

    kind "coverage": `reviewers` are all whom `entries` can go to; the entries need more slots than those can fill.
    kind "least": `entries` are all that `reviewers` can take; their least loads need more slots than those have.
    Of the slots available each pair gives at most one. No entry is in two groups of kind "coverage" and no reviewer in
    two of kind "least", and what the groups of a kind miss adds up to all that `short` or `under` say is missing. No
    smaller groups account for all of it; `advise` finds a minimal core in each.
    """

    kind: Literal["coverage", "least"]
    entries: IntArray
    reviewers: IntArray
    needed: int
    available: int

    @property
    def missing(self) -> int:
        """Slots that would have to be added (reviewers, higher limits, more candidates) or given up."""
        return self.needed - self.available

    def __str__(self) -> str:
        entries = _numbers("entry", "entries", self.entries)
        reviewers = _numbers("reviewer", "reviewers", self.reviewers)
        if self.kind == "coverage":
            return f"{entries}: {self.needed} slots needed, but only {self.available} can be filled by {reviewers}"
        return f"{reviewers}: least loads of {self.needed} slots, but only {self.available} can come from {entries}"


@dataclass(frozen=True, eq=False)
class Certificate:
    """Prices that prove an assignment optimal: no assignment can be worth more than they add up to.

    With prices not below -penalty, `dual` = sum of coverage x entry price + sum over reviewers of most x price (where
    positive) or least x price (where negative) + what each pair's units exceed its two prices by (pinned pairs also
    where they fall below) bounds the units of every assignment less `penalty` for each slot short and each slot under a
    least load. `primal` is that figure for this assignment. The penalty is large enough that no gain in affinity makes
    up for it.

    Attributes:
        entry_price, reviewer_price: int64, shapes (n_entries,) and (n_reviewers,), in affinity units.
        penalty, primal, dual: exact integers, in affinity units.
        optimal: whether the prices are allowed and primal == dual.
    """

    entry_price: IntArray
    reviewer_price: IntArray
    penalty: int
    primal: int
    dual: int
    optimal: bool


@dataclass(frozen=True, eq=False)
class Assignment:
    """The chosen pairs, what they are worth, what is missing, and the proof.

    Attributes:
        entry, reviewer: int64, shape (pairs,): the chosen pairs, sorted by entry, then reviewer.
        affinity_units: int64, shape (pairs,): round(affinity x scale), halves to even.
        total_units: their sum, exact.
        scale: units in one of the problem's affinity.
        load: int64, shape (n_reviewers,): entries that each reviewer has.
        per_entry: int64, shape (n_entries,): affinity units of each entry's pairs together.
        short: int64, shape (k, 2): (entry, slots missing) of the entries without full coverage, by entry.
        under: int64, shape (k, 2): (reviewer, slots missing) of the reviewers below their least load, by reviewer.
        infeasibility: why slots are missing; empty exactly if `short` and `under` are.
        solver: what found the pairs.
        certificate: what proves them optimal.
    """

    entry: IntArray
    reviewer: IntArray
    affinity_units: IntArray
    total_units: int
    scale: int
    load: IntArray
    per_entry: IntArray
    short: IntArray
    under: IntArray
    infeasibility: tuple[Infeasibility, ...]
    solver: str
    certificate: Certificate

    @property
    def total(self) -> Fraction:
        """The sum of affinities in the problem's own unit, exactly as scaled."""
        return Fraction(self.total_units, self.scale)

    @property
    def complete(self) -> bool:
        """Whether every entry has its coverage and every reviewer the least load."""
        return not self.short.size and not self.under.size


def _numbers(one: str, many: str, which: IntArray) -> str:
    if not which.size:
        return f"no {one}"
    named = ", ".join(str(i) for i in which[:NAMED])
    more = f" and {which.size - NAMED} more" if which.size > NAMED else ""
    return f"{one if which.size == 1 else many} {named}{more}"


def read_only(array: IntArray) -> IntArray:
    view = array.view()
    view.setflags(write=False)
    return view
