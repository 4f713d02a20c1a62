"""The files of a part, and how their rows are joined, unpivoted and left out."""

from __future__ import annotations

from collections.abc import Sequence

from simsa.rules.reader import Table as Reader
from simsa.tables.mapping import Drop, Join, Source, Unpivot
from simsa.tables.mapping_file.conditions import read_condition, read_conditions
from simsa.tables.mapping_file.file_names import read_file_name, read_file_names
from simsa.tables.mapping_file.texts import read_columns, read_pattern, read_sign
from simsa.tables.table import tidy_name


def read_source(table: Reader, *, stops: bool) -> Source:
    """Where the rows of a part come from; `stops` says whether a faulty row stops the run by default."""
    files: Sequence[str] = table.one_of(
        "", {"file": lambda: (read_file_name(table, "file"),), "files": lambda: read_file_names(table)}
    ) or ("",)
    joins = tuple(_join(inner) for inner in table.tables("join"))
    choice = table.choice("on_error", ("stop", "skip"), "stop" if stops else "skip")
    return Source(
        files=tuple(files),
        sheet=table.text("sheet") if table.has("sheet") else None,
        header_row=table.integer("header_row", 1, least=1) or 1,
        delimiter=read_sign(table, "delimiter", "") or None,
        encoding=table.text("encoding") if table.has("encoding") else None,
        drop=tuple(_drop(inner) for inner in table.tables("drop")),
        where=read_conditions(table, "where"),
        joins=joins,
        unpivot=_unpivot(table.table("unpivot")),
        stops=choice == "stop",
    )


def _drop(table: Reader) -> Drop:
    column = table.text("column")
    drop = Drop(read_condition(table, column), table.text("reason"))
    table.close()
    return drop


def _join(table: Reader) -> Join:
    file = read_file_name(table, "file")
    on = table.take("on")
    pairs: list[tuple[str, str]] = []
    if isinstance(on, str):
        pairs = [(on, on)]
    elif isinstance(on, list) and on and all(isinstance(name, str) for name in on):
        pairs = [(name, name) for name in on]
    elif isinstance(on, dict) and on and all(isinstance(name, str) for name in on.values()):
        pairs = list(on.items())
    else:
        table.note("on", "says no columns", 'on = "id", on = ["a", "b"] or on = { own = "the other\'s" }')
    join = Join(
        file=file,
        on=tuple((tidy_name(own), tidy_name(other)) for own, other in pairs),
        where=read_conditions(table, "where"),
        prefix=table.text("prefix") if table.has("prefix") else "",
        unmatched=table.choice("unmatched", ("error", "keep", "drop"), "error"),
        sheet=table.text("sheet") if table.has("sheet") else None,
        header_row=table.integer("header_row", 1, least=1) or 1,
    )
    table.close()
    return join


def _unpivot(table: Reader | None) -> Unpivot | None:
    if table is None:
        return None
    columns = table.one_of("", {"columns": lambda: read_columns(table, "columns"), "matches": lambda: ()}) or ()
    unpivot = Unpivot(
        columns=columns,
        pattern=read_pattern(table, "matches") if table.has("matches") else None,
        name=tidy_name(table.text("name")),
        value=tidy_name(table.text("value")),
    )
    if unpivot.name == unpivot.value != "":
        table.note("value", f"{unpivot.value!r} is also the name's column", "two different columns")
    table.close()
    return unpivot
