"""Cells to exact numbers, in the way in which a file writes them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from fractions import Fraction

from simsa.rules import parse_decimal
from simsa.tables.mapping import Numbers
from simsa.tables.table import Cell

_FIRST = re.compile(r"[+-]?[1-9]\d{0,2}\Z", re.ASCII)  # "0,125" is no thousand: the comma is meant as a point
_GROUP = re.compile(r"\d{3}\Z", re.ASCII)


def read_decimals(cells: Sequence[Cell], written: Numbers) -> list[tuple[Cell, Fraction | None]]:
    """Each cell with its number, None where it is none; each distinct text is read once."""
    read = {cell: read_decimal(cell, written) for cell in set(cells) if cell is not None}
    return [(cell, None if cell is None else read[cell]) for cell in cells]


def read_decimal(text: str, written: Numbers) -> Fraction | None:
    """The exact number that a text says, None if it says none."""
    if written.grouping:
        whole, point, rest = text.partition(written.decimal)
        first, *groups = whole.split(written.grouping)
        if groups and not (_FIRST.match(first) and all(_GROUP.match(group) for group in groups)):
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
