"""The tables that single steps of the journey hand to each other: entries, reviewers, sheets, reported numbers, ...

- entries: `id`, `group`, optionally `name`, `name_ko`, `name_en`, `order`, further fields (such as `region`)
- reviewers: `id`, further fields
- sheets: `entry`, `reviewer`, `criterion`, `mark`, optionally `status`, `time` or `order`
- reported: `entry`, `field`, `value`, optionally `criterion`
- affinity: `entry`, `reviewer`, `affinity`
- conflicts: `entry`, `reviewer`, optionally `reason`
- assignment: `entry`, `reviewer`, optionally `affinity`

Numbers are exact decimals as text. Each reader collects every faulty row and refuses the table as a whole, so that
nothing is half read; the message names file, line and field.
"""

from simsa.tables.shapes.entries import EntryTable, entries_table, read_entries
from simsa.tables.shapes.labels import labelled
from simsa.tables.shapes.pairs import Pairs, affinity_table, conflicts_table, read_affinity, read_pairs, read_slots
from simsa.tables.shapes.reported import read_reported, reported_table
from simsa.tables.shapes.reviewers import read_reviewers, reviewers_table
from simsa.tables.shapes.sheets import read_sheets, sheets_table
from simsa.tables.table import SHOWN, RowsError

__all__ = [
    "SHOWN",
    "EntryTable",
    "Pairs",
    "RowsError",
    "affinity_table",
    "conflicts_table",
    "entries_table",
    "labelled",
    "read_affinity",
    "read_entries",
    "read_pairs",
    "read_reported",
    "read_reviewers",
    "read_sheets",
    "read_slots",
    "reported_table",
    "reviewers_table",
    "sheets_table",
]
