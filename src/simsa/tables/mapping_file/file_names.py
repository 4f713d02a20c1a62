"""Names of files, none of which leads out of its folder."""

from __future__ import annotations

from pathlib import PurePosixPath

from simsa.rules.reader import Table as Reader


def read_file_name(table: Reader, key: str, default: str | None = None) -> str:
    """The name of a file at `key`; a name that leads out of the folder is noted."""
    name = table.text(key, default)
    if name and not _is_inside(name):
        table.note(key, f"{name!r} leads out of the folder", "a name inside the data folder")
    return name


def read_file_names(table: Reader) -> tuple[str, ...]:
    """The names at `files`; each that leads out of the folder is noted."""
    names = table.texts("files")
    for name in names:
        if not _is_inside(name):
            table.note("files", f"{name!r} leads out of the folder", "names inside the data folder")
    return names


def _is_inside(name: str) -> bool:
    path = PurePosixPath(name.removeprefix("@"))
    return not path.is_absolute() and ".." not in path.parts and "\\" not in name and ":" not in name
