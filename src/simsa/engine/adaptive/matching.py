"""From reviews per entry to pairs: the rules' assignment of those that are new, beside the sheets that there are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simsa.engine.assignment import Assignment, Problem, assign
from simsa.engine.inputs import InputError, Reviewers
from simsa.engine.loads import usual_most
from simsa.engine.panel_kinds import panel_kinds
from simsa.engine.slots import ConflictPair
from simsa.rules import Rules

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Pairs = tuple[Integers, Integers]
"""Positions of entries and of reviewers, each (k,)."""

MOST_PAIRS = 20_000_000


@dataclass(frozen=True)
class Desk:
    """Who may score what, besides what has been given out.

    `given`: slots that count; `barred`: pairs that must not meet (again): conflicts, recusals. `asked` (reviewers,):
    who is asked for more. `worth`: of pairs, greater is better; `candidates` None: every pair, worth by reviewer.
    """

    rules: Rules
    n_entries: int
    reviewers: Reviewers
    given: Pairs
    barred: Pairs
    asked: NDArray[np.bool_]
    worth: Floats
    candidates: Pairs | None
    most: Integers

    @classmethod
    def of(
        cls,
        rules: Rules,
        n_entries: int,
        reviewers: Reviewers,
        given: Pairs,
        withdrawn: Pairs,
        forbidden: Sequence[ConflictPair],
        asked: NDArray[np.bool_],
        worth: Floats,
        candidates: Pairs | None,
        total: int,
    ) -> Desk:
        """`total`: all reviews of the round, from which the greatest load follows where the rules say none."""
        conflicting = np.array([(pair.entry, pair.reviewer) for pair in forbidden], np.int64).reshape(-1, 2)
        barred = (np.append(withdrawn[0], conflicting[:, 0]), np.append(withdrawn[1], conflicting[:, 1]))
        limit, size = rules.panel.load.max, len(reviewers.ids)
        if limit is None:
            limit = usual_most(np.array([total]), np.full(size, -1))
        load = np.bincount(given[1], minlength=size)
        return cls(
            rules,
            n_entries,
            reviewers,
            given,
            barred,
            asked,
            worth,
            candidates,
            np.maximum(limit - load, 0),
        )

    def room(self) -> Integers:
        """How many further reviewers may score each entry, shape (entries,): with time, asked, not barred, new to it;
        no more than the rules let an entry have."""
        free = self.asked & (self.most > 0)
        entry, reviewer = self._open(np.arange(self.n_entries))
        room = np.bincount(entry[free[reviewer]], minlength=self.n_entries)
        had = np.bincount(self.given[0], minlength=self.n_entries)
        adaptive = self.rules.adaptive
        if adaptive is not None and adaptive.most_per_entry is not None:
            room = np.minimum(room, adaptive.most_per_entry - had)
        return np.asarray(np.maximum(room, 0), np.int64)

    def matched(self, wanted: Integers) -> Pairs:
        """New pairs, at most `wanted` (entries,) of each entry: as many as there can be, then of the greatest worth.

        Nobody gets more than half as much again as the average of those asked, unless entries would go short.
        """
        asked = int((self.asked & (self.most > 0)).sum())
        fair = np.minimum(self.most, usual_most(wanted, np.full(max(1, asked), -1)))
        found = self._within(wanted, fair)
        return found if len(found[0]) == wanted.sum() else self._within(wanted, self.most)

    def _within(self, wanted: Integers, most: Integers) -> Pairs:
        entries = np.flatnonzero(wanted)
        place = np.full(self.n_entries, -1)
        place[entries] = np.arange(len(entries))
        entry, reviewer = self._open(entries)
        worth = self.worth[reviewer] if self.candidates is None else self.worth[self._candidates_at(entry, reviewer)]
        keep = self.asked[reviewer] & (most[reviewer] > 0)
        entry, reviewer, worth = entry[keep], reviewer[keep], worth[keep]
        mine = place[self.given[0]] >= 0
        had, by = place[self.given[0][mine]], self.given[1][mine]
        coverage = wanted[entries] + np.bincount(had, minlength=len(entries))
        kinds = panel_kinds(self.rules.panel.kinds, self.reviewers, coverage)
        found: Assignment = assign(
            Problem(
                np.append(place[entry], had),
                np.append(reviewer, by),
                np.append(worth, np.zeros(len(had))),
                len(entries),
                len(most),
                coverage,
                most=most + np.bincount(by, minlength=len(most)),
                pinned=np.column_stack([had, by]),
                kinds=kinds,
            )
        )
        new = ~np.isin(self._key(found.entry, found.reviewer), self._key(had, by))
        return entries[found.entry[new]], found.reviewer[new]

    def _key(self, entry: Integers, reviewer: Integers) -> Integers:
        return np.asarray(entry * len(self.most) + reviewer, np.int64)

    def _open(self, entries: Integers) -> Pairs:
        """Pairs of these entries that neither meet already nor are barred."""
        if self.candidates is None:
            if len(entries) * len(self.most) > MOST_PAIRS:
                raise InputError(
                    f"{len(entries)} entries and {len(self.most)} reviewers make more than {MOST_PAIRS:,} pairs; "
                    "give affinities that list the candidates"
                )
            entry = np.repeat(entries, len(self.most))
            reviewer = np.tile(np.arange(len(self.most)), len(entries))
        else:
            mine = np.isin(self.candidates[0], entries)
            entry, reviewer = self.candidates[0][mine], self.candidates[1][mine]
        used = np.append(self._key(*self.given), self._key(*self.barred))
        keep = ~np.isin(self._key(entry, reviewer), used)
        return entry[keep], reviewer[keep]

    def _candidates_at(self, entry: Integers, reviewer: Integers) -> Integers:
        assert self.candidates is not None
        keys = self._key(*self.candidates)
        order = np.argsort(keys, kind="stable")
        return np.asarray(order[np.searchsorted(keys[order], self._key(entry, reviewer))], np.int64)
