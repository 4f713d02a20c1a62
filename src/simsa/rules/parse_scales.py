"""TOML to the marks of a leaf: numbers in even steps with anchors, or levels with names."""

from __future__ import annotations

import re
from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise

from .decimals import exact_text
from .nodes import Anchor, Level, Levels, Scale
from .parts import read_name, read_scale
from .reader import Table, shown

_EVEN = ("min", "max", "step", "anchors")
# Whatever can be seen: A+ and 1급 are names of levels, and a blank is not in one.
_LEVEL = re.compile("[!-~\u00a1-\U0010ffff]{1,64}")


def read_marks(table: Table | None) -> Scale | Levels | None:
    """The marks that the panel may give at a leaf."""
    if table is None:
        return None
    if table.has("levels"):
        return _levels(table)
    anchors = table.tables("anchors")
    scale = read_scale(table)
    if scale is None:
        return None
    found: dict[Fraction, Anchor] = {}
    for inner in anchors:
        anchor = _anchor(inner, scale)
        if anchor.at in found:
            inner.note("at", f"is {exact_text(anchor.at)} a second time", "each mark once")
        found[anchor.at] = anchor
    return Scale(scale.min, scale.max, scale.step, tuple(found[at] for at in sorted(found)))


def _anchor(table: Table, scale: Scale) -> Anchor:
    at = table.number("at")
    if at is None and not table.has("at"):
        table.note("at", "is missing", "the mark of which it tells, e.g. at = 10")
    elif at is not None and scale.step > 0 and not scale.allows(at):
        table.note("at", f"is {exact_text(at)}, which is not on the scale", "a mark that reviewers can give")
    anchor = Anchor(
        at=scale.min if at is None else at,
        name=read_name(table, "name"),
        description=read_name(table, "description") if table.has("description") else None,
    )
    table.close()
    return anchor


def _levels(table: Table) -> Levels:
    for key in _EVEN:
        if table.has(key):
            table.note(key, "stands beside levels", "either levels, or min, max and step")
    tables = table.tables("levels")
    levels = [_level(inner) for inner in tables]
    table.close(known=_EVEN)
    if len(levels) < 2 and isinstance(table.data["levels"], list):
        table.note("levels", "are fewer than two", 'e.g. levels = [{ id = "A", value = 95 }, { id = "B", value = 85 }]')
    ids = [level.id for level in levels]
    for n, inner in enumerate(tables):
        if ids[n] in ids[:n]:
            inner.note("id", f"{shown(ids[n])} is there twice", "one name, one thing")
    _in_order(tables, [level.value for level in levels])
    return Levels(tuple(levels))


def _level(table: Table) -> Level:
    key = table.text("id")
    if key and not _LEVEL.fullmatch(key):
        table.note("id", f"{shown(key)} is no name of a level", "at most 64 letters, digits and signs, no blank")
    value = table.number("value")
    if value is None and not table.has("value"):
        table.note("value", "is missing", "the number that it counts as")
    level = Level(
        id=key,
        name=read_name(table, "name", default=key),
        value=value or Fraction(0),
        description=read_name(table, "description") if table.has("description") else None,
    )
    table.close()
    return level


def _in_order(tables: Sequence[Table], values: Sequence[Fraction]) -> None:
    falls = len(values) > 1 and values[0] > values[1]
    for n, (before, value) in enumerate(pairwise(values), 1):
        if before == value or (before > value) != falls:
            what = f"is {exact_text(value)} after {exact_text(before)}"
            tables[n].note("value", what, "from the highest to the lowest, or the other way round, none twice")
            return
