"""Exact points of numbers: by place among others, along a line, by the share of a target, in steps, or as they are."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from fractions import Fraction

from simsa.rules import Indicator

ONE = Fraction(1)


def score(rule: Indicator, values: Sequence[object], group: Sequence[str]) -> list[Fraction | None]:
    """The score of each entry's number; None where there is no number (anything but a Fraction).

    `rank`: with n numbers in the group, rank r (1 is best) gives min + (max - min) (n - r) / (n - 1); tied bodies
    share the mean of their ranks or the best of them, as the rule says; a single body gets max. `percentile`: of n
    numbers w are worse and e equal, itself among them, which gives min + (max - min) times w / n (`worse`),
    (w + e) / n (`not_better`) or (w + e / 2) / n (`middle`); with `steps` a hundred times this share is put into them.
    """
    numbers = [value if isinstance(value, Fraction) else None for value in values]
    fields = Fields(rule, numbers, group)
    return [None if value is None else fields.points(n, value) for n, value in enumerate(numbers)]


class Fields:
    """The numbers among which each is compared, in order: one list for each group, or one for the round."""

    def __init__(self, rule: Indicator, numbers: Sequence[Fraction | None], group: Sequence[str]) -> None:
        self.rule, self.numbers, self.group = rule, numbers, group
        self.ordered: dict[str, list[Fraction]] = {}
        if rule.method in ("rank", "percentile"):
            for n, value in enumerate(numbers):
                if value is not None:
                    self.ordered.setdefault(self.field(n), []).append(value)
            for values in self.ordered.values():
                values.sort()

    def field(self, entry: int) -> str:
        return self.group[entry] if self.rule.within == "group" else ""

    def points(self, entry: int, value: Fraction) -> Fraction:
        """The points of one entry (by position) if its number were `value` and all others what they are."""
        rule = self.rule
        if rule.method in ("rank", "percentile"):
            points = self.by_place(entry, value)
        elif rule.method == "linear":
            points = _on_line(rule, value)
        elif rule.method == "target":
            points = _by_target(rule, value)
        elif rule.method == "step":
            points = _by_step(rule, value)
        else:
            points = value
        return points if rule.round is None else rule.round.apply(points)

    def by_place(self, entry: int, value: Fraction) -> Fraction:
        ordered, own = self.ordered[self.field(entry)], self.numbers[entry]
        assert own is not None
        first = bisect_left(ordered, value)
        less, equal = first - (own < value), bisect_right(ordered, value, first) - first + (own != value)
        more = len(ordered) - less - equal
        worse, better = (less, more) if self.rule.better == "higher" else (more, less)
        share = _share(self.rule, worse, equal, better)
        return _by_step(self.rule, 100 * share) if self.rule.steps else _between(self.rule, share)


def _share(rule: Indicator, worse: int, equal: int, better: int) -> Fraction:
    """The place among `worse`, `equal` (itself among them) and `better` numbers, as a share from 0 to 1."""
    size = worse + equal + better
    if rule.method == "percentile":
        twice = {"worse": 2 * worse, "middle": 2 * worse + equal, "not_better": 2 * (worse + equal)}
        assert rule.counts is not None
        return Fraction(twice[rule.counts], 2 * size)
    if size == 1:
        return ONE
    rank = Fraction(better + 1) if rule.ties == "best" else better + Fraction(1 + equal, 2)
    return (size - rank) / (size - 1)


def _between(rule: Indicator, share: Fraction) -> Fraction:
    return rule.points_min + (rule.points_max - rule.points_min) * share


def _on_line(rule: Indicator, value: Fraction) -> Fraction:
    assert rule.worst is not None
    assert rule.best is not None
    return _between(rule, _cut((value - rule.worst) / (rule.best - rule.worst), ONE))


def _by_target(rule: Indicator, value: Fraction) -> Fraction:
    """The share of the target that is reached; where less is better, target / value, and all of it from 0 down."""
    assert rule.target is not None
    if rule.better == "lower" and value <= 0:
        return _between(rule, rule.cap)
    share = value / rule.target if rule.better == "higher" else rule.target / value
    return _between(rule, _cut(share, rule.cap))


def _by_step(rule: Indicator, value: Fraction) -> Fraction:
    edges = [step.at for step in rule.steps]
    reached = bisect_right(edges, value) if rule.boundary == "above" else bisect_left(edges, value)
    return rule.steps[reached - 1].points if reached else rule.base


def _cut(share: Fraction, most: Fraction) -> Fraction:
    return min(max(share, Fraction(0)), most)
