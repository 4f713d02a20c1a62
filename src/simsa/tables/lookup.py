"""Where the files of a round are found: the folder that was named, the round's own `data`, or SIMSA_DATA.

Files that belong to others (declared as [[data.file]]) come from one place together, so that parts of two data sets
are never mixed.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from .intake import RoundError
from .mapping import Data

VARIABLE = "SIMSA_DATA"
PACKAGED = "@"


@dataclass(frozen=True)
class SourceFile:
    """A file that was read: its name in the mapping, where it was, and its SHA-256.

    `recorded` is the checksum the mapping has for it, `as_recorded` whether they are equal (None: none is recorded).
    """

    name: str
    path: Path
    size: int
    sha256: str
    recorded: str | None = None

    @property
    def as_recorded(self) -> bool | None:
        return None if self.recorded is None else self.recorded == self.sha256


class Lookup:
    """Finds the files of one round folder."""

    def __init__(self, folder: Path, data: Data, named: Path | None = None) -> None:
        self.folder = folder
        self.data = data
        self.named = named
        self._home: Path | None = None

    def find(self, name: str) -> list[tuple[str, Path]]:
        """Files for a name of the mapping, with the name of each: one, or several for a pattern such as `marks/*.xlsx`.

        `@package/file` is a table of facts that comes with simsa. RoundError says where was looked and how to get it.
        """
        if name.startswith(PACKAGED):
            return [(name, packaged(name))]
        declared = any(file.name == name for file in self.data.files)
        places = [self._declared_home()] if declared else self._places()
        for place in places:
            found = _matches(place, name)
            if found:
                return found
        raise RoundError(self._missing([name], places))

    def source(self, name: str, path: Path) -> SourceFile:
        recorded = next((file.sha256 for file in self.data.files if file.name == name), None)
        return SourceFile(name, path, path.stat().st_size, sha256_of(path), recorded)

    def _declared_home(self) -> Path:
        """The first place that has every declared file."""
        if self._home is None:
            names = [file.name for file in self.data.files]
            places = [self.named] if self.named else self._places()
            self._home = next((place for place in places if all((place / name).is_file() for name in names)), None)
            if self._home is None:
                absent = [name for name in names if not any((place / name).is_file() for place in places)]
                raise RoundError(self._missing(absent or names, places))
        return self._home

    def _places(self) -> list[Path]:
        named = [self.named] if self.named else []
        shared = data_folder(self.data)
        return [*named, self.folder / "data", self.folder, *([shared] if shared else [])]

    def _missing(self, names: Sequence[str], places: Sequence[Path]) -> str:
        looked = ", ".join(str(place) for place in places)
        what = f"{self.folder.name}: {', '.join(names)} {'is' if len(names) == 1 else 'are'} not there"
        if self.named and not self.named.is_dir():
            return f"{what}: there is no folder {self.named}"
        if not any(file.name in names for file in self.data.files):
            return f"{what} (looked in {looked})"
        get = f"`simsa examples get {self.folder.name}` downloads what is missing"
        inside = f"that holds {self.data.folder}/{names[0]}" if self.data.folder else ""
        return f"{what} (looked in {looked}). {get}; or set {VARIABLE} to a folder {inside}".rstrip()


def packaged(name: str) -> Path:
    """A table of facts that comes with simsa: `@korea/governments.csv`. RoundError if there is none."""
    path = Path(str(resources.files("simsa.tables"))).joinpath(*name.removeprefix(PACKAGED).split("/"))
    if not path.is_file() or ".." in path.parts:
        raise RoundError(f"{name}: simsa has no such table")
    return path


def data_folder(data: Data) -> Path | None:
    """The round's folder inside SIMSA_DATA, if that is set and has it."""
    root = os.environ.get(VARIABLE)
    if not root or not data.folder:
        return None
    folder = Path(root).expanduser() / data.folder
    return folder if folder.is_dir() else None


def sha256_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _matches(place: Path, name: str) -> list[tuple[str, Path]]:
    if (place / name).is_file():
        return [(name, place / name)]  # also a name with brackets, which would be a pattern
    if not any(sign in name for sign in "*?["):
        return []
    found = sorted(path for path in place.glob(name) if path.is_file() and not path.name.startswith((".", "~$")))
    return [(path.relative_to(place).as_posix(), path) for path in found]
