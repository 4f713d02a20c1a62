"""From reviews per entry to pairs: the assignment of those that are new, beside the reviews that were given out."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from simsa.engine.assignment import Problem, assign
from simsa.engine.inputs import InputError, Reviewers
from simsa.engine.loads import usual_most
from simsa.engine.panel_kinds import kinds_left
from simsa.rules import Rules

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Flags = NDArray[np.bool_]
Pairs = tuple[Integers, Integers]
"""Positions of entries and of reviewers, each (k,)."""

MOST_PAIRS = 20_000_000
NOBODY: Pairs = np.zeros(0, np.int64), np.zeros(0, np.int64)


def joined(pairs: Pairs, more: Pairs) -> Pairs:
    """Both, in this order."""
    return np.append(pairs[0], more[0]), np.append(pairs[1], more[1])


@dataclass(frozen=True, eq=False)
class Candidates:
    """Pairs that might be chosen, and what each is worth; greater is better. Each (m,)."""

    entry: Integers
    reviewer: Integers
    worth: Floats

    @classmethod
    def every(cls, entries: Integers, worth: Floats) -> Candidates:
        """Each of `entries` with each reviewer, `worth` (reviewers,). InputError for more than `MOST_PAIRS`."""
        width = len(worth)
        if len(entries) * width > MOST_PAIRS:
            raise InputError(
                f"{len(entries):,} entries in doubt and {width:,} reviewers make more than {MOST_PAIRS:,} pairs; "
                "give affinities that list the candidates"
            )
        return cls(np.repeat(entries, width), np.tile(np.arange(width), len(entries)), np.tile(worth, len(entries)))

    def where(self, keep: Flags) -> Candidates:
        return Candidates(self.entry[keep], self.reviewer[keep], self.worth[keep])

    def without(self, pairs: Pairs, width: int) -> Candidates:
        """Those that are not among `pairs`; `width`: how many reviewers there are."""
        return self.where(~np.isin(self.entry * width + self.reviewer, pairs[0] * width + pairs[1]))


@dataclass(frozen=True, eq=False)
class Desk:
    """Who may score what, besides what has been given out.

    `given`: slots that count. `open`: pairs that may meet. `most` (reviewers,): entries that each can still take.
    """

    rules: Rules
    n_entries: int
    reviewers: Reviewers
    given: Pairs
    open: Candidates
    most: Integers

    @classmethod
    def of(
        cls,
        rules: Rules,
        n_entries: int,
        reviewers: Reviewers,
        given: Pairs,
        free: Candidates,
        total: int,
        own: Integers | None = None,
    ) -> Desk:
        """`free`: pairs that have not met and may. `total`: all reviews of the round, from which the greatest load
        follows where the rules say none. `own` (reviewers,): how many entries each takes of their own accord."""
        size, limit = len(reviewers.ids), rules.panel.load.max
        if limit is None:
            limit = usual_most(np.array([total]), np.full(size, -1))
        limits = np.full(size, limit) if own is None else np.minimum(limit, own)
        most = np.maximum(limits - np.bincount(given[1], minlength=size), 0)
        return cls(rules, n_entries, reviewers, given, free.where(most[free.reviewer] > 0), most)

    def after(self, pairs: Pairs) -> Desk:
        """The desk once these pairs are given out, too."""
        most = self.most - np.bincount(pairs[1], minlength=len(self.most))
        free = self.open.without(pairs, len(most))
        given = joined(self.given, pairs)
        return replace(self, given=given, open=free.where(most[free.reviewer] > 0), most=most)

    @property
    def had(self) -> Integers:
        """Slots that each entry has, shape (entries,)."""
        return np.bincount(self.given[0], minlength=self.n_entries)

    def room(self) -> Integers:
        """How many more reviews each entry can have at most, shape (entries,): by who is free, and by the rules."""
        room = np.bincount(self.open.entry, minlength=self.n_entries)
        adaptive = self.rules.adaptive
        if adaptive is not None and adaptive.most_per_entry is not None:
            room = np.minimum(room, np.maximum(adaptive.most_per_entry - self.had, 0))
        return np.asarray(room, np.int64)

    def matched(self, wanted: Integers) -> Pairs:
        """New pairs, at most `wanted` (entries,) of each entry: as many as there can be, then of the greatest worth.

        Nobody gets more than half as much again as the average of those who are free, unless entries would go short.
        """
        free = len(np.unique(self.open.reviewer))
        if not free or not wanted.any():
            return NOBODY
        even = np.minimum(self.most, usual_most(wanted, np.full(free, -1)))
        found = self._within(wanted, even)
        return found if len(found[0]) == wanted.sum() else self._within(wanted, self.most)

    def _within(self, wanted: Integers, most: Integers) -> Pairs:
        """Only what is new is asked for: what was given out may break today's kinds and loads, and takes of them."""
        entries = np.flatnonzero(wanted)
        place = np.full(self.n_entries, -1)
        place[entries] = np.arange(len(entries))
        pairs = self.open.where(place[self.open.entry] >= 0)
        row, worth, allowed = place[pairs.entry], pairs.worth, None
        if self.rules.panel.kinds:
            mine = place[self.given[0]] >= 0
            had = place[self.given[0][mine]], self.given[1][mine]
            left = kinds_left(self.rules.panel.kinds, self.reviewers, len(entries), had)
            allowed = left.allowed
            first = 1 + 2 * float(np.ptp(worth)) if len(worth) else 0.0  # before all who fill no gap
            worth = worth + first * left.lacking[row, pairs.reviewer]
        found = assign(
            Problem(row, pairs.reviewer, worth, len(entries), len(most), wanted[entries], most=most, kinds=allowed)
        )
        return entries[found.entry], found.reviewer
