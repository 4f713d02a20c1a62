"""Conditions on rows: what a column must say, or must not."""

from __future__ import annotations

from simsa.rules.reader import Table as Reader
from simsa.tables.mapping import Condition
from simsa.tables.mapping_file.texts import read_pattern, read_texts
from simsa.tables.table import tidy_name


def read_conditions(table: Reader, key: str) -> tuple[Condition, ...]:
    """The conditions of the table `key`, one for each column it names; none if it is not there."""
    inner = table.table(key)
    if inner is None:
        return ()
    found = []
    for column in inner.data:
        wanted = inner.take(column)
        if isinstance(wanted, dict):
            one = Reader(wanted, inner.place(column), inner.problems, inner.lines)
            found.append(read_condition(one, column))
            one.close()
        else:
            found.append(Condition(tidy_name(column), allowed=frozenset(read_texts(inner, column, wanted))))
    return tuple(found)


def read_condition(table: Reader, column: str) -> Condition:
    """What `table` asks of one column: `is`, `not`, `matches` and `empty`, at least one of them."""
    keys = ("is", "not", "matches", "empty")
    if not any(table.has(key) for key in keys):
        table.note("", "says no condition", f"one of {', '.join(keys)}")
    return Condition(
        column=tidy_name(column),
        allowed=frozenset(read_texts(table, "is", table.take("is"))) if table.has("is") else None,
        refused=frozenset(read_texts(table, "not", table.take("not"))) if table.has("not") else frozenset(),
        pattern=read_pattern(table, "matches") if table.has("matches") else None,
        empty=table.flag("empty") if table.has("empty") else None,
    )
