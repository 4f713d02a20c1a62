"""Which fields of reviews are scores: those whose every value is a number, or begins with one ("8: accept")."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import gcd

from simsa.rules import exact_text, parse_decimal

_SCORE = re.compile(r"\s*([+-]?\d+(?:\.\d+)?)\s*(?:$|[:.)]\s|[:.)]$|/\s*\d+\s*$)", re.ASCII)
_UNHEARD = re.compile(r"[^0-9A-Za-z\u00a1-\U0010ffff]+")


@dataclass(frozen=True)
class ScoreField:
    """A score: its id, what the review form calls it, and the least and greatest that was given, in steps of `step`."""

    id: str
    name: str
    least: Fraction
    most: Fraction
    step: Fraction


@dataclass(frozen=True)
class Scores:
    """The scores of a review form, and the names of its other fields."""

    fields: tuple[ScoreField, ...]
    texts: tuple[str, ...]

    def mark(self, one: ScoreField, review: Mapping[str, str]) -> str:
        """The mark that a review gives, as text; "" where it gives none."""
        found = score_of(review.get(one.name, ""))
        return "" if found is None else exact_text(found)


def score_of(text: str) -> Fraction | None:
    """The number that a value of a review field is or begins with; None if it is none."""
    found = _SCORE.match(text)
    return parse_decimal(found[1]) if found and len(found[1]) < 20 else None


def score_fields(reviews: Sequence[Mapping[str, str]]) -> Scores:
    """The fields of all reviews, in the order in which they first appear."""
    values: dict[str, set[str]] = {}
    for review in reviews:
        for name, text in review.items():
            if text.strip():
                values.setdefault(name, set()).add(text)
    numbers = {name: [score_of(text) for text in texts] for name, texts in values.items()}
    scores = {name: [n for n in found if n is not None] for name, found in numbers.items() if None not in found}
    taken: set[str] = {"total"}
    fields = tuple(_field(name, found, taken) for name, found in scores.items())
    return Scores(fields, tuple(name for name in values if name not in scores))


def _field(name: str, found: Sequence[Fraction], taken: set[str]) -> ScoreField:
    least, most = min(found), max(found)
    bottom = 1
    for number in found:
        bottom = bottom * number.denominator // gcd(bottom, number.denominator)
    if least == most:  # a scale has two ends
        least, most = least - 1, most + 1
    plain = _UNHEARD.sub("_", name).strip("_").lower()[:56] or "score"
    key, n = plain, 1
    while key in taken:
        n += 1
        key = f"{plain}_{n}"
    taken.add(key)
    return ScoreField(key, name, least, most, Fraction(1, bottom))
