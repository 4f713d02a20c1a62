"""The rows of a table as tidy text, and everything that is wrong with them, told at once."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path

from simsa.rules import parse_decimal
from simsa.tables.files import read_table
from simsa.tables.table import UNSEEN, Cell, RowError, RowsError, Table, has_control, known_some, tidy


def read_whole(path: str | Path) -> Table:
    """The table in a file. RowsError if any row of it has too many or too few fields."""
    table = read_table(path)
    if table.malformed:
        raise RowsError(table.malformed)
    return table


class Rows:
    """Columns of a table as tidy text, and the errors found in them."""

    def __init__(self, table: Table) -> None:
        self.table = table
        self.errors: list[RowError] = []

    def column(self, name: str) -> list[str]:
        return [tidy(cell or "") for cell in self.table.column(name)]

    def wrong(self, row: int, field: str, value: Cell, what: str, hint: str = "") -> None:
        self.errors.append(RowError(self.table.source, self.table.lines[row], field, value or "", what, hint))

    def name(self, row: int, field: str, value: str, hint: str) -> None:
        """Note a name or an id that is empty, or has signs that nobody sees."""
        if not value:
            self.wrong(row, field, value, "is empty", hint)
        elif has_control(value):
            self.wrong(row, field, value, *UNSEEN)

    def known(self, row: int, field: str, value: str, names: Mapping[str, object]) -> bool:
        if value not in names:
            self.wrong(row, field, value, "is not in the round" if value else "is empty", f"known: {known_some(names)}")
        return value in names

    def decimal(self, row: int, field: str, value: str) -> Fraction | None:
        try:
            return parse_decimal(value)
        except ValueError:
            self.wrong(row, field, value, "is not a decimal number", "for example 8.5")
            return None

    def done(self) -> None:
        if self.errors:
            raise RowsError(sorted(self.errors, key=lambda error: error.line))
