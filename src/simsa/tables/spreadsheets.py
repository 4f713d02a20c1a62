"""XLSX: numbers as their shortest decimal text, text cells untouched, never a formula.

The reader (calamine, through fastexcel) shows numbers with nine decimals, no matter how many they have, and cells with
an error as empty. Both are put right here: columns with numbers are read a second time as such, and the sheet's XML
says which cells are text and which hold an error.
"""

from __future__ import annotations

import io
import posixpath
import re
import zipfile
import zlib
from collections.abc import Collection, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from xml.etree import ElementTree

import fastexcel
import xlsxwriter

from .table import Cell, Column, RowError, Table, TableError, build

_MOST_ROWS = 2**20
_MOST_TEXT = 32_767
_EXACT_DIGITS = 15  # a spreadsheet keeps no more
_SHORTEST = re.compile(r"(0|-?(0|[1-9]\d*)(\.\d*[1-9])?)\Z", re.ASCII)
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)\Z", re.ASCII)
_ERROR_CELL = re.compile(rb'<c\b(?=[^>]*\bt="e")[^>]*\br="([A-Z]+)(\d+)"[^>]*>(?:.*?<v>(.*?)</v>)?', re.DOTALL)
_TEXT_CELL = re.compile(rb'<c\b(?=[^>]*\bt="(?:s|str|inlineStr)")[^>]*\br="([A-Z]+\d+)"')
_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"


def sheet_names(path: Path, source: str) -> list[str]:
    """The names of the sheets. TableError if the file is no XLSX."""
    return [str(name) for name in _open(path, source).sheet_names]


def read_xlsx(path: Path, source: str, *, sheet: str | None = None, header_row: int = 1) -> Table:
    """The table on `sheet` (the first if None), its header in row `header_row`, from 1.

    Rows with an error cell (#DIV/0! and the like) are in `malformed`. TableError names the sheets there are.
    """
    book = _open(path, source)
    if sheet is not None and sheet not in book.sheet_names:
        raise TableError(f"{source}: there is no sheet {sheet!r} (the sheets are {', '.join(book.sheet_names)})")
    name = sheet if sheet is not None else book.sheet_names[0]
    content = _xml(path, name)
    try:
        columns = _columns(book, name, content)
    except fastexcel.FastExcelError as error:
        raise TableError(f"{source}: sheet {name!r} cannot be read: {_first_line(error)}") from None
    height = len(columns[0]) if columns else 0
    while header_row <= height and not any(column[header_row - 1] for column in columns):
        header_row += 1
    if header_row > height:
        raise TableError(f"{source}: sheet {name!r} has no row {header_row}; one row must name the columns")
    names = [column[header_row - 1] for column in columns]
    malformed = _error_cells(content, source, names, header_row)
    spoilt = {error.line for error in malformed}
    rows = enumerate(zip(*(column[header_row:] for column in columns), strict=True), header_row + 1)
    return build(source, names, ((line, row) for line, row in rows if line not in spoilt), malformed)


def write_xlsx(table: Table, numbers: Collection[str] | Mapping[str, int] = (), *, sheet: str | None = None) -> bytes:
    """The table on one sheet called `sheet`, as bytes, its header in sight. Text stays text, whatever it begins with.

    A column becomes numbers if it is in `numbers`, or if every cell would be read back unchanged; other cells of a
    column in `numbers` (more than 15 digits, or no number) stay text. `numbers` that give each its decimal places
    show at least so many and are all the numbers there are: a code of digits stays text. TableError for what a sheet
    cannot hold.
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


def _open(path: Path, source: str) -> fastexcel.ExcelReader:
    try:
        return fastexcel.read_excel(path.read_bytes())
    except fastexcel.FastExcelError as error:
        raise TableError(f"{source}: is not a spreadsheet that can be read: {_first_line(error)}") from None


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0]


def _xml(path: Path, name: str) -> bytes:
    try:
        with zipfile.ZipFile(path) as archive:
            part = _part(archive, name)
            return archive.read(part) if part in archive.namelist() else b""
    except (zipfile.BadZipFile, zlib.error):  # another spreadsheet under this ending, which the reader knows too
        return b""


def _columns(book: fastexcel.ExcelReader, name: str, content: bytes) -> list[list[Cell]]:
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
                if cell == _as_shown(value) != number_text(value):
                    doubtful[place, row] = number_text(value)
    texts = set(_TEXT_CELL.findall(content)) if doubtful else set()
    for (place, row), number in doubtful.items():
        if f"{_letters(place)}{row + 1}".encode() not in texts:
            columns[place][row] = number
    return columns


def _as_shown(value: float) -> str:
    """A number as the reader shows it: nine decimals, and of those only what is not zero."""
    text = f"{value:.9f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def _letters(place: int) -> str:
    """A, B, ... Z, AA, ...: the name of a column in a sheet."""
    letters = ""
    place += 1
    while place:
        place, letter = divmod(place - 1, 26)
        letters = chr(65 + letter) + letters
    return letters


def _error_cells(content: bytes, source: str, header: Sequence[Cell], header_row: int) -> list[RowError]:
    if b't="e"' not in content:
        return []
    place = {_letters(n).encode(): name for n, name in enumerate(header)}
    found = []
    for letters, row, value in _ERROR_CELL.findall(content):
        if int(row) > header_row:
            what = f"cell {letters.decode()}{int(row)} holds an error"
            hint = "correct the formula, or write the value"
            field, shown = place.get(letters) or "", value.decode(errors="replace")
            found.append(RowError(source, int(row), field, shown, what, hint))
    return found


def _part(archive: zipfile.ZipFile, name: str) -> str:
    """The file of a sheet inside the archive; empty if the archive does not say."""
    try:
        book = ElementTree.fromstring(archive.read("xl/workbook.xml"))  # noqa: S314  (expat refuses entity bombs)
        links = ElementTree.fromstring(archive.read("xl/_rels/workbook.xml.rels"))  # noqa: S314
    except (KeyError, ElementTree.ParseError):
        return ""
    identifier = next((sheet.get(_RELATION) for sheet in book.iter(f"{_MAIN}sheet") if sheet.get("name") == name), None)
    target = next((link.get("Target") for link in links if link.get("Id") == identifier), None)
    return posixpath.normpath(posixpath.join("/xl", target)).lstrip("/") if target else ""


def _check_size(table: Table) -> None:
    if len(table) >= _MOST_ROWS:
        raise TableError(f"{len(table)} rows do not fit on a sheet ({_MOST_ROWS - 1} do); write CSV or Parquet")
    for name, column in zip(table.header, table.columns, strict=True):
        for row, cell in enumerate(column, 1):
            if cell and len(cell) > _MOST_TEXT:
                raise TableError(f"row {row}, {name}: {len(cell)} characters do not fit in a cell ({_MOST_TEXT} do)")


def _all_shortest(column: Column) -> bool:
    cells = {cell for cell in column if cell}
    return bool(cells) and all(_SHORTEST.match(cell) and _is_exact(cell) for cell in cells)


def _is_exact(cell: str) -> bool:
    digits = cell.lstrip("+-").replace(".", "").lstrip("0")
    return bool(_NUMBER.match(cell)) and len(digits) <= _EXACT_DIGITS


def _format(numbers: Collection[str], least: int) -> str:
    places = max(least, *map(_decimals, numbers))
    return "0." + "0" * places if places else "0"


def _decimals(number: str) -> int:
    return len(number.partition(".")[2])


def _width(name: str, column: Column) -> int:
    longest = max((len(cell) for cell in column[:1000] if cell), default=0)
    return min(max(len(name), longest, 6) + 2, 60)
