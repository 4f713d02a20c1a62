"""Sealing: ballots that were cast at about the same time come into the record together, in an order that tells nothing.

One event holds the root over their commitments (`simsa.record.ballots`), so that a hundred thousand ballots are a few
hundred leaves of the round's log, and nobody waits for the log to vote.
"""

from __future__ import annotations

from django.db import transaction
from django.db.models import QuerySet

from simsa.record.ballots import SEALED, sealed
from simsa.web.programmes.services import SYSTEM, each_on_its_own, record
from simsa.web.votes.models import Ballot, Batch, Vote

LARGEST = 20_000
"""Ballots in one batch."""
_AT_ONCE = 500
"""Names in one statement."""


def seal_ballots(vote: Vote) -> int:
    """Seal what waits in a vote; how many ballots."""
    with transaction.atomic():
        vote = Vote.objects.select_for_update(of=("self",), no_key=True).select_related("round__log").get(pk=vote.pk)
        count = 0
        while size := _seal(vote):
            count += size
    return count


def seal_waiting() -> int:
    """Seal what waits in all votes."""
    count = 0
    for vote in Vote.objects.filter(pk__in=Ballot.objects.filter(batch=None).values("vote")).select_related("round"):
        with each_on_its_own(vote.round):
            count += seal_ballots(vote)
    return count


def _seal(vote: Vote) -> int:
    rows = list(_unsealed(vote).order_by("name").values_list("name", "commitment")[:LARGEST])
    if rows:
        root = sealed(commitment for _name, commitment in rows).hex()
        event = record(vote.round, SEALED, SYSTEM, {"ballots": len(rows), "root": root})
        batch = Batch.objects.create(vote=vote, event=event, size=len(rows))
        names = [name for name, _commitment in rows]
        for start in range(0, len(names), _AT_ONCE):
            _unsealed(vote).filter(name__in=names[start : start + _AT_ONCE]).update(batch=batch)
    return len(rows)


def _unsealed(vote: Vote) -> QuerySet[Ballot]:
    return Ballot.objects.filter(vote=vote, batch=None)
