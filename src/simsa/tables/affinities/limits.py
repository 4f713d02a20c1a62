"""Who is on the panel and what is evaluated, with the limits that single ones have of their own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from simsa.tables.affinities.shapes import ENTRY_NAMES, REVIEWER_NAMES
from simsa.tables.frames import FrameChecks, Ints, first_of, read_frame, whole_numbers
from simsa.tables.table import TableError, tidy


@dataclass(frozen=True)
class EntryLimits:
    """Ids of the entries and the coverage that each has of its own; -1 where it has none."""

    ids: tuple[str, ...]
    coverage: Ints


@dataclass(frozen=True)
class ReviewerLimits:
    """Ids of the reviewers and the loads that each has of its own; -1 where one has none.

    `fields`: the other columns by name, one text for each reviewer, "" where there is none.
    """

    ids: tuple[str, ...]
    least: Ints
    most: Ints
    fields: Mapping[str, tuple[str, ...]]


def read_entry_limits(path: str | Path) -> EntryLimits:
    """Entries from a table with `id` and, if some need more or fewer reviewers, `coverage`.

    RowsError for an id that is empty or there twice and what is no whole number, TableError for a table without entry.
    """
    checks, ids = _listed(path, ENTRY_NAMES, "entry")
    coverage = _own(checks, ("coverage",))
    checks.done()
    return EntryLimits(ids, coverage)


def read_reviewer_limits(path: str | Path) -> ReviewerLimits:
    """Reviewers from a table with `id` and, if some have loads of their own, `least` and `most` (or `load`).

    OpenReview's list of profiles with their greatest load, which has no header, is read too. Errors as for entries, and
    RowsError for a least load above the greatest.
    """
    checks, ids = _listed(path, REVIEWER_NAMES, "reviewer")
    least, most = _own(checks, ("least", "min")), _own(checks, ("most", "load", "max", "max_papers"))
    if name := first_of(checks.frame.header, ("least", "min")):
        above = (most >= 0) & (least > most)
        checks.wrong(above, name, "is above the greatest load of this reviewer", "at most as much as `most`")
    checks.done()
    frame = checks.frame
    named = first_of(frame.header, ("id", *REVIEWER_NAMES))
    fields = {
        name: tuple(tidy(cell or "") for cell in frame.text(name).to_list()) for name in frame.header if name != named
    }
    return ReviewerLimits(ids, least, most, fields)


def _listed(path: str | Path, names: Sequence[str], what: str) -> tuple[FrameChecks, tuple[str, ...]]:
    frame = read_frame(path, _loads_without_header if what == "reviewer" else (lambda _row: None))
    name = first_of(frame.header, ("id", *names))
    if name is None:
        columns = ", ".join(frame.header) or "none"
        raise TableError(
            f"{frame.source}: there is no column 'id' (the columns are {columns}); one row for each {what}"
        )
    checks = FrameChecks(frame)
    places = checks.ids(name)
    again = np.ones(len(places), np.bool_)
    again[np.unique(places, return_index=True)[1]] = False
    checks.wrong(again & (places >= 0), name, "is there twice", f"one row for each {what}")
    checks.done()
    if not len(frame):
        raise TableError(f"{frame.source}: has no {what}; one row for each, with id")
    return checks, frame.ids(name)


def _own(checks: FrameChecks, names: Sequence[str]) -> Ints:
    name = first_of(checks.frame.header, names)
    return whole_numbers(checks, name) if name else np.full(len(checks.frame), -1, np.int64)


def _loads_without_header(row: Sequence[str]) -> tuple[str, ...] | None:
    return ("user", "max_papers") if len(row) == 2 and row[0].strip() and row[1].strip().isdecimal() else None
