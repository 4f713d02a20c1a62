"""A table of text cells exactly as a file has them, and what is wrong with single rows of it.

No cell is ever turned into a binary floating-point number and back: a mark is text until `simsa.rules.parse_decimal`
reads it exactly.
"""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import compress, islice

_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")

UNSEEN = ("has a control character", "letters, digits and signs that can be seen")
"""What is wrong with a name that `has_control`, and what to do."""

SHOWN = 20
"""So many faulty rows are shown."""

Cell = str | None
Column = tuple[Cell, ...]


class TableError(ValueError):
    """A file that cannot be read or written as a table; the message names the file and says what to do."""


@dataclass(frozen=True)
class RowError:
    """One row, or one cell of it, that cannot be used: where it is, what is wrong, and what to do.

    `line` is the line of a text file, the row number of a spreadsheet (the header counts), or the number of the row
    in a file without lines. `field` and `value` are empty where the whole row is meant.
    """

    file: str
    line: int
    field: str
    value: str
    what: str
    hint: str = ""

    def __str__(self) -> str:
        cell = f", {self.field}" if self.field else ""
        value = f" {self.value!r}" if self.value else ""
        return f"{self.file} line {self.line}{cell}{value}: {self.what}" + (f" ({self.hint})" if self.hint else "")


class RowsError(TableError):
    """Rows of a table that cannot be used; `errors` names every one, or the first of `count`."""

    def __init__(self, errors: Sequence[RowError], count: int | None = None) -> None:
        self.errors = tuple(errors)
        total = len(self.errors) if count is None else count
        shown = "\n".join(f"  {error}" for error in self.errors[:SHOWN])
        more = f"\n  ... and {total - SHOWN} more" if total > SHOWN else ""
        rows = "1 row" if total == 1 else f"{total} rows"
        super().__init__(f"{rows} cannot be used:\n{shown}{more}")


@dataclass(frozen=True)
class Table:
    """Columns of text cells (None where a cell is empty), in the order of the file.

    `source` is the file's name as people know it, `lines` the line of each row, `malformed` the rows that were left
    out because they could not be read, `encoding` that of a text file.
    """

    source: str
    header: tuple[str, ...]
    columns: tuple[Column, ...]
    lines: tuple[int, ...]
    malformed: tuple[RowError, ...] = ()
    encoding: str | None = None

    def __len__(self) -> int:
        return len(self.lines)

    @classmethod
    def of(cls, header: Sequence[str], rows: Iterable[Sequence[Cell]], source: str = "table") -> Table:
        """A table from rows. TableError if a row has not as many cells as the header, or a name appears twice."""
        kept = [tuple(cell or None for cell in row) for row in rows]
        wrong = next((n for n, row in enumerate(kept, 1) if len(row) != len(header)), None)
        if wrong is not None:
            raise TableError(f"{source}: row {wrong} has {len(kept[wrong - 1])} cells, the header {len(header)}")
        columns = tuple(zip(*kept, strict=True)) if kept else tuple(() for _ in header)
        return cls(source, check_header(header, source), columns, tuple(range(1, len(kept) + 1)))

    @cached_property
    def by_name(self) -> Mapping[str, Column]:
        return dict(zip(self.header, self.columns, strict=True))

    def column(self, name: str) -> Column:
        """The cells of a column. TableError says which columns there are, and the nearest."""
        if not self.header and not self.lines:
            return ()  # an empty JSON list has no names to go by
        found = self.by_name.get(tidy_name(name))
        if found is None:
            raise TableError(f"{self.source}: {no_such_column(name, self.header)}")
        return found

    def rows(self) -> Iterator[tuple[Cell, ...]]:
        return zip(*self.columns, strict=True)

    def objects(self) -> list[dict[str, Cell]]:
        """Each row as its cells by column, as JSON has it."""
        return [dict(zip(self.header, row, strict=True)) for row in self.rows()]


def tidy(cell: str) -> str:
    """A cell as it is compared: without white space around it, in Unicode NFC."""
    stripped = cell.strip()
    return stripped if stripped.isascii() else unicodedata.normalize("NFC", stripped)


def has_control(text: str) -> bool:
    """Whether a text holds a control character (a line break, NUL): nobody sees it, and no name has one."""
    return _CONTROL.search(text) is not None


def tidy_name(name: str) -> str:
    """The name of a column as it is compared: `tidy`, and white space inside it (also a line break) is one blank."""
    return " ".join(tidy(name).split())


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The known name that is spelled most like `name`, if any is; letters of Hangul count, not syllables."""
    spelled = {unicodedata.normalize("NFD", one): one for one in known}
    found = difflib.get_close_matches(unicodedata.normalize("NFD", name), spelled, 1)
    return spelled[found[0]] if found else None


def known_some(names: Mapping[str, object]) -> str:
    """The first few of the names that are known, for a hint."""
    listed = list(islice(names, 8))
    return ", ".join(listed) + (", ..." if len(names) > len(listed) else "")


def no_such_column(name: str, header: Sequence[str]) -> str:
    near = nearest(tidy_name(name), header)
    hint = f"did you mean {near!r}? " if near else ""
    return f"there is no column {name!r} ({hint}the columns are {', '.join(header) or 'none'})"


def check_header(names: Sequence[Cell], source: str) -> tuple[str, ...]:
    """Tidy, unique names of columns; a blank one becomes `column N`. TableError if two are the same."""
    header = tuple(tidy_name(name or "") or f"column {n}" for n, name in enumerate(names, 1))
    twice = next((name for name, count in Counter(header).items() if count > 1), None)
    if twice is not None:
        places = ", ".join(str(n) for n, name in enumerate(header, 1) if name == twice)
        raise TableError(f"{source}: columns {places} are all called {twice!r}; give each a name of its own")
    return header


def build(
    source: str,
    names: Sequence[Cell],
    rows: Iterable[tuple[int, Sequence[Cell]]],
    malformed: Iterable[RowError] = (),
    encoding: str | None = None,
) -> Table:
    """A table from numbered rows as wide as the header. Empty rows and empty columns without a name are left out."""
    kept = [(line, row) for line, row in rows if any(row)]
    cells: Iterable[Sequence[Cell]] = zip(*(row for _, row in kept), strict=True) if kept else [()] * len(names)
    columns = [tuple([cell or None for cell in column]) for column in cells]
    named = [(name or "").strip() != "" or any(column) for name, column in zip(names, columns, strict=True)]
    header = tuple(compress(check_header(names, source), named))
    lines = tuple(line for line, _ in kept)
    ordered = tuple(sorted(malformed, key=lambda error: error.line))
    return Table(source, header, tuple(compress(columns, named)), lines, ordered, encoding)
