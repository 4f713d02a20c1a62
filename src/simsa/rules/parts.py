"""What several tables of the rules have in common: names, roundings, ranges."""

from __future__ import annotations

from datetime import datetime
from fractions import Fraction
from typing import get_args

from .decimals import exact_text
from .nodes import Name, Range, Rounding, RoundingMode, Scale
from .reader import Table, shown


def read_name(table: Table, key: str, default: str | None = None) -> Name:
    value = table.take(key)
    if isinstance(value, dict) and value and all(isinstance(text, str) and text for text in value.values()):
        return Name(tuple(sorted(value.items())))
    if isinstance(value, str) and value.strip():
        return Name((("", value),))
    if value is None and default is not None:
        return Name((("", default),))
    table.note(key, "is missing" if value is None else "is not a name", 'a text, or { ko = "...", en = "..." }')
    return Name((("", default or "?"),))


def read_rounding(table: Table) -> Rounding | None:
    inner = table.table("round")
    if inner is None:
        return None
    places = inner.integer("places", least=0, most=12)
    if places is None and not inner.has("places"):
        inner.note("places", "is missing", "decimal places, e.g. round = { places = 2 }")
    mode: RoundingMode = inner.choice("mode", get_args(RoundingMode), "half_up")
    inner.close()
    return Rounding(places or 0, mode)


def or_else(value: Fraction | None, default: Fraction) -> Fraction:
    return default if value is None else value


def read_range(table: Table, key: str) -> Range:
    value = table.data.get(key)
    if isinstance(value, int) and not isinstance(value, bool):
        exactly = table.integer(key)
        return Range(exactly, exactly)
    inner = table.table(key)
    if inner is None:
        return Range()
    limits = Range(inner.integer("min"), inner.integer("max"))
    inner.close()
    if limits.min is not None and limits.max is not None and limits.min > limits.max:
        inner.note("min", f"is {limits.min}, above max {limits.max}", "min at most max")
    return limits


def only_true(table: Table, key: str) -> bool:
    if not table.flag(key):
        table.note(key, "is not true", f"{key} = true, or leave it out")
    return True


def read_scale(table: Table | None) -> Scale | None:
    if table is None:
        return None
    low, high = table.number("min"), table.number("max")
    step = table.number("step")
    for key, value in (("min", low), ("max", high), ("step", step)):
        if value is None and not table.has(key):
            table.note(key, "is missing", "a decimal, e.g. scale = { min = 0, max = 100, step = 1 }")
    table.close()
    if low is None or high is None or step is None:
        return None
    if step <= 0:
        table.note("step", f"is {exact_text(step)}", "more than 0")
    elif high <= low:
        table.note("max", f"is {exact_text(high)}, not above min {exact_text(low)}", "max above min")
    elif (high - low) % step:
        table.note(
            "step", f"does not lead from {exact_text(low)} to {exact_text(high)}", "a step that divides max - min"
        )
    return Scale(low, high, step)


def read_moment(table: Table, key: str) -> str | None:
    """A moment in the round's zone as ISO 8601; None if there is none, or (noted) another thing."""
    value = table.take(key)
    if isinstance(value, datetime) and value.tzinfo is None:
        return value.isoformat(timespec="seconds")
    if value is not None:
        table.note(key, f"is {shown(value)}", "a local date and time in the round's zone: 2023-07-01T18:00:00")
    return None
