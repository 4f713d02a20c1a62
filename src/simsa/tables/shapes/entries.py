"""The table of entries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from simsa.engine.inputs import Entries
from simsa.rules import Rules
from simsa.tables.sections import Entrant
from simsa.tables.shapes.rows import Rows, read_whole
from simsa.tables.spreadsheets import number_text
from simsa.tables.table import Table, TableError


@dataclass(frozen=True)
class EntryTable:
    """Entries with what people call them and their fields (`group` and the further columns), in the file's order."""

    entries: Entries
    names: tuple[str, ...]
    fields: Mapping[str, tuple[str, ...]]


def read_entries(path: str | Path, rules: Rules) -> EntryTable:
    """Entries from a table with `id` and `group`.

    RowsError for an empty or repeated id, an empty group or one that is not in the rules, TableError for a table
    without entries.
    """
    table = read_whole(path)
    rows = Rows(table)
    identifiers, groups = rows.column("id"), rows.column("group")
    seen: set[str] = set()
    known = f"known: {', '.join(known.id for known in rules.groups)}"
    for n, (key, group) in enumerate(zip(identifiers, groups, strict=True)):
        rows.name(n, "id", key, "give every entry an id")
        if key and key in seen:
            rows.wrong(n, "id", key, "is there twice", "one row for each entry")
        rows.name(n, "group", group, "say in which group it competes")
        if group and rules.group(group) is None:
            rows.wrong(n, "group", group, "is not in the rules", known)
        seen.add(key)
    rows.done()
    if not identifiers:
        raise TableError(f"{table.source}: has no entry; one row for each, with id and group")
    names = next((rows.column(c) for c in ("name", "name_ko", "name_en") if c in table.header), identifiers)
    fields = {name: tuple(rows.column(name)) for name in table.header if name != "id"}
    entries = Entries(tuple(identifiers), tuple(groups))
    return EntryTable(entries, tuple(n or k for n, k in zip(names, identifiers, strict=True)), fields)


def entries_table(entrants: Sequence[Entrant]) -> Table:
    """Entries with what is known of them: `id`, `group`, `name_ko`, ..., `region`, `latitude`, `longitude`, fields."""
    languages = list(dict.fromkeys(language for entrant in entrants for language in entrant.name))
    fields = list(entrants[0].fields) if entrants else []
    header = ["id", "group", *(f"name_{x}" if x else "name" for x in languages), "region", "latitude", "longitude"]
    rows = [
        [
            entrant.id,
            entrant.group,
            *(entrant.name.get(language) for language in languages),
            entrant.region,
            *(None if degrees is None else number_text(degrees) for degrees in (entrant.latitude, entrant.longitude)),
            *(entrant.fields[name] for name in fields if name not in header),
        ]
        for entrant in entrants
    ]
    return Table.of([*header, *(name for name in fields if name not in header)], rows, "entries")
