"""Drafts: nobody overwrites, two officers freeze, amendments keep what is in the record, and the clock acts once."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import connection

from simsa.record.verification import Answer, verify
from simsa.rules import parse
from simsa.web.awards.services import publish, run_selection
from simsa.web.panel.services import close_due_rounds, close_round
from simsa.web.programmes.drafting.beginnings import cloned_rules, least_rules
from simsa.web.programmes.models import Amendment, Draft, Programme, Round, Stage
from simsa.web.programmes.phases import Phase, phase_of
from simsa.web.programmes.services import (
    ChangedMeanwhileError,
    StageError,
    amend,
    approve_freeze,
    begin_draft,
    bundle,
    check_events,
    discard_draft,
    open_round,
    pass_due_moments,
    propose_freeze,
    publish_round,
    restore_draft,
    save_draft,
    take_up_draft,
    withdraw_proposal,
)
from tests.rules.small import SMALL, changed
from tests.web.panel.rounds import prepared, scored, scoring
from tests.web.people import account

pytestmark = pytest.mark.django_db

NEXT = changed('id = "small"', 'id = "next"\nprogramme = "yearly"')


@pytest.fixture
def draft(db) -> Draft:
    return begin_draft(Programme.objects.create(slug="yearly"), "2024", NEXT, by=account("kim"))


def proposed(draft: Draft) -> Draft:
    return propose_freeze(draft, version=draft.version, by=account("kim"))


def test_two_officers_freeze_what_was_read(draft):
    draft = proposed(draft)
    opened = approve_freeze(draft, rules_hash=draft.proposed_hash, by=account("lee"))
    draft.refresh_from_db()
    assert (draft.state, draft.opened, opened.rules_toml, opened.programme.slug) == ("frozen", opened, NEXT, "yearly")
    told = opened.events.get(verb="rules.approved").told
    assert (told["actor"], told["payload"]["proposed_by"]) == (account("lee").actor, account("kim").actor)
    assert check_events(opened) == 2
    for verb in (discard_draft, withdraw_proposal, take_up_draft):
        with pytest.raises(StageError):
            verb(draft, by=account("lee"))
    with pytest.raises(StageError):
        proposed(draft)


def test_nobody_freezes_alone_or_what_they_have_not_read(draft):
    draft = proposed(draft)
    with pytest.raises(ValidationError) as refused:
        approve_freeze(draft, rules_hash=draft.proposed_hash, by=account("kim"))
    assert refused.value.code == "own"
    with pytest.raises(ValidationError):
        approve_freeze(draft, rules_hash="0" * 64, by=account("lee"))
    assert not Round.objects.exists()


def test_any_change_withdraws_a_proposal(draft):
    draft = proposed(draft)
    read = draft.proposed_hash
    draft = save_draft(draft, NEXT + "# a comment changes no hash\n", version=1, by=account("lee"))
    assert (draft.state, draft.proposed_hash, draft.proposed_by) == ("writing", "", None)
    with pytest.raises(StageError):
        approve_freeze(draft, rules_hash=read, by=account("lee"))
    draft = withdraw_proposal(propose_freeze(draft, version=2, by=account("kim")), by=account("lee"))
    assert draft.state == "writing"


def test_nobody_overwrites_what_they_have_not_seen(draft):
    save_draft(draft, NEXT + "# first\n", version=1, by=account("kim"))
    with pytest.raises(ChangedMeanwhileError) as refused:
        save_draft(draft, NEXT + "# second\n", version=1, by=account("lee"))
    assert refused.value.draft.text == NEXT + "# first\n"
    with pytest.raises(ChangedMeanwhileError):
        propose_freeze(draft, version=1, by=account("lee"))
    assert list(draft.versions.values_list("number", "text")) == [(2, NEXT + "# first\n"), (1, NEXT)]


def test_versions_come_back_and_the_same_text_is_none(draft):
    draft = save_draft(draft, NEXT, version=1, by=account("kim"))
    draft = save_draft(draft, NEXT.replace("\n", "\r\n"), version=1, by=account("kim"))  # as browsers send it
    assert draft.version == 1
    draft = save_draft(draft, "not TOML", version=1, by=account("kim"))
    draft = restore_draft(draft, 1, version=2, by=account("lee"))
    assert (draft.version, draft.text) == (3, NEXT)
    assert draft.versions.get(number=3).restores == 1


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('programme = "yearly"', 'programme = "other"'),
        ('id = "next"', 'id = "taken"'),
        ("quota = 1", "quota = 99"),
        ("[missing]", '[lottery]\nconfidence = "0.9"\n[missing]'),
    ],
)
def test_faulty_rules_are_not_proposed(draft, old, new):
    open_round(changed('id = "small"', 'id = "taken"'))
    draft = save_draft(draft, changed(old, new, NEXT), version=1, by=account("kim"))
    with pytest.raises(ValidationError):
        proposed(draft)
    draft.refresh_from_db()
    assert draft.state == "writing"


def test_discarded_draft_keeps_its_versions(draft):
    draft = discard_draft(draft, by=account("lee"))
    with pytest.raises(StageError):
        save_draft(draft, "x", version=1, by=account("kim"))
    assert draft.versions.count() == 1
    draft = take_up_draft(draft, by=account("kim"))
    assert save_draft(draft, "x", version=1, by=account("kim")).version == 2


def test_every_step_says_who_took_it(draft):
    kim, lee = account("kim"), account("lee")
    withdraw_proposal(draft, by=lee)  # nothing was proposed: no step
    withdraw_proposal(proposed(draft), by=lee)
    save_draft(proposed(draft), NEXT + "# more\n", version=1, by=lee)
    draft = proposed(Draft.objects.get())
    take_up_draft(discard_draft(draft, by=lee), by=kim)
    draft = proposed(Draft.objects.get())
    approve_freeze(draft, rules_hash=draft.proposed_hash, by=lee)
    assert list(draft.steps.order_by("pk").values_list("verb", "version", "by__name")) == [
        ("proposed", 1, "kim"),
        ("withdrawn", 1, "lee"),
        ("proposed", 1, "kim"),
        ("withdrawn", 2, "lee"),
        ("proposed", 2, "kim"),
        ("withdrawn", 2, "lee"),
        ("discarded", 2, "lee"),
        ("taken_up", 2, "kim"),
        ("proposed", 2, "kim"),
        ("approved", 2, "lee"),
    ]


def test_beginnings_are_valid():
    text = least_rules(
        round_id="r-1", name='이름 "하나"', programme="p", time_zone="Asia/Seoul", language="en",
        groups=[("광역", 1), ("시", 2)], criteria=["혁신", "성과"], highest=10, sheets=3,
    )  # fmt: skip
    rules = parse(text)
    assert [(group.id, group.quota.count) for group in rules.groups] == [("광역", 1), ("시", 2)]
    assert [leaf.name.text() for leaf in rules.leaves] == ["혁신", "성과"]
    schedule = "[schedule]\ncall = 2023-08-31T09:00:00 # or so\ndeadline = 2024-01-31T18:00:00\n[missing]"
    earlier = changed("[missing]", schedule).replace("\n", "\r\n")
    clone = cloned_rules(earlier, round_id="r-2", name="다음", months=6)
    assert "call = 2024-02-29T09:00:00 # or so\ndeadline = 2024-07-31T18:00:00\n" in clone
    assert (parse(clone).id, parse(clone).name.text()) == ("r-2", "다음")


# Amendments.

MORE = changed("quota = 2", "quota = 3")


def test_amendment_is_proven_with_both_rules():
    round_ = scored()
    before = round_.rules_hash
    made = amend(round_, MORE, "예산이 늘었다", actor="person/1")
    assert (made.before_hash, made.after_hash) == (before, parse(MORE).hash)
    round_.refresh_from_db()
    publish(run_selection(close_round(round_)))
    round_.refresh_from_db()
    for tier in ("public", "full"):
        verdict = verify(bundle(round_, tier))
        assert verdict.answer is Answer.VERIFIED
        changes = [(change.kind, change.rules, change.reason) for change in verdict.changes]
        assert changes == [("amendment", True, "예산이 늘었다")]
    assert check_events(round_) == round_.events.count()


@pytest.mark.parametrize(
    ("text", "made"),
    [
        (SMALL, prepared),  # nothing changes
        (SMALL + "# a comment\n", prepared),
        (changed('id = "small"', 'id = "other"'), prepared),
        (changed("[round]", '[round]\nprogramme = "other"'), prepared),
        (changed('id = "a"', 'id = "z"'), scoring),
        (changed("max = 10", "max = 20"), scored),
        (changed("[missing]", '[lottery]\nconfidence = "0.9"\n[missing]'), lambda: prepared(seed="")),
        (changed("[missing]", "[schedule]\ncall = 2020-01-01T00:00:00\n[missing]"), prepared),
        (changed("quota = 2", "quota = -2"), prepared),
    ],
)
def test_what_the_record_holds_keeps_its_meaning(text, made):
    round_ = made()
    with pytest.raises(ValidationError):
        amend(round_, text, "why")
    assert not Amendment.objects.exists()
    assert Round.objects.get(pk=round_.pk).rules_hash == parse(SMALL).hash


def test_scales_may_change_until_the_first_sheet_and_nothing_without_a_reason():
    round_ = scoring()
    with pytest.raises(ValidationError):
        amend(round_, changed("max = 10", "max = 20"), " ")
    amend(round_, changed("max = 10", "max = 20"), "척도를 넓힌다")
    publish_round(round_)
    round_.stage = Stage.ANNOUNCED
    round_.published_at = datetime.now(UTC)
    round_.save()
    with pytest.raises(StageError):
        amend(round_, MORE, "too late")


def test_amendment_by_two_officers():
    round_ = prepared()
    draft = begin_draft(round_.programme, "정정", MORE, by=account("kim"), amends=round_)
    with pytest.raises(ValidationError):
        propose_freeze(draft, version=1, by=account("kim"))
    draft = propose_freeze(draft, version=1, by=account("kim"), reason="예산")
    approve_freeze(draft, rules_hash=draft.proposed_hash, by=account("lee"))
    round_.refresh_from_db()
    assert round_.rules_toml == MORE
    assert round_.events.get(verb="rules.amended").told["payload"]["proposed_by"] == account("kim").actor


def test_amendment_takes_the_place_of_the_rules_that_its_proposer_read():
    round_ = prepared()
    first, second = (
        propose_freeze(
            begin_draft(round_.programme, "정정", changed(*piece), by=account("kim"), amends=round_),
            version=1, by=account("kim"), reason="예산",
        )
        for piece in (("quota = 2", "quota = 3"), ("size = 4", "size = 5"))
    )  # fmt: skip
    approve_freeze(first, rules_hash=first.proposed_hash, by=account("lee"))
    with pytest.raises(ValidationError) as refused:
        approve_freeze(second, rules_hash=second.proposed_hash, by=account("lee"))
    assert refused.value.code == "over"
    assert Round.objects.get(pk=round_.pk).rules_toml == MORE


# The clock.


def dated(**at: datetime) -> str:
    local = {key: moment.replace(tzinfo=None).isoformat(timespec="seconds") for key, moment in at.items()}
    lines = "".join(f"{key} = {moment}\n" for key, moment in local.items())
    return changed("[missing]", f"[schedule]\n{lines}\n[missing]").replace("Asia/Seoul", "UTC")


def ago(**delta: float) -> datetime:
    return datetime.now(UTC).replace(microsecond=0) - timedelta(**delta)


def opened_before(round_: Round, **delta: float) -> Round:
    Round.objects.filter(pk=round_.pk).update(opened_at=ago(**delta))
    round_.refresh_from_db()
    return round_


def test_call_opens_and_closes_once():
    round_ = opened_before(
        open_round(dated(call=ago(hours=3), deadline=ago(hours=2), grace_until=ago(hours=1))), hours=4
    )
    assert (pass_due_moments(), pass_due_moments()) == (2, 0)
    verbs = list(round_.events.order_by("pk").values_list("verb", flat=True))
    assert verbs == ["round.opened", "call.opened", "call.closed"]


def test_call_that_is_moved_closes_again():
    round_ = opened_before(open_round(dated(deadline=ago(hours=1))), hours=2)
    assert pass_due_moments() == 1
    amend(round_, dated(deadline=ago(hours=-1)), "서버 장애")
    assert pass_due_moments() == 0
    assert phase_of(Round.objects.get(pk=round_.pk), ago()) == Phase.CALL


def test_past_of_an_old_round_is_not_due():
    open_round(dated(call=ago(days=30), deadline=ago(days=20)))
    assert pass_due_moments() == 0


def test_scoring_closes_by_itself_and_one_broken_round_delays_no_other(monkeypatch):
    broken = opened_before(scoring(dated(scoring_until=ago(hours=1)).replace('"small"', '"broken"')), hours=2)
    round_ = opened_before(scoring(dated(scoring_until=ago(hours=1))), hours=2)
    running = opened_before(scoring(dated(scoring_until=ago(hours=-1)).replace('"small"', '"running"')), hours=2)
    Round.objects.filter(pk=broken.pk).update(rules_hash="0" * 64)
    assert (close_due_rounds(), close_due_rounds()) == (1, 0)
    stages = [Round.objects.get(pk=one.pk).stage for one in (broken, round_, running)]
    assert stages == [Stage.SCORING, Stage.CLOSED, Stage.SCORING]
    assert round_.events.filter(verb="round.closed").count() == 1


WHOLE = ("call", "deadline", "grace_until", "scoring_from", "scoring_until", "objections_until", "announcement")
PHASES = list(Phase)


@pytest.mark.parametrize("passed", range(8))
def test_phases_follow_the_clock(passed):
    now = ago()
    at = {key: now + timedelta(hours=number - passed + 1) for number, key in enumerate(WHOLE)}
    assert phase_of(open_round(dated(**at)), now) == PHASES[passed]


@pytest.mark.parametrize(
    ("at", "phase"),
    [
        ({}, Phase.CALL),
        ({"deadline": 1}, Phase.CALL),
        ({"deadline": 0}, Phase.CALL_CLOSED),
        ({"call": -1, "deadline": 0, "grace_until": 1}, Phase.GRACE),
        ({"scoring_from": -1, "scoring_until": 0}, Phase.DECIDING),
        ({"scoring_from": 0}, Phase.SCORING),
    ],
)
def test_a_schedule_may_leave_moments_out(at, phase):
    now = ago()
    round_ = open_round(dated(**{key: now + timedelta(hours=hours) for key, hours in at.items()}))
    assert phase_of(round_, now) == phase
    round_.stage = Stage.CLOSED
    assert phase_of(round_, now) == Phase.DECIDING


@pytest.mark.django_db(transaction=True)
def test_two_clocks_at_once_record_a_moment_once():
    round_ = opened_before(open_round(dated(call=ago(hours=2), deadline=ago(hours=1))), hours=3)
    ready, made = threading.Barrier(3), []

    def tick() -> None:
        try:
            ready.wait()
            made.append(pass_due_moments())
        finally:
            connection.close()

    clocks = [threading.Thread(target=tick) for _ in range(3)]
    for clock in clocks:
        clock.start()
    for clock in clocks:
        clock.join(60)
    assert sum(made) == 2
    assert sorted(round_.events.values_list("verb", flat=True)) == ["call.closed", "call.opened", "round.opened"]
    assert pass_due_moments() == 0
