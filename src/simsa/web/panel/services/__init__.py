"""The verbs of the panel: import reviewers, record conflicts, assign; then submit sheets, and close."""

from simsa.web.panel.services.assigning import (
    AssignmentShortError,
    ConflictRow,
    assign,
    assign_as_given,
    record_affinities,
    record_conflicts,
)
from simsa.web.panel.services.conferring import import_conference
from simsa.web.panel.services.drafting import (
    DraftClashError,
    NotTakenError,
    SavedDraft,
    save_draft,
    submit_draft,
    submit_drafts,
)
from simsa.web.panel.services.listing import ReviewerRow, import_reviewers, plan_reviewers, undo_reviewers
from simsa.web.panel.services.sheets import (
    SheetRow,
    close_due_rounds,
    close_round,
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
    "ReviewerRow",
    "SavedDraft",
    "SheetRow",
    "assign",
    "assign_as_given",
    "close_due_rounds",
    "close_round",
    "import_conference",
    "import_reviewers",
    "plan_reviewers",
    "receipt",
    "record_affinities",
    "record_conflicts",
    "save_draft",
    "slots_of",
    "submit_draft",
    "submit_drafts",
    "submit_sheet",
    "submit_sheets",
    "undo_reviewers",
]
