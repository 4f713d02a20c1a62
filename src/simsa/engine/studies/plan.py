"""What a design study is asked: rules, entries, assumptions, designs, methods, runs and a seed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from fractions import Fraction
from functools import cached_property

from simsa.engine.inputs import Entries
from simsa.engine.simulation import Settings
from simsa.rules import Adaptive, Levels, Range, Rules, Scale, decimal_places


class StudyError(ValueError):
    """A study that cannot be made; the message says why and what to do."""


class Method(StrEnum):
    """How the sheets of an entry become the score by which it is chosen."""

    TALLY = "tally"
    """The rules' own official tally."""
    MEAN = "mean"
    """The mean of the sheets' totals."""
    TRIMMED_MEAN = "trimmed_mean"
    """The same without the highest and the lowest; of three sheets or more."""
    CALIBRATED = "calibrated"
    """Net of severities, with reviewers' own scale and noise."""
    ADAPTIVE = "adaptive"
    """Calibrated, of as many reviews in all, a part of which is given out in batches where winners are in doubt."""


@dataclass(frozen=True, order=True)
class Design:
    """A panel of `reviewers`, with `reviews` sheets of every entry, or so many on average where they are adaptive."""

    reviewers: int
    reviews: int


@dataclass(frozen=True)
class Plan:
    """A study: `runs` rounds of every design under `rules`, with these `entries` and `settings`.

    StudyError for rules whose ranks are not made of the panel's marks alone, a design that cannot be (more reviews than
    reviewers), and counts out of range.
    """

    rules: Rules
    entries: Entries
    settings: Settings
    designs: tuple[Design, ...]
    methods: tuple[Method, ...]
    runs: int
    seed: str

    def __post_init__(self) -> None:
        self.entries.check(self.rules)
        if self.rules.beside_marks:
            raise StudyError(
                f"the rules make ranks with {', '.join(self.rules.beside_marks)}, and a study draws marks alone; "
                "study a copy of the rules without that"
            )
        if not self.designs or not self.methods or self.runs < 1:
            raise StudyError("a study takes at least one design, one method and one run")
        for design in self.designs:
            if not 1 <= design.reviews <= design.reviewers:
                raise StudyError(
                    f"{design.reviews} reviews of every entry by a panel of {design.reviewers}: from 1 review to as "
                    "many as there are reviewers"
                )
            most = self._adaptive.most_per_entry
            if Method.ADAPTIVE in self.methods and most is not None and most < design.reviews:
                raise StudyError(
                    f"{design.reviews} reviews for each entry on average, and an entry may have {most} sheets "
                    "(adaptive.most_per_entry); study fewer reviews, or other methods"
                )
        if not any(self.places(name) for name in self.entries.groups):
            raise StudyError("the rules select nobody, so there is nothing to study")

    def of(self, rules: Rules, entries: Entries) -> Plan:
        """The same study of other rules and entries."""
        return replace(self, rules=rules, entries=entries)

    def under(self, settings: Settings) -> Plan:
        """The same study under other assumptions."""
        return replace(self, settings=settings)

    def places(self, group: str) -> int:
        """Places of a group."""
        rule = self.rules.group(group)
        return 0 if rule is None else rule.quota.places(self.entries.group.count(group))

    def first(self, design: Design) -> int:
        """Sheets of every entry before reviews are given out by doubt: the rules' share, two at least."""
        return max(2, round((1 - self._adaptive.held_back) * design.reviews))

    def adaptive_rules(self, design: Design) -> Rules:
        """The rules with `design.reviews` on average, of which `first` in the first round."""
        first = self.first(design)
        held_back = replace(self._adaptive, held_back=1 - Fraction(first, design.reviews))
        panel = replace(self.rules.panel, sheets_per_entry=Range(first, first), load=Range(), kinds=())
        return replace(self.rules, panel=panel, adaptive=held_back)

    @property
    def _adaptive(self) -> Adaptive:
        return self.rules.adaptive or Adaptive(Fraction(3, 5))

    @cached_property
    def fine_rules(self) -> Rules:
        """The same rules with scales without ends or steps to speak of: marks can be what they truly ought to be."""
        return replace(
            self.rules,
            criteria=tuple(
                node if node.scale is None else replace(node, scale=_fine(node.scale)) for node in self.rules.criteria
            ),
        )


def _fine(scale: Scale | Levels) -> Scale:
    length = scale.max - scale.min
    step = scale.step if isinstance(scale, Scale) else Fraction(1, 10 ** max(map(decimal_places, scale.finest)))
    return Scale(scale.min - 2 * length, scale.max + 2 * length, step / 1000)
