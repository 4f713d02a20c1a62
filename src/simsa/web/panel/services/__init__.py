"""The verbs of the panel: import reviewers, declare and decide conflicts, assign; then submit sheets, replace who was
recused, meet, and close."""

from simsa.web.panel.services.assigning import AssignmentShortError, assign, assign_as_given
from simsa.web.panel.services.changing import change_sheet, void
from simsa.web.panel.services.conferring import import_conference
from simsa.web.panel.services.convening import arrange, call_off, called_up, convene, name_lead
from simsa.web.panel.services.declaring import declare
from simsa.web.panel.services.drafting import (
    DraftClashError,
    NotTakenError,
    SavedDraft,
    save_draft,
    submit_draft,
    submit_drafts,
)
from simsa.web.panel.services.listing import ReviewerRow, import_reviewers, plan_reviewers, undo_reviewers
from simsa.web.panel.services.meeting import (
    OutOfRoomError,
    adjourn,
    attend,
    begin,
    conclude,
    dissent,
    end_meetings,
    finish,
    finish_abandoned,
    resume,
    take_note,
    take_up,
)
from simsa.web.panel.services.procedures import challenge, decide, disclose_panel, exclude, step_back, withdraw
from simsa.web.panel.services.registering import ConflictRow, record_affinities, record_conflicts
from simsa.web.panel.services.replacing import propose, replace
from simsa.web.panel.services.sheets import (
    SheetRow,
    close_due_rounds,
    close_round,
    closing,
    receipt,
    slots_of,
    submit_sheet,
    submit_sheets,
)

__all__ = [
    "AssignmentShortError",
    "ConflictRow",
    "DraftClashError",
    "NotTakenError",
    "OutOfRoomError",
    "ReviewerRow",
    "SavedDraft",
    "SheetRow",
    "adjourn",
    "arrange",
    "assign",
    "assign_as_given",
    "attend",
    "begin",
    "call_off",
    "called_up",
    "challenge",
    "change_sheet",
    "close_due_rounds",
    "close_round",
    "closing",
    "conclude",
    "convene",
    "decide",
    "declare",
    "disclose_panel",
    "dissent",
    "end_meetings",
    "exclude",
    "finish",
    "finish_abandoned",
    "import_conference",
    "import_reviewers",
    "name_lead",
    "plan_reviewers",
    "propose",
    "receipt",
    "record_affinities",
    "record_conflicts",
    "replace",
    "resume",
    "save_draft",
    "slots_of",
    "step_back",
    "submit_draft",
    "submit_drafts",
    "submit_sheet",
    "submit_sheets",
    "take_note",
    "take_up",
    "undo_reviewers",
    "void",
    "withdraw",
]
