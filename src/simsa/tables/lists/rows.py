"""The rows of a list: what each of them says, by what its columns are said to hold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from simsa.rules import Rules
from simsa.tables.table import Table, tidy


@dataclass(frozen=True)
class ListRow:
    """One row: its line in the file, and by key what it says, "" where a column is there and its cell is empty."""

    line: int
    said: Mapping[str, str]


def list_rows(table: Table, mapping: Mapping[str, str]) -> list[ListRow]:
    """The rows of a table. `mapping`: column -> key, "" for a column that is left out."""
    used = [(key, table.column(column)) for column, key in mapping.items() if key]
    return [ListRow(line, {key: tidy(column[n] or "") for key, column in used}) for n, line in enumerate(table.lines)]


def group_ids(rules: Rules) -> dict[str, str]:
    """How people may call a group -> its id: the id itself, and its name in any language where no other has it."""
    called: dict[str, set[str]] = {}
    for group in rules.groups:
        for _language, name in group.name.by_language:
            called.setdefault(tidy(name).casefold(), set()).add(group.id)
    names = {name: ids.pop() for name, ids in called.items() if len(ids) == 1}
    return names | {group.id.casefold(): group.id for group in rules.groups}
