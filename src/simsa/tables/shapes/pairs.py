"""Tables of pairs of entry and reviewer: affinities, the conflict register, assignments."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from simsa.engine.inputs import Entries, Reviewers
from simsa.tables.affinities import read_scores
from simsa.tables.sections import Conflict
from simsa.tables.sections import Pairs as Candidates
from simsa.tables.shapes.rows import Rows, read_whole
from simsa.tables.spreadsheets import number_text
from simsa.tables.table import Table

Pairs = tuple[NDArray[np.int64], NDArray[np.int64]]


def read_affinity(path: str | Path, entries: Entries, reviewers: Reviewers) -> tuple[Pairs, NDArray[np.float64]]:
    """Candidate pairs with their affinity, in any shape that `simsa.tables.affinities` knows.

    ((entry, reviewer) positions, values). RowsError as for the others; TableError for a file without any pair.
    """
    found = read_scores(path, entries=entries.ids, reviewers=reviewers.ids)
    return (found.entry, found.reviewer), found.value


def read_pairs(path: str | Path, entries: Entries, reviewers: Reviewers) -> Pairs:
    """(entry, reviewer) positions of a conflict register or an assignment. RowsError as for the others."""
    rows = Rows(read_whole(path))
    pairs = _pairs(rows, entries, reviewers)
    rows.done()
    return pairs


def read_slots(paths: Sequence[str | Path], entries: Entries) -> tuple[tuple[str, str], ...]:
    """(entry, reviewer) ids of the assignments in these files together, where the panel itself is not listed.

    RowsError as for the others, also for a pair that stands in two files.
    """
    seen: set[tuple[str, str]] = set()
    slots: list[tuple[str, str]] = []
    for path in paths:
        rows = Rows(read_whole(path))
        for n, (entry, reviewer) in enumerate(zip(rows.column("entry"), rows.column("reviewer"), strict=True)):
            rows.known(n, "entry", entry, entries.index)
            rows.name(n, "reviewer", reviewer, "every slot has a reviewer")
            if (entry, reviewer) in seen:
                rows.wrong(n, "reviewer", reviewer, f"stands twice beside entry {entry!r}", "one row for each slot")
            seen.add((entry, reviewer))
            slots.append((entry, reviewer))
        rows.done()
    return tuple(slots)


def affinity_table(affinity: Candidates, entries: Entries, reviewers: Reviewers) -> Table:
    """Candidate pairs with their affinity, in the shortest decimals that give the same numbers back."""
    rows = [
        [entries.ids[e], reviewers.ids[r], number_text(float(value))]
        for e, r, value in zip(affinity.entry, affinity.reviewer, affinity.value, strict=True)
    ]
    return Table.of(["entry", "reviewer", "affinity"], rows, "affinity")


def conflicts_table(conflicts: Sequence[Conflict], entries: Entries, reviewers: Reviewers) -> Table:
    """The conflict register: `entry`, `reviewer`, `reason`."""
    rows = [[entries.ids[one.entry], reviewers.ids[one.reviewer], one.reason] for one in conflicts]
    return Table.of(["entry", "reviewer", "reason"], rows, "conflicts")


def _pairs(rows: Rows, entries: Entries, reviewers: Reviewers) -> Pairs:
    found: list[tuple[int, int]] = []
    seen: set[tuple[str, str]] = set()
    for n, pair in enumerate(zip(rows.column("entry"), rows.column("reviewer"), strict=True)):
        entry, reviewer = pair
        known = rows.known(n, "entry", entry, entries.index)
        if rows.known(n, "reviewer", reviewer, reviewers.index) and known:
            found.append((entries.index[entry], reviewers.index[reviewer]))
        if pair in seen:
            rows.wrong(n, "reviewer", reviewer, f"stands twice beside entry {entry!r}", "one row for each pair")
        seen.add(pair)
    entry_at, reviewer_at = (np.array([pair[side] for pair in found], dtype=np.int64) for side in (0, 1))
    return entry_at, reviewer_at
