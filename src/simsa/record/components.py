"""The components of a calibration as JSON: recorded beside a result, and read back to compute the same scores again.

Numbers are exact decimals as text, reviewers go by their ids.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from simsa.engine.calibration import Components
from simsa.engine.inputs import Entries, Sheets
from simsa.engine.tally import Tally
from simsa.rules import Rules, decimal_text, exact_text, parse_decimal

from .canonical import digest

FORMAT = 1
_VARIANCES = ("entrant", "reviewer", "residual")
_SPREADS = ("scale_spread", "noise_spread")
_OWN = ("scale", "noise")
_HASHES = ("rules_hash", "sheets_hash")
_OF_PANEL = "give the components of this panel"


@dataclass(frozen=True)
class Origin:
    """What components are of: rules with their `digits`, and sheets.

    `reviewers`: ids by position; `wrote`: those of them with a sheet that has a total.
    """

    rules_hash: str
    sheets_hash: str
    digits: int
    reviewers: tuple[str, ...]
    wrote: frozenset[str]


class ComponentsError(ValueError):
    """Components that are damaged, or those of other rules or sheets; the message says what to give instead."""


def origin_of(rules: Rules, entries: Entries, sheets: Sheets, added: Tally) -> Origin:
    """`added`: the tally of the sheets. These are hashed as entry, group, reviewer and exact total, sorted."""
    totals = [
        [entries.ids[entry], entries.group[entry], sheets.reviewers[reviewer], exact_text(total)]
        for entry, reviewer, total in zip(
            sheets.entry.tolist(), sheets.reviewer.tolist(), added.sheet_totals.values(), strict=True
        )
        if total is not None
    ]
    wrote = frozenset(reviewer for _entry, _group, reviewer, _total in totals)
    return Origin(rules.hash, digest(sorted(totals)), rules.calibration.digits, tuple(sheets.reviewers), wrote)


def components_json(components: Components, origin: Origin) -> dict[str, Any]:
    """Reviewers are listed where they have a scale or a noise of their own."""
    said: dict[str, Any] = {"simsa_components": FORMAT}
    said |= {"rules_hash": origin.rules_hash, "sheets_hash": origin.sheets_hash}
    said |= {name: _text(getattr(components, name)) for name in (*_VARIANCES, *_SPREADS)}
    own = {name: numbers for name in _OWN if (numbers := getattr(components, name)) is not None}
    if own:
        listed = {
            key: {name: _text(numbers[n]) for name, numbers in own.items()} for n, key in enumerate(origin.reviewers)
        }
        said["reviewers"] = {key: numbers for key, numbers in listed.items() if None not in numbers.values()}
    return said


def components_of(content: Mapping[str, Any], origin: Origin) -> Components:
    """For the rules and sheets of `origin`, reviewers by position.

    ComponentsError where a number is missing, damaged or of nobody, and where they are of other rules or sheets.
    """
    if content.get("simsa_components") != FORMAT:
        raise ComponentsError("holds no components of this format")
    listed = content.get("reviewers", {})
    _refuse_unknown(content, {"simsa_components", "reviewers", *_HASHES, *_VARIANCES, *_SPREADS}, "")
    if not isinstance(listed, dict):
        raise ComponentsError("reviewers is not understood; give the recorded components")
    _refuse_others(content, origin)
    strangers = sorted(set(listed) - set(origin.reviewers))
    if strangers:
        raise ComponentsError(f"reviewer {strangers[0]!r} wrote no sheet here; {_OF_PANEL}")
    for key, numbers in listed.items():
        if not isinstance(numbers, dict):
            raise ComponentsError(f"reviewer {key!r} is not understood; give the recorded components")
        _refuse_unknown(numbers, set(_OWN), f"reviewer {key!r}: ")
    entrant, reviewer, residual = (_number(content, name, "", origin.digits) for name in _VARIANCES)
    spreads = [_number(content, name, "", origin.digits) or Fraction(0) for name in _SPREADS]
    scale, noise = (_own(listed, name, origin) for name in _OWN)
    for name, numbers, spread in zip(_OWN, (scale, noise), spreads, strict=True):
        if spread and numbers is None:
            raise ComponentsError(f"{name}_spread is not 0, but no reviewer has a {name}; {_OF_PANEL}")
    return Components(entrant, reviewer, residual, scale, noise, *spreads)


def _own(listed: Mapping[str, Any], name: str, origin: Origin) -> tuple[Fraction | None, ...] | None:
    """The scales or noises of reviewers, by position; None where nobody has one."""
    if not any(name in numbers for numbers in listed.values()):
        return None
    found = []
    for key in origin.reviewers:
        number = _number(listed.get(key, {}), name, f"reviewer {key!r}: ", origin.digits)
        if key in origin.wrote and not number:
            what = f"has no {name}" if number is None else f"has a {name} of 0"
            raise ComponentsError(f"reviewer {key!r} {what}; {_OF_PANEL}")
        found.append(number)
    return tuple(found)


def _refuse_unknown(content: Mapping[str, Any], known: set[str], place: str) -> None:
    strange = sorted(set(content) - known)
    if strange:
        raise ComponentsError(f"{place}{', '.join(strange)} is not understood; give the recorded components")


def _refuse_others(content: Mapping[str, Any], origin: Origin) -> None:
    """Components are of one round: other rules or sheets would have had others."""
    for name in _HASHES:
        there, own = content.get(name), getattr(origin, name)
        if there is None:
            raise ComponentsError(f"has no {name}; give the components as they were recorded")
        if there != own:
            what = f"is of other {name.partition('_')[0]} ({name} {str(there)[:12]}, here {own[:12]})"
            raise ComponentsError(f"{what}; give the components of this round, or none to estimate them")


def _text(value: Fraction | None) -> str | None:
    return None if value is None else decimal_text(value)


def _number(content: Mapping[str, Any], name: str, place: str, digits: int) -> Fraction | None:
    value = content.get(name)
    if value is None:
        return None
    try:
        number = parse_decimal(value)
    except (ValueError, AttributeError):
        raise ComponentsError(f"{place}{name} is {str(value)[:40]!r}, not a decimal number as text") from None
    if number < 0:
        raise ComponentsError(f"{place}{name} is {value}; it cannot be below zero")
    if len(decimal_text(number).replace(".", "").strip("0")) > digits:
        what = f"{name} is {str(value)[:40]}, and the rules round it to {digits} digits"
        raise ComponentsError(f"{place}{what}; give the components as they were recorded")
    return number
