"""Pairs that may not meet, and pairs that must: a register, OpenReview's constraints, HotCRP's rows, a matrix."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import numpy as np
import polars as pl

from simsa.tables.affinities.bids import BidMeaning, bid_affinity
from simsa.tables.affinities.matrices import read_matrix, read_sparse
from simsa.tables.affinities.scores import NO_PAIRS, marked_conflicts
from simsa.tables.affinities.shapes import ENTRY_NAMES, REVIEWER_NAMES, headerless
from simsa.tables.frames import Bools, Frame, FrameChecks, Ints, first_of, read_frame, source_name
from simsa.tables.table import TableError

Use = Literal["forbidden", "pinned"]
_REVIEWS = ("primary", "secondary", "pcreview", "meta", "external", "ext", "pri", "sec", "optional", "review")
_OPINIONS = ("preference", "bid")
_CONSTRAINT = ("constraint", "score")  # a file without a header has the columns of one of scores


@dataclass(frozen=True)
class Constraints:
    """`forbidden`, `pinned`: int64, shape (k, 2), positions of entry and reviewer; `ignored`: rows that say neither."""

    forbidden: Ints = field(default_factory=lambda: NO_PAIRS)
    pinned: Ints = field(default_factory=lambda: NO_PAIRS)
    ignored: int = 0

    @property
    def notes(self) -> tuple[str, ...]:
        """What a reader of the result should know of the rows that were left out."""
        if not self.ignored:
            return ()
        return (f"{self.ignored:,} rows of the constraints neither forbid nor pin their pair and were left out",)

    def joined(self, other: Constraints) -> Constraints:
        """What both say."""
        return Constraints(
            np.concatenate([self.forbidden, other.forbidden]),
            np.concatenate([self.pinned, other.pinned]),
            self.ignored + other.ignored,
        )


def read_constraints(path: str | Path, entries: Sequence[str], reviewers: Sequence[str], use: Use) -> Constraints:
    """Pairs from a table of entry and reviewer, which are all what `use` says, unless the file says it row by row.

    OpenReview's constraints (paper, user, and -1 forbidden, 1 pinned, 0 neither; no header needed) and HotCRP's actions
    (`conflict`, or a review) do, and of preferences and bids only a conflict forbids. OpenReview's edges (head, tail)
    and a matrix, whose numbers other than 0 are pairs, do not. RowsError for an unknown id and what is no constraint;
    TableError for a file that is none of these.
    """
    if Path(path).suffix.lower() in (".npy", ".npz"):
        return _from_matrix(path, len(entries), len(reviewers), use)
    frame = read_frame(path, headerless)
    names = [first_of(frame.header, wanted) for wanted in ((*ENTRY_NAMES, "head"), (*REVIEWER_NAMES, "tail"))]
    if names[0] is None or names[1] is None:
        columns = ", ".join(frame.header) or "none"
        raise TableError(f"{frame.source}: a table of pairs has the columns entry and reviewer (it has {columns})")
    checks = FrameChecks(frame)
    forbidden, pinned = _meaning(checks, use)
    wanted = forbidden | pinned
    kept = FrameChecks(Frame(frame.source, frame.header, frame.columns.filter(pl.Series(wanted)), frame.lines[wanted]))
    entry, reviewer = (
        kept.ids(name, {key: n for n, key in enumerate(known)})
        for name, known in ((names[0], entries), (names[1], reviewers))
    )
    checks.done()
    kept.done()
    pairs = np.column_stack([entry, reviewer])
    return Constraints(pairs[forbidden[wanted]], pairs[pinned[wanted]], int((~wanted).sum()))


@dataclass(frozen=True)
class Previous:
    """An earlier assignment: `pairs`, int64, shape (k, 2), of those who are still there, and `gone`, pairs without."""

    pairs: Ints
    gone: int


def read_previous(path: str | Path, entries: Sequence[str], reviewers: Sequence[str]) -> Previous:
    """The pairs of an earlier assignment, in the shape of simsa, OpenReview or HotCRP.

    Who is no longer there is no fault: the pair is gone. RowsError for a pair given twice; TableError for a file that
    is no table of pairs.
    """
    frame = read_frame(path, headerless)
    names = [first_of(frame.header, wanted) for wanted in ((*ENTRY_NAMES, "head"), (*REVIEWER_NAMES, "tail"))]
    if names[0] is None or names[1] is None:
        columns = ", ".join(frame.header) or "none"
        raise TableError(f"{frame.source}: a table of pairs has the columns entry and reviewer (it has {columns})")
    checks = FrameChecks(frame)
    _, chosen = _meaning(checks, "pinned")
    pairs = np.column_stack(
        [
            frame.positions(name, {key: n for n, key in enumerate(there)})
            for name, there in ((names[0], entries), (names[1], reviewers))
        ]
    )
    there = chosen & (pairs >= 0).all(axis=1)
    _, first = np.unique(pairs[there], axis=0, return_index=True)
    twice = there.copy()
    twice[np.flatnonzero(there)[first]] = False
    checks.wrong(twice, names[1], "stands twice beside the same entry", "one row for each pair")
    checks.done()
    return Previous(pairs[there], int((chosen & ~there).sum()))


def _meaning(checks: FrameChecks, use: Use) -> tuple[Bools, Bools]:
    """Which rows forbid their pair and which pin it."""
    frame = checks.frame
    nothing, everything = np.zeros(len(frame), np.bool_), np.ones(len(frame), np.bool_)
    if name := first_of(frame.header, _CONSTRAINT if first_of(frame.header, ("paper", "constraint")) else ()):
        value = checks.finite(name)
        checks.wrong(~np.isin(value, (-1, 0, 1)), name, "is no constraint", "-1 forbidden, 1 pinned, 0 neither")
        return value == -1, value == 1
    if name := first_of(frame.header, ("action",)):
        action = frame.text(name).str.strip_chars().str.to_lowercase().fill_null("")
        if use == "forbidden":
            return (action == "conflict").to_numpy(), nothing
        review = action.str.contains(f"^({'|'.join(_REVIEWS)})")
        return nothing, review.to_numpy()
    if use == "forbidden" and first_of(frame.header, ("conflict", *_OPINIONS)):
        return _conflicting(frame), nothing
    return (everything, nothing) if use == "forbidden" else (nothing, everything)


def _conflicting(frame: Frame) -> Bools:
    """Of preferences or bids only those that are a conflict: the others are opinions, not constraints."""
    found = marked_conflicts(frame)
    if name := first_of(frame.header, _OPINIONS):
        found |= bid_affinity(frame.text(name), BidMeaning()).conflict
    return found


def _from_matrix(path: str | Path, height: int, width: int, use: Use) -> Constraints:
    reader = read_sparse if str(path).lower().endswith(".npz") else read_matrix
    rows, columns, value, size = reader(path)
    if size != (height, width):
        raise TableError(
            f"{source_name(path)}: has {size[0]} rows and {size[1]} columns; "
            f"there are {height} entries and {width} reviewers"
        )
    pairs = np.column_stack([rows, columns])[value != 0]
    return Constraints(forbidden=pairs) if use == "forbidden" else Constraints(pinned=pairs)
