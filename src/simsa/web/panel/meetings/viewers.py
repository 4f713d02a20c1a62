"""As what somebody is in a meeting, and how near to one of its entries that lets them come."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from simsa.web.panel.access import members_of, party
from simsa.web.panel.meetings.sight import Who
from simsa.web.panel.models import Meeting, MeetingItem, Reviewer
from simsa.web.panel.services.attending import in_the_room, kept_from, lead_of, present_in, scoring_slots
from simsa.web.programmes.access import has_role
from simsa.web.programmes.models import Kind

Place = Literal["in", "away", "out", "elsewhere"]
"""In the room of an entry; could be and is not there; out of it, being kept from the entry; not among who scores it."""


@dataclass(frozen=True)
class Viewer:
    """Somebody in a meeting. A member of the panel is nothing else there: an officer who scores would otherwise see
    what they are kept from."""

    who: Who
    actor: str
    members: tuple[Reviewer, ...] = ()

    @property
    def keys(self) -> set[int]:
        return {one.pk for one in self.members}

    def is_present(self, meeting: Meeting) -> bool:
        """Whether they have come in, where that is noted."""
        there = present_in(meeting)
        if self.who == "member":
            return any(one in self.keys for one, _actor in there)
        return self.who == "office" or (None, self.actor) in there

    def place(self, item: MeetingItem) -> Place:
        """Where they are as to an entry, now."""
        if self.who != "member":
            return "in" if self.is_present(item.meeting) else "away"
        if self.keys & kept_from(item.entry_id):
            return "out"
        if in_the_room(item, self.members) is not None:
            return "in"
        lead = lead_of(item)
        concerned = {slot.reviewer_id for slot in scoring_slots(item)} | ({lead.pk} if lead else set())
        return "away" if self.keys & concerned else "elsewhere"


def viewer_of(user: Any, meeting: Meeting) -> Viewer | None:
    """As what somebody sees a meeting; None: they do not, also who acts for an entrant and is no member."""
    members = tuple(members_of(user, meeting.round))
    if members:
        return Viewer("member", user.actor, members)
    if party(user, meeting):
        return None
    if has_role(user, meeting.round, Kind.OFFICER, Kind.AUDITOR):
        return Viewer("office", user.actor)
    return Viewer("observer", user.actor) if has_role(user, meeting.round, Kind.OBSERVER) else None
