"""Rounds whose panel meets, for tests."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from simsa.web.panel.models import Meeting, MeetingItem, Reviewer, Slot
from simsa.web.panel.services import attend, begin, convene, take_up
from simsa.web.programmes.models import Round
from tests.rules.small import changed
from tests.web.panel.rounds import scored

MEETING = '[meeting]\nspread = 3\nmarks = "change"\n\n[sight.reviewer]\nmarks = "meeting"\n\n[missing]'
RULES = changed("[missing]", MEETING)
AT = datetime(2124, 3, 1, 5, 0, tzinfo=UTC)
WHO = "person/1"


def convened(rules: str = RULES, agenda: tuple[str, ...] = ("a1", "b1", "b2"), make: Any = scored) -> Meeting:
    """A meeting on some entries; p chairs it, and q is the deputy."""
    return convene(make(rules), AT, agenda, "p", "q", "회의실 3", actor=WHO)


def member(where: Meeting | Round, code: str) -> Reviewer:
    round_ = where.round if isinstance(where, Meeting) else where
    return round_.reviewers.get(code=code)


def in_session(rules: str = RULES, **more: Any) -> Meeting:
    """The same, opened, with everybody in the room."""
    meeting = convened(rules, **more)
    begin(meeting, by=[member(meeting, "p")], actor=WHO)
    for code in ("q", "r"):
        attend(meeting, True, by=member(meeting, code), actor=WHO)
    return Meeting.objects.get(pk=meeting.pk)


def item(meeting: Meeting, code: str) -> MeetingItem:
    return meeting.items.select_related("meeting__round", "entry__entrant").get(entry__entrant__code=code)


def slot(meeting: Meeting, code: str, who: str) -> Slot:
    rows = Slot.objects.select_related("entry__round", "entry__entrant", "reviewer")
    return rows.get(entry__round=meeting.round, entry__entrant__code=code, reviewer__code=who)


def discussing(code: str = "a1", rules: str = RULES, **more: Any) -> Meeting:
    """The same, with an entry taken up by the chair."""
    meeting = in_session(rules, **more)
    take_up(item(meeting, code), by=[member(meeting, "p")], actor=WHO)
    return Meeting.objects.get(pk=meeting.pk)
