"""Reported numbers from their rows."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from simsa.tables.mapping import ReportedPart
from simsa.tables.rows import Rows
from simsa.tables.sections.decimals import read_decimals
from simsa.tables.sections.known import Known
from simsa.tables.sections.settling import settle
from simsa.tables.table import Cell


def read_reported(part: ReportedPart, rows: Rows, known: Known) -> dict[tuple[str, str, str], Fraction]:
    """Numbers by (entry, criterion or "", field). A number told twice is kept if it is the same, else nobody's."""
    entry = known.entry_of(rows, part.entry)
    criterion = rows.values(part.criterion) if part.criterion else [None] * len(rows)
    for row, cell in enumerate(criterion):
        if cell is not None and cell not in known.rules.by_id:
            hint = f"known: {', '.join(known.rules.by_id)}"
            label = part.criterion.label if part.criterion else ""
            rows.intake.note("malformed", rows.origin[row], "is no criterion", hint, field=label, value=cell)
    columns: list[tuple[Sequence[Cell], str, list[Cell]]] = (
        [(rows.values(part.field), part.value.label, rows.values(part.value))]
        if part.field and part.value
        else [([name] * len(rows), value.label, rows.values(value)) for name, value in part.fields]
    )
    ids = tuple(known.entries)
    fields = f"known: {', '.join(sorted(known.rules.reported_fields)) or 'none'}"
    told: dict[tuple[str, str, str], list[tuple[int, Fraction]]] = {}
    for names, label, cells in columns:
        numbers = _decimals(rows, cells, label, part)
        for row, (name, number) in enumerate(zip(names, numbers, strict=True)):
            if name is None or name not in known.rules.reported_fields:
                what = "is empty" if name is None else "is not a field that the rules use"
                rows.intake.note("malformed", rows.origin[row], what, fields, field="field", value=name)
            elif number is not None and entry[row] >= 0:
                told.setdefault((ids[entry[row]], criterion[row] or "", name), []).append((row, number))
    settle(rows, told, lambda key: f"{key[2]} of {key[0]!r}")
    out = rows.intake.out
    return {key: good[0] for key, v in told.items() if (good := [n for row, n in v if rows.origin[row] not in out])}


def _decimals(rows: Rows, cells: Sequence[Cell], label: str, part: ReportedPart) -> list[Fraction | None]:
    """Numbers of a column; None where nothing is reported, or after noting what is no number."""
    absent = set(part.missing)
    found = []
    for row, (cell, number) in enumerate(read_decimals(cells, part.numbers)):
        if cell is not None and number is None and cell not in absent:
            hint = 'e.g. 1234.5; texts that mean "not reported" are declared in missing'
            rows.intake.note("malformed", rows.origin[row], "is not a decimal number", hint, field=label, value=cell)
        found.append(None if cell in absent else number)
    return found
