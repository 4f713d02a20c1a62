"""The table of the panel."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from simsa.engine.inputs import Reviewers
from simsa.tables.sections import Reviewer
from simsa.tables.shapes.rows import Rows, read_whole
from simsa.tables.table import Table, TableError


def read_reviewers(path: str | Path) -> Reviewers:
    """The panel from a table with `id` and further fields.

    RowsError for an empty or repeated id, TableError for a table without reviewers.
    """
    table = read_whole(path)
    rows = Rows(table)
    identifiers = rows.column("id")
    seen: set[str] = set()
    for n, key in enumerate(identifiers):
        rows.name(n, "id", key, "give every reviewer an id")
        if key and key in seen:
            rows.wrong(n, "id", key, "is there twice", "one row for each reviewer")
        seen.add(key)
    rows.done()
    if not identifiers:
        raise TableError(f"{table.source}: has no reviewer; one row for each, with id")
    return Reviewers(tuple(identifiers), {name: tuple(rows.column(name)) for name in table.header if name != "id"})


def reviewers_table(panel: Sequence[Reviewer]) -> Table:
    """The panel: `id`, `name_ko`, ..., fields."""
    languages = list(dict.fromkeys(language for reviewer in panel for language in reviewer.name))
    header = ["id", *(f"name_{language}" if language else "name" for language in languages)]
    fields = [name for name in (panel[0].fields if panel else ()) if name not in header]
    rows = [
        [
            reviewer.id,
            *(reviewer.name.get(language) for language in languages),
            *(reviewer.fields[name] for name in fields),
        ]
        for reviewer in panel
    ]
    return Table.of([*header, *fields], rows, "reviewers")
