"""The receipt of a ballot, for who has its code."""

from __future__ import annotations

import json

from simsa.record import canonical_text
from simsa.record.ballots import BallotReceipt, Place, ballot_name, path_of
from simsa.record.leaves import EVENT, Opening
from simsa.record.receipts import Receipt, ReceiptError
from simsa.web.programmes.keys import signing_key
from simsa.web.programmes.log import DatabaseStore
from simsa.web.programmes.models import Leaf
from simsa.web.votes.models import Ballot, Vote


def receipt_of(vote: Vote, secret: bytes) -> BallotReceipt:
    """What was voted with this secret, and where it stands in the record. ReceiptError if there is no such ballot."""
    kept = Ballot.objects.filter(vote=vote, name=ballot_name(secret)).select_related("batch__event__leaf").first()
    if kept is None:
        raise ReceiptError("there is no ballot of this code")
    log = vote.round.log
    key = signing_key(log.key)
    return BallotReceipt.signed(log.origin, vote.round.slug, json.loads(kept.says), secret, key, _place(kept))


def _place(kept: Ballot) -> Place | None:
    """Where it is sealed; None until the event is in the log, and once its opening was forgotten."""
    if kept.batch is None:
        return None
    event = kept.batch.event
    leaf: Leaf = event.leaf
    opening = getattr(leaf, "opening", None)
    if leaf.position is None or opening is None:
        return None
    rows = list(kept.batch.ballots.order_by("name").values_list("name", "commitment"))
    index = [name for name, _commitment in rows].index(kept.name)
    log = kept.vote.round.log
    told = Opening(EVENT, kept.vote.round.slug, bytes(opening.secret), {"event": canonical_text(event.told)})
    proven = Receipt.proven(DatabaseStore(log), told, None, leaf.position, signing_key(log.key))
    return Place(index, len(rows), path_of([commitment for _name, commitment in rows], index), proven)
