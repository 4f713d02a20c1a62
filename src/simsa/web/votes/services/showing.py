"""The ballots of a vote for the record: what its statement says, and what bundles show."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import groupby
from operator import itemgetter
from typing import Any

from django.db.models import Count

from simsa.record.bundle import Tier
from simsa.record.statements import Statement, vote_statement
from simsa.record.votes import Aside as Told
from simsa.record.votes import CastBallot, ballots_file, vote_content
from simsa.web.programmes.bundles import Ballots
from simsa.web.programmes.models import Round
from simsa.web.votes.models import Aside, Ballot, Vote


def statement_of(vote: Vote) -> Statement:
    """That the vote was counted. Its ballots stay as they are from here on."""
    on_ballot = vote.candidates.values_list("entry__entrant__code", flat=True)
    asides = vote.asides.annotate(n=Count("ballots")).values_list("kind", "n", "ruling")
    told = [Told(kind, n, ruling == Aside.Ruling.RELEASED) for kind, n, ruling in asides]
    return vote_statement(vote.round.slug, vote_content(on_ballot, _cast(vote), told))


def shown_ballots(round: Round, tier: Tier, **_signal: Any) -> Ballots | None:  # noqa: A002 (the signal's name)
    """What a bundle has of the round's vote (see `simsa.web.programmes.bundles.showing`)."""
    vote = Vote.objects.filter(round=round, counted_at__isnull=False).first()
    if vote is None:
        return None
    return Ballots(ballots_file(_cast(vote)), list(_batches(vote)) if tier == "full" else [])


def _cast(vote: Vote) -> Iterator[CastBallot]:
    rows = Ballot.objects.filter(vote=vote).values_list("commitment", "says", "aside", "aside__ruling")
    for commitment, says, aside, ruling in rows.iterator():
        said = tuple((entry, points) for entry, points in json.loads(says))
        yield CastBallot(commitment, aside is None or ruling == Aside.Ruling.RELEASED, said)


def _batches(vote: Vote) -> Iterator[tuple[int, list[str]]]:
    """The leaf of what sealed them, and the commitments in their order there."""
    rows = Ballot.objects.filter(vote=vote).order_by("batch__event__leaf__position", "name")
    placed = rows.values_list("batch__event__leaf__position", "commitment").iterator()
    for position, sealed in groupby(placed, key=itemgetter(0)):
        yield position, [commitment for _position, commitment in sealed]
