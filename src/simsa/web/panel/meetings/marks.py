"""The marks on an entry as a meeting sees them: a row for each criterion, the lowest first, and whose where that is
shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from django.db.models import F
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from simsa.rules import ROOT, Criterion, Levels, Rules, parse_decimal
from simsa.tables.words.numbers import format_score
from simsa.web.entries.inputs import reported_of
from simsa.web.panel.marks import spelt
from simsa.web.panel.models import MeetingItem, Sheet, Slot
from simsa.web.panel.scoring.own import WORDS
from simsa.web.panel.spreads import Marks, Spread, spreads_of, total_of

WIDTH = 200
"""Of the picture of a row, in its own units; half a dot is beyond each end."""


@dataclass(frozen=True)
class Value:
    """One sheet's value: how it reads, where it lies in the picture, and whether it is the viewer's own."""

    text: str
    x: str
    own: bool


@dataclass(frozen=True)
class Row:
    """A criterion: all values, from where to where they can lie, and how far apart they are. `called`: so far that the
    rules call it up."""

    title: str
    values: tuple[Value, ...]
    least: str
    most: str
    width: str
    called: bool
    total: bool


@dataclass(frozen=True)
class SeenMarks:
    """All sheets of an entry as somebody sees them. `named`: each with its reviewer, where that is shown."""

    rows: tuple[Row, ...]
    named: tuple[tuple[str, tuple[str, ...]], ...]
    titles: tuple[str, ...]
    without: int
    """How many who score the entry have submitted nothing."""


def seen_marks(item: MeetingItem, slots: Sequence[Slot], own: Slot | None, *, names: bool) -> SeenMarks:
    """The marks in the sheets of these slots that count now."""
    rules, language = item.round.rules, get_language() or "ko"
    entry = (item.entry.entrant.code, item.entry.group)
    sheets = Sheet.objects.filter(slot__in=slots, version=F("slot__version"), opening__isnull=False)
    by_slot = {one.slot_id: one.by_leaf for one in sheets.select_related("opening")}
    reported = reported_of(item.round)
    mine = None if own is None else by_slot.get(own.pk)
    found = spreads_of(rules, entry, list(by_slot.values()), reported)
    totals = {pk: total_of(rules, entry, marks, reported) for pk, marks in by_slot.items()}
    rows = []
    for spread in found:
        ends = _ends(rules, entry, spread.criterion)
        if spread.criterion == ROOT:
            at = totals.get(own.pk) if own is not None else None
        else:
            at = _number(mine, spread.criterion)
        rows.append(_row(rules, spread, ends, at, language))
    named = sorted(
        (slot.reviewer.name, (*_said(rules, by_slot[slot.pk]), format_score(totals[slot.pk], None, language)))
        for slot in slots
        if names and slot.pk in by_slot
    )
    return SeenMarks(tuple(rows), tuple(named), tuple(row.title for row in rows), len(slots) - len(by_slot))


def titles_of(rules: Rules, language: str) -> dict[str, str]:
    """What the criteria that the panel marks are called, in their order."""
    return {leaf.id: leaf.name.text(language) for leaf in rules.leaves}


def in_words(leaf: Criterion, mark: str) -> str:
    """A mark as reviewers know it, or why there is none."""
    return str(WORDS[mark]) if mark in WORDS else spelt(leaf, mark)


def _said(rules: Rules, marks: Marks) -> tuple[str, ...]:
    return tuple(in_words(leaf, marks.get(leaf.id, "")) for leaf in rules.leaves)


def _number(marks: Marks | None, leaf: str) -> Fraction | None:
    mark = "" if marks is None else marks.get(leaf, "")
    return None if mark in {*WORDS, "", "not_submitted"} else parse_decimal(mark)


def _ends(rules: Rules, entry: tuple[str, str], criterion: str) -> tuple[Fraction, Fraction] | None:
    """The least and the most that can be given there; None where that is not known."""
    scale = rules.by_id[criterion].scale
    return None if scale is None else (scale.min, scale.max)


def _row(
    rules: Rules, spread: Spread, ends: tuple[Fraction, Fraction] | None, own: Fraction | None, language: str
) -> Row:
    values, rule = spread.values, rules.meeting
    least, most = ends or ((values[0], values[-1]) if values else (Fraction(0), Fraction(0)))
    shown, left = [], own
    for value in values:
        mine = left is not None and value == left
        left = None if mine else left
        x = (value - least) / (most - least) * WIDTH if most > least else Fraction(WIDTH, 2)
        shown.append(Value(_text(rules.by_id[spread.criterion], value, language), str(round(float(x), 1)), mine))
    total = spread.criterion == ROOT
    at = rule is not None and rule.criterion == spread.criterion and rule.spread is not None
    return Row(
        title=_("Total") if total else titles_of(rules, language)[spread.criterion],
        values=tuple(shown),
        least=_short(least, language),
        most=_short(most, language),
        width="" if spread.width is None else _short(spread.width, language),
        called=bool(at and spread.width is not None and rule and rule.spread and spread.width >= rule.spread),
        total=total,
    )


def _text(node: Criterion, value: Fraction, language: str) -> str:
    """A value of a criterion: the name of its level, where it has levels."""
    level = node.scale.at(value) if isinstance(node.scale, Levels) else None
    return _short(value, language) if level is None else level.id


def _short(value: Fraction, language: str) -> str:
    """Exact where three places do, cut off otherwise."""
    return format_score(value if 1000 % value.denominator == 0 else Fraction(round(value * 1000), 1000), None, language)
