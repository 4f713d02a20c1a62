"""Lots that anyone can draw again: SHA-256 of a recorded seed and the thing's id, never a library's generator."""

from __future__ import annotations

import hashlib


def digest_of_parts(*parts: str | bytes) -> bytes:
    """SHA-256 over the parts, each preceded by its length in bytes (8 bytes, big endian), so that no two lists of parts
    can be confused."""
    framed = bytearray()
    for part in parts:
        data = part.encode() if isinstance(part, str) else part
        framed += len(data).to_bytes(8, "big") + data
    return hashlib.sha256(framed).digest()


def lot(seed: str, label: str, identifier: str) -> bytes:
    """The lot of `identifier` in the draw `label`: 32 bytes; the smaller comes first."""
    return digest_of_parts("simsa lot v1", seed, label, identifier)
