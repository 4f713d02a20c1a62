"""Outcomes beside each other: some of them, in an order, and their sums. What cannot be compared is never added up."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from simsa.web.entries.cases.outcomes import Outcome


@dataclass(frozen=True)
class Choice:
    """Which outcomes are asked for ("" is all), and by what they are sorted; with a minus the other way round."""

    measure: str = ""
    currency: str = ""
    group: str = ""
    sort: str = ""


@dataclass(frozen=True)
class Sum:
    """What outcomes with one measure and one unit come to; `units` are those of the same currency.

    `by_currency`: the sum and number of those in each currency ("" where the value is no money). `converted`: the sum
    of `count` amounts for which there is a rate, None if there are none. `left_out`: amounts without a rate.
    """

    measure: str
    unit: str
    by_currency: Mapping[str, tuple[Fraction, int]]
    converted: Fraction | None
    count: int
    left_out: Mapping[str, int]


def chosen(outcomes: Sequence[Outcome], choice: Choice, language: str) -> list[Outcome]:
    """Those that are asked for. What has nothing to be sorted by comes last either way: it is not the least."""
    wanted = folded(choice.measure)
    found = [
        one
        for one in outcomes
        if choice.currency in {"", one.currency}
        and choice.group in {"", one.entry.group}
        and wanted in folded(one.measure)
    ]
    key = _KEYS.get(choice.sort.removeprefix("-"))
    if key is None:
        return found
    there = [one for one in found if key(one, language) is not None]
    rest = [one for one in found if key(one, language) is None]
    there.sort(key=lambda one: key(one, language), reverse=choice.sort.startswith("-"))
    if key is _amount:
        # Millions of won and won are no two amounts of one scale: those in a unit of their own come after the others.
        there.sort(key=lambda one: folded(one.unit))
    return there + rest


def _amount(one: Outcome, _language: str) -> Fraction | None:
    return one.converted


_KEYS: Mapping[str, Callable[[Outcome, str], Any]] = {
    "entrant": lambda one, language: one.entry.entrant.name(language),
    "measure": lambda one, _language: folded(one.measure) or None,
    "converted": _amount,
}
SORTS = tuple(_KEYS)


def sums_of(outcomes: Sequence[Outcome], together: str = "") -> list[Sum]:
    """What the outcomes come to by measure and unit; `together` makes one measure of them all, and is its name."""
    parts: dict[tuple[str, str], list[Outcome]] = {}
    for one in outcomes:
        if one.value is not None:
            parts.setdefault((folded(together or one.measure), folded(one.unit)), []).append(one)
    return [_sum(together or part[0].measure, part) for _key, part in sorted(parts.items())]


def folded(text: str) -> str:
    """A measure or unit as it is compared: the same whatever its case and blanks."""
    return "".join(unicodedata.normalize("NFKC", text).casefold().split())


def _sum(measure: str, part: Sequence[Outcome]) -> Sum:
    by_currency: dict[str, tuple[Fraction, int]] = {}
    for one in part:
        total, count = by_currency.get(one.currency, (Fraction(0), 0))
        by_currency[one.currency] = (total + (one.value or 0), count + 1)
    converted = [one.converted for one in part if one.converted is not None]
    return Sum(
        measure=measure,
        unit=part[0].unit,
        by_currency=by_currency,
        converted=sum(converted, Fraction(0)) if converted else None,
        count=len(converted),
        left_out=dict(Counter(one.currency for one in part if one.currency and one.converted is None)),
    )
