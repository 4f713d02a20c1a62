"""Rounds with a vote that is open, or over: the clock is moved and nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any
from unittest import mock

from django.utils import timezone

from simsa.engine.votes import Ballot, ballot_of
from simsa.record.commitments import new_secret
from simsa.rules import Rules
from simsa.web.programmes.models import Round
from simsa.web.programmes.services import publish_round
from simsa.web.votes.models import Vote
from simsa.web.votes.services import cast, open_vote
from tests.rules.small import voted as voted_rules
from tests.web.panel.rounds import prepared

RULES = voted_rules()
DURING = datetime(2124, 2, 3, 3, 0, tzinfo=UTC)
AFTER = datetime(2124, 2, 8, 9, 0, 5, tzinfo=UTC)


@contextmanager
def at(moment: datetime) -> Iterator[None]:
    """The clock of the site stands at a moment."""
    with mock.patch.object(timezone, "now", return_value=moment):
        yield


def opened(rules: str = RULES, make: Any = prepared) -> Vote:
    """The vote of a public round, open; use it within `at(DURING)`."""
    with at(DURING):
        return open_vote(publish_round(make(rules)))


def filled(rules: Rules, *codes: str, marks: dict[str, int] | None = None) -> Ballot:
    assert rules.vote is not None
    known = ("a1", "a2", "b1", "b2", "b3", "b4")
    return ballot_of(rules.vote, known, codes, {code: rules.vote.worth[n] for code, n in (marks or {}).items()})


def voted(vote: Vote, who: str, *codes: str, secret: bytes = b"", **more: Any) -> str:
    """Somebody votes for these, in this order."""
    return cast(vote, [who], filled(vote.round.rules, *codes), secret or new_secret(), **more)


def numbers(round_: Round, field: str) -> dict[str, str]:
    """What a field of the count says of each entry."""
    rows = round_.entries.filter(reported__field=field)
    return dict(rows.values_list("entrant__code", "reported__number"))
