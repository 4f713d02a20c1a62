"""Tables of millions of rows as columns that are worked on as a whole.

`read_table` hands over Python text, cell by cell, which is right for what people typed. A table of pairs can have
millions of rows; here the same files become Polars columns. A CSV without quotation marks is split by Polars after its
fields were counted; any other goes through the reader that names every fault, so both say the same of the same file.
"""

from __future__ import annotations

import csv
import re
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from .csv_text import decode, find_delimiter, read_csv
from .files import ENDINGS, read_table
from .parquet import column_texts, parquet_frame
from .table import (
    UNSEEN,
    RowError,
    RowsError,
    Table,
    TableError,
    check_header,
    known_some,
    no_such_column,
    tidy,
    tidy_name,
)

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
NamesOf = Callable[[Sequence[str]], Sequence[str] | None]
"""The names of the columns, if the first row of a file is no header but a row already."""

_TEXT = (".csv", ".tsv", ".txt", ".in")
_PROTECTED = r"^'('*[=+\-@\t\r\n＝＋－＠])"  # as `csv_text.unprotect`
_FILLED_LINE = re.compile(r"[^\r\n]*\S[^\r\n]*")
_MOST_ERRORS = 1000  # of a file whose every row is wrong, only so many are put into words


@dataclass(frozen=True)
class Frame:
    """Columns of a file; `lines` is the line of each row, as in `Table`. A cell of text that is empty is null."""

    source: str
    header: tuple[str, ...]
    columns: pl.DataFrame
    lines: Ints

    def __len__(self) -> int:
        return len(self.lines)

    @classmethod
    def of(cls, table: Table) -> Frame:
        """The frame of a table. RowsError if any of its rows could not be read."""
        if table.malformed:
            raise RowsError(table.malformed)
        series = [pl.Series(n, cells, dtype=pl.String) for n, cells in zip(table.header, table.columns, strict=True)]
        return cls(table.source, table.header, pl.DataFrame(series), np.array(table.lines, np.int64))

    def column(self, name: str) -> pl.Series:
        """A column. TableError says which there are, and the nearest."""
        if tidy_name(name) not in self.header:
            raise TableError(f"{self.source}: {no_such_column(name, self.header)}")
        return self.columns[tidy_name(name)]

    def text(self, name: str) -> pl.Series:
        """A column as text."""
        column = self.column(name)
        if column.dtype == pl.String:
            return column
        return pl.Series(name, column_texts(column, self.source), dtype=pl.String)

    def ids(self, name: str) -> tuple[str, ...]:
        """The tidy texts of a column, each once, in the order in which they first appear."""
        distinct = self.text(name).unique(maintain_order=True).to_list()
        return tuple(dict.fromkeys(tidied for cell in distinct if (tidied := tidy(cell or ""))))

    def positions(self, name: str, index: Mapping[str, int]) -> Ints:
        """Where each cell stands in `index`; -1 where it does not."""
        column = self.text(name)
        distinct = column.unique()
        places = [-1 if cell is None else index.get(tidy(cell), -1) for cell in distinct.to_list()]
        if not places:
            return np.zeros(0, np.int64)
        return column.replace_strict(distinct, pl.Series(places, dtype=pl.Int64)).to_numpy().astype(np.int64)

    def numbers(self, name: str) -> tuple[Floats, Bools]:
        """A column as numbers, NaN where it is none, and where it is empty."""
        column = self.column(name)
        empty = column.is_null()
        if column.dtype == pl.String:
            column = column.str.strip_chars()
            empty = empty | (column == "").fill_null(value=True)
        elif not column.dtype.is_numeric():
            column = self.text(name)
        values = column.cast(pl.Float64, strict=False).fill_null(float("nan"))
        return values.to_numpy().astype(np.float64), empty.to_numpy().astype(np.bool_)

    def cell(self, row: int, name: str) -> str:
        """One cell as text, for a message."""
        value = self.column(name)[row]
        return "" if value is None else str(value)


class FrameChecks:
    """The faults found in a frame, told at once."""

    def __init__(self, frame: Frame) -> None:
        self.frame = frame
        self.errors: list[RowError] = []
        self.count = 0

    def wrong(self, rows: Bools, field: str, what: str | Callable[[int], str], hint: str = "") -> None:
        """Note a fault of `field` in every row where `rows` is true."""
        places = np.flatnonzero(rows)
        self.count += len(places)
        for row in places[:_MOST_ERRORS].tolist():
            said = what if isinstance(what, str) else what(row)
            line, value = int(self.frame.lines[row]), self.frame.cell(row, field)
            self.errors.append(RowError(self.frame.source, line, field, value, said, hint))

    def ids(self, field: str, index: Mapping[str, int] | None = None) -> Ints:
        """Positions of the ids in `index` (by default all that the column has); unknown and empty ones are noted."""
        known = {key: n for n, key in enumerate(self.frame.ids(field))} if index is None else index
        places = self.frame.positions(field, known)
        text = self.frame.text(field).str.strip_chars()
        empty = text.is_null().to_numpy() | (text == "").fill_null(value=True).to_numpy()
        self.wrong(empty, field, "is empty", "every row names one")
        self.wrong((places < 0) & ~empty, field, "is not known here", f"known: {known_some(known)}")
        if index is None:
            unseen = text.str.contains("[\\x00-\\x1f\\x7f-\\x9f\u2028\u2029]").fill_null(value=False).to_numpy()
            self.wrong(unseen, field, *UNSEEN)
        return places

    def finite(self, field: str, *, may_be_empty: bool = False) -> Floats:
        """Numbers of a column; what is no finite number is noted."""
        values, empty = self.frame.numbers(field)
        faulty = ~np.isfinite(values) & ~(empty if may_be_empty else np.zeros_like(empty))
        self.wrong(faulty, field, "is not a number", "a decimal such as 0.75")
        return values

    def distinct(self, entry: Ints, reviewer: Ints, fields: tuple[str, str]) -> None:
        """Note every pair that stands there a second time; pairs with an unknown id are none."""
        keys = entry * (int(reviewer.max(initial=0)) + 1) + reviewer
        seen = np.ones(len(keys), np.bool_)
        valid = np.flatnonzero((entry >= 0) & (reviewer >= 0))
        seen[valid] = pl.Series(keys[valid]).is_first_distinct().to_numpy()

        def twice(row: int) -> str:
            return f"stands twice beside {fields[0]} {self.frame.cell(row, fields[0]).strip()!r}"

        self.wrong(~seen, fields[1], twice, "one row for each pair")

    def done(self) -> None:
        if self.errors:
            raise RowsError(sorted(self.errors, key=lambda error: error.line), self.count)


def read_frame(path: str | Path, names_of: NamesOf = lambda _row: None) -> Frame:
    """The table in a file, as `read_table` finds it; `names_of` tells a first row from a header in text files.

    RowsError if a row cannot be read, TableError as `read_table`.
    """
    name = source_name(path)
    ending = ".csv" if str(path) == "-" else Path(path).suffix.lower()
    if ending in _TEXT:
        return csv_frame(read_bytes(path), name, names_of, "\t" if ending == ".tsv" else None)
    if ending != ".parquet":
        return Frame.of(read_table(path))
    try:
        columns = parquet_frame(Path(path), name)
    except FileNotFoundError:
        raise TableError(f"{name}: there is no such file ({path})") from None
    except OSError as error:
        raise TableError(f"{name}: cannot be read: {error.strerror or error}") from None
    header = check_header(columns.columns, name)
    columns.columns = list(header)
    return Frame(name, header, columns, np.arange(1, columns.height + 1))


def source_name(path: str | Path) -> str:
    """What a file is called in messages."""
    return "standard input" if str(path) == "-" else Path(path).name


def read_bytes(path: str | Path) -> bytes:
    """What is in a file, or on standard input for `-`. TableError if it cannot be read."""
    if str(path) == "-":
        return sys.stdin.buffer.read()
    try:
        return Path(path).read_bytes()
    except FileNotFoundError:
        raise TableError(f"{Path(path).name}: there is no such file ({path})") from None
    except OSError as error:
        raise TableError(f"{Path(path).name}: cannot be read: {error.strerror or error}") from None


def csv_frame(data: bytes, source: str, names_of: NamesOf, delimiter: str | None = None) -> Frame:
    """The frame of a CSV file. Errors as `read_frame`."""
    text, encoding = decode(data, source)
    if encoding != "utf-8" or data.startswith(b"\xef\xbb\xbf"):
        data = text.encode()
    found = _FILLED_LINE.search(text)
    first = found[0] if found else ""
    split = delimiter or find_delimiter([first])
    names = names_of(_fields(first, split))
    plain = _plain_rows(data.replace(b"\r\n", b"\n"), split)
    if plain is None:
        return Frame.of(read_csv(data, source, delimiter=split, encoding="utf-8", names=names))
    header = check_header(_fields(first, split) if names is None else names, source)
    if len(header) != plain.width:
        return Frame.of(read_csv(data, source, delimiter=split, encoding="utf-8", names=names))
    skipped = 1 if names is None else 0
    columns = plain.slice(skipped).rename(dict(zip(plain.columns, header, strict=True)))
    if b"'" in data:
        columns = columns.with_columns(pl.all().str.replace(_PROTECTED, "$1"))
    kept = ~columns.select(pl.all_horizontal(pl.all().is_null())).to_series()
    lines = np.arange(1 + skipped, 1 + skipped + columns.height)[kept.to_numpy().astype(np.bool_)]
    return Frame(source, header, columns.filter(kept), lines)


def _fields(line: str, delimiter: str) -> list[str]:
    try:
        return next(csv.reader([line.rstrip("\r\n")], delimiter=delimiter, strict=True), [])
    except csv.Error:
        return []


def _plain_rows(data: bytes, delimiter: str) -> pl.DataFrame | None:
    """The fields of a CSV that needs no rules: no field needs its quotation marks, every line has as many fields.

    None where the careful reader is needed: for blank lines too, and whatever else is not so plain.
    """
    data = data.rstrip(b"\n")
    if not data or b"\r" in data or b"\n\n" in data or data.startswith(b"\n") or b"\0" in data:
        return None
    if b'"' in data:
        if not _needlessly_quoted(data, delimiter):
            return None
        data = data.replace(b'"', b"")
    signs = np.frombuffer(data, np.uint8)
    ends = np.append(np.flatnonzero(signs == ord("\n")), len(data))
    splits = np.searchsorted(np.flatnonzero(signs == ord(delimiter)), ends)
    if splits[0] == 0 or not (np.diff(splits, prepend=0) == splits[0]).all():
        return None
    return pl.read_csv(data, has_header=False, infer_schema=False, quote_char=None, separator=delimiter)


def _needlessly_quoted(data: bytes, delimiter: str) -> bool:
    """Whether quotation marks only stand around whole fields, none of which holds a delimiter, a line end or a mark."""
    signs = np.frombuffer(data, np.uint8)
    ends = np.append(np.flatnonzero((signs == ord(delimiter)) | (signs == ord("\n"))), len(data))
    starts = np.append(0, ends[:-1] + 1)
    filled = ends > starts
    opened = signs[starts[filled]] == ord('"')
    closed = (signs[ends[filled] - 1] == ord('"')) & (ends[filled] - starts[filled] > 1)
    return bool((opened == closed).all()) and 2 * int(opened.sum()) == data.count(b'"')


def whole_numbers(checks: FrameChecks, field: str, most: int = 2**31 - 1) -> Ints:
    """Whole numbers from 0 of a column, -1 where it is empty; what is none is noted."""
    values, empty = checks.frame.numbers(field)
    with np.errstate(invalid="ignore"):
        faulty = ~empty & ~((values >= 0) & (values <= most) & (values == np.floor(values)))
    checks.wrong(faulty, field, "is not a whole number from 0", "for example 6; empty: as for everybody")
    return np.where(empty | faulty, -1, values).astype(np.int64)


def is_table(path: str | Path) -> bool:
    """Whether a file's ending is that of a table."""
    return str(path) == "-" or Path(path).suffix.lower() in (*ENDINGS, *_TEXT)


def first_of(header: Iterable[str], wanted: Sequence[str]) -> str | None:
    """The column that has the first of the wanted names that is there, whatever its capitals and blanks."""
    known = {_plain_name(name): name for name in header}
    return next((known[name] for name in wanted if name in known), None)


def _plain_name(name: str) -> str:
    return name.casefold().replace(" ", "_").replace("-", "_")
