"""Stability: the official selection without each reviewer in turn, and which winners hang on a single one.

Every sheet of the reviewer is taken away, the entries that lose one are tallied anew by the same exact tally, and the
places are filled by the same order. Where the rules draw lots in the tie zone, it is the order before them.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from simsa.engine.inputs import Entries, InputError, Reported, Sheets
from simsa.engine.selection.order import Key, eligible, keys
from simsa.engine.tally import Tree
from simsa.rules import Rules

_ROWS = 2**19  # sheets that are tallied at a time


@dataclass(frozen=True)
class Swap:
    """Without `reviewer` (position) the entries in `leaves` lose their places in `group` to those in `enters`.

    All are positions; there may be more of the one than of the other where places stay empty.
    """

    reviewer: int
    group: str
    leaves: tuple[int, ...]
    enters: tuple[int, ...]


@dataclass(frozen=True)
class Stability:
    """Without which of the `reviewers` (how many there are) who would be selected; groups that stay are not there."""

    reviewers: int
    swaps: tuple[Swap, ...]
    method: str = "official tally without each reviewer in turn, exact"

    @cached_property
    def needs(self) -> dict[int, tuple[int, ...]]:
        """Per winner that hangs on a single reviewer: those reviewers."""
        return self._by_entry([(entry, swap.reviewer) for swap in self.swaps for entry in swap.leaves])

    @cached_property
    def hindered(self) -> dict[int, tuple[int, ...]]:
        """Per entry that would be selected without a single reviewer: those reviewers."""
        return self._by_entry([(entry, swap.reviewer) for swap in self.swaps for entry in swap.enters])

    def _by_entry(self, pairs: list[tuple[int, int]]) -> dict[int, tuple[int, ...]]:
        found: dict[int, list[int]] = {}
        for entry, reviewer in pairs:
            found.setdefault(entry, []).append(reviewer)
        return {entry: tuple(sorted(reviewers)) for entry, reviewers in sorted(found.items())}


def stability(
    rules: Rules, entries: Entries, sheets: Sheets, reported: Reported | None = None, *, seed: str | None = None
) -> Stability:
    """The selection without each reviewer. A lot that decides is drawn from `seed`, without one from the empty seed.

    The tally visits, for each sheet, the other sheets of its entry: s sheets on each of n entries cost n s (s - 1).
    Raises what `tally` raises.
    """
    entries.check(rules)
    sheets.check(rules, entries)
    swaps: list[Swap] = []
    for reviewers, cell, panels in _without(sheets, len(entries)):
        of = np.concatenate([np.arange(len(entries)), cell])
        tree = Tree(rules, entries, panels, reported or Reported(), of=of)
        done = tree.run(totals=False)
        groups = [entries.group[entry] for entry in of.tolist()]
        able = eligible(rules, groups, done.values).tolist()
        order = keys(rules, done, groups, seed)
        standing = [key if ok else None for key, ok in zip(order, able, strict=True)]
        swaps += _swaps(rules, entries, standing, cell, reviewers)
    return Stability(len(sheets.reviewers), tuple(sorted(swaps, key=lambda swap: (swap.reviewer, swap.group))))


def _without(sheets: Sheets, n: int) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64], Sheets]]:
    """In parts: per cell its reviewer and its entry, and the sheets of all cells.

    The first `n` cells are the entries as they are; then there is one for each sheet, the entry without that sheet.
    """
    by_entry = np.argsort(sheets.entry, kind="stable")
    count = np.bincount(sheets.entry, minlength=n)
    start = np.cumsum(count) - count
    todo = np.argsort(sheets.reviewer, kind="stable")
    ends = np.flatnonzero(np.diff(sheets.reviewer[todo], append=-1)) + 1  # a reviewer's cells belong together
    work = np.cumsum(count[sheets.entry[todo]])
    first = 0
    while first < len(todo):
        spent = work[first - 1] if first else 0
        fitting = ends[(ends > first) & (work[ends - 1] - spent <= _ROWS)]
        last = int(fitting[-1]) if len(fitting) else int(ends[ends > first][0])
        left_out = todo[first:last]
        entry = sheets.entry[left_out]
        size = count[entry]
        cell = np.repeat(np.arange(len(entry)), size)
        row = by_entry[np.repeat(start[entry], size) + np.arange(size.sum()) - np.repeat(np.cumsum(size) - size, size)]
        keep = row != left_out[cell]
        rows, cells = (
            np.concatenate([np.arange(len(sheets)), row[keep]]),
            np.concatenate([sheets.entry, n + cell[keep]]),
        )
        panels = replace(
            sheets, entry=cells, reviewer=sheets.reviewer[rows], mark=sheets.mark[rows], status=sheets.status[rows]
        )
        yield sheets.reviewer[left_out], entry, panels
        first = last


def _swaps(
    rules: Rules,
    entries: Entries,
    standing: Sequence[Key | None],
    cell: NDArray[np.int64],
    reviewers: NDArray[np.int64],
) -> Iterator[Swap]:
    """Who loses a place to whom, per reviewer and group. `standing`: the keys of the entries, then those of `cell`."""
    n = len(entries)
    orders: dict[str, tuple[int, list[int], list[Key]]] = {}
    for name in entries.groups:
        rule = rules.group(name)
        if rule is None:
            raise InputError(f"group {name!r} is not in the rules")
        members = [entry for entry in range(n) if entries.group[entry] == name]
        able = sorted((key, entry) for entry in members if (key := standing[entry]) is not None)
        orders[name] = rule.quota.places(len(members)), [entry for _, entry in able], [key for key, _ in able]
    changed: dict[tuple[int, str], list[tuple[int, Key | None]]] = {}
    for number, (entry, reviewer) in enumerate(zip(cell.tolist(), reviewers.tolist(), strict=True)):
        changed.setdefault((reviewer, entries.group[entry]), []).append((entry, standing[n + number]))
    positions = {name: {entry: at for at, entry in enumerate(order)} for name, (_, order, _) in orders.items()}
    for (reviewer, name), moved in changed.items():
        places, order, base = orders[name]
        leaves, enters = _moved(places, order, base, positions[name], moved)
        if leaves or enters:
            yield Swap(reviewer, name, tuple(sorted(leaves)), tuple(sorted(enters)))


def _moved(
    places: int,
    order: Sequence[int],
    base: Sequence[Key],
    position: dict[int, int],
    moved: Sequence[tuple[int, Key | None]],
) -> tuple[list[int], list[int]]:
    """Who leaves and who enters when some get another key (None: may not be selected); the others stay as in `base`.

    An entry's new place is counted: who stayed and stands before it, and who moved before it. Of those that stayed,
    only as many around the line as have moved can cross it.
    """
    gone = sorted(position[entry] for entry, _ in moved if entry in position)
    new = sorted((key, entry) for entry, key in moved if key is not None)
    new_keys = [key for key, _ in new]
    leaves, enters, chosen = [], [], set()
    for at, (key, entry) in enumerate(new):
        before = bisect_left(base, key)
        if before - bisect_left(gone, before) + at < places:
            chosen.add(entry)
    for entry, _ in moved:
        was = position.get(entry, places) < places
        if was and entry not in chosen:
            leaves.append(entry)
        elif entry in chosen and not was:
            enters.append(entry)
    reach = max(len(gone), len(new))
    out = set(gone)
    for at in range(max(0, places - reach), min(len(order), places + reach)):
        if at in out:
            continue
        stays = at - bisect_left(gone, at) + bisect_left(new_keys, base[at]) < places
        if at < places and not stays:
            leaves.append(order[at])
        elif at >= places and stays:
            enters.append(order[at])
    return leaves, enters
