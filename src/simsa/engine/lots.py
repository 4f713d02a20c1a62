"""Lots that anyone can draw again: SHA-256 of a recorded seed and the thing's id, never a library's generator."""

from __future__ import annotations

import hashlib
import struct

_LENGTH = struct.Struct(">Q")


def framed(*parts: str | bytes) -> bytes:
    """The parts, each preceded by its length in bytes (8 bytes, big endian): no two lists of parts can be confused."""
    found: list[bytes] = []
    for part in parts:
        data = part.encode() if isinstance(part, str) else part
        found += (_LENGTH.pack(len(data)), data)
    return b"".join(found)


def digest_of_parts(*parts: str | bytes) -> bytes:
    """SHA-256 over the framed parts."""
    return hashlib.sha256(framed(*parts)).digest()


def lot(seed: str, label: str, identifier: str) -> bytes:
    """The lot of `identifier` in the draw `label`: 32 bytes; the smaller comes first."""
    return digest_of_parts("simsa lot v1", seed, label, identifier)
