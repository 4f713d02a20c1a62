"""Tables as files to take away: in a spreadsheet no cell of them is run as a formula."""

from __future__ import annotations

import codecs
from collections.abc import Mapping

from django.http import HttpResponse
from django.utils.http import content_disposition_header

from simsa.tables.csv_text import write_csv
from simsa.tables.spreadsheets import write_xlsx
from simsa.tables.table import Table

SHEETS = ("csv", "xlsx")
TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "json": "application/json",
}


def table_file(table: Table, ending: str, numbers: Mapping[str, int] | None = None) -> bytes:
    """The table in a format of `SHEETS`; in XLSX the columns `numbers` are numbers where they can be exact."""
    return write_xlsx(table, numbers or {}) if ending == "xlsx" else codecs.BOM_UTF8 + write_csv(table)


def download(content: bytes, name: str, ending: str) -> HttpResponse:
    """A file of one of `TYPES` to be kept by who asked, and by nobody on the way."""
    response = HttpResponse(content, content_type=TYPES[ending])
    response.headers["Content-Disposition"] = content_disposition_header(True, f"{name}.{ending}") or ""
    response.headers["Cache-Control"] = "no-store"
    return response
