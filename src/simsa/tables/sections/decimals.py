"""Cells to exact numbers, in the way in which a file writes them."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from simsa.rules import parse_decimal
from simsa.tables.mapping import Numbers
from simsa.tables.table import Cell


def read_decimals(cells: Sequence[Cell], written: Numbers) -> list[tuple[Cell, Fraction | None]]:
    """Each cell with its number, None where it is none; each distinct text is read once."""
    read = {cell: read_decimal(cell, written) for cell in set(cells) if cell is not None}
    return [(cell, None if cell is None else read[cell]) for cell in cells]


def read_decimal(text: str, written: Numbers) -> Fraction | None:
    """The exact number that a text says, None if it says none."""
    if written.grouping:
        whole, point, rest = text.partition(written.decimal)
        first, *groups = whole.split(written.grouping)
        if any(len(group) != 3 for group in groups) or (groups and not first.lstrip("+-")):
            return None
        text = first + "".join(groups) + point + rest
    if written.decimal != ".":
        if "." in text:
            return None
        text = text.replace(written.decimal, ".")
    try:
        return parse_decimal(text)
    except ValueError:
        return None
