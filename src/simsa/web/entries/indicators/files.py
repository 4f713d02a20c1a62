"""The numbers of indicators as a table: one row for each indicator and entry."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fractions import Fraction

from django.utils.translation import gettext as _

from simsa.engine.indicators import Edge
from simsa.engine.inputs import InputError
from simsa.rules import Criterion, exact_text
from simsa.tables.table import Cell, Table
from simsa.tables.words.groups import group_name
from simsa.tables.words.rules import missing_words
from simsa.web.entries.indicators.asking import Asked
from simsa.web.entries.indicators.looking import Numbers


def number_table(numbers: Numbers, asked: Asked) -> tuple[Table, dict[str, int]]:
    """Every entry with its number or why there is none, its points, the edges that it stands at or near, and what one
    unit would make of its points; and which columns are numbers. An indicator that cannot be computed has no rows."""
    header = [
        *(_("Indicator"), _("Name of the indicator"), _("Code"), _("Entrant"), _("Group"), _("Number")),
        *(_("Missing because"), _("Points"), _("Exactly at"), _("Near to"), _("What one unit would change")),
    ]
    rows = [row for node in asked.of(numbers.rules) for row in _rows(numbers, node, asked)]
    return Table.of(header, rows, "indicators"), {_("Number"): 0, _("Points"): 0}


def _rows(numbers: Numbers, node: Criterion, asked: Asked) -> Iterator[list[Cell]]:
    try:
        found = numbers.distribution(node, asked)
    except InputError:
        return
    moves: dict[int, list[str]] = {}
    for move in found.moves:
        after = exact_text(move.points) if move.points is not None else _("no number")
        by = f"+{exact_text(move.by)}" if move.by > 0 else exact_text(move.by)
        moves.setdefault(move.entry, []).append(f"{move.field} {by}: {after}")
    for n, value in enumerate(found.numbers):
        points = found.points[n]
        yield [
            node.id,
            node.name.text(numbers.language),
            numbers.entries.ids[n],
            numbers.names[n],
            group_name(numbers.rules, numbers.entries.group[n], numbers.language),
            exact_text(value) if isinstance(value, Fraction) else None,
            None if isinstance(value, Fraction) else missing_words(value, numbers.language),
            None if points is None else exact_text(points),
            _edges(edge for edge in found.edges if n in edge.at),
            _edges(edge for edge in found.edges if n in edge.near),
            "; ".join(moves.get(n, ())),
        ]


def _edges(edges: Iterable[Edge]) -> str:
    return "; ".join(exact_text(edge.number) for edge in edges)
