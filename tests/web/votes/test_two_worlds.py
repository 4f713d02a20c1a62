"""Two worlds that differ only in what people voted: whoever must not know sees the same bytes, by as many queries.

As long as a vote is not counted nobody knows, officers and auditors included.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from simsa.web import public
from simsa.web.api.services import create_token
from simsa.web.programmes.models import Role
from simsa.web.programmes.sequencing import sequence_waiting
from simsa.web.votes.models import Ballot, Vote
from simsa.web.votes.services import close_vote, put_aside, seal_ballots
from tests.web.people import signed_in, with_role
from tests.web.votes.rounds import AFTER, DURING, at, opened, voted
from tests.web.votes.test_pages import keys, link_to

pytestmark = pytest.mark.django_db
PEOPLE = {"officer": "", "auditor": "", "voter": "", "reviewer": "p", "entrant": "a1"}
PAGES = (
    "/ko/results/", "/ko/votes/small/", "/en/votes/small/receipt/", "/ko/votes/small/own/",
    "/ko/votes/small/own/{key}/", "{link}", "/ko/office/", "/ko/office/rounds/small/", "/ko/office/rounds/small/vote/",
    "/ko/office/rounds/small/vote/ballots.parquet", "/ko/office/rounds/small/indicators/",
    "/ko/office/rounds/small/indicators.csv", "/ko/entries/{entry}/", "/ko/panel/rounds/small/",
    "/rounds/small/bundle.zip", "/rounds/small/record/key",
)  # fmt: skip
PROGRAMS = ("rounds/small", "rounds/small/progress", "rounds/small/entries")


class Seen(NamedTuple):
    """An answer without its tokens, and what follows from these; `queries`: how many were asked for it."""

    status: int
    headers: dict[str, str]
    body: str
    queries: int


@pytest.fixture
def during() -> Iterator[None]:
    with at(DURING):
        yield


class World:
    """A vote, and everybody who looks at it."""

    def __init__(self, vote: Vote) -> None:
        self.vote = vote
        self.places = {"key": keys(vote)["a1"], "link": link_to(vote), "entry": vote.candidates.first().entry_id}
        self.people = {name: with_role(name, vote.round, name, code) for name, code in PEOPLE.items()}
        self.tokens = {name: token(role, vote) for name, role in self.people.items()}
        self.look()  # their first visit is one of the differences

    def look(self) -> dict[tuple[str, str], Seen]:
        """What everybody sees at every address."""
        found = {}
        for name in ("nobody", *PEOPLE):
            client = Client() if name == "nobody" else signed_in(self.people[name])
            for path in PAGES:
                found[name, path] = seen(client, path.format(**self.places))
            for path in PROGRAMS if name in self.tokens else ():
                asks = {"Authorization": f"Bearer {self.tokens[name]}"}
                found[name, path] = seen(Client(headers=asks), f"/api/v1/{path}")
        return found


def token(role: Role, vote: Vote) -> str:
    return create_token(role, vote.round, "a program", days=1, writes=False, actor="person/1")


def seen(client: Client, path: str) -> Seen:
    public._known.at = float("-inf")  # asked every few seconds, and of a slow machine sooner
    with CaptureQueriesContext(connection) as asked:
        answer = client.get(path)
    content = answer.getvalue() if answer.streaming else answer.content
    body = re.sub(r"[A-Za-z0-9]{64}|nonce=\"[^\"]*\"", "", content.decode("latin1"))  # tokens of forms
    headers = {name: value for name, value in answer.headers.items() if name not in ("Set-Cookie", "ETag")}
    return Seen(answer.status_code, headers, body, len(asked))


def differing(one: dict[tuple[str, str], Seen], two: dict[tuple[str, str], Seen]) -> list[str]:
    """Where they differ, and in what."""
    told = []
    for place, first in one.items():
        for name, mine, yours in zip(Seen._fields, first, two[place], strict=True):
            if mine != yours:
                told.append(f"{place}: {name}: {mine!r:.300}, {yours!r:.300}" if name != "body" else f"{place}: {name}")
    return told


@pytest.mark.once
def test_how_many_voted_and_for_whom_is_seen_nowhere_before_the_count(during: None) -> None:
    world = World(opened())
    none = world.look()
    assert {seen.status for seen in none.values()} >= {200, 403, 404}
    for n in range(9):
        voted(world.vote, f"{n}", "a1", "b1", network=f"n{n}")
    put_aside(world.vote)
    assert differing(none, world.look()) == []
    for n in range(5):
        voted(world.vote, f"device {n}", "a1", "b1", device="same")
    put_aside(world.vote)  # some wait for a decision
    seal_ballots(world.vote)
    sequence_waiting()
    one = world.look()
    Ballot.objects.update(says='[["b4","3"],["b3","2"]]')
    assert differing(one, world.look()) == []
    with at(AFTER):
        close_vote(world.vote.round)  # somebody has to decide first
        assert Vote.objects.get().counted_at is None
        one = world.look()
        Ballot.objects.update(says='[["b1","3"]]')
        assert differing(one, world.look()) == []


def test_after_the_count_there_is_something_to_be_seen(during: None) -> None:
    """The test above would not notice a page that shows nothing to anybody."""
    vote = opened()
    voted(vote, "1", "a1")
    people = {name: with_role(name, vote.round, name) for name in ("officer", "auditor")}
    with at(AFTER):
        close_vote(vote.round)
        office = {name: signed_in(role) for name, role in people.items()}
        for client in office.values():
            assert "기관 a1" in client.get("/ko/office/rounds/small/vote/").content.decode()
        statuses = [office[name].get("/ko/office/rounds/small/vote/ballots.parquet").status_code for name in office]
    assert statuses == [403, 200]
