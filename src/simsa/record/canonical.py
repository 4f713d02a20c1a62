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
_ENCODER = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"))
_BELOW_F0 = bytes(range(0xF0))
DEEPEST = 100
"""Levels of lists and objects in each other: more is refused, so that every reader refuses the same."""


class CanonicalError(ValueError):
    """Content that has no canonical form; the message names the place (`/sheets/3/mark`)."""


_TOO_DEEP = f"/: nests deeper than {DEEPEST} levels"


def canonical_bytes(content: Content) -> bytes:
    """The canonical bytes of `content`. CanonicalError for a float, an integer beyond 2**53, or keys that collide."""
    return encoded(_checked_whole(content))


def encoded(content: Content) -> bytes:
    """The bytes of content that is known to have a canonical form; nothing is checked or normalised.

    The standard library's encoder writes RFC 8785 for content without floats, six times as fast as a library in Python,
    but for the order of keys beyond the Basic Multilingual Plane (a byte from 0xF0 on): then the library sorts them.
    """
    data = _ENCODER.encode(content).encode()
    return rfc8785.dumps(content) if data.translate(None, _BELOW_F0) else data


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


def parse_exact(data: bytes) -> Any:
    """The content of bytes that must be in canonical form. CanonicalError for any others."""
    try:
        text = data.decode()
        content = json.loads(text, parse_int=_integer, parse_float=_no_float, parse_constant=_no_float)
        if not (text.isascii() or unicodedata.is_normalized("NFC", text)):
            content = _checked_whole(content)  # the text may be another even where every string in it is normal
        _check_depth(content, 0)
        exact = encoded(content) == data  # a key that is there twice is lost in what was read
    except UnicodeError:
        raise CanonicalError("/: is not text in UTF-8") from None
    except CanonicalError:
        raise
    except (ValueError, RecursionError) as error:
        raise CanonicalError(f"is not JSON: {error}") from None
    if not exact:
        raise CanonicalError("/: is not in canonical form")
    return content


def _check_depth(content: Any, depth: int) -> None:
    if isinstance(content, (dict, list)):
        depth = _deeper(depth)
        for item in content.values() if isinstance(content, dict) else content:
            if isinstance(item, (dict, list)):
                _check_depth(item, depth)


def _integer(text: str) -> int:
    number = int(text)
    if abs(number) > _LARGEST:
        raise CanonicalError(f"/: {text[:30]} is beyond 2**53 - 1; write it as a string")
    return number


def _checked_whole(content: Any) -> Any:
    try:
        return _checked(content, "", 0)
    except RecursionError:
        raise CanonicalError(_TOO_DEEP) from None


def _checked(content: Any, place: str, depth: int) -> Any:
    if isinstance(content, str):
        return _text(content, place)
    if content is None or isinstance(content, bool):
        return content
    if isinstance(content, int):
        if abs(content) > _LARGEST:
            shown = content if abs(content) < 10**30 else "an integer"
            raise CanonicalError(f"{place or '/'}: {shown} is beyond 2**53 - 1; write it as a string")
        return content
    if isinstance(content, (list, tuple)):
        return [_checked(item, f"{place}/{n}", _deeper(depth)) for n, item in enumerate(content)]
    if isinstance(content, dict):
        return _object(content, place, _deeper(depth))
    raise CanonicalError(f"{place or '/'}: {type(content).__name__} has no canonical form; write numbers as strings")


def _deeper(depth: int) -> int:
    if depth == DEEPEST:
        raise CanonicalError(_TOO_DEEP)
    return depth + 1


def _object(content: dict[Any, Any], place: str, depth: int) -> dict[str, Any]:
    checked: dict[str, Any] = {}
    for key, value in content.items():
        if not isinstance(key, str):
            raise CanonicalError(f"{place or '/'}: the key {key!r} is not a string")
        name = _text(key, place)
        if name in checked:
            raise CanonicalError(f"{place}/{name}: two keys are the same in Unicode NFC")
        checked[name] = _checked(value, f"{place}/{name}", depth)
    return checked


def _text(text: str, place: str) -> str:
    if text.isascii():
        return text
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
