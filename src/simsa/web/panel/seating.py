"""A panel that is scoring, as the engine sees it: who has which place, which are vacant, and who may take them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from simsa.engine.adaptive import Budget, budget_used, first_sheets
from simsa.engine.assignment import Problem, repair
from simsa.engine.inputs import Entries, Reviewers
from simsa.engine.panel_kinds import panel_kinds
from simsa.engine.slots import comparable
from simsa.web.entries.inputs import entries_of, fields_of
from simsa.web.panel.inputs import affinities_of, candidates_of, own_limits_of, reviewers_of
from simsa.web.panel.models import Conflict, FixedPair, MeetingAct, Slot
from simsa.web.panel.saving import missed_in
from simsa.web.programmes.models import Round

Pair = tuple[str, str]
"""Codes of entry and reviewer."""


@dataclass(frozen=True)
class Seating:
    """The slots of a round that count, and what decides about the vacant ones.

    `closed`: pairs that may not meet; `missed`: keys of slots whose entry was discussed before they had a sheet.
    """

    round: Round
    slots: tuple[Slot, ...]
    closed: frozenset[Pair]
    missed: frozenset[int]

    @classmethod
    def of(cls, round_: Round) -> Seating:
        """As it is now. `closed` are pairs with a conflict or forbidden by hand, those that there are or were, and
        whoever led the discussion of an entry: they have seen its marks."""
        every = Slot.objects.filter(entry__round=round_).select_related("entry__entrant", "entry__round", "reviewer")
        slots = tuple(every.filter(replaced_by=None).order_by("position"))
        barred = Conflict.objects.filter(entry__round=round_).values_list("entry__entrant__code", "reviewer__code")
        by_hand = FixedPair.objects.filter(entry__round=round_, kind=FixedPair.Kind.FORBIDDEN)
        forbidden = by_hand.values_list("entry__entrant__code", "reviewer__code")
        led = MeetingAct.objects.filter(
            meeting__round=round_, kind__in=[MeetingAct.Kind.TAKEN_UP, MeetingAct.Kind.ITEM_CLOSED]
        ).exclude(reviewer=None)
        leads = led.values_list("item__entry__entrant__code", "reviewer__code")
        closed = frozenset({*map(pair_of, every), *barred, *forbidden, *leads})
        return cls(round_, slots, closed, frozenset(missed_in(round_.pk)))

    def is_vacant(self, slot: Slot) -> bool:
        """Whether no sheet comes from it any more: it was recused, or missed."""
        return slot.status == Slot.Status.RECUSED or slot.pk in self.missed

    @cached_property
    def vacant(self) -> tuple[Slot, ...]:
        return tuple(slot for slot in self.slots if self.is_vacant(slot))

    @cached_property
    def held(self) -> tuple[Slot, ...]:
        return tuple(slot for slot in self.slots if not self.is_vacant(slot))

    @cached_property
    def wanting(self) -> tuple[Slot, ...]:
        """Vacant slots that are to be filled: where reviews are held back, only those without which an entry has fewer
        than the first round gives."""
        if self.round.rules.adaptive is None:
            return self.vacant
        each, least = Counter(slot.entry_id for slot in self.held), first_sheets(self.round.rules)
        return tuple(slot for slot in self.vacant if each[slot.entry_id] < least)

    @cached_property
    def budget(self) -> Budget | None:
        """Of a round whose rules hold reviews back."""
        if self.round.rules.adaptive is None:
            return None
        return budget_used(self.round.rules, self.round.entries.count(), len(self.held))

    @cached_property
    def loads(self) -> Counter[str]:
        """How many slots each reviewer has."""
        return Counter(slot.reviewer.code for slot in self.held)

    @cached_property
    def _own_limits(self) -> dict[str, int]:
        return own_limits_of(self.round)

    def most(self, reviewer: str) -> int | None:
        """How many a reviewer may have by the rules and takes of their own accord; None: as many as there are."""
        limits = (self.round.rules.whole_panel.load.max, self._own_limits.get(reviewer))
        return min((limit for limit in limits if limit is not None), default=None)

    @cached_property
    def affinities(self) -> dict[str, dict[str, str]]:
        """As exact text, entry -> reviewer; empty where none were given."""
        kept = affinities_of(self.round)
        return {} if kept is None else kept.by_entry

    def has_room(self, reviewer: str) -> bool:
        most = self.most(reviewer)
        return most is None or self.loads[reviewer] < most

    def fitting(self, slot: Slot) -> list[str]:
        """Codes of those who may take a slot: without a conflict, new to the entry, with room, the best first."""
        entry = slot.entry.entrant.code
        worth = self.affinities.get(entry, {})
        able = [
            code
            for code in self.round.reviewers.order_by("position").values_list("code", flat=True)
            if (entry, code) not in self.closed and self.has_room(code)
        ]
        return sorted(able, key=lambda code: (-float(worth.get(code, "-inf")), self.loads[code]))

    def repaired(self) -> dict[int, str]:
        """By slot the code of who takes it after the smallest change that fills the most places; a slot that keeps its
        reviewer is not in it.

        Places with a sheet stay as they are. AssignmentError, InputError where the rules cannot be kept at all.
        """
        entries, reviewers = entries_of(self.round), reviewers_of(self.round)
        held = self._places(map(pair_of, self.held), entries, reviewers)
        submitted = [pair_of(slot) for slot in self.held if slot.status == Slot.Status.SUBMITTED]
        before = [pair_of(slot) for slot in self.held]
        forbidden = self._places(sorted(self.closed.difference(before)), entries, reviewers)
        problem = self._problem(entries, reviewers, held, forbidden, self._places(submitted, entries, reviewers))
        after = repair(problem, np.array(held, np.int64).reshape(-1, 2), compare=False)
        gone = {tuple(pair) for pairs in (after.released, after.dropped) for pair in pairs.tolist()}
        open_: dict[int, list[int]] = {}
        leaving = [slot for slot, pair in zip(self.held, held, strict=True) if pair in gone]
        for slot in (*self.vacant, *leaving):
            open_.setdefault(entries.index[slot.entry.entrant.code], []).append(slot.pk)
        found: dict[int, str] = {}
        for entry, reviewer in after.added.tolist():
            found[open_[entry].pop(0)] = reviewers.ids[reviewer]
        return found

    def _problem(
        self,
        entries: Entries,
        reviewers: Reviewers,
        held: list[tuple[int, int]],
        forbidden: list[tuple[int, int]],
        pinned: list[tuple[int, int]],
    ) -> Problem:
        pairs, affinity = candidates_of(self.round, entries, reviewers)
        if pairs is None or affinity is None:
            grid = np.indices((len(entries), len(reviewers.ids))).reshape(2, -1)
            worth = dict.fromkeys(zip(grid[0].tolist(), grid[1].tolist(), strict=True), 0.0)
        else:
            worth = dict(zip(zip(pairs[0].tolist(), pairs[1].tolist(), strict=True), affinity.tolist(), strict=True))
            worth = dict.fromkeys(held, 0.0) | worth  # an assignment from elsewhere need not keep to the candidates
        rows = np.array(list(worth), np.int64).reshape(-1, 2)
        each = np.bincount([entries.index[slot.entry.entrant.code] for slot in self.slots], minlength=len(entries))
        limits = [(self.most(code), self.loads[code]) for code in reviewers.ids]
        rules = comparable(self.round.rules, fields_of(self.round), reviewers)
        return Problem(
            rows[:, 0],
            rows[:, 1],
            np.array(list(worth.values()), np.float64),
            len(entries),
            len(reviewers.ids),
            each,
            most=np.array([len(entries) if most is None else max(most, load) for most, load in limits], np.int64),
            forbidden=forbidden,
            pinned=pinned,
            kinds=panel_kinds(rules.panel.kinds, reviewers, each),
        )

    @staticmethod
    def _places(pairs: Iterable[Pair], entries: Entries, reviewers: Reviewers) -> list[tuple[int, int]]:
        return [(entries.index[entry], reviewers.index[reviewer]) for entry, reviewer in pairs]


def pair_of(slot: Slot) -> Pair:
    """Codes of a slot's entry and reviewer."""
    return slot.entry.entrant.code, slot.reviewer.code
