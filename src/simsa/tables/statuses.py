"""Whether there is a mark, and if not why, as people write it in a column."""

from __future__ import annotations

from simsa.engine.inputs import Status

from .table import tidy

STATUSES = {status.name.lower(): status for status in Status}
"""The statuses by the names that are written into tables."""


def read_status(text: str) -> Status | None:
    """The status that `text` names, in capitals or small letters; None if it names none."""
    return STATUSES.get(tidy(text).lower())
