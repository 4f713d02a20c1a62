"""The verbs by which officers convene a meeting of the panel: when, who leads it, and which entries are discussed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from simsa.tables.words.moments import moment_words
from simsa.web.panel.models import Meeting, MeetingAct, MeetingItem, Reviewer
from simsa.web.panel.services.attending import kept_from, lead_of, members_present, note_act
from simsa.web.panel.spreads import widths_of
from simsa.web.programmes.letters import Letter, post
from simsa.web.programmes.models import Kind, Role, Round, Stage
from simsa.web.programmes.services import StageError, lock, record

Act = MeetingAct.Kind
LONGEST, LONGEST_PLACE = 4000, 200


def called_up(round_: Round) -> list[str]:
    """Codes of the entries whose sheets lie as far apart as the rules say, or further, the widest first."""
    meeting = round_.rules.meeting
    if meeting is None or meeting.spread is None:
        return []
    widths = {code: width for code, width in widths_of(round_).items() if width is not None}
    return sorted((code for code in widths if widths[code] >= meeting.spread), key=lambda code: -widths[code])


def convene(
    round_: Round,
    at: datetime,
    agenda: Sequence[str],
    chair: str,
    deputy: str,
    place: str = "",
    *,
    actor: str,
) -> Meeting:
    """Convene a meeting on these entries (codes, in this order); its members get a letter.

    ValidationError for codes that the round does not have, an entry twice or on the agenda of another meeting that is
    not over, and a deputy who is the chair. StageError unless the round is being scored under rules with meetings.
    """
    with transaction.atomic():
        round_ = lock(round_, Stage.SCORING)
        if round_.rules.meeting is None:
            raise StageError(_("By the rules of this round its panel does not meet; amend them first ([meeting])."))
        panel = {one.code: one for one in round_.reviewers.filter(code__in=[chair, deputy])}
        if chair not in panel or deputy not in panel or chair == deputy:
            raise ValidationError(_("Choose two members of the panel: one leads the meeting, one stands in."))
        if len(place) > LONGEST_PLACE:
            raise ValidationError(_("At most %(most)d characters.") % {"most": LONGEST_PLACE})
        last = round_.meetings.aggregate(last=Max("number"))["last"] or 0
        meeting = Meeting.objects.create(
            round=round_,
            number=last + 1,
            at=at,
            place=place.strip(),
            chair=panel[chair],
            deputy=panel[deputy],
            convened_at=timezone.now(),
            actor=actor,
        )
        _set_agenda(meeting, agenda)
        note_act(meeting, Act.CONVENED, actor=actor)
        record(round_, "meeting.convened", actor, {**about(meeting), "agenda": list(agenda)})
        tell_members(meeting, "meeting", "")
    return meeting


def arrange(meeting: Meeting, agenda: Sequence[str], *, actor: str) -> None:
    """Discuss these entries (codes) in this order. What was taken up already stays, wherever it is named.

    ValidationError as `convene`; StageError once the meeting is over.
    """
    with transaction.atomic():
        meeting = held(meeting)
        check_state(meeting, Meeting.State.CONVENED, Meeting.State.OPEN, Meeting.State.ADJOURNED)
        _set_agenda(meeting, agenda)
        note_act(meeting, Act.ARRANGED, actor=actor)
        record(meeting.round, "meeting.arranged", actor, {**about(meeting), "agenda": list(agenda)})


def call_off(meeting: Meeting, reason: str, *, actor: str) -> None:
    """A meeting that has not begun does not take place; its members are told why."""
    with transaction.atomic():
        meeting = held(meeting)
        check_state(meeting, Meeting.State.CONVENED)
        text = said(reason)
        move(meeting, Meeting.State.CALLED_OFF)
        note_act(meeting, Act.CALLED_OFF, text=text, actor=actor)
        record(meeting.round, "meeting.called_off", actor, about(meeting))
        tell_members(meeting, "meeting_called_off", text)


def name_lead(item: MeetingItem, reviewer: Reviewer, *, actor: str) -> None:
    """Have a member lead the discussion of an entry that neither the chair nor the deputy can lead, for a conflict or
    because they are not there. ValidationError for a member who is kept from it; StageError where somebody can."""
    with transaction.atomic():
        meeting = held(item.meeting)
        item = held_item(item, meeting)
        check_state(meeting, Meeting.State.CONVENED, Meeting.State.OPEN, Meeting.State.ADJOURNED)
        lead, there = lead_of(item), members_present(meeting)
        if lead is not None and (meeting.state == Meeting.State.CONVENED or lead.pk in there):
            raise StageError(_("Somebody can lead this item already."))
        if reviewer.round_id != meeting.round_id or reviewer.pk in kept_from(item.entry_id):
            raise ValidationError(_("This member is kept from the entry; choose another."))
        item.lead = reviewer
        item.save(update_fields=["lead"])
        note_act(meeting, Act.LEAD_NAMED, item=item, reviewer=reviewer, actor=actor)
        told = {**about(meeting), "item": item.pk, "reviewer": reviewer.code}
        record(meeting.round, "meeting.lead_named", actor, told)


def _set_agenda(meeting: Meeting, agenda: Sequence[str]) -> None:
    """Items in this order; of those that wait the ones that are not named go."""
    entries = {one.entrant.code: one for one in meeting.round.entries.select_related("entrant")}
    if len(set(agenda)) < len(agenda) or any(code not in entries for code in agenda):
        raise ValidationError(_("Name each entry of the round once at most."))
    there = {item.entry_id: item for item in meeting.items.all()}
    moved = {one.pk for code, one in entries.items() if code in set(agenda)}
    gone = [one for one in there.values() if one.entry_id not in moved]
    if not moved and all(one.state == MeetingItem.State.WAITING for one in gone):
        raise ValidationError(_("Put at least one entry on the agenda."))
    elsewhere = MeetingItem.objects.filter(entry__in=moved).exclude(meeting=meeting)
    if elsewhere.filter(meeting__state__in=["convened", "open", "adjourned"]).exists():
        raise ValidationError(_("An entry is on the agenda of another meeting that is not over."))
    for one in gone:
        if one.state == MeetingItem.State.WAITING and not one.acts.exists():
            one.delete()
    for position, code in enumerate(agenda, start=1):
        entry = entries[code]
        MeetingItem.objects.update_or_create(meeting=meeting, entry=entry, defaults={"position": position})


def held(meeting: Meeting) -> Meeting:
    """The meeting as the database has it now, in its locked round, which is being scored."""
    round_ = lock(meeting.round, Stage.SCORING)
    found = Meeting.objects.select_related("chair", "deputy").get(pk=meeting.pk)
    found.round = round_
    return found


def held_item(item: MeetingItem, meeting: Meeting) -> MeetingItem:
    """An item of a held meeting."""
    found = MeetingItem.objects.select_related("lead", "entry__entrant").get(pk=item.pk, meeting=meeting)
    found.meeting, found.entry.round = meeting, meeting.round
    return found


def check_state(meeting: Meeting, *allowed: Meeting.State) -> None:
    """StageError unless the meeting is in one of these states."""
    if meeting.state not in allowed:
        raise StageError(
            _("The meeting is %(state)s; that cannot be done now.") % {"state": meeting.get_state_display()}
        )


def move(meeting: Meeting, state: Meeting.State) -> None:
    meeting.state = state
    meeting.save(update_fields=["state"])


def said(text: str) -> str:
    """What somebody wrote; ValidationError where that is nothing, or too much."""
    if not text.strip():
        raise ValidationError(_("Say why."), code="reason")
    if len(text) > LONGEST:
        raise ValidationError(_("At most %(most)d characters.") % {"most": LONGEST}, code="long")
    return text.strip().replace("\r\n", "\n").replace("\0", "")


def tell_members(meeting: Meeting, template: str, reason: str) -> None:
    """Write to everybody who acts for a member of the panel."""
    round_ = meeting.round
    local = meeting.at.astimezone(ZoneInfo(round_.time_zone)).replace(tzinfo=None)
    acting = Role.objects.filter(round=round_, kind=Kind.REVIEWER, until=None).select_related("person")
    for role in acting:
        person = role.person
        with translation.override(person.language):
            part = {meeting.chair.code: _("You chair it."), meeting.deputy.code: _("You deputise for the chair.")}
            facts = {
                "round": round_.title,
                "number": meeting.number,
                "at": moment_words(local.isoformat(), person.language),
                "zone": round_.time_zone,
                "place": meeting.place,
                "part": part.get(role.code, ""),
                "reason": reason,
                "link": settings.PUBLIC_URL + reverse("panel:meeting", args=[meeting.pk]),
            }
        key = f"{template}/{meeting.pk}/{role.code}/{person.pk}"
        post(Letter(key, person.email, person.language, template, facts), round_)


def about(meeting: Meeting) -> dict[str, object]:
    """How events name a meeting."""
    return {"meeting": meeting.number}
