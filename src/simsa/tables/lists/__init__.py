"""Lists that people send: who takes part, who is on the panel, in whatever spreadsheet their office keeps.

A file becomes a `Table` within limits (`uploads`), its columns are recognised by their headings or told by a person
(`columns`), and each row says what it says and no more: a column that is not there says nothing, an empty cell says
that there is nothing.
"""

from simsa.tables.lists.columns import (
    FIELD,
    REPORTED,
    Target,
    entry_targets,
    mapping_faults,
    recognise,
    reviewer_targets,
)
from simsa.tables.lists.rows import ListRow, group_ids, list_rows
from simsa.tables.lists.uploads import LIMITS, Limits, read_upload

__all__ = [
    "FIELD",
    "LIMITS",
    "REPORTED",
    "Limits",
    "ListRow",
    "Target",
    "entry_targets",
    "group_ids",
    "list_rows",
    "mapping_faults",
    "read_upload",
    "recognise",
    "reviewer_targets",
]
