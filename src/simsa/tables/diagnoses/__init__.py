"""Diagnostics of a round on its tables: what is compared, when sheets were written, and what is written down."""

from simsa.tables.diagnoses.inputs import order_of_entries, read_timing, shared_fields
from simsa.tables.diagnoses.plain import diagnostics_json
from simsa.tables.diagnoses.written import diagnosis_tables

__all__ = ["diagnosis_tables", "diagnostics_json", "order_of_entries", "read_timing", "shared_fields"]
