"""How names in the rows are matched to entries, and which names have changed."""

from __future__ import annotations

import re

from simsa.rules.reader import Table as Reader
from simsa.tables.mapping import Matching, NameChange
from simsa.tables.mapping_file.texts import read_texts
from simsa.tables.table import tidy, tidy_name

_NAME = re.compile(r"(id|name|name\.\w+|region|fields\.\S.*)\Z")


def match_ids(top: Reader) -> tuple[str, ...]:
    """What the mapping's [match] tables are called, before they are read."""
    return tuple(top.data["match"]) if isinstance(top.data.get("match"), dict) else ()


def read_matchings(top: Reader) -> tuple[Matching, ...]:
    """[match.*]: what names are compared with, what stands before them, and which have changed."""
    outer = top.table("match")
    found = []
    for key in outer.data if outer else ():
        table = outer.table(key) if outer else None
        if table is not None:
            found.append(_matching(key, table))
    return tuple(found)


def _matching(key: str, table: Reader) -> Matching:
    against = table.take("against")
    names = read_texts(table, "against", "name" if against is None else against)
    for name in names:
        if not _NAME.match(name):
            table.note("against", f"{name!r} is nothing that entries have", "id, name, name.ko, region or fields.X")
    prefixes = table.table("prefixes")
    found = Matching(
        id=key,
        against=names,
        prefixes=tuple((tidy(short), read_texts(prefixes, short, prefixes.take(short))) for short in prefixes.data)
        if prefixes
        else (),
        changes=tuple(_change(inner, renamed=True) for inner in table.tables("renamed"))
        + tuple(_change(inner, renamed=False) for inner in table.tables("gone")),
    )
    table.close()
    return found


def _change(table: Reader, *, renamed: bool) -> NameChange:
    change = NameChange(
        name=tidy_name(table.text("from" if renamed else "name")),
        today=table.text("to") if renamed else None,
        reason=table.text("reason"),
    )
    table.close()
    return change
