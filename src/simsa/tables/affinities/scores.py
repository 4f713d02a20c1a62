"""Affinities in any of the shapes that people have, as arrays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import polars as pl

from simsa.tables.affinities.bids import BidMeaning, bid_affinity
from simsa.tables.affinities.matrices import MOST_PAIRS, read_matrix, read_sparse
from simsa.tables.affinities.shapes import SHAPES, Columns, file_shape, headerless, table_shape
from simsa.tables.frames import Bools, Floats, Frame, FrameChecks, Ints, first_of, read_frame
from simsa.tables.frames import source_name as name_of
from simsa.tables.table import TableError, has_control, tidy

NO_PAIRS = np.zeros((0, 2), np.int64)
_BID = "is not a bid"
_BID_HINT = "yes, maybe, no, conflict, a number from -100 to 100, or a word that --bid declares"


@dataclass(frozen=True)
class Scores:
    """Candidate pairs with their affinity, and which file says so.

    Attributes:
        source, shape: the file, and the name of its shape in `SHAPES`.
        entries, reviewers: ids, in the order in which the arrays count them.
        entry, reviewer, value: int64, int64, float64, shape (m,): the pairs and their affinity.
        forbidden: int64, shape (k, 2): pairs that the file itself calls a conflict.
        notes: what a reader of the result should know of how the file was read.
    """

    source: str
    shape: str
    entries: tuple[str, ...]
    reviewers: tuple[str, ...]
    entry: Ints
    reviewer: Ints
    value: Floats
    forbidden: Ints
    notes: tuple[str, ...] = ()

    @property
    def lists_opinions(self) -> bool:
        """Whether a pair that is not listed is one that nobody spoke of, not one that may not meet."""
        return self.shape in ("bids", "hotcrp")


def read_scores(
    path: str | Path,
    *,
    entries: Sequence[str] | None = None,
    reviewers: Sequence[str] | None = None,
    shape: str | None = None,
    meaning: BidMeaning | None = None,
) -> Scores:
    """Affinities from a file whose shape its content tells, unless `shape` names one of `SHAPES`.

    `entries`, `reviewers`: the ids there are; by default those of the file, in its order, and for a matrix without
    names e1, e2, ... and r1, r2, .... RowsError for an unknown or empty id, a pair that is there twice and what is no
    number; TableError for a file that cannot be read, has another shape or has no pair.
    """
    found = file_shape(path, b"" if str(path) == "-" else _start(path))
    if found or shape in ("matrix", "sparse"):
        scores = _unnamed(path, _agreed(path, shape, found), entries, reviewers)
    else:
        names_of = headerless if shape in (None, "openreview") else (lambda _row: None)
        scores = _from_table(read_frame(path, names_of), shape, entries, reviewers, meaning or BidMeaning())
    if not len(scores.value) and not len(scores.forbidden):
        raise TableError(f"{scores.source}: has no pair with an affinity; one row for each entry and reviewer")
    return scores


def read_bids(path: str | Path, entries: Sequence[str], reviewers: Sequence[str], meaning: BidMeaning) -> Scores:
    """Bids on known entries: `value` is what each adds to the affinity, `forbidden` the conflicts. Errors as above."""
    frame = read_frame(path)
    columns = table_shape(frame.source, frame.header, None)
    if columns is None or columns.shape not in ("bids", "hotcrp"):
        raise TableError(
            f"{frame.source}: has no bids (the columns are {', '.join(frame.header)}); a table of bids has entry, "
            "reviewer and bid, or HotCRP's paper, email and preference"
        )
    bids = replace(columns, shape="bids", value=first_of(frame.header, ("bid", "preference", "label")) or columns.value)
    return _pairs(frame, bids, entries, reviewers, meaning)


def with_bids(scores: Scores, bids: Scores) -> Scores:
    """The affinities with what the bids add. Bids on pairs that are no candidates do not count, and are counted."""
    width = len(scores.reviewers)
    keys = scores.entry * width + scores.reviewer
    order = np.argsort(keys, kind="stable")
    wanted = bids.entry * width + bids.reviewer
    at = np.searchsorted(keys[order], wanted)
    known = at < len(keys)
    known[known] = keys[order][at[known]] == wanted[known]
    value = scores.value.copy()
    value[order[at[known]]] += bids.value[known]
    notes = [*scores.notes, *(f"bids: {note}" for note in bids.notes)]
    idle = int((~known).sum())
    if idle:
        notes.append(f"{idle:,} bids are on pairs without an affinity and do not count (with --others 0 they would)")
    forbidden = np.concatenate([scores.forbidden, bids.forbidden])
    return replace(scores, value=value, forbidden=forbidden, notes=tuple(notes))


def with_others(scores: Scores, value: float) -> Scores:
    """The affinities with all other pairs as candidates too, at `value`. TableError if there are too many."""
    size = len(scores.entries) * len(scores.reviewers)
    if size > MOST_PAIRS:
        raise TableError(f"{scores.source}: all pairs would be {size:,}, more than {MOST_PAIRS:,}; leave --others out")
    matrix = np.full((len(scores.entries), len(scores.reviewers)), value)
    matrix[scores.entry, scores.reviewer] = scores.value
    entry, reviewer = np.indices(matrix.shape, dtype=np.int64).reshape(2, -1)
    return replace(scores, entry=entry, reviewer=reviewer, value=matrix.reshape(-1))


def _start(path: str | Path) -> bytes:
    try:
        with Path(path).open("rb") as file:
            return file.read(64)
    except FileNotFoundError:
        raise TableError(f"{name_of(path)}: there is no such file ({path})") from None
    except OSError as error:
        raise TableError(f"{name_of(path)}: cannot be read: {error.strerror or error}") from None


def _agreed(path: str | Path, shape: str | None, found: str | None) -> str:
    if shape is not None and found is not None and shape != found:
        raise TableError(f"{name_of(path)}: is {SHAPES[found]}, not {SHAPES[shape]}; leave --shape out")
    return found or shape or ""


def _unnamed(path: str | Path, shape: str, entries: Sequence[str] | None, reviewers: Sequence[str] | None) -> Scores:
    entry, reviewer, value, size = read_sparse(path) if shape == "sparse" else read_matrix(path)
    source = name_of(path)
    entry_ids = _matrix_ids(source, entries, size[0], "entries")
    reviewer_ids = _matrix_ids(source, reviewers, size[1], "reviewers")
    notes = () if entries and reviewers else ("entries are named e1, e2, ... and reviewers r1, r2, ... by position",)
    return Scores(source, shape, entry_ids, reviewer_ids, entry, reviewer, value, NO_PAIRS, notes)


def _matrix_ids(source: str, given: Sequence[str] | None, count: int, what: str) -> tuple[str, ...]:
    side = "rows" if what == "entries" else "columns"
    if given is None:
        return tuple(f"{what[0]}{n}" for n in range(1, count + 1))
    if len(given) != count:
        raise TableError(f"{source}: has {count} {side}, but --{what} lists {len(given)}; one for each, in their order")
    return tuple(given)


def _from_table(
    frame: Frame,
    shape: str | None,
    entries: Sequence[str] | None,
    reviewers: Sequence[str] | None,
    meaning: BidMeaning,
) -> Scores:
    columns = table_shape(frame.source, frame.header, shape)
    if columns is None:
        return _dense(frame, entries, reviewers)
    return _pairs(frame, _turned(frame, columns), entries, reviewers, meaning)


def _turned(frame: Frame, columns: Columns) -> Columns:
    """Edges lead from paper to profile, but some people write them the other way round: a profile begins with ~."""
    if columns.shape != "edges":
        return columns
    profiles = frame.text(columns.entry).str.starts_with("~").fill_null(value=False)
    if len(frame) and profiles.all():
        return replace(columns, entry=columns.reviewer, reviewer=columns.entry)
    return columns


def _pairs(
    frame: Frame,
    columns: Columns,
    entries: Sequence[str] | None,
    reviewers: Sequence[str] | None,
    meaning: BidMeaning,
) -> Scores:
    checks = FrameChecks(frame)
    entry_ids = tuple(entries) if entries is not None else frame.ids(columns.entry)
    reviewer_ids = tuple(reviewers) if reviewers is not None else frame.ids(columns.reviewer)
    entry, reviewer = (
        checks.ids(name, None if given is None else {key: n for n, key in enumerate(given)})
        for given, name in ((entries, columns.entry), (reviewers, columns.reviewer))
    )
    value, conflict, notes = _values(checks, columns, meaning)
    checks.distinct(entry, reviewer, (columns.entry, columns.reviewer))
    checks.done()
    pairs = np.column_stack([entry, reviewer])
    kept = ~conflict
    found = (entry[kept], reviewer[kept], value[kept], pairs[conflict])
    return Scores(frame.source, columns.shape, entry_ids, reviewer_ids, *found, notes)


def _values(checks: FrameChecks, columns: Columns, meaning: BidMeaning) -> tuple[Floats, Bools, tuple[str, ...]]:
    """The number of each row, whether it is a conflict, and notes."""
    if columns.shape == "bids":
        return _bid_values(checks, columns, meaning)
    if columns.shape == "hotcrp":
        return _preferences(checks)
    value = checks.finite(columns.value)
    return value, np.zeros(len(value), np.bool_), ()


def _bid_values(checks: FrameChecks, columns: Columns, meaning: BidMeaning) -> tuple[Floats, Bools, tuple[str, ...]]:
    found = bid_affinity(checks.frame.text(columns.value), meaning)
    checks.wrong(np.isnan(found.value), columns.value, _BID, _BID_HINT)
    conflict = found.conflict | marked_conflicts(checks.frame)
    return found.value, conflict, (meaning.described(found.used),) if found.used else ()


def _preferences(checks: FrameChecks) -> tuple[Floats, Bools, tuple[str, ...]]:
    """HotCRP's own way: the preference, or where there is none a hundredth of the topic score."""
    frame = checks.frame
    conflict = marked_conflicts(frame)
    value = np.zeros(len(frame))
    if name := first_of(frame.header, ("preference",)):
        points = bid_affinity(frame.text(name), BidMeaning(words={"conflict": None}, point=1.0))
        checks.wrong(np.isnan(points.value), name, "is not a preference", "a number from -100 to 100, or conflict")
        value, conflict = points.value, conflict | points.conflict
    notes: tuple[str, ...] = ()
    if name := first_of(frame.header, ("topic_score",)):
        topics = np.nan_to_num(checks.finite(name, may_be_empty=True))
        value = np.where(value == 0, topics / 100, value)
        notes = ("the affinity is HotCRP's preference, or where there is none a hundredth of the topic score",)
    return value, conflict, notes


def marked_conflicts(frame: Frame) -> Bools:
    """The rows that HotCRP marks as a conflict."""
    marked = np.zeros(len(frame), np.bool_)
    if name := first_of(frame.header, ("conflict",)):
        text = frame.text(name).str.strip_chars().str.to_lowercase()
        marked |= (~text.is_in(["", "no", "none"])).fill_null(value=False).to_numpy()
    if name := first_of(frame.header, ("notes",)):
        marked |= (frame.text(name).str.strip_chars() == "conflict").fill_null(value=False).to_numpy()
    return marked


def _dense(frame: Frame, entries: Sequence[str] | None, reviewers: Sequence[str] | None) -> Scores:
    first, *names = frame.header
    keys = [tidy(name) for name in names]
    _known_columns(frame, keys, reviewers)
    checks = FrameChecks(frame)
    row_at = checks.ids(first, None if entries is None else {key: n for n, key in enumerate(entries)})
    again = ~pl.Series(row_at).is_first_distinct().to_numpy() & (row_at >= 0)
    checks.wrong(again, first, "is there twice", "one row for each entry")
    values = np.full((len(frame), len(names)), np.nan)
    for n, name in enumerate(names):
        values[:, n] = checks.finite(name, may_be_empty=True)
    checks.done()
    reviewer_ids = tuple(keys if reviewers is None else reviewers)
    index = {key: n for n, key in enumerate(reviewer_ids)}
    column_at = np.array([index[key] for key in keys], np.int64)
    rows, columns = np.nonzero(~np.isnan(values))
    entry_ids = frame.ids(first) if entries is None else tuple(entries)
    found = (row_at[rows], column_at[columns], values[rows, columns], NO_PAIRS)
    return Scores(frame.source, "dense", entry_ids, reviewer_ids, *found)


def _known_columns(frame: Frame, keys: Sequence[str], reviewers: Sequence[str] | None) -> None:
    unseen = next((key for key in keys if has_control(key)), None)
    if unseen is not None:
        raise TableError(f"{frame.source}: the reviewer {unseen!r} in the header has a control character")
    known = set(keys if reviewers is None else reviewers)
    unknown = [key for key in keys if key not in known]
    if unknown:
        shown = ", ".join(unknown[:8]) + (", ..." if len(unknown) > 8 else "")
        raise TableError(f"{frame.source}: the header names {shown}, not among the reviewers that are known")
