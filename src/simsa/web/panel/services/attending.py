"""Who is in the room of a meeting, and who is kept from an entry and so out of it: asked anew for all done there.

Whoever is kept from an entry (a conflict of interest, or a sheet that was recused) is out of the room while it is
discussed, also where that arises in the middle: they see nothing of it and do nothing in it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime

from django.db.models import QuerySet
from django.utils import timezone

from simsa.web.panel.models import Conflict, Meeting, MeetingAct, MeetingItem, Reviewer, Slot

Act = MeetingAct.Kind
State = MeetingItem.State
GOING_ON = (Meeting.State.OPEN, Meeting.State.ADJOURNED)


def kept_from(entry_id: int) -> set[int]:
    """Keys of the reviewers who are kept from an entry."""
    barred = Conflict.objects.filter(entry=entry_id).values_list("reviewer", flat=True)
    recused = Slot.objects.filter(entry=entry_id, status=Slot.Status.RECUSED).values_list("reviewer", flat=True)
    return {*barred, *recused}


def scoring_slots(item: MeetingItem) -> QuerySet[Slot]:
    """The slots of those who score an entry and are not kept from it, in an order that is nobody's."""
    there = Slot.objects.filter(entry=item.entry_id, replaced_by=None).exclude(status=Slot.Status.RECUSED)
    return there.exclude(reviewer__in=kept_from(item.entry_id)).select_related("reviewer").order_by("name")


def lead_of(item: MeetingItem) -> Reviewer | None:
    """Who leads the discussion of an entry: who was named for it, else the chair, else the deputy, whoever is first
    not kept from it; None where an officer has to name somebody."""
    kept = kept_from(item.entry_id)
    meeting = item.meeting
    return next(
        (one for one in (item.lead, meeting.chair, meeting.deputy) if one is not None and one.pk not in kept), None
    )


def open_item(meeting: Meeting) -> MeetingItem | None:
    """What is being discussed."""
    found = MeetingItem.objects.filter(meeting=meeting, state=State.OPEN)
    return found.select_related("meeting__chair", "meeting__deputy", "lead", "entry__entrant", "entry__round").first()


def present_in(meeting: Meeting) -> dict[tuple[int | None, str], datetime]:
    """Who is in the room, and since when: (a member, "") or (None, who else is there)."""
    found: dict[tuple[int | None, str], datetime] = {}
    moves = meeting.acts.filter(kind__in=[Act.JOINED, Act.LEFT]).order_by("pk")
    for kind, reviewer, actor, at in moves.values_list("kind", "reviewer", "actor", "at"):
        who = (reviewer, "") if reviewer is not None else (None, actor)
        if kind == Act.JOINED:
            found[who] = at
        else:
            found.pop(who, None)
    return found


def members_present(meeting: Meeting) -> set[int]:
    """Keys of the members who are in the room."""
    return {reviewer for reviewer, _who in present_in(meeting) if reviewer is not None}


def presides(meeting: Meeting, reviewers: Iterable[Reviewer]) -> Reviewer | None:
    """Which of these (one person's) presides now, if any: the chair; while the chair is away, or out of the room for
    the entry that is discussed, the deputy; where both are, who leads that entry."""
    item, there = open_item(meeting), members_present(meeting)
    kept = set() if item is None else kept_from(item.entry_id)
    own = {one.pk: one for one in reviewers if one.pk not in kept}
    if meeting.chair_id in own:
        return own[meeting.chair_id]
    chair_away = meeting.chair_id in kept or meeting.chair_id not in there
    if meeting.deputy_id in own and chair_away:
        return own[meeting.deputy_id]
    lead = None if item is None else lead_of(item)
    return None if lead is None else own.get(lead.pk)


def in_the_room(item: MeetingItem, reviewers: Collection[Reviewer]) -> Reviewer | None:
    """As which of these (one person's) somebody takes part in the discussion of an entry: they score it or lead it, are
    in the room, and none of them is kept from it. None: they see nothing of it."""
    kept, there = kept_from(item.entry_id), members_present(item.meeting)
    if any(one.pk in kept for one in reviewers):
        return None
    scoring = {slot.reviewer_id for slot in scoring_slots(item)}
    lead = lead_of(item)
    concerned = scoring if lead is None else {*scoring, lead.pk}
    return next((one for one in reviewers if one.pk in concerned and one.pk in there), None)


def step_out(entry_id: int, reviewer: Reviewer, actor: str) -> None:
    """Note that a member is out of the room from here on, if the entry is being discussed with them in it."""
    item = MeetingItem.objects.filter(entry=entry_id, state=State.OPEN, meeting__state__in=GOING_ON)
    found = item.select_related("meeting").first()
    if found is None or reviewer.pk not in members_present(found.meeting):
        return
    since = found.acts.filter(kind=Act.TAKEN_UP).order_by("pk").last()
    if found.acts.filter(kind=Act.STEPPED_OUT, reviewer=reviewer, pk__gt=since.pk if since else 0).exists():
        return
    note_act(found.meeting, Act.STEPPED_OUT, item=found, reviewer=reviewer, actor=actor)


def note_act(
    meeting: Meeting,
    kind: MeetingAct.Kind,
    *,
    item: MeetingItem | None = None,
    reviewer: Reviewer | None = None,
    text: str = "",
    corrects: MeetingAct | None = None,
    actor: str,
) -> MeetingAct:
    """Add to what happened in a meeting."""
    made: MeetingAct = MeetingAct.objects.create(
        meeting=meeting,
        item=item,
        kind=kind,
        reviewer=reviewer,
        text=text,
        corrects=corrects,
        at=timezone.now(),
        actor=actor,
    )
    return made
