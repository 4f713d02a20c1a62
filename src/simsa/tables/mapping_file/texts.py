"""Texts in tidy form, names of columns, single signs, and regular expressions."""

from __future__ import annotations

import re
from typing import Any

from simsa.rules.reader import Table as Reader
from simsa.rules.reader import shown
from simsa.tables.table import tidy, tidy_name

_NEVER = '"\r\n\0+-'
"""Signs that mean something else in every file: they quote, end a line, or belong to a number."""


def read_texts(table: Reader, key: str, value: Any) -> tuple[str, ...]:
    """`value`, found at `key`, as tidy texts: one or a list of them. Anything else is noted."""
    values = value if isinstance(value, list) else [value]
    if not values or not all(isinstance(item, str) for item in values):
        table.note(key, f"is {shown(value)}", 'a text or a list of texts, e.g. ["a", "b"]')
        return ()
    return tuple(tidy(item) for item in values)


def read_columns(table: Reader, key: str) -> tuple[str, ...]:
    """The names of columns in the list at `key`, in tidy form. A list that names none is noted."""
    names = tuple(tidy_name(name) for name in table.texts(key))
    if not all(names) or (not names and table.data.get(key) == []):
        table.note(key, "names no column", 'at least one, e.g. ["city", "county"]')
    return names


def read_sign(table: Reader, key: str, default: str) -> str:
    """The single sign at `key`, which may be a blank or a tab; anything else, also a letter or digit, is noted."""
    value = table.take(key)
    if value is None:
        return default
    if not isinstance(value, str) or len(value) != 1 or value.isalnum() or value in _NEVER:
        table.note(key, f"is {value!r}" if isinstance(value, str) else f"is {shown(value)}", 'one sign, e.g. ";"')
        return default
    return value


def read_pattern(table: Reader, key: str) -> re.Pattern[str] | None:
    """The regular expression at `key`; None after noting why it is none."""
    text = table.text(key)
    try:
        return re.compile(text)
    except (re.error, OverflowError, RecursionError) as error:
        table.note(key, f"is no regular expression: {error}", "see docs.python.org/3/library/re.html")
        return None
