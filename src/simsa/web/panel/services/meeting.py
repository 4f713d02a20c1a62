"""The verbs of a meeting in session: come in, open, take up one entry after the other, note, conclude, dissent, close.

Each asks anew who may do it (`simsa.web.panel.services.attending`): whoever is kept from an entry does nothing while it
is discussed, also where that arose a moment ago.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from simsa.web.panel.models import Meeting, MeetingAct, MeetingItem, Reviewer, Slot
from simsa.web.panel.saving import bound_among
from simsa.web.panel.services.attending import (
    in_the_room,
    kept_from,
    lead_of,
    members_present,
    note_act,
    open_item,
    present_in,
    presides,
    scoring_slots,
)
from simsa.web.panel.services.convening import about, check_state, held, held_item, move, said
from simsa.web.programmes.models import Round
from simsa.web.programmes.phases import is_due, takes_sheets
from simsa.web.programmes.services import SYSTEM, StageError, record

Act = MeetingAct.Kind
State = Meeting.State
ItemState = MeetingItem.State
MEMBER = "member"
"""Who dissents without a name, as the record has it."""


class OutOfRoomError(StageError):
    """Somebody is kept from the entry, or does not take part in its discussion, or does not lead it."""


def attend(meeting: Meeting, here: bool, *, by: Reviewer | None = None, actor: str) -> None:
    """A member, or (without `by`) somebody else, comes into the room of a meeting that is not over, or leaves it;
    nothing happens if they have already."""
    with transaction.atomic():
        meeting = held(meeting)
        check_state(meeting, State.CONVENED, State.OPEN, State.ADJOURNED)
        who = (by.pk, "") if by is not None else (None, actor)
        if (who in present_in(meeting)) is not here:
            note_act(meeting, Act.JOINED if here else Act.LEFT, reviewer=by, actor=actor)
            item = open_item(meeting)
            if here and by is not None and item is not None and by.pk in kept_from(item.entry_id):
                note_act(meeting, Act.STEPPED_OUT, item=item, reviewer=by, actor=actor)


def begin(meeting: Meeting, *, by: Sequence[Reviewer], actor: str) -> None:
    """Open a meeting that was convened; who opens it is in the room. `by`: whom the person acts for."""
    _turn(meeting, by, Act.OPENED, State.OPEN, (State.CONVENED,), actor, "meeting.opened")


def adjourn(meeting: Meeting, *, by: Sequence[Reviewer], actor: str) -> None:
    """Interrupt a meeting; what is being discussed stays so."""
    _turn(meeting, by, Act.ADJOURNED, State.ADJOURNED, (State.OPEN,), actor, "meeting.adjourned")


def resume(meeting: Meeting, *, by: Sequence[Reviewer], actor: str) -> None:
    """Go on with a meeting that was interrupted."""
    _turn(meeting, by, Act.RESUMED, State.OPEN, (State.ADJOURNED,), actor, "meeting.resumed")


def finish(meeting: Meeting, *, by: Sequence[Reviewer], actor: str) -> None:
    """Close a meeting for good. StageError while an entry is being discussed."""
    _turn(meeting, by, Act.CLOSED, State.CLOSED, (State.OPEN, State.ADJOURNED), actor, "meeting.closed")


def finish_abandoned(meeting: Meeting, *, actor: str) -> None:
    """An officer closes a meeting whose chair and deputy are gone. StageError where one of them is there, or an entry
    is being discussed."""
    with transaction.atomic():
        meeting = held(meeting)
        check_state(meeting, State.OPEN, State.ADJOURNED)
        if {meeting.chair_id, meeting.deputy_id} & members_present(meeting):
            raise StageError(_("Somebody who can close the meeting is in the room."))
        _check_nothing_open(meeting)
        move(meeting, State.CLOSED)
        note_act(meeting, Act.CLOSED, actor=actor)
        record(meeting.round, "meeting.closed", actor, about(meeting))


def take_up(item: MeetingItem, *, by: Sequence[Reviewer], actor: str) -> None:
    """Open the discussion of an entry, or open it again: from here on its sheets change in the meeting alone.

    Whoever is kept from it is out of the room. OutOfRoomError unless `by` leads it and is there; StageError outside a
    session, while sheets are not taken, and while another entry is discussed.
    """
    with transaction.atomic():
        meeting, item = _in_session(item)
        lead = _leading(item, by)
        _check_nothing_open(meeting)
        if not takes_sheets(meeting.round):
            raise StageError(_("Sheets are not taken now; an entry is discussed while they are."))
        newest = Slot.objects.filter(entry__round=meeting.round).aggregate(newest=Max("pk"))["newest"]
        item.state, item.newest_slot = ItemState.OPEN, newest
        item.save(update_fields=["state", "newest_slot"])
        note_act(meeting, Act.TAKEN_UP, item=item, reviewer=lead, actor=actor)
        out = kept_from(item.entry_id) & members_present(meeting)
        for member in meeting.round.reviewers.filter(pk__in=out).order_by("position"):
            note_act(meeting, Act.STEPPED_OUT, item=item, reviewer=member, actor=SYSTEM)
        told = {**about(meeting), "item": item.pk, "entry": item.entry.entrant.code, "lead": lead.code}
        record(meeting.round, "meeting.item_opened", actor, told)


def conclude(item: MeetingItem, outcome: str, *, by: Sequence[Reviewer], actor: str) -> None:
    """Close the discussion of an entry with its outcome in words."""
    with transaction.atomic():
        meeting, item = _in_session(item)
        lead = _leading(item, by)
        _check_open(item)
        _close_item(meeting, item, said(outcome), lead, actor)


def take_note(
    item: MeetingItem,
    text: str,
    *,
    by: Sequence[Reviewer] = (),
    corrects: MeetingAct | None = None,
    actor: str,
) -> MeetingAct:
    """Note what is said of an entry: whoever leads it, or (without `by`) an officer as secretary, until the meeting is
    over. With `corrects` it takes the place of an earlier note, which stays on record."""
    with transaction.atomic():
        meeting = held(item.meeting)
        item = held_item(item, meeting)
        check_state(meeting, State.OPEN, State.ADJOURNED)
        if item.state == ItemState.WAITING:
            raise StageError(_("This entry has not been discussed yet."))
        lead = _leading(item, by) if by else None
        if corrects is not None and (
            corrects.item_id != item.pk or corrects.kind != Act.NOTE or hasattr(corrects, "corrected_by")
        ):
            raise ValidationError(_("Somebody has corrected this note meanwhile; look again."))
        made = note_act(meeting, Act.NOTE, item=item, reviewer=lead, text=said(text), corrects=corrects, actor=actor)
        told = {**about(meeting), "item": item.pk, "corrects": corrects is not None, "sha256": hash_of(made.text)}
        record(meeting.round, "meeting.noted", actor, told)
    return made


def dissent(item: MeetingItem, text: str, *, by: Sequence[Reviewer], named: bool, actor: str) -> MeetingAct:
    """Put a dissenting opinion to the outcome of an entry on record, with the member's name or without: then nothing
    here tells whose it is."""
    with transaction.atomic():
        meeting = held(item.meeting)
        item = held_item(item, meeting)
        check_state(meeting, State.OPEN, State.ADJOURNED, State.CLOSED)
        if item.state != ItemState.CLOSED:
            raise StageError(_("There is no outcome yet to dissent from."))
        kept, own = kept_from(item.entry_id), {one.pk: one for one in by}
        slots = [slot for slot in scoring_slots(item) if slot.reviewer_id in own]
        bound = bound_among([slot.pk for slot in slots])  # who was seated since has yet to score it
        scoring = {slot.reviewer_id for slot in slots if slot.version or slot.pk in bound}
        if kept & own.keys() or not scoring:
            raise OutOfRoomError(_("Only who scores the entry and is not kept from it can dissent."))
        member = own[min(scoring)]
        made = note_act(
            meeting,
            Act.DISSENT,
            item=item,
            reviewer=member if named else None,
            text=said(text),
            actor=actor if named else MEMBER,
        )
        told = {**about(meeting), "item": item.pk, "named": named, "sha256": hash_of(made.text)}
        record(meeting.round, "meeting.dissented", made.actor, told)
    return made


def end_meetings(round: Round, actor: str, **_signal: object) -> None:  # noqa: A002 (what the signal calls it)
    """A round closes (`simsa.web.panel.services.closing`): what is not over ends with it. By the clock also what is
    being discussed, with the marks as they stand; by hand StageError says what to close first."""
    due = is_due(round, "scoring_until", timezone.now())
    for meeting in round.meetings.filter(state__in=[State.CONVENED, State.OPEN, State.ADJOURNED]):
        meeting.round = round
        item = open_item(meeting)
        if item is not None and not due:
            what = _("Meeting %(number)d is discussing an entry: have its chair close that item first.")
            raise StageError(what % {"number": meeting.number})
        if item is not None:
            _close_item(meeting, item, "", None, actor)
        begun = meeting.state != State.CONVENED
        move(meeting, State.CLOSED if begun else State.CALLED_OFF)
        note_act(meeting, Act.ENDED, actor=actor)
        record(round, "meeting.closed" if begun else "meeting.called_off", actor, about(meeting))


def _turn(
    meeting: Meeting,
    by: Sequence[Reviewer],
    kind: MeetingAct.Kind,
    to: Meeting.State,
    allowed: tuple[Meeting.State, ...],
    actor: str,
    verb: str,
) -> None:
    """Move a meeting on, as whoever presides."""
    with transaction.atomic():
        meeting = held(meeting)
        check_state(meeting, *allowed)
        presiding = presides(meeting, by)
        if presiding is None:
            raise OutOfRoomError(_("The chair does this, or the deputy while the chair is away."))
        if to == State.CLOSED:
            _check_nothing_open(meeting)
        if kind in {Act.OPENED, Act.RESUMED} and presiding.pk not in members_present(meeting):
            note_act(meeting, Act.JOINED, reviewer=presiding, actor=actor)
        move(meeting, to)
        note_act(meeting, kind, reviewer=presiding, actor=actor)
        record(meeting.round, verb, actor, about(meeting))


def _in_session(item: MeetingItem) -> tuple[Meeting, MeetingItem]:
    meeting = held(item.meeting)
    check_state(meeting, State.OPEN)
    return meeting, held_item(item, meeting)


def _leading(item: MeetingItem, by: Sequence[Reviewer]) -> Reviewer:
    """As whom somebody leads the discussion of an entry. OutOfRoomError where they do not."""
    lead = lead_of(item)
    if lead is None:
        raise OutOfRoomError(
            _("Chair and deputy are kept from this entry; the office names another member to lead it.")
        )
    if in_the_room(item, by) is None or lead.pk not in {one.pk for one in by}:
        raise OutOfRoomError(_("You do not lead the discussion of this entry, or are not in the room."))
    return lead


def _check_open(item: MeetingItem) -> None:
    if item.state != ItemState.OPEN:
        raise StageError(_("This entry is not being discussed now."))


def _check_nothing_open(meeting: Meeting) -> None:
    if open_item(meeting) is not None:
        raise StageError(_("An entry is still being discussed; close that item first."))


def _close_item(meeting: Meeting, item: MeetingItem, outcome: str, lead: Reviewer | None, actor: str) -> None:
    item.state = ItemState.CLOSED
    item.save(update_fields=["state"])
    note_act(meeting, Act.ITEM_CLOSED, item=item, reviewer=lead, text=outcome, actor=actor)
    record(meeting.round, "meeting.item_closed", actor, {**about(meeting), "item": item.pk, "sha256": hash_of(outcome)})


def hash_of(text: str) -> str:
    """By which an event commits to a text that stays in the database."""
    return hashlib.sha256(text.encode()).hexdigest()
