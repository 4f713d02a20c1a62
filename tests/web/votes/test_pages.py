"""Pages of a vote: by link, signed in, for the office; nothing tells a count before there is one."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from datetime import timedelta

import polars as pl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from simsa.record.ballots import BallotReceipt
from simsa.record.notes import VerifierKey
from simsa.web.programmes.models import Round, SentLetter
from simsa.web.programmes.sequencing import sequence_waiting
from simsa.web.votes.models import Ballot, Candidate, Vote, VoterLink
from simsa.web.votes.services import close_vote, invite_voters, put_aside, seal_ballots
from tests.rules.small import changed
from tests.web.people import signed_in, with_role
from tests.web.votes.rounds import AFTER, DURING, RULES, at, numbers, opened, voted

pytestmark = pytest.mark.django_db
APPROVAL = changed('ballot = "ranked"', 'ballot = "approval"', RULES)
SCORES = changed('ballot = "ranked"', 'ballot = "score"\nscale = { min = 0, max = 10, step = "2.5" }', RULES)


@pytest.fixture
def during() -> Iterator[None]:
    with at(DURING):
        yield


def link_to(vote: Vote, email: str = "kim@example.kr") -> str:
    """The address in the letter to somebody who is invited."""
    invite_voters(vote.round, [email], actor="person/1")
    body = SentLetter.objects.order_by("pk").last().body
    return re.search(r"https?://[^/]+(/ko/votes/ballots/\S+)", body)[1]


def keys(vote: Vote) -> dict[str, str]:
    return {one.entry.entrant.code: str(one.pk) for one in vote.candidates.select_related("entry__entrant")}


def hidden(page: str, name: str) -> list[str]:
    return re.findall(rf'name="{name}" value="([^"]*)">', page)


def test_a_ranked_ballot_is_put_in_order_by_buttons_and_cast_once(during: None) -> None:
    vote = opened()
    link, key, client = link_to(vote), keys(vote), Client(enforce_csrf_checks=False)
    chosen: list[str] = []
    for what in (f"add:{key['a1']}", f"add:{key['b1']}", f"add:{key['b2']}", f"add:{key['b3']}"):
        page = client.post(link, {"chosen": chosen, "do": what}).content.decode()
        chosen = hidden(page, "chosen")
    assert chosen == [key["a1"], key["b1"], key["b2"]]  # three at most
    for what in (f"up:{key['b2']}", f"down:{key['a1']}", f"down:{key['b1']}", "up:nobody", f"drop:{key['b1']}"):
        chosen = hidden(client.post(link, {"chosen": chosen, "do": what}).content.decode(), "chosen")
    assert chosen == [key["b2"], key["a1"]]
    page = client.post(link, {"chosen": chosen, "do": "check"}).content.decode()
    [secret] = hidden(page, "secret")
    assert not Ballot.objects.exists()
    filled = {"chosen": hidden(page, "chosen"), "secret": secret, "do": "cast"}
    for _ in range(2):  # once more, as by somebody to whom the answer never came
        answer = client.post(link, filled)
        assert secret[:8] in answer.content.decode()
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["Referrer-Policy"] == "same-origin"  # the address of a ballot is a secret
    kept = Ballot.objects.get()
    assert kept.says == '[["b2","3"],["a1","2"]]'
    assert kept.minute == DURING
    assert len(kept.device) == len(kept.network) == 32
    assert "이미 투표" in client.get(link).content.decode()
    assert "이미 투표" in client.post(link, {**filled, "secret": "0" * 64}).content.decode()
    assert Ballot.objects.count() == 1


@pytest.mark.parametrize(
    ("rules", "sent", "says"),
    [
        (APPROVAL, {"chosen": ["b1", "a1"]}, '[["a1","1"],["b1","1"]]'),
        (SCORES, {"mark": {"a1": "7.5", "b4": "0"}}, '[["a1","7.5"],["b4","0"]]'),
    ],
)
def test_other_ballots(during: None, rules: str, sent: dict, says: str) -> None:
    vote = opened(rules)
    link, key, client = link_to(vote), keys(vote), Client()
    data = {"chosen": [key[code] for code in sent.get("chosen", [])]}
    data |= {f"mark-{key[code]}": mark for code, mark in sent.get("mark", {}).items()}
    page = client.post(link, {**data, "do": "check"}).content.decode()
    again = {f"mark-{pk}": hidden(page, f"mark-{pk}") for pk in key.values() if hidden(page, f"mark-{pk}")}
    filled = {"chosen": hidden(page, "chosen"), **again, "secret": hidden(page, "secret"), "do": "cast"}
    assert client.post(link, {**filled, "do": "back"}).status_code == 200
    client.post(link, filled)
    assert Ballot.objects.get().says == says


@pytest.mark.parametrize(
    ("rules", "sent"),
    [
        (RULES, {}),
        (RULES, {"chosen": ["999999"]}),
        (APPROVAL, {"chosen": ["a1", "a2", "b1", "b2"]}),
        (SCORES, {"mark": {"a1": "1"}}),
        (SCORES, {"mark": {"a1": "x" * 100}}),
    ],
)
def test_what_the_rules_do_not_allow_is_said_and_not_cast(during: None, rules: str, sent: dict) -> None:
    vote = opened(rules)
    link, key, client = link_to(vote), keys(vote), Client()
    data = {"chosen": [key.get(code, code) for code in sent.get("chosen", [])], "secret": "0" * 64}
    data |= {f"mark-{key[code]}": mark for code, mark in sent.get("mark", {}).items()}
    for what in ("check", "cast"):
        assert 'role="alert"' in client.post(link, {**data, "do": what}).content.decode()
    assert not Ballot.objects.exists()


def test_the_public_asks_for_a_link_and_hears_the_same_whoever_they_are(during: None) -> None:
    vote = opened()
    client, path = Client(), "/ko/votes/small/"
    assert client.get(path).status_code == 200
    first = client.post(path, {"email": "kim@example.kr"})
    again = client.post(path, {"email": "kim@example.kr"})
    plain = [re.sub(r'value="[^"]*"', "", one.content.decode()) for one in (first, again)]
    assert plain[0] == plain[1]
    assert VoterLink.objects.count() == 1
    assert "errorlist" in client.post(path, {"email": "no address"}).content.decode()
    strict = Client(enforce_csrf_checks=True)
    assert strict.post(path, {"email": "kim@example.kr"}).status_code == 403
    with at(AFTER):
        close_vote(vote.round)
    client.post(path, {"email": "lee@example.kr"})
    assert VoterLink.objects.count() == 1


def test_entries_are_read_by_who_may_vote(during: None) -> None:
    vote = opened()
    candidate = Candidate.objects.get(entry__entrant__code="a1")
    link = link_to(vote)
    assert "기관 a1" in Client().get(f"{link}entries/{candidate.pk}/").content.decode()
    assert Client().get(f"{link}entries/999/").status_code == 404
    assert Client().get(f"/ko/votes/ballots/no/entries/{candidate.pk}/").status_code == 404
    voter = signed_in(with_role("voter", vote.round, "voter"))
    assert "기관 a1" in voter.get(f"/ko/votes/small/own/{candidate.pk}/").content.decode()


def test_who_has_signed_in_votes_once_with_their_link_or_without(during: None) -> None:
    vote = opened()
    link, key = link_to(vote, "voter@example.kr"), keys(vote)
    voter = signed_in(with_role("voter", vote.round, "voter"))
    assert "/ko/votes/small/own/" in voter.get("/ko/office/").content.decode()
    filled = {"chosen": [key["a1"]], "secret": "ab" * 32, "do": "cast"}
    assert voter.post("/ko/votes/small/own/", filled).status_code == 200
    assert "이미 투표" in Client().get(link).content.decode()
    assert "이미 투표" in Client().post(link, {**filled, "secret": "cd" * 32}).content.decode()
    member = signed_in("member")  # anybody with an account, where the public votes
    assert member.post("/ko/votes/small/own/", {**filled, "secret": "ef" * 32}).status_code == 200
    Round.objects.update(published_at=None)
    assert member.get("/ko/votes/small/own/").status_code == 404
    assert Ballot.objects.count() == 2


def test_a_receipt_is_shown_and_kept_by_its_code_alone(during: None) -> None:
    vote = opened()
    secret = bytes(range(32))
    voted(vote, "1", "a2", "b1", secret=secret)
    client, path = Client(), "/ko/votes/small/receipt/"
    assert client.get(path).status_code == 200
    page = client.post(path, {"code": secret.hex().upper()}).content.decode()
    assert "기관 a2" in page
    for wrong in ("", "x", "00" * 32):
        assert "errorlist" in client.post(path, {"code": wrong}).content.decode()
    seal_ballots(vote)
    sequence_waiting()
    answer = client.post(path, {"code": secret.hex(), "file": "1"})
    assert answer.headers["Content-Disposition"].startswith("attachment")
    held = BallotReceipt.parse(answer.content)
    held.check(vote.round.log.origin, [VerifierKey.parse(vote.round.log.key)])
    assert held.place is not None
    assert Client().get("/ko/votes/none/receipt/").status_code == 404


def test_the_office_invites_rules_and_counts(during: None) -> None:
    vote = opened()
    officer = signed_in(with_role("officer", vote.round, "officer"))
    auditor = signed_in(with_role("auditor", vote.round, "auditor"))
    path = "/ko/office/rounds/small/vote/"
    list_ = SimpleUploadedFile("list.csv", "이름,주소\n김,kim@example.kr\n이,lee@example.kr\n".encode("cp949"))
    assert officer.post(path, {"lines": "han@example.kr\n\n", "file": list_}).status_code == 302
    assert VoterLink.objects.filter(invited=True).count() == 3
    for wrong in ({"lines": ""}, {"lines": "a@b\n"}, {"lines": "x@example.kr\n@"}):
        assert "errorlist" in officer.post(path, wrong).content.decode()
    assert auditor.post(path, {"lines": "x@example.kr"}).status_code == 403
    assert VoterLink.objects.count() == 3
    for n in range(5):
        voted(vote, f"{n}", "a1", device="same")
    voted(vote, "other", "b1")
    put_aside(vote)
    aside = vote.asides.get()
    page = auditor.get(path).content.decode()
    assert f"/ko/office/votes/asides/{aside.pk}/" in page
    assert "기관 a1" not in page
    assert "/vote/" in officer.get("/ko/office/rounds/small/").content.decode()
    with at(AFTER):
        close_vote(vote.round)
        officer, auditor = signed_in("officer"), signed_in("auditor")
        auditor.post(f"/ko/office/votes/asides/{aside.pk}/", {"reason": "", "release": "1"})
        assert vote.asides.get().ruling == ""
        auditor.post(f"/ko/office/votes/asides/{aside.pk}/", {"reason": "a class", "release": "1"})
        assert officer.post(f"{path}count/").status_code == 302
    assert numbers(vote.round, "vote_points")["a1"] == "15"
    officer, auditor = signed_in("officer"), signed_in("auditor")
    assert "15" in officer.get(path).content.decode()
    assert officer.get(f"{path}ballots.csv").status_code == 403
    rows = list(csv.DictReader(io.StringIO(auditor.get(f"{path}ballots.csv").content.decode())))
    assert sum(int(row["points"]) for row in rows if row["counts"] == "true" and row["entry"] == "a1") == 15
    assert pl.read_parquet(io.BytesIO(auditor.get(f"{path}ballots.parquet").content)).height == 6
    assert auditor.get(f"{path}ballots.txt").status_code == 404


def test_before_and_after_the_ballot_is_closed() -> None:
    vote = opened()
    with at(DURING):
        link = link_to(vote)
    for moment in (DURING - timedelta(days=3), AFTER):
        with at(moment):
            assert "chosen" not in Client().get(link).content.decode()
    assert Client().get("/ko/votes/ballots/wrong/").status_code == 404
