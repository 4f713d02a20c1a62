"""Indicators: exact scores of what entries report, and how the numbers lie to the points.

    numbers = numbers_of(rules, criterion, rule, entries, reported)  # a number, or why there is none
    scores = score(rule, numbers, entries.group)

`distribution` is what the officer looks at: quantiles, who stands at an edge, whom one unit would move.
"""

from .distribution import Distribution, Edge, GroupNumbers, Move, distribution
from .numbers import evaluate, numbers_of
from .scoring import score

__all__ = [
    "Distribution",
    "Edge",
    "GroupNumbers",
    "Move",
    "distribution",
    "evaluate",
    "numbers_of",
    "score",
]
