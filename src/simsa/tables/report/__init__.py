"""The report of a run: one HTML file with winners, reasons, pictures, tables, rules and how it was made.

It needs no network and no script: styles and pictures are inside, and what the few lines of script add (sorting, a
filter for names) is only a convenience. Equal runs give equal bytes.
"""

from simsa.tables.report.diagnostics import DiagnosisView
from simsa.tables.report.entrants import EntrantView, GroupView
from simsa.tables.report.page import Page
from simsa.tables.report.rendering import render_report
from simsa.tables.report.reviewers import PanelView, ReviewerView
from simsa.tables.report.rows_read import FaultView, FileView

__all__ = [
    "DiagnosisView",
    "EntrantView",
    "FaultView",
    "FileView",
    "GroupView",
    "Page",
    "PanelView",
    "ReviewerView",
    "render_report",
]
