"""A meeting in the round of the demo that is being scored, on one entry whose invented marks lie far apart."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from simsa.rules import decimal_text
from simsa.web.panel.models import Reviewer, Slot
from simsa.web.panel.services import SheetRow, attend, convene, submit_sheets
from simsa.web.programmes.drafting.document import Document
from simsa.web.programmes.models import Round

_ACTOR = "system"


def with_meeting(rules: Document) -> Document:
    """The rules with meetings in which marks are seen and may be changed."""
    told = {("meeting", "spread"): 20, ("meeting", "marks"): "change", ("sight", "reviewer", "marks"): "meeting"}
    for place, value in told.items():
        rules = rules.put(place, value)
    return rules


def convene_on_one(round_: Round, chair: Reviewer) -> None:
    """The first entry that the chair scores: all its sheets are in, and everybody else waits in the room."""
    mine = Slot.objects.filter(reviewer=chair).order_by("position").select_related("entry__entrant")[0]
    slots = list(mine.entry.slots.order_by("position").select_related("reviewer"))
    code = mine.entry.entrant.code
    submit_sheets(round_, [SheetRow(code, slot.reviewer.code, _marks(round_, n)) for n, slot in enumerate(slots)])
    others = [slot.reviewer for slot in slots if slot.reviewer_id != chair.pk]
    at = timezone.now() + timedelta(days=1)
    meeting = convene(round_, at, [code], chair.code, others[0].code, "영상회의 (지어낸 예시)", actor=_ACTOR)
    for one in others:
        attend(meeting, True, by=one, actor=_ACTOR)


def _marks(round_: Round, number: int) -> dict[str, str]:
    """A sheet from the upper half of every scale, each reviewer's higher than the one's before."""
    found = {}
    for n, leaf in enumerate(round_.rules.leaves):
        assert leaf.scale is not None  # the panel marks it
        upper = leaf.scale.marks[leaf.scale.size // 2 :]
        found[leaf.id] = decimal_text(upper[min(number * 2 + n % 2, len(upper) - 1)])
    return found
