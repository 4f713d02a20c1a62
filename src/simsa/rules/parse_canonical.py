"""The canonical form as the tables of a rules file, so that one reader checks both.

Only the shape is changed, where it is that of the canonical form. Anything else stays as it is: the reader refuses it,
or the rules that it gives have other bytes.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from .canonical import LARGEST
from .errors import Problem, RulesError
from .nodes import ROOT

Tables = dict[str, Any]

_ROUND = ("id", "name", "programme", "time_zone", "language", "rank_by")
_REPEATED = {
    "groups": "group",
    "criteria": "criterion",
    "tie_breaks": "tie_break",
    "thresholds": "threshold",
    "adjustments": "adjustment",
    "conflicts": "conflict",
}


def tables_of(data: bytes, source: str) -> Tables:
    """What a rules file that says the same would be read to. RulesError if `data` is no JSON, or too large."""
    if len(data) > LARGEST:
        raise RulesError((Problem("file", f"has {len(data)} bytes", f"at most {LARGEST}"),), source)
    try:
        content = json.loads(data.decode())
    except (ValueError, RecursionError) as error:  # also numbers of thousands of digits
        raise RulesError((Problem("file", f"is not JSON: {error}"),), source) from None
    if not isinstance(content, dict):
        raise RulesError((Problem("file", "is no JSON object", "the canonical form of rules"),), source)
    return _top(content)


def _top(top: Tables) -> Tables:
    top["round"] = {key: top.pop(key) for key in _ROUND if key in top}
    for key, table in _REPEATED.items():
        _renamed(top, key, table)
    _inside(top, round=_named, group=_named, criterion=_criterion, adjustment=_named, conflict=_named)
    _inside(top, missing=_effects, panel=_panel, schedule=_schedule, entries=_entries, vote=_vote)
    match top.get("group"):
        case [{"id": "*", **rest}]:
            del top["group"]
            top["each_group"] = rest
    return top


def _criterion(node: Tables) -> Tables:
    if node.get("id") == ROOT and "parent" in node and node["parent"] is None:
        del node["parent"]
    _inside(node, panel=_aggregate, indicator=_indicator, factor=_factor, missing=_effects, scale=_scale)
    return _described(node)


def _scale(scale: Tables) -> Tables:
    _inside(scale, anchors=_described, levels=_described)
    return scale


def _aggregate(panel: Tables) -> Tables:
    return {"minimum": 1, **panel}  # in a file it is what is left after dropping, if nothing is said


def _indicator(indicator: Tables) -> Tables:
    points = {key: indicator.pop(f"points_{key}") for key in ("min", "max") if f"points_{key}" in indicator}
    return {**indicator, "points": points} if points else indicator


def _factor(factor: Tables) -> Any:
    return factor["value"] if factor.keys() == {"value"} else factor


def _effects(missing: Tables) -> Tables:
    return {why: _changed(effect, _effect) for why, effect in missing.items()}


def _effect(effect: Tables) -> Any:
    match effect:
        case {"kind": "value", "value": value}:
            return {"value": value}
        case {"kind": kind}:
            return kind
    return effect


def _panel(panel: Tables) -> Tables:
    _renamed(panel, "kinds", "kind")
    _inside(panel, kind=_named)
    return panel


def _schedule(schedule: Tables) -> Any:
    return _changed(schedule.get("moments"), lambda moments: {key: _moment(text) for key, text in moments.items()})


def _entries(form: Tables) -> Tables:
    _inside(form, exchange=lambda one: {**one, "date": _day(one["date"])} if "date" in one else one)
    return form


def _vote(vote: Tables) -> Tables:
    return {key: _moment(value) if key in ("opens", "closes") else value for key, value in vote.items()}


def _day(text: Any) -> Any:
    try:
        return date.fromisoformat(text)
    except (TypeError, ValueError):
        return text


def _moment(text: Any) -> Any:
    try:
        return datetime.fromisoformat(text)
    except (TypeError, ValueError):
        return text


def _named(table: Tables) -> Tables:
    _inside(table, name=_name)
    return table


def _described(table: Tables) -> Tables:
    _inside(table, description=_name)
    return _named(table)


def _name(name: Tables) -> Any:
    return name["by_language"] if name.keys() == {"by_language"} else name


def _renamed(tables: Tables, key: str, other: str) -> None:
    if key in tables:
        tables[other] = tables.pop(key)


def _inside(tables: Tables, **changes: Callable[[Tables], Any]) -> None:
    for key, change in changes.items():
        if key in tables:
            tables[key] = _changed(tables[key], change)


def _changed(value: Any, change: Callable[[Tables], Any]) -> Any:
    """`value`, or each of its items, changed if it is a table."""
    if isinstance(value, dict):
        return change(dict(value))
    if isinstance(value, list):
        return [change(dict(item)) if isinstance(item, dict) else item for item in value]
    return value
