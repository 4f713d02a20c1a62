"""Rows that say the same thing twice, and those that are left."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

from simsa.tables.rows import Rows

K = TypeVar("K")
V = TypeVar("V")


def settle(
    rows: Rows,
    told: Mapping[K, Sequence[tuple[int, V]]],
    what: Callable[[K], str],
    values: Mapping[int, int] | None = None,
) -> None:
    """Note rows that say something twice: different values make all of them malformed, equal ones the later repeated.

    `told`: for each thing, the rows that say it, and the value. `values`: how many things each row (its origin) says;
    a row is repeated only if everything it says was said before.
    """
    if values is None:
        values = Counter(rows.origin[row] for told_by in told.values() for row, _ in told_by)
    for key, told_by in _doubled(rows, told).items():
        first_row, first_value = told_by[0]
        differs = next((row for row, value in told_by if value != first_value), None)
        if differs is not None:
            for row, value in told_by:
                other = differs if value == first_value else first_row
                hint = "nothing says which is right, so neither counts"
                rows.intake.note(
                    "malformed", rows.origin[row], f"says {what(key)} otherwise than {_at(rows, other)}", hint
                )
    before: Counter[int] = Counter()
    first: dict[int, tuple[K, int]] = {}
    for key, told_by in _doubled(rows, told).items():
        for row, _ in told_by[1:]:
            before[rows.origin[row]] += rows.origin[row] != rows.origin[told_by[0][0]]
            first.setdefault(rows.origin[row], (key, told_by[0][0]))
    for origin, (key, row) in sorted(first.items()):
        if before[origin] == values[origin]:
            rows.intake.note("repeated", origin, f"says {what(key)} once more, after {_at(rows, row)}", "remove one")


def good_rows(rows: Rows) -> list[int]:
    """The rows that are not left out, by their numbers."""
    return [row for row, origin in enumerate(rows.origin) if origin not in rows.intake.out]


def _doubled(rows: Rows, told: Mapping[K, Sequence[tuple[int, V]]]) -> dict[K, list[tuple[int, V]]]:
    """What more than one row says, of those that are not left out already."""
    good = {key: [(row, v) for row, v in by if rows.origin[row] not in rows.intake.out] for key, by in told.items()}
    return {key: by for key, by in good.items() if len(by) > 1}


def _at(rows: Rows, row: int) -> str:
    return f"{rows.intake.file[rows.origin[row]]} line {rows.intake.line[rows.origin[row]]}"
