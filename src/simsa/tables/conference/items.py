"""Objects in a file of JSON: a list, one object, a list inside an object that says what it is, or one object a line."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import Any

from simsa.tables.conference.gathering import Where
from simsa.tables.files import read_table
from simsa.tables.table import RowsError, Table, TableError, tidy

Item = dict[str, Any]
JSON = (".json", ".jsonl", ".ndjson")
MOST_BYTES = 2**30


def is_json(path: str | Path) -> bool:
    return Path(path).suffix.lower() in JSON


def read_items(path: str | Path, wrappers: Sequence[str]) -> list[tuple[Where, Item]]:
    """The objects of a file. `wrappers`: names of lists in an object around them.

    TableError if it is no JSON, RowsError for what is no object.
    """
    name = Path(path).name
    try:
        if Path(path).stat().st_size > MOST_BYTES:
            raise TableError(f"{name}: is larger than {MOST_BYTES // 2**20} MiB")
        text = Path(path).read_bytes().decode("utf-8-sig")
        whole = [json.loads(line) for line in text.splitlines() if line.strip()] if _by_line(path) else json.loads(text)
        if "\\u" in text:
            json.dumps(whole, ensure_ascii=False).encode()  # half a character (a lone surrogate) is a ValueError
    except OSError as error:
        raise TableError(f"{name}: cannot be read: {error.strerror or error}") from None
    except (ValueError, RecursionError) as error:
        raise TableError(f"{name}: is not JSON that can be read: {error}") from None
    items = list(_unwrapped(whole, wrappers))
    wheres = [Where(name, n) for n, _item in enumerate(items, start=1)]
    wrong = [
        where.fault("", item, "is not an object")
        for where, item in zip(wheres, items, strict=True)
        if not isinstance(item, dict)
    ]
    if wrong:
        raise RowsError(wrong)
    return list(zip(wheres, items, strict=True))


def read_rows(path: str | Path, known: Collection[str]) -> tuple[Table, list[tuple[Where, dict[str, str]]]]:
    """The rows of a table by the names of its columns, those that are `known` in small letters.

    RowsError for rows that cannot be read.
    """
    table = read_table(path)
    if table.malformed:
        raise RowsError(table.malformed)
    header = [name.casefold() if name.casefold() in known else name for name in table.header]
    rows = [
        (Where(table.source, line), dict(zip(header, (tidy(cell or "") for cell in row), strict=True)))
        for line, row in zip(table.lines, table.rows(), strict=True)
    ]
    return table, rows


def _by_line(path: str | Path) -> bool:
    return Path(path).suffix.lower() != ".json"


def _unwrapped(whole: Any, wrappers: Sequence[str]) -> Iterator[Any]:
    if isinstance(whole, list):
        yield from whole
        return
    inside = [name for name in wrappers if isinstance(whole, dict) and name in whole]
    if not inside:
        yield whole
    for name in inside:
        found = whole[name]
        yield from found if isinstance(found, list) else [found]


def as_list(value: Any) -> list[Any]:
    """A list as it is, anything else as none."""
    return value if isinstance(value, list) else []


def text_of(value: Any) -> str:
    """A single value as tidy text; "" for nothing, and for what is not single."""
    if value is None or isinstance(value, bool | list | dict):
        return ""
    return tidy(str(value))
