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
    With kinds the others that the entries have candidates of are counted as well, as many as the kinds let in; `groups`
    are the kinds that keep seats for others or let no more in. (Where kinds cross, no group is named.)
    Of the slots available each pair gives at most one. No entry is in two groups of kind "coverage" and no reviewer in
    two of kind "least", and what the groups of a kind miss adds up to all that `short` or `under` say is missing. No
    smaller groups account for all of it; `advise` finds a minimal core in each.
    """

    kind: Literal["coverage", "least"]
    entries: IntArray
    reviewers: IntArray
    needed: int
    available: int
    groups: IntArray

    @property
    def missing(self) -> int:
        """Slots to be added (by reviewers, of those kinds too, by higher limits or more candidates) or given up."""
        return self.needed - self.available

    def __str__(self) -> str:
        entries = _numbers("entry", "entries", self.entries)
        reviewers = _numbers("reviewer", "reviewers", self.reviewers)
        if self.kind == "coverage":
            text = f"{entries}: {self.needed} slots needed, but only {self.available} can be filled by {reviewers}"
            return f"{text} and within {_numbers('kind', 'kinds', self.groups)}" if self.groups.size else text
        text = f"{reviewers}: least loads of {self.needed} slots, but only {self.available} can come from {entries}"
        return f"{text} within {_numbers('kind', 'kinds', self.groups)}" if self.groups.size else text


@dataclass(frozen=True, eq=False)
class Certificate:
    """Prices that prove an assignment optimal: no assignment can be worth more than they add up to.

    With prices not below -penalty, `dual` = sum of coverage x entry price + sum over reviewers of most x price (where
    positive) or least x price (where negative) + what each pair's units exceed its two prices by (pinned pairs also
    where they fall below) bounds the units of every assignment less `penalty` for each slot short and each slot under a
    least load. `primal` is that figure for this assignment. The penalty is large enough that no gain in affinity makes
    up for it.

    Where kinds are given they have prices too, by entry and group: most x price (where positive) and least x price
    (where negative) are part of `dual`, a pair's gain is less the prices of all groups that its reviewer is of too, and
    an entry's price together with the prices of any group and those around it (where kinds cross: of one in each
    family) must not be below -penalty either.

    Attributes:
        entry_price, reviewer_price: int64, shapes (n_entries,) and (n_reviewers,), in affinity units.
        kind_price: int64, shape (k, 3): (entry, group, price), sorted; groups that are not named have none.
        penalty, primal, dual: exact integers, in affinity units.
        optimal: whether the prices are allowed and primal == dual. Without kinds that cross it always is; with them the
            assignment may be better than the prices can prove, and `gap` says by how much it may miss the optimum.
    """

    entry_price: IntArray
    reviewer_price: IntArray
    kind_price: IntArray
    penalty: int
    primal: int
    dual: int
    optimal: bool

    @property
    def gap(self) -> int:
        """How many affinity units more any assignment can be worth at most."""
        return self.dual - self.primal


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
        missed: int64, shape (k, 3): (entry, group, reviewers missing) of the kinds of which an entry has fewer than it
            must; the seats kept for them are empty, and among those of `short`.
        infeasibility: why slots are missing; empty exactly if `short` and `under` are, or where kinds cross.
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
    missed: IntArray
    infeasibility: tuple[Infeasibility, ...]
    solver: str
    certificate: Certificate

    @property
    def total(self) -> Fraction:
        """The sum of affinities in the problem's own unit, exactly as scaled."""
        return Fraction(self.total_units, self.scale)

    @property
    def missing(self) -> int:
        """Slots that stay empty and slots under least loads, all together."""
        return int(self.short[:, 1].sum() + self.under[:, 1].sum())

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
