"""Programmes, their rounds, and the record of each round: its events, its log, and what is behind the commitments."""

from simsa.web.programmes.models.log import Checkpoint, Leaf, Log, TileHash, TimeStamp
from simsa.web.programmes.models.record import Event, Opening, PublicBundle, Statement
from simsa.web.programmes.models.rounds import HASH, Programme, Round, RulesChangedError, Stage

__all__ = [
    "HASH",
    "Checkpoint",
    "Event",
    "Leaf",
    "Log",
    "Opening",
    "Programme",
    "PublicBundle",
    "Round",
    "RulesChangedError",
    "Stage",
    "Statement",
    "TileHash",
    "TimeStamp",
]
