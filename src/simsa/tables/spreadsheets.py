"""XLSX: numbers as their shortest decimal text, text cells untouched, never a formula.

The reader (calamine, through fastexcel) shows numbers with nine decimals, no matter how many they have, and cells with
an error, or a formula that was never calculated, as empty. Both are put right here: columns with numbers are read a
second time as such, and the sheet's XML says which cells are text and which have no value.
"""

from __future__ import annotations

import io
import re
import sys
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from decimal import Decimal

import fastexcel
import xlsxwriter

from .sheet_xml import MOST_BYTES, MOST_CELLS, MOST_COLUMNS, MOST_ROWS, SheetCells, open_archive, read_cells
from .table import Cell, Column, RowError, Table, TableError, build

_MOST_TEXT = 32_767
_EXACT_DIGITS = 15  # a spreadsheet keeps no more
_SHORTEST = re.compile(r"(0|-?[1-9]\d*|-?(0|[1-9]\d*)\.\d*[1-9])\Z", re.ASCII)
_DECIMAL = re.compile(r"-?(0|[1-9]\d*)(\.\d+)?\Z", re.ASCII)
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)\Z", re.ASCII)


def sheet_names(data: bytes, source: str) -> list[str]:
    """The names of the sheets. TableError if the file is no XLSX, or has none."""
    open_archive(data, source)
    return list(_open(data, source).sheet_names)


def read_xlsx(
    data: bytes,
    source: str,
    *,
    sheet: str | None = None,
    header_row: int = 1,
    most_bytes: int = MOST_BYTES,
    most_cells: int = MOST_CELLS,
) -> Table:
    """The table on `sheet` (the first if None), its header in row `header_row`, from 1.

    Rows with an error cell (#DIV/0! and the like), or a formula that no program has calculated yet, are in `malformed`.
    TableError names the sheets there are, or says what is wrong with the file.
    """
    archive = open_archive(data, source, most_bytes)
    book = _open(data, source)
    if sheet is not None and sheet not in book.sheet_names:
        raise TableError(f"{source}: there is no sheet {sheet!r} (the sheets are {', '.join(book.sheet_names)})")
    name = sheet if sheet is not None else book.sheet_names[0]
    cells = read_cells(archive, name, source)
    if cells.rows * cells.columns > most_cells:
        reach = f"its cells reach to row {cells.rows} and column {cells.columns}"
        raise TableError(f"{source}: sheet {name!r} is too large: {reach}; delete what is far out, or write CSV")
    with _unreadable(f"{source}: sheet {name!r} cannot be read"):
        columns = _columns(book, name, cells)
    height = len(columns[0]) if columns else 0
    while header_row <= height and not any(column[header_row - 1] for column in columns):
        header_row += 1
    if header_row > height:
        raise TableError(f"{source}: sheet {name!r} has no row {header_row}; one row must name the columns")
    names = [column[header_row - 1] for column in columns]
    malformed = _malformed(cells, source, names, header_row)
    spoilt = {error.line for error in malformed}
    rows = enumerate(zip(*(column[header_row:] for column in columns), strict=True), header_row + 1)
    return build(source, names, ((line, row) for line, row in rows if line not in spoilt), malformed)


def write_xlsx(table: Table, numbers: Collection[str] | Mapping[str, int] = (), *, sheet: str | None = None) -> bytes:
    """The table on one sheet called `sheet`, as bytes, its header in sight. Text stays text, whatever it begins with.

    A column becomes numbers if it is in `numbers`, or if every cell would be read back unchanged; other cells of a
    column in `numbers` (more than 15 digits, a code such as 007, or no number) stay text. `numbers` that give each its
    decimal places show at least so many and are all the numbers there are: a code of digits stays text. TableError for
    what a sheet cannot hold.
    """
    declared = numbers if isinstance(numbers, Mapping) else None
    _check_size(table)
    target = io.BytesIO()
    book = xlsxwriter.Workbook(target, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    page = book.add_worksheet(sheet)
    bold = book.add_format({"bold": True})
    for place, (name, column) in enumerate(zip(table.header, table.columns, strict=True)):
        page.write_string(0, place, name, bold)
        asked = name in numbers
        guessed = declared is None and _all_shortest(column)
        as_number = {c for c in column if c and _is_exact(c)} if asked or guessed else set()
        least = declared[name] if declared and asked else 0
        style = book.add_format({"num_format": _format(as_number, least)}) if asked and as_number else None
        for row, cell in enumerate(column, 1):
            if cell in as_number:
                page.write_number(row, place, float(cell or ""), style)
            elif cell:
                page.write_string(row, place, cell)
        page.set_column(place, place, _width(name, column))
    page.ignore_errors({"number_stored_as_text": "A1:XFD1048576"})  # a code of digits is meant as it is
    page.freeze_panes(1, 0)
    book.close()
    return target.getvalue()


def number_text(value: float) -> str:
    """The shortest decimal text that is this binary number: 36.9, -0.34, 1000000; no exponent."""
    text = format(Decimal(repr(value)), "f")
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text in {"-0", ""} else text


def _open(data: bytes, source: str) -> fastexcel.ExcelReader:
    with _unreadable(f"{source}: is not a spreadsheet that can be read"):
        book = fastexcel.read_excel(data)
    if not book.sheet_names:
        raise TableError(f"{source}: has no sheet")
    return book


@contextmanager
def _unreadable(what: str) -> Iterator[None]:
    """TableError for whatever the reader stumbles over, its panics too, which are no Exception."""
    try:
        yield
    except fastexcel.FastExcelError as error:
        raise TableError(f"{what}: {_first_line(error)}") from None
    except BaseException as error:
        if type(error).__name__ != "PanicException":
            raise
        raise TableError(f"{what}: {_first_line(error)}") from None


def _first_line(error: BaseException) -> str:
    return next(iter(str(error).splitlines()), type(error).__name__)


def _columns(book: fastexcel.ExcelReader, name: str, known: SheetCells) -> list[list[Cell]]:
    sheet = book.load_sheet(name, header_row=None, skip_rows=0, dtypes="string")
    shown = sheet.to_polars()
    columns: list[list[Cell]] = [
        [] for _ in range(max((c.absolute_index + 1 for c in sheet.selected_columns), default=0))
    ]
    for info, column in zip(sheet.selected_columns, shown.columns, strict=True):
        columns[info.absolute_index] = shown[column].to_list()
    columns = [cells or [None] * shown.height for cells in columns]
    numeric = [n for n, cells in enumerate(columns) if any(cell and _NUMBER.match(cell) for cell in set(cells))]
    doubtful: dict[tuple[int, int], str] = {}
    if numeric:
        exact = book.load_sheet(name, header_row=None, skip_rows=0, use_columns=numeric, dtypes="float").to_polars()
        for place, column in zip(numeric, exact.columns, strict=True):
            for row, (cell, value) in enumerate(zip(columns[place], exact[column].to_list(), strict=True)):
                if value is None or cell is None or not _NUMBER.match(cell):
                    continue
                if len(cell) <= _EXACT_DIGITS and float(cell) == value:
                    continue
                if cell in _as_shown(value) and cell != number_text(value):
                    doubtful[place, row] = number_text(value)
    texts = set(known.texts) if doubtful else set()
    for (place, row), number in doubtful.items():
        if row * MOST_COLUMNS + place not in texts:
            columns[place][row] = number
    return columns


def _as_shown(value: float) -> set[str]:
    """A number as readers show it: nine decimals, and of those only what is not zero; some keep the sign of nothing."""
    text = f"{value:.9f}".rstrip("0").rstrip(".")
    return {text, "0"} if text == "-0" else {text}


def _malformed(cells: SheetCells, source: str, header: Sequence[Cell], header_row: int) -> list[RowError]:
    """The cells below the header that have no value that can be used."""
    return [
        RowError(
            source,
            fault.row + 1,
            (header[fault.column] if fault.column < len(header) else None) or "",
            fault.value,
            fault.what,
            fault.hint,
        )
        for fault in cells.faults
        if fault.row >= header_row
    ]


def _check_size(table: Table) -> None:
    if len(table) >= MOST_ROWS:
        raise TableError(f"{len(table)} rows do not fit on a sheet ({MOST_ROWS - 1} do); write CSV or Parquet")
    if len(table.header) > MOST_COLUMNS:
        raise TableError(f"{len(table.header)} columns do not fit on a sheet ({MOST_COLUMNS} do); write CSV or Parquet")
    for name, column in zip(table.header, table.columns, strict=True):
        for row, cell in enumerate(column, 1):
            if cell and len(cell) > _MOST_TEXT:
                raise TableError(f"row {row}, {name}: {len(cell)} characters do not fit in a cell ({_MOST_TEXT} do)")


def _all_shortest(column: Column) -> bool:
    cells = {cell for cell in column if cell}
    return bool(cells) and all(_SHORTEST.match(cell) and _is_exact(cell) for cell in cells)


def _is_exact(cell: str) -> bool:
    """Whether a number cell gives the same decimal back: few digits, none that mean a code (007), and not too small."""
    digits = cell.lstrip("-").replace(".", "").lstrip("0")
    if not _DECIMAL.match(cell) or len(digits) > _EXACT_DIGITS:
        return False
    return abs(float(cell)) >= sys.float_info.min if digits else not cell.startswith("-")


def _format(numbers: Collection[str], least: int) -> str:
    places = max(least, *map(_decimals, numbers))
    return "0." + "0" * places if places else "0"


def _decimals(number: str) -> int:
    return len(number.partition(".")[2])


def _width(name: str, column: Column) -> int:
    longest = max((len(cell) for cell in column[:1000] if cell), default=0)
    return min(max(len(name), longest, 6) + 2, 60)
