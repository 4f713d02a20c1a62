"""The canonical form of rules: RFC 8785 (JSON Canonicalization Scheme) over strings and integers alone.

Numbers that are not whole are written as decimal strings, text is in Unicode NFC, and whatever has its default value
is left out, so that two files that say the same have the same bytes, and a later version of simsa that adds an option
does not change the hash of rules written before.
"""

from __future__ import annotations

import hashlib
import unicodedata
from dataclasses import MISSING, fields, is_dataclass
from enum import Enum
from fractions import Fraction
from typing import Any

import rfc8785

from .decimals import exact_text

FORMAT = 1

LARGEST = 2**18
"""Bytes of rules in canonical form: many times what the largest evaluation needs, and soon checked."""


def canonical_bytes(rules: Any) -> bytes:
    """The canonical bytes of a `Rules` (any frozen dataclass of its kinds of values): UTF-8 JSON in RFC 8785 form."""
    return rfc8785.dumps({"simsa_rules": FORMAT, **_plain(rules)})


def digest(canonical: bytes) -> str:
    """SHA-256 as 64 hexadecimal digits."""
    return hashlib.sha256(canonical).hexdigest()


def _plain(value: Any) -> Any:
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, str):
        return unicodedata.normalize("NFC", value)
    if isinstance(value, int):
        return str(value) if abs(value) >= 2**53 else value
    if isinstance(value, Fraction):
        return exact_text(value)
    if isinstance(value, tuple):
        if value and all(isinstance(item, tuple) and len(item) == 2 for item in value):
            return {str(key): _plain(item) for key, item in value}
        return [_plain(item) for item in value]
    if is_dataclass(value):
        return {f.name: _plain(getattr(value, f.name)) for f in fields(value) if not _is_default(f, value)}
    raise TypeError(f"no canonical form for {type(value).__name__}")  # a field of a new kind: give it one


def _is_default(field: Any, owner: Any) -> bool:
    value = getattr(owner, field.name)
    if field.default is not MISSING:
        return bool(value == field.default)
    return field.default_factory is not MISSING and bool(value == field.default_factory())
