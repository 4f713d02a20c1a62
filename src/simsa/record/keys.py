"""Signing keys in files: only their owner may read them, and they are on the disk before anything is signed."""

from __future__ import annotations

import os
from pathlib import Path

from .notes import NoteError, SigningKey


class KeyFileError(ValueError):
    """A signing key that cannot be read or written; the message names the file, never the key."""


def write_key(path: Path, key: SigningKey) -> None:
    """Put the key on the disk, where nobody but the owner may read it. KeyFileError if that fails."""
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            file.write(f"{key.text}\n")
            file.flush()
            os.fsync(file.fileno())
        folder = os.open(path.parent, os.O_RDONLY)
        os.fsync(folder)
        os.close(folder)
    except OSError as error:
        raise KeyFileError(f"{path}: the signing key cannot be written: {error.strerror}") from None


def read_key(path: Path) -> SigningKey:
    """The key in a file. KeyFileError if there is none."""
    try:
        return SigningKey.parse(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise KeyFileError(f"{path}: the signing key cannot be read: {error.strerror}") from None
    except (NoteError, UnicodeDecodeError):
        raise KeyFileError(f"{path}: is no signing key") from None
