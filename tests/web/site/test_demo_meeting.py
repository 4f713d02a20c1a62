"""The demo's meeting: the account that chairs it sees at once how far apart the marks lie."""

from __future__ import annotations

import pytest

from simsa.rules import parse
from simsa.web.panel.services import assign_as_given, begin, take_up
from simsa.web.programmes.drafting.document import Document
from simsa.web.site.demo_meeting import convene_on_one, with_meeting
from simsa.web.site.demo_scales import with_meanings
from tests.rules.complete import EXAMPLES
from tests.rules.small import SMALL
from tests.web.panel.rounds import prepared
from tests.web.people import signed_in, with_role

pytestmark = pytest.mark.django_db


def test_rules_of_the_demo_have_a_meeting_whose_members_see_the_marks() -> None:
    text = (EXAMPLES / "proactive" / "rules.toml").read_text(encoding="utf-8")
    rules = parse(with_meeting(with_meanings(Document(text))).text)
    assert rules.meeting is not None
    assert (rules.meeting.marks, rules.sight.since("reviewer", "marks")) == ("change", "meeting")


def test_chair_opens_it_and_sees_the_spread() -> None:
    round_ = prepared(with_meeting(Document(SMALL)).text)
    assign_as_given(round_, [("a1", "p"), ("a1", "q"), ("a1", "r"), ("b1", "p")])
    chair = round_.reviewers.get(code="p")
    convene_on_one(round_, chair)
    meeting = round_.meetings.get()
    page = signed_in(with_role("reviewer", round_, "reviewer", "p"))
    assert "2명" in page.get(f"/ko/panel/meetings/{meeting.pk}/").content.decode()  # q and r wait in the room
    begin(meeting, by=[chair], actor="person/1")
    take_up(meeting.items.get(), by=[chair], actor="person/1")
    assert page.get(f"/ko/panel/meetings/{meeting.pk}/").content.decode().count("<circle") == 3 * 3
