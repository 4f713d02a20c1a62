"""Where a value of a row comes from: columns, a constant, and how it is changed on the way."""

from __future__ import annotations

from simsa.rules.reader import Table as Reader
from simsa.tables.mapping import Value
from simsa.tables.mapping_file.references import Names
from simsa.tables.mapping_file.texts import read_columns
from simsa.tables.mapping_file.translations import read_replacements, read_translations
from simsa.tables.table import tidy_name


def read_value(table: Reader, key: str, names: Names) -> Value:
    """The value that must be at `key`: a column, several, or a table that says more."""
    raw = table.take(key)
    if isinstance(raw, str) and raw.strip():
        return Value(columns=(tidy_name(raw),))
    if isinstance(raw, list) and raw and all(isinstance(name, str) and name.strip() for name in raw):
        return Value(columns=tuple(tidy_name(name) for name in raw))
    if isinstance(raw, dict):
        return _full_value(Reader(raw, table.place(key), table.problems, table.lines), names)
    table.note(key, "is missing" if raw is None else "names no column", _VALUE)
    return Value(constant="")


def read_optional(table: Reader, key: str, names: Names) -> Value | None:
    """The value at `key`, None if it is not there."""
    return read_value(table, key, names) if table.has(key) else None


def read_values(table: Reader, key: str, names: Names) -> tuple[tuple[str, Value], ...]:
    """The values of the table (or the list of columns) at `key`, by name."""
    raw = table.take(key)
    if raw is None:
        return ()
    if isinstance(raw, list):
        return tuple((name, Value(columns=(tidy_name(name),))) for name in table.texts(key))
    inner = Reader(raw, table.place(key), table.problems, table.lines)
    return tuple((name, read_value(inner, name, names)) for name in inner.data)


def read_names(table: Reader, names: Names) -> tuple[tuple[str, Value], ...]:
    """Names by language. `name = "column"` is in the language of the round."""
    raw = table.data.get("name")
    if raw is None:
        return ()
    if isinstance(raw, dict) and set(raw) & {"column", "columns", "first", "value"}:
        return ((names.language, read_value(table, "name", names)),)
    return (
        read_values(table, "name", names)
        if isinstance(raw, dict)
        else ((names.language, read_value(table, "name", names)),)
    )


_VALUE = 'a column ("id"), several (["a", "b"]), or { column = "id", values = { old = "new" } }'


def _full_value(table: Reader, names: Names) -> Value:
    keys = ("column", "columns", "first", "value")
    kind = next((key for key in keys if table.has(key)), "")
    columns: tuple[str, ...] = (
        table.one_of(
            "",
            {
                "column": lambda: (tidy_name(table.text("column")),),
                "columns": lambda: read_columns(table, "columns"),
                "first": lambda: read_columns(table, "first"),
                "value": lambda: (),
            },
        )
        or ()
    )
    match = table.text("match") if table.has("match") else None
    if match and match not in names.matches:
        table.note("match", f"{match!r} is no [match]", f"known: {', '.join(names.matches) or 'none'}")
    translate = table.text("translate") if table.has("translate") else None
    if translate and translate not in names.translators:
        table.note("translate", f"{translate!r} is no [translate]", f"known: {', '.join(names.translators) or 'none'}")
    shared = names.translators.get(translate or "", Value())
    value = Value(
        columns=columns,
        constant=table.text("value") if kind == "value" else None,
        separator=_separator(table),
        first=kind == "first",
        skip_empty=table.flag("skip_empty"),
        values=read_translations(table) + shared.values,
        patterns=read_replacements(table) + shared.patterns,
        match=match,
    )
    table.close()
    return value


def _separator(table: Reader) -> str:
    separator = table.take("separator")
    if separator is None:
        return " / "
    if not isinstance(separator, str):
        table.note("separator", "is not a text", 'e.g. " / "')
        return ""
    return separator
