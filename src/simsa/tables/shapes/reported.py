"""The table of reported numbers."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

from simsa.engine.inputs import Entries, Reported
from simsa.rules import Rules, exact_text
from simsa.tables.shapes.rows import Rows, read_whole
from simsa.tables.table import Table


def read_reported(path: str | Path, rules: Rules, entries: Entries) -> Reported:
    """Reported numbers from a long table. RowsError for an unknown entry or criterion, or a value that is none."""
    rows = Rows(read_whole(path))
    keys, fields, numbers = rows.column("entry"), rows.column("field"), rows.column("value")
    criteria = rows.column("criterion") if "criterion" in rows.table.header else [""] * len(keys)
    found: dict[tuple[str, str, str], Fraction] = {}
    seen: set[tuple[str, str, str]] = set()
    for n, (entry, criterion, field, number) in enumerate(zip(keys, criteria, fields, numbers, strict=True)):
        rows.known(n, "entry", entry, entries.index)
        if criterion:
            rows.known(n, "criterion", criterion, rules.by_id)
        if field not in rules.reported_fields:
            known = ", ".join(sorted(rules.reported_fields)) or "none"
            rows.wrong(n, "field", field, "is not a field that the rules use", f"known: {known}")
        value = rows.decimal(n, "value", number) if number else None
        if (entry, criterion, field) in seen:
            rows.wrong(n, "field", field, "is reported twice for this entry", "one row for each number")
        seen.add((entry, criterion, field))
        if value is not None:
            found[entry, criterion, field] = value
    rows.done()
    return Reported(found)


def reported_table(reported: Reported) -> Table:
    """Reported numbers as a long table, exact."""
    rows = [
        [entry, criterion, field, exact_text(value)] for (entry, criterion, field), value in reported.values.items()
    ]
    return Table.of(["entry", "criterion", "field", "value"], rows, "reported")
