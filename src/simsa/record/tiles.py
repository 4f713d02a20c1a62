"""How a log is laid out for readers: c2sp.org/tlog-tiles. Tiles of 256 hashes, and the entries below each.

A tile of level `l` holds nodes of the tree's level `8 * l`. Whatever is full never changes; the right edge is in
partial tiles, each named by its width.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from .merkle import HASH_BYTES, Nodes, node_hash

TILE_HEIGHT = 8
WIDTH: int = 2**TILE_HEIGHT
LONGEST_ENTRY = 2**16 - 1
_PATH = re.compile(r"([0-5]?[0-9]|6[0-3]|entries)/((?:x[0-9]{3}/){0,6}[0-9]{3})(?:\.p/([1-9][0-9]{0,2}))?\Z")


class TileError(ValueError):
    """Tiles that are missing, malformed or not those of the log; the message names the path."""


@dataclass(frozen=True)
class Tile:
    """Where one tile lies: its level (-1: entries), its index, and how many of 256 it holds."""

    level: int
    index: int
    width: int

    @property
    def path(self) -> str:
        """Below `tile/`: `0/x001/234.p/5`."""
        level = "entries" if self.level < 0 else str(self.level)
        number = f"{self.index:03d}"
        number = number.rjust(-(-len(number) // 3) * 3, "0")
        parts = [number[n : n + 3] for n in range(0, len(number), 3)]
        name = "/".join([*(f"x{part}" for part in parts[:-1]), parts[-1]])
        return f"{level}/{name}" + ("" if self.width == WIDTH else f".p/{self.width}")

    @classmethod
    def parse(cls, path: str) -> Tile:
        """The tile of a path below `tile/`. TileError for any that no tile has."""
        match = _PATH.match(path)
        if match is None:
            raise TileError(f"{path[:80]!r} is no tile")
        level, number, width = match.groups()
        tile = cls(
            -1 if level == "entries" else int(level), int(number.replace("x", "").replace("/", "")), int(width or WIDTH)
        )
        if tile.path != path:
            raise TileError(f"{path[:80]!r} is no tile, or is not written as one")
        return tile

    def within(self, size: int) -> bool:
        """Whether a log of `size` leaves has all that this tile holds."""
        return self.index * WIDTH + self.width <= size >> (TILE_HEIGHT * max(self.level, 0))


def tiles_of(size: int, since: int = 0) -> Iterator[Tile]:
    """The tiles of a log of `size` leaves: hashes by level, then entries; the partial ones of this size alone.

    `since`: only those that a log of so many leaves does not have.
    """
    level, here, before = 0, size, since
    while here:
        yield from _row(level, here, before)
        level, here, before = level + 1, here // WIDTH, before // WIDTH
    yield from _row(-1, size, since)


def _row(level: int, size: int, since: int) -> Iterator[Tile]:
    for index in range(since // WIDTH, -(-size // WIDTH)):
        width = min(WIDTH, size - index * WIDTH)
        if index * WIDTH + width > since:
            yield Tile(level, index, width)


def entry_bundle(entries: Sequence[bytes]) -> bytes:
    """Up to 256 entries as they are served. ValueError for one that is too long."""
    if any(len(entry) > LONGEST_ENTRY for entry in entries):
        raise ValueError(f"an entry of a log has at most {LONGEST_ENTRY:,} bytes")
    return b"".join(len(entry).to_bytes(2, "big") + entry for entry in entries)


def entries_of(bundle: bytes, width: int) -> list[bytes]:
    """The entries of a bundle. TileError unless there are exactly `width`."""
    found, at = [], 0
    while at < len(bundle):
        end = at + 2 + int.from_bytes(bundle[at : at + 2], "big")
        if at + 2 > len(bundle) or end > len(bundle):
            raise TileError("the entries end in the middle of one")
        found.append(bundle[at + 2 : end])
        at = end
    if len(found) != width:
        raise TileError(f"there are {len(found)} entries, not {width}")
    return found


def nodes_from(tile: Callable[[Tile], bytes], size: int) -> Nodes:
    """The nodes of a log of `size` leaves, from its tiles as `tile` reads them. TileError for a malformed one."""

    @lru_cache(maxsize=512)
    def hashes(level: int, index: int) -> tuple[bytes, ...]:
        width = min(WIDTH, (size >> (TILE_HEIGHT * level)) - index * WIDTH)
        place = Tile(level, index, width)
        data = tile(place)
        if len(data) != width * HASH_BYTES:
            raise TileError(f"tile/{place.path} has {len(data)} bytes, not {width * HASH_BYTES}")
        return tuple(data[n : n + HASH_BYTES] for n in range(0, len(data), HASH_BYTES))

    @lru_cache(maxsize=8192)
    def node(level: int, index: int) -> bytes:
        tile_level, above = divmod(level, TILE_HEIGHT)
        if above == 0:
            number, place = divmod(index, WIDTH)
            found: bytes = hashes(tile_level, number)[place]
            return found
        return node_hash(node(level - 1, 2 * index), node(level - 1, 2 * index + 1))

    return node
