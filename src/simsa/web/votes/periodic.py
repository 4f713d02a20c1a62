"""What votes want done again and again."""

from __future__ import annotations

from datetime import timedelta

from simsa.web.periodic import Periodic
from simsa.web.votes.services import run_votes
from simsa.web.votes.services.sealing import seal_waiting
from simsa.web.votes.services.watching import look_at_votes

PERIODIC = (
    Periodic("votes.run", every=timedelta(seconds=10), run=run_votes),
    Periodic("votes.watch", every=timedelta(minutes=1), run=look_at_votes),
    Periodic("votes.seal", every=timedelta(minutes=1), run=seal_waiting),
)
