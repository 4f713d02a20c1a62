"""The distribution of indicators as plain data, for JSON: exact numbers as text."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from simsa.engine.indicators import Distribution, GroupNumbers
from simsa.engine.inputs import Entries
from simsa.rules import exact_text


def distribution_json(found: Distribution, entries: Entries) -> dict[str, Any]:
    """Texts, whole numbers and lists; entries by their ids."""
    ids = entries.ids
    return {
        "criterion": found.criterion,
        "within": exact_text(found.within),
        "units": {field: exact_text(unit) for field, unit in found.units.items()},
        "groups": [_group(group) for group in found.groups],
        "edges": [
            {"number": exact_text(edge.number), "at": _named(edge.at, ids), "near": _named(edge.near, ids)}
            for edge in found.edges
        ],
        "moves": [
            {"entry": ids[move.entry], "field": move.field, "by": exact_text(move.by), "points": _exact(move.points)}
            for move in found.moves
        ],
        "entries": [
            {
                "entry": entry,
                "number": exact_text(number) if isinstance(number, Fraction) else None,
                "missing": None if isinstance(number, Fraction) else number.value,
                "points": _exact(points),
            }
            for entry, number, points in zip(ids, found.numbers, found.points, strict=True)
        ],
    }


def _group(group: GroupNumbers) -> dict[str, Any]:
    return {
        "group": group.group,
        "entries": group.entries,
        "missing": {why.value: count for why, count in group.missing.items()},
        "numbers": [exact_text(value) for value in group.numbers],
        "points": [exact_text(value) for value in group.points],
    }


def _named(positions: Sequence[int], ids: Sequence[str]) -> list[str]:
    return [ids[n] for n in positions]


def _exact(value: Fraction | None) -> str | None:
    return None if value is None else exact_text(value)
