"""The groups of a family, under each entry, as far as they matter: a forest whose roots are the entries.

Only groups whose limits can hold an entry back become nodes: one that asks for nobody and allows as many as the entry
needs, or as there are, is left out.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simsa.engine.assignment.kinds import UNLIMITED, Family, Kinds
from simsa.engine.assignment.problem import NAMED, AssignmentError, BoolArray, IntArray, Problem, UnmetError


@dataclass(frozen=True, eq=False)
class Groups:
    """Groups in preorder: the rank of each, and by rank the rank above (-1) and the first rank after its subtree."""

    family: Family
    rank: IntArray
    above: IntArray
    after: IntArray

    @property
    def width(self) -> int:
        """How many nodes an entry can have: itself and all groups."""
        return self.rank.size + 1

    def of(self, reviewer: IntArray) -> IntArray:
        """The rank of each reviewer's deepest group, -1 for none."""
        group = self.family.group[reviewer]
        rank: IntArray = np.where(group >= 0, np.append(self.rank, -1)[group], -1)
        return rank


@dataclass(frozen=True, eq=False)
class Nodes:
    """All nodes by rising key, entry * width + rank + 1 (rank -1 for the entry), and their limits less pinned pairs."""

    groups: Groups
    key: IntArray
    least: IntArray
    most: IntArray

    @property
    def entry(self) -> IntArray:
        return self.key // self.groups.width

    @property
    def rank(self) -> IntArray:
        return self.key % self.groups.width - 1

    @property
    def group(self) -> IntArray:
        """The group that each node is, -1 for an entry."""
        group: IntArray = np.append(np.argsort(self.groups.rank), -1)[self.rank]
        return group

    @property
    def parent(self) -> IntArray:
        """The node above each, -1 for an entry."""
        inner = self.rank >= 0
        parent = np.full(self.key.size, -1)
        parent[inner] = self.owner(self.entry[inner], self.groups.above[self.rank[inner]])
        return parent

    @property
    def end(self) -> IntArray:
        """The first node that is not within each."""
        after = np.append(self.groups.after, self.groups.rank.size)[self.rank]
        end: IntArray = np.searchsorted(self.key, self.entry * self.groups.width + after + 1)
        return end

    def owner(self, entry: IntArray, rank: IntArray) -> IntArray:
        """The deepest node that an (entry, group) is in: its own or that of a group above, in the end the entry."""
        key, width, rank = self.key, self.groups.width, rank.copy()
        found = np.searchsorted(key, entry * width + rank + 1)
        while True:
            left: BoolArray = rank >= 0
            left[left] = key[np.minimum(found[left], key.size - 1)] != entry[left] * width + rank[left] + 1
            if not left.any():
                return found
            rank[left] = self.groups.above[rank[left]]
            found[left] = np.searchsorted(key, entry[left] * width + rank[left] + 1)


def groups_of(problem: Problem) -> Groups:
    """
    Raises:
        AssignmentError: kinds that cross.
    """
    kinds = problem.kinds or Kinds(np.full(problem.n_reviewers, -1))
    if len(kinds.families) > 1:
        raise AssignmentError(
            f"probabilities cannot be drawn within kinds that cross ({kinds.crossing}): leave one of them out, or ask "
            "for one within each group of the other, which nests"
        )
    return _preorder(kinds.families[0])


def _preorder(family: Family) -> Groups:
    parent = family.parent
    children: list[list[int]] = [[] for _ in range(parent.size + 1)]
    for group, above in enumerate(parent.tolist()):
        children[above].append(group)
    rank, after = np.zeros(parent.size, dtype=np.int64), np.zeros(parent.size, dtype=np.int64)
    visited, todo = 0, [(group, False) for group in reversed(children[-1])]
    while todo:
        group, left = todo.pop()
        if left:
            after[rank[group]] = visited
            continue
        rank[group] = visited
        visited += 1
        todo.append((group, True))
        todo.extend((child, False) for child in reversed(children[group]))
    above = np.full(parent.size, -1)
    above[rank] = np.where(parent >= 0, np.append(rank, -1)[parent], -1)
    return Groups(family, rank, above, after)


def grow(problem: Problem, groups: Groups, place: IntArray, pinned: IntArray, need: IntArray) -> Nodes:
    """The nodes, of entries that still `need` so many among the pairs at `place` beside those `pinned`.

    Raises:
        UnmetError: fewer candidates of a group than an entry must have.
    """
    family, width = groups.family, groups.width
    key, count = _counted(groups, problem.entry[place], groups.of(problem.reviewer[place]))
    done, held = _counted(groups, problem.entry[pinned], groups.of(problem.reviewer[pinned]))
    every = np.union1d(np.union1d(key, done), _asking(problem.n_entries, groups))
    free, kept = _spread(every, key, count), _spread(every, done, held)
    entry, group = every // width, np.append(np.argsort(groups.rank), -1)[every % width - 1]
    least, most, _ = family.limits(entry, group)
    least, most = np.maximum(least - kept, 0), most - kept
    lacking = np.flatnonzero(least > free)
    if lacking.size:
        named = "; ".join(
            f"entry {entry[i]}, {family.names[group[i]]}: {free[i]}, at least {least[i]}" for i in lacking[:NAMED]
        )
        more = f" and {lacking.size - NAMED} more" if lacking.size > NAMED else ""
        what = "fewer candidates of a kind than the entry must have"
        raise UnmetError(f"{what}: {named}{more}", np.unique(entry[lacking]))
    binding = (least > 0) | (most < np.minimum(free, need[entry]))
    keys = np.concatenate([np.arange(problem.n_entries) * width, every[binding]])
    rise = np.argsort(keys, kind="stable")
    low, high = np.concatenate([need, least[binding]]), np.concatenate([need, most[binding]])
    return Nodes(groups, keys[rise], low[rise], np.minimum(high, UNLIMITED)[rise])


def _counted(groups: Groups, entry: IntArray, rank: IntArray) -> tuple[IntArray, IntArray]:
    """Keys of the (entry, group) that pairs are in, and how many are in each."""
    keys = [np.zeros(0, dtype=np.int64)]
    while (within := rank >= 0).any():
        entry, rank = entry[within], rank[within]
        keys.append(entry * groups.width + rank + 1)
        rank = groups.above[rank]
    return np.unique(np.concatenate(keys), return_counts=True)


def _asking(n_entries: int, groups: Groups) -> IntArray:
    """Keys of all (entry, group) that ask for somebody: they need not have any candidates."""
    least = groups.family.least
    if least.ndim == 2:
        entry, group = np.nonzero(least)
    else:
        asking = np.flatnonzero(least)
        entry, group = np.repeat(np.arange(n_entries), asking.size), np.tile(asking, n_entries)
    keys: IntArray = np.sort(entry * groups.width + groups.rank[group] + 1)
    return keys


def _spread(every: IntArray, key: IntArray, count: IntArray) -> IntArray:
    spread = np.zeros(every.size, dtype=np.int64)
    spread[np.searchsorted(every, key)] = count
    return spread
