"""Who is evaluated, what they submitted in a round, and the files that support it."""

from simsa.web.entries.models.entries import Entrant, Entry, ReportedNumber
from simsa.web.entries.models.evidence import Evidence, Intake, Upload

__all__ = ["Entrant", "Entry", "Evidence", "Intake", "ReportedNumber", "Upload"]
