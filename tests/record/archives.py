"""Tricks with ZIP files: what one reader sees and another does not, or what is in none of their lists."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from random import Random
from typing import Any

_LOCAL = "<4s5H3L2H"
_CENTRAL = "<4s6H3L5H2L"
_END = "<4s4H2LH"
_DATE, _ATTRIBUTES = 33, 0x01800000


@dataclass(frozen=True)
class Part:
    """One file as a ZIP holds it, and whatever of its headers is to be unusual."""

    path: bytes
    data: bytes
    method: int = 8
    local: Mapping[int, int] = field(default_factory=dict)
    central: Mapping[int, int] = field(default_factory=dict)
    extra: bytes = b""
    central_extra: bytes = b""
    comment: bytes = b""
    before: bytes = b""
    after: bytes = b""
    other_path: bytes = b""
    listed: bool = True
    packed: bytes | None = None


def archive(
    parts: Sequence[Part], comment: bytes = b"", before_directory: bytes = b"", end: Mapping[int, int] = {}
) -> bytes:
    """The bytes of a ZIP file; plain parts give what a bundle is."""
    whole, directory, listed = b"", b"", 0
    for part in parts:
        packed = part.packed if part.packed is not None else _packed(part)
        whole += part.before
        crc, sizes = zlib.crc32(part.data), (len(packed), len(part.data))
        name = part.other_path or part.path
        local = [b"PK\3\4", 20, 0, part.method, 0, _DATE, crc, *sizes, len(name), len(part.extra)]
        central = [b"PK\1\2", 20, 20, 0, part.method, 0, _DATE, crc, *sizes, len(part.path), len(part.central_extra)]
        central += [len(part.comment), 0, 0, _ATTRIBUTES, len(whole)]
        whole += struct.pack(_LOCAL, *_with(local, part.local)) + name + part.extra + packed + part.after
        if part.listed:
            listed += 1
            directory += (
                struct.pack(_CENTRAL, *_with(central, part.central)) + part.path + part.central_extra + part.comment
            )
    whole += before_directory
    tail: list[object] = [b"PK\5\6", 0, 0, listed, listed, len(directory), len(whole), len(comment)]
    return whole + directory + struct.pack(_END, *_with(tail, end)) + comment


def tricks(files: Mapping[str, bytes], rng: Random) -> Iterator[tuple[str, bytes]]:
    """The same files, in archives that a bundle must not be."""
    parts = [Part(path.encode(), data) for path, data in files.items()]
    n = rng.randrange(len(parts))
    one, path = parts[n], parts[n].path.decode()

    def with_part(**changes: object) -> bytes:
        return archive([*parts[:n], replace(one, **changes), *parts[n + 1 :]])  # type: ignore[arg-type]

    good = archive(parts)
    yield "bytes before the first file", b"x" + good
    yield "bytes before, with a directory that knows of them", archive([replace(parts[0], before=b"x"), *parts[1:]])
    yield "bytes after the end", good + b"\0"
    yield "a comment", archive(parts, comment=b"hello")
    yield "a second archive behind", good + archive(parts[:1])
    yield "the same archive twice", good + good
    yield "bytes before the directory", archive(parts, before_directory=b"hidden")
    yield f"a gap before {path}", with_part(before=b"gap")
    yield f"a gap behind {path}", with_part(after=b"gap")
    yield (
        f"a file that is not listed behind {path}",
        archive([*parts[: n + 1], replace(one, listed=False), *parts[n + 1 :]]),
    )
    yield f"{path} twice", archive([*parts, one])
    yield f"{path} twice, with other data", archive([*parts, replace(one, data=one.data + b" ")])
    yield f"{path} first with other data", archive([replace(one, data=b"{}"), *parts])
    for name, extra in (("unix times", b"UT\x05\0\1\0\0\0\0"), ("an empty extra field", b"\0\0\0\0")):
        yield f"{path} with {name}", with_part(extra=extra)
        yield f"{path} with {name} in the directory", with_part(central_extra=extra)
    yield f"a comment of {path}", with_part(comment=b"by kim")
    yield f"{path} under another name in its header", with_part(other_path=b"x" * len(one.path))
    yield f"{path} under a longer name in its header", with_part(other_path=one.path + b"x")
    for place, value in (
        (1, 21),
        (2, 1),
        (2, 8),
        (2, 2048),
        (3, 0),
        (3, 9),
        (4, 1),
        (5, _DATE + 1),
        (6, 0),
        (7, 1),
        (8, 1),
    ):
        yield f"header of {path}: field {place} is {value}", with_part(local={place: value})
        yield f"directory of {path}: field {place + 1} is {value}", with_part(central={place + 1: value})
    for place, value in ((1, 0x314), (12, 1), (13, 1), (14, 1), (15, 0o100644 << 16), (15, 0), (16, 1), (3, 1)):
        yield f"directory of {path}: place {place} is {value}", with_part(central={place: value})
    for place in range(1, 8):
        for change in (1, -1):
            before = struct.unpack(_END, good[-22:])[place]
            if before + change >= 0:
                yield f"end record: field {place} by {change}", archive(parts, end={place: before + change})
    yield f"{path} encrypted", with_part(local={2: 1}, central={3: 1})
    yield f"{path} with a data descriptor", with_part(local={2: 8}, central={3: 8}, after=b"PK\7\x08" + b"\0" * 12)
    yield f"{path} packed with bytes behind", with_part(packed=_packed(one) + b"\0")
    yield f"{path} packed without its end", with_part(packed=_packed(one)[:-1])
    yield f"{path} said to be stored", with_part(packed=_packed(one), method=0)
    yield f"{path} longer than it says", with_part(packed=_packed(replace(one, data=one.data + b"x")))
    for name in (
        f"./{path}",
        f"/{path}",
        f"../{path}",
        path.replace("/", "\\"),
        f"{path}/",
        path.upper(),
        f"{path}\0",
        f"{path} ",
    ):
        if name != path:
            yield f"{path} as {name!r}", with_part(path=name.encode())
    yield "a folder", archive([*parts, Part(b"log/", b"", method=0)])
    yield "a name that is not ASCII", archive([*parts, Part("비고.txt".encode(), b"x")])


def cut(data: bytes, rng: Random, number: int) -> Iterator[tuple[str, bytes]]:
    """Bytes changed, lost and added anywhere."""
    for _ in range(number):
        at = rng.randrange(len(data))
        bit = 1 << rng.randrange(8)
        yield f"byte {at} by {bit}", data[:at] + bytes([data[at] ^ bit]) + data[at + 1 :]
        yield f"byte {at} lost", data[:at] + data[at + 1 :]
        yield f"a byte more at {at}", data[:at] + b"\0" + data[at:]
        yield f"cut at {at}", data[:at]


def _packed(part: Part) -> bytes:
    if part.method == 0:
        return part.data
    stream = zlib.compressobj(1, zlib.DEFLATED, -15)
    return stream.compress(part.data) + stream.flush()


def _with(fields: list[Any], changes: Mapping[int, int]) -> list[Any]:
    return [changes.get(n, value) for n, value in enumerate(fields)]
