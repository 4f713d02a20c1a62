"""The panel of a round, its slots and its sheets as tables."""

from simsa.web.panel.models.batches import ReviewBatch
from simsa.web.panel.models.drafts import SheetDraft
from simsa.web.panel.models.meetings import Meeting, MeetingAct, MeetingItem, SheetChange
from simsa.web.panel.models.members import AffinityTable, Conflict, Reviewer
from simsa.web.panel.models.plans import Alternative, FixedPair
from simsa.web.panel.models.procedures import Decision, Declaration, Disclosure, Procedure
from simsa.web.panel.models.profiles import AffinityRun, Bid, BidCall, Profile
from simsa.web.panel.models.slots import Sheet, Slot

__all__ = [
    "AffinityRun",
    "AffinityTable",
    "Alternative",
    "Bid",
    "BidCall",
    "Conflict",
    "Decision",
    "Declaration",
    "Disclosure",
    "FixedPair",
    "Meeting",
    "MeetingAct",
    "MeetingItem",
    "Procedure",
    "Profile",
    "ReviewBatch",
    "Reviewer",
    "Sheet",
    "SheetChange",
    "SheetDraft",
    "Slot",
]
