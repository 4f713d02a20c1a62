"""The ballot as a voter fills it in, step by step, without a script: each button sends what was chosen so far.

Nothing is kept on the way. The order of the entries is another for each voter, so that nobody profits from their place.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import lru_cache
from typing import Any

from django.http import QueryDict
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from simsa.engine.lots import lot
from simsa.engine.votes import Ballot, BallotError, ballot_of
from simsa.rules import Vote as VoteRules
from simsa.rules import exact_text, parse_decimal
from simsa.web.programmes.models import Kind, Round
from simsa.web.programmes.sight import ENTRANT, sees
from simsa.web.votes.models import Candidate, Vote


@dataclass(frozen=True)
class Choice:
    """An entry on the ballot; `mark` of a score ballot, "" without one."""

    key: str
    code: str
    name: str
    group: str
    mark: str = ""
    chosen: bool = False


@dataclass(frozen=True)
class Booth:
    """Everything on the ballot, and what was chosen, in order."""

    rules: VoteRules
    choices: Mapping[str, Choice]
    chosen: tuple[str, ...] = ()
    marks: Mapping[str, str] | None = None

    @property
    def first(self) -> list[Choice]:
        """What was chosen, in order."""
        return [self.choices[key] for key in self.chosen]

    @property
    def rest(self) -> list[tuple[str, list[Choice]]]:
        """What can be chosen, by group; of a ranked ballot without what was."""
        found: dict[str, list[Choice]] = {}
        for key, choice in self.choices.items():
            if self.rules.ballot != "ranked" or key not in self.chosen:
                told = replace(choice, mark=(self.marks or {}).get(key, ""), chosen=key in self.chosen)
                found.setdefault(choice.group, []).append(told)
        return list(found.items())

    @property
    def full(self) -> bool:
        """Whether no more can be chosen."""
        return self.rules.choices.max is not None and len(self.chosen) >= self.rules.choices.max

    @property
    def scale(self) -> list[str]:
        """The marks of a score ballot, the highest first."""
        return [exact_text(one) for one in reversed(self.rules.worth)] if self.rules.scale else []

    def ballot(self) -> Ballot:
        """What this says. BallotError where the rules do not allow it."""
        codes = {key: choice.code for key, choice in self.choices.items()}
        marks: dict[str, Fraction] = {}
        for key in self.chosen:
            try:
                marks[codes[key]] = parse_decimal((self.marks or {}).get(key, ""))
            except ValueError:
                continue
        return ballot_of(self.rules, set(codes.values()), [codes[key] for key in self.chosen], marks)

    def after(self, what: str) -> Booth:
        """With one button pressed: `add:KEY`, `drop:KEY`, `up:KEY`, `down:KEY`; as it is for any other."""
        verb, _colon, key = what.partition(":")
        order = list(self.chosen)
        if verb == "add" and key in self.choices and key not in order and not self.full:
            order.append(key)
        elif key in order and verb == "drop":
            order.remove(key)
        elif key in order and verb in {"up", "down"}:
            at = order.index(key)
            to = min(max(at + (1 if verb == "down" else -1), 0), len(order) - 1)
            order[at], order[to] = order[to], order[at]
        return replace(self, chosen=tuple(order))


def booth_of(vote: Vote, voter: str, sent: QueryDict | None = None) -> Booth:
    """The ballot for a `voter` (anything that tells them from others), filled in with what they `sent`."""
    round_ = vote.round
    rules = round_.rules.vote
    assert rules is not None  # there is no vote without
    choices = choices_of(round_, voter)
    if sent is None:
        return Booth(rules, choices)
    marks = {key: sent.get(f"mark-{key}", "")[:30] for key in choices}
    if rules.ballot == "score":
        return Booth(rules, choices, tuple(key for key in choices if marks[key]), marks)
    chosen = dict.fromkeys(key for key in sent.getlist("chosen") if key in choices)
    return Booth(rules, choices, tuple(chosen))


def choices_of(round_: Round, voter: str) -> dict[str, Choice]:
    """What is on the ballot, by key: group by group, in each by lot."""
    choices = _on_the_ballot(round_, round_.log.first_key, get_language() or "ko", int(time.monotonic() // KEPT))
    drawn = sorted((place, lot(voter, "ballot", choice.key), choice.key, choice) for place, choice in choices)
    return {key: choice for _place, _lot, key, choice in drawn}


KEPT = 60
"""Seconds for which a process keeps what is on a ballot: it hardly changes, and thousands ask for it."""


@lru_cache(maxsize=64)
def _on_the_ballot(round_: Round, _log: str, language: str, _moment: int) -> list[tuple[int, Choice]]:
    """Every entry, with the place of its group. `_log` tells rounds apart that had one number in turn."""
    rows = Candidate.objects.filter(vote__round=round_).select_related("entry__entrant").order_by("entry__position")
    found: list[tuple[int, Choice]] = []
    groups: dict[str, int] = {}
    shown = sees(round_, Kind.VOTER, ENTRANT)
    for n, row in enumerate(rows, 1):
        entry = row.entry
        group = round_.rules.group(entry.group)
        named = group.name.text(language) if group else entry.group
        name = entry.entrant.name(language) if shown else _("Entry %(n)d") % {"n": n}
        place = groups.setdefault(entry.group, len(groups))
        found.append((place, Choice(str(row.pk), entry.entrant.code, name, named)))
    return found


def said(round_: Round, rows: Any) -> list[tuple[str, str]]:
    """A ballot as texts: what each entry is called, and what it gets."""
    names = {choice.code: choice.name for choice in choices_of(round_, "").values()}
    return [(names.get(code, code), points) for code, points in rows]


def fault_of(error: BallotError, rules: VoteRules) -> str:
    """What is wrong with a ballot, for the voter."""
    least, most = rules.choices.min or 1, rules.choices.max
    if error.key == "few":
        return _("Choose at least %(n)d.") % {"n": least}
    if error.key == "many":
        return _("Choose at most %(n)d.") % {"n": most}
    if error.key == "mark":
        return _("Choose one of the marks that are offered.")
    return _("This ballot names an entry that is not on it, or one twice.")
