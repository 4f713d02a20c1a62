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
from simsa.web.panel.services.listing import ReviewerRow, import_reviewers, plan_reviewers, undo_reviewers
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
    "ReviewerRow",
    "SheetRow",
    "assign",
    "assign_as_given",
    "close_due_rounds",
    "close_round",
    "closing",
    "import_conference",
    "import_reviewers",
    "plan_reviewers",
    "receipt",
    "record_affinities",
    "record_conflicts",
    "slots_of",
    "submit_sheet",
    "submit_sheets",
    "undo_reviewers",
]
