"""Tables in files: CSV, Parquet, XLSX and JSON, told apart by the file's ending; `-` is standard input or output.

An empty cell is None in every format, and a row without any cell is no row. Numbers of Parquet and XLSX become their
shortest decimal text (36.9, not 36.90), those of JSON and CSV stay as they are written.
"""

from __future__ import annotations

import json
import os
import re
import secrets
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any

from .csv_text import read_csv, write_csv
from .parquet import read_parquet, write_parquet
from .spreadsheets import read_xlsx, sheet_names, write_xlsx
from .table import Cell, RowError, Table, TableError, build, check_header

__all__ = [
    "ENDINGS",
    "RowError",
    "Table",
    "TableError",
    "check_ending",
    "read_table",
    "replace_file",
    "sheets_of",
    "write_bytes",
    "write_stdout",
    "write_table",
]

ENDINGS = (".csv", ".tsv", ".txt", ".parquet", ".xlsx", ".json", ".jsonl", ".ndjson")
_JSON_LINES = (".jsonl", ".ndjson")
_SURROGATE = re.compile("[\ud800-\udfff]")


def read_table(
    path: str | Path,
    *,
    source: str | None = None,
    sheet: str | None = None,
    header_row: int = 1,
    delimiter: str | None = None,
    encoding: str | None = None,
) -> Table:
    """The table in the file `path`, called `source` in messages (its name if None).

    `sheet` names the sheet of a spreadsheet; `header_row` the line or row with the names of the columns; `delimiter`
    and `encoding` those of a CSV, found out if None. Rows that cannot be read are in the table's `malformed`.
    TableError if the file is missing, has another ending, or cannot be read as what its ending says.
    """
    name = source or (Path(path).name if str(path) != "-" else "standard input")
    if str(path) == "-":
        return read_csv(sys.stdin.buffer.read(), name, header_row=header_row, delimiter=delimiter, encoding=encoding)
    path = Path(path)
    ending = _ending(path, name)
    try:
        if ending == ".parquet":
            return read_parquet(path, name)
        data = path.read_bytes()
    except FileNotFoundError:
        raise TableError(f"{name}: there is no such file ({path})") from None
    except OSError as error:
        raise TableError(f"{name}: cannot be read: {error.strerror or error}") from None
    if ending == ".xlsx":
        return read_xlsx(data, name, sheet=sheet, header_row=header_row)
    if ending == ".json" or ending in _JSON_LINES:
        return _read_json(data, name, ending in _JSON_LINES)
    split = delimiter or ("\t" if ending == ".tsv" else None)
    return read_csv(data, name, header_row=header_row, delimiter=split, encoding=encoding)


def sheets_of(path: str | Path, source: str | None = None) -> list[str]:
    """The sheets of a spreadsheet. TableError if it is none."""
    path = Path(path)
    try:
        return sheet_names(path.read_bytes(), source or path.name)
    except OSError as error:
        raise TableError(f"{source or path.name}: cannot be read: {error.strerror or error}") from None


def write_table(table: Table, path: str | Path) -> None:
    """Write `table` in the format of the ending of `path`, whole or not at all; every cell is read back as it was.

    TableError says what cannot be written and why.
    """
    if check_header(table.header, table.source) != table.header:
        raise TableError(f"{table.source}: names of columns need to be tidy: {', '.join(map(repr, table.header))}")
    if str(path) == "-":
        write_stdout(write_csv(table))
        return
    path = Path(path)
    ending = _ending(path, path.name)
    try:
        encoded = _encode(table, ending)
    except TableError as error:
        raise TableError(f"{path.name}: {error}") from None
    except UnicodeEncodeError:
        raise TableError(f"{path.name}: a cell holds half a character (a lone surrogate), which no file can") from None
    write_result(path, encoded)


def write_result(path: Path, data: bytes) -> None:
    """`write_bytes` for what a command was asked to write. TableError says why it cannot be."""
    try:
        write_bytes(path, data)
    except OSError as error:
        raise TableError(f"{path.name}: cannot be written: {error.strerror or error}") from None


def write_stdout(data: bytes) -> None:
    """Bytes on standard output, whatever its encoding. TableError if it cannot be written."""
    try:
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
    except BrokenPipeError:  # who reads it has gone: the program ends quietly
        raise
    except OSError as error:
        raise TableError(f"standard output: cannot be written: {error.strerror or error}") from None


def write_bytes(path: Path, data: bytes) -> None:
    """Replace the file `path` by `data` in one step: whoever reads it sees the old or the new, never half. OSError."""
    replace_file(path, lambda target: target.write(data))


def replace_file(path: Path, fill: Callable[[IO[bytes]], object]) -> None:
    """`write_bytes` for what `fill` writes; whatever it raises leaves the file as it was."""
    path = Path(os.path.realpath(path))  # a link keeps pointing at what it points at
    scratch = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    try:
        with scratch.open("xb") as target:
            fill(target)
            target.flush()
            os.fsync(target.fileno())
        scratch.replace(path)
    except OSError as error:
        if error.errno is None or error.filename not in (None, str(scratch)):
            raise
        raise type(error)(error.errno, error.strerror, str(path)) from None  # nobody knows the scratch file
    finally:
        scratch.unlink(missing_ok=True)


def check_ending(path: str | Path) -> None:
    """TableError if the ending of `path` says no format that `write_table` knows: better before work than after it."""
    if str(path) != "-":
        _ending(Path(path), Path(path).name)


def _ending(path: Path, name: str) -> str:
    ending = path.suffix.lower()
    if ending not in ENDINGS:
        hint = "save it as .xlsx or .csv" if ending in {".xls", ".ods", ".hwp", ".hwpx"} else ", ".join(ENDINGS)
        raise TableError(f"{name}: the ending {ending or '(none)'} says no format that is known here ({hint})")
    return ending


def _encode(table: Table, ending: str) -> bytes:
    if ending == ".xlsx":
        return write_xlsx(table)
    if ending == ".parquet":
        return write_parquet(table)
    if ending == ".json" or ending in _JSON_LINES:
        return _write_json(table, ending in _JSON_LINES)
    return write_csv(table, "\t" if ending == ".tsv" else ",")


def _read_json(data: bytes, source: str, by_line: bool) -> Table:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise TableError(f"{source}: byte {error.start} is not UTF-8; save the file as UTF-8") from None
    malformed: list[RowError] = []
    if by_line or text.lstrip()[:1] == "{":
        objects = list(_json_lines(text, source, malformed))
    else:
        try:
            whole = _load(text)
        except (ValueError, RecursionError) as error:  # also lists in lists in lists
            raise TableError(f"{source}: is not JSON that can be read: {error}") from None
        if not isinstance(whole, list):
            raise TableError(f"{source}: must be a list of objects, or one object per line")
        objects = list(enumerate(whole, 1))
    names: dict[str, None] = {}
    rows: list[tuple[int, dict[str, Cell]]] = []
    for line, item in objects:
        wrong = _not_a_row(item)
        if wrong:
            malformed.append(RowError(source, line, *wrong))
            continue
        names.update(dict.fromkeys(item))
        rows.append((line, {key: _json_cell(value) for key, value in item.items()}))
    header = list(names)
    return build(source, header, ((line, [cells.get(name) for name in header]) for line, cells in rows), malformed)


def _json_lines(text: str, source: str, malformed: list[RowError]) -> Iterator[tuple[int, Any]]:
    for line, part in enumerate(text.split("\n"), 1):
        if not part.strip():
            continue
        try:
            yield line, _load(part)
        except (ValueError, RecursionError) as error:
            malformed.append(
                RowError(source, line, "", part.strip()[:200], f"is not JSON: {error}", "one object a line")
            )


class _Twice(str):
    """Stands for an object in which this name appears more than once."""

    __slots__ = ()


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any] | _Twice:
    found = dict(pairs)
    if len(found) == len(pairs):
        return found
    times = Counter(name for name, _ in pairs)
    return _Twice(next(name for name, count in times.items() if count > 1))


def _load(text: str) -> Any:
    return json.loads(text, object_pairs_hook=_object, parse_float=str, parse_int=str, parse_constant=str)


def _not_a_row(item: Any) -> tuple[str, str, str, str] | None:
    """Field, value, what and hint of the error, if `item` is not an object of single values."""
    if isinstance(item, _Twice):
        return str(item), "", "appears twice in the object", "one value for each name"
    if not isinstance(item, dict):
        return "", str(item)[:200], "is not an object", '{"name": value, ...}'
    for key, value in item.items():
        if isinstance(value, list | dict | _Twice):
            return key, "", "holds several values", "one text or number for each name"
        if _SURROGATE.search(key) or (isinstance(value, str) and _SURROGATE.search(value)):
            return ascii(key)[1:-1], "", "holds half a character (a lone surrogate)", "write the whole character"
    return None


def _json_cell(value: Any) -> Cell:
    if isinstance(value, bool):
        return "true" if value else "false"
    return value or None


def _write_json(table: Table, by_line: bool) -> bytes:
    objects = [json.dumps(row, ensure_ascii=False) for row in table.objects()]
    whole = "".join(f"{item}\n" for item in objects) if by_line else "[\n" + ",\n".join(objects) + "\n]\n"
    return whole.encode()
