"""Letters that remind the panel: once, in time, by themselves and by hand."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.core import mail
from django.utils import timezone

from simsa.web.panel.services import assign_as_given, declare, submit_sheet
from simsa.web.panel.services.procedures import step_back
from simsa.web.panel.services.reminding import ANSWER_AFTER, remind_panels_when_due, remind_unanswered
from simsa.web.programmes.letters import send_due
from simsa.web.programmes.models import Invitation, SentLetter
from simsa.web.programmes.reminders import occasion
from simsa.web.programmes.services import check_events, invite
from tests.rules.small import SMALL
from tests.web.panel.rounds import mark, prepared, scoring
from tests.web.panel.test_conflicts import MEAN, reviewer, scheduled, slot
from tests.web.people import account, links_of_letters, signed_in, with_role

pytestmark = pytest.mark.django_db


def go(monkeypatch: pytest.MonkeyPatch, at: datetime) -> None:
    monkeypatch.setattr("django.utils.timezone.now", lambda: at)


def test_the_nearest_alone_and_nobody_who_was_just_asked():
    since = datetime(2026, 5, 1, tzinfo=timezone.get_current_timezone())
    due = since + timedelta(days=30)

    def days(after: float) -> str | None:
        found = occasion(due, since, since + timedelta(days=after))
        return found and found.rpartition("/")[2]

    assert [days(at) for at in (0, 22.9, 23, 28.9, 29, 29.9, 30, 31)] == [None, None, "7", "7", "1", "1", None, None]
    assert occasion(since + timedelta(days=5), since, since + timedelta(days=1)) is None
    assert occasion(None, since, since) is None


def test_who_has_not_declared(monkeypatch):
    round_ = prepared(scheduled(MEAN, call=-timedelta(days=1), scoring_from=timedelta(days=30)))
    for name, code in (("kim", "p"), ("lee", "q")):
        with_role(name, round_, "reviewer", code)
    account("lee", language="en")
    declare(reviewer(round_, "p"), {}, {}, actor="person/1")
    start = timezone.now()
    for days, expected in ((0, 0), (22, 0), (23.5, 1), (23.6, 0), (29.5, 1), (29.6, 0), (31, 0)):
        go(monkeypatch, start + timedelta(days=days))
        assert remind_panels_when_due() == expected, days
    assert set(SentLetter.objects.values_list("template", "to")) == {("declare", "lee@example.kr")}
    send_due()
    assert "Reminder" in mail.outbox[0].subject
    assert f"/en/reviewers/{reviewer(round_, 'q').pk}/conflicts/" in mail.outbox[0].body
    assert check_events(round_) == round_.events.count()


def test_who_has_not_submitted(monkeypatch):
    round_ = scoring(scheduled(SMALL, scoring_from=-timedelta(minutes=1), scoring_until=timedelta(days=20)))
    for name, code in (("kim", "p"), ("lee", "q"), ("han", "r")):
        with_role(name, round_, "reviewer", code)
    for entry in round_.entries.all():
        submit_sheet(slot(round_, entry.entrant.code, "p"), mark(1))
    for code in ("a1", "a2"):
        submit_sheet(slot(round_, code, "q"), mark(1))
    step_back(slot(round_, "b1", "q"), "친족", actor="person/1")
    start = timezone.now()
    go(monkeypatch, start + timedelta(days=13.5))
    assert (remind_panels_when_due(), remind_panels_when_due()) == (2, 0)
    go(monkeypatch, start + timedelta(days=19.5))
    assert remind_panels_when_due() == 2
    send_due()
    bodies = {letter.to[0]: letter.body for letter in mail.outbox}
    assert "5건 가운데 3건" in bodies["lee@example.kr"]
    assert "6건" in bodies["han@example.kr"]
    go(monkeypatch, start + timedelta(days=21))
    assert remind_panels_when_due() == 0


def test_who_has_not_answered_once_by_itself_and_by_hand_once_a_day(monkeypatch):
    round_ = prepared()
    with_role("boss", round_, "officer")
    invite(round_.programme, round_, "reviewer", "kim@example.kr", "p")
    invite(round_.programme, round_, "entrant", "other@example.kr", "a1")
    assert remind_panels_when_due() == 0
    client, at = signed_in("boss"), "/ko/office/rounds/small/panel/remind/"
    client.post(at, {"matter": "answer"})
    assert SentLetter.objects.count() == 2  # invited today
    start = timezone.now()
    go(monkeypatch, start + ANSWER_AFTER + timedelta(hours=1))
    assert (remind_panels_when_due(), remind_panels_when_due()) == (1, 0)
    older, newer = Invitation.objects.filter(kind="reviewer").order_by("pk")
    assert (newer.follows, newer.reminds, older.withdrawn_at is not None) == (older, True, True)
    go(monkeypatch, start + 2 * ANSWER_AFTER + timedelta(hours=2))
    assert remind_panels_when_due() == 0  # once is enough
    assert remind_unanswered(round_, timezone.now(), actor="person/1", by_itself=False) == 1
    assert Invitation.objects.filter(kind="reviewer", withdrawn_at=None).count() == 1
    monkeypatch.undo()
    SentLetter.objects.update(due=timezone.now())
    links = links_of_letters()
    assert len(links) == 4
    assert any("알림" in letter.subject for letter in mail.outbox)


def test_page_says_who_is_behind_and_reminds():
    round_ = prepared(MEAN)
    with_role("boss", round_, "officer")
    with_role("kim", round_, "reviewer", "p")
    client, page = signed_in("boss"), "/ko/office/rounds/small/panel/"
    assert 'value="declare"' in client.get(page).content.decode()
    for _ in range(2):
        assert client.post(f"{page}remind/", {"matter": "declare"}).status_code == 302
    assert SentLetter.objects.filter(template="declare").count() == 1
    client.post(f"{page}remind/", {"matter": "none"})
    assert SentLetter.objects.count() == 1
    assign_as_given(round_, [("b1", "p")])
    shown = client.get(page).content.decode()
    assert 'value="score"' in shown
    assert 'value="declare"' not in shown
