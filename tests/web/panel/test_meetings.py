"""Meetings of the panel: convened, held, changed in, dissented from, voided; and what stays on record of all of it."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from unittest import mock

import pytest
from django.core import mail
from django.core.exceptions import ValidationError
from django.template.loader import render_to_string
from django.utils import timezone

from simsa.record.verification import Answer, verify
from simsa.web.awards.services import publish, run_selection
from simsa.web.panel.meetings.shown import Room, room_of
from simsa.web.panel.meetings.viewers import Viewer
from simsa.web.panel.meetings.work import meeting_work
from simsa.web.panel.models import Meeting, MeetingAct, Sheet, SheetChange, SheetDraft, Slot
from simsa.web.panel.scoring.own import own_slots
from simsa.web.panel.services import (
    NotTakenError,
    OutOfRoomError,
    SheetRow,
    adjourn,
    arrange,
    attend,
    begin,
    call_off,
    called_up,
    change_sheet,
    close_due_rounds,
    close_round,
    conclude,
    convene,
    dissent,
    exclude,
    finish,
    finish_abandoned,
    name_lead,
    receipt,
    replace,
    resume,
    save_draft,
    step_back,
    submit_draft,
    submit_sheet,
    submit_sheets,
    take_note,
    take_up,
    void,
    withdraw,
)
from simsa.web.panel.services.attending import lead_of, members_present
from simsa.web.panel.services.drafting import values_of
from simsa.web.panel.spreads import widths_of
from simsa.web.programmes.letters import send_due
from simsa.web.programmes.models import Role, Round, Stage
from simsa.web.programmes.services import StageError, bundle, check_events, forget, give_role
from tests.rules.small import changed
from tests.web.panel.meetings import AT, RULES, WHO, convened, discussing, in_session, item, member, slot
from tests.web.panel.rounds import mark, prepared, scored, scoring
from tests.web.panel.test_conflicts import scheduled
from tests.web.people import with_role

pytestmark = pytest.mark.django_db


def change(meeting: Meeting, who: str, marks: dict[str, str], reason: str = "자료를 다시 보았다") -> SheetChange:
    open_ = meeting.items.select_related("meeting__round", "entry__entrant").get(state="open")
    own = slot(meeting, open_.entry.entrant.code, who)
    return change_sheet(open_, own, marks, reason, by=[member(meeting, who)], actor=WHO)


def marks_of(meeting: Meeting, code: str, who: str) -> dict[str, str]:
    found = slot(meeting, code, who)
    return found.sheets.get(version=found.version).by_leaf


def room(meeting: Meeting, who: str) -> Room:
    return room_of(meeting, Viewer("member", WHO, (member(meeting, who),)), presides=False)


def seen_by(meeting: Meeting, who: str) -> str:
    """All that the room shows to a member of its entries, as text."""
    shown = room(meeting, who)
    parts = [render_to_string("panel/meeting_live.html", {"room": shown})]
    for one in shown.items:
        parts += [one.title, one.lead, render_to_string("panel/meeting_said.html", {"said": one})]
    return "\n".join(parts)


def sees_marks(meeting: Meeting, who: str) -> bool:
    return room(meeting, who).marks is not None


class TestConvening:
    def test_what_is_called_up_lies_as_far_apart_as_the_rules_say(self):
        round_ = scored(RULES)
        widths = widths_of(round_)
        totals = {
            code: [
                float(sheet["idea"]) * 0.4 + float(sheet["work"]) * 0.6
                for sheet in (marks_of_round(round_, code, who) for who in "pqr")
            ]
            for code in widths
        }
        assert {code: float(width) for code, width in widths.items()} == pytest.approx(
            {code: max(values) - min(values) for code, values in totals.items()}
        )
        wide = sorted((code for code in widths if widths[code] >= 3), key=lambda code: -widths[code])
        assert called_up(round_) == wide
        assert wide

    def test_at_a_leaf_and_without_a_spread(self):
        round_ = scored(changed("[meeting]", '[meeting]\ncriterion = "idea"', RULES))
        assert {code: float(width) for code, width in widths_of(round_).items()} == {
            code: max(found) - min(found)
            for code in widths_of(round_)
            for found in [[float(marks_of_round(round_, code, who)["idea"]) for who in "pqr"]]
        }
        assert called_up(scored(changed("spread = 3\n", "", changed('id = "small"', 'id = "other"', RULES)))) == []

    def test_members_get_a_letter_and_the_record_an_event(self):
        round_ = scored(RULES)
        for name, code in (("kim", "p"), ("lee", "r")):
            with_role(name, round_, "reviewer", code)
        meeting = convene(round_, AT, ["b1", "a1"], "p", "q", "회의실 3", actor=WHO)
        send_due()
        bodies = {letter.to[0]: letter.body for letter in mail.outbox}
        assert set(bodies) == {"kim@example.kr", "lee@example.kr"}
        assert f"/panel/meetings/{meeting.pk}/" in bodies["lee@example.kr"]
        assert "회의실 3" in bodies["lee@example.kr"]
        assert "2124년 3월 1일 14:00" in bodies["lee@example.kr"]
        assert bodies["kim@example.kr"] != bodies["lee@example.kr"]  # the chair is told so
        assert [one.entry.entrant.code for one in meeting.items.order_by("position")] == ["b1", "a1"]
        assert round_.events.get(verb="meeting.convened").told["payload"] == {"meeting": 1, "agenda": ["b1", "a1"]}

    @pytest.mark.parametrize(
        ("agenda", "chair", "deputy"),
        [([], "p", "q"), (["a1", "a1"], "p", "q"), (["z"], "p", "q"), (["a1"], "p", "p"), (["a1"], "p", "z")],
    )
    def test_faults(self, agenda, chair, deputy):
        with pytest.raises(ValidationError):
            convene(scored(RULES), AT, agenda, chair, deputy, actor=WHO)
        assert not Meeting.objects.exists()

    def test_only_while_the_panel_scores_under_rules_with_meetings(self):
        with pytest.raises(StageError):
            convene(prepared(RULES), AT, ["a1"], "p", "q", actor=WHO)
        with pytest.raises(StageError):
            convene(scored(changed('id = "small"', 'id = "other"')), AT, ["a1"], "p", "q", actor=WHO)

    def test_an_entry_is_on_one_agenda(self):
        meeting = convened()
        with pytest.raises(ValidationError):
            convene(meeting.round, AT, ["b1"], "p", "q", actor=WHO)
        call_off(meeting, "정족수 미달", actor=WHO)
        assert convene(meeting.round, AT, ["b1"], "p", "q", actor=WHO).number == 2

    def test_agenda_changes_but_for_what_was_taken_up(self):
        meeting = discussing("b1")
        arrange(meeting, ["b4", "b1"], actor=WHO)
        assert [one.entry.entrant.code for one in meeting.items.order_by("position")] == ["b4", "b1"]
        arrange(meeting, ["b4"], actor=WHO)
        assert {one.entry.entrant.code for one in meeting.items.all()} == {"b4", "b1"}
        with pytest.raises(ValidationError):
            arrange(meeting, ["zz"], actor=WHO)


def marks_of_round(round_: Round, code: str, who: str) -> dict[str, str]:
    found = Slot.objects.get(entry__round=round_, entry__entrant__code=code, reviewer__code=who)
    return found.sheets.get(version=found.version).by_leaf


class TestInSession:
    def test_chair_opens_takes_up_concludes_and_closes(self):
        meeting = convened()
        p, r = member(meeting, "p"), member(meeting, "r")
        with pytest.raises(OutOfRoomError):
            begin(meeting, by=[r], actor=WHO)
        begin(meeting, by=[p], actor=WHO)
        with pytest.raises(StageError):
            begin(meeting, by=[p], actor=WHO)
        first = item(meeting, "a1")
        with pytest.raises(OutOfRoomError):
            take_up(first, by=[r], actor=WHO)
        take_up(first, by=[p], actor=WHO)
        with pytest.raises(StageError):  # one after the other
            take_up(item(meeting, "b1"), by=[p], actor=WHO)
        with pytest.raises(StageError):
            finish(meeting, by=[p], actor=WHO)
        with pytest.raises(ValidationError):
            conclude(first, "  ", by=[p], actor=WHO)
        adjourn(meeting, by=[p], actor=WHO)
        with pytest.raises(StageError):
            conclude(first, "유지", by=[p], actor=WHO)
        resume(meeting, by=[p], actor=WHO)
        conclude(first, "유지", by=[p], actor=WHO)
        take_up(first, by=[p], actor=WHO)  # again
        conclude(first, "다시 유지", by=[p], actor=WHO)
        finish(meeting, by=[p], actor=WHO)
        verbs = list(meeting.round.events.filter(verb__startswith="meeting.").values_list("verb", flat=True))
        assert verbs == [
            f"meeting.{verb}"
            for verb in ("convened", "opened", "item_opened", "adjourned", "resumed", "item_closed", "item_opened",
                         "item_closed", "closed")
        ]  # fmt: skip
        assert check_events(meeting.round) == meeting.round.events.count()

    def test_deputy_presides_while_the_chair_is_away(self):
        meeting = convened()
        q = member(meeting, "q")
        begin(meeting, by=[q], actor=WHO)
        attend(meeting, True, by=member(meeting, "p"), actor=WHO)
        with pytest.raises(OutOfRoomError):
            adjourn(meeting, by=[q], actor=WHO)
        attend(meeting, False, by=member(meeting, "p"), actor=WHO)
        adjourn(meeting, by=[q], actor=WHO)

    def test_officer_ends_an_abandoned_meeting(self):
        meeting = in_session()
        with pytest.raises(StageError):
            finish_abandoned(meeting, actor=WHO)
        for code in ("p", "q"):
            attend(meeting, False, by=member(meeting, code), actor=WHO)
        finish_abandoned(meeting, actor=WHO)
        assert Meeting.objects.get().state == "closed"

    def test_notes_have_versions_and_none_is_lost(self):
        meeting = discussing()
        first = item(meeting, "a1")
        with pytest.raises(OutOfRoomError):
            take_note(first, "x", by=[member(meeting, "r")], actor=WHO)
        with pytest.raises(StageError):
            take_note(item(meeting, "b1"), "x", by=[member(meeting, "p")], actor=WHO)
        one = take_note(first, "상담 24건", by=[member(meeting, "p")], actor=WHO)
        two = take_note(first, "상담 42건", corrects=one, actor="person/9")
        with pytest.raises(ValidationError):
            take_note(first, "상담 4건", corrects=one, actor="person/9")
        assert list(MeetingAct.objects.filter(kind="note").values_list("text", "corrects")) == [
            ("상담 24건", None),
            ("상담 42건", one.pk),
        ]
        assert "상담 42건" in seen_by(meeting, "r")
        assert "상담" not in " ".join(meeting.round.events.values_list("payload", flat=True))
        assert two.reviewer is None


class TestConflicts:
    def test_chair_steps_out_and_the_deputy_takes_over(self):
        meeting = convened()
        exclude(item(meeting, "a1").entry, member(meeting, "p"), "행정절차법", "배우자", actor=WHO)
        begin(meeting, by=[member(meeting, "p")], actor=WHO)
        for code in ("q", "r"):
            attend(meeting, True, by=member(meeting, code), actor=WHO)
        first = item(meeting, "a1")
        assert lead_of(first).code == "q"
        with pytest.raises(OutOfRoomError):
            take_up(first, by=[member(meeting, "p")], actor=WHO)
        take_up(first, by=[member(meeting, "q")], actor=WHO)
        assert list(first.acts.filter(kind="stepped_out").values_list("reviewer__code", flat=True)) == ["p"]
        for verb in (adjourn, finish):  # the chair is out of the room
            with pytest.raises(StageError):
                verb(meeting, by=[member(meeting, "p")], actor=WHO)
        out, there = seen_by(meeting, "p"), seen_by(meeting, "r")
        assert "기관 a1" in there
        assert "기관 a1" not in out
        with pytest.raises(OutOfRoomError):
            change(meeting, "p", {"idea": "1", "work": "1"})
        conclude(first, "유지", by=[member(meeting, "q")], actor=WHO)
        assert "유지" not in seen_by(meeting, "p")
        with pytest.raises(OutOfRoomError):
            dissent(first, "아니다", by=[member(meeting, "p")], named=False, actor=WHO)
        take_up(item(meeting, "b1"), by=[member(meeting, "p")], actor=WHO)  # the chair is back

    def test_officer_names_a_member_where_both_are_kept(self):
        meeting = in_session()
        first = item(meeting, "a1")
        with pytest.raises(StageError):
            name_lead(first, member(meeting, "r"), actor=WHO)
        for code in ("p", "q"):
            exclude(first.entry, member(meeting, code), "행정절차법", "배우자", actor=WHO)
        assert lead_of(first) is None
        with pytest.raises(OutOfRoomError, match="사무국"):
            take_up(first, by=[member(meeting, "r")], actor=WHO)
        with pytest.raises(ValidationError):
            name_lead(first, member(meeting, "p"), actor=WHO)
        name_lead(first, member(meeting, "r"), actor=WHO)
        take_up(item(meeting, "a1"), by=[member(meeting, "r")], actor=WHO)
        assert item(meeting, "a1").state == "open"

    def test_who_withdraws_in_the_middle_is_out_at_once(self):
        meeting = discussing()
        withdraw(item(meeting, "a1").entry, member(meeting, "r"), "전 직장", actor="person/3")
        assert list(MeetingAct.objects.filter(kind="stepped_out").values_list("reviewer__code", flat=True)) == ["r"]
        assert "기관 a1" not in seen_by(meeting, "r")
        with pytest.raises(OutOfRoomError):
            change(meeting, "r", {"idea": "1", "work": "1"})
        withdraw(item(meeting, "a1").entry, member(meeting, "p"), "전 직장", actor="person/3")
        assert lead_of(item(meeting, "a1")).code == "q"
        conclude(item(meeting, "a1"), "유지", by=[member(meeting, "q")], actor=WHO)

    def test_who_steps_back_on_the_sheet_is_the_same(self):
        meeting = discussing()
        own = slot(meeting, "a1", "r")
        step_back(own, "친족", actor=WHO)
        assert list(MeetingAct.objects.filter(kind="stepped_out").values_list("reviewer__code", flat=True)) == ["r"]
        assert "기관 a1" not in seen_by(meeting, "r")

    def test_who_steps_back_while_it_is_adjourned_is_out_of_the_room(self):
        meeting = discussing()
        adjourn(meeting, by=[member(meeting, "p")], actor=WHO)
        step_back(slot(meeting, "a1", "r"), "친족", actor="person/9")
        [act] = MeetingAct.objects.filter(kind="stepped_out")
        assert (act.reviewer.code, act.actor) == ("r", "person/9")

    def test_who_comes_in_later_is_out_for_what_is_discussed(self):
        meeting = discussing()
        attend(meeting, False, by=member(meeting, "r"), actor=WHO)
        exclude(item(meeting, "a1").entry, member(meeting, "r"), "행정절차법", "배우자", actor=WHO)
        attend(meeting, True, by=member(meeting, "r"), actor=WHO)
        assert MeetingAct.objects.filter(kind="stepped_out", reviewer__code="r").count() == 1

    def test_who_is_not_in_the_room_sees_no_marks_and_says_nothing(self):
        meeting = discussing()
        attend(meeting, False, by=member(meeting, "r"), actor=WHO)
        assert not sees_marks(meeting, "r")
        assert sees_marks(meeting, "q")
        with pytest.raises(OutOfRoomError):
            change(meeting, "r", {"idea": "1", "work": "1"})


class TestChanging:
    def test_before_after_and_reason_stay_and_the_receipt_is_of_the_new_version(self):
        meeting = discussing()
        before = marks_of(meeting, "a1", "r")
        made = change(meeting, "r", {"idea": "10", "work": "9.5"}, "증빙 3을 보지 못했다")
        assert made.before.by_leaf == before
        assert made.after.by_leaf == {"idea": "10", "work": "9.5"} == marks_of(meeting, "a1", "r")
        assert (made.before.version, made.after.version, made.act.text) == (1, 2, "증빙 3을 보지 못했다")
        assert receipt(slot(meeting, "a1", "r")).opening.values["mark/work"] == "9.5"
        told = meeting.round.events.get(verb="meeting.sheet_changed").told["payload"]
        assert told["slot"] == made.slot.name
        assert "증빙" not in json.dumps(told)
        assert "9.5" not in json.dumps(told)
        seen = seen_by(meeting, "q")
        assert "증빙 3을 보지 못했다" in seen
        assert "위원 r" not in seen

    @pytest.mark.parametrize(
        ("marks", "reason"),
        [
            ({"idea": "10", "work": "9"}, " "),
            ({"idea": "10.3", "work": "9"}, "x"),
            ({"idea": "10"}, "x"),
            ({"idea": "recused", "work": "recused"}, "x"),
            ({"idea": "not_submitted", "work": "9"}, "x"),
            (None, "x"),
        ],
    )
    def test_faults(self, marks, reason):
        meeting = discussing()
        with pytest.raises(ValidationError):
            change(meeting, "r", marks_of(meeting, "a1", "r") if marks is None else marks, reason)
        assert not SheetChange.objects.exists()

    def test_nobody_changes_the_sheet_of_another(self):
        meeting = discussing()
        with pytest.raises(OutOfRoomError):
            change_sheet(
                item(meeting, "a1"),
                slot(meeting, "a1", "r"),
                {"idea": "1", "work": "1"},
                "x",
                by=[member(meeting, "p")],
                actor=WHO,
            )

    def test_only_of_what_is_discussed_under_rules_that_let_it(self):
        meeting = discussing()
        for code, open_ in (("b1", "a1"), ("b1", "b1")):
            with pytest.raises(StageError):
                change_sheet(
                    item(meeting, open_),
                    slot(meeting, code, "r"),
                    {"idea": "1", "work": "1"},
                    "x",
                    by=[member(meeting, "r")],
                    actor=WHO,
                )
        fixed = discussing(rules=changed('id = "small"', 'id = "other"', RULES.replace('marks = "change"\n', "")))
        with pytest.raises(StageError, match="회의에서"):
            change(fixed, "r", {"idea": "1", "work": "1"})

    def test_from_the_opening_on_no_other_way_changes_a_sheet(self):
        meeting = convened()
        own, sheets = slot(meeting, "a1", "r"), Sheet.objects.count()
        saved = save_draft(own, {"mark/idea": "1", "mark/work": "1"}, 0)
        begin(meeting, by=[member(meeting, "p")], actor=WHO)
        take_up(item(meeting, "a1"), by=[member(meeting, "p")], actor=WHO)
        with pytest.raises(ValidationError, match="회의"):
            submit_sheet(own, mark(3))
        with pytest.raises(ValidationError, match="회의"):
            submit_sheets(meeting.round, [SheetRow("a1", "r", mark(3))])
        with pytest.raises(ValidationError, match="회의"):
            submit_draft(own, saved.version)
        for values in ({"mark/idea": "2"}, {"mark/idea": "3", "comment/idea": "x"}):
            with pytest.raises(NotTakenError, match="회의"):
                save_draft(own, values, saved.version)
        # what was lost on its way back is no change
        assert save_draft(own, {"mark/idea": "1", "mark/work": "1"}, 0).version == saved.version
        with pytest.raises(NotTakenError):
            save_draft(slot(meeting, "a1", "q"), {"mark/idea": "2"}, 0)
        assert Sheet.objects.count() == sheets
        submit_sheet(slot(meeting, "b1", "r"), mark(3))  # another entry
        [shown] = [one for one in own_slots(meeting.round, {"r"}) if one.slot.pk == own.pk]
        assert (shown.bound, shown.is_ready, shown.state) == (True, False, "submitted")
        assert shown.mark("idea") == marks_of(meeting, "a1", "r")["idea"]

    def test_the_draft_follows_the_sheet(self):
        meeting = convened()
        own = slot(meeting, "a1", "r")
        save_draft(own, {"mark/idea": "1", "comment/idea": "현장"}, 0)
        begin(meeting, by=[member(meeting, "p")], actor=WHO)
        attend(meeting, True, by=member(meeting, "r"), actor=WHO)
        take_up(item(meeting, "a1"), by=[member(meeting, "p")], actor=WHO)
        change(meeting, "r", {"idea": "10", "work": "9"})
        draft = SheetDraft.objects.get()
        assert not draft.is_submitted  # its comment never was, and nobody else sees it
        assert draft.as_submitted == {"mark/idea": "10", "mark/work": "9"}
        assert values_of(slot(meeting, "a1", "r")) == {"mark/idea": "10", "mark/work": "9", "comment/idea": "현장"}

    def test_a_comment_that_was_submitted_is_seen_and_one_that_was_not_is_not(self):
        rules = changed("[sight.reviewer]", '[sight.reviewer]\ncomments = "meeting"', RULES)
        meeting = convened(rules, make=scoring)
        for who in "pqr":
            own = slot(meeting, "a1", who)
            save_draft(own, {"mark/idea": "1", "mark/work": "1", "comment/idea": f"낸 의견 {who}"}, 0)
            submit_draft(own, 1)
        save_draft(slot(meeting, "a1", "r"), {"mark/idea": "1", "mark/work": "1", "comment/idea": "혼잣말"}, 1)
        begin(meeting, by=[member(meeting, "p")], actor=WHO)
        for who in "qr":
            attend(meeting, True, by=member(meeting, who), actor=WHO)
        take_up(item(meeting, "a1"), by=[member(meeting, "p")], actor=WHO)
        for changes in (False, True):
            if changes:
                change(meeting, "r", {"idea": "10", "work": "9"})
            [(_title, said), *_rest] = room(meeting, "q").comments
            assert sorted(said) == ["낸 의견 p", "낸 의견 r"]

    def test_whose_an_entry_is_is_told_once_it_is_taken_up(self):
        meeting = in_session(changed("[sight.reviewer]", '[sight.reviewer]\nentrant = "meeting"', RULES))
        assert not any("기관" in one.title for one in room(meeting, "r").items)
        take_up(item(meeting, "a1"), by=[member(meeting, "p")], actor=WHO)
        assert ["기관" in one.title for one in room(meeting, "r").items] == [True, False, False]

    def test_marks_are_given_before_they_are_discussed(self):
        meeting = discussing(make=scoring)
        with pytest.raises(ValidationError, match="회의"):
            submit_sheet(slot(meeting, "a1", "r"), mark(3))
        with pytest.raises(StageError):
            change(meeting, "r", {"idea": "1", "work": "1"})
        assert not sees_marks(meeting, "r")
        [shown] = [one for one in own_slots(meeting.round, {"r"}) if one.bound]
        assert (shown.state, shown.state.is_open) == ("missed", False)

    def test_who_takes_a_place_later_gives_marks_of_their_own_once(self):
        meeting = discussing(agenda=("b4",), code="b4", make=lambda rules: scored_but(rules, "b4", "r"))
        withdraw(item(meeting, "b4").entry, member(meeting, "q"), "전 직장", actor=WHO)
        change(meeting, "p", {"idea": "10", "work": "10"}, "자료를 다시 보았다")
        take_note(item(meeting, "b4"), "상담 24건", by=[member(meeting, "p")], actor=WHO)
        [new] = replace(meeting.round, [(slot(meeting, "b4", "q").pk, "r")], actor=WHO)
        attend(meeting, True, by=member(meeting, "r"), actor=WHO)
        assert not sees_marks(meeting, "r")
        assert not any(said in seen_by(meeting, "r") for said in ("자료를 다시 보았다", "상담 24건"))
        conclude(item(meeting, "b4"), "조정", by=[member(meeting, "p")], actor=WHO)
        assert "조정" not in seen_by(meeting, "r")
        with pytest.raises(OutOfRoomError):
            dissent(item(meeting, "b4"), "높다", by=[member(meeting, "r")], named=False, actor=WHO)
        submit_sheet(new, mark(3))
        assert "조정" in seen_by(meeting, "r")
        take_up(item(meeting, "b4"), by=[member(meeting, "p")], actor=WHO)
        assert sees_marks(meeting, "r")
        with pytest.raises(ValidationError, match="회의"):
            submit_sheet(new, mark(4))
        change(meeting, "r", {"idea": "10", "work": "9"})


def scored_but(rules: str, code: str, who: str) -> Round:
    """A round in which one member does not score one entry."""
    from simsa.web.panel.services import assign_as_given
    from tests.web.panel.rounds import ENTRIES, REVIEWERS

    round_ = prepared(rules)
    pairs = [(entry, reviewer) for entry, _ in ENTRIES for reviewer in REVIEWERS if (entry, reviewer) != (code, who)]
    assign_as_given(round_, pairs)
    submit_sheets(round_, [SheetRow(*pair, mark(n)) for n, pair in enumerate(pairs)])
    round_.refresh_from_db()
    return round_


class TestDissent:
    def test_with_a_name_and_without(self):
        meeting = discussing()
        first = item(meeting, "a1")
        with pytest.raises(StageError):
            dissent(first, "아니다", by=[member(meeting, "r")], named=True, actor="person/3")
        conclude(first, "유지", by=[member(meeting, "p")], actor=WHO)
        dissent(first, "근거가 없다", by=[member(meeting, "r")], named=True, actor="person/3")
        dissent(first, "너무 높다", by=[member(meeting, "q")], named=False, actor="person/2")
        named, other = MeetingAct.objects.filter(kind="dissent").order_by("pk")
        assert (named.reviewer.code, named.actor) == ("r", "person/3")
        assert (other.reviewer, other.actor) == (None, "member")
        events = meeting.round.events.filter(verb="meeting.dissented").order_by("pk")
        assert [one.actor for one in events] == ["person/3", "member"]
        assert "너무 높다" in seen_by(meeting, "p")


class TestVoiding:
    def test_everything_is_as_it_was_by_new_versions_and_members_are_told(self):
        round_ = scored(RULES)
        with_role("kim", round_, "reviewer", "r")
        meeting = convene(round_, AT, ["a1", "b1"], "p", "q", actor=WHO)
        before = {(code, who): marks_of_round(round_, code, who) for code in ("a1", "b1") for who in "pqr"}
        begin(meeting, by=[member(meeting, "p")], actor=WHO)
        for code in ("q", "r"):
            attend(meeting, True, by=member(meeting, code), actor=WHO)
        take_up(item(meeting, "a1"), by=[member(meeting, "p")], actor=WHO)
        change(meeting, "r", {"idea": "10", "work": "9"})
        change(meeting, "r", {"idea": "9", "work": "9"})
        change(meeting, "q", {"idea": "8", "work": "8"})
        conclude(item(meeting, "a1"), "조정", by=[member(meeting, "p")], actor=WHO)
        take_up(item(meeting, "b1"), by=[member(meeting, "p")], actor=WHO)
        change(meeting, "p", {"idea": "1", "work": "1"})
        withdraw(item(meeting, "b1").entry, member(meeting, "p"), "전 직장", actor=WHO)
        with pytest.raises(ValidationError):
            void(meeting, " ", actor="person/7")
        made = void(meeting, "위원장이 유도했다", actor="person/7")
        assert len(made) == 2  # who has stepped back since stays so
        after = {(code, who): marks_of_round(round_, code, who) for code in ("a1", "b1") for who in "pqr"}
        assert after == before | {("b1", "p"): {"idea": "recused", "work": "recused"}}
        own = slot(meeting, "a1", "r")
        assert list(own.sheets.order_by("version").values_list("version", flat=True)) == [1, 2, 3, 4]
        assert SheetChange.objects.count() == 6
        assert Meeting.objects.get().state == "voided"
        send_due()
        assert any("위원장이 유도했다" in letter.body for letter in mail.outbox)
        submit_sheet(own, mark(3))  # nothing binds it any more
        again = convene(round_, AT, ["a1"], "p", "q", actor=WHO)
        assert again.number == 2
        assert check_events(round_) == round_.events.count()

    def test_which_of_two_meetings_came_later_is_told_by_when_they_took_an_entry_up(self):
        first = discussing("b1", agenda=("b1",))
        p, before = member(first, "p"), marks_of(first, "a1", "r")
        conclude(item(first, "b1"), "유지", by=[p], actor=WHO)
        second = convene(first.round, AT, ["a1"], "p", "q", actor=WHO)
        begin(second, by=[p], actor=WHO)
        attend(second, True, by=member(second, "r"), actor=WHO)
        take_up(item(second, "a1"), by=[p], actor=WHO)
        change(second, "r", {"idea": "10", "work": "9"})
        conclude(item(second, "a1"), "조정", by=[p], actor=WHO)
        finish(second, by=[p], actor=WHO)
        arrange(first, ["b1", "a1"], actor=WHO)
        take_up(item(first, "a1"), by=[p], actor=WHO)
        change(first, "r", {"idea": "5", "work": "9"})
        with pytest.raises(StageError, match="1"):
            void(second, "x", actor=WHO)
        void(first, "x", actor=WHO)
        assert marks_of(first, "a1", "r") == {"idea": "10", "work": "9"}
        void(second, "x", actor=WHO)
        assert marks_of(first, "a1", "r") == before

    def test_a_later_meeting_on_an_entry_is_voided_first(self):
        meeting = discussing()
        p = member(meeting, "p")
        conclude(item(meeting, "a1"), "유지", by=[p], actor=WHO)
        finish(meeting, by=[p], actor=WHO)
        second = convene(meeting.round, AT, ["a1"], "p", "q", actor=WHO)
        begin(second, by=[p], actor=WHO)
        take_up(item(second, "a1"), by=[p], actor=WHO)
        with pytest.raises(StageError, match="2"):
            void(meeting, "x", actor=WHO)
        void(second, "x", actor=WHO)
        void(meeting, "x", actor=WHO)
        assert set(Meeting.objects.values_list("state", flat=True)) == {"voided"}


class TestClosing:
    def test_not_with_an_open_item_by_hand(self):
        meeting = discussing()
        with pytest.raises(StageError, match="1"):
            close_round(meeting.round)
        conclude(item(meeting, "a1"), "유지", by=[member(meeting, "p")], actor=WHO)
        close_round(meeting.round)
        assert Meeting.objects.get().state == "closed"
        for verb in (adjourn, finish):
            with pytest.raises(StageError):
                verb(meeting, by=[member(meeting, "p")], actor=WHO)
        with pytest.raises(StageError):
            void(meeting, "x", actor=WHO)

    def test_the_clock_ends_what_is_being_discussed(self):
        rules = scheduled(RULES, scoring_until=timedelta(days=2))
        meeting = discussing(rules=rules)
        change(meeting, "r", {"idea": "10", "work": "9"})
        with mock.patch.object(timezone, "now", return_value=datetime.now(UTC) + timedelta(days=3)):
            with pytest.raises(NotTakenError):
                change(meeting, "r", {"idea": "1", "work": "9"})
            assert close_due_rounds() == 1
        assert Round.objects.get().stage == Stage.CLOSED
        assert (Meeting.objects.get().state, item(meeting, "a1").state) == ("closed", "closed")
        assert MeetingAct.objects.filter(kind="ended").count() == 1
        assert marks_of(meeting, "a1", "r") == {"idea": "10", "work": "9"}

    def test_a_meeting_that_has_not_begun_is_called_off(self):
        meeting = convened()
        close_round(meeting.round)
        assert Meeting.objects.get().state == "called_off"

    def test_the_bundle_holds_with_changes_and_forgetting_takes_the_texts(self):
        meeting = discussing()
        change(meeting, "r", {"idea": "10", "work": "9"}, "비밀 이유")
        conclude(item(meeting, "a1"), "조정함", by=[member(meeting, "p")], actor=WHO)
        dissent(item(meeting, "a1"), "반대", by=[member(meeting, "r")], named=True, actor="person/3")
        round_ = close_round(meeting.round)
        publish(run_selection(round_))
        answer = verify(bundle(round_, "full"))
        assert (answer.answer, [check.why for check in answer.failed]) == (Answer.VERIFIED, [])
        round_.refresh_from_db()
        forget(round_, "x")
        texts = set(MeetingAct.objects.values_list("text", flat=True))
        assert texts <= {"", "–"}
        assert MeetingAct.objects.get(kind="dissent").reviewer is None
        change_ = SheetChange.objects.select_related("before", "after").get()
        assert (change_.before.by_leaf, change_.after.by_leaf) == ({}, {})
        assert members_present(meeting) == {member(meeting, code).pk for code in "pqr"}


class TestWork:
    def test_who_also_acts_for_an_entrant_is_offered_no_meeting(self):
        round_ = convened().round
        for role in (with_role(kind, round_, kind) for kind in ("observer", "auditor")):
            assert meeting_work(role)
            give_role(round_.programme, round_, "entrant", role.person, "a1")
            assert meeting_work(Role.objects.get(pk=role.pk)) == []  # as a later request finds it
