"""The verbs of entries: import the bodies of a round, all or nothing, take an import back, and state who takes part."""

from simsa.web.entries.services.importing import import_entries, plan_entries, undo_entries
from simsa.web.entries.services.rows import EntryRow, ImportRefusedError, RowFault, refuse_rows
from simsa.web.entries.services.stating import state_entries

__all__ = [
    "EntryRow",
    "ImportRefusedError",
    "RowFault",
    "import_entries",
    "plan_entries",
    "refuse_rows",
    "state_entries",
    "undo_entries",
]
