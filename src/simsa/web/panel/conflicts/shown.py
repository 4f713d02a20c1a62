"""What the pages of conflicts show."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from simsa.engine.slots import comparable, conflicts
from simsa.rules import ConflictRule
from simsa.web.entries.inputs import entries_of, fields_of
from simsa.web.entries.models import Entry
from simsa.web.panel.inputs import reviewers_of
from simsa.web.panel.models import Conflict, Declaration, Disclosure, Procedure, Reviewer, Slot
from simsa.web.panel.saving import missed_in
from simsa.web.panel.scoring.own import OwnSlot, own_slots
from simsa.web.panel.services.declaring import (
    declarable,
    declared_until,
    declaring_rule,
    last_declaration,
    may_declare,
)
from simsa.web.programmes.models import Kind, Round
from simsa.web.programmes.sight import ENTRANT, sees


@dataclass(frozen=True)
class Choice:
    """One thing that can be declared: its value, what it is called, whether it is chosen, and the reason given."""

    value: str
    label: str
    chosen: bool
    about: str = ""
    reason: str = ""


@dataclass(frozen=True)
class Declaring:
    """The page on which a reviewer declares: entries (none where entrants are hidden), and values by field."""

    reviewer: Reviewer
    last: Declaration | None
    editable: bool
    counted: bool
    until: Any
    entries: tuple[Choice, ...]
    fields: tuple[tuple[str, str, tuple[Choice, ...]], ...]
    names: str
    slots: tuple[OwnSlot, ...]

    @property
    def chosen(self) -> list[str]:
        """What was declared, in words."""
        found = [f"{one.label}{f' ({one.reason})' if one.reason else ''}" for one in self.entries if one.chosen]
        found += [f"{label}: {one.label}" for _field, label, values in self.fields for one in values if one.chosen]
        return found + self.names.splitlines()


def declaring_of(reviewer: Reviewer) -> Declaring:
    """What a reviewer declared and can declare."""
    round_, last, language = reviewer.round, last_declaration(reviewer), get_language() or "ko"
    said: Mapping[str, Any] = last.said if last is not None else {"entries": {}, "values": {}, "names": []}
    shown = sees(round_, Kind.REVIEWER, ENTRANT)
    there = round_.entries.select_related("entrant").order_by("position") if shown else ()
    return Declaring(
        reviewer=reviewer,
        last=last,
        editable=may_declare(round_, timezone.now()),
        counted=declaring_rule(round_) is not None,
        until=declared_until(round_),
        entries=tuple(_choice(entry, said["entries"], language) for entry in there),
        fields=tuple(_fields(round_, said["values"])),
        names="\n".join(said["names"]),
        slots=tuple(own_slots(round_, {reviewer.code})),
    )


def _choice(entry: Entry, said: Mapping[str, str], language: str) -> Choice:
    code = entry.entrant.code
    about = " · ".join(part for part in (code, entry.entrant.region, entry.group) if part)
    return Choice(code, entry.entrant.name(language), code in said, about, said.get(code, ""))


def _fields(round_: Round, said: Mapping[str, Sequence[str]]) -> list[tuple[str, str, tuple[Choice, ...]]]:
    return [
        (
            field,
            _("Region") if field == "region" else field,
            tuple(Choice(value, value, value in said.get(field, ())) for value in values),
        )
        for field, values in declarable(round_).items()
    ]


@dataclass(frozen=True)
class Member:
    """A member of the panel as officers see them."""

    reviewer: Reviewer
    declaration: Declaration | None
    conflicts: int
    load: int
    submitted: int


def members_of(round_: Round) -> list[Member]:
    """The panel, with what each declared, and how much they have to do."""
    last = {one.reviewer_id: one for one in Declaration.objects.filter(reviewer__round=round_).order_by("version")}
    barred = Counter(reviewer for _entry, reviewer in barred_pairs(round_))
    there = Slot.objects.filter(entry__round=round_, replaced_by=None).exclude(pk__in=missed_in(round_.pk))
    slots = there.values_list("reviewer", "status")
    loads = Counter(reviewer for reviewer, status in slots if status != Slot.Status.RECUSED)
    done = Counter(reviewer for reviewer, status in slots if status == Slot.Status.SUBMITTED)
    return [
        Member(one, last.get(one.pk), barred[one.code], loads[one.pk], done[one.pk])
        for one in round_.reviewers.order_by("position")
    ]


def barred_pairs(round_: Round) -> set[tuple[str, str]]:
    """Codes of entry and reviewer of every conflict: recorded ones, and those that the rules find now."""
    pairs = Conflict.objects.filter(entry__round=round_).values_list("entry__entrant__code", "reviewer__code")
    return {*pairs, *((entry, reviewer) for entry, reviewer, *_rule in rule_pairs(round_))}


@dataclass(frozen=True)
class Found:
    """A conflict as the register shows it: what it follows from, and (of a rule that compares) both values."""

    entry: str
    reviewer: str
    source: str
    why: str
    entrant_value: str = ""
    reviewer_value: str = ""


def register_of(round_: Round) -> list[Found]:
    """Every conflict: those that the rules find now, and those that were declared or decided."""
    language = get_language() or "ko"
    names = {one.entrant.code: one.entrant.name(language) for one in round_.entries.select_related("entrant")}
    panel = dict(round_.reviewers.values_list("code", "name"))
    rows = list(_by_rule(round_, names, panel, language))
    others = Conflict.objects.filter(entry__round=round_).exclude(source=Conflict.Source.RULE)
    kinds, rules = dict(Procedure.Kind.choices), {rule.id: rule.name.text(language) for rule in round_.rules.conflicts}
    for one in others.select_related("entry__entrant", "reviewer").order_by("reviewer__position", "entry__position"):
        code = one.entry.entrant.code
        why = kinds.get(one.reason, one.reason) if one.procedure_id else rules.get(one.reason, one.reason)
        rows.append(Found(names[code], one.reviewer.name, one.get_source_display(), str(why)))
    return rows


def _by_rule(round_: Round, names: Mapping[str, str], panel: Mapping[str, str], language: str) -> list[Found]:
    label, found = str(Conflict.Source.RULE.label), []
    for entry, reviewer, rule, left, right in rule_pairs(round_):
        values = (f"{rule.entrant} = {left}", f"{rule.reviewer} = {right}")
        found.append(Found(names[entry], panel[reviewer], label, rule.name.text(language), *values))
    return found


def rule_pairs(round_: Round) -> list[tuple[str, str, ConflictRule, str, str]]:
    """What the rules find now: codes of entry and reviewer, the rule, and the two values that it compares."""
    entries, reviewers, fields = entries_of(round_), reviewers_of(round_), fields_of(round_)
    rules = comparable(round_.rules, fields, reviewers)
    by_id, found = {rule.id: rule for rule in rules.conflicts}, []
    for pair in conflicts(rules, entries, fields, reviewers):
        rule = by_id[pair.rule]
        if rule.entrant is not None and rule.reviewer is not None:
            values = fields[rule.entrant][pair.entry], reviewers.fields[rule.reviewer][pair.reviewer]
            found.append((entries.ids[pair.entry], reviewers.ids[pair.reviewer], rule, *values))
    return found


def disclosed(round_: Round) -> Disclosure | None:
    """Since when entrants see the panel; None if they do not."""
    return Disclosure.objects.filter(round=round_).first()
