"""Lots that anyone can draw again: SHA-256 of a recorded seed and the thing's id, never a library's generator."""

from __future__ import annotations

import hashlib


def lot(seed: str, label: str, identifier: str) -> bytes:
    """The lot of `identifier` in the draw `label`: 32 bytes; the smaller comes first.

    SHA-256 over `simsa lot v1`, seed, label and identifier, each preceded by its length in bytes (8 bytes, big endian),
    so that no two draws can be confused.
    """
    digest = hashlib.sha256()
    for part in ("simsa lot v1", seed, label, identifier):
        data = part.encode()
        digest.update(len(data).to_bytes(8, "big") + data)
    return digest.digest()
