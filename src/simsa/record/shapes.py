"""The shapes of the record's documents, checked strictly: every key that is named, no other, each value of its kind.

A shape is a function that takes what was read and its place, and raises ShapeError where it does not fit.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any

from simsa.rules import exact_text

Shape = Callable[[Any, str], None]
_HASH = re.compile(r"[0-9a-f]{64}\Z")
_SLOT = re.compile(r"[0-9a-f]{32}\Z")
_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+|/[0-9]+)?\Z")
_BEACON = re.compile(r"(0|[1-9][0-9]*)( (0|[1-9][0-9]*))*\Z")
_LONGEST_BEACON, _LONGEST_REPORTED = 1000, 40
_LONGEST = 2000  # digits of a number: fractions of many criteria are long, but none is longer


class ShapeError(ValueError):
    """A document of another shape than its format lays down; the message names the place."""


def text(value: Any, place: str) -> None:
    """Any text."""
    if not isinstance(value, str):
        raise ShapeError(f"{place}: is no text")


def filled(value: Any, place: str) -> None:
    """A text that is not empty."""
    if not isinstance(value, str) or not value:
        raise ShapeError(f"{place}: is no text, or empty")


def count(value: Any, place: str) -> None:
    """A whole number from 0."""
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise ShapeError(f"{place}: is no count")


def truth(value: Any, place: str) -> None:
    """True or false."""
    if not isinstance(value, bool):
        raise ShapeError(f"{place}: is neither true nor false")


def hash256(value: Any, place: str) -> None:
    """64 hexadecimal digits."""
    if not isinstance(value, str) or not _HASH.match(value):
        raise ShapeError(f"{place}: is not 64 hexadecimal digits")


def slot(value: Any, place: str) -> None:
    """The identifier of a slot."""
    if not isinstance(value, str) or not _SLOT.match(value):
        raise ShapeError(f"{place}: is not 32 hexadecimal digits")


def beacon(value: Any, place: str) -> None:
    """What a beacon gives, in its one spelling: whole numbers, ascending, apart by single spaces; or 64 hexadecimal
    digits."""
    if not isinstance(value, str) or len(value) > _LONGEST_BEACON or not (_BEACON.match(value) or _HASH.match(value)):
        raise ShapeError(f"{place}: is not whole numbers apart by single spaces (7 12 23), nor 64 hexadecimal digits")
    numbers = [] if _HASH.match(value) else [int(part) for part in value.split(" ")]
    if numbers != sorted(numbers):
        ascending = " ".join(map(str, sorted(numbers)))
        raise ShapeError(f"{place}: the numbers are not ascending: {ascending[:80]}")


def short_number(value: Any, place: str) -> None:
    """An exact number of at most 40 characters: longer ones mean nothing, and what they cost grows with them."""
    exact(value, place)
    if len(value) > _LONGEST_REPORTED:
        raise ShapeError(f"{place}: {value[:50]} is longer than {_LONGEST_REPORTED} characters")


def number(value: Any, place: str) -> None:
    """An exact number in its one form."""
    exact(value, place)


def exact(value: Any, place: str) -> Fraction:
    """The number that a text stands for. ShapeError unless it is written in its one form."""
    if isinstance(value, str) and len(value) <= _LONGEST and _NUMBER.match(value):
        try:
            found = Fraction(value)
        except ZeroDivisionError:
            found = Fraction(0)
        if exact_text(found) == value:
            return found
    raise ShapeError(f"{place}: {str(value)[:40]!r} is no exact number in its shortest form")


def constant(wanted: Any) -> Shape:
    """Exactly this value."""

    def shape(value: Any, place: str) -> None:
        if value != wanted or isinstance(value, bool) is not isinstance(wanted, bool):
            raise ShapeError(f"{place}: is {str(value)[:40]!r}, not {wanted!r}")

    return shape


def one_of(*wanted: str) -> Shape:
    """One of these texts."""

    def shape(value: Any, place: str) -> None:
        if not isinstance(value, str) or value not in wanted:
            raise ShapeError(f"{place}: is {str(value)[:40]!r}, not one of {', '.join(wanted)}")

    return shape


def optional(inner: Shape) -> Shape:
    """Null, or what `inner` wants."""

    def shape(value: Any, place: str) -> None:
        if value is not None:
            inner(value, place)

    return shape


def listed(inner: Shape, *, ordered: bool = False) -> Shape:
    """A list; `ordered`: strictly ascending by its items, or by the first part of each that is a list itself."""

    def shape(value: Any, place: str) -> None:
        if not isinstance(value, list):
            raise ShapeError(f"{place}: is no list")
        for n, item in enumerate(value):
            inner(item, f"{place}/{n}")
        if ordered:
            _check_order(value, place)

    return shape


def row(*inner: Shape) -> Shape:
    """A list of exactly these."""

    def shape(value: Any, place: str) -> None:
        if not isinstance(value, list) or len(value) != len(inner):
            raise ShapeError(f"{place}: is no list of {len(inner)}")
        for n, (item, own) in enumerate(zip(value, inner, strict=True)):
            own(item, f"{place}/{n}")

    return shape


def mapping(inner: Shape) -> Shape:
    """An object from any texts."""

    def shape(value: Any, place: str) -> None:
        if not isinstance(value, dict):
            raise ShapeError(f"{place}: is no object")
        for key, item in value.items():
            inner(item, f"{place}/{key}")

    return shape


def record(keys: Mapping[str, Shape]) -> Shape:
    """An object with exactly these keys."""

    def shape(value: Any, place: str) -> None:
        if not isinstance(value, dict):
            raise ShapeError(f"{place}: is no object")
        for key in keys:
            if key not in value:
                raise ShapeError(f"{place}: has no {key!r}")
        for key in value:
            if key not in keys:
                raise ShapeError(f"{place}: has {str(key)[:40]!r}, which nobody knows")
        for key, inner in keys.items():
            inner(value[key], f"{place}/{key}")

    return shape


def _check_order(items: list[Any], place: str) -> None:
    keys = [item[0] if isinstance(item, list) else item["id"] if isinstance(item, dict) else item for item in items]
    for n in range(1, len(keys)):
        if keys[n - 1] >= keys[n]:
            what = "is there twice" if keys[n - 1] == keys[n] else "is out of order"
            raise ShapeError(f"{place}/{n}: {str(keys[n])[:60]!r} {what}")
