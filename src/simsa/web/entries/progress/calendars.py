"""The schedule of a round as a calendar file (RFC 5545)."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from icalendar import Alarm, Calendar, Event

from simsa.web.programmes.drafting.sections import SCHEDULE_LABELS
from simsa.web.programmes.models import Round
from simsa.web.programmes.phases import moments


def calendar_of(round_: Round) -> bytes:
    """One event for each moment; a calendar that has it already moves it, for its name stays the same."""
    calendar = Calendar()
    calendar.add("prodid", "-//simsa//schedule//")
    calendar.add("version", "2.0")
    host = settings.PUBLIC_URL.partition("//")[2]
    for key, at in moments(round_.rules).items():
        event = Event()
        event.add("uid", f"{round_.slug}/{key}@{host}")
        event.add("summary", f"{SCHEDULE_LABELS[key]}: {round_.title}")
        event.add("dtstamp", round_.opened_at)
        event.add("dtstart", at)
        event.add("dtend", at)
        if key in {"deadline", "scoring_until"}:
            alarm = Alarm()
            alarm.add("action", "DISPLAY")
            alarm.add("description", str(SCHEDULE_LABELS[key]))
            alarm.add("trigger", timedelta(days=-1))
            event.add_component(alarm)
        calendar.add_component(event)
    data: bytes = calendar.to_ical()
    return data
