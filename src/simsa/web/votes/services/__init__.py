"""The verbs of votes: invite, cast, seal, put aside and rule, close, count, forget."""

from simsa.web.votes.services.casting import AlreadyVotedError, ClosedVoteError, cast, has_voted
from simsa.web.votes.services.inviting import TooManyError, ask_for_link, invite_voters, link_of
from simsa.web.votes.services.receipts import receipt_of
from simsa.web.votes.services.running import (
    close_vote,
    count_vote,
    forget_voters,
    open_vote,
    run_votes,
    vote_of,
    window,
)
from simsa.web.votes.services.sealing import seal_ballots
from simsa.web.votes.services.watching import put_aside, rule_aside, waiting

__all__ = [
    "AlreadyVotedError",
    "ClosedVoteError",
    "TooManyError",
    "ask_for_link",
    "cast",
    "close_vote",
    "count_vote",
    "forget_voters",
    "has_voted",
    "invite_voters",
    "link_of",
    "open_vote",
    "put_aside",
    "receipt_of",
    "rule_aside",
    "run_votes",
    "seal_ballots",
    "vote_of",
    "waiting",
    "window",
]
