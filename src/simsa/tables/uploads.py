"""An assignment in the tables that HotCRP and OpenReview take back."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path

from simsa.tables.files import write_bytes, write_stdout
from simsa.tables.spreadsheets import number_text
from simsa.tables.table import Cell, Table, TableError

HOTCRP_ACTIONS = ("primaryreview", "secondaryreview", "pcreview", "metareview", "externalreview")
"""The kinds of review that a bulk assignment of HotCRP can make."""


def hotcrp_table(
    pairs: Sequence[tuple[str, str]], action: str = "primaryreview", round_name: str | None = None
) -> Table:
    """A bulk assignment of HotCRP: `paper`, `action`, `email` and, with a name, `round`. `pairs`: entry, reviewer."""
    header = ["paper", "action", "email", *(["round"] if round_name else [])]
    end = [round_name] if round_name else []
    rows: list[list[Cell]] = [[entry, action, reviewer, *end] for entry, reviewer in pairs]
    return Table.of(header, rows, "assignment")


def openreview_table(pairs: Sequence[tuple[str, str]], weights: Sequence[float]) -> Table:
    """Edges of OpenReview, from paper to profile: `head`, `tail`, `weight`."""
    rows = [[*pair, number_text(weight)] for pair, weight in zip(pairs, weights, strict=True)]
    return Table.of(["head", "tail", "weight"], rows, "assignment")


def check_upload(path: str | Path) -> None:
    """TableError if a table that another program reads cannot be written under this name."""
    if str(path) != "-" and Path(path).suffix.lower() != ".csv":
        raise TableError(f"{Path(path).name}: what is uploaded is CSV; give it a name that ends in .csv")


def write_upload(table: Table, path: str | Path) -> None:
    """Write a table that another program reads: CSV in which no cell is marked against spreadsheets.

    An id such as -xB3 stays as it is, because the other program looks it up letter by letter. TableError if the ending
    is not .csv, or the file cannot be written.
    """
    target = io.StringIO()
    csv.writer(target, lineterminator="\n").writerows([table.header, *table.rows()])
    data = target.getvalue().encode()
    if str(path) == "-":
        write_stdout(data)
        return
    check_upload(path)
    try:
        write_bytes(Path(path), data)
    except OSError as error:
        raise TableError(f"{Path(path).name}: cannot be written: {error.strerror or error}") from None
