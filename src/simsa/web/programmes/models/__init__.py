"""Programmes, their rounds, and the record of each round: its events, its log, and what is behind the commitments."""

from simsa.web.programmes.models.drafts import Amendment, Draft, DraftStep, DraftVersion
from simsa.web.programmes.models.letters import SentLetter, UnreachableAddress
from simsa.web.programmes.models.log import Checkpoint, Leaf, Log, TileHash, TimeStamp, Witnessed
from simsa.web.programmes.models.record import Event, Opening, PublicBundle, Statement
from simsa.web.programmes.models.roles import Invitation, Kind, Role
from simsa.web.programmes.models.rounds import HASH, Programme, Round, RulesChangedError, Stage

__all__ = [
    "HASH",
    "Amendment",
    "Checkpoint",
    "Draft",
    "DraftStep",
    "DraftVersion",
    "Event",
    "Invitation",
    "Kind",
    "Leaf",
    "Log",
    "Opening",
    "Programme",
    "PublicBundle",
    "Role",
    "Round",
    "RulesChangedError",
    "SentLetter",
    "Stage",
    "Statement",
    "TileHash",
    "TimeStamp",
    "UnreachableAddress",
    "Witnessed",
]
