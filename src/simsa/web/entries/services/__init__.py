"""The verbs of entries: list the bodies of a round and take a list back; write, submit and withdraw an entry; object to
one; and state who takes part."""

from simsa.web.entries.services.drafting import ClosedError, Saved, add_case, note_visit, remove_case, save_fields
from simsa.web.entries.services.importing import import_entries, plan_entries, undo_entries
from simsa.web.entries.services.objecting import object_to, reply_to, rule_on
from simsa.web.entries.services.rows import EntryRow, ImportRefusedError, RowFault, refuse_rows
from simsa.web.entries.services.stating import state_entries
from simsa.web.entries.services.submitting import IncompleteError, entry_receipt, submit_entry, withdraw_entry

__all__ = [
    "ClosedError",
    "EntryRow",
    "ImportRefusedError",
    "IncompleteError",
    "RowFault",
    "Saved",
    "add_case",
    "entry_receipt",
    "import_entries",
    "note_visit",
    "object_to",
    "plan_entries",
    "refuse_rows",
    "remove_case",
    "reply_to",
    "rule_on",
    "save_fields",
    "state_entries",
    "submit_entry",
    "undo_entries",
    "withdraw_entry",
]
