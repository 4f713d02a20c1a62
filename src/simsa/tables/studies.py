"""Design studies in tables and JSON, and the entries that a study takes from rules alone."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from simsa.engine.inputs import Entries
from simsa.engine.studies import Row, Study, StudyError
from simsa.rules import Rules

from .table import Table

COLUMNS = (
    "reviewers", "reviews", "method", "runs", "lost", "lost_error", "right", "right_error", "all_right", "spent",
    "since", "bought", "bought_error", "bought_right", "bought_right_error",
)  # fmt: skip
"""What they mean stands at `simsa.engine.studies.Row`."""


def entries_of(rules: Rules, sizes: Mapping[str, int]) -> Entries:
    """Nameless entries: of each group as many as `sizes` says, else as the rules declare.

    StudyError for a group that the rules do not know, and where nothing tells the size of a group.
    """
    known = [group.id for group in rules.groups if group.id != "*"]
    for name in sizes:
        if rules.group(name) is None:
            raise StudyError(f"group {name!r} is not in the rules (known: {', '.join(known)})")
    wanted = {name: sizes.get(name) for name in [*known, *(name for name in sizes if name not in known)]}
    wanted |= {group.id: group.size for group in rules.groups if wanted.get(group.id, 0) is None}
    without = [name for name, size in wanted.items() if size is None]
    if without or not wanted:
        whose = f"group {without[0]!r}" if without else "the groups"
        raise StudyError(f"the rules do not say how many entries {whose} has; give --size GROUP=NUMBER, or --entries")
    ids = [(f"{name}-{n}", name) for name, size in wanted.items() for n in range(1, (size or 0) + 1)]
    return Entries(tuple(key for key, _ in ids), tuple(group for _, group in ids))


def study_table(found: Study) -> Table:
    """One row for each panel, number of reviews and method: `COLUMNS`, and that all of it is synthetic."""
    rows = [[*(_cell(value) for value in _values(row)), "synthetic"] for row in found.rows]
    return Table.of([*COLUMNS, "synthetic"], rows, "study")


def study_json(found: Study) -> dict[str, Any]:
    """The study as plain data; numbers that are not known are null."""
    plan = found.plan
    return {
        "rules_hash": plan.rules.hash,
        "synthetic": True,
        "entries": len(plan.entries),
        "places": sum(plan.places(name) for name in plan.entries.groups),
        "assumptions": {**asdict(plan.settings), "entrant_sd": round(plan.settings.entrant_sd, 6)},
        "runs": plan.runs,
        "seed": plan.seed,
        "rows": [dict(zip(COLUMNS, map(_plain, _values(row)), strict=True)) for row in found.rows],
        "method": found.method,
    }


def _values(row: Row) -> list[Any]:
    plain = {"reviewers": row.design.reviewers, "reviews": row.design.reviews}
    return [plain[name] if name in plain else getattr(row, name) for name in COLUMNS]


def _plain(value: Any) -> Any:
    """Floats to six places: what runs on another machine may differ in is far beyond them."""
    if isinstance(value, float):
        return round(value, 6) + 0.0 if math.isfinite(value) else None
    return value


def _cell(value: Any) -> str:
    plain = _plain(value)
    return "" if plain is None else f"{plain:.6f}" if isinstance(plain, float) else str(plain)
