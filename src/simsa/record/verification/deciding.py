"""Checks of the result: the tally and the selection computed again, exactly."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from simsa.engine.inputs import InputError
from simsa.engine.tally import tally
from simsa.record.outcome import selected_again, sheets_of, values_at
from simsa.record.verification.counting import counted_rows
from simsa.record.verification.findings import Findings, NotShownError, fail

_OF_VALUES = ("values", "exact", "calibrated", "zone")


def standings(found: Findings) -> Sequence[Mapping[str, Any]]:
    """Of the result that counts, each of somebody who takes part. NotShownError as long as there is none."""
    result = found.story.result
    if result is None:
        raise NotShownError("there is no result yet")
    rows: Sequence[Mapping[str, Any]] = result.content["standings"]
    entries, _ = found.taking_part
    for row in rows:
        if row["entry"] not in entries.index:
            fail(f"the result ranks {row['entry']!r}, who does not take part")
    return rows


def check_tally(found: Findings) -> str:
    """Every value follows from the sheets and what was reported."""
    rows = standings(found)
    if found.closing is None:
        raise NotShownError("the sheets are not shown")
    rules, (entries, reported) = found.rules_now, found.taking_part
    try:
        sheets = sheets_of(rules, entries, counted_rows(found))
        added = tally(rules, entries, sheets, reported)
    except InputError as error:
        fail(f"the rules give no tally: {error}")
    for row in rows:
        again = values_at(rules, added, entries.index[row["entry"]])
        for part, values in again.items():
            stated = row[part]
            for node in sorted(values.keys() | stated.keys()):
                if node not in stated or node not in values or stated[node] != values[node]:
                    fail(f"{row['entry']!r}, {node}: the result says {stated.get(node)}, the sheets {values.get(node)}")
    return f"{len(rows)} entries"


def check_selection(found: Findings) -> str:
    """Places, ranks, lots and reasons follow from the values."""
    rows = standings(found)
    result = found.story.result
    assert result is not None
    rules, (entries, _) = found.rules_now, found.taking_part
    calibrated = any(row["calibrated"] is not None for row in rows)
    if (result.content["components"] is not None) is not calibrated:
        fail("components of a calibration are stated without calibrated scores, or the other way round")
    try:
        again = selected_again(rules, entries, rows, result.content["seed"])
    except InputError as error:
        fail(f"the rules give no selection: {error}")
    for part in ("groups", "lots"):
        if again[part] != result.content[part]:
            fail(f"{part} of the result do not follow from the values")
    for stated, own in zip(rows, again["standings"], strict=True):
        plain = {name: value for name, value in stated.items() if name not in _OF_VALUES}
        if plain != own:
            name = next((key for key in own if own[key] != plain[key]), "entry")
            fail(f"{stated['entry']!r}: {name} is {_short(plain[name])}, and should be {_short(own[name])}")
    return f"{sum(row['outcome'] == 'selected' for row in rows)} selected"


def _short(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{key} {part}" for key, part in value.items() if part not in (None, [], 0))
    return repr(value)
