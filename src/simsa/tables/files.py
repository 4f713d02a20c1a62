"""Tables in files: CSV, Parquet, XLSX and JSON, told apart by the file's ending; `-` is standard input or output.

An empty cell is None in every format, and a row without any cell is no row. Numbers of Parquet and XLSX become their
shortest decimal text (36.9, not 36.90), those of JSON and CSV stay as they are written.
"""

from __future__ import annotations

import io
import json
import os
import re
import secrets
import sys
from collections.abc import Collection, Iterator
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from .csv_text import read_csv, write_csv
from .spreadsheets import read_xlsx, sheet_names, write_xlsx
from .table import Cell, Column, RowError, Table, TableError, build, check_header

__all__ = ["ENDINGS", "RowError", "Table", "TableError", "read_table", "sheets_of", "write_bytes", "write_table"]

ENDINGS = (".csv", ".tsv", ".txt", ".parquet", ".xlsx", ".json", ".jsonl", ".ndjson")
_JSON_LINES = (".jsonl", ".ndjson")
_JSON_NUMBER = re.compile(r"-?(0|[1-9]\d*)(\.\d+)?\Z", re.ASCII)
_SURROGATE = re.compile("[\ud800-\udfff]")
_PLAIN_NUMBER = re.compile(r"-?\d+(\.\d+)?\Z", re.ASCII)


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
        if ending == ".xlsx":
            return read_xlsx(path, name, sheet=sheet, header_row=header_row)
        data = path.read_bytes()
    except FileNotFoundError:
        raise TableError(f"{name}: there is no such file ({path})") from None
    except OSError as error:
        raise TableError(f"{name}: cannot be read: {error.strerror or error}") from None
    if ending == ".parquet":
        return _read_parquet(data, name)
    if ending == ".json" or ending in _JSON_LINES:
        return _read_json(data, name, ending in _JSON_LINES)
    split = delimiter or ("\t" if ending == ".tsv" else None)
    return read_csv(data, name, header_row=header_row, delimiter=split, encoding=encoding)


def sheets_of(path: str | Path, source: str | None = None) -> list[str]:
    """The sheets of a spreadsheet. TableError if it is none."""
    path = Path(path)
    try:
        return sheet_names(path, source or path.name)
    except OSError as error:
        raise TableError(f"{source or path.name}: cannot be read: {error.strerror or error}") from None


def write_table(table: Table, path: str | Path, *, numbers: Collection[str] = ()) -> None:
    """Write `table` in the format of the ending of `path`, whole or not at all.

    Columns in `numbers` become number cells in XLSX, decimals in Parquet and bare numbers in JSON (the value is kept
    exactly, trailing zeros perhaps not); without that every cell is read back as it was. TableError says what cannot
    be written and why.
    """
    unknown = sorted(set(numbers) - set(table.header))
    if unknown:
        raise TableError(f"{table.source}: there is no column {unknown[0]!r} to write as numbers")
    if check_header(table.header, table.source) != table.header:
        raise TableError(f"{table.source}: names of columns need to be tidy: {', '.join(map(repr, table.header))}")
    if str(path) == "-":
        sys.stdout.buffer.write(write_csv(table))
        sys.stdout.buffer.flush()
        return
    path = Path(path)
    try:
        write_bytes(path, _encode(table, _ending(path, path.name), numbers))
    except TableError as error:
        raise TableError(f"{path.name}: {error}") from None
    except UnicodeEncodeError:
        raise TableError(f"{path.name}: a cell holds half a character (a lone surrogate), which no file can") from None
    except OSError as error:
        raise TableError(f"{path.name}: cannot be written: {error.strerror or error}") from None


def write_bytes(path: Path, data: bytes) -> None:
    """Replace the file `path` by `data` in one step: whoever reads it sees the old or the new, never half. OSError."""
    path = Path(os.path.realpath(path))  # a link keeps pointing at what it points at
    scratch = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    try:
        with scratch.open("xb") as target:
            target.write(data)
            target.flush()
            os.fsync(target.fileno())
        scratch.replace(path)
    finally:
        scratch.unlink(missing_ok=True)


def _ending(path: Path, name: str) -> str:
    ending = path.suffix.lower()
    if ending not in ENDINGS:
        hint = "save it as .xlsx or .csv" if ending in {".xls", ".ods", ".hwp", ".hwpx"} else ", ".join(ENDINGS)
        raise TableError(f"{name}: the ending {ending or '(none)'} says no format that is known here ({hint})")
    return ending


def _encode(table: Table, ending: str, numbers: Collection[str]) -> bytes:
    if ending == ".xlsx":
        return write_xlsx(table, numbers)
    if ending == ".parquet":
        return _write_parquet(table, numbers)
    if ending == ".json" or ending in _JSON_LINES:
        return _write_json(table, ending in _JSON_LINES, numbers)
    return write_csv(table, "\t" if ending == ".tsv" else ",")


def _read_parquet(data: bytes, source: str) -> Table:
    try:
        frame = pl.read_parquet(io.BytesIO(data))
    except (pl.exceptions.PolarsError, OSError) as error:
        raise TableError(f"{source}: is not a Parquet file that can be read: {str(error).splitlines()[0]}") from None
    columns = [_texts(frame[name], source) for name in frame.columns]
    rows = enumerate(zip(*columns, strict=True), 1)
    return build(source, frame.columns, rows)


def _texts(series: pl.Series, source: str) -> Column:
    kind = series.dtype
    if kind == pl.String:
        return tuple(series.to_list())
    if kind.is_integer() or kind in (pl.Categorical, pl.Enum):
        return tuple(series.cast(pl.String).to_list())
    if kind.is_float():
        exact = np.float32 if kind == pl.Float32 else np.float64
        return tuple(None if value is None else _float_text(exact(value)) for value in series.to_list())
    if kind == pl.Null:
        return (None,) * len(series)
    if kind.is_nested() or kind in (pl.Binary, pl.Object):
        raise TableError(f"{source}: column {series.name!r} holds {kind}, not one value per row; write it as text")
    return tuple(None if value is None else _scalar_text(value) for value in series.to_list())


def _float_text(value: np.floating[Any]) -> str:
    if not np.isfinite(value):
        return str(value)
    text = np.format_float_positional(value, unique=True, trim="-")
    return "0" if text == "-0" else text


def _scalar_text(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        text = format(value, "f")
        return text.rstrip("0").rstrip(".") if "." in text else text
    return value.isoformat() if isinstance(value, date | datetime | time) else str(value)


def _write_parquet(table: Table, numbers: Collection[str]) -> bytes:
    series = []
    for name, column in zip(table.header, table.columns, strict=True):
        if name in numbers and all(cell is None or _PLAIN_NUMBER.match(cell) for cell in column):
            places = max((len(cell.partition(".")[2]) for cell in column if cell), default=0)
            exact = [None if cell is None else Decimal(cell) for cell in column]
            series.append(pl.Series(name, exact, dtype=pl.Decimal(38, places)))
        else:
            series.append(pl.Series(name, column, dtype=pl.String))
    target = io.BytesIO()
    pl.DataFrame(series).write_parquet(target)
    return target.getvalue()


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
    names = [name for name, _ in pairs]
    return _Twice(next(name for name in names if names.count(name) > 1))


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


def _write_json(table: Table, by_line: bool, numbers: Collection[str]) -> bytes:
    bare = [name in numbers for name in table.header]
    keys = [json.dumps(name, ensure_ascii=False) for name in table.header]

    def text(cell: Cell, number: bool) -> str:
        return cell if number and cell and _JSON_NUMBER.match(cell) else json.dumps(cell, ensure_ascii=False)

    objects = [
        "{" + ", ".join(f"{key}: {text(cell, number)}" for key, cell, number in zip(keys, row, bare, strict=True)) + "}"
        for row in table.rows()
    ]
    whole = "".join(f"{item}\n" for item in objects) if by_line else "[\n" + ",\n".join(objects) + "\n]\n"
    return whole.encode()
