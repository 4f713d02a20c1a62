"""Where members, observers and officers find meetings, and what alarms officers."""

from __future__ import annotations

from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from simsa.web.panel.access import party
from simsa.web.panel.models import Meeting, MeetingItem
from simsa.web.panel.services.attending import lead_of
from simsa.web.programmes.models import Kind, Role, Round, Stage
from simsa.web.programmes.rooms import Alarm, Work, in_rounds


def meetings_for(round_: Round) -> QuerySet[Meeting]:
    """The meetings of a round, the newest first."""
    return round_.meetings.select_related("chair", "deputy").order_by("-number")


def meeting_work(role: Role) -> list[Work]:
    """The meeting that is in session or to come, and all of them; for auditors their minutes."""
    offered = {Kind.REVIEWER: _rooms, Kind.OBSERVER: _rooms, Kind.AUDITOR: meeting_office}.get(Kind(role.kind))
    if offered is None:
        return []

    def of_round(round_: Round) -> list[Work]:
        # Who also acts for an entrant or a member is nobody there as anything else.
        return [] if role.kind != Kind.REVIEWER and party(role.person, round_) else offered(round_)

    return in_rounds(role, of_round)


def _rooms(round_: Round) -> list[Work]:
    found = [
        Work(
            _("Meeting %(number)d") % {"number": one.number},
            reverse("panel:meeting", args=[one.pk]),
            f"{one.get_state_display()} · {timezone.localtime(one.at).strftime('%Y-%m-%d %H:%M')}",
        )
        for one in meetings_for(round_)
        if not one.is_over
    ]
    if round_.meetings.exists():
        found.append(Work(_("Meetings"), reverse("panel:own_meetings", args=[round_.slug])))
    return found


def meeting_office(round_: Round) -> list[Work]:
    """The page of meetings, where the rules have them."""
    if round_.stage == Stage.PREPARING or (round_.rules.meeting is None and not round_.meetings.exists()):
        return []
    return [Work(_("Meetings"), reverse("panel:meetings", args=[round_.slug]))]


def meeting_alarms(round_: Round) -> list[Alarm]:
    """Items that nobody can lead."""
    if round_.stage != Stage.SCORING:
        return []
    waiting = MeetingItem.objects.filter(
        meeting__round=round_, meeting__state__in=["convened", "open", "adjourned"]
    ).exclude(state=MeetingItem.State.CLOSED)
    items = waiting.select_related("meeting__chair", "meeting__deputy", "lead", "entry__entrant")
    return [
        Alarm(
            _("Meeting %(number)d: chair and deputy are kept from the entry of %(entrant)s.")
            % {"number": one.meeting.number, "entrant": one.entry.entrant},
            _("Name a member to lead it"),
            reverse("panel:meeting", args=[one.meeting_id]),
        )
        for one in items
        if lead_of(one) is None
    ]
