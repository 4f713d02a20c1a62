"""The one way in which simsa turns content into bytes before it hashes or signs it: RFC 8785 JSON.

Only strings, integers, true, false, null, lists and objects; text in Unicode NFC; no floating point, so that every
implementation in every language gets the same bytes.
"""

from __future__ import annotations

import hashlib
import json
import unicodedata
from typing import Any

import rfc8785

Content = dict[str, Any] | list[Any] | str | int | bool | None
_LARGEST = 2**53 - 1


class CanonicalError(ValueError):
    """Content that has no canonical form; the message names the place (`/sheets/3/mark`)."""


def canonical_bytes(content: Content) -> bytes:
    """The canonical bytes of `content`. CanonicalError for a float, an integer beyond 2**53, or keys that collide."""
    return rfc8785.dumps(_checked_whole(content))


def canonical_text(content: Content) -> str:
    """The canonical bytes as text, for a database column."""
    return canonical_bytes(content).decode()


def digest(content: Content) -> str:
    """SHA-256 of the canonical bytes, as 64 hexadecimal digits."""
    return hashlib.sha256(canonical_bytes(content)).hexdigest()


def parse_canonical(data: bytes | str) -> Any:
    """JSON text as content. CanonicalError for duplicate keys, floats and what is not JSON."""
    try:
        content = json.loads(data, object_pairs_hook=_unique, parse_float=_no_float, parse_constant=_no_float)
    except CanonicalError:
        raise
    except (ValueError, RecursionError) as error:  # also numbers of thousands of digits, and lists in lists in lists
        raise CanonicalError(f"is not JSON: {error}") from None
    return _checked_whole(content)


def _checked_whole(content: Any) -> Any:
    try:
        return _checked(content, "")
    except RecursionError:
        raise CanonicalError("/: is nested too deeply") from None


def _checked(content: Any, place: str) -> Any:
    if content is None or isinstance(content, bool):
        return content
    if isinstance(content, str):
        return _text(content, place)
    if isinstance(content, int):
        if abs(content) > _LARGEST:
            shown = content if abs(content) < 10**30 else "an integer"
            raise CanonicalError(f"{place or '/'}: {shown} is beyond 2**53 - 1; write it as a string")
        return content
    if isinstance(content, (list, tuple)):
        return [_checked(item, f"{place}/{n}") for n, item in enumerate(content)]
    if isinstance(content, dict):
        return _object(content, place)
    raise CanonicalError(f"{place or '/'}: {type(content).__name__} has no canonical form; write numbers as strings")


def _object(content: dict[Any, Any], place: str) -> dict[str, Any]:
    checked: dict[str, Any] = {}
    for key, value in content.items():
        if not isinstance(key, str):
            raise CanonicalError(f"{place or '/'}: the key {key!r} is not a string")
        name = _text(key, place)
        if name in checked:
            raise CanonicalError(f"{place}/{name}: two keys are the same in Unicode NFC")
        checked[name] = _checked(value, f"{place}/{name}")
    return checked


def _text(text: str, place: str) -> str:
    try:
        text.encode()
    except UnicodeEncodeError:
        raise CanonicalError(f"{place or '/'}: a lone surrogate is not text") from None
    return unicodedata.normalize("NFC", text)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise CanonicalError(f"the key {key!r} is there twice")
        found[key] = value
    return found


def _no_float(text: str) -> Any:
    raise CanonicalError(f"{text} is a floating-point number; write it as a string")
