"""Exact decimals: text to `Fraction` and back, with no float on the way."""

from __future__ import annotations

import re
from fractions import Fraction

_DECIMAL = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)\Z", re.ASCII)
_LONGEST = 100


def parse_decimal(text: str) -> Fraction:
    """`text` as an exact number. ValueError for anything that is not a plain decimal (no exponent, no grouping).

    Nor is a text of more than 100 characters: nobody means such a number, and what it costs grows with its length.
    """
    stripped = text.strip()
    if len(stripped) > _LONGEST or not _DECIMAL.match(stripped):
        raise ValueError(f"{stripped[:_LONGEST]!r} is not a decimal number")
    return Fraction(stripped)


def decimal_or_none(text: str) -> Fraction | None:
    """`text` as an exact number, None for what `parse_decimal` refuses."""
    try:
        return parse_decimal(text)
    except ValueError:
        return None


def decimal_places(number: Fraction) -> int:
    """The fewest decimal places in which `number` is exact. ValueError if no decimal is."""
    rest, twos, fives = number.denominator, 0, 0
    while rest % 2 == 0:
        rest, twos = rest // 2, twos + 1
    while rest % 5 == 0:
        rest, fives = rest // 5, fives + 1
    if rest != 1:
        raise ValueError(f"{number} has no exact decimal form")
    return max(twos, fives)


def decimal_text(number: Fraction, places: int | None = None) -> str:
    """`number` as an exact decimal: the shortest (30, 0.25, -1.5), or with at least `places` places (36.90)."""
    shown = max(decimal_places(number), places or 0)
    units = abs(number.numerator) * 10**shown // number.denominator
    digits = str(units).rjust(shown + 1, "0")
    sign = "-" if number < 0 else ""
    return f"{sign}{digits[:-shown]}.{digits[-shown:]}" if shown else f"{sign}{digits}"


def exact_text(number: Fraction) -> str:
    """`number` as a decimal where it has one, otherwise as `numerator/denominator`."""
    try:
        return decimal_text(number)
    except ValueError:
        return f"{number.numerator}/{number.denominator}"
