"""Places that come after the assignment: in the place of others, or held back until then.

Whoever gets one is told in the same letter, and has it at the end of their order, whatever it came of.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from django.conf import settings
from django.db.models import Max
from django.urls import reverse
from django.utils import translation

from simsa.record.statements import new_slot
from simsa.web.entries.models import Entry
from simsa.web.panel.models import Procedure, ReviewBatch, Reviewer, Slot
from simsa.web.panel.seating import Seating
from simsa.web.panel.services.stating import state_slots
from simsa.web.programmes.letters import Letter, post
from simsa.web.programmes.models import Kind, Role, Round

RECUSED, MISSED, REARRANGED = "recused", "missed", "rearranged"
"""Why a slot was replaced without a procedure: its sheet was recused; there was none before its entry was discussed; or
so that another could be filled."""


class Place(NamedTuple):
    """Who is to score an entry, and the slot that it `replaces`, if any."""

    entry: Entry
    reviewer: Reviewer
    replaces: Slot | None = None


def place(
    round_: Round,
    places: Sequence[Place],
    seating: Seating,
    batch: ReviewBatch | None = None,
) -> list[Slot]:
    """New slots of a locked round, in the database and in the record; their reviewers get a letter each.

    They are made in the order of their random names: neither the order of entries nor what they came of is to be seen.
    """
    last = Slot.objects.filter(entry__round=round_).aggregate(last=Max("position"))["last"]
    named = sorted(((new_slot(), one) for one in places), key=lambda pair: pair[0])
    made = [
        Slot.objects.create(
            entry=one.entry,
            reviewer=one.reviewer,
            name=name,
            affinity=seating.affinities.get(one.entry.entrant.code, {}).get(one.reviewer.code, ""),
            position=position,
            replaces=one.replaces,
            batch=batch,
        )
        for position, (name, one) in enumerate(named, start=last + 1)
    ]
    state_slots(round_, made, {one.name: _reason(one.replaces, seating) for one in made if one.replaces is not None})
    by_reviewer: dict[int, list[Slot]] = {}
    for slot in made:
        by_reviewer.setdefault(slot.reviewer_id, []).append(slot)
    for slots in by_reviewer.values():
        _tell_reviewer(round_, slots)
    return made


def _reason(slot: Slot, seating: Seating) -> str:
    """Why a slot is replaced, as everybody may read it."""
    if slot.pk in seating.missed:
        return MISSED
    if slot.status != Slot.Status.RECUSED:
        return REARRANGED
    granted = Procedure.objects.filter(entry=slot.entry, reviewer=slot.reviewer, state=Procedure.State.GRANTED)
    return granted.order_by("pk").values_list("kind", flat=True).first() or RECUSED


def _tell_reviewer(round_: Round, slots: Sequence[Slot]) -> None:
    """Write to those who act for the reviewer of new slots; of what these came is not in it."""
    first = slots[0]
    acting = Role.objects.filter(round=round_, kind=Kind.REVIEWER, code=first.reviewer.code, until=None)
    for role in acting.select_related("person"):
        person = role.person
        with translation.override(person.language):
            link = settings.PUBLIC_URL + reverse("panel:declaration", args=[first.reviewer_id])
            facts = {"round": round_.title, "n": len(slots), "link": link}
        post(Letter(f"seated/{first.pk}/{person.pk}", person.email, person.language, "seated", facts), round_)
