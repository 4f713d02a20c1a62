"""Lists and numbers in sentences: a few are named, the others counted."""

from __future__ import annotations

from collections.abc import Sequence

NAMED = 8
"""So many are named in a sentence at most."""
SHOWN = 20
"""So many lines of one sort are shown at most."""


def listed(names: Sequence[str], count: int | None = None) -> str:
    """The first names, and how many more there are; `count` where not all of them are given."""
    many = len(names) if count is None else count
    shown = names[:NAMED]
    return ", ".join(shown) + (f" and {many - len(shown)} more" if many > len(shown) else "")


def more(count: int, what: str) -> list[str]:
    """A line for those that are not shown."""
    return [f"... {count} {what}"] if count > SHOWN else []


def counted(number: int, what: str) -> str:
    """A number with its noun: 1 slot, 2 slots."""
    return f"{number} {what}" if number == 1 else f"{number} {what}s"
