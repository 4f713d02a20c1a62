"""A bundle's ZIP file read strictly: every byte is accounted for, so that no two readers can see two things in it.

Why not the library: it looks over gaps, second directories and names that occur twice, which readers then take in
different ways. A bundle uses a small part of the format, and that part exactly.
"""

from __future__ import annotations

import struct
import zlib

LARGEST, LARGEST_JSON = 2**29, 2**26
"""Bytes of a bundle when it is unpacked, and of one JSON file in it: to read one takes some thirty times as much."""
_END = struct.Struct("<4s4H2LH")
_ENTRY = struct.Struct("<4s6H3L5H2L")
_LOCAL = struct.Struct("<4s5H3L2H")
_DATE = 1 << 5 | 1  # 1 January 1980
_ATTRIBUTES = 0x01800000


class UnreadableError(ValueError):
    """What is no ZIP file, or one whose directory cannot be read."""


class ArchiveError(ValueError):
    """A ZIP file that a bundle must not be; the message names the entry."""


def unpacked(data: bytes) -> dict[str, bytes]:
    """The files by path. UnreadableError, ArchiveError."""
    entries, start = _directory(data)
    files: dict[str, bytes] = {}
    at = whole = 0
    for name, method, crc, packed, size, offset in entries:
        if name in files:
            raise ArchiveError(f"{name} is there twice")
        if offset != at:
            raise ArchiveError(f"{name}: there are bytes before it that belong to nothing")
        whole += size
        if whole > LARGEST or (name.endswith(".json") and size > LARGEST_JSON):
            raise ArchiveError(f"{name}: is too large when it is unpacked")
        path = name.encode("ascii")
        header = _LOCAL.pack(b"PK\3\4", 20, 0, method, 0, _DATE, crc, packed, size, len(path), 0)
        begin = at + len(header) + len(path)
        if data[at:begin] != header + path:
            raise ArchiveError(f"{name}: its header says something else than the directory")
        at = begin + packed
        if at > start:
            raise ArchiveError(f"{name}: its data run into the directory")
        files[name] = _contents(name, method, data[begin:at], size, crc)
    if at != start:
        raise ArchiveError("there are bytes before the directory that belong to nothing")
    return files


Entry = tuple[str, int, int, int, int, int]


def _directory(data: bytes) -> tuple[list[Entry], int]:
    """Name, method, checksum, packed size, size and offset of every entry, and where the directory begins."""
    if len(data) < _END.size or data[-_END.size : -_END.size + 4] != b"PK\5\6":
        if b"PK\5\6" in data:
            raise ArchiveError("has bytes after its end")
        raise UnreadableError("is no ZIP file")
    _, disk, first, here, count, length, start, comment = _END.unpack(data[-_END.size :])
    if length > len(data) - _END.size or data[len(data) - _END.size - length :][:4] not in (b"PK\1\2", b"PK\5\6"):
        raise UnreadableError("its directory is not where it should be")
    if start + length != len(data) - _END.size:
        raise ArchiveError("has bytes before or behind what it should have")
    if (disk, first, here, comment) != (0, 0, count, 0):
        raise ArchiveError("has parts on other disks, or a comment")
    entries, at = [], start
    for _ in range(count):
        if at + _ENTRY.size > len(data):
            raise UnreadableError("its directory ends too early")
        fields = _ENTRY.unpack_from(data, at)
        path = data[at + _ENTRY.size : at + _ENTRY.size + fields[10]]
        if fields[0] != b"PK\1\2" or len(path) != fields[10]:
            raise UnreadableError("its directory is damaged")
        try:
            name = path.decode("ascii")
        except UnicodeDecodeError:
            raise ArchiveError("has a name that is not ASCII") from None
        method, crc, packed, size, offset = fields[4], fields[7], fields[8], fields[9], fields[16]
        fixed = _ENTRY.pack(
            b"PK\1\2", 20, 20, 0, method, 0, _DATE, crc, packed, size, len(path), 0, 0, 0, 0, _ATTRIBUTES, offset
        )
        if method not in (0, 8) or data[at : at + _ENTRY.size] != fixed:
            raise ArchiveError(f"{name}: its entry is not that of a bundle (times, attributes, encryption, method)")
        entries.append((name, method, crc, packed, size, offset))
        at += _ENTRY.size + len(path)
    if at != len(data) - _END.size:
        raise ArchiveError("there are bytes in its directory that belong to nothing")
    return entries, start


def _contents(name: str, method: int, data: bytes, size: int, crc: int) -> bytes:
    if method == 0:
        found = data
    else:
        stream = zlib.decompressobj(-15)
        try:
            found = stream.decompress(data, size + 1)
        except zlib.error as error:
            raise ArchiveError(f"{name}: cannot be unpacked: {error}") from None
        if not stream.eof or stream.unused_data:
            raise ArchiveError(f"{name}: its data do not end where they should")
    if len(found) != size or zlib.crc32(found) != crc:
        raise ArchiveError(f"{name}: is damaged (size or checksum)")
    return found
