"""A published result as files: CSV and XLSX tables with stable column names, and the canonical JSON itself."""

from __future__ import annotations

import codecs
import json

from django.utils.translation import override

from simsa.rules import exact_text
from simsa.tables.csv_text import write_csv
from simsa.tables.spreadsheets import write_xlsx
from simsa.tables.table import Table
from simsa.tables.words import score_places
from simsa.web.awards.lines import Line, Lines
from simsa.web.awards.models import Result

HEADER = (
    "round",
    "group",
    "rank",
    "entry",
    "name_ko",
    "name_en",
    "region",
    "score",
    "outcome",
    "cause",
    "reserve",
    "calibrated",
    "standard_error",
    "chance",
    "expected_rank",
    "rank_low",
    "rank_high",
    "zone",
    "sheets",
    "synthetic",
    "rules_hash",
)
PLACES = {
    "rank": 0,
    "reserve": 0,
    "calibrated": 6,
    "standard_error": 6,
    "chance": 6,
    "expected_rank": 6,
    "rank_low": 0,
    "rank_high": 0,
    "sheets": 0,
}
"""Columns of numbers beside the score, with the decimal places that they show."""
SHEET = {"ko": "결과", "en": "Results"}
"""What the sheet is called, in the language of the rules: the address of the file has none."""


def result_json(result: Result) -> bytes:
    """The canonical result, byte for byte: its SHA-256 is the result's digest."""
    return result.payload.encode()


def result_csv(result: Result) -> bytes:
    """The table with a byte-order mark: without it spreadsheets take the Korean names for another encoding."""
    return codecs.BOM_UTF8 + write_csv(_table(result))


def result_xlsx(result: Result) -> bytes:
    """The table on one sheet; codes are text, scores have the places that the rules declare."""
    rules = result.round.rules
    places = {**PLACES, "score": score_places(rules) or 0}
    return write_xlsx(_table(result), places, sheet=SHEET.get(rules.language, SHEET["en"]))


def _table(result: Result) -> Table:
    facts = result.facts
    with override("en"):
        lines = Lines(result, result.round.rules, "en")
        rows = [_cells(line, facts["entrants"][line.code], result) for line in lines.all]
    return Table.of(HEADER, rows, "result")


def _cells(line: Line, names: dict[str, str], result: Result) -> list[str | None]:
    reason = json.loads(line.reason)
    return [
        result.round.slug,
        line.group,
        _text(line.rank),
        line.code,
        names["name_ko"],
        names["name_en"],
        names["region"],
        None if line.score is None else exact_text(line.score),
        line.outcome,
        reason["cause"],
        _text(reason["position"]),
        _estimate(line.calibrated),
        _estimate(line.standard_error),
        _estimate(line.chance),
        _estimate(line.expected_rank),
        _estimate(line.rank_low, 0),
        _estimate(line.rank_high, 0),
        line.zone or None,
        str(line.sheets),
        "yes" if result.round.synthetic else "no",
        result.rules_hash,
    ]


def _text(number: int | None) -> str | None:
    return None if number is None else str(number)


def _estimate(number: float | None, places: int = 6) -> str | None:
    return None if number is None else f"{number:.{places}f}"
