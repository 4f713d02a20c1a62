"""The shapes in which people have affinities, and how a file is told to have one of them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from simsa.tables.frames import first_of, is_table, source_name
from simsa.tables.table import TableError

SHAPES = {
    "long": "a row for each pair: entry, reviewer, affinity",
    "dense": "a row for each entry, a column for each reviewer",
    "matrix": "a matrix of numbers without names",
    "sparse": "a sparse matrix of numbers without names",
    "openreview": "OpenReview's scores: paper, profile, score, without a header",
    "edges": "OpenReview's edges: head, tail, weight",
    "hotcrp": "HotCRP's preferences: paper, email, preference",
    "bids": "a row for each bid: entry, reviewer, bid",
}
"""The name of each shape and what it is, as `--shape` knows and the summary says it."""

ENTRY_NAMES = (
    "entry",
    "paper",
    "submission",
    "paper_id",
    "paperid",
    "pid",
    "submission_id",
    "note",
    "note_id",
    "forum",
)
REVIEWER_NAMES = ("reviewer", "email", "user", "bidder", "profile", "profile_id", "reviewer_id", "user_id")
VALUE_NAMES = ("affinity", "score", "weight", "similarity")
HEADERLESS = ("paper", "user", "score")
"""What the columns of OpenReview's files without a header are called in messages."""

_SIZE = re.compile(rb"\s*\d{1,9}[ \t]+\d{1,9}[ \t]*\r?\n")
_NUMBER = re.compile(r"\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\s*\Z", re.ASCII)


@dataclass(frozen=True)
class Columns:
    """Which columns of a table hold entry, reviewer and number (or bid) in a shape."""

    shape: str
    entry: str
    reviewer: str
    value: str


def headerless(row: Sequence[str]) -> tuple[str, ...] | None:
    """The names of the columns if a first row is one of OpenReview's: two ids and a number.

    Two numbers are more likely the header of a dense table whose reviewers are numbered.
    """
    numeric = len(row) == 3 and _NUMBER.match(row[2]) is not None and _NUMBER.match(row[1]) is None
    ids = numeric and bool(row[0].strip()) and bool(row[1].strip())
    named = first_of(row[:2], (*ENTRY_NAMES, *REVIEWER_NAMES, "head", "tail", "id")) is not None
    return HEADERLESS if ids and not named else None


def file_shape(path: str | Path, start: bytes) -> str | None:
    """The shape that the ending and the first bytes of a file settle; None for a table, whose columns settle it."""
    if str(path) == "-":
        return None
    ending = Path(path).suffix.lower()
    if ending == ".npy" or start.startswith(b"\x93NUMPY"):
        return "matrix"
    if ending == ".npz":
        return "sparse"
    if ending == ".in" or (ending in (".txt", "") and _SIZE.match(start)):
        return "matrix"
    if not is_table(path):
        known = ".csv .tsv .txt .parquet .xlsx .json .jsonl .npy .npz .in"
        raise TableError(f"{source_name(path)}: the ending {ending or '(none)'} is not known here ({known})")
    return None


def table_shape(source: str, header: Sequence[str], forced: str | None) -> Columns | None:
    """The columns of a table by its header; None for a dense one. TableError says which shapes there are."""
    shape = forced or _by_header(header)
    if shape == "dense":
        return None
    if shape == "openreview" and tuple(header) != HEADERLESS:
        raise TableError(f"{source}: has a header, so it is none of OpenReview's score files; leave --shape out")
    names = _names(shape, header) if shape else None
    if shape is None or names is None:
        raise TableError(f"{source}: {_not_known(header, shape)}")
    return names


def _by_header(header: Sequence[str]) -> str | None:
    if tuple(header) == HEADERLESS:
        return "openreview"
    for shape in ("edges", "long", "hotcrp", "bids"):
        if _names(shape, header):
            return shape
    # A table that names entries and reviewers but no number is a long one that lacks a column, not a dense one.
    named = first_of(header, ENTRY_NAMES) and first_of(header, REVIEWER_NAMES)
    return "dense" if len(header) > 1 and not named else None


def _names(shape: str, header: Sequence[str]) -> Columns | None:
    values = {"edges": ("weight",), "hotcrp": ("preference", "topic_score"), "bids": ("bid", "label")}
    ends = (("head",), ("tail",)) if shape == "edges" else (ENTRY_NAMES, REVIEWER_NAMES)
    if shape == "bids" and first_of(header, ("head",)):
        ends = (("head",), ("tail",))
    found = [first_of(header, wanted) for wanted in (*ends, values.get(shape, VALUE_NAMES))]
    return None if None in found else Columns(shape, *(name or "" for name in found))


def _not_known(header: Sequence[str], shape: str | None) -> str:
    columns = f"the columns are {', '.join(header) or 'none'}"
    if shape in (None, "long"):
        wanted = next((name for name in ("entry", "reviewer", "affinity") if not _has(header, name)), "affinity")
        return f"there is no column {wanted!r} ({columns}); a table of pairs has entry, reviewer and affinity"
    return f"is not {SHAPES[shape or '']} ({columns})"


def _has(header: Sequence[str], name: str) -> bool:
    wanted = {"entry": ENTRY_NAMES, "reviewer": REVIEWER_NAMES, "affinity": VALUE_NAMES}[name]
    return first_of(header, wanted) is not None
