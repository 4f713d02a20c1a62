"""The verbs of votes: one vote for each, by any path; put aside and released; counted exactly, in the record."""

from __future__ import annotations

import json
from datetime import timedelta
from fractions import Fraction

import pytest
from allauth.socialaccount.models import SocialAccount
from django.core.exceptions import ValidationError
from django.db import connection

from simsa.record.ballots import BallotReceipt, secret_of
from simsa.record.commitments import new_secret
from simsa.record.notes import VerifierKey
from simsa.record.receipts import ReceiptError
from simsa.record.verification import Answer, verify
from simsa.web.awards.services import publish, run_selection
from simsa.web.entries.models import ReportedNumber
from simsa.web.entries.services import EntryRow, ImportRefusedError, import_entries
from simsa.web.panel.services import close_round
from simsa.web.programmes.models import SentLetter
from simsa.web.programmes.sequencing import sequence_waiting
from simsa.web.programmes.services import StageError, amend, bundle, check_events
from simsa.web.votes.identities import VoteSecretError, normal_address, of_address, of_person, tag_of_network
from simsa.web.votes.models import Aside, Ballot, Participation, VoterLink
from simsa.web.votes.services import (
    AlreadyVotedError,
    ClosedVoteError,
    TooManyError,
    ask_for_link,
    cast,
    close_vote,
    count_vote,
    forget_voters,
    invite_voters,
    inviting,
    open_vote,
    put_aside,
    receipt_of,
    rule_aside,
    run_votes,
    seal_ballots,
    waiting,
)
from tests.web.panel.rounds import prepared, scored
from tests.web.people import account
from tests.web.votes.rounds import AFTER, DURING, RULES, at, filled, numbers, opened, voted

pytestmark = pytest.mark.django_db
BEFORE = DURING - timedelta(days=3)


def test_a_vote_enters_the_official_tally_exactly_and_both_tell_the_same() -> None:
    vote = opened(make=scored)
    secret = new_secret()
    with at(DURING):
        voted(vote, "1", "a1", "b1", "b2", secret=secret)
        voted(vote, "2", "a1", "a2")
        voted(vote, "3", "b1")
    with at(AFTER):
        assert run_votes() == 1
        vote.refresh_from_db()
        assert (vote.cast, vote.counted) == (3, 3)
        round_ = close_round(vote.round)
        result = publish(run_selection(round_))
    assert numbers(round_, "vote_points") == {"a1": "6", "a2": "2", "b1": "5", "b2": "1", "b3": "0", "b4": "0"}
    assert set(numbers(round_, "vote_ballots").values()) == {"3"}
    values = {row["entry"]: row["values"] for row in result.facts["standings"]}
    assert Fraction(values["a1"]["citizens"]) == Fraction("6.6667")
    for tier in ("public", "full"):
        verdict = verify(bundle(round_, tier), receipts=[("mine", receipt_of(vote, secret))])
        assert verdict.answer == Answer.VERIFIED
        told = {check.name: check.why for check in verdict.checks}
        assert told["ballots"] == "3 of 3 ballots count"
        assert told["receipts"] == "mine: among the ballots, and counted"
    assert check_events(round_) == round_.events.count()
    stated = [one.kind for one in round_.log.statements.order_by("position")]
    assert stated[-4:] == ["amendment", "entries", "close", "result"]


def test_the_count_comes_before_the_round_closes_or_it_does_not_close() -> None:
    vote = opened(make=scored)
    with at(DURING):
        voted(vote, "1", "b4")
        with pytest.raises(StageError):
            close_round(vote.round)
    with at(AFTER):
        close_round(vote.round)
    assert numbers(vote.round, "vote_points")["b4"] == "3"
    with at(AFTER), pytest.raises(StageError):
        count_vote(vote.round)


def test_a_vote_that_is_over_before_the_panel_is_assigned_is_stated_with_the_entries() -> None:
    vote = opened()
    with at(AFTER):
        close_vote(vote.round)
    assert numbers(vote.round, "vote_points")["a1"] == "0"
    assert not vote.round.log.statements.filter(kind__in=["entries", "amendment"]).exists()


def test_nobody_votes_before_or_after_and_ballots_stay_as_they_are() -> None:
    round_ = prepared(RULES)
    with at(BEFORE):
        assert run_votes() == 0
        with pytest.raises(StageError):
            open_vote(round_)
    with at(DURING):
        assert run_votes() == 1
        vote = open_vote(round_)
    with at(BEFORE), pytest.raises(ClosedVoteError):
        voted(vote, "1", "a1")
    with at(AFTER), pytest.raises(ClosedVoteError):
        voted(vote, "1", "a1")
    with at(DURING):
        with pytest.raises(StageError):
            close_vote(round_)
        voted(vote, "1", "a1")
        with pytest.raises(AlreadyVotedError):
            voted(vote, "1", "a2")
    with at(AFTER):
        close_vote(round_)
        assert close_vote(round_).counted == 1
    with at(DURING), pytest.raises(ClosedVoteError):
        voted(vote, "2", "a1")
    assert Ballot.objects.count() == Participation.objects.count() == 1


def test_the_same_ballot_sent_again_is_the_same_ballot() -> None:
    """An answer that never arrived is asked for again, also when the vote is over."""
    vote, secret = opened(), new_secret()
    with at(DURING):
        name = voted(vote, "1", "a1", secret=secret)
        assert voted(vote, "1", "a1", secret=secret) == name
        with pytest.raises(AlreadyVotedError):
            voted(vote, "1", "a2", secret=secret)
        with pytest.raises(AlreadyVotedError):
            voted(vote, "2", "a2", secret=secret)  # the secret is somebody's already
    assert Participation.objects.count() == Ballot.objects.count() == 1
    with at(AFTER):
        close_vote(vote.round)
        assert voted(vote, "1", "a1", secret=secret) == name
    assert Ballot.objects.get().name == name


def test_one_vote_by_link_by_account_and_by_provider() -> None:
    vote = opened()
    person, twin = account("kim"), account("lee")
    for who, uid in ((person, "same"), (twin, "other")):
        SocialAccount.objects.create(user=who, provider="oidc", uid=uid)
    with at(DURING):
        first = of_person(vote, person)
        assert first[0] == of_address(vote, "Kim+vote@Example.KR")
        cast(vote, first, filled(vote.round.rules, "a1"), new_secret())
        with pytest.raises(AlreadyVotedError):
            voted(vote, of_address(vote, "kim@example.kr"), "a2")
        SocialAccount.objects.filter(user=twin).update(uid="same", provider="other-oidc")
        cast(vote, of_person(vote, twin), filled(vote.round.rules, "a1"), new_secret())
        SocialAccount.objects.filter(user=person).delete()
        stranger = account("han")
        SocialAccount.objects.create(user=stranger, provider="oidc", uid="same")
        with pytest.raises(AlreadyVotedError):  # another address, the same person at the provider
            cast(vote, of_person(vote, stranger), filled(vote.round.rules, "a1"), new_secret())
        assert not Participation.objects.filter(identity=of_address(vote, "han@example.kr")).exists()
    assert Ballot.objects.count() == 2


@pytest.mark.parametrize(
    ("email", "normal"),
    [
        (" Kim@Example.KR ", "kim@example.kr"),
        ("kim+a+b@example.kr", "kim@example.kr"),
        ("k.i.m+x@gmail.com", "kim@gmail.com"),
        ("k.i.m@example.kr", "k.i.m@example.kr"),
        ("ｋｉｍ@example.kr", "kim@example.kr"),
    ],
)
def test_addresses_of_one_person_are_one(email: str, normal: str) -> None:
    assert normal_address(email) == normal


@pytest.mark.parametrize("email", ["", "kim", "kim@", "+x@", "..@gmail.com"])
def test_what_is_no_address_is_refused(email: str) -> None:
    with pytest.raises(ValidationError):
        normal_address(email)


def test_invited_voters_get_one_link_and_others_none() -> None:
    round_ = prepared(RULES.replace('voters = "public"', 'voters = "invited"'))
    with at(BEFORE):
        assert invite_voters(round_, ["kim@example.kr", "KIM+2@example.kr", "lee@example.kr"], actor="person/1") == 2
        assert invite_voters(round_, ["kim@example.kr", "han@example.kr"], actor="person/1") == 1
        with pytest.raises(ValidationError):
            invite_voters(round_, ["park@example.kr", "no address"], actor="person/1")
    assert VoterLink.objects.count() == SentLetter.objects.count() == 3
    with at(DURING):
        vote = open_vote(round_)
        ask_for_link(vote, "stranger@example.kr", language="ko")
        assert VoterLink.objects.count() == 3
        before = VoterLink.objects.get(identity=of_address(vote, "kim@example.kr")).digest
        ask_for_link(vote, "kim@example.kr", language="ko")
        ask_for_link(vote, "kim@example.kr", language="ko")
        link = VoterLink.objects.get(identity=of_address(vote, "kim@example.kr"))
        assert link.digest != before
        assert link.invited
        assert SentLetter.objects.count() == 4
    told = json.dumps([event.told for event in round_.events.all()])
    assert "@" not in told
    keys = SentLetter.objects.values_list("key", flat=True)
    assert not any(one.identity in key or one.digest in key for one in VoterLink.objects.all() for key in keys)
    with at(AFTER), pytest.raises(StageError):
        invite_voters(round_, ["park@example.kr"], actor="person/1")


def test_links_are_asked_for_from_one_network_only_so_often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inviting, "ASKED", 2)
    vote = opened()
    with at(DURING):
        for n in range(2):
            ask_for_link(vote, f"p{n}@example.kr", language="ko", address=f"192.0.2.{n}")
        with pytest.raises(TooManyError):
            ask_for_link(vote, "p2@example.kr", language="ko", address="192.0.2.9")
        ask_for_link(vote, "p2@example.kr", language="ko", address="198.51.100.1")
    assert SentLetter.objects.count() == 3


def test_networks_are_prefixes() -> None:
    vote = opened()
    assert tag_of_network(vote, "192.0.2.1") == tag_of_network(vote, "192.0.2.254") != tag_of_network(vote, "192.0.3.1")
    assert tag_of_network(vote, "2001:db8:1::1") == tag_of_network(vote, "2001:db8:1:ffff::1")
    assert tag_of_network(vote, "::ffff:192.0.2.7") == tag_of_network(vote, "192.0.2.1")
    assert tag_of_network(vote, "") == tag_of_network(vote, "unix:") == ""


def suspicious() -> tuple[list[str], object]:
    """A vote with 2 plain ballots, 4 of one device, 61 of one network in a minute, 20 alike of another over days."""
    vote = opened()
    with at(DURING):
        for n in range(2):
            voted(vote, f"plain{n}", "a1", network=f"n{n}", device=f"d{n}")
        for n in range(4):
            voted(vote, f"device{n}", "a2", network=f"m{n}", device="same")
        for n in range(61):
            voted(vote, f"burst{n}", "b1" if n % 2 else "b2", network="burst", device=f"b{n}")
    for n in range(20):
        with at(DURING + timedelta(hours=n)):
            voted(vote, f"pattern{n}", "b3", "b4", network="alike", device=f"p{n}")
    return vote


def test_what_looks_bought_is_put_aside_and_counts_once_it_is_released() -> None:
    vote = suspicious()
    with at(DURING):
        assert put_aside(vote) == 4 + 61 + 20
        assert put_aside(vote) == 0
        sizes = {aside.kind: aside.ballots.count() for aside in waiting(vote)}
        assert sizes == {"device": 4, "burst": 61, "pattern": 20}
        with pytest.raises(ValidationError):
            rule_aside(Aside.objects.get(kind="device"), True, " ", actor="person/1")
        rule_aside(Aside.objects.get(kind="device"), True, "a family", actor="person/1")
        voted(vote, "device5", "a2", network="m5", device="same")
        assert put_aside(vote) == 0  # what was released stays so
    with at(AFTER):
        vote = close_vote(vote.round)
        assert vote.counted_at is None
        rule_aside(Aside.objects.get(kind="pattern"), False, "the same from one office", actor="person/1")
        vote = count_vote(vote.round, actor="person/1")
        with pytest.raises(ValidationError):
            rule_aside(Aside.objects.get(kind="burst"), True, "too late", actor="person/1")
    assert (vote.cast, vote.counted) == (88, 7)
    said = json.loads(bytes(vote.round.log.statements.get(kind="vote").content))
    assert (said["ballots"], said["counted"]) == (88, 7)
    assert sorted(said["asides"]) == [["burst", 61, False], ["device", 4, True], ["pattern", 20, False]]
    assert numbers(vote.round, "vote_points") == {"a1": "6", "a2": "15", "b1": "0", "b2": "0", "b3": "0", "b4": "0"}
    verbs = list(vote.round.events.values_list("verb", flat=True))
    assert verbs.count("ballots.put_aside") == 3
    assert verbs.count("ballots.ruled") == 2


def test_what_is_within_the_limits_is_left_alone() -> None:
    vote = opened()
    with at(DURING):
        for n in range(3):
            voted(vote, f"device{n}", "a2", device="same")
    for n in range(7):
        with at(DURING + n * timedelta(minutes=10)):
            for m in range(20):
                voted(vote, f"office{n}.{m}", "b1" if m % 3 else "b2", network="office")
    with at(DURING):
        assert put_aside(vote) == 0


def test_receipts_prove_the_ballot_once_it_is_sealed() -> None:
    vote = opened()
    secrets = [new_secret() for _ in range(5)]
    with at(DURING):
        for n, secret in enumerate(secrets):
            voted(vote, str(n), "a1", "b1", secret=secret)
        origin, key = vote.round.log.origin, VerifierKey.parse(vote.round.log.key)
        early = receipt_of(vote, secret)
        assert early.place is None
        BallotReceipt.parse(bytes(early)).check(origin, [key])
        assert seal_ballots(vote) == 5
        assert seal_ballots(vote) == 0
    sequence_waiting()
    for secret in secrets:
        held = BallotReceipt.parse(bytes(receipt_of(vote, secret)))
        held.check(origin, [key])
        assert held.place is not None
        assert held.rows == (("a1", "3"), ("b1", "2"))
        other = bytes(held).replace(b'["a1","3"]', b'["a2","3"]')
        with pytest.raises(ReceiptError):
            BallotReceipt.parse(other).check(origin, [key])
        with pytest.raises(ReceiptError):
            BallotReceipt.parse(bytes(held)).check("another/log", [key])
    with pytest.raises(ReceiptError):
        receipt_of(vote, new_secret())
    spaced = secrets[0].hex().upper()
    assert secret_of(f" {spaced[:8]} {spaced[8:]}\n") == secrets[0]
    for wrong in ("", "xyz", spaced[:-2]):
        with pytest.raises(ReceiptError):
            secret_of(wrong)


def test_who_has_voted_is_forgotten_and_the_ballots_stay() -> None:
    vote = opened(make=scored)
    with at(DURING):
        identity = of_address(vote, "kim@example.kr")
        voted(vote, identity, "a1", device="d", network="n")
        ask_for_link(vote, "lee@example.kr", language="ko")
        with pytest.raises(StageError):
            forget_voters(vote)
    with at(AFTER):
        close_round(vote.round)
        publish(run_selection(vote.round))
    assert of_address(vote, "kim@example.kr") == identity
    from django.test import TestCase

    with TestCase.captureOnCommitCallbacks(execute=True):
        assert run_votes() == 1
    assert run_votes() == 0
    with pytest.raises(VoteSecretError):
        of_address(vote, "kim@example.kr")
    assert not Participation.objects.exists()
    assert not VoterLink.objects.exists()
    kept = Ballot.objects.get()
    assert (kept.device, kept.network) == ("", "")


def test_no_list_and_no_amendment_touches_a_vote() -> None:
    vote = opened()
    row = EntryRow("a1", "a", "기관 a1", reported={("", "vote_points"): Fraction(99)})
    with pytest.raises(ImportRefusedError) as refused:
        import_entries(vote.round, [row], update=True)
    assert "vote_points" in str([fault.field for fault in refused.value.faults])
    with at(DURING), pytest.raises(ValidationError):
        amend(vote.round, RULES.replace('"public"', '"invited"'), "why not")
    with at(AFTER):
        close_vote(vote.round)
    before = ReportedNumber.objects.count()
    import_entries(vote.round, [EntryRow("a1", "a", "기관 새 이름")], update=True)
    assert ReportedNumber.objects.count() == before == 18
    with pytest.raises(ImportRefusedError):
        import_entries(vote.round, [EntryRow("a1", "a", "기관")], update=True, remove=True)


def test_what_is_cast_takes_one_statement_on_postgresql(django_assert_max_num_queries: object) -> None:
    vote = opened()
    with at(DURING), django_assert_max_num_queries(5 if connection.vendor == "sqlite" else 3):  # type: ignore[operator]
        voted(vote, "1", "a1")
