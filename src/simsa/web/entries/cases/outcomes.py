"""What the cases of a round measured: one row for each outcome that counts, amounts converted exactly."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from simsa.rules import EntryForm
from simsa.web.entries.models import Entry
from simsa.web.entries.services.submitting import last_submissions
from simsa.web.programmes.models import Round


@dataclass(frozen=True)
class Outcome:
    """One measured outcome of the case `place` (from 1) of an entry.

    A case that measured nothing has one row without `measure` and with `value` None. `converted`: the amount by the
    rules in force, in the round's currency; None where they have no rate. `restated`: the rules were amended since,
    and what was submitted says another amount.
    """

    entry: Entry
    place: int
    title: str
    measure: str
    value: Fraction | None
    unit: str
    currency: str
    converted: Fraction | None
    restated: bool
    begins: str
    ends: str
    where: str
    partners: tuple[str, ...]
    source: str


def outcomes_of(round_: Round) -> list[Outcome]:
    """Every outcome that was submitted and not withdrawn, in the order of the round."""
    form = round_.rules.entries
    return [
        outcome
        for submission in last_submissions(round_)
        for place, case in enumerate(json.loads(submission.content)["cases"], 1)
        for outcome in _of_case(submission.entry, place, case, form)
    ]


def _of_case(entry: Entry, place: int, case: Mapping[str, Any], form: EntryForm) -> Iterator[Outcome]:
    for said in case["outcomes"] or [{}]:
        value = Fraction(said["value"]) if "value" in said else None
        currency = said.get("currency", "")
        rate = form.rate(currency) if currency else None
        converted = None if value is None or rate is None else value * rate
        told = said.get("converted")
        yield Outcome(
            entry=entry,
            place=place,
            title=case.get("title", ""),
            measure=said.get("measure", ""),
            value=value,
            unit=said.get("unit", ""),
            currency=currency,
            converted=converted,
            restated=told is not None and (told["currency"] != form.currency or Fraction(told["value"]) != converted),
            begins=case.get("from", ""),
            ends=case.get("to", ""),
            where=case.get("place", ""),
            partners=tuple(case["partners"]),
            source=case.get("source", ""),
        )
