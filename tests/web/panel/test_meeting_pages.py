"""Pages of meetings: what each person sees and sends, minutes, and the stream that keeps a page up to date."""

from __future__ import annotations

import re
import threading
from typing import Any

import pytest
from django.core.signals import request_finished
from django.db import close_old_connections
from django.test import Client

from simsa.web.panel.meetings import stream as streams
from simsa.web.panel.meetings.viewers import viewer_of
from simsa.web.panel.models import Meeting, MeetingAct, SheetChange
from simsa.web.panel.services import (
    SheetRow,
    attend,
    change_sheet,
    exclude,
    replace,
    save_draft,
    submit_sheet,
    submit_sheets,
    take_note,
    withdraw,
)
from simsa.web.programmes.models import Round
from tests.rules.complete import LEVELLED
from tests.rules.small import changed
from tests.web.panel.meetings import AT, MEETING, RULES, WHO, convened, discussing, item, member, slot
from tests.web.panel.rounds import ENTRIES, REVIEWERS, mark, scored, scoring
from tests.web.panel.test_meetings import scored_but
from tests.web.people import account, signed_in, with_role

pytestmark = pytest.mark.django_db
NAMED = changed("[sight.reviewer]", '[sight.reviewer]\nentrant = "announced"', RULES)


def people(meeting: Meeting) -> dict[str, Client]:
    """Everybody who has to do with a meeting, by name: members by their codes."""
    clients = {code: signed_in(with_role(f"m{code}", meeting.round, "reviewer", code)) for code in "pqr"}
    for kind in ("officer", "auditor", "observer"):
        clients[kind] = signed_in(with_role(kind, meeting.round, kind))
    return clients


def at(meeting: Meeting, rest: str = "") -> str:
    return f"/ko/panel/meetings/{meeting.pk}/{rest}"


def text(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, answer.status_code
    return answer.content.decode()


def left(answer: Any) -> None:
    """The browser is gone; the connection of the test stays open."""
    request_finished.disconnect(close_old_connections)
    answer.close()
    request_finished.connect(close_old_connections)


class TestOffice:
    def test_officer_convenes_with_what_the_rules_call_up(self):
        round_ = scored(RULES)
        client = signed_in(with_role("officer", round_, "officer"))
        page = text(client, "/ko/office/rounds/small/meetings/")
        agenda = dict(re.findall(r'name="place/(\w+)"[^>]* value="(\d*)"', page))
        assert set(agenda) == {"a1", "a2", "b1", "b2", "b3", "b4"}
        called = [code for code, place in sorted(agenda.items(), key=lambda one: one[1]) if place]
        assert called
        sent = {f"place/{code}": place for code, place in agenda.items()}
        form = {"chair": "p", "deputy": "q", "at": "2124-03-01T14:00", "place": "회의실 3", **sent}
        assert client.post("/ko/office/rounds/small/meetings/", {**form, "deputy": "p"}).status_code == 200
        assert client.post("/ko/office/rounds/small/meetings/", {**form, "at": "soon"}).status_code == 200
        assert not Meeting.objects.exists()
        answer = client.post("/ko/office/rounds/small/meetings/", form)
        meeting = Meeting.objects.get()
        assert answer.url == "/ko/office/rounds/small/meetings/1/"
        assert [one.entry.entrant.code for one in meeting.items.order_by("position")] == called
        assert meeting.at == AT
        client.post("/ko/office/rounds/small/meetings/1/agenda/", {"place/b4": "1", "place/a1": "2"})
        assert [one.entry.entrant.code for one in meeting.items.order_by("position")] == ["b4", "a1"]
        client.post("/ko/office/rounds/small/meetings/1/agenda/", {"do": "call_off", "reason": "정족수"})
        assert Meeting.objects.get().state == "called_off"

    def test_an_officer_who_scores_is_a_member_and_nothing_else(self):
        meeting = discussing()
        exclude(item(meeting, "a1").entry, member(meeting, "r"), "행정절차법", "배우자", actor=WHO)
        with_role("both", meeting.round, "officer")
        client = signed_in(with_role("both", meeting.round, "reviewer", "r"))
        assert client.get("/ko/office/rounds/small/meetings/1/").status_code == 403
        assert client.get("/ko/office/rounds/small/meetings/1/minutes.txt").status_code == 403
        page = text(client, at(meeting))
        assert "기관 a1" not in page
        assert "퇴장합니다" in page

    @pytest.mark.parametrize("kind", ["officer", "auditor", "observer"])
    def test_who_acts_for_an_entrant_sees_no_meeting_whatever_else_they_are(self, kind):
        meeting = discussing()
        client = signed_in(with_role("both", meeting.round, kind))
        rooms = [at(meeting, rest) for rest in ("", "live/", "stream/")]
        assert client.head(rooms[0]).status_code == 200
        client = signed_in(with_role("both", meeting.round, "entrant", "a1"))
        assert viewer_of(account("both"), meeting) is None
        assert {client.get(path).status_code for path in rooms} == {404}
        assert {client.post(at(meeting, rest)).status_code for rest in ("attend/", "void/")} == {404}
        assert client.get("/ko/panel/rounds/small/meetings/").status_code == 403
        office = "/ko/office/rounds/small/meetings/"
        assert {client.get(f"{office}{rest}").status_code for rest in ("", "1/", "1/minutes.txt")} == {403}
        assert client.post(office).status_code == 403
        assert client.post(f"/ko/panel/items/{item(meeting, 'a1').pk}/note/", {"text": "x"}).status_code == 404

    def test_minutes_tell_everything_to_officers_and_auditors(self):
        meeting = discussing()
        everybody = people(meeting)
        everybody["observer"].post(at(meeting, "attend/"))
        own = slot(meeting, "a1", "r")
        change_sheet(
            item(meeting, "a1"), own, {"idea": "10", "work": "9"}, "증빙 3", by=[member(meeting, "r")], actor=WHO
        )
        note = take_note(item(meeting, "a1"), "24건", by=[member(meeting, "p")], actor=WHO)
        take_note(item(meeting, "a1"), "42건", corrects=note, actor=WHO)
        everybody["p"].post(f"/ko/panel/items/{item(meeting, 'a1').pk}/lead/", {"outcome": "조정함"})
        everybody["q"].post(f"/ko/panel/items/{item(meeting, 'a1').pk}/dissent/", {"text": "반대"})
        exclude(item(meeting, "b1").entry, member(meeting, "q"), "행정절차법", "배우자", actor=WHO)
        everybody["p"].post(f"/ko/panel/items/{item(meeting, 'b1').pk}/lead/")
        for client in (everybody["officer"], everybody["auditor"]):
            page = text(client, "/ko/office/rounds/small/meetings/1/")
            file = text(client, "/ko/office/rounds/small/meetings/1/minutes.txt")
            for said in (
                "위원 p",
                "위원 r",
                "observer",
                "24건",
                "42건",
                "조정함",
                "반대",
                "무기명",
                "증빙 3",
                "회의실 3",
            ):
                assert said in page, said
                assert said in file, said
            assert "→ 9" in file
            assert re.search("이해충돌로 퇴장: 위원 q", file)
        for who in ("p", "q", "r", "observer"):
            assert everybody[who].get("/ko/office/rounds/small/meetings/1/").status_code == 403

    def test_officer_names_who_leads_and_is_alarmed(self):
        meeting = convened()
        for code in ("p", "q"):
            exclude(item(meeting, "a1").entry, member(meeting, code), "행정절차법", "배우자", actor=WHO)
        client = people(meeting)["officer"]
        assert "위원장과 직무대행 모두" in text(client, "/ko/office/rounds/small/")
        assert "위원장과 직무대행 모두" in text(client, at(meeting))
        client.post(f"/ko/panel/items/{item(meeting, 'a1').pk}/leader/", {"reviewer": "p"})
        assert item(meeting, "a1").lead is None
        client.post(f"/ko/panel/items/{item(meeting, 'a1').pk}/leader/", {"reviewer": "r"})
        assert item(meeting, "a1").lead == member(meeting, "r")


class TestRoom:
    def test_from_the_opening_to_the_voiding_without_javascript(self):
        meeting = convened()
        everybody = people(meeting)
        p, q, r, observer = (everybody[who] for who in ("p", "q", "r", "observer"))
        first = item(meeting, "a1")
        assert r.post(at(meeting, "turn/"), {"do": "begin"}).status_code == 403
        assert f"/panel/meetings/{meeting.pk}/" in text(r, "/ko/office/")
        p.post(at(meeting, "turn/"), {"do": "begin"})
        for client in (q, r, observer):
            client.post(at(meeting, "attend/"))
        assert r.post(f"/ko/panel/items/{first.pk}/lead/").status_code == 404
        p.post(f"/ko/panel/items/{first.pk}/lead/")
        page = text(r, at(meeting))
        assert page.count("<circle") == 9  # three sheets at two criteria and in total
        assert 'class="own"' in page
        assert not any(f"위원 {code}" in page for code in "pqr")
        own = slot(meeting, "a1", "r")
        sheet = text(r, f"/ko/panel/sheets/{own.name}/")
        assert "회의에서 논의한 실적" in sheet
        assert "data-editable" not in sheet
        sent = {"mark/idea": "10", "mark/work": "9", "reason": "다시 보았다"}
        assert p.post(f"/ko/panel/items/{first.pk}/sheet/", {**sent, "mark/idea": "99"}).status_code == 302
        r.post(f"/ko/panel/items/{first.pk}/sheet/", sent)
        assert SheetChange.objects.get().after.by_leaf == {"idea": "10", "work": "9"}
        assert "다시 보았다" in text(q, at(meeting))
        told = text(observer, at(meeting))
        assert "다시 보았다" not in told
        assert "<circle" not in told
        p.post(f"/ko/panel/items/{first.pk}/note/", {"text": "상담 24건"})
        assert "상담 24건" in text(observer, at(meeting))
        p.post(f"/ko/panel/items/{first.pk}/lead/", {"outcome": "유지"})
        r.post(f"/ko/panel/items/{first.pk}/dissent/", {"text": "낮다", "named": "yes"})
        assert "위원 r" in text(q, at(meeting))  # as they wish
        assert r.post(at(meeting, "void/"), {"reason": "x"}).status_code == 403
        observer.post(at(meeting, "void/"), {"reason": "절차 위반"})
        assert Meeting.objects.get().state == "voided"
        assert SheetChange.objects.filter(undoes__isnull=False).count() == 1
        assert "무효" in text(r, at(meeting))
        assert "회의에서 논의한 실적" not in text(r, f"/ko/panel/sheets/{own.name}/")

    def test_levels_are_chosen_by_name(self):
        def of_levels(rules: str) -> Round:
            round_ = scoring(rules)
            pairs = [(entry, reviewer) for entry, _ in ENTRIES for reviewer in REVIEWERS]
            submit_sheets(round_, [SheetRow(*pair, {"idea": "2.5", "work": "A+"}) for pair in pairs])
            return round_

        meeting = discussing(rules=changed("[missing]", MEETING, LEVELLED), make=of_levels)
        r, first = people(meeting)["r"], item(meeting, "a1")
        page = text(r, at(meeting))
        field = re.search(r'<select id="m-work" name="mark/work">(.*?)</select>', page)
        assert field
        options = re.findall('<option value="([^"]*)"( selected)?>([^<]*)', field[1])
        assert [value for value, _, _ in options] == ["", "95", "87.5", "-1"]
        assert [value for value, chosen, _ in options if chosen] == ["87.5"]
        assert [told.split(" · ")[0] for _, _, told in options[1:]] == ["수", "A+ 우", "가"]
        assert "단위" not in re.search('<label for="m-work">.*?</label>', page)[0]
        sent = {"mark/idea": "2.5", "mark/work": options[1][0], "reason": "다시 보았다"}
        r.post(f"/ko/panel/items/{first.pk}/sheet/", sent)
        assert SheetChange.objects.get().after.by_leaf == {"idea": "2.5", "work": "95"}
        assert "수" in re.search('<option value="95" selected>([^<]*)', text(r, at(meeting)))[1]

    def test_who_gave_no_marks_is_told_what_holds_for_them(self):
        def but_r(rules: str) -> Round:
            return scored_but(rules, "b4", "r")

        meeting = discussing(agenda=("b4",), code="b4", make=but_r)
        withdraw(item(meeting, "b4").entry, member(meeting, "q"), "전 직장", actor=WHO)
        [new] = replace(meeting.round, [(slot(meeting, "b4", "q").pk, "r")], actor=WHO)
        r = people(meeting)["r"]
        page = text(r, at(meeting))
        assert "지금은 점수를 줄 수 없습니다" not in page
        assert "채점표를 제출하면 다른 위원의 점수를 볼 수 있습니다" in page
        submit_sheet(new, mark(3))
        page = text(r, at(meeting))
        assert "채점표를 제출하면" not in page
        assert "<circle" in page

    def test_who_missed_the_discussion_is_told_so(self):
        def all_but_r(rules: str) -> Round:
            round_ = scoring(rules)
            pairs = [(entry, reviewer) for entry in ("a1", "b1", "b2") for reviewer in "pq"]
            submit_sheets(round_, [SheetRow(*pair, mark(n)) for n, pair in enumerate(pairs)])
            return round_

        meeting = discussing(make=all_but_r)
        everybody = people(meeting)
        page = text(everybody["r"], at(meeting))
        assert "지금은 점수를 줄 수 없습니다" in page
        assert "채점표를 제출하면" not in page

    def test_observers_see_marks_where_the_rules_say_so(self):
        meeting = discussing(rules=changed("[missing]", '[sight.observer]\nmarks = "meeting"\n\n[missing]', RULES))
        observer = people(meeting)["observer"]
        assert "<circle" not in text(observer, at(meeting))  # not in the room
        observer.post(at(meeting, "attend/"))
        page = text(observer, at(meeting))
        assert "<circle" in page
        assert "위원 r" not in page

    def test_a_blind_round_names_nobody(self):
        meeting = discussing(rules=NAMED)
        everybody = people(meeting)
        everybody["observer"].post(at(meeting, "attend/"))
        for who in ("p", "q", "r", "observer"):
            page = text(everybody[who], at(meeting))
            assert not re.search("기관 [ab]|Body [ab]", page), who
        assert "기관 a1" in text(everybody["officer"], at(meeting))

    def test_a_device_that_comes_back_hears_why_its_draft_is_not_taken(self):
        meeting = convened()
        own = slot(meeting, "a1", "r")
        kept = save_draft(own, {"mark/idea": "1"}, 0)
        everybody = people(meeting)
        everybody["p"].post(at(meeting, "turn/"), {"do": "begin"})
        everybody["p"].post(f"/ko/panel/items/{item(meeting, 'a1').pk}/lead/")
        answer = everybody["r"].put(
            f"/ko/panel/sheets/{own.name}/draft/",
            '{"values": {"mark/idea": "2"}}',
            content_type="application/json",
            headers={"If-Match": f'"{kept.version}"'},
        )
        assert answer.status_code == 403
        assert "회의에서 논의한 실적" in answer.json()["error"]


class TestStream:
    @pytest.fixture(autouse=True)
    def _short(self, monkeypatch):
        monkeypatch.setattr(streams, "LASTS", 0.3)
        monkeypatch.setattr(streams, "PAUSE", 0.02)
        monkeypatch.setattr(streams, "_places", threading.BoundedSemaphore(streams.MOST))

    def events(self, client: Client, meeting: Meeting, seen: int | None = None, **headers: str) -> str:
        answer = client.get(at(meeting, "stream/") + ("" if seen is None else f"?seen={seen}"), headers=headers)
        assert answer.status_code == 200
        assert answer.headers["Content-Type"] == "text/event-stream"
        assert "no-store" in answer.headers["Cache-Control"]
        return b"".join(answer.streaming_content).decode()

    def test_tells_what_has_happened_and_ends(self):
        meeting = discussing()
        r = people(meeting)["r"]
        newest = streams.last_act(meeting.pk)
        told = self.events(r, meeting, newest)
        assert told.startswith(f"retry: {streams.AGAIN}\nid: {newest}\n\n")
        assert "event:" not in told
        told = self.events(r, meeting, newest - 1)
        blocks = [block for block in told.split("\n\n") if block.startswith("event: room")]
        assert len(blocks) == 1  # what it was once is not told again
        assert f"id: {newest}" in blocks[0]
        assert all(re.match("event: |id: |data: ", line) for line in blocks[0].splitlines())
        assert "기관 a1" in blocks[0]

    def test_goes_on_after_what_was_seen(self):
        meeting = discussing()
        r, newest = people(meeting)["r"], streams.last_act(meeting.pk)
        assert "event: room" not in self.events(r, meeting, 0, **{"Last-Event-ID": str(newest)})
        assert "event: room" in self.events(r, meeting, newest, **{"Last-Event-ID": str(newest - 1)})

    def test_while_it_lasts_what_happens_is_told_at_once(self):
        meeting = discussing()
        r, newest = people(meeting)["r"], streams.last_act(meeting.pk)
        answer = r.get(at(meeting, f"stream/?seen={newest}"))
        events = iter(answer.streaming_content)
        assert b"retry" in next(events)
        assert next(events) == b":\n\n"
        made = take_note(item(meeting, "a1"), "상담 24건", by=[member(meeting, "p")], actor=WHO)
        told = next(events).decode()
        assert f"id: {made.pk}\n" in told
        assert "상담 24건" in told
        left(answer)

    def test_whoever_is_kept_is_told_to_step_out_and_nothing_more(self):
        meeting = discussing()
        r, newest = people(meeting)["r"], streams.last_act(meeting.pk)
        answer = r.get(at(meeting, f"stream/?seen={newest}"))
        events = iter(answer.streaming_content)
        next(events)
        exclude(item(meeting, "a1").entry, member(meeting, "r"), "행정절차법", "배우자", actor=WHO)
        take_note(item(meeting, "a1"), "상담 24건", by=[member(meeting, "p")], actor=WHO)
        told = next(events).decode()
        assert "퇴장" in told
        assert "기관 a1" not in told
        assert "상담" not in told
        assert "<circle" not in told
        left(answer)

    def test_ends_for_who_sees_the_meeting_no_longer(self):
        meeting = discussing()
        role = with_role("mr", meeting.round, "reviewer", "r")
        client = signed_in(role)
        answer = client.get(at(meeting, f"stream/?seen={streams.last_act(meeting.pk)}"))
        events = iter(answer.streaming_content)
        next(events)
        type(role).objects.filter(pk=role.pk).update(until=role.since)
        attend(meeting, False, by=member(meeting, "q"), actor=WHO)
        assert next(events) == b"event: gone\ndata:\n\n"
        assert list(events) == []
        left(answer)

    def test_few_at_once_and_the_others_ask(self):
        meeting = discussing()
        r = people(meeting)["r"]
        held = [r.get(at(meeting, "stream/")) for _ in range(streams.MOST)]
        assert r.get(at(meeting, "stream/")).status_code == 204
        newest = streams.last_act(meeting.pk)
        assert r.get(at(meeting, f"live/?seen={newest}")).status_code == 204
        answer = r.get(at(meeting, f"live/?seen={newest - 1}"))
        assert answer.headers["X-Seen"] == str(newest)
        assert "기관 a1" in answer.content.decode()
        for one in held:
            left(one)  # also of one that nobody has read
            left(one)
        again = [r.get(at(meeting, "stream/")) for _ in range(streams.MOST)]
        assert [one.status_code for one in again] == [200] * streams.MOST
        for one in again:
            left(one)

    def test_nobody_else_hears_of_it(self):
        meeting = discussing()
        assert signed_in("stranger").get(at(meeting, "stream/")).status_code == 404
        assert MeetingAct.objects.exists()
