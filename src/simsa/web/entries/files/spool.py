"""Files that are on their way: one growing file for each upload, in the folder `settings.UPLOADS`.

Whoever writes holds the file's lock, which ends with its process, so that no two write at once, in one process or in
several. How many bytes count is said by the database, after they have reached the disk: what is behind them is left
over from a process or a machine that died, and is cut off.
"""

from __future__ import annotations

import errno
import fcntl
import hashlib
import os
import re
import shutil
import threading
import time
from collections import OrderedDict
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings

PIECE = 256 * 1024
RESERVE = 256 * 1024 * 1024
"""Bytes of the disk that uploads leave to everything else: drafts and marks are saved when no file fits any more."""
EXAMINED = "evidence-"
"""How the names of folders begin in which a file is examined."""
HASHES = 1000
"""Of uploads under way, kept in memory by one process."""


class NoRoomError(OSError):
    """The disk is full, or nearly so."""


class BusyError(RuntimeError):
    """Somebody else writes to this upload now."""


class LostError(RuntimeError):
    """The disk does not hold the bytes that were acknowledged: the folder of uploads is another one, or was emptied."""


class Spooled:
    """The file of one upload, locked: `offset` bytes of it count."""

    def __init__(self, handle: int, key: UUID, offset: int) -> None:
        self._handle, self._key = handle, key
        self.offset = self.end = offset
        self._hash = _hash_of(handle, key, offset)

    def write(self, piece: bytes) -> None:
        """Append bytes, which do not count yet. NoRoomError if the disk is full."""
        try:
            left = memoryview(piece)
            while left:
                left = left[os.pwrite(self._handle, left, self.end + len(piece) - len(left)) :]
        except OSError as error:
            if error.errno in (errno.ENOSPC, errno.EDQUOT):
                raise NoRoomError(str(error)) from error
            raise
        self.end += len(piece)
        self._hash.update(piece)

    def flush(self) -> int:
        """Have everything that was written reach the disk; how many bytes may be acknowledged."""
        try:
            os.fdatasync(self._handle)
        except OSError as error:
            if error.errno in (errno.ENOSPC, errno.EDQUOT):
                raise NoRoomError(str(error)) from error
            raise
        return self.end

    def count(self) -> None:
        """What was written counts from here on: the database has said so."""
        self.offset = self.end
        _keep_hash(self._key, self.offset, self._hash)

    def cut(self) -> None:
        """Take back what does not count."""
        os.ftruncate(self._handle, self.offset)
        if self.end != self.offset:
            self.end, self._hash = self.offset, _hash_of(self._handle, self._key, self.offset)

    @property
    def sha256(self) -> str:
        """Of everything that counts."""
        return str(self._hash.hexdigest())


def path_of(key: UUID) -> Path:
    return Path(settings.UPLOADS) / key.hex


def create(key: UUID) -> None:
    """An empty file for an upload."""
    folder = path_of(key).parent
    os.close(os.open(path_of(key), os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def locked(key: UUID) -> Iterator[int]:
    """An open handle of an upload's file, which nobody else writes to meanwhile. BusyError, LostError."""
    try:
        handle = os.open(path_of(key), os.O_RDWR)
    except FileNotFoundError:
        raise LostError(f"{path_of(key)} is not there") from None
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise BusyError(str(key)) from None
        yield handle
    finally:
        os.close(handle)


def spooled(handle: int, key: UUID, offset: int) -> Spooled:
    """The file behind a locked handle, of which `offset` bytes count. LostError if they are not there."""
    size = os.fstat(handle).st_size
    if size < offset:
        raise LostError(f"{path_of(key)} has {size} bytes, and {offset} were acknowledged")
    if size > offset:
        os.ftruncate(handle, offset)
    return Spooled(handle, key, offset)


def remove(key: UUID) -> None:
    """Forget an upload's file, if there is one."""
    path_of(key).unlink(missing_ok=True)
    with _lock:
        _hashes.pop(key, None)


def remove_others(known: Collection[UUID]) -> None:
    """Forget files of uploads that are not known, and folders of examinations, a day after anybody wrote to them."""
    names, before = {key.hex for key in known}, time.time() - 24 * 60 * 60
    for path in Path(settings.UPLOADS).iterdir():
        if path.name in names or path.stat().st_mtime > before:
            continue
        if path.is_dir() and path.name.startswith(EXAMINED):
            shutil.rmtree(path, ignore_errors=True)
        elif re.fullmatch("[0-9a-f]{32}", path.name):
            path.unlink(missing_ok=True)


def pieces(key: UUID, start: int = 0) -> Iterator[bytes]:
    """The bytes of a file from `start` on, a piece at a time."""
    with path_of(key).open("rb") as file:
        file.seek(start)
        while piece := file.read(PIECE):
            yield piece


def check_room(size: int) -> None:
    """NoRoomError where `size` more bytes would leave less than the reserve."""
    if shutil.disk_usage(settings.UPLOADS).free < size + RESERVE:
        raise NoRoomError(f"less than {size + RESERVE} bytes are free")


# SHA-256 is computed as the bytes come. What a restart, or another process, has taken from this one is read once more.
_hashes: OrderedDict[UUID, tuple[int, Any]] = OrderedDict()
_lock = threading.Lock()


def _hash_of(handle: int, key: UUID, offset: int) -> Any:
    with _lock:
        known, running = _hashes.get(key, (0, hashlib.sha256()))
        if known > offset:
            known, running = 0, hashlib.sha256()
        running = running.copy()
    while known < offset:
        piece = os.pread(handle, min(PIECE, offset - known), known)
        if not piece:
            raise LostError(f"{path_of(key)} became shorter")
        running.update(piece)
        known += len(piece)
    return running


def _keep_hash(key: UUID, offset: int, running: Any) -> None:
    with _lock:
        _hashes[key] = offset, running.copy()
        _hashes.move_to_end(key)
        if len(_hashes) > HASHES:
            _hashes.popitem(last=False)
