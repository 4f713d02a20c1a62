"""When sheets were written: cells to moments or places in an order, and the earliest of each sheet."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from zoneinfo import ZoneInfo

import numpy as np

from simsa.engine.diagnostics import Timing
from simsa.engine.inputs import Sheets

NOWHEN = (float("nan"), float("nan"))
"""What a cell says that is neither a time nor a number."""
HINTS = {"time": ("is not a time", "for example 2026-03-02T14:30"), "order": ("is not a number", "for example 12")}
"""By the kind of cell, what is wrong with one that says nothing, and how it is written."""
_DAY = 10  # characters of a date without a time

When = tuple[float, float]
"""Any number that grows with time, and 1 after noon, 0 before, NaN where that cannot be told."""


def read_when(cell: str, kind: str, zone: str) -> When:
    """`kind` "time": ISO 8601, by the clock of `zone` where no offset is written; "order": a number. Or `NOWHEN`."""
    return _moment(cell, ZoneInfo(zone)) if kind == "time" else (read_number(cell), NOWHEN[1])


def read_number(cell: str) -> float:
    """A place in an order; NaN if the cell says none."""
    try:
        number = float(cell)
    except ValueError:
        return NOWHEN[0]
    return number if np.isfinite(number) else NOWHEN[0]


def timing_of(sheets: Sheets, told: Iterable[tuple[int, When]]) -> Timing | None:
    """Timing of sheets, within each reviewer, by rows (position of the sheet, when); the earliest of a sheet counts.

    None where no row says when.
    """
    order, afternoon = np.full(len(sheets), np.nan), np.full(len(sheets), np.nan)
    for sheet, (when, half) in told:
        if not np.isnan(when) and not when >= order[sheet]:
            order[sheet], afternoon[sheet] = when, half
    return Timing(order, sheets.reviewer, afternoon) if np.isfinite(order).any() else None


def _moment(cell: str, zone: ZoneInfo) -> When:
    """Seconds, and the half of the day in the zone; a date alone has none."""
    try:
        moment = datetime.fromisoformat(cell)
        moment = moment.astimezone(zone) if moment.tzinfo else moment.replace(tzinfo=zone)
        return moment.timestamp(), float(moment.hour >= 12) if len(cell) > _DAY else NOWHEN[1]
    except (ValueError, OverflowError):
        return NOWHEN
