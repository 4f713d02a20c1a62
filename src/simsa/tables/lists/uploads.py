"""A list that somebody sends, read within limits: what the file is, its content says and not its name."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice

from simsa.tables.csv_text import read_csv
from simsa.tables.lists.columns import Target, recognise
from simsa.tables.spreadsheets import read_xlsx
from simsa.tables.table import Table, TableError, has_control

_ZIP = b"PK\x03\x04"
_BINARY = (b"\xd0\xcf\x11\xe0", b"%PDF", b"\x89PNG", b"\xff\xd8\xff")
_SEARCHED = 10
"""So many rows at the top of a file are looked through for the one that names the columns."""


@dataclass(frozen=True)
class Limits:
    """The most that is read of a list: bytes of the file, and of a workbook unpacked; rows, columns, cells."""

    file: int = 5 * 2**20
    unpacked: int = 64 * 2**20
    rows: int = 20_000
    columns: int = 200
    cells: int = 2_000_000


LIMITS = Limits()


def read_upload(
    data: bytes,
    source: str,
    targets: Sequence[Target],
    *,
    sheet: str | None = None,
    header_row: int | None = None,
    limits: Limits = LIMITS,
) -> Table:
    """The table in a file of CSV (any usual encoding and delimiter) or XLSX.

    Without `header_row` the columns are named by the first row, or by one soon after it that names more of `targets`:
    above it stand titles. TableError if it is neither, is beyond the limits, or has no row.
    """
    if len(data) > limits.file:
        raise TableError(f"{source}: is larger than {limits.file // 2**20} MiB")
    table = _read(data, source, sheet, header_row or 1, limits)
    if header_row is None:
        table = _below_titles(table, targets, lambda line: _read(data, source, sheet, line, limits))
    if len(table) > limits.rows or len(table.header) > limits.columns:
        raise TableError(f"{source}: has more than {limits.rows} rows or {limits.columns} columns")
    if any(map(has_control, table.header)):
        raise TableError(f"{source}: the name of a column has a control character")
    if not len(table) and not table.malformed:
        raise TableError(f"{source}: has no row below the names of the columns")
    return table


def _read(data: bytes, source: str, sheet: str | None, header_row: int, limits: Limits) -> Table:
    if data.startswith(_ZIP):
        return read_xlsx(
            data,
            source,
            sheet=sheet,
            header_row=header_row,
            most_bytes=limits.unpacked,
            most_cells=limits.cells,
        )
    if data.startswith(_BINARY):
        raise TableError(f"{source}: is neither CSV nor XLSX; save it as one of them")
    return read_csv(data, source, header_row=header_row)


def _below_titles(table: Table, targets: Sequence[Target], again: Callable[[int], Table]) -> Table:
    """The table with its header where most columns are recognised: in the first row, or further down."""
    best, line = _recognised(table.header, targets), 0
    for row, at in islice(zip(table.rows(), table.lines, strict=True), _SEARCHED):
        count = _recognised([cell for cell in dict.fromkeys(row) if cell], targets)
        if count > best:
            best, line = count, at
    if line:
        return again(line)
    # A title of fewer fields than the rows below it has made all of them faulty.
    for error in table.malformed[:_SEARCHED] if not len(table) else ():
        with suppress(TableError):
            found = again(error.line)
            if _recognised(found.header, targets) > best:
                return found
    return table


def _recognised(names: Sequence[str], targets: Sequence[Target]) -> int:
    return sum(bool(key) for key in recognise(names, targets).values())
