"""Where everything stands in a TOML text: each table's header, each key, each value, to the character.

Python's own `tomllib` says what a text means and refuses what is no TOML; this only finds places, in text that
`tomllib` has accepted, so it need not judge.
"""

from __future__ import annotations

import re
import tomllib
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

Path = tuple[str | int, ...]
"""Keys, and numbers from 0 where there are several: `("criterion", 2, "scale", "min")`."""

_SPACE = re.compile(r"[ \t]*")
_BLANK = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_COMMENT = re.compile(r"#[^\n]*")
_BARE = re.compile(r"[A-Za-z0-9_-]+")
_STRING = re.compile(
    r'"""(?:[^\\]|\\.)*?"""(?:"{0,2})' r"|'''.*?'''(?:'{0,2})" r'|"(?:[^"\\\n]|\\.)*"' r"|'[^'\n]*'", re.DOTALL
)
_PLAIN = re.compile(r"[^,\]}#\n]*[^,\]}#\s]")


@dataclass(frozen=True)
class Place:
    """A key and its value: `key` up to `value` is what stands before it, `value` to `end` the value itself.

    `table` is the path of the table (or inline table) in which it is written, `name` from where to where the last part
    of the key is; an item of a list has no key, and `key` is where its value starts.
    """

    path: Path
    table: Path
    key: int
    name: tuple[int, int]
    value: int
    end: int
    inline: bool


@dataclass(frozen=True)
class Header:
    """A `[table]`, or one `[[table]]` of several; the top of the text has the path ()."""

    path: Path
    start: int
    end: int


@dataclass(frozen=True)
class Places:
    """All headers, keys and comments of `text`, in its order; of a comment it is known where it starts."""

    text: str
    headers: tuple[Header, ...]
    entries: tuple[Place, ...]
    comments: tuple[int, ...]

    @cached_property
    def by_path(self) -> dict[Path, Place]:
        return {entry.path: entry for entry in self.entries}

    @cached_property
    def by_header(self) -> dict[Path, Header]:
        return {header.path: header for header in self.headers}

    def within(self, table: Path) -> list[Place]:
        """What is written in the table itself, in the order of the text; not what is inside its values."""
        return [entry for entry in self.entries if entry.table == table and not entry.inline]

    def has_comment(self, start: int, end: int) -> bool:
        """Whether a comment begins in this piece of the text."""
        return bisect_left(self.comments, start) < bisect_left(self.comments, end)

    def line_start(self, at: int) -> int:
        return self.text.rfind("\n", 0, at) + 1

    def line_end(self, at: int) -> int:
        """Behind the line break of the line that `at` is in."""
        found = self.text.find("\n", at)
        return len(self.text) if found < 0 else found + 1

    def line(self, path: Path) -> int | None:
        """The line, from 1, of a key, of a table's header, or of the nearest table around."""
        while path:
            found = self.by_path.get(path) or self.by_header.get(path)
            if found is not None:
                at = found.key if isinstance(found, Place) else found.start
                return self.text.count("\n", 0, at) + 1
            path = path[:-1]
        return None


def find_places(text: str) -> Places:
    """Every place of `text`, which `tomllib` must have accepted."""
    return _Finder(text).places()


class _Finder:
    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.name = (0, 0)
        self.entries: list[Place] = []
        self.comments: list[int] = []
        self.counts: dict[Path, int] = {}

    def places(self) -> Places:
        headers = [Header((), 0, 0)]
        table: Path = ()
        while self.skip(_BLANK) < len(self.text):
            if self.text[self.at] == "[":
                headers.append(self.header())
                table = headers[-1].path
            else:
                self.entry(table, table, inline=False)
        return Places(self.text, tuple(headers), tuple(self.entries), tuple(self.comments))

    def header(self) -> Header:
        start = self.at
        several = self.text.startswith("[[", self.at)
        self.at += 2 if several else 1
        keys = self.keys()
        self.at += 2 if several else 1
        path: Path = ()
        for number, key in enumerate(keys):
            path = (*path, key)
            last = number == len(keys) - 1
            if several and last:
                self.counts[path] = self.counts.get(path, -1) + 1
            if path in self.counts:
                path = (*path, self.counts[path])
        return Header(path, start, self.at)

    def entry(self, table: Path, prefix: Path, *, inline: bool) -> None:
        start = self.at
        path = (*prefix, *self.keys())
        self.at += 1  # =
        self.skip(_SPACE)
        self.value(path, table, start, self.name, inline=inline)

    def keys(self) -> list[str]:
        """A key and its parts, up to what follows it."""
        keys: list[str] = []
        while True:
            self.skip(_SPACE)
            found = _BARE.match(self.text, self.at) or _STRING.match(self.text, self.at)
            assert found is not None
            self.name = found.span()
            self.at = found.end()
            keys.append(_key(found[0]))
            self.skip(_SPACE)
            if self.text[self.at] != ".":
                return keys
            self.at += 1

    def value(self, path: Path, table: Path, key: int, name: tuple[int, int], *, inline: bool) -> None:
        start, mine = self.at, len(self.entries)
        match self.text[start]:
            case "{":
                for _item in self.items("}"):
                    self.entry(path, path, inline=True)
            case "[":
                for number in self.items("]"):
                    self.value((*path, number), path, self.at, (self.at, self.at), inline=True)
            case "'" | '"':
                self.skip(_STRING)
            case _:
                self.skip(_PLAIN)
        self.entries.insert(mine, Place(path, table, key, name, start, self.at, inline))

    def items(self, closing: str) -> Iterator[int]:
        """The number of each item of a list or inline table, standing before it."""
        self.at += 1
        number = 0
        while self.text[self.skip(_BLANK)] != closing:
            if self.text[self.at] == ",":
                self.at += 1
                continue
            yield number
            number += 1
        self.at += 1

    def skip(self, pattern: re.Pattern[str]) -> int:
        found = pattern.match(self.text, self.at)
        assert found is not None
        self.at = found.end()
        if pattern is _BLANK:
            self.comments += [found.start() + one.start() for one in _COMMENT.finditer(found[0])]
        return self.at


def _key(written: str) -> str:
    if written[0] not in "\"'":
        return written
    text: str = tomllib.loads(f"key = {written}")["key"]
    return text
