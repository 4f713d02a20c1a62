"""The parts of a round from their rows: entries, reviewers, sheets, reported numbers, and pairs of entry and reviewer.

Every row ends in one of two ways: its values are in the result, or its fault is in the intake of its section.
"""

from simsa.tables.sections.known import Known
from simsa.tables.sections.listing import read_entrants, read_panel
from simsa.tables.sections.pairs import Conflict, Pairs, read_conflicts, read_pairs
from simsa.tables.sections.people import Entrant, Reviewer, as_entries, as_reviewers
from simsa.tables.sections.reported import read_reported
from simsa.tables.sections.sheets import read_sheets

__all__ = [
    "Conflict",
    "Entrant",
    "Known",
    "Pairs",
    "Reviewer",
    "as_entries",
    "as_reviewers",
    "read_conflicts",
    "read_entrants",
    "read_pairs",
    "read_panel",
    "read_reported",
    "read_sheets",
]
