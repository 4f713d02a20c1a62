"""Where evidence lies once it has been received: a private folder, or an S3-compatible store (settings, `evidence`).

Each file of evidence has a folder of its own, `ROUND/ID/`, with `original`, `copy` (without traces of who made it) and
`page-0001` and so on. What is there is never written again.
"""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.core.files import File
from django.core.files.storage import FileSystemStorage, Storage, storages

from simsa.web.entries.models import Evidence

ORIGINAL, COPY = "original", "copy"
PIECE = 256 * 1024
"""Bytes that are held in memory at a time."""


class StorageError(OSError):
    """The storage does not answer, or refuses: nothing is lost, and the same can be tried again later."""


class Received(File):  # type: ignore[type-arg]
    """A file on this machine that the storage may take as it is."""

    def __init__(self, path: Path) -> None:
        self._path = path
        super().__init__(path.open("rb"), name=path.name)

    def temporary_file_path(self) -> str:
        return str(self._path)


class PrivateFolder(FileSystemStorage):
    """A folder for its owner alone, in which a file is there whole or not at all, also after a power cut."""

    def _save(self, name: str, content: Any) -> str:
        """As another name of the same bytes where both lie on one disk, else as a copy."""
        there, source = Path(self.path(name)), Path(content.temporary_file_path())
        for folder in (there.parent.parent, there.parent):  # with `parents`, the umask alone would decide
            folder.mkdir(mode=0o700, exist_ok=True)
        source.chmod(0o600)
        _flush(source)
        try:
            there.hardlink_to(source)
        except OSError as error:
            if error.errno not in (errno.EXDEV, errno.EPERM, errno.EOPNOTSUPP, errno.EMLINK):
                raise
            half = Path(shutil.copyfile(source, there.with_name(f".{there.name}")))
            half.chmod(0o600)
            _flush(half)
            half.rename(there)
        for folder in (there.parent, there.parent.parent, Path(self.location)):
            _flush(folder)
        return name


def evidence_storage() -> Storage:
    return storages["evidence"]


def key_of(evidence: Evidence, part: str) -> str:
    """Where a part of a file of evidence lies."""
    return f"{evidence.entry.round.slug}/{evidence.pk.hex}/{part}"


def page_part(number: int) -> str:
    """The preview of page `number`, counted from 1."""
    return f"page-{number:04d}"


def put(evidence: Evidence, part: str, path: Path) -> None:
    """Store a file on this machine as a part of evidence; what is there already stays. StorageError if it cannot be."""
    key, size = key_of(evidence, part), path.stat().st_size
    with _answering():
        storage = evidence_storage()
        if storage.exists(key):
            if storage.size(key) == size:
                return
            storage.delete(key)  # an earlier attempt stopped before the database said so
        with Received(path) as content:
            kept = storage.save(key, content)
        if kept != key or storage.size(key) != size:
            raise StorageError(f"{key} was not stored as it is")


def size_of(evidence: Evidence, part: str) -> int:
    """How many bytes a stored part has. StorageError if the storage does not say."""
    with _answering():
        return evidence_storage().size(key_of(evidence, part))


def erase(evidence: Evidence, pages: int) -> None:
    """Delete everything that lies there of a file with so many previews. StorageError if it cannot be."""
    with _answering():
        for part in (ORIGINAL, COPY, *(page_part(number) for number in range(1, pages + 1))):
            evidence_storage().delete(key_of(evidence, part))


def pieces(evidence: Evidence, part: str, start: int = 0) -> Iterator[bytes]:
    """The bytes of a stored part from `start` on, a piece at a time. StorageError if they cannot be had."""
    with _answering(), evidence_storage().open(key_of(evidence, part)) as file:
        file.seek(start)
        while piece := file.read(PIECE):
            yield piece


@contextmanager
def _answering() -> Iterator[None]:
    """What libraries raise for a store that is away, as one error of ours."""
    try:
        yield
    except StorageError:
        raise
    except Exception as error:
        if not isinstance(error, OSError) and not type(error).__module__.startswith(("botocore.", "boto3.")):
            raise
        raise StorageError(str(error) or type(error).__name__) from error


def _flush(path: Path) -> None:
    """Have a file or a folder reach the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
