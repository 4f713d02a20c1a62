"""Who is evaluated, what they submitted in a round, the files that support it, and the lists from which they came."""

from simsa.web.entries.models.entries import Entrant, Entry, ReportedNumber
from simsa.web.entries.models.evidence import Evidence, Upload
from simsa.web.entries.models.imports import Import, ImportDraft
from simsa.web.entries.models.submissions import DraftField, Objection, Submission, Visit

__all__ = [
    "DraftField",
    "Entrant",
    "Entry",
    "Evidence",
    "Import",
    "ImportDraft",
    "Objection",
    "ReportedNumber",
    "Submission",
    "Upload",
    "Visit",
]
