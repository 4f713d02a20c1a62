"""Canonical JSON (RFC 8785) of strings, whole numbers, truth values, lists and objects: one value, one text.

Fractional numbers are refused, because they would have to be floats; write them as exact text. Text is in Unicode NFC.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from typing import Any

import rfc8785


def canonical_text(value: Any) -> str:
    """`value` as canonical JSON. TypeError for a float or anything that JSON does not know."""
    return rfc8785.dumps(_plain(value)).decode()


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, (bool, int)):
        return value
    if isinstance(value, str):
        return unicodedata.normalize("NFC", value)
    if isinstance(value, Mapping):
        return {_plain(str(key)): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    raise TypeError(f"{type(value).__name__} has no place in canonical JSON; write exact numbers as text")
