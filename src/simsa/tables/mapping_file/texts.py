"""Texts in tidy form, and regular expressions."""

from __future__ import annotations

import re
from typing import Any

from simsa.rules.reader import Table as Reader
from simsa.tables.table import tidy


def read_texts(table: Reader, key: str, value: Any) -> tuple[str, ...]:
    """`value`, found at `key`, as tidy texts: one or a list of them. Anything else is noted."""
    values = value if isinstance(value, list) else [value]
    if not values or not all(isinstance(item, str) for item in values):
        table.note(key, f"is {value!r}", 'a text or a list of texts, e.g. ["a", "b"]')
        return ()
    return tuple(tidy(item) for item in values)


def read_pattern(table: Reader, key: str) -> re.Pattern[str] | None:
    """The regular expression at `key`; None after noting why it is none."""
    text = table.text(key)
    try:
        return re.compile(text)
    except re.error as error:
        table.note(key, f"is no regular expression: {error}", "see docs.python.org/3/library/re.html")
        return None
