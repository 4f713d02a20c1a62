"""Selection: who fills the quota of each group, who is in reserve, and for every entrant the reason.

Ranks come from the official tally alone. Equals are asked the rules' tie-breaks in order and at last a lot, which is
drawn only where it decides a place or the order of the reserve; equals elsewhere share their rank. Thresholds and the
award floor decide who may be selected, never the order.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from fractions import Fraction
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from simsa.rules import Group, Rules, TieBreak

from .calibration import Calibration
from .inputs import Entries, InputError
from .lots import lot
from .tally import Tally

Outcome = Literal["selected", "reserve", "not_selected"]
_BLOCK = 2**23  # numbers drawn at a time: 64 MB


class SelectionError(InputError):
    """A selection that the rules leave open: a lot without a seed."""


class Cause(StrEnum):
    """Why an entrant has its outcome."""

    RANK = "rank"
    TIE_BREAK = "tie_break"
    LOT = "lot"
    NO_RESULT = "no_result"
    THRESHOLD = "threshold"
    AWARD_FLOOR = "award_floor"


@dataclass(frozen=True)
class Reason:
    """Why, with the numbers needed to say it in words.

    `rank` of `size` ranked entrants for `places` places; `score` official; `line` the score of the last selected;
    `criterion` the tie-break or threshold that decided, `limit` its threshold; `position` in the reserve list;
    `tied_with` entrants with an equal score around the line that the tie-break or lot told apart.
    """

    cause: Cause
    rank: int | None
    size: int
    places: int
    score: Fraction | None = None
    line: Fraction | None = None
    criterion: str | None = None
    limit: Fraction | None = None
    position: int | None = None
    tied_with: tuple[str, ...] = ()


@dataclass(frozen=True)
class Standing:
    """Where one entrant ended: entry id, group, official score, rank in its group (None without a result), outcome."""

    entry: str
    group: str
    score: Fraction | None
    rank: int | None
    outcome: Outcome
    reason: Reason

    @property
    def selected(self) -> bool:
        return self.outcome == "selected"


@dataclass(frozen=True)
class GroupResult:
    """One group: its size, the places of its quota, how many stay empty, and the score of the last selected."""

    group: str
    size: int
    places: int
    empty: int
    line: Fraction | None


@dataclass(frozen=True)
class Selection:
    """The selection of a round under `rules_hash`; standings by group in the order of the rules, then by rank."""

    rules_hash: str
    seed: str | None
    standings: tuple[Standing, ...]
    groups: tuple[GroupResult, ...]
    lots_drawn: tuple[tuple[str, ...], ...]
    method: str = "official tally, tie-breaks of the rules, lots by SHA-256 of the seed"

    @property
    def winners(self) -> tuple[Standing, ...]:
        return tuple(standing for standing in self.standings if standing.selected)


def select(rules: Rules, entries: Entries, tally: Tally, *, seed: str | None = None) -> Selection:
    """The selection that the rules declare. SelectionError if a lot is needed and no `seed` is given."""
    if tally.rules_hash != rules.hash or tally.entries != entries.ids:
        raise InputError("the tally was made under other rules or of other entries")
    order = [g.id for g in rules.groups if g.id != "*"]
    order += sorted(g for g in entries.groups if g not in order)
    standings: list[Standing] = []
    results: list[GroupResult] = []
    drawn: list[tuple[str, ...]] = []
    for name in order:
        members = [n for n, group in enumerate(entries.group) if group == name]
        rule = rules.group(name)
        assert rule is not None
        desk = _Desk(rules, entries, tally, rule, name, members, seed)
        here, result = desk.fill()
        standings += here
        results.append(result)
        drawn += desk.drawn
    return Selection(rules.hash, seed, tuple(standings), tuple(results), tuple(drawn))


class _Desk:
    """The selection within one group."""

    def __init__(
        self, rules: Rules, entries: Entries, tally: Tally, rule: Group, name: str, members: list[int], seed: str | None
    ) -> None:
        self.rules, self.entries, self.tally = rules, entries, tally
        self.rule, self.name, self.members, self.seed = rule, name, members, seed
        self.places = rule.quota.places(len(members))
        self.drawn: list[tuple[str, ...]] = []
        self.size = 0

    def score(self, entry: int) -> Fraction | None:
        return self.tally.value(self.rules.rank_by, entry)

    def blocks(self) -> list[list[int]]:
        """Entries with a result, best first, in blocks of those that no tie-break but a lot can tell apart."""
        scored = [(score, entry) for entry in self.members if (score := self.score(entry)) is not None]
        blocks: list[list[int]] = []
        for score in sorted({score for score, _ in scored}, reverse=True):
            blocks += self.resolve([entry for own, entry in scored if own == score], self.rules.tie_breaks)
        return blocks

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

    def divide(self, tied: list[int], step: TieBreak) -> list[list[int]]:
        assert step.criterion is not None
        source = self.tally.unrounded if step.exact else self.tally.values
        values = {entry: source[step.criterion].value(entry) for entry in tied}
        known = sorted({v for v in values.values() if v is not None}, reverse=step.prefer == "higher")
        parts = [[entry for entry in tied if values[entry] == value] for value in known]
        unknown = [entry for entry in tied if values[entry] is None]  # no value is worse than any value
        return [*parts, unknown] if unknown else parts

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
        standings: list[Standing] = []
        for rank, entry in ranking:
            outcome: Outcome = "selected" if entry in chosen else "reserve" if entry in waiting else "not_selected"
            reason = barred.get(entry) or self.reason(entry, able)
            position = waiting.index(entry) + 1 if entry in waiting else None
            reason = replace(reason, rank=rank, score=self.score(entry), line=line, position=position)
            standings.append(Standing(self.entries.ids[entry], self.name, self.score(entry), rank, outcome, reason))
        for entry in self.members:
            if entry not in scored:
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

    def reason(self, entry: int, able: list[int]) -> Reason:
        """By rank, or by the tie-break or lot that parted equals at the last place or in the reserve."""
        plain = Reason(Cause.RANK, None, self.size, self.places)
        if entry not in able:
            return plain
        own, position = self.score(entry), able.index(entry)
        lines = [
            line
            for line in range(max(1, self.places), min(self.places + self.rule.reserve, len(able) - 1) + 1)
            if self.places and self.score(able[line - 1]) == self.score(able[line]) == own
        ]
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
        others = tuple(self.entries.ids[e] for e in able if e != entry and self.level(e, entry, step))
        cause = Cause.LOT if step.lot else Cause.TIE_BREAK
        return Reason(cause, None, self.size, self.places, criterion=step.criterion, tied_with=others)

    def level(self, one: int, other: int, step: TieBreak) -> bool:
        """Whether two entrants were still equal when `step` was asked."""
        before = self.rules.tie_breaks[: self.rules.tie_breaks.index(step)]
        return self.score(one) == self.score(other) and all(len(self.divide([one, other], s)) == 1 for s in before)

    def parting(self, one: int, other: int) -> TieBreak:
        """The earliest tie-break that told two apart (others may stand between them)."""
        for step in self.rules.tie_breaks:
            if step.lot or len(self.divide([one, other], step)) > 1:
                return step
        raise AssertionError("tie-breaks end in a lot")  # the rules were checked


def chances(
    rules: Rules, entries: Entries, calibration: Calibration, *, seed: int = 0, draws: int = 4000
) -> NDArray[np.float64]:
    """P(among the places of its group) per entry, shape (n,), from joint draws of the calibrated scores.

    A diagnostic beside the official result: how often each entrant would fill a place if the true scores were drawn
    from what the sheets say about them. NaN for entrants without a sheet, or whose
    uncertainty the sheets cannot tell. Thresholds and floors are not applied.
    """
    known = np.flatnonzero(~np.isnan(calibration.standard_error))  # a score without its error has no odds
    contests = []  # per group: its columns in a draw, and how many places there are
    for position, name in enumerate(entries.groups):
        rule = rules.group(name)
        columns = np.flatnonzero(entries.group_index[known] == position)
        if rule is not None and len(columns):
            contests.append((columns, rule.quota.places(int((entries.group_index == position).sum()))))
    wins = np.zeros(len(known))
    block = max(1, min(draws, _BLOCK // max(1, len(known))))
    for number, start in enumerate(range(0, draws, block)):
        sample = calibration.draws(min(block, draws - start), (seed << 32) + number, entrants=known)
        for columns, places in contests:
            best = np.argsort(-sample[:, columns], axis=1, kind="stable")[:, :places]
            wins[columns] += np.bincount(best.ravel(), minlength=len(columns))
    chance = np.full(len(entries), np.nan)
    chance[known] = wins / draws
    return chance


def by_entry(selection: Selection) -> Mapping[str, Standing]:
    """Standings by entry id."""
    return {standing.entry: standing for standing in selection.standings}
