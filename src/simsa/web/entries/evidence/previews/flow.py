"""What an office document holds, in reading order: the same few parts for all four forms."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Words:
    """A paragraph; a heading if `level` is 1 or more."""

    text: str
    level: int = 0


@dataclass(frozen=True)
class Table:
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Drawn:
    """A picture as it is in the file, of any format."""

    data: bytes
    alt: str = ""


@dataclass(frozen=True)
class NewPage:
    """A slide, a sheet of a workbook: begins a new page."""

    title: str = ""


Part = Words | Table | Drawn | NewPage


def as_text(part: Part) -> str:
    if isinstance(part, Words):
        return f"{part.text}\n"
    if isinstance(part, Table):
        return "".join("\t".join(row).rstrip() + "\n" for row in part.rows)
    if isinstance(part, Drawn):
        return f"[{part.alt}]\n" if part.alt else ""
    return f"\n{part.title}\n"


def without_empty_edges(rows: Iterable[Iterable[str]]) -> tuple[tuple[str, ...], ...]:
    """A table without the empty rows and columns at its end."""
    table = [tuple(row) for row in rows]
    while table and not any(table[-1]):
        table.pop()
    wide = max((n for row in table for n, cell in enumerate(row, start=1) if cell), default=0)
    return tuple((row + ("",) * wide)[:wide] for row in table)
