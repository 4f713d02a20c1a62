"""Panels that changed size: entries of one group that were scored by more or fewer reviewers than the others."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simsa.engine.diagnostics.discovery import Integers


@dataclass(frozen=True, eq=False)
class Sizes:
    """`size` (entries,): reviewers who gave a mark; `group` (entries,): positions; `usual` (groups,): the most frequent
    size of each group (the larger of two, -1 without entries). `adaptive`: more than usual is what the rules want."""

    size: Integers
    group: Integers
    usual: Integers
    adaptive: bool = False

    @property
    def changed(self) -> Integers:
        """Positions of the entries whose panel has another size than is usual in their group."""
        usual = self.usual[self.group]
        return np.flatnonzero(self.size < usual if self.adaptive else self.size != usual)

    @property
    def groups(self) -> Integers:
        """Positions of the groups with such entries."""
        return np.unique(self.group[self.changed])


def panel_sizes(entrant: Integers, n_entrants: int, group: Integers, first: int | None = None) -> Sizes:
    """Sizes from the sheets with a mark: `entrant` (n,); `group` (entries,).

    `first`: the reviewers of every entry in the first round, where the rules give some entries more.
    """
    size = np.bincount(entrant, minlength=n_entrants)
    usual = np.full(int(group.max(initial=-1)) + 1, -1, np.int64)
    for here in np.unique(group).tolist():
        counts = np.bincount(size[group == here])
        usual[here] = len(counts) - 1 - int(np.argmax(counts[::-1])) if first is None else first
    return Sizes(size, group, usual, first is not None)
