"""How the numbers of an indicator lie to its points: what the officer looks at. It decides nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from simsa.engine.inputs import Entries, Reported
from simsa.rules import Criterion, Indicator, Missing, Rules, decimal_places

from .numbers import Value, numbers_of
from .scoring import Fields, score

QUARTERS = tuple(Fraction(n, 4) for n in range(5))


@dataclass(frozen=True)
class GroupNumbers:
    """One group: `entries` in it, how many have no number for which reason, and quantiles of numbers and points.

    `numbers`, `points`: least, quartiles and greatest (Hyndman and Fan's definition 7), empty where there is none.
    """

    group: str
    entries: int
    missing: Mapping[Missing, int]
    numbers: tuple[Fraction, ...]
    points: tuple[Fraction, ...]


@dataclass(frozen=True)
class Edge:
    """A number at which points leap or their line bends, and the entries (by position) `at` it and else `near` it."""

    number: Fraction
    at: tuple[int, ...]
    near: tuple[int, ...]


@dataclass(frozen=True)
class Move:
    """What one `unit` more or less (`by`) of what `entry` reports as `field` would make of its points.

    None is no number. All other entries stay as they are.
    """

    entry: int
    field: str
    by: Fraction
    points: Fraction | None


@dataclass(frozen=True)
class Distribution:
    """An indicator over the entries of a round.

    `numbers`, `points`: of each entry; the reason where there is no number, None where there are no points. `groups`:
    in the order of the entries. `edges`: by number. `moves`: those that change the points of their entry, by entry.
    `units`: by field. `within`: how far from an edge is near.
    """

    criterion: str
    numbers: tuple[Value, ...]
    points: tuple[Fraction | None, ...]
    groups: tuple[GroupNumbers, ...]
    edges: tuple[Edge, ...]
    moves: tuple[Move, ...]
    units: Mapping[str, Fraction]
    within: Fraction


def distribution(
    rules: Rules,
    criterion: Criterion,
    entries: Entries,
    reported: Reported,
    *,
    within: Fraction = Fraction(0),
    units: Mapping[str, Fraction] | None = None,
) -> Distribution:
    """The distribution of the indicator `criterion`, without what factors and roundings of nodes do to it afterwards.

    `units`: one unit of a field; by default one in the last decimal place that anybody reports it in (1 where a number
    has no decimal form). InputError as `numbers_of`.
    """
    rule = criterion.indicator
    assert rule is not None
    numbers = tuple(numbers_of(rules, criterion.id, rule, entries, reported))
    points = tuple(score(rule, numbers, entries.group))
    members: dict[str, list[int]] = {}
    for n, group in enumerate(entries.group):
        members.setdefault(group, []).append(n)
    asked = rules.fields_of(rule)
    steps = {field: (units or {}).get(field) or _unit(field, criterion.id, entries, reported) for field in asked}
    return Distribution(
        criterion=criterion.id,
        numbers=numbers,
        points=points,
        groups=tuple(_group(group, own, numbers, points) for group, own in members.items()),
        edges=tuple(_edge(number, numbers, within) for number in edges_of(rule)),
        moves=tuple(_moves(rules, criterion, entries, reported, numbers, points, steps)),
        units=steps,
        within=within,
    )


def edges_of(rule: Indicator) -> tuple[Fraction, ...]:
    """The numbers at which points leap or their line bends, in order; none where places or numbers make the points."""
    if rule.method == "step":
        return tuple(step.at for step in rule.steps)
    if rule.method == "linear" and rule.worst is not None and rule.best is not None:
        return tuple(sorted((rule.worst, rule.best)))
    if rule.method == "target" and rule.target is not None:
        capped = rule.target * rule.cap if rule.better == "higher" else rule.target / rule.cap
        return tuple(sorted({rule.target, capped}))
    return ()


def quantile(ordered: list[Fraction], share: Fraction) -> Fraction:
    """Exact, linear between the numbers around position (n - 1) * share (Hyndman and Fan 1996, definition 7)."""
    whole, rest = divmod((len(ordered) - 1) * share, 1)
    low = ordered[whole]
    return low if rest == 0 else low + (ordered[whole + 1] - low) * rest


def _group(
    group: str, members: list[int], numbers: tuple[Value, ...], points: tuple[Fraction | None, ...]
) -> GroupNumbers:
    values = [numbers[n] for n in members]
    there = sorted(value for value in values if isinstance(value, Fraction))
    scored = sorted(value for value in (points[n] for n in members) if value is not None)
    return GroupNumbers(
        group=group,
        entries=len(members),
        missing={why: values.count(why) for why in Missing if why in values},
        numbers=tuple(quantile(there, share) for share in QUARTERS) if there else (),
        points=tuple(quantile(scored, share) for share in QUARTERS) if scored else (),
    )


def _edge(edge: Fraction, numbers: tuple[Value, ...], within: Fraction) -> Edge:
    apart = {n: abs(value - edge) for n, value in enumerate(numbers) if isinstance(value, Fraction)}
    return Edge(
        edge,
        at=tuple(n for n, distance in apart.items() if distance == 0),
        near=tuple(n for n, distance in apart.items() if 0 < distance <= within),
    )


def _unit(field: str, criterion: str, entries: Entries, reported: Reported) -> Fraction:
    places = 0
    for entry in entries.ids:
        number = reported.get(entry, criterion, field)
        try:
            places = max(places, 0 if number is None else decimal_places(number))
        except ValueError:
            continue
    return Fraction(1, 10**places)


def _moves(
    rules: Rules,
    criterion: Criterion,
    entries: Entries,
    reported: Reported,
    numbers: tuple[Value, ...],
    points: tuple[Fraction | None, ...],
    units: Mapping[str, Fraction],
) -> list[Move]:
    rule = criterion.indicator
    assert rule is not None
    fields = Fields(rule, [value if isinstance(value, Fraction) else None for value in numbers], entries.group)
    moves: list[Move] = []
    for field, unit in units.items():
        for by in (-unit, unit):
            moved = _reported(criterion.id, field, by, entries, reported)
            for n, value in enumerate(numbers_of(rules, criterion.id, rule, entries, moved)):
                if not isinstance(numbers[n], Fraction):
                    continue
                now = fields.points(n, value) if isinstance(value, Fraction) else None
                if now != points[n]:
                    moves.append(Move(n, field, by, now))
    return sorted(moves, key=lambda move: move.entry)


def _reported(criterion: str, field: str, by: Fraction, entries: Entries, reported: Reported) -> Reported:
    """What entries report with `by` more of one field, each at the criterion; nothing where they did not report it."""
    found = {entry: reported.get(entry, criterion, field) for entry in entries.ids}
    moved = {(entry, criterion, field): number + by for entry, number in found.items() if number is not None}
    return Reported({**reported.values, **moved})
