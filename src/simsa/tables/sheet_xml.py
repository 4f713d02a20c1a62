"""What the XML of a spreadsheet says of its cells that the reader does not show: errors, formulas and texts.

Source: ECMA-376, part 1, 18.3.1 (worksheets) and 18.2 (workbook). A position that is not written is counted.
"""

from __future__ import annotations

import io
import posixpath
import re
import zipfile
import zlib
from array import array
from dataclasses import dataclass, field
from xml.etree import ElementTree

from .table import TableError

MOST_BYTES = 2**30
"""Of a workbook when it is unpacked: more is no table that people made."""
MOST_CELLS = 2**25
"""Of a sheet from its first cell to its last, the empty ones too: all of them are held at once."""
MOST_ROWS, MOST_COLUMNS = 2**20, 2**14
_POSITION = re.compile(r"([A-Z]{1,3})([1-9]\d{0,6})\Z", re.ASCII)
_ROW = re.compile(r"[1-9]\d{0,6}\Z", re.ASCII)
_TEXTS = {"s", "str", "inlineStr"}
_CHUNK = 1 << 16


@dataclass(frozen=True)
class CellFault:
    """A cell without a value that can be used: its row and column from 0, what it holds, what is wrong and a hint."""

    row: int
    column: int
    value: str
    what: str
    hint: str


@dataclass
class SheetCells:
    """The cells of a sheet: how far they reach, which hold text, and which have no value.

    `rows` and `columns` are counted from the first of the sheet; `texts` holds row * MOST_COLUMNS + column, from 0.
    """

    rows: int = 0
    columns: int = 0
    texts: array[int] = field(default_factory=lambda: array("q"))
    faults: list[CellFault] = field(default_factory=list)


class SheetXmlError(TableError):
    """XML that no spreadsheet program writes."""


def open_archive(data: bytes, source: str, most: int = MOST_BYTES) -> zipfile.ZipFile:
    """The workbook as an archive whose parts are all whole. TableError if it is none, damaged, or unpacked larger than
    `most` bytes, which is known before anything is."""
    # What zipfile lets through of damaged archives: unknown compression, a password, lengths beyond the end.
    broken = (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, ValueError, OSError)
    damaged: str | None = None
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
        size = sum(part.file_size for part in archive.infolist())
        if size <= most:
            damaged = archive.testzip()
    except broken as error:
        raise TableError(f"{source}: is not a spreadsheet that can be read: {error} ({_SAVE})") from None
    if size > most:
        raise TableError(
            f"{source}: is {_size_text(size)} when it is unpacked ({_size_text(most)} are read); write CSV or Parquet"
        )
    if damaged is not None:
        raise TableError(f"{source}: is not a spreadsheet that can be read: {damaged} is damaged ({_SAVE})")
    return archive


def _size_text(size: int) -> str:
    return f"{size / 2**30:.2g} GiB" if size >= 2**30 else f"{-(-size // 2**20)} MiB"


def read_cells(archive: zipfile.ZipFile, sheet: str, source: str) -> SheetCells:
    """What the archive says of the cells of `sheet`. TableError if it says nothing that can be read."""
    try:
        part, pending = _part(archive, sheet)
        follower = _Follower(pending)
        parser = ElementTree.XMLParser(target=follower)  # noqa: S314  (entities are refused with the DTD)
        with archive.open(_member(archive, part)) as content:
            while chunk := content.read(_CHUNK):
                parser.feed(chunk)
        parser.close()
    except (LookupError, ElementTree.ParseError, ValueError) as error:
        what = f"its part {error} is missing" if isinstance(error, KeyError) else error
        raise TableError(f"{source}: sheet {sheet!r} cannot be read: {what} ({_SAVE})") from None
    return follower.cells


_SAVE = "open it in a spreadsheet program and save it as .xlsx"
_ERROR = "correct the formula, or write the value"
_PENDING = "open the file in a spreadsheet program and save it, or write the value"


def _part(archive: zipfile.ZipFile, name: str) -> tuple[str, bool]:
    """The part that holds a sheet, and whether formulas still have to be calculated."""
    book, links = (_tree(archive, part) for part in ("xl/workbook.xml", "xl/_rels/workbook.xml.rels"))
    sheets = (sheet for sheet in book.iter() if _local(sheet.tag) == "sheet" and sheet.get("name") == name)
    found = next(sheets, None)
    identifier = next((value for key, value in found.items() if key.endswith("}id")), None) if found is not None else ""
    target = next((link.get("Target") for link in links if link.get("Id") == identifier), None)
    if not target:
        raise KeyError(name)
    pending = any(_local(node.tag) == "calcPr" and node.get("fullCalcOnLoad") in ("1", "true") for node in book.iter())
    return posixpath.normpath(posixpath.join("/xl", target)).lstrip("/"), pending


def _tree(archive: zipfile.ZipFile, part: str) -> ElementTree.Element:
    parser = ElementTree.XMLParser(target=_Builder())  # noqa: S314  (entities are refused with the DTD)
    parser.feed(archive.read(_member(archive, part)))
    root: ElementTree.Element = parser.close()
    return root


def _member(archive: zipfile.ZipFile, part: str) -> str:
    """The name of a part in the archive, where some programs write capitals or backslashes. KeyError without it."""
    return {name.replace("\\", "/").lower(): name for name in archive.namelist()}[part.lower()]


def _local(tag: str) -> str:
    """A name without its namespace, of which there are two: ECMA's and that of ISO's strict form."""
    return tag.rpartition("}")[2]


def _refuse_dtd(*_: object) -> None:
    """Entities could grow without end, and no spreadsheet program writes a document type."""
    raise SheetXmlError("declares a document type")


class _Builder(ElementTree.TreeBuilder):
    doctype = staticmethod(_refuse_dtd)


class _Follower:
    """Follows the XML of a sheet from cell to cell. Called several times for each, so the usual case comes first."""

    doctype = staticmethod(_refuse_dtd)

    def __init__(self, pending: bool) -> None:
        self.cells = SheetCells()
        self.pending = pending
        self._names: dict[str, str] = {}
        self._places: dict[str, int] = {}
        self._row = self._column = -1
        self._digits = ""  # of the row, as the XML has them
        self._kind: str | None = None
        self._text: dict[str, str] = {}  # of the parts of the cell that is being read
        self._part = ""

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        name = self._names.get(tag) or self._names.setdefault(tag, _local(tag))
        if name == "c":
            self._start_cell(attributes)
        elif name == "row":
            self._start_row(attributes)
        elif self._kind is not None and name in ("f", "v"):
            self._part = name
            self._text[name] = ""

    def data(self, text: str) -> None:
        if self._part:
            self._text[self._part] += text

    def end(self, tag: str) -> None:
        name = self._names[tag]
        if name == self._part:
            self._part = ""
        elif name == "c":
            self._end_cell()

    def close(self) -> None:
        """Nothing is left to do."""

    def _start_row(self, attributes: dict[str, str]) -> None:
        written = attributes.get("r")
        if written is not None and not _ROW.match(written):
            raise SheetXmlError(f"row {written!r} is none")
        self._row = self._row + 1 if written is None else int(written) - 1
        self._digits = str(self._row + 1)
        self._column = -1

    def _start_cell(self, attributes: dict[str, str]) -> None:
        written = attributes.get("r")
        self._column = self._column + 1 if written is None else self._place(written)
        cells = self.cells
        if self._row >= cells.rows:
            cells.rows = self._row + 1
        if self._column >= cells.columns:
            cells.columns = self._column + 1
        if cells.rows > MOST_ROWS or cells.columns > MOST_COLUMNS or self._row < 0:
            raise SheetXmlError(f"row {self._row + 1}, column {self._column + 1} is no place on a sheet")
        self._kind = attributes.get("t", "n")
        self._text.clear()
        if self._kind in _TEXTS:
            cells.texts.append(self._row * MOST_COLUMNS + self._column)

    def _place(self, written: str) -> int:
        """The column of a cell from its position, which also says its row."""
        known = self._places.get(written.removesuffix(self._digits))
        if known is not None:
            return known
        position = _POSITION.match(written)
        if position is None:
            raise SheetXmlError(f"cell {written!r} is none")
        self._row, self._digits = int(position[2]) - 1, position[2]
        return self._places.setdefault(position[1], column_number(position[1]))

    def _end_cell(self) -> None:
        kind, self._kind = self._kind, None
        value, formula = self._text.get("v"), self._text.get("f")
        if kind == "e":
            self._fault(value or "", "holds an error", _ERROR)
        elif formula is not None and kind not in ("s", "inlineStr") and self._is_open(value, kind):
            self._fault(f"={formula}" if formula else "", "holds a formula that was never calculated", _PENDING)

    def _is_open(self, value: str | None, kind: str | None) -> bool:
        """Whether a formula has no result. A text may be empty; 0 stands for no result where all is still to do."""
        return value is None or (kind != "str" and not value.strip()) or (self.pending and value == "0")

    def _fault(self, value: str, what: str, hint: str) -> None:
        where = f"cell {column_letters(self._column)}{self._row + 1} {what}"
        self.cells.faults.append(CellFault(self._row, self._column, value, where, hint))


def column_letters(place: int) -> str:
    """A, B, ... Z, AA, ...: the name of a column in a sheet, counted from 0."""
    letters = ""
    place += 1
    while place:
        place, letter = divmod(place - 1, 26)
        letters = chr(65 + letter) + letters
    return letters


def column_number(letters: str) -> int:
    """The place of the column with this name, from 0."""
    place = 0
    for letter in letters:
        place = place * 26 + ord(letter) - 64
    return place - 1
