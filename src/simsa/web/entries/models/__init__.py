"""Who is evaluated, what they submitted in a round, and the lists from which they came."""

from simsa.web.entries.models.entries import Entrant, Entry, ReportedNumber
from simsa.web.entries.models.imports import Import, ImportDraft

__all__ = ["Entrant", "Entry", "Import", "ImportDraft", "ReportedNumber"]
