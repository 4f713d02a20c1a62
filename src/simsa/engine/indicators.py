"""Indicators: exact scores of reported numbers, by rank within a group, along a line, or as reported."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from fractions import Fraction

from simsa.rules import Indicator


def score(rule: Indicator, values: Sequence[Fraction | None], group: Sequence[str]) -> list[Fraction | None]:
    """The score of each entry's reported number; None where none was reported.

    `rank`: with n numbers in the group, rank r (1 is best) gives min + (max - min) (n - r) / (n - 1); tied bodies
    share the mean of their ranks or the best of them, as the rule says; a single body gets max.
    """
    if rule.method == "reported":
        return list(values)
    if rule.method == "linear":
        return [None if value is None else _on_line(rule, value) for value in values]
    places: dict[str, list[int]] = defaultdict(list)
    for position, value in enumerate(values):
        if value is not None:
            places[group[position] if rule.within == "group" else ""].append(position)
    scores: list[Fraction | None] = [None] * len(values)
    for members in places.values():
        for position, rank in _ranks(rule, members, values):
            scores[position] = _by_rank(rule, rank, len(members))
    return scores


def _on_line(rule: Indicator, value: Fraction) -> Fraction:
    assert rule.worst is not None
    assert rule.best is not None
    share = (value - rule.worst) / (rule.best - rule.worst)
    share = min(max(share, Fraction(0)), Fraction(1))
    return rule.points_min + (rule.points_max - rule.points_min) * share


def _ranks(rule: Indicator, members: list[int], values: Sequence[Fraction | None]) -> list[tuple[int, Fraction]]:
    def key(position: int) -> Fraction:
        value = values[position]
        assert value is not None
        return -value if rule.better == "higher" else value

    ordered = sorted(members, key=key)
    ranked: list[tuple[int, Fraction]] = []
    start = 0
    while start < len(ordered):
        end = start
        while end < len(ordered) and key(ordered[end]) == key(ordered[start]):
            end += 1
        rank = Fraction(start + 1) if rule.ties == "best" else Fraction(start + 1 + end, 2)
        ranked += [(position, rank) for position in ordered[start:end]]
        start = end
    return ranked


def _by_rank(rule: Indicator, rank: Fraction, size: int) -> Fraction:
    if size == 1:
        return rule.points_max
    return rule.points_min + (rule.points_max - rule.points_min) * (size - rank) / (size - 1)
