"""CSV as people have it: any usual delimiter and encoding, single bad rows, and cells that must not become formulas.

Source: RFC 4180; for cells that spreadsheets would run as formulas, OWASP "CSV Injection".
"""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Iterator, Sequence

from .table import Cell, RowError, Table, TableError, build

DELIMITERS = (",", ";", "\t")
_FORMULA = "=+\\-@\t\r\n＝＋－＠"
# Left alone: what a spreadsheet does not run, above all numbers (-0.34) and a lone sign that stands for "none".
_HARMLESS = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)?\Z", re.ASCII)
_STARTS_FORMULA = re.compile(rf"'*[{_FORMULA}]")
_PROTECTED = re.compile(rf"'+[{_FORMULA}]")
_QUOTED = re.compile(r'"[^"]*"')
_UTF_8 = ("utf-8", "utf-8-sig")
_RESCANS = 50  # times the whole file; without a limit a file of open quotations would take for ever
_EMPTY = '""'  # a line with nothing on it would be no row


def read_csv(
    data: bytes,
    source: str,
    *,
    header_row: int = 1,
    delimiter: str | None = None,
    encoding: str | None = None,
    names: Sequence[str] | None = None,
) -> Table:
    """The table in `data`. A row with the wrong number of fields, or a broken quotation, is in `malformed`.

    The encoding is UTF-8 (or UTF-16 with a byte-order mark), else CP949, unless named; a mark at the beginning of UTF-8
    is never part of the text. The delimiter is whichever of `,` `;` tab splits the header most. `header_row` is the
    line of the header, from 1; `names` are those of the columns where the file has no header. TableError if not text.
    """
    text, used = decode(data, source, encoding)
    lines = list(io.StringIO(text, newline=""))
    while header_row <= len(lines) and not lines[header_row - 1].strip():
        header_row += 1
    if header_row > len(lines):
        raise TableError(f"{source}: the file is empty; the first line must name the columns")
    split = delimiter or find_delimiter(lines, header_row)
    malformed: list[RowError] = []
    records = _records(lines, header_row - 1, split, source, malformed)
    if names is None:
        _, names = next(records, (header_row, []))
    if malformed:
        raise TableError(f"{source} line {header_row}: {malformed[0].what} in the header ({_QUOTE})")
    rows = _same_width(records, len(names), source, malformed)
    if "'" in text:
        rows = ((line, [unprotect(cell) for cell in record]) for line, record in rows)
    return build(source, [unprotect(name) for name in names], rows, malformed, used)


def write_csv(table: Table, delimiter: str = ",") -> bytes:
    """The table as UTF-8 CSV. Text that a spreadsheet would run as a formula gets an apostrophe in front.

    Numbers are left as they are; `read_csv` takes the apostrophe away again, so every cell comes back unchanged.
    """
    special = re.compile(r'["\r\n,;\t]')  # any delimiter: the reader looks for it in the header

    def field(cell: Cell) -> str:
        text = protect(cell)
        return '"' + text.replace('"', '""') + '"' if special.search(text) else text

    rows = [table.header, *table.rows()]
    return "".join(f"{delimiter.join(map(field, row)) or _EMPTY}\n" for row in rows).encode()


def protect(cell: Cell) -> str:
    """`cell` with an apostrophe in front if a spreadsheet would take it for a formula."""
    if not cell:
        return ""
    return f"'{cell}" if _STARTS_FORMULA.match(cell) and not _HARMLESS.match(cell) else cell


def unprotect(cell: str) -> str:
    return cell[1:] if cell[:1] == "'" and _PROTECTED.match(cell) else cell


def decode(data: bytes, source: str, encoding: str | None = None) -> tuple[str, str]:
    """The text of a file and its encoding, as `read_csv` finds it out. TableError if it is no text."""
    wanted = [encoding] if encoding else ["utf-8", "cp949"]
    if not encoding and data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        wanted = ["utf-16"]
    for name in wanted:
        try:
            exact = codecs.lookup(name).name
            return (data.decode("utf-8-sig"), "utf-8") if exact in _UTF_8 else (data.decode(name), name)
        except UnicodeError as error:
            place = getattr(error, "start", 0)
        except (LookupError, ValueError):
            raise TableError(f"{source}: {name!r} is no encoding; e.g. utf-8 or cp949") from None
    line = data.count(b"\n", 0, place) + 1
    raise TableError(f"{source}: line {line} is not text in {' or '.join(wanted)}; save the file as UTF-8")


def find_delimiter(lines: Sequence[str], header_row: int = 1) -> str:
    """Whichever delimiter splits the header most, quotations aside."""
    header = ""
    for line in lines[header_row - 1 :]:
        header += line
        if header.count('"') % 2 == 0:
            break
    bare = _QUOTED.sub("", header)
    return max(DELIMITERS, key=bare.count)  # the first of equals


def _records(
    lines: Sequence[str], start: int, delimiter: str, source: str, malformed: list[RowError]
) -> Iterator[tuple[int, list[str]]]:
    """Each record with its first line. A quotation that goes wrong spoils its first line alone, not what follows."""
    budget = _RESCANS * len(lines)
    while start < len(lines):
        reader = csv.reader(map(lines.__getitem__, range(start, len(lines))), delimiter=delimiter, strict=True)
        before = 0
        try:
            for record in reader:
                if record:
                    yield start + before + 1, record
                before = reader.line_num
            return
        except csv.Error as error:
            at = start + before + 1
            what = _broken(str(error), at, reader.line_num - before)
            budget -= reader.line_num
            if budget < 0:
                what = f"{what}; the rest of the file was not read"
            malformed.append(RowError(source, at, "", lines[at - 1].strip()[:200], what, _QUOTE))
            start = at if budget >= 0 else len(lines)


_QUOTE = 'a quotation mark inside a quoted field is written twice: ""'


def _broken(error: str, line: int, read: int) -> str:
    if "end of data" in error:
        return "a quotation mark is opened and never closed"
    if "field larger" in error:
        return f"a field is longer than {csv.field_size_limit()} characters"
    return f"the quotation that begins here goes wrong on line {line + read - 1}" if read > 1 else "broken quotation"


def _same_width(
    records: Iterator[tuple[int, list[str]]], width: int, source: str, malformed: list[RowError]
) -> Iterator[tuple[int, list[str]]]:
    for line, record in records:
        if len(record) == width:
            yield line, record
        elif any(record):
            what = f"has {len(record)} fields, the header has {width}"
            hint = "one field too many or too few: nothing says which, so nothing is repaired"
            malformed.append(RowError(source, line, "", record[0].strip(), what, hint))
