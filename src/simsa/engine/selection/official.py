"""The official selection: who fills the quota of each group, who is in reserve, and for every entrant the reason.

Ranks come from the official score alone: the tally, or the calibrated score where the rules say so. Equals are asked
the rules' tie-breaks in order and at last a lot, which is drawn only where it decides a place or the order of the
reserve; equals elsewhere share their rank. Thresholds and the award floor decide who may be selected, never the order.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from functools import cached_property

from simsa.engine.exact import Column
from simsa.engine.inputs import Entries, InputError
from simsa.engine.lots import lot
from simsa.engine.selection.lottery import Zones, with_lottery
from simsa.engine.selection.order import ranking_score
from simsa.engine.selection.result import (
    TIED_NAMED,
    Cause,
    GroupResult,
    Outcome,
    Reason,
    Selection,
    SelectionError,
    Standing,
)
from simsa.engine.tally import Tally
from simsa.rules import Group, Rules, TieBreak


def select(
    rules: Rules,
    entries: Entries,
    tally: Tally,
    *,
    seed: str | None = None,
    sure: Zones | None = None,
    calibrated: Column | None = None,
) -> Selection:
    """The selection that the rules declare. SelectionError if a lot is needed and no `seed` is given.

    `sure`: what the rules' lottery needs, if they have one; nothing else looks at it. `calibrated` (n,): the rounded
    calibrated scores, which rank where the rules say that they are official.
    """
    if tally.rules_hash != rules.hash or tally.entries != entries.ids:
        raise InputError("the tally was made under other rules or of other entries")
    members: dict[str, list[int]] = {group.id: [] for group in rules.groups if group.id != "*"}
    members |= {group: [] for group in sorted(entries.groups) if group not in members}
    for entry, group in enumerate(entries.group):
        members[group].append(entry)
    ranked = ranking_score(rules, tally, calibrated)
    standings: list[Standing] = []
    results: list[GroupResult] = []
    drawn: list[tuple[str, ...]] = []
    for name, own in members.items():
        rule = rules.group(name)
        assert rule is not None
        desk = _Desk(rules, entries, tally, ranked, rule, name, own, seed)
        here, result = desk.fill()
        standings += here
        results.append(result)
        drawn += desk.drawn
    found = Selection(rules.hash, seed, tuple(standings), tuple(results), tuple(drawn))
    if rules.calibration.official:
        found = replace(found, method=found.method.replace("tally", "calibrated score", 1))
    return with_lottery(rules, entries, found, sure, seed)


class _Desk:
    """The selection within one group."""

    def __init__(
        self,
        rules: Rules,
        entries: Entries,
        tally: Tally,
        ranked: Column,
        rule: Group,
        name: str,
        members: list[int],
        seed: str | None,
    ) -> None:
        self.rules, self.entries, self.tally, self.ranked = rules, entries, tally, ranked
        self.rule, self.name, self.members, self.seed = rule, name, members, seed
        self.places = rule.quota.places(len(members))
        self.drawn: list[tuple[str, ...]] = []
        self.size = 0
        self.order: list[int] = []  # who may be selected, best first
        self.able: dict[int, int] = {}  # and where each stands in it
        self.alike: dict[TieBreak, dict[tuple[Fraction | None, ...], list[int]]] = {}

    def score(self, entry: int) -> Fraction | None:
        return self.ranked.value(entry)

    def plain(self, entry: int) -> Fraction:
        """The tally of an entry with a result."""
        value = self.tally.value(self.rules.rank_by, entry)
        assert value is not None
        return value

    def blocks(self) -> list[list[int]]:
        """Entries with a result, best first, in blocks of those that no tie-break but a lot can tell apart."""
        equals: dict[Fraction, list[int]] = {}
        for entry in self.members:
            score = self.score(entry)
            if score is not None:
                equals.setdefault(score, []).append(entry)
        return [
            block
            for score in sorted(equals, reverse=True)
            for block in self.resolve(equals[score], self.rules.tie_breaks)
        ]

    def resolve(self, tied: list[int], steps: Sequence[TieBreak]) -> list[list[int]]:
        """Equals parted as far as the tie-breaks before the lot part them."""
        if len(tied) == 1 or steps[0].lot:
            return [tied]
        return [block for part in self.divide(tied, steps[0]) for block in self.resolve(part, steps[1:])]

    def ranking(self, barred: Mapping[int, Reason]) -> list[tuple[int, int]]:
        """(rank, entry), best first. A lot is drawn only where it decides a place or the order of the reserve."""
        ranking: list[tuple[int, int]] = []
        before = 0  # how many that may be selected stand before this block
        for block in self.blocks():
            able = [entry for entry in block if entry not in barred]
            matters = before < self.places + self.rule.reserve and before + len(able) > self.places
            first = len(ranking) + 1
            if len(able) > 1 and matters:
                ranking += [(first + n, entry) for n, entry in enumerate(self.draw(able))]
                first = len(ranking) + 1
                block = [entry for entry in block if entry in barred]
            ranking += [(first, entry) for entry in block]
            before += len(able)
        return ranking

    def asked(self, step: TieBreak, entry: int) -> Fraction | None:
        """What a tie-break other than the lot asks of an entry."""
        assert step.criterion is not None
        source = self.tally.unrounded if step.exact else self.tally.values
        return source[step.criterion].value(entry)

    def divide(self, tied: list[int], step: TieBreak) -> list[list[int]]:
        parts: dict[Fraction | None, list[int]] = {}
        for entry in tied:
            parts.setdefault(self.asked(step, entry), []).append(entry)
        unknown = parts.pop(None, None)  # no value is worse than any value
        known = sorted((value for value in parts if value is not None), reverse=step.prefer == "higher")
        return [*(parts[value] for value in known), *([unknown] if unknown else [])]

    def draw(self, tied: list[int]) -> list[int]:
        names = sorted(self.entries.ids[entry] for entry in tied)
        if self.seed is None:
            raise SelectionError(
                f"group {self.name!r}: a lot must decide between {', '.join(names)}; give the round's seed"
            )
        drawn = sorted(tied, key=lambda entry: lot(self.seed or "", self.name, self.entries.ids[entry]))
        self.drawn.append(tuple(self.entries.ids[entry] for entry in drawn))
        return drawn

    def fill(self) -> tuple[list[Standing], GroupResult]:
        """Everybody's standing, and the group's."""
        scored = [entry for entry in self.members if self.score(entry) is not None]
        self.size = len(scored)
        barred = {entry: bar for entry in scored if (bar := self.bar(entry)) is not None}
        ranking = self.ranking(barred)
        able = [entry for _, entry in ranking if entry not in barred]
        chosen, waiting = able[: self.places], able[self.places : self.places + self.rule.reserve]
        line = self.score(chosen[-1]) if chosen else None
        self.able = {entry: place for place, entry in enumerate(able)}
        self.order = able
        alike = Counter(rank for rank, _ in ranking)
        tallied = sorted(self.plain(entry) for entry in scored)
        standings: list[Standing] = []
        for rank, entry in ranking:
            place = self.able.get(entry, len(able))
            position = place - self.places + 1 if self.places <= place < self.places + len(waiting) else None
            outcome: Outcome = (
                "selected" if place < len(chosen) else "reserve" if position is not None else "not_selected"
            )
            reason = barred.get(entry) or self.reason(entry)
            reason = replace(
                reason, rank=rank, score=self.score(entry), line=line, position=position, shared=alike[rank] - 1
            )
            if self.rules.calibration.official:
                plain = self.plain(entry)
                reason = replace(reason, tally=plain, tally_rank=1 + len(tallied) - bisect_right(tallied, plain))
            standings.append(Standing(self.entries.ids[entry], self.name, self.score(entry), rank, outcome, reason))
        for entry in self.members:
            if self.score(entry) is None:
                reason = Reason(Cause.NO_RESULT, None, self.size, self.places, line=line, criterion=self.rules.rank_by)
                standings.append(Standing(self.entries.ids[entry], self.name, None, None, "not_selected", reason))
        empty = self.places - len(chosen)
        return standings, GroupResult(self.name, len(self.members), self.places, empty, line)

    def bar(self, entry: int) -> Reason | None:
        """The threshold or floor that keeps an entrant from being selected."""
        for threshold in self.rules.thresholds:
            if threshold.groups and self.name not in threshold.groups:
                continue
            value = self.tally.value(threshold.criterion, entry)
            if value is None or value < threshold.at_least:
                return Reason(
                    Cause.THRESHOLD,
                    None,
                    self.size,
                    self.places,
                    criterion=threshold.criterion,
                    limit=threshold.at_least,
                )
        floor, score = self.rule.award_floor, self.score(entry)
        if floor is not None and score is not None and score < floor:
            return Reason(Cause.AWARD_FLOOR, None, self.size, self.places, limit=floor)
        return None

    def reason(self, entry: int) -> Reason:
        """By rank, or by the tie-break or lot that parted equals at the last place or in the reserve."""
        plain = Reason(Cause.RANK, None, self.size, self.places)
        if entry not in self.able:
            return plain
        able, own, position = self.order, self.score(entry), self.able[entry]
        lines = [line for line in self.lines if self.score(able[line]) == own]
        if not lines:
            return plain
        near = min(abs(2 * line - 2 * position - 1) for line in lines)
        # Who stands across the line: the first one out for those before it, the last one in for the rest.
        steps = [
            self.parting(entry, able[line] if position < line else able[line - 1])
            for line in lines
            if abs(2 * line - 2 * position - 1) == near
        ]
        step = next((step for step in steps if step.lot), steps[0])  # whoever drew a lot is told of the lot
        level = self.level(entry, step)
        others = tuple(self.entries.ids[one] for one in level[: TIED_NAMED + 1] if one != entry)[:TIED_NAMED]
        cause, criterion = (Cause.LOT, None) if step.lot else (Cause.TIE_BREAK, step.criterion)
        return Reason(cause, None, self.size, self.places, criterion=criterion, tied_with=others, tied=len(level) - 1)

    @cached_property
    def lines(self) -> list[int]:
        """Places in `order` between which a line runs: after the last selected and after each of the reserve.

        Only lines with equals on both sides count.
        """
        able = self.order
        last = min(self.places + self.rule.reserve, len(able) - 1)
        return [
            line
            for line in range(max(1, self.places), last + 1)
            if self.places and self.score(able[line - 1]) == self.score(able[line])
        ]

    def level(self, entry: int, step: TieBreak) -> list[int]:
        """Those who may be selected and were still equal to `entry` when `step` was asked, best first."""
        before = self.rules.tie_breaks[: self.rules.tie_breaks.index(step)]

        def key(one: int) -> tuple[Fraction | None, ...]:
            return (self.score(one), *(self.asked(asked, one) for asked in before))

        if step not in self.alike:
            groups: dict[tuple[Fraction | None, ...], list[int]] = {}
            for one in self.order:
                groups.setdefault(key(one), []).append(one)
            self.alike[step] = groups
        return self.alike[step][key(entry)]

    def parting(self, one: int, other: int) -> TieBreak:
        """The earliest tie-break that told two apart (others may stand between them)."""
        for step in self.rules.tie_breaks:
            if step.lot or self.asked(step, one) != self.asked(step, other):
                return step
        raise AssertionError("tie-breaks end in a lot")  # the rules were checked
