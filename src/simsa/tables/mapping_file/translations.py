"""Old values to new ones: a table of texts, and patterns that are replaced."""

from __future__ import annotations

import re

from simsa.rules.reader import Table as Reader
from simsa.tables.mapping import Value
from simsa.tables.mapping_file.texts import read_pattern
from simsa.tables.table import tidy


def read_translators(top: Reader) -> dict[str, Value]:
    """[translate.*]: translations that several values share, by name."""
    outer = top.table("translate")
    found = {}
    for key in outer.data if outer else ():
        table = outer.table(key) if outer else None
        if table is not None:
            found[key] = Value(values=read_translations(table), patterns=read_replacements(table))
            table.close()
    return found


def read_translations(table: Reader) -> tuple[tuple[str, str], ...]:
    """`values`: pairs of old and new text."""
    inner = table.table("values")
    if inner is None:
        return ()
    return tuple((tidy(old), inner.text(old)) for old in inner.data)


def read_replacements(table: Reader) -> tuple[tuple[re.Pattern[str], str], ...]:
    """`patterns`: regular expressions and what a text becomes that matches."""
    return tuple(_replacement(inner) for inner in table.tables("patterns"))


def _replacement(table: Reader) -> tuple[re.Pattern[str], str]:
    pattern, becomes = read_pattern(table, "matches"), table.text("becomes")
    if pattern is not None:
        try:
            pattern.sub(becomes, "")
        except (re.error, IndexError) as error:
            table.note("becomes", f"does not fit the pattern: {error}", r"\1 is the first group of the pattern")
    table.close()
    return pattern or re.compile(""), becomes
