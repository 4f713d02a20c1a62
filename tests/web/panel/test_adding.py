"""Reviews that the rules hold back: computed, given out, and nothing of it told to those whom it would sway."""

from __future__ import annotations

import json
import re

import pytest
from django.core import mail
from django.core.exceptions import ValidationError
from django.test import Client
from django.utils import timezone

from simsa.engine.adaptive import Stop
from simsa.record.verification import Answer, verify
from simsa.web.awards.services import publish, run_selection
from simsa.web.panel.adaptive.shown import account_of
from simsa.web.panel.models import AffinityTable, Conflict, FixedPair, Profile, ReviewBatch, Slot
from simsa.web.panel.scoring.own import own_slots
from simsa.web.panel.seating import Seating
from simsa.web.panel.services import close_round, exclude, propose, record_affinities, replace, submit_sheet, withdraw
from simsa.web.panel.services.adding import StaleBatchError, compute_batch, give_out, seed_of, start_batch
from simsa.web.panel.services.planning import fix_pair, free_pair
from simsa.web.programmes.letters import send_due
from simsa.web.programmes.models import Round, Stage
from simsa.web.programmes.services import StageError, amend, bundle, check_events, forget
from tests.web.panel.held_back import OFFICER, N, assigned, computed, rules, score, scored
from tests.web.panel.rounds import scoring
from tests.web.panel.test_conflicts import entry, reviewer
from tests.web.people import signed_in, with_role

pytestmark = pytest.mark.django_db
AT = "/ko/office/rounds/r/reviews/"


def pair(slot: Slot) -> tuple[str, str]:
    return slot.entry.entrant.code, slot.reviewer.code


def every_slot(round_: Round) -> list[Slot]:
    slots = Slot.objects.filter(entry__round=round_).select_related("entry__entrant", "reviewer")
    return list(slots.order_by("position"))


def profile(round_: Round, code: str, **said: object) -> None:
    Profile.objects.create(reviewer=reviewer(round_, code), saved_at=timezone.now(), actor=OFFICER, **said)


class TestBatch:
    def test_from_the_first_round_over_two_batches_to_a_bundle_that_verifies(self):
        round_ = scored()
        with_role("kim", round_, "reviewer", "r00")
        before = {pair(slot) for slot in every_slot(round_)}
        first = computed(round_)
        assert (first.state, first.told["stop"], first.told["batch"]) == ("done", None, 1), first.error
        assert len(first.pairs) == 12
        assert not before.intersection(first.pairs)
        made = give_out(first, actor="person/2")
        assert sorted(map(pair, made)) == sorted(first.pairs)
        with pytest.raises(ValidationError):
            give_out(first, actor="person/2")
        score(round_)
        second = computed(round_)
        assert second.told["batch"] == 2
        give_out(second, actor="person/2")
        score(round_)
        last = computed(round_)
        assert (last.told["stop"], last.pairs) == (Stop.SPENT, [])
        with pytest.raises(ValidationError):
            give_out(last, actor="person/2")
        assert account_of(round_).budget.left == 0
        told = [event.told["payload"] for event in round_.events.filter(verb="reviews.added")]
        assert [(one["batch"], one["seed"]) for one in told] == [(1, "drawn"), (2, "drawn")]
        assert [tuple(pair) for pair in told[0]["reviews"]] == first.pairs
        assert float(told[0]["gain"]) == pytest.approx(first.told["gain"])
        close_round(round_)
        assert publish(run_selection(round_)).status == "done"
        for tier in ("public", "full"):
            verdict = verify(bundle(round_, tier))
            assert (verdict.answer, [check.why for check in verdict.failed]) == (Answer.VERIFIED, [])
        assert check_events(round_) == round_.events.count()
        forget(round_, "보존 기간 만료")
        assert {str(one.told["text"]) for one in ReviewBatch.objects.all()} == {"{}"}
        auditor = signed_in(with_role("auditor", round_, "auditor"))
        assert auditor.get(f"{AT}1/").status_code == 200

    def test_the_same_seed_gives_the_same_and_none_is_drawn_twice(self):
        round_ = scored(seed="")
        one = computed(round_)
        assert len(one.seed) == 32
        again = computed(round_)
        assert (again.seed, again.facts) == (one.seed, one.facts)
        other = computed(round_, " stated ")
        assert other.seed == "stated"
        assert seed_of(round_) == one.seed
        assert [event.told["payload"]["seed"] for event in round_.events.filter(verb="reviews.asked")] == [
            one.seed,
            one.seed,
            "stated",
        ]

    def test_sheets_that_are_out_are_told(self):
        round_ = assigned()
        score(round_, leave=3)
        assert account_of(round_).awaited == 3
        one = computed(round_)
        assert one.told["outstanding"] == 3
        assert "3" in one.told["text"]["en"][0]
        assert one.told["text"]["ko"][0] != one.told["text"]["en"][0]

    def test_before_any_sheet_and_without_held_back_reviews_it_is_refused(self):
        with pytest.raises(ValidationError):
            start_batch(assigned(), actor=OFFICER)
        with pytest.raises(ValidationError):
            start_batch(scoring(), actor=OFFICER)

    def test_one_at_a_time_and_only_while_it_is_scored(self):
        round_ = scored()
        waiting = start_batch(round_, actor=OFFICER)
        with pytest.raises(ValidationError):
            start_batch(round_, actor=OFFICER)
        with pytest.raises(ValidationError):
            give_out(waiting, actor=OFFICER)
        close_round(round_)
        over = compute_batch(waiting)
        assert over.state == "failed"
        assert "Error" not in over.error  # in words, and not by the name of what was raised
        with pytest.raises(StageError):
            start_batch(round_, actor=OFFICER)
        assert account_of(round_).budget.left == 2 * N


class TestLimits:
    """What the database says of who may meet whom reaches the engine."""

    def test_whoever_has_a_conflict_is_apart_or_left_is_not_asked(self):
        round_ = scored()
        wanted = computed(round_).pairs
        (kept, who), (left, gone) = wanted[0], wanted[-1]
        exclude(entry(round_, kept), reviewer(round_, who), "조례", "소속", actor=OFFICER)
        fix_pair(entry(round_, left), reviewer(round_, gone), "forbidden", "출장", actor=OFFICER)
        pairs = computed(round_).pairs
        assert pairs
        assert not {(kept, who), (left, gone)}.intersection(pairs)

    def test_nobody_gets_more_than_they_take(self):
        round_ = scored()
        busy, loads = computed(round_).pairs[0][1], Seating.of(round_).loads
        profile(round_, busy, most=loads[busy] + 1)
        pairs = computed(round_).pairs
        assert sum(code == busy for _entry, code in pairs) <= 1
        assert len(pairs) == N

    def test_who_is_away_gets_none(self):
        round_ = scored()
        busy = computed(round_).pairs[0][1]
        profile(round_, busy, available_until="2020-01-01")
        assert busy not in {code for _entry, code in computed(round_).pairs}

    def test_affinities_name_the_candidates(self):
        round_ = scored()
        with pytest.raises(StageError):
            record_affinities(round_, {}, source="late")
        table = {f"e{n:02}": {"r00": "1", "r01": "0.5"} for n in range(N)}
        round_ = _with_affinities(table)
        slots = give_out(computed(round_), actor=OFFICER)
        assert {slot.reviewer.code for slot in slots} <= {"r00", "r01"}
        assert {slot.affinity for slot in slots} <= {"1", "0.5"}

    def test_a_lost_review_takes_the_place_that_was_left(self):
        round_ = scored()
        lost = every_slot(round_)[0]
        withdraw(lost.entry, lost.reviewer, "친족", actor="person/3")
        one = computed(round_)
        assert [row["makes_up"] for row in one.told["entries"] if row["entry"] == lost.entry.entrant.code] == ["1"]
        made = give_out(one, actor=OFFICER)
        [taken] = [slot for slot in made if slot.replaces_id == lost.pk]
        assert taken.reviewer_id != lost.reviewer_id
        assert Seating.of(round_).vacant == ()
        assert account_of(round_).budget.given == 2 * N + len(made) - 1

    def test_replacements_do_not_pass_the_budget(self):
        round_ = scored()
        extra = give_out(computed(round_), actor=OFFICER)[0]
        withdraw(extra.entry, extra.reviewer, "친족", actor="person/3")
        seating = Seating.of(round_)
        assert [slot.pk for slot in seating.vacant] == [extra.pk]
        assert seating.wanting == ()
        score(round_)
        met = {who for code, who in map(pair, every_slot(round_)) if code == pair(extra)[0]}
        for other in round_.reviewers.exclude(code__in=met):
            fix_pair(extra.entry, other, "forbidden", "출장", actor=OFFICER)
        while (one := computed(round_)).pairs:
            give_out(one, actor=OFFICER)
            score(round_)
        seating = Seating.of(round_)
        assert (seating.budget.left, len(seating.held)) == (0, 4 * N)
        assert [slot.pk for slot in seating.vacant] == [extra.pk]
        for fixed in FixedPair.objects.all():
            free_pair(fixed, actor=OFFICER)
        [move] = propose(round_).moves
        with pytest.raises(ValidationError, match="남아 있지 않습니다"):
            replace(round_, [(move.slot.pk, move.candidates[0].code)], actor=OFFICER)


def _with_affinities(table: dict[str, dict[str, str]]) -> Round:
    """A scored round of its own whose reviewers fit as the table says."""
    round_ = scored(rules().replace('id = "r"', 'id = "fit"', 1))
    AffinityTable.objects.create(round=round_, source="test", table=json.dumps(table))
    return round_


class TestStale:
    def changes(self, round_: Round, how: str) -> None:
        if how == "sheet":
            submit_sheet(every_slot(round_)[0], {"total": "50"})
        elif how == "conflict":
            exclude(entry(round_, "e00"), reviewer(round_, "r05"), "조례", "소속", actor=OFFICER)
        elif how == "apart":
            fix_pair(entry(round_, "e00"), reviewer(round_, "r05"), "forbidden", "출장", actor=OFFICER)
        elif how == "limit":
            profile(round_, "r05", most=5)
        else:
            give_out(computed(round_), actor=OFFICER)

    @pytest.mark.parametrize("how", ["sheet", "conflict", "apart", "limit", "batch"])
    def test_what_was_computed_of_another_state_is_refused(self, how):
        round_ = scored()
        one = computed(round_)
        self.changes(round_, how)
        count = Slot.objects.count()
        with pytest.raises(StaleBatchError):
            give_out(one, actor=OFFICER)
        assert Slot.objects.count() == count
        assert not ReviewBatch.objects.get(pk=one.pk).given_at

    def test_pairs_are_kept_apart_only_before_they_meet(self):
        round_ = scored()
        met = every_slot(round_)[0]
        for kind in ("forbidden", "pinned"):
            with pytest.raises(ValidationError):
                fix_pair(met.entry, met.reviewer, kind, "사유", actor=OFFICER)
        fixed = fix_pair(entry(round_, "e00"), reviewer(round_, "r05"), "forbidden", "사유", actor=OFFICER)
        free_pair(fixed, actor=OFFICER)
        assert not FixedPair.objects.exists()
        others = scoring()
        with pytest.raises(StageError):
            fix_pair(entry(others, "a1"), reviewer(others, "p"), "forbidden", "사유", actor=OFFICER)


def bare(answer) -> tuple[int, str]:
    """An answer without what is drawn anew for every answer."""
    text = re.sub(r'"[0-9A-Za-z]{64}"', "", answer.content.decode())
    return answer.status_code, re.sub(r"\d{4}-\d\d-\d\d[T ][0-9:.+]+|\d\d:\d\d(:\d\d)?", "", text)


def crawl(client: Client, round_: Round) -> dict[str, tuple[int, str]]:
    """What somebody sees of a round: their own pages, those of r00 and e00, and the office's."""
    at = ["/ko/office/", f"/ko/office/rounds/{round_.slug}/", AT, f"{AT}1/", f"{AT}1/why.csv", f"{AT}progress/"]
    at += [f"/ko/panel/rounds/{round_.slug}/", f"/ko/panel/rounds/{round_.slug}/sign/"]
    at += [f"/ko/reviewers/{reviewer(round_, 'r00').pk}/conflicts/"]
    at += [f"/ko/entries/{entry(round_, 'e00').pk}/{name}" for name in ("", "panel/")]
    names = Slot.objects.filter(reviewer__code__in=["r00", "r01"]).order_by("position").values_list("name", flat=True)
    at += [f"/ko/panel/sheets/{name}/" for name in names[:3]]
    return {path: bare(client.get(path)) for path in at}


class TestWhoKnows:
    @pytest.mark.once
    def test_nothing_is_seen_of_it_by_whom_it_would_sway(self):
        round_ = scored()
        for name, kind, code in (("kim", "reviewer", "r00"), ("lee", "entrant", "e00"), ("park", "observer", "")):
            with_role(name, round_, kind, code)
        with_role("both", round_, "officer")
        with_role("both", round_, "reviewer", "r01")
        clients = {name: signed_in(name) for name in ("kim", "lee", "park", "both")}
        before = {name: crawl(client, round_) for name, client in clients.items()}
        one = computed(round_)
        for name, client in clients.items():
            assert crawl(client, round_) == before[name], name
        assert before["both"][AT][0] == 403
        give_out(one, actor=OFFICER)
        for name in ("lee", "park"):
            assert crawl(clients[name], round_) == before[name], name

    def test_a_new_review_looks_as_a_place_that_was_taken_over(self):
        round_ = scored()
        role = with_role("kim", round_, "reviewer", "r00")
        kim, letters = signed_in(role), []
        mail.outbox.clear()
        one = computed(round_)
        mine = [code for code, who in one.pairs if who == "r00"]
        assert mine
        give_out(one, actor=OFFICER)
        send_due()
        letters += [mail.outbox.pop()]
        assert mail.outbox == []  # one letter, however many
        own = own_slots(round_, {"r00"})
        assert sorted(pair(item.slot)[0] for item in own[4:]) == sorted(mine)
        assert [item.slot.position for item in own[4:]] == sorted(item.slot.position for item in own[4:])
        new = every_slot(round_)[2 * N :]
        assert [slot.name for slot in new] == sorted(slot.name for slot in new)  # random names
        left = next(slot for slot in every_slot(round_)[: 2 * N] if pair(slot)[1] != "r00" and _free(round_, slot))
        withdraw(left.entry, left.reviewer, "친족", actor="person/3")
        replace(round_, [(left.pk, "r00")], actor=OFFICER)
        send_due()
        letters += [mail.outbox.pop()]
        said = [re.sub(r"\d+", "#", f"{letter.subject} {letter.body}") for letter in letters]
        assert said[0] == said[1]
        pages = [kim.get(f"/ko/panel/sheets/{slot.slot.name}/").content.decode() for slot in own_slots(round_, {"r00"})]
        listed = kim.get("/ko/panel/rounds/r/").content.decode()
        for text in (*pages, listed, *(letter.body for letter in letters)):
            assert not re.search(r"추가 채점|남겨 둔|당락|기대|replac|batch|대신", text)

    @pytest.mark.once
    def test_pages_of_officers_and_auditors(self):
        round_ = scored()
        officer, auditor = (signed_in(with_role(name, round_, name)) for name in ("officer", "auditor"))
        assert "추가 채점 계산" in officer.get(AT).content.decode()
        officer.post(AT, {"seed": ""})
        assert "HX-Refresh" not in officer.get(f"{AT}progress/").headers
        assert officer.get(f"{AT}1/").status_code == 404
        compute_batch(ReviewBatch.objects.get())
        assert officer.get(f"{AT}progress/").headers["HX-Refresh"] == "true"
        page = officer.get(f"{AT}1/").content.decode()
        assert "<svg" in page
        assert f"{AT}1/give/" in page
        seen = auditor.get(f"{AT}1/").content.decode()
        assert f"{AT}1/give/" not in seen
        assert ReviewBatch.objects.get().told["text"]["ko"][0] in seen
        told = json.loads(auditor.get(f"{AT}1/why.json").content)
        assert told["reviews"]
        assert told["entries"][0]["name"] == f"기관 {told['entries'][0]['entry']}"
        lines = officer.get(f"{AT}1/why.csv").content.decode("utf-8-sig").splitlines()
        assert len(lines) == N + 1
        assert "기관 e" in lines[1]
        assert officer.get(f"{AT}1/why.exe").status_code == 404
        code, who = ReviewBatch.objects.get().pairs[0]
        officer.post(f"{AT}1/keep-apart/", {"pair": f"{code}:{who}", "reason": ""})
        assert ReviewBatch.objects.count() == 1
        officer.post(f"{AT}1/keep-apart/", {"pair": f"{code}:{who}", "reason": "출장"})
        fresh = compute_batch(ReviewBatch.objects.get(number=2))
        assert (code, who) not in fresh.pairs
        assert "출장" in auditor.get(f"{AT}2/").content.decode()
        Conflict.objects.create(
            entry=entry(round_, fresh.pairs[0][0]),
            reviewer=reviewer(round_, fresh.pairs[0][1]),
            reason="x",
            source="register",
        )
        officer.post(f"{AT}2/give/")
        assert (Slot.objects.count(), ReviewBatch.objects.get(number=3).state) == (2 * N, "waiting")
        compute_batch(ReviewBatch.objects.get(number=3))
        officer.post(f"{AT}3/give/")
        assert Slot.objects.count() == 2 * N + len(ReviewBatch.objects.get(number=3).pairs)
        assert "배정함" in auditor.get(f"{AT}3/").content.decode()
        close_round(round_)
        round_.refresh_from_db()
        assert round_.stage == Stage.CLOSED
        assert "12건은 배정하지 않았으며" in officer.get(AT).content.decode()

    def test_batches_are_there_for_the_auditor_whatever_becomes_of_the_rules(self):
        round_ = scored()
        computed(round_)
        auditor = signed_in(with_role("auditor", round_, "auditor"))
        start, end = (rules().index(word) for word in ("[adaptive]", "[[criterion]]"))
        amend(round_, rules()[:start] + rules()[end:], "채점을 남겨 두지 않음")
        assert auditor.get(f"{AT}1/").status_code == 200
        assert f"{AT}1/" in auditor.get(AT).content.decode()
        with pytest.raises(ValidationError):
            start_batch(round_, actor=OFFICER)


def _free(round_: Round, slot: Slot) -> bool:
    return pair(slot)[0] not in {pair(other)[0] for other in every_slot(round_) if pair(other)[1] == "r00"}
