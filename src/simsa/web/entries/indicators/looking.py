"""Each indicator over the entries of a round as its page shows it: exact, by the engine, and deciding nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from simsa.engine.indicators import Distribution, GroupNumbers, Move, distribution
from simsa.engine.inputs import Entries, InputError, Reported
from simsa.rules import Criterion, Missing, Rules
from simsa.tables.pictures import numbers_picture
from simsa.tables.words.faults import fault_words
from simsa.tables.words.filling import listed
from simsa.tables.words.groups import group_name
from simsa.tables.words.numbers import format_score
from simsa.tables.words.rules import missing_words
from simsa.tables.words.rules.indicators import indicator_line
from simsa.web.entries.indicators.asking import UNIT, Asked
from simsa.web.entries.inputs import entries_of, reported_of
from simsa.web.programmes.models import Round

NAMED = 20
"""So many entrants are named in one place, and so many moves are shown; the file has them all."""


@dataclass(frozen=True)
class Numbers:
    """What a round has reported, and its entries' names in a language; where several have one name, with their code."""

    rules: Rules
    entries: Entries
    reported: Reported
    names: Sequence[str]
    language: str
    synthetic: bool

    @classmethod
    def of(cls, round_: Round, language: str) -> Numbers:
        entrants = [entry.entrant for entry in round_.entries.select_related("entrant").order_by("position")]
        count = Counter(one.name(language) for one in entrants)
        names = [f"{name} ({one.code})" if count[name := one.name(language)] > 1 else name for one in entrants]
        return cls(round_.rules, entries_of(round_), reported_of(round_), names, language, round_.synthetic)

    def distribution(self, node: Criterion, asked: Asked) -> Distribution:
        """InputError where a formula cannot be computed."""
        return distribution(
            self.rules, node, self.entries, self.reported, within=asked.within, units=asked.units or None
        )

    def text(self, number: Fraction | None) -> str:
        return format_score(number, None, self.language)


@dataclass(frozen=True)
class ShownGroup:
    """A group: five numbers in a row (least, quartiles, greatest) of what was reported, and of its points."""

    name: str
    entries: int
    there: int
    numbers: tuple[str, ...]
    points: tuple[str, ...]


@dataclass(frozen=True)
class ShownIndicator:
    """An indicator in texts. `fault`: why nothing could be computed; then there is nothing else."""

    node: Criterion
    name: str
    rule: str
    fault: str = ""
    picture: str = ""
    groups: tuple[ShownGroup, ...] = ()
    missing: tuple[tuple[str, int, str], ...] = ()
    edges: tuple[tuple[str, str, str], ...] = ()
    moves: tuple[tuple[str, str, str, str, str], ...] = ()
    movers: int = 0
    more: int = 0
    fields: tuple[tuple[str, str, str, str], ...] = ()


def shown(numbers: Numbers, node: Criterion, asked: Asked) -> ShownIndicator:
    """One indicator for its page."""
    assert node.indicator is not None
    name, rule = node.name.text(numbers.language), indicator_line(node, numbers.language)
    try:
        found = numbers.distribution(node, asked)
    except InputError as error:
        return ShownIndicator(node, name, rule, fault=fault_words(str(error), numbers.language))
    moves = sorted(found.moves, key=lambda move: (-leap(found, move), move.entry))
    picture = numbers_picture(
        found,
        numbers.rules,
        numbers.entries,
        title=name,
        language=numbers.language,
        synthetic=numbers.synthetic,
    )
    return ShownIndicator(
        node,
        name,
        rule,
        picture=picture,
        groups=tuple(_group(numbers, group) for group in found.groups),
        missing=tuple(_missing(numbers, found)),
        edges=tuple(
            (numbers.text(edge.number), _named(numbers, edge.at), _named(numbers, edge.near)) for edge in found.edges
        ),
        moves=tuple(_move(numbers, found, move) for move in moves[:NAMED]),
        movers=len({move.entry for move in moves}),
        more=max(0, len(moves) - NAMED),
        fields=tuple(
            (UNIT + field, field, asked.said.get(UNIT + field, ""), numbers.text(unit))
            for field, unit in found.units.items()
        ),
    )


def leap(found: Distribution, move: Move) -> Fraction:
    """How many points a move is worth; one that leads to no number is worth all that there were."""
    return abs((move.points or Fraction(0)) - (found.points[move.entry] or Fraction(0)))


def _group(numbers: Numbers, group: GroupNumbers) -> ShownGroup:
    return ShownGroup(
        group_name(numbers.rules, group.group, numbers.language),
        group.entries,
        group.entries - sum(group.missing.values()),
        tuple(numbers.text(value) for value in group.numbers),
        tuple(numbers.text(value) for value in group.points),
    )


def _missing(numbers: Numbers, found: Distribution) -> list[tuple[str, int, str]]:
    told = []
    for why in Missing:
        without = [n for n, value in enumerate(found.numbers) if value is why]
        if without:
            told.append((missing_words(why, numbers.language), len(without), _named(numbers, without)))
    return told


def _move(numbers: Numbers, found: Distribution, move: Move) -> tuple[str, str, str, str, str]:
    sign = "+" if move.by > 0 else ""
    return (
        numbers.names[move.entry],
        move.field,
        sign + numbers.text(move.by),
        numbers.text(found.points[move.entry]),
        numbers.text(move.points),
    )


def _named(numbers: Numbers, positions: Sequence[int]) -> str:
    return listed((numbers.names[n] for n in positions), numbers.language, NAMED)
