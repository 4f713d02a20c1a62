"""A public vote as the record states it: its ballots, which anybody can count again, and what ties them to the log.

Who cast a ballot stands nowhere, nor when: they are in the order of their commitments, and every voter finds their own
by the receipt (`simsa.record.ballots`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple

from simsa.engine.votes import Ballot, ballot_from

from .canonical import canonical_bytes

BALLOTS = "ballots.json"
"""Where they are in a bundle."""


@dataclass(frozen=True)
class CastBallot:
    """What a ballot says: `rows` of entry and points, as texts. `counts`: it was not put aside, or was released."""

    commitment: str
    counts: bool
    rows: tuple[tuple[str, str], ...]

    @property
    def ballot(self) -> Ballot:
        return ballot_from(self.rows)


class Aside(NamedTuple):
    """So many ballots that were put aside together for a `kind` of reason, and whether they count in spite of it."""

    kind: str
    ballots: int
    counts: bool


def ballots_file(cast: Iterable[CastBallot]) -> bytes:
    """All ballots of a vote, as a bundle has them."""
    ordered = sorted(cast, key=lambda one: one.commitment)
    return canonical_bytes([[one.commitment, one.counts, [list(row) for row in one.rows]] for one in ordered])


def vote_content(entries: Iterable[str], cast: Iterable[CastBallot], asides: Iterable[Aside] = ()) -> dict[str, Any]:
    """What a `vote` statement says: `entries` were on the ballot, and these ballots were cast."""
    known = list(cast)
    return {
        "entries": sorted(entries),
        "ballots": len(known),
        "counted": sum(one.counts for one in known),
        "asides": sorted(list(one) for one in asides),
        "sha256": hashlib.sha256(ballots_file(known)).hexdigest(),
    }
