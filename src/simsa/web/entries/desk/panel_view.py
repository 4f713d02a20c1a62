"""An entry as the panel sees it, before or after it was submitted: one form for the preview and for whoever scores."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import get_language

from simsa.web.entries.content import content_of, faults_of, without_faults
from simsa.web.entries.countries import country_name
from simsa.web.entries.files.keeping import evidence_of
from simsa.web.entries.models import Entry, Evidence, Objection
from simsa.web.entries.services.drafting import fields_of, values_of
from simsa.web.entries.services.submitting import last_submission, submitted_evidence
from simsa.web.programmes.sight import hides_entrants


@dataclass(frozen=True)
class SeenSection:
    """A criterion: its name, the text, numbers with their units, and files."""

    criterion: str
    title: str
    text: str
    numbers: tuple[tuple[str, str, str], ...]
    files: tuple[Evidence, ...]


@dataclass(frozen=True)
class Seen:
    """A whole entry. `blind`: whose it is remains hidden, and files are the copies that do not tell it.

    `unfinished`: fields that are wrong as yet, and left out.
    """

    name: str
    group: str
    blind: bool
    sections: tuple[SeenSection, ...]
    cases: tuple[Mapping[str, Any], ...]
    unfinished: int = 0


def seen_draft(entry: Entry) -> Seen:
    """What is written now."""
    rules, values = entry.round.rules, values_of(fields_of(entry))
    content = content_of(rules, entry.entrant.code, without_faults(rules, values), ())
    files = [one for one in evidence_of(entry) if one.state == Evidence.State.READY]
    return _seen(entry, content, files, len(faults_of(rules, values)))


def seen_submission(entry: Entry) -> Seen | None:
    """What was submitted last; None where nothing counts."""
    last = last_submission(entry)
    if last is None or last.withdrawn:
        return None
    objected = Objection.objects.filter(entry=entry, ruling=Objection.Ruling.UPHELD, evidence__isnull=False)
    upheld = set(objected.values_list("evidence", flat=True))
    files = [one for one in submitted_evidence(entry) if one.pk not in upheld]
    return _seen(entry, json.loads(last.content), files, 0)


def _seen(entry: Entry, content: Mapping[str, Any], files: Sequence[Evidence], unfinished: int) -> Seen:
    rules, language, blind = entry.round.rules, get_language() or "ko", hides_entrants(entry.round)
    units = dict(rules.units)
    sections = [
        SeenSection(
            criterion=node.id,
            title=node.name.text(language),
            text=content["texts"].get(node.id, ""),
            numbers=tuple(
                (field, number, units.get(field, "")) for field, number in content["numbers"].get(node.id, {}).items()
            ),
            files=tuple(one for one in files if one.criterion == node.id and (one.cleaned or not blind)),
        )
        for node in rules.criteria
        if not rules.children(node.id)
    ]
    group = rules.group(entry.group)
    return Seen(
        name="" if blind else entry.entrant.name(language),
        group=group.name.text(language) if group else entry.group,
        blind=blind,
        sections=tuple(sections),
        cases=tuple(
            {**case, "partners": [country_name(code, language) for code in case["partners"]]}
            for case in content["cases"]
        ),
        unfinished=unfinished,
    )
