"""The rows that list a round's entries and its panel."""

from __future__ import annotations

from simsa.rules import Rules
from simsa.tables.mapping import EntriesPart, Numbers, ReviewersPart, Value
from simsa.tables.rows import Rows
from simsa.tables.sections.decimals import read_decimals
from simsa.tables.sections.people import Entrant, Reviewer
from simsa.tables.sections.settling import good_rows
from simsa.tables.table import UNSEEN, Cell, has_control


def read_entrants(part: EntriesPart, rows: Rows, rules: Rules) -> tuple[Entrant, ...]:
    """One entrant per row. Faulty: no id, an id that was there before, a group unknown to the rules, a bad position."""
    ids, groups = rows.values(part.id), rows.values(part.group)
    names = [(language, rows.values(value)) for language, value in part.name]
    more = [(name, rows.values(value)) for name, value in part.fields]
    region = rows.values(part.region) if part.region else [None] * len(rows)
    places = [_degrees(rows, part.latitude, 90), _degrees(rows, part.longitude, 180)]
    known = ", ".join(group.id for group in rules.groups)
    first: dict[str, int] = {}
    for row, (key, group) in enumerate(zip(ids, groups, strict=True)):
        _check_id(rows, row, part.id, key, first)
        if group is None or rules.group(group) is None or has_control(group):
            what = "is empty" if group is None else UNSEEN[0] if has_control(group) else "is no group of the rules"
            rows.intake.note("malformed", rows.origin[row], what, f"known: {known}", field="group", value=group)
    return tuple(
        Entrant(
            id=ids[row] or "",
            name={language: cells[row] or ids[row] or "" for language, cells in names if cells[row] or len(names) == 1},
            group=groups[row] or "",
            region=region[row],
            latitude=places[0][row],
            longitude=places[1][row],
            fields={name: cells[row] or "" for name, cells in more},
        )
        for row in good_rows(rows)
    )


def read_panel(part: ReviewersPart, rows: Rows) -> tuple[Reviewer, ...]:
    """One reviewer per row. Faulty: no id, or an id that was there before."""
    ids = rows.values(part.id)
    names = [(language, rows.values(value)) for language, value in part.name]
    more = [(name, rows.values(value)) for name, value in part.fields]
    first: dict[str, int] = {}
    for row, key in enumerate(ids):
        _check_id(rows, row, part.id, key, first)
    return tuple(
        Reviewer(
            id=ids[row] or "",
            name={language: cells[row] or "" for language, cells in names if cells[row]},
            fields={name: cells[row] or "" for name, cells in more},
        )
        for row in good_rows(rows)
    )


def _check_id(rows: Rows, row: int, value: Value, key: Cell, first: dict[str, int]) -> None:
    if key is None:
        rows.intake.note("malformed", rows.origin[row], "is empty", "every row needs an id", field=value.label)
    elif has_control(key):
        rows.intake.note("malformed", rows.origin[row], *UNSEEN, field=value.label, value=key)
    elif first.setdefault(key, row) != row:
        earlier = rows.intake.line[rows.origin[first[key]]]
        what = f"is there already on line {earlier}"
        rows.intake.note("repeated", rows.origin[row], what, "one id, one row", field=value.label, value=key)


def _degrees(rows: Rows, value: Value | None, most: int) -> list[float | None]:
    if value is None:
        return [None] * len(rows)
    found: list[float | None] = []
    for row, (cell, number) in enumerate(read_decimals(rows.values(value), Numbers())):
        fits = number is not None and abs(number) <= most
        if cell is not None and not fits:
            hint = f"degrees from -{most} to {most}, e.g. 37.5665"
            rows.intake.note("malformed", rows.origin[row], "is no position", hint, field=value.label, value=cell)
        found.append(float(number) if number is not None and fits else None)
    return found
