"""What the pages of an entry show: its fields with what is written in them, the checklist, and what was submitted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import get_language

from simsa.rules import Criterion, Rules
from simsa.web.entries.content import (
    CASE_PARTS,
    OUTCOME_PARTS,
    OUTCOMES,
    Item,
    anchor_of,
    cases_of,
    faults_of,
    numbers,
    texts,
)
from simsa.web.entries.desk.suggestions import suggestions
from simsa.web.entries.files.parts import Part, part_of
from simsa.web.entries.models import DraftField, Entry, Submission
from simsa.web.entries.services.drafting import fields_of, values_of
from simsa.web.entries.services.submitting import items_of, last_submission
from simsa.web.programmes.phases import moments, phase_of


@dataclass(frozen=True)
class Field:
    """A field to write in: its name, label, present value and version, and what is wrong with it."""

    name: str
    label: str
    value: str
    version: int
    fault: str = ""
    unit: str = ""

    @property
    def id(self) -> str:
        return anchor_of(self.name)

    @property
    def length(self) -> int:
        return len(self.value.strip())


@dataclass(frozen=True)
class Section:
    """A criterion: its path of names above, the field for its text, numbers that it reports, and its files."""

    criterion: Criterion
    title: str
    description: str
    above: tuple[str, ...]
    text: Field | None
    numbers: tuple[Field, ...]
    files: Part


@dataclass(frozen=True)
class ShownCase:
    """A case as it is written: its parts, and rows of outcomes, of which one more than are filled is shown."""

    number: int
    place: int
    parts: Mapping[str, Field]
    outcomes: tuple[Mapping[str, Field], ...]


@dataclass(frozen=True)
class Desk:
    """All that the page of an entry shows."""

    entry: Entry
    sections: tuple[Section, ...]
    cases: tuple[ShownCase, ...]
    removed: tuple[ShownCase, ...]
    items: tuple[Item, ...]
    last: Submission | None
    editable: bool
    phase: str
    phase_label: str
    now: datetime
    deadline: datetime | None
    grace_until: datetime | None

    @property
    def wrong(self) -> list[Item]:
        return [item for item in self.items if item.state == "wrong"]

    @property
    def missing(self) -> list[Item]:
        return [item for item in self.items if item.state == "missing"]

    @property
    def done(self) -> int:
        return sum(item.state == "done" for item in self.items)

    @property
    def rules(self) -> Rules:
        return self.entry.round.rules

    @property
    def suggestions(self) -> Mapping[str, Sequence[str]]:
        return suggestions(self.rules, get_language() or "ko")


def desk_of(entry: Entry, user: Any) -> Desk:
    """What a visitor is shown of an entry that is being written."""
    rules, language, now = entry.round.rules, get_language() or "ko", timezone.now()
    fields = fields_of(entry)
    items = tuple(items_of(entry, language))
    values = values_of(fields)
    draw = _Drawing(fields, faults_of(rules, values))
    shown = cases_of(values)
    removed = [n for n in cases_of({k: v for k, v in values.items() if not k.endswith("/removed")}) if n not in shown]
    at = moments(rules)
    phase = phase_of(entry.round, now)
    return Desk(
        entry=entry,
        sections=tuple(_sections(entry, rules, draw, user, language)),
        cases=tuple(draw.case(n, place) for place, n in enumerate(shown, 1)),
        removed=tuple(draw.case(n, 0) for n in removed),
        items=items,
        last=last_submission(entry),
        editable=user.has_perm("entries.edit_entry", entry),
        phase=str(phase),
        phase_label=str(phase.label),
        now=now,
        deadline=at.get("deadline"),
        grace_until=at.get("grace_until"),
    )


class _Drawing:
    def __init__(self, fields: Mapping[str, DraftField], faults: Mapping[str, str]) -> None:
        self.fields, self.faults = fields, faults

    def field(self, name: str, label: str, unit: str = "") -> Field:
        kept = self.fields.get(name)
        value, version = (kept.value, kept.version) if kept else ("", 0)
        return Field(name, label, value, version, self.faults.get(name, ""), unit)

    def case(self, n: int, place: int) -> ShownCase:
        parts = {part: self.field(f"case/{n}/{part}", str(label)) for part, label in CASE_PARTS.items()}
        rows = [
            {part: self.field(f"case/{n}/outcome/{m}/{part}", str(label)) for part, label in OUTCOME_PARTS.items()}
            for m in range(1, OUTCOMES + 1)
        ]
        filled = max((m for m, row in enumerate(rows, 1) if any(one.value for one in row.values())), default=0)
        return ShownCase(n, place, parts, tuple(rows[: min(filled + 1, OUTCOMES)]))


def _sections(entry: Entry, rules: Rules, draw: _Drawing, user: Any, language: str) -> list[Section]:
    written = {node.id for node in texts(rules)}
    asked: dict[str, list[Field]] = {}
    for node, field, unit in numbers(rules):
        asked.setdefault(node.id, []).append(draw.field(f"number/{node.id}/{field}", field, unit))
    return [
        Section(
            criterion=node,
            title=node.name.text(language),
            description=node.description.text(language) if node.description else "",
            above=tuple(_above(rules, node, language)),
            text=draw.field(f"text/{node.id}", node.name.text(language)) if node.id in written else None,
            numbers=tuple(asked.get(node.id, ())),
            files=part_of(entry, node.id, user),
        )
        for node in rules.criteria
        if node.id in written or node.id in asked
    ]


def _above(rules: Rules, node: Criterion, language: str) -> list[str]:
    """Names of the criteria above a criterion, from the top, without the root."""
    names: list[str] = []
    while node.parent is not None and (above := rules.by_id.get(node.parent)) is not None and above.parent is not None:
        names.insert(0, above.name.text(language))
        node = above
    return names
