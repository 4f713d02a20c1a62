"""The data files: where they come from, and their checksums."""

from __future__ import annotations

import re

from simsa.rules.reader import Table as Reader
from simsa.tables.mapping import Data, DataFile
from simsa.tables.mapping_file.file_names import read_file_name

_SHA256 = re.compile(r"[0-9a-f]{64}\Z")


def read_data(top: Reader) -> Data:
    """[data]: the folder of the files, their licence, and each file with its address and checksum."""
    table = top.table("data")
    if table is None:
        return Data()
    home = table.text("home") if table.has("home") else ""
    folder = read_file_name(table, "folder") if table.has("folder") else None
    licence = table.text("licence") if table.has("licence") else None
    files = tuple(_data_file(inner, home) for inner in table.tables("file"))
    table.close()
    return Data(folder, licence, files)


def _data_file(table: Reader, home: str) -> DataFile:
    name = read_file_name(table, "name")
    url = table.text("url") if table.has("url") else (home.rstrip("/") + "/" + name if home else None)
    digest = table.text("sha256") if table.has("sha256") else None
    if digest is not None and not _SHA256.match(digest):
        table.note("sha256", f"{digest!r} is no SHA-256", "64 hexadecimal digits")
    found = DataFile(name, url, digest, table.integer("bytes"))
    table.close()
    return found
