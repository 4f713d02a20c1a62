"""The verbs by which sheets change in a meeting, and by which a session is voided and all of that taken back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from simsa.web.panel.marks import checked
from simsa.web.panel.models import Meeting, MeetingAct, MeetingItem, Reviewer, Sheet, SheetChange, Slot
from simsa.web.panel.services.attending import in_the_room, note_act
from simsa.web.panel.services.convening import about, check_state, held, held_item, move, said, tell_members
from simsa.web.panel.services.drafting import check_taken, follow_sheet, offered
from simsa.web.panel.services.meeting import OutOfRoomError, hash_of
from simsa.web.panel.services.sheets import submit_sheet
from simsa.web.programmes.models import Round
from simsa.web.programmes.services import StageError, record

Act = MeetingAct.Kind
State = Meeting.State


def change_sheet(
    item: MeetingItem, slot: Slot, marks: Mapping[str, str], reason: str, *, by: Sequence[Reviewer], actor: str
) -> SheetChange:
    """Change the sheet of a slot while its entry is discussed: a new version, which says why. `by`: whom the person
    acts for, the slot's reviewer among them.

    StageError unless the rules let marks change in a meeting, the entry is being discussed and its sheet was submitted
    before; OutOfRoomError for who is not in the room; ValidationError for marks that the rules do not allow (by leaf),
    that change nothing, and without a reason; NotTakenError once scoring is over.
    """
    with transaction.atomic():
        meeting = held(item.meeting)
        item = held_item(item, meeting)
        check_state(meeting, State.OPEN)
        check_taken(meeting.round)
        rule = meeting.round.rules.meeting
        if rule is None or rule.marks != "change":
            raise StageError(_("By the rules of this round no marks change in a meeting."))
        if item.state != MeetingItem.State.OPEN or slot.entry_id != item.entry_id:
            raise StageError(_("This entry is not being discussed now."))
        slot = _fresh(slot)
        if slot.reviewer_id not in {one.pk for one in by} or in_the_room(item, by) is None:
            raise OutOfRoomError(_("Only who scores the entry and is in the room changes their own marks."))
        before = slot.sheets.filter(version=slot.version).select_related("opening").first()
        if before is None:
            raise StageError(_("Marks are given before they are discussed: there is no sheet of yours to change."))
        clean = _checked(meeting.round, marks)
        if clean == before.by_leaf:
            raise ValidationError(_("These are the marks that you gave already."))
        return _change(meeting, item, slot, before, clean, said(reason), actor)


def void(meeting: Meeting, reason: str, *, actor: str) -> list[SheetChange]:
    """An observer voids a session: every sheet that was changed in it is as it was before, by a new version. Nothing is
    deleted; its members are told, and the entries can be discussed in another.

    A sheet that was recused since, or whose place somebody took, stays so. ValidationError without a reason; StageError
    if an entry of it was discussed in a later meeting (which is voided first), and once scoring is closed.
    """
    with transaction.atomic():
        meeting = held(meeting)
        check_state(meeting, State.OPEN, State.ADJOURNED, State.CLOSED)
        check_taken(meeting.round)
        text = said(reason)
        if (later := _discussed_since(meeting)) is not None:
            what = _("Meeting %(number)d has discussed one of its entries since: void that one first.")
            raise StageError(what % {"number": later.number})
        restored = [_restore(meeting, first, actor) for first in _first_changes(meeting)]
        meeting.items.filter(state=MeetingItem.State.OPEN).update(state=MeetingItem.State.CLOSED)
        move(meeting, State.VOIDED)
        note_act(meeting, Act.VOIDED, text=text, actor=actor)
        made = [one for one in restored if one is not None]
        told = {**about(meeting), "restored": [one.slot.name for one in made], "sha256": hash_of(text)}
        record(meeting.round, "meeting.voided", actor, told)
        tell_members(meeting, "meeting_voided", text)
    return made


def _discussed_since(meeting: Meeting) -> Meeting | None:
    """A session that stands in which an entry was taken up after this one took it up; numbers say nothing of it."""
    taken_up = MeetingAct.objects.filter(kind=Act.TAKEN_UP).order_by("pk")
    first: dict[int, int] = {}
    for pk, entry in taken_up.filter(meeting=meeting).values_list("pk", "item__entry"):
        first.setdefault(entry, pk)
    others = taken_up.filter(item__entry__in=first).exclude(meeting=meeting).exclude(meeting__state=State.VOIDED)
    since = (act for act in others.select_related("meeting", "item") if act.item and act.pk > first[act.item.entry_id])
    return next((act.meeting for act in since), None)


def _first_changes(meeting: Meeting) -> list[SheetChange]:
    """The first change of each slot that was changed."""
    first: dict[int, SheetChange] = {}
    changes = SheetChange.objects.filter(act__meeting=meeting, undoes=None).order_by("pk")
    for one in changes.select_related("before__opening", "act__item__entry"):
        first.setdefault(one.slot_id, one)
    return list(first.values())


def _restore(meeting: Meeting, first: SheetChange, actor: str) -> SheetChange | None:
    """What stood before the first change, as a new version; None where that stands, or the slot counts no more."""
    slot = _fresh(first.slot)
    now = slot.sheets.filter(version=slot.version).select_related("opening").get()
    marks = first.before.by_leaf
    if slot.status == Slot.Status.RECUSED or hasattr(slot, "replaced_by") or now.by_leaf == marks:
        return None
    item = first.act.item
    assert item is not None  # a change is of the entry that is discussed
    return _change(meeting, item, slot, now, marks, "", actor, undoes=first)


def _change(
    meeting: Meeting,
    item: MeetingItem,
    slot: Slot,
    before: Sheet,
    marks: Mapping[str, str],
    reason: str,
    actor: str,
    undoes: SheetChange | None = None,
) -> SheetChange:
    submit_sheet(slot, marks, in_meeting=True)
    slot = _fresh(slot)
    follow_sheet(slot)
    after = slot.sheets.get(version=slot.version)
    kind = Act.CHANGED if undoes is None else Act.RESTORED
    act = note_act(meeting, kind, item=item, reviewer=slot.reviewer, text=reason, actor=actor)
    made: SheetChange = SheetChange.objects.create(act=act, slot=slot, before=before, after=after, undoes=undoes)
    told = {**about(meeting), "item": item.pk, "slot": slot.name, "before": before.version, "after": after.version}
    if undoes is None:  # why all are restored, the voiding says
        record(meeting.round, "meeting.sheet_changed", actor, {**told, "sha256": hash_of(reason)})
    else:
        record(meeting.round, "meeting.sheet_restored", actor, told)
    return made


def _checked(round_: Round, marks: Mapping[str, str]) -> dict[str, str]:
    """ValidationError by leaf also for what can only be said elsewhere: who steps back withdraws."""
    clean = checked(round_.rules, marks)
    faults = {}
    for leaf in round_.rules.leaves:
        allowed = {why.value for why in offered(round_.rules, leaf)}
        if clean[leaf.id] in {"recused", "not_submitted", "abstained", "not_applicable"} - allowed:
            faults[leaf.id] = [_("the rules want a mark here")]
    if faults:
        raise ValidationError(faults)
    return clean


def _fresh(slot: Slot) -> Slot:
    return Slot.objects.select_related("entry__round", "entry__entrant", "reviewer", "replaced_by").get(pk=slot.pk)
