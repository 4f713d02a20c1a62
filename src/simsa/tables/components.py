"""The components of a calibration as JSON: recorded beside a result, and read back to compute the same scores again.

Numbers are exact decimals as text, reviewers go by their ids. `canonical_bytes` of `simsa.record` makes them bytes.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

from simsa.engine.calibration import Components
from simsa.rules import decimal_text, parse_decimal

from .table import TableError

FORMAT = 1
_VARIANCES = ("entrant", "reviewer", "residual")
_SPREADS = ("scale_spread", "noise_spread")


def components_json(components: Components, reviewers: Sequence[str]) -> dict[str, Any]:
    """`reviewers`: ids by position. Reviewers are listed where they have a scale or a noise of their own."""
    said: dict[str, Any] = {"simsa_components": FORMAT}
    said |= {name: _text(getattr(components, name)) for name in (*_VARIANCES, *_SPREADS)}
    own = {name: numbers for name in ("scale", "noise") if (numbers := getattr(components, name)) is not None}
    if own:
        listed = {key: {name: _text(numbers[n]) for name, numbers in own.items()} for n, key in enumerate(reviewers)}
        said["reviewers"] = {key: numbers for key, numbers in listed.items() if None not in numbers.values()}
    return said


def read_components(path: str | Path) -> dict[str, Any]:
    """What `simsa calibrate --components-out` wrote, or of a result.json the part that it records."""
    try:
        content = json.loads(Path(path).read_bytes(), parse_float=Decimal)
    except (ValueError, RecursionError) as error:
        raise TableError(f"{path}: is not JSON: {error}; give the recorded components") from None
    if isinstance(content, dict) and "simsa_components" not in content:
        calibration = content.get("calibration")
        content = calibration.get("components") if isinstance(calibration, dict) else None
    if not isinstance(content, dict) or content.get("simsa_components") != FORMAT:
        raise TableError(f"{path}: holds no components; give what --components-out wrote, or a result.json")
    return content


def components_of(content: Mapping[str, Any], reviewers: Sequence[str], source: str) -> Components:
    """For the `reviewers` of a panel, by position. TableError where a number is missing, damaged or of nobody."""
    listed = content.get("reviewers", {})
    known = {"simsa_components", "reviewers", *_VARIANCES, *_SPREADS}
    if set(content) - known or not isinstance(listed, dict):
        raise TableError(f"{source}: {', '.join(sorted(set(content) - known)) or 'reviewers'} is not understood")
    strangers = sorted(set(listed) - set(reviewers))
    if strangers:
        raise TableError(f"{source}: reviewer {strangers[0]!r} wrote no sheet here; give the components of this panel")
    entrant, reviewer, residual = (_number(content, name, source) for name in _VARIANCES)
    spreads = [_number(content, name, source) or Fraction(0) for name in _SPREADS]
    own: list[tuple[Fraction | None, ...] | None] = []
    for name in ("scale", "noise"):
        there = {key: one for key, one in listed.items() if isinstance(one, dict) and name in one}
        numbers = tuple(_number(there[key], name, f"{source}, {key}") if key in there else None for key in reviewers)
        own.append(numbers if there else None)
    return Components(entrant, reviewer, residual, own[0], own[1], *spreads)


def _text(value: Fraction | None) -> str | None:
    return None if value is None else decimal_text(value)


def _number(content: Mapping[str, Any], name: str, source: str) -> Fraction | None:
    value = content.get(name)
    if value is None:
        return None
    try:
        number = parse_decimal(value)
    except (ValueError, AttributeError):
        raise TableError(f"{source}: {name} is {str(value)[:40]!r}, not a decimal number as text") from None
    if number < 0:
        raise TableError(f"{source}: {name} is {value}; it cannot be below zero")
    return number
