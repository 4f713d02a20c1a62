"""Names of files, none of which leads out of its folder."""

from __future__ import annotations

from pathlib import PurePosixPath

from simsa.rules.reader import Table as Reader
from simsa.tables.table import has_control


def read_file_name(table: Reader, key: str, default: str | None = None) -> str:
    """The name of a file at `key`; a name that leads out of the folder is noted."""
    name = table.text(key, default)
    if name:
        _check(table, key, name, "a name inside the data folder")
    return name


def read_file_names(table: Reader) -> tuple[str, ...]:
    """The names at `files`, at least one; each that leads out of the folder is noted."""
    names = table.texts("files")
    if not names and table.data["files"] == []:
        table.note("files", "names no file", 'at least one, e.g. ["city.csv", "county.csv"]')
    for name in names:
        _check(table, "files", name, "names inside the data folder")
    return names


def _check(table: Reader, key: str, name: str, allowed: str) -> None:
    if not _is_inside(name):
        table.note(key, f"{name!r} leads out of the folder", allowed)
    if any("**" in part and part != "**" for part in name.split("/")) or has_control(name):
        table.note(key, f"{name!r} is no name of a file", "'**' stands alone between slashes; no control characters")


def _is_inside(name: str) -> bool:
    path = PurePosixPath(name.removeprefix("@"))
    return not path.is_absolute() and ".." not in path.parts and "\\" not in name and ":" not in name
