"""Characters that no reader sees and XML 1.0 cannot hold: they come along when text is pasted from a word processor."""

from __future__ import annotations

import re
from typing import Any

BREAK = re.compile("[\x0b\x0c]")
"""Where a word processor breaks a line or a page within a paragraph."""
FORBIDDEN = re.compile("[\x00-\x08\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


def without_controls(text: str) -> str:
    """Text as XML can hold it; tabs and ends of lines stay."""
    return FORBIDDEN.sub("", BREAK.sub(" ", text))


def all_without_controls(value: Any) -> Any:
    """The stored form of a block, every text in it without control characters."""
    if isinstance(value, str):
        return without_controls(value)
    if isinstance(value, dict):
        return {name: all_without_controls(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [all_without_controls(inner) for inner in value]
    return value
