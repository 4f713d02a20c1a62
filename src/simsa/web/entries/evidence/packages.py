"""ZIP containers that were made by strangers: HWPX, DOCX, XLSX, PPTX, and ZIP itself.

Read strictly: one list of members, each where the list says it is, nothing before, between or behind them. So no two
programs can see two different containers in the same bytes, and what is unpacked is known before it is.
"""

from __future__ import annotations

import io
import re
import stat
import zlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from struct import error as StructError  # noqa: N812 (an error by its name)
from struct import unpack_from
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from simsa.web.entries.evidence.findings import Trace, refuse
from simsa.web.entries.evidence.limits import Limits

FORBIDDEN = re.compile(r"[\x00-\x1f\x7f\\]|^/|^[A-Za-z]:|(^|/)\.\.?(/|$)|//")
ARCHIVES = (b"PK\x03\x04", b"7z\xbc\xaf\x27\x1c", b"Rar!", b"\x1f\x8b\x08", b"EGGA", b"ALZ\x01", b"\xfd7zXZ", b"BZh")
LONGEST_NAME = 250
HEADER = 30
DESCRIPTORS = (0, 12, 16, 20, 24)
"""Lengths of what may follow a member: its sizes and checksum, with or without a signature, short or long."""
THE_DATE = (1980, 1, 1, 0, 0, 0)


@dataclass
class Package:
    """The members of a container in their order. `members` are those whose bytes were asked for."""

    infos: dict[str, ZipInfo]
    comment: bytes
    _file: ZipFile
    _members: dict[str, bytes] = field(default_factory=dict)

    @classmethod
    def read(cls, data: bytes, limits: Limits) -> Package:
        """RefusedError if it is damaged, ambiguous, encrypted, too large unpacked, or leads out of its folder."""
        try:
            file = ZipFile(io.BytesIO(data))
        except (BadZipFile, OSError, ValueError, NotImplementedError, UnicodeDecodeError) as error:
            raise refuse("damaged") from error
        infos = file.infolist()
        _check_sizes(infos, limits)
        _check_names(infos)
        try:
            _check_places(data, infos, file.start_dir, len(file.comment))
        except StructError as error:
            raise refuse("damaged") from error
        return cls({info.filename: info for info in infos if not info.is_dir()}, file.comment, file)

    @property
    def names(self) -> Iterable[str]:
        return self.infos.keys()

    def __getitem__(self, name: str) -> bytes:
        if name not in self._members:
            try:
                self._members[name] = self._file.read(self.infos[name])
            except (BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError) as error:
                raise refuse("damaged", name) from error
        return self._members[name]

    def is_archive(self, name: str) -> bool:
        return self[name].startswith(ARCHIVES)


def written(members: Iterable[tuple[str, bytes]], stored: tuple[str, ...] = ()) -> bytes:
    """A container that tells nothing but its members: no times, no system, no comments."""
    made = io.BytesIO()
    with ZipFile(made, "w") as package:
        for name, data in members:
            info = ZipInfo(name, THE_DATE)
            info.create_system = 0
            package.writestr(info, data, ZIP_STORED if name in stored else ZIP_DEFLATED)
    return made.getvalue()


def told_by_container(package: Package) -> list[Trace]:
    """What the container says beside its members."""
    found = [Trace("words", "ZIP", package.comment.decode("utf-8", "replace"))] if package.comment else []
    days = {info.date_time[:3] for info in package.infos.values() if info.date_time != THE_DATE}
    found += [Trace("times", "ZIP", "-".join(f"{part:02}" for part in max(days)))] if days else []
    found += [Trace("details", "ZIP")] if any(info.extra or info.comment for info in package.infos.values()) else []
    return found


def _check_sizes(infos: list[ZipInfo], limits: Limits) -> None:
    if not infos:
        raise refuse("empty")
    if len(infos) > limits.members:
        raise refuse("zip_bomb", f"{len(infos)} > {limits.members}")
    total = sum(info.file_size for info in infos)
    if total > limits.unpacked:
        raise refuse("zip_bomb", f"{total} > {limits.unpacked}")
    for info in infos:
        if info.flag_bits & 0x1:
            raise refuse("encrypted")
        if info.compress_type not in (ZIP_STORED, ZIP_DEFLATED):
            raise refuse("damaged", info.filename)
        if info.file_size > limits.small and info.file_size > limits.ratio * max(info.compress_size, 1):
            raise refuse("zip_bomb", info.filename)


def _check_names(infos: list[ZipInfo]) -> None:
    seen: set[str] = set()
    for info in infos:
        # A directory's name ends with a slash, and it holds nothing.
        name = info.filename.removesuffix("/") if info.is_dir() else info.filename
        if info.is_dir() and info.file_size:
            raise refuse("zip_names", info.filename)
        # `orig_filename` is what stands there: ZipFile cuts at a NUL, and turns backslashes round on Windows.
        if not name or len(name) > LONGEST_NAME or FORBIDDEN.search(name) or "\0" in info.orig_filename:
            raise refuse("zip_names", info.orig_filename)
        if stat.S_ISLNK(info.external_attr >> 16):
            raise refuse("zip_names", info.filename)
        if name.casefold() in seen:
            raise refuse("zip_names", info.filename)
        seen.add(name.casefold())


def _check_places(data: bytes, infos: list[ZipInfo], directory: int, comment: int) -> None:
    """That members stand one behind the other from the first byte on, as the list at the end names them."""
    at = 0
    for info in sorted(infos, key=lambda info: info.header_offset):
        if info.header_offset - at not in DESCRIPTORS or (at == 0 and info.header_offset):
            raise refuse("zip_hidden", info.filename)
        signature, method, name, extra = unpack_from("<4s4xH16xHH", data, info.header_offset)
        begin = info.header_offset + HEADER
        if signature != b"PK\x03\x04" or method != info.compress_type:
            raise refuse("zip_hidden", info.filename)
        encoding = "utf-8" if info.flag_bits & 0x800 else "cp437"
        if data[begin : begin + name] != info.orig_filename.encode(encoding, "replace"):
            raise refuse("zip_hidden", info.filename)
        at = begin + name + extra + info.compress_size
    if directory - at not in DESCRIPTORS:
        raise refuse("zip_hidden")
    if data[-22 - comment :][:4] != b"PK\x05\x06":
        raise refuse("zip_hidden")
