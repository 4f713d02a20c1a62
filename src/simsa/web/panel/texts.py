"""Texts that people send, as a database can keep them."""

from __future__ import annotations

import re

_HALF = re.compile("[\ud800-\udfff]")


def storable(text: str) -> str:
    """Without NUL, with one kind of line end, and a mark in the place of half a character (an emoji that was cut)."""
    return _HALF.sub("\ufffd", text.replace("\r\n", "\n").replace("\0", ""))
