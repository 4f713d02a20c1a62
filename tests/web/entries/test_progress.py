"""How far entries have come, reminders, alarms, the calendar."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.core import mail
from django.utils import timezone
from icalendar import Calendar

from simsa.web.entries.progress.reminding import remind_when_due
from simsa.web.entries.progress.standing import standings_of
from simsa.web.entries.services import submit_entry, withdraw_entry
from simsa.web.panel.services import assign_as_given
from simsa.web.programmes.letters import send_due
from simsa.web.programmes.models import Round, SentLetter
from simsa.web.programmes.rooms import alarms_of
from simsa.web.programmes.services import invite
from tests.web.entries.test_desk import WHOLE, desk_round, write
from tests.web.panel.rounds import ENTRIES, prepared
from tests.web.people import signed_in, with_role

pytestmark = pytest.mark.django_db


def states(round_: Round) -> dict[str, str]:
    return {one.entry.entrant.code: one.state for one in standings_of(round_)}


def test_states_from_nobody_to_submitted():
    round_ = desk_round()
    entry = round_.entries.get(entrant__code="x")
    assert states(round_) == {"x": "nobody", "y": "nobody"}
    invite(round_.programme, round_, "entrant", "kim@example.kr", "x")
    assert states(round_)["x"] == "invited"
    with_role("kim", round_, "entrant", "x")
    assert states(round_)["x"] == "unopened"
    signed_in("kim").get(f"/ko/entries/{entry.pk}/")
    assert states(round_)["x"] == "opened"
    write(entry, **WHOLE)
    assert states(round_)["x"] == "writing"
    submit_entry(entry, actor="test")
    assert states(round_)["x"] == "submitted"
    withdraw_entry(entry, "취소", actor="test")
    assert states(round_) == {"x": "withdrawn", "y": "nobody"}


def test_progress_costs_the_same_for_many(django_assert_num_queries):
    round_ = desk_round()
    with django_assert_num_queries(7):
        standings_of(round_)


def test_page_sorts_filters_and_reminds():
    round_ = desk_round()
    with_role("boss", round_, "officer")
    with_role("kim", round_, "entrant", "x")
    with_role("lee", round_, "entrant", "y")
    write(round_.entries.get(entrant__code="x"), **WHOLE)
    submit_entry(round_.entries.get(entrant__code="x"), actor="test")
    client, address = signed_in("boss"), "/ko/office/rounds/desk/progress/"
    page = client.get(address).content.decode()
    assert page.index("기관 x") < page.index("기관 y")
    assert "<svg" in page
    behind = client.get(f"{address}?sort=-name").content.decode()
    assert behind.index("기관 y") < behind.index("기관 x")
    assert "기관 x</a></th>" not in client.get(f"{address}?state=unopened").content.decode()
    for _ in range(2):
        client.post(f"{address}remind/", {"state": ""})
    send_due()
    assert [letter.to for letter in mail.outbox] == [["lee@example.kr"]]  # once, and nobody who has submitted
    assert "기관 y" in mail.outbox[0].subject


def test_reminders_go_out_by_themselves_once(monkeypatch):
    round_ = desk_round(call=-1, deadline=30 * 24)
    with_role("kim", round_, "entrant", "x")
    assert remind_when_due() == 0
    start = timezone.now()
    for days, expected in ((24, 1), (25, 0), (29.5, 1), (29.6, 0), (31, 0)):
        at = start + timedelta(days=days)
        monkeypatch.setattr("django.utils.timezone.now", lambda at=at: at)
        assert remind_when_due() == expected
    assert SentLetter.objects.filter(template="reminder").count() == 2


def test_calendar_has_every_moment_and_keeps_their_names(client):
    round_ = desk_round(call=-1, deadline=24, grace_until=25)
    assert client.get("/rounds/desk/calendar.ics").status_code == 404  # nobody knows of the round yet
    Round.objects.update(published_at=timezone.now())
    answer = client.get("/rounds/desk/calendar.ics")
    events = Calendar.from_ical(answer.content).walk("VEVENT")
    assert [str(event["uid"]).split("@")[0] for event in events] == ["desk/call", "desk/deadline", "desk/grace_until"]
    assert [event.decoded("dtstart") for event in events][1].astimezone().isoformat() == (
        datetime.fromisoformat(dict(round_.rules.schedule.moments)["deadline"] + "+09:00").astimezone().isoformat()
    )


def test_alarms_name_what_is_not_as_the_rules_want():
    rules = desk_round()
    said = " ".join(alarm.what for alarm in alarms_of(rules))
    assert "2" in said  # entries for which nobody acts
    with_role("kim", rules, "entrant", "x")
    with_role("lee", rules, "entrant", "y")
    assert alarms_of(rules) == []
    invite(rules.programme, rules, "observer", "x@example.kr")
    SentLetter.objects.update(status="failed")
    assert len(alarms_of(rules)) == 1


def test_alarms_of_the_panel():
    from tests.rules.small import SMALL

    round_ = prepared(SMALL + "\n[panel]\nsize = 4\nsheets_per_entry = 3\nload = { max = 5 }\n")
    assert sum("4" in alarm.what for alarm in alarms_of(round_)) >= 1
    pairs = [(entry, reviewer) for entry, _group in ENTRIES for reviewer in ("q", "r")]
    assign_as_given(round_, pairs)
    round_.refresh_from_db()
    said = [alarm.what for alarm in alarms_of(round_)]
    assert sum("6" in what and "3" in what for what in said) == 1  # six entries lack a reviewer
    assert sum("q (6), r (6)" in what for what in said) == 1  # two have too many entries
