"""The verb that thousands wait for at once: cast a ballot. One statement on PostgreSQL, three on SQLite.

Whoever closes the vote waits for those who are casting, and nobody who comes after is let in: no ballot that was
answered is missing from the count. A ballot has no event of its own; the batch has, with which it is sealed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from simsa.engine.votes import Ballot as Said
from simsa.engine.votes import ballot_rows
from simsa.record import canonical_text
from simsa.record.ballots import ballot_commitment, ballot_name
from simsa.web.prepared import tell
from simsa.web.votes.models import Ballot, Participation, Vote
from simsa.web.votes.services.running import window


class AlreadyVotedError(RuntimeError):
    """Who has this identity has voted; a second ballot is not taken."""


class ClosedVoteError(RuntimeError):
    """The vote is not open now."""


_OPEN = "FROM votes_vote WHERE id = %(vote)s AND opened_at IS NOT NULL AND closed_at IS NULL"
_NEW = "NOT EXISTS (SELECT 1 FROM votes_ballot WHERE name = %(name)s)"
_VOTED = "INSERT INTO votes_participation (identity, vote_id) SELECT %(identity)s, id"
_BALLOT = """
INSERT INTO votes_ballot (name, vote_id, commitment, says, minute, device, network)
SELECT %(name)s, vote_id, %(commitment)s, %(says)s, %(minute)s, %(device)s, %(network)s FROM """
_TAKEN = f"taken AS (SELECT id {_OPEN} FOR KEY SHARE)"
_HAS = f"voted AS ({_VOTED} FROM taken WHERE {_NEW} ON CONFLICT DO NOTHING RETURNING vote_id)"
_AT_ONCE = f"WITH {_TAKEN}, {_HAS} {_BALLOT} voted"
_IN_TURN = (
    f"{_VOTED} {_OPEN} AND {_NEW} ON CONFLICT DO NOTHING",
    f"{_BALLOT} votes_participation WHERE identity = %(identity)s",
)
_ALSO = f"{_VOTED} {_OPEN} ON CONFLICT DO NOTHING"


class _RefusedError(Exception):
    """Nothing was written; why is found out afterwards."""


def cast(
    vote: Vote, identities: Sequence[str], said: Said, secret: bytes, *, device: str = "", network: str = ""
) -> str:
    """Cast the ballot of who has these identities; its name. `secret`: of the receipt.

    Cast again with the same secret and content, as after an answer that never arrived, it is the same ballot, and
    counts once. AlreadyVotedError if any of the identities has voted; ClosedVoteError before the vote opens, and after.
    """
    if not identities:
        raise ValueError("a ballot is somebody's")
    rows = ballot_rows(said)
    name, says = ballot_name(secret), canonical_text(rows)
    row = {
        "vote": vote.pk,
        "identity": identities[0],
        "name": name,
        "commitment": ballot_commitment(vote.round.slug, rows, secret),
        "says": says,
        "minute": connection.ops.adapt_datetimefield_value(timezone.now().replace(second=0, microsecond=0)),
        "device": device,
        "network": network,
    }
    try:
        opens, closes = window(vote.round)
        if not opens <= timezone.now() < closes:
            raise _RefusedError
        _write(row, identities[1:])
    except (IntegrityError, _RefusedError):
        _explain(vote, name, says)
    return name


def has_voted(identities: Sequence[str]) -> bool:
    """Whether somebody with any of these identities has voted."""
    return Participation.objects.filter(identity__in=identities).exists()


def _write(row: Mapping[str, Any], others: Sequence[str]) -> None:
    """_RefusedError, and nothing written, unless all of it is new."""
    alone = connection.vendor == "postgresql" and not others and not connection.in_atomic_block
    with nullcontext() if alone else transaction.atomic(), connection.wrap_database_errors:
        for identity in others:
            _one(_ALSO, {**row, "identity": identity})
        for statement in _IN_TURN if connection.vendor == "sqlite" else (_AT_ONCE,):
            _one(statement, row)


def _one(statement: str, row: Mapping[str, Any]) -> None:
    if tell(statement, [row]) != 1:
        raise _RefusedError


def _explain(vote: Vote, name: str, says: str) -> None:
    """Why a ballot was not written; nothing to say where it had been before."""
    if Ballot.objects.filter(name=name, vote=vote, says=says).exists():
        return
    opens, closes = window(vote.round)
    taken = Vote.objects.filter(pk=vote.pk, opened_at__isnull=False, closed_at__isnull=True).exists()
    if not taken or not opens <= timezone.now() < closes:
        raise ClosedVoteError(_("The vote is not open."))
    raise AlreadyVotedError(_("You have voted already; a ballot cannot be changed."))
