"""Conflicts of interest: declared, challenged, decided, and who takes the place of whom; the record holds all of it."""

from __future__ import annotations

import random
import unicodedata
from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import product

import pytest
from django.core import mail
from django.core.exceptions import ValidationError

from simsa.record.verification import Answer, verify
from simsa.web.awards.services import publish, run_selection
from simsa.web.entries.services import EntryRow, import_entries
from simsa.web.panel.models import Bid, Conflict, Decision, Declaration, Procedure, Profile, Slot
from simsa.web.panel.scoring.own import own_slots
from simsa.web.panel.scoring.shown import shown_sheet
from simsa.web.panel.services import (
    SheetRow,
    assign,
    assign_as_given,
    challenge,
    decide,
    declare,
    disclose_panel,
    exclude,
    propose,
    replace,
    submit_sheet,
    submit_sheets,
    withdraw,
)
from simsa.web.panel.services.planning import fix_pair
from simsa.web.panel.services.profiling import ProfileRow, save_profile
from simsa.web.programmes.letters import send_due
from simsa.web.programmes.models import Round, Stage
from simsa.web.programmes.services import StageError, amend, bundle, check_events, forget
from tests.rules.small import HIDING, changed
from tests.web.panel.rounds import ENTRIES, mark, prepared
from tests.web.people import account, signed_in, with_role

pytestmark = pytest.mark.django_db

CONFLICTS = (
    '[[conflict]]\nid = "said"\nkind = "declared"\n\n'
    '[[conflict]]\nid = "home"\nname = { ko = "같은 지역", en = "Same region" }\nkind = "same"\n'
    'entrant = "region"\nreviewer = "region"\n\n[missing]'
)
RULES = changed("[missing]", "[panel]\nsheets_per_entry = 1\nload = { max = 3 }\n\n" + CONFLICTS)
MEAN = changed('trimmed_mean", drop_high = 1, drop_low = 1', 'mean"', RULES)


def scheduled(rules: str, **moments: timedelta) -> str:
    now = datetime.now(UTC) + timedelta(hours=9)
    lines = [f"{key} = {(now + delta).strftime('%Y-%m-%dT%H:%M:%S')}" for key, delta in moments.items()]
    return changed("[missing]", "\n".join(["[schedule]", *lines, "", "[missing]"]), rules)


@pytest.fixture
def round_(db: None) -> Round:
    return prepared(MEAN)


def reviewer(round_: Round, code: str):
    return round_.reviewers.get(code=code)


def entry(round_: Round, code: str):
    return round_.entries.select_related("entrant", "round").get(entrant__code=code)


def register(round_: Round) -> set[tuple[str, str, str]]:
    rows = Conflict.objects.filter(entry__round=round_)
    return set(rows.values_list("entry__entrant__code", "reviewer__code", "reason"))


def given_to(round_: Round, *pairs: tuple[str, str]) -> Round:
    assign_as_given(round_, pairs)
    round_.refresh_from_db()
    return round_


def slot(round_: Round, code: str, who: str) -> Slot:
    return Slot.objects.select_related("entry__round", "reviewer").get(
        entry=entry(round_, code), reviewer=reviewer(round_, who)
    )


class TestDeclaring:
    def test_conflicts_follow_from_the_last_declaration_alone(self, round_):
        q = reviewer(round_, "q")
        first = declare(q, {"a1": "kin", "b1": ""}, {"region": ["a"]}, ["Body  B4", "nobody"], actor="person/1")
        assert register(round_) == {
            ("a1", "q", "kin"),
            ("a2", "q", "region: a"),
            ("b1", "q", "said"),
            ("b4", "q", "Body B4"),
        }
        assert not first.has_none
        second = declare(q, {}, {}, actor="person/1")
        assert register(round_) == set()
        assert (second.has_none, second.version, Declaration.objects.count()) == (True, 2, 2)
        assert check_events(round_) == round_.events.count()
        told = " ".join(round_.events.values_list("payload", flat=True))
        assert "kin" not in told
        assert "Body" not in told

    def test_what_an_officer_recorded_stays(self, round_):
        Conflict.objects.create(
            entry=entry(round_, "a1"), reviewer=reviewer(round_, "q"), reason="kin", source="register"
        )
        declare(reviewer(round_, "q"), {"a1": "kin"}, {}, actor="person/1")
        declare(reviewer(round_, "q"), {}, {}, actor="person/1")
        assert register(round_) == {("a1", "q", "kin")}

    def test_entries_that_come_later_are_in_it(self, round_):
        declare(reviewer(round_, "q"), {}, {"region": ["b"]}, ["기관 c1"], actor="person/1")
        import_entries(round_, [EntryRow("b5", "b", "기관 b5", "", "b"), EntryRow("c1", "b", "기관c1", "", "c도")])
        given_to(round_, ("a1", "q"))
        found = {(code, who) for code, who, _reason in register(round_) if who == "q"}
        assert found == {(code, "q") for code in ("b1", "b2", "b3", "b4", "b5", "c1")}

    @pytest.mark.parametrize(
        ("entries", "values", "names"),
        [
            ({"z": ""}, {}, []),
            ({}, {"region": ["z"]}, []),
            ({}, {"colour": ["a"]}, []),
            ({"a1": "x" * 201}, {}, []),
            ({}, {}, ["x"] * 1 + [str(n) for n in range(200)]),
        ],
    )
    def test_faults(self, round_, entries, values, names):
        with pytest.raises(ValidationError):
            declare(reviewer(round_, "q"), entries, values, names, actor="person/1")
        assert not Declaration.objects.exists()

    def test_not_after_scoring_began_by_the_clock_nor_by_hand(self):
        late = prepared(scheduled(MEAN, call=-timedelta(days=3), scoring_from=-timedelta(minutes=2)))
        with pytest.raises(StageError):
            declare(reviewer(late, "q"), {}, {}, actor="person/1")

    def test_not_once_the_panel_is_assigned_nor_where_no_rule_counts_it(self, round_):
        given_to(round_, ("a1", "q"))
        with pytest.raises(StageError):
            declare(reviewer(round_, "q"), {}, {}, actor="person/1")
        other = prepared(changed('id = "small"', 'id = "other"'))
        with pytest.raises(StageError):
            declare(reviewer(other, "q"), {}, {}, actor="person/1")

    def test_what_was_declared_is_not_passed_over_by_rules_that_no_longer_count_it(self, round_):
        declare(reviewer(round_, "q"), {"a1": ""}, {}, actor="person/1")
        amend(round_, changed('[[conflict]]\nid = "said"\nkind = "declared"\n\n', "", MEAN), "정비", actor="person/1")
        round_.refresh_from_db()
        with pytest.raises(ValidationError, match="declared"):
            fix_pair(entry(round_, "a1"), reviewer(round_, "r"), "pinned", "현장", actor="person/1")
        assert "None" not in {reason for _entry, _reviewer, reason in register(round_)}

    def test_signs_that_no_database_keeps_are_left_out(self, round_):
        declare(reviewer(round_, "q"), {"a1": "친족\0"}, {}, ["기관\0 b4"], actor="person/1")
        assert register(round_) == {("a1", "q", "친족"), ("b4", "q", "기관 b4")}
        fix_pair(entry(round_, "a2"), reviewer(round_, "r"), "pinned", "현장\0", actor="person/1")

    def test_names_are_the_same_in_either_spelling_of_hangul(self, round_):
        """As a file of a Mac, or a form filled in by hand, has them."""
        names = [unicodedata.normalize("NFD", "기관 b4"), "Ｂｏｄｙ a2"]
        declare(reviewer(round_, "q"), {}, {}, names, actor="person/1")
        assert {code for code, _who, _reason in register(round_)} == {"b4", "a2"}

    def test_page(self, round_):
        client = signed_in(with_role("kim", round_, "reviewer", "q"))
        at = f"/ko/reviewers/{reviewer(round_, 'q').pk}/conflicts/"
        assert at in client.get("/ko/office/").content.decode()
        assert "기관 b3" in client.get(at).content.decode()
        client.post(at, {})
        assert not Declaration.objects.exists()
        client.post(at, {"entry": ["a1", "b2"], "reason/b2": "동문", "value/region": "a", "names": "기관 b4\n\n"})
        assert register(round_) == {
            ("a1", "q", "said"),
            ("a2", "q", "region: a"),
            ("b2", "q", "동문"),
            ("b4", "q", "기관 b4"),
        }
        client.post(at, {"none": "yes", "entry": ["a1"]})
        assert register(round_) == set()
        assert Declaration.objects.last().has_none

    def test_page_of_a_blind_round_names_nobody(self):
        round_ = prepared(changed("[missing]", HIDING, MEAN))
        client = signed_in(with_role("kim", round_, "reviewer", "q"))
        at = f"/ko/reviewers/{reviewer(round_, 'q').pk}/conflicts/"
        page = client.get(at).content.decode()
        assert not any(
            name in page for code, _group in ENTRIES for name in (f"기관 {code}", f'"{code}"', f"Body {code}")
        )
        assert 'value="b"' in page
        for code in ("a1", "zz"):  # no answer tells whether a code takes part
            assert "신고 완료" not in client.post(at, {"entry": code}).content.decode()
        assert not Declaration.objects.exists()
        client.post(at, {"names": "기관b1"})
        assert register(round_) == {("b1", "q", "기관b1")}
        given_to(round_, ("a1", "q"))
        assert "기관 a1" not in client.get(at).content.decode()


class TestProcedures:
    def test_exclusion_keeps_from_the_assignment(self, round_):
        for code in ("a1", "a2", "b1"):
            exclude(entry(round_, code), reviewer(round_, "q"), "행정절차법 제21조", "배우자", actor="person/1")
        with pytest.raises(ValidationError):
            exclude(entry(round_, "a1"), reviewer(round_, "q"), "행정절차법", "배우자", actor="person/1")
        with pytest.raises(ValidationError):
            exclude(entry(round_, "a1"), reviewer(round_, "r"), " ", "배우자", actor="person/1")
        slots = assign(round_)
        assert not {(one.entry.entrant.code, one.reviewer.code) for one in slots} & {
            ("a1", "q"),
            ("a2", "q"),
            ("b1", "q"),
        }
        assert "배우자" not in " ".join(round_.events.values_list("payload", flat=True))

    def test_challenge_is_decided_and_decided_anew_by_another(self, round_):
        with_role("kim", round_, "entrant", "a1")
        asked = (entry(round_, "a1"), reviewer(round_, "q"), "동업자")
        with pytest.raises(StageError):
            challenge(*asked, actor="person/9")
        disclose_panel(round_, True, actor="person/1")
        one = challenge(*asked, actor="person/9")
        with pytest.raises(ValidationError):
            challenge(*asked, actor="person/9")
        assert register(round_) == set()
        decide(one, True, "사실로 확인", actor="person/1")
        assert register(round_) == {("a1", "q", "challenge")}
        send_due()
        assert "사실로 확인" in mail.outbox[-1].body
        for granted, actor in ((True, "person/2"), (False, "person/1")):
            with pytest.raises(ValidationError):
                decide(one, granted, "다시", actor=actor)
        decide(one, False, "오인", actor="person/2")
        assert register(round_) == set()
        assert [two.state for two in one.decisions.all()] == ["granted", "rejected"]
        given_to(round_, ("a1", "q"))
        decide(one, True, "다시 확인", actor="person/3")
        assert slot(round_, "a1", "q").status == Slot.Status.RECUSED
        with pytest.raises(ValidationError):
            decide(one, False, "오인", actor="person/1")
        send_due()
        assert len(mail.outbox) == 3
        assert check_events(round_) == round_.events.count()

    def test_withdrawal_is_nobody_elses(self, round_):
        one = withdraw(entry(round_, "b1"), reviewer(round_, "q"), "친족", actor="person/1")
        assert register(round_) == {("b1", "q", "withdrawal")}
        with pytest.raises(ValidationError):
            decide(one, False, "아니다", actor="person/2")
        with pytest.raises(ValidationError):
            withdraw(entry(round_, "b1"), reviewer(round_, "q"), "친족", actor="person/1")
        with pytest.raises(ValidationError):
            withdraw(entry(round_, "b2"), reviewer(round_, "q"), "  ", actor="person/1")

    def test_who_decides_is_neither_the_member_nor_the_entrant(self, round_):
        disclose_panel(round_, True, actor="person/1")
        one = challenge(entry(round_, "a1"), reviewer(round_, "q"), "동업자", actor="person/9")
        at = f"/ko/office/rounds/small/conflicts/{one.pk}/"
        for name, kind, code in (("both", "reviewer", "q"), ("two", "entrant", "a1")):
            with_role(name, round_, "officer")
            with_role(name, round_, kind, code)
            assert signed_in(name).post(at, {"decision": "granted", "reason": "x"}).status_code == 403
        client = signed_in(with_role("officer", round_, "officer"))
        assert client.post(at, {"decision": "granted", "reason": "동업 확인"}).status_code == 302
        one.refresh_from_db()
        assert one.state == "granted"
        page = client.get("/ko/office/rounds/small/conflicts/").content.decode()
        assert "동업 확인" in page
        assert account("officer").actor in page

    def test_entrant_sees_the_panel_when_it_is_shown_and_what_was_decided(self, round_):
        client = signed_in(with_role("kim", round_, "entrant", "a1"))
        at = f"/ko/entries/{entry(round_, 'a1').pk}/panel/"
        assert "위원 q" not in client.get(at).content.decode()
        assert at not in client.get("/ko/office/").content.decode()
        office = signed_in(with_role("officer", round_, "officer"))
        office.post("/ko/office/rounds/small/panel/disclose/", {"shown": "yes"})
        assert at in client.get("/ko/office/").content.decode()
        assert "위원 q" in client.get(at).content.decode()
        client.post(at, {"reviewer": reviewer(round_, "q").pk, "reason": "동업자"})
        assert "동업자" in office.get("/ko/office/rounds/small/conflicts/").content.decode()
        assert "결정할 기피 신청" in office.get("/ko/office/rounds/small/").content.decode()
        office.post("/ko/office/rounds/small/panel/disclose/", {"shown": "no"})
        page = client.get(at).content.decode()
        assert "동업자" in page
        assert "위원 r" not in page
        assert [one.verb for one in round_.events.filter(verb__startswith="panel.")] == [
            "panel.disclosed",
            "panel.hidden",
        ]

    def test_register_shows_rule_and_both_values(self, round_):
        p = reviewer(round_, "p")
        p.fields = {"region": "b; c"}
        p.save()
        client = signed_in(with_role("officer", round_, "officer"))
        page = client.get("/ko/office/rounds/small/conflicts/", {"reviewer": "위원 p"}).content.decode()
        assert "같은 지역" in page
        assert "region = b; c" in page
        client.post(
            "/ko/office/rounds/small/conflicts/",
            {"entry": "a1", "reviewer": "q", "ground": "조례 제3조", "reason": "임직원"},
        )
        assert "조례 제3조" in client.get("/ko/office/rounds/small/conflicts/").content.decode()
        assert Procedure.objects.get().state == "granted"


class TestReplacing:
    def test_withdrawn_after_scoring_replaced_and_verified(self, round_):
        """The whole way: the record leads to the pages' result, and a stranger finds nothing wrong with it."""
        given_to(round_, *[(code, "q" if n % 2 else "r") for n, (code, _group) in enumerate(ENTRIES)])
        for n, one in enumerate(Slot.objects.order_by("position").select_related("entry__round")):
            submit_sheet(one, mark(n))
        left = slot(round_, "b1", "r")
        with_role("pak", round_, "reviewer", "p")
        withdraw(left.entry, left.reviewer, "친족", actor="person/1")
        left.refresh_from_db()
        assert (left.status, left.version) == (Slot.Status.RECUSED, 2)
        proposal = propose(round_)
        assert [(move.slot.pk, move.proposed.code) for move in proposal.moves] == [(left.pk, "p")]
        [made] = replace(round_, [(left.pk, "p")], actor="person/2")
        assert propose(round_).moves == ()
        send_due()
        assert mail.outbox[-1].to == ["pak@example.kr"]
        with pytest.raises(ValidationError):
            submit_sheet(left, {leaf.id: "recused" for leaf in round_.rules.leaves})
        with pytest.raises(ValidationError):
            submit_sheets(round_, [SheetRow("b1", "r", mark(1))])
        with pytest.raises(ValidationError):
            replace(round_, [(left.pk, "q")], actor="person/2")
        submit_sheet(made, mark(9))
        result = publish(run_selection(round_))
        assert result.status == "done"
        verdict = verify(bundle(round_, "full"))
        assert (verdict.answer, [check.why for check in verdict.failed]) == (Answer.VERIFIED, [])
        assert [(change.kind, change.reason) for change in verdict.changes] == [("replaced", "withdrawal")]
        assert check_events(round_) == round_.events.count()

    def test_from_sheet_to_sheet_a_place_that_was_taken_over_is_passed_by(self, round_):
        role = with_role("kim", round_, "reviewer", "r")
        given_to(round_, *[(code, "r") for code, _group in ENTRIES])
        own = own_slots(round_, {"r"})
        left = own[1].slot
        withdraw(left.entry, left.reviewer, "친족", actor="person/1")
        [move] = propose(round_).moves
        replace(round_, [(left.pk, move.proposed.code)], actor="person/2")
        now = own_slots(round_, {"r"})
        assert [one.number for one in now] == [1, *range(3, len(ENTRIES) + 1)]
        shown = [shown_sheet(one.slot, role.person) for one in now]
        assert [one.place for one in shown] == list(range(1, len(ENTRIES)))
        assert [one.after and one.after.number for one in shown] == [*(one.number for one in now[1:]), None]
        assert [one.before and one.before.number for one in shown] == [None, *(one.number for one in now[:-1])]
        assert [one.goes_on.number for one in shown] == [*(one.number for one in now[1:]), now[0].number]

    def test_others_change_hands_only_where_nothing_else_fills_the_place(self, round_):
        """p has room and may not score a1; q may, and has none: q takes a1, and another one of q's."""
        given_to(round_, ("a1", "r"), ("b1", "q"), ("b2", "q"), ("b3", "q"), ("b4", "p"))
        submit_sheet(slot(round_, "b1", "q"), mark(1))
        exclude(entry(round_, "a1"), reviewer(round_, "p"), "조례", "소속", actor="person/1")
        withdraw(entry(round_, "a1"), reviewer(round_, "r"), "친족", actor="person/1")
        proposal = propose(round_)
        [(code, who), (other, _)] = [(move.slot.entry.entrant.code, move.proposed.code) for move in proposal.moves]
        assert (code, who) == ("a1", "q")
        assert other in {"b2", "b3"}  # there is a sheet for b1
        with pytest.raises(ValidationError):
            replace(round_, [(proposal.moves[0].slot.pk, "q")], actor="person/2")  # alone it breaks the limit
        replace(round_, [(move.slot.pk, move.proposed.code) for move in proposal.moves], actor="person/2")
        assert propose(round_).moves == ()
        for n, one in enumerate(Slot.objects.filter(replaced_by=None, status="assigned")):
            submit_sheet(one, mark(n))
        publish(run_selection(round_))
        assert verify(bundle(round_, "full")).answer == Answer.VERIFIED

    @pytest.mark.parametrize("seed", range(4))
    def test_places_with_a_sheet_stay_and_others_where_a_free_reviewer_is_enough(self, seed):
        """Small panels at random, beside every way to seat somebody new at each vacant place."""
        chance = random.Random(seed)
        codes, panel = [code for code, _group in ENTRIES], ("p", "q", "r")
        round_ = given_to(prepared(MEAN), *((code, panel[(n + 1) % 3]) for n, code in enumerate(codes)))
        slots = list(Slot.objects.select_related("entry__round", "entry__entrant", "reviewer"))
        for one in chance.sample(slots, 2):
            submit_sheet(one, mark(chance.randrange(20)))
        for code, who in chance.sample(sorted({(code, who) for code in codes for who in panel}), 4):
            exclude(entry(round_, code), reviewer(round_, who), "조례", "소속", actor="person/1")
        one = chance.choice(slots)
        if not Conflict.objects.filter(entry=one.entry, reviewer=one.reviewer).exists():
            withdraw(one.entry, one.reviewer, "친족", actor="person/1")
        now = list(Slot.objects.select_related("entry__entrant", "reviewer"))
        barred = {(code, who) for code, who, _reason in register(round_)}
        held = [(one.entry.entrant.code, one.reviewer.code) for one in now if one.status != "recused"]
        vacant = [one.entry.entrant.code for one in now if one.status == "recused"]

        def allowed(added, kept):
            loads = Counter(who for _code, who in (*kept, *added))
            return not (set(added) & (barred | set(kept))) and max(loads.values()) <= 3

        direct = any(allowed(list(zip(vacant, way, strict=True)), held) for way in product(panel, repeat=len(vacant)))
        proposal = propose(round_)
        moves = [(move.slot, move.proposed.code) for move in proposal.filled]
        assert not [slot for slot, _code in moves if slot.status == "submitted"]
        left = {(slot.entry.entrant.code, slot.reviewer.code) for slot, _code in moves}
        added = [(slot.entry.entrant.code, code) for slot, code in moves]
        assert not added or allowed(added, [pair for pair in held if pair not in left])
        if direct:
            assert (proposal.others, len(added)) == ((), len(vacant))

    def test_a_place_that_was_taken_over_is_nobodys_and_the_others_keep_their_numbers(self, round_):
        given_to(round_, ("a1", "q"), ("b1", "q"), ("b2", "q"), ("b3", "r"))
        client = signed_in(with_role("kim", round_, "reviewer", "q"))
        other = signed_in(with_role("lee", round_, "reviewer", "r"))
        before = {one.slot.pk: one.number for one in own_slots(round_, {"q"})}
        left = slot(round_, "b1", "q")
        at = f"/ko/panel/sheets/{left.name}/"
        assert client.get(at).status_code == 200
        [made] = replace(round_, [(left.pk, "r")], actor="person/2")
        assert client.get(at).status_code == 404
        assert client.post(f"{at}withdraw/", {"reason": "kin"}).status_code == 404
        assert other.get(f"/ko/panel/sheets/{made.name}/").status_code == 200
        after = {one.slot.pk: one.number for one in own_slots(round_, {"q"})}
        assert after == {pk: number for pk, number in before.items() if pk != left.pk}
        assert [one.slot.pk for one in own_slots(round_, {"r"})][-1] == made.pk
        assert left.name not in client.get("/ko/panel/rounds/small/").content.decode()

    def test_nobody_left(self, round_):
        given_to(round_, ("a1", "p"))
        for code in ("q", "r"):
            exclude(entry(round_, "a1"), reviewer(round_, code), "조례", "소속", actor="person/1")
        withdraw(entry(round_, "a1"), reviewer(round_, "p"), "친족", actor="person/1")
        [move] = propose(round_).moves
        assert (move.proposed, move.candidates) == (None, ())
        page = signed_in(with_role("officer", round_, "officer")).get("/ko/office/rounds/small/replacements/")
        assert page.status_code == 200

    def test_pages(self, round_):
        given_to(round_, ("a1", "q"), ("b1", "q"))
        client, office = (
            signed_in(with_role("kim", round_, "reviewer", "q")),
            signed_in(with_role("officer", round_, "officer")),
        )
        left = slot(round_, "a1", "q")
        client.post(f"/ko/panel/sheets/{left.name}/withdraw/", {"reason": "kin", "more": "사촌"})
        assert Procedure.objects.get().reason.endswith(": 사촌")
        assert "평가위원이 없는 배정칸이 1건" in office.get("/ko/office/rounds/small/").content.decode()
        page = office.get("/ko/office/rounds/small/replacements/")
        [move] = page.context["proposal"].moves
        assert move.proposed.code == "r"  # p has the conflict of the same region
        assert "위원 r" in page.content.decode()
        office.post("/ko/office/rounds/small/replacements/", {"move": f"{left.pk}:{move.proposed.code}"})
        left.refresh_from_db()
        assert left.replaced_by.reviewer.code == move.proposed.code
        for sent in ({}, {"move": "x"}, {"move": f"{left.pk}:q"}, {"move": [f"{left.pk}:q"] * 2}):
            assert office.post("/ko/office/rounds/small/replacements/", sent).status_code == 302
        assert Slot.objects.count() == 3

    def test_not_outside_scoring(self, round_):
        with pytest.raises(StageError):
            replace(round_, [(1, "p")], actor="person/2")
        Round.objects.filter(pk=round_.pk).update(stage=Stage.CLOSED)
        with pytest.raises(StageError):
            withdraw(entry(round_, "a1"), reviewer(round_, "q"), "친족", actor="person/1")


def test_what_was_said_of_people_is_forgotten_with_the_record(round_):
    declare(reviewer(round_, "q"), {"a1": "배우자의 직장", "a2": "동문"}, {}, actor="person/1")
    save_profile(reviewer(round_, "q"), ProfileRow(keywords="하천"), 0, actor="person/1")
    disclose_panel(round_, True, actor="person/1")
    one = challenge(entry(round_, "b1"), reviewer(round_, "r"), "동업자", actor="person/9")
    decide(one, True, "등기로 확인", actor="person/1")
    given_to(round_, ("b1", "q"))
    submit_sheet(slot(round_, "b1", "q"), mark(1))
    publish(run_selection(round_))
    forget(round_, "보존 기간 만료")
    kept = [list(model.objects.values()) for model in (Bid, Conflict, Decision, Declaration, Procedure, Profile)]
    assert not any(word in str(kept) for word in ("배우자", "동문", "하천", "동업", "등기"))
    assert (Procedure.objects.count(), Conflict.objects.filter(source="register").count()) == (1, 2)
    assert not verify(bundle(round_, "public")).failed
