"""A rules file under the hands of a form: one value, or one table of several, is changed, and everything else stays.

Comments, order and spacing are what people read a file by. So an edit replaces the characters of a value, or adds or
takes away whole lines, and the rest of the text is not written anew. Whatever comes out is read again and compared with
the same edit of the parsed data: an edit says exactly what it was asked to say, or it is refused with `EditError`, and
the place is for the text alone.
"""

from __future__ import annotations

import copy
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any

from simsa.web.programmes.drafting.data import Data, is_shallow, list_of, put_at, same, table_around
from simsa.web.programmes.drafting.lists import Listed, ScatteredError, list_at
from simsa.web.programmes.drafting.literals import key_text, literal, table_text
from simsa.web.programmes.drafting.places import Header, Path, Place, Places, find_places

DEEPEST = 50
"""Levels of tables and lists in one another: far more than rules have, and few enough to walk through."""
ABSENT: Any = object()
"""What `value` gives for a key that is not there."""


class EditError(ValueError):
    """An edit that the text does not take: it is no TOML, or says this in a way that only its author can change."""


@dataclass(frozen=True)
class Document:
    """A TOML text. EditError, when its data or places are asked for, if it is none."""

    text: str

    @cached_property
    def data(self) -> Data:
        try:
            data = tomllib.loads(self.text, parse_float=Decimal)
        except (ValueError, RecursionError) as error:
            raise EditError(str(error)) from None
        if not is_shallow(data, DEEPEST):
            raise EditError("it is nested too deeply")
        return data

    @property
    def is_toml(self) -> bool:
        try:
            return self.data is not None
        except EditError:
            return False

    @cached_property
    def places(self) -> Places:
        assert self.data is not None  # the places of what is no TOML would be anywhere
        return find_places(self.text)

    def value(self, path: Path) -> Any:
        """What stands at `path`, or ABSENT."""
        found: Any = self.data
        for key in path:
            try:
                found = found[key]
            except (KeyError, IndexError, TypeError):
                return ABSENT
        return found

    def count(self, path: Path) -> int:
        """How many tables of a kind there are."""
        found = self.value(path)
        return len(found) if isinstance(found, list) else 0

    def tables(self, path: Path) -> list[Data]:
        """The tables of a kind, without what is no table."""
        found = self.value(path)
        return [table for table in found if isinstance(table, dict)] if isinstance(found, list) else []

    def identifiers(self, path: Path) -> list[str]:
        """The `id` of each table of a kind that has one."""
        return [key for table in self.tables(path) if isinstance(key := table.get("id"), str)]

    def keys(self, path: Path) -> list[str]:
        """The keys of the table at `path`, in the order of the text."""
        found = self.value(path)
        return list(found) if isinstance(found, dict) else []

    def put(self, path: Path, value: Any) -> Document:
        """`value` at `path`; tables around it that are not there are made."""
        if same(self.value(path), value):
            return self
        return self._checked(self._put(path, value), lambda data: put_at(data, path, value))

    def drop(self, path: Path) -> Document:
        """Without the key or table `path`; nothing happens if it is not there.

        A table under its own header goes with the comment right above it, one made by dots alone with its last key.
        """
        if self.value(path) is ABSENT:
            return self

        def dropped(data: Data) -> None:
            left = path
            table_around(data, left).pop(left[-1])
            while (left := left[:-1]) and not table_around(data, (*left, "")) and not self._is_written(left):
                table_around(data, left).pop(left[-1])

        return self._checked(self._drop(path), dropped)

    def rename(self, path: Path, key: str) -> Document:
        """`key` in place of the last key of `path`; the value stays where it is, and the comments around it."""
        if path[-1] == key:
            return self
        written = self.places.by_path.get(path)
        if written is None or self.value((*path[:-1], key)) is not ABSENT:
            raise EditError(f"it cannot be called {key}")

        def renamed(data: Data) -> None:
            table = table_around(data, path)
            table[key] = table.pop(path[-1])

        return self._checked(self._with(*written.name, key_text(key)), renamed)

    def insert(self, path: Path, at: int, table: Mapping[str, Any]) -> Document:
        """One more table of a kind as number `at` (from 0): `[[path]]`, or within the brackets of the others."""
        if not 0 <= at <= self.count(path):
            raise EditError("there is no such place")
        if path in self.places.by_path:
            text = self._listed(path).inserted(at, literal(table))
        elif not self.count(path) and (path[:-1] in self.places.by_path or not _is_top(path)):
            text = self._put(path, [table])
        else:
            text = self._insert(path, at, table_text(f"[[{_dotted(path)}]]", table))
        return self._checked(text, lambda data: list_of(data, path).insert(at, copy.deepcopy(dict(table))))

    def remove(self, path: Path, at: int) -> Document:
        """Without table number `at` of a kind, the comment right above it, and nothing else."""
        text = self._drop(path) if self.count(path) == 1 and not at else self._remove(path, at)

        def removed(data: Data) -> None:
            tables = list_of(data, path)
            tables.pop(at)
            if not tables:
                table_around(data, path).pop(path[-1])

        return self._checked(text, removed)

    def move(self, path: Path, at: int, to: int) -> Document:
        """Table number `at` of a kind becomes number `to`, with the comment right above it."""
        if not 0 <= at < self.count(path) > to >= 0:
            raise EditError("there is no such place")
        text = self._listed(path).moved(at, to) if path in self.places.by_path else self._move(path, at, to)

        def moved(data: Data) -> None:
            tables = list_of(data, path)
            tables.insert(to, tables.pop(at))

        return self._checked(text, moved)

    def _checked(self, text: str, edit: Callable[[Data], object]) -> Document:
        wanted = copy.deepcopy(self.data)
        try:
            edit(wanted)
        except (KeyError, IndexError, TypeError, AttributeError):
            raise EditError("there is no such place") from None
        made = Document(text)
        if not same(made.data, wanted):
            raise EditError("this is written in a way that only the text can change")
        return made

    # Text.

    def _is_written(self, path: Path) -> bool:
        return path in self.places.by_path or path in self.places.by_header

    def _put(self, path: Path, value: Any) -> str:
        written = self.places.by_path.get(path)
        if written is not None:
            if self.places.has_comment(written.value, written.end):
                raise EditError("there are comments in it")
            return self._with(written.value, written.end, _like(self.text[written.value : written.end], value))
        if self.value(path) is not ABSENT:
            return Document(self._drop(path))._put(path, value)
        table = path[:-1]
        around = self.places.by_path.get(table)
        if around is not None:
            return self._put_inside(around, path, value)
        if table in self.places.by_header:
            return self._put_below(table, path[len(table) :], value)
        dotted = next((one for one in reversed(self.places.entries) if _under(one, table)), None)
        if dotted is not None and dotted.inline:
            return self._with(dotted.end, dotted.end, f", {_dotted(path[len(dotted.table) :])} = {literal(value)}")
        if dotted is not None:
            return self._put_below(dotted.table, path[len(dotted.table) :], value, after=dotted)
        if len(path) == 2 and isinstance(path[0], str):
            return self._put_table(table, {str(path[1]): value})
        return self._put(table, {str(path[-1]): value})

    def _put_inside(self, around: Place, path: Path, value: Any) -> str:
        """Into an inline table, as its last key."""
        if self.text[around.value] != "{":
            raise EditError("there is no table to write into")
        inside = [one for one in self.places.entries if one.table == around.path and one.inline]
        written = f"{key_text(str(path[-1]))} = {literal(value)}"
        if inside:
            return self._with(inside[-1].end, inside[-1].end, f", {written}")
        return self._with(around.value, around.end, f"{{ {written} }}")

    def _put_below(self, table: Path, keys: Path, value: Any, after: Place | None = None) -> str:
        """As a line of its own, behind the last line of its table."""
        lines = self.places.within(table)
        last = after or (lines[-1] if lines else None)
        header = self.places.by_header[table]
        at = self.places.line_end(last.end if last else header.end) if table or last else 0
        start = self.places.line_start(last.key) if last else 0
        indent = self.text[start : last.key] if last else ""
        return self._with(at, at, f"{indent}{_dotted(keys)} = {literal(value)}\n")

    def _put_table(self, table: Path, content: Mapping[str, Any]) -> str:
        """As a table that was not there: before the tables that are inside it, or at the end."""
        written = table_text(f"[{_dotted(table)}]", content)
        inner = next((one for one in self.places.headers if one.path[: len(table)] == table), None)
        if inner is None:
            return _ended(self.text) + ("\n" if self.text.strip() else "") + written
        at = self._lead(inner)
        return self._with(at, at, f"{written}\n")

    def _drop(self, path: Path) -> str:
        written = self.places.by_path.get(path)
        if written is None:
            start, end = self._block(path)
            return self.text[:start] + self.text[end:]
        if not written.inline:
            return self._with(self.places.line_start(written.key), self.places.line_end(written.end), "")
        inside = [one for one in self.places.entries if one.table == written.table and one.inline]
        number = inside.index(written)
        if number:
            return self._with(inside[number - 1].end, written.end, "")
        return self._with(written.key, inside[1].key if len(inside) > 1 else written.end, "")

    def _listed(self, path: Path) -> Listed:
        try:
            return list_at(self.places, path, self.count(path))
        except ScatteredError:
            raise EditError("there are comments between the items") from None

    def _remove(self, path: Path, at: int) -> str:
        if path in self.places.by_path:
            if not 0 <= at < self.count(path):
                raise EditError("there is no such place")
            return self._listed(path).removed(at)
        start, end = self._block((*path, at))
        return self.text[:start] + self.text[end:]

    def _move(self, path: Path, at: int, to: int) -> str:
        start, end = self._block((*path, at))
        block = _ended(self.text[start:end])
        rest = Document(self.text[:start] + self.text[end:])
        return rest._insert(path, to, block.rstrip("\n") + "\n")

    def _insert(self, path: Path, at: int, block: str) -> str:
        count = self.count(path)
        if at < count:
            start, _end = self._block((*path, at))
            return self._with(start, start, f"{block}\n")
        if count:
            _start, end = self._block((*path, count - 1))
        else:
            around = [one for one in self.places.headers if one.path and one.path == path[:-1]]
            end = self._end(around[0]) if around else len(self.text)
        before, after = _ended(self.text[:end]), self.text[end:]
        gap = "" if before.endswith("\n\n") or not before else "\n"
        return f"{before}{gap}{block}" + (f"\n{after}" if after else "")

    def _block(self, path: Path) -> tuple[int, int]:
        """Where a table of several begins and ends, with the comment right above it and the blank lines below it."""
        own = [number for number, one in enumerate(self.places.headers) if one.path[: len(path)] == path]
        if not own or own != list(range(own[0], own[-1] + 1)):
            raise EditError("this is not one table in one place of the text")
        return self._lead(self.places.headers[own[0]]), self._end(self.places.headers[own[-1]])

    def _lead(self, header: Header) -> int:
        """The start of the comment lines right above a header, or of its own line."""
        start = self.places.line_start(header.start)
        while start:
            above = self.places.line_start(start - 1)
            if not self.text[above:start].lstrip(" \t").startswith("#"):
                return start
            start = above
        return start

    def _end(self, header: Header) -> int:
        """Behind a table's last key and the blank lines that follow it."""
        keys = self.places.within(header.path)
        end = self.places.line_end(keys[-1].end if keys else header.end)
        while end < len(self.text):
            below = self.places.line_end(end)
            if self.text[end:below].strip():
                break
            end = below
        return end

    def _with(self, start: int, end: int, text: str) -> str:
        before = self.text[:start]
        # What is added as a line needs the line before it to be one.
        if text.endswith("\n") and start == len(self.text):
            before = _ended(before)
        return before + text + self.text[end:]


def _dotted(keys: Path) -> str:
    """As a header names a table: which one of several it is in is told by its place."""
    return ".".join(key_text(key) for key in keys if isinstance(key, str))


def _is_top(path: Path) -> bool:
    """Whether it names a kind of tables that is in none of several."""
    return not any(isinstance(key, int) for key in path)


def _under(entry: Place, table: Path) -> bool:
    """Whether a key of a table is written with dots into `table`: `scale.min = 0` into its `scale`."""
    return len(entry.table) < len(table) and entry.path[:-1] == table


def _like(old: str, value: Any) -> str:
    """A value in the manner of the one that it replaces: texts in the same quotation marks, where they can hold it."""
    plain = isinstance(value, str) and old.startswith("'") and "'" not in value and value.isprintable()
    return f"'{value}'" if plain else literal(value)


def _ended(text: str) -> str:
    return text if not text or text.endswith("\n") else f"{text}\n"
