"""How the numbers of an indicator lie to its points, in sentences: for the officer, and nothing in them decides."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction

from simsa.engine.indicators import Distribution, GroupNumbers, Move
from simsa.rules import Rules
from simsa.tables.words.filling import fill, listed
from simsa.tables.words.groups import group_name
from simsa.tables.words.languages import translator
from simsa.tables.words.numbers import format_score, no_result
from simsa.tables.words.rules import missing_words

_NAMED = 10  # entrants before "and N more"


def distribution_lines(found: Distribution, rules: Rules, names: Sequence[str], language: str = "ko") -> list[str]:
    """Groups, who stands at an edge, whom one unit would move. `names`: of the entries, by position."""
    lines = [group_line(group, rules, language) for group in found.groups]
    return [*lines, *_edges(found, names, language), *_moves(found, names, language)]


def quartiles_lead(language: str = "ko") -> str:
    """What five numbers in a row are."""
    return translator(language).gettext("Five numbers in a row: the least, the quartiles and the greatest.")


def group_line(group: GroupNumbers, rules: Rules, language: str = "ko") -> str:
    """How many of a group have a number, least, quartiles and greatest of numbers and points, why others have none."""
    _ = translator(language).gettext
    name = group_name(rules, group.group, language)
    there = group.entries - sum(group.missing.values())
    said = fill(_("%(group)s: %(there)s of %(all)s have a number."), group=name, there=there, all=group.entries)
    if group.numbers:
        numbers = " · ".join(_number(value, language) for value in group.numbers)
        said += " " + fill(_("Numbers %(numbers)s."), numbers=numbers)
    if group.points:
        points = " · ".join(_number(value, language) for value in group.points)
        said += " " + fill(_("Points %(points)s."), points=points)
    for why, count in group.missing.items():
        said += " " + fill(_("%(why)s: %(count)s."), why=missing_words(why, language).capitalize(), count=count)
    return said


def _edges(found: Distribution, names: Sequence[str], language: str) -> Iterator[str]:
    _ = translator(language).gettext
    for edge in found.edges:
        number = _number(edge.number, language)
        at = listed((names[n] for n in edge.at), language, _NAMED)
        said = fill(_("Exactly at %(number)s: %(names)s."), number=number, names=at or _("nobody"))
        if found.within:
            near = listed((names[n] for n in edge.near), language, _NAMED)
            within = _number(found.within, language)
            said += " " + fill(_("Within %(within)s of it: %(names)s."), within=within, names=near or _("nobody"))
        yield said


def _moves(found: Distribution, names: Sequence[str], language: str) -> Iterator[str]:
    _ = translator(language).gettext
    for field, unit in found.units.items():
        for by in (unit, -unit):
            moves = [move for move in found.moves if (move.field, move.by) == (field, by)]
            template = (
                _("%(unit)s more of “%(field)s” would change the points of %(count)s.")
                if by > 0
                else _("%(unit)s less of “%(field)s” would change the points of %(count)s.")
            )
            said = fill(template, unit=_number(unit, language), field=field, count=_entrants(len(moves), language))
            if moves:
                most = max(moves, key=lambda move: _leap(move, found))
                said += " " + _most(most, found, names, language)
            yield said


def _entrants(count: int, language: str) -> str:
    return fill(translator(language).ngettext("%(n)d entrant", "%(n)d entrants", count), n=count)


def _leap(move: Move, found: Distribution) -> Fraction:
    before = found.points[move.entry]
    return abs(move.points - before) if move.points is not None and before is not None else Fraction(0)


def _most(move: Move, found: Distribution, names: Sequence[str], language: str) -> str:
    _ = translator(language).gettext
    before, after = (
        no_result(language) if value is None else _number(value, language)
        for value in (found.points[move.entry], move.points)
    )
    return fill(_("Most: %(name)s, %(before)s → %(after)s."), name=names[move.entry], before=before, after=after)


def _number(value: Fraction, language: str) -> str:
    return format_score(value, None, language)
