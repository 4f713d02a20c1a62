"""The network: one tree of kinds per entry, pairs from its nodes to reviewers, and what pinned pairs leave to decide.

Only kinds whose limits can hold an entry back become nodes: one that asks for nobody and allows as many as the entry
needs, or as there are, is left out.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from simsa.engine.assignment.kinds import UNLIMITED, Kinds
from simsa.engine.assignment.problem import AssignmentError, BoolArray, IntArray, Problem, pair_places, refuse

Int32Array = NDArray[np.int32]


@dataclass(frozen=True, eq=False)
class Trees:
    """The free pairs by node, and the nodes of all entries' trees one after another, in preorder (see trees.h).

    Limits are counts of reviewers or entries, less the pinned pairs. `place` says which of the problem's pairs each is;
    `at`, `column_node` and `column_pair` list the pairs of each reviewer, their nodes and places among the free pairs.
    """

    place: IntArray
    node: Int32Array
    reviewer: Int32Array
    root: IntArray
    end: IntArray
    first: IntArray
    parent: IntArray
    least: IntArray
    most: IntArray
    at: IntArray
    column_node: Int32Array
    column_pair: Int32Array
    least_load: IntArray
    most_load: IntArray
    pinned: IntArray
    n_entries: int

    @property
    def need(self) -> IntArray:
        return self.most[self.root[:-1]]


@dataclass(frozen=True)
class _Order:
    """Kinds in preorder: the rank of each, and by rank the rank above (-1) and the first rank after its subtree."""

    rank: IntArray
    above: IntArray
    after: IntArray


def build_trees(problem: Problem, kinds: Kinds | None, cap: Fraction) -> Trees:
    """
    Raises:
        AssignmentError: kinds of another number of reviewers or entries; entries that no probabilities up to `cap` can
            give their coverage within the limits of kinds.
    """
    kinds = kinds or Kinds((), np.full(problem.n_reviewers, -1))
    _check_shapes(problem, kinds)
    place, pinned = _free_and_pinned(problem)
    order = _preorder(kinds.parent)
    of_reviewer = np.where(kinds.of_reviewer >= 0, order.rank[kinds.of_reviewer], -1) if order.rank.size else None
    own = np.full(place.size, -1) if of_reviewer is None else of_reviewer[problem.reviewer[place]]
    fixed = np.full(pinned.size, -1) if of_reviewer is None else of_reviewer[problem.reviewer[pinned]]
    need = problem.coverage - np.bincount(problem.entry[pinned], minlength=problem.n_entries)
    key, least, most = _nodes(problem, kinds, order, place, own, pinned, fixed, need)
    width = order.rank.size + 1
    entry, rank = key // width, key % width - 1
    after = np.where(rank < 0, order.rank.size, order.after[rank] if order.rank.size else 0)
    node = _owner(key, problem.entry[place], own, order.above, width)
    parent = np.where(
        rank < 0, -1, _owner(key, entry, np.append(order.above, -1)[np.maximum(rank, -1)], order.above, width)
    )
    by_node = np.argsort(node, kind="stable")
    place, node = place[by_node], node[by_node]
    column = np.argsort(problem.reviewer[place], kind="stable")
    taken = np.bincount(problem.reviewer[pinned], minlength=problem.n_reviewers)
    trees = Trees(
        place=place,
        node=node.astype(np.int32),
        reviewer=problem.reviewer[place].astype(np.int32),
        root=np.searchsorted(key, np.arange(problem.n_entries + 1) * width),
        end=np.searchsorted(key, entry * width + after + 1),
        first=np.searchsorted(node, np.arange(key.size + 1)),
        parent=parent,
        least=least,
        most=most,
        at=np.searchsorted(problem.reviewer[place][column], np.arange(problem.n_reviewers + 1)),
        column_node=node[column].astype(np.int32),
        column_pair=column.astype(np.int32),
        least_load=np.maximum(problem.least - taken, 0),
        most_load=problem.most - taken,
        pinned=pinned,
        n_entries=problem.n_entries,
    )
    _refuse_impossible(trees, cap)
    return trees


def _check_shapes(problem: Problem, kinds: Kinds) -> None:
    if kinds.of_reviewer.size != problem.n_reviewers:
        raise AssignmentError(f"kinds of {kinds.of_reviewer.size} reviewers, but there are {problem.n_reviewers}")
    for name, limits in (("least", kinds.least), ("most", kinds.most)):
        if limits.ndim == 2 and limits.shape[0] != problem.n_entries:
            raise AssignmentError(f"{name} of kinds for {limits.shape[0]} entries, but there are {problem.n_entries}")


def _free_and_pinned(problem: Problem) -> tuple[IntArray, IntArray]:
    """Which of the problem's pairs are to be decided, and which are pinned."""
    free = np.ones(problem.entry.size, dtype=np.bool_)
    forbidden = pair_places(problem.entry, problem.reviewer, problem.forbidden, problem.n_reviewers)
    pinned = pair_places(problem.entry, problem.reviewer, problem.pinned, problem.n_reviewers)
    free[forbidden[forbidden >= 0]] = False
    free[pinned] = False
    return np.flatnonzero(free), np.sort(pinned)


def _preorder(parent: IntArray) -> _Order:
    children: list[list[int]] = [[] for _ in range(parent.size + 1)]
    for kind, above in enumerate(parent.tolist()):
        children[above].append(kind)
    rank, after = np.zeros(parent.size, dtype=np.int64), np.zeros(parent.size, dtype=np.int64)
    visited, todo = 0, [(kind, False) for kind in reversed(children[-1])]
    while todo:
        kind, left = todo.pop()
        if left:
            after[rank[kind]] = visited
            continue
        rank[kind] = visited
        visited += 1
        todo.append((kind, True))
        todo.extend((child, False) for child in reversed(children[kind]))
    above = np.full(parent.size, -1)
    above[rank] = np.where(parent >= 0, rank[parent], -1)
    return _Order(rank, above, after)


def _counted(entry: IntArray, rank: IntArray, above: IntArray, width: int) -> tuple[IntArray, IntArray]:
    """The (entry, kind) that pairs are in, as keys entry * width + rank + 1, and how many are in each."""
    keys = []
    while True:
        within = rank >= 0
        if not within.any():
            break
        entry, rank = entry[within], rank[within]
        keys.append(entry * width + rank + 1)
        rank = above[rank]
    if not keys:
        return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
    unique, count = np.unique(np.concatenate(keys), return_counts=True)
    return unique, count


def _nodes(
    problem: Problem,
    kinds: Kinds,
    order: _Order,
    place: IntArray,
    own: IntArray,
    pinned: IntArray,
    fixed: IntArray,
    need: IntArray,
) -> tuple[IntArray, IntArray, IntArray]:
    """Keys of all nodes, entry * width + rank + 1 (rank -1 for the root), and their limits less the pinned pairs."""
    width = order.rank.size + 1
    key, count = _counted(problem.entry[place], own, order.above, width)
    done, held = _counted(problem.entry[pinned], fixed, order.above, width)
    asked = _asking(problem.n_entries, kinds.least, order, width)
    every = np.union1d(np.union1d(key, done), asked)
    free, kept = _spread(every, key, count), _spread(every, done, held)
    kind = np.argsort(order.rank)[every % width - 1] if every.size else every
    entry = every // width
    least = np.maximum(_limit(kinds.least, entry, kind) - kept, 0)
    most = _limit(kinds.most, entry, kind) - kept

    def describe(i: int) -> str:
        return f"entry {entry[i]}, kind {kind[i]}"

    refuse(most < 0, "more pinned pairs of a kind than the entry may have", describe)
    refuse(least > free, "fewer candidates of a kind than the entry must have", describe)
    binding = (least > 0) | (most < np.minimum(free, need[entry]))
    roots = np.arange(problem.n_entries) * width
    keys = np.concatenate([roots, every[binding]])
    rise = np.argsort(keys, kind="stable")
    low, high = np.concatenate([need, least[binding]]), np.concatenate([need, most[binding]])
    return keys[rise], low[rise], np.minimum(high, UNLIMITED)[rise]


def _asking(n_entries: int, least: IntArray, order: _Order, width: int) -> IntArray:
    """Keys of all (entry, kind) that ask for somebody: they need not have any candidates."""
    if least.ndim == 2:
        entry, kind = np.nonzero(least)
    else:
        asking = np.flatnonzero(least)
        entry, kind = np.repeat(np.arange(n_entries), asking.size), np.tile(asking, n_entries)
    keys: IntArray = np.sort(entry * width + order.rank[kind] + 1) if kind.size else np.zeros(0, dtype=np.int64)
    return keys


def _spread(every: IntArray, key: IntArray, count: IntArray) -> IntArray:
    spread = np.zeros(every.size, dtype=np.int64)
    spread[np.searchsorted(every, key)] = count
    return spread


def _limit(limits: IntArray, entry: IntArray, kind: IntArray) -> IntArray:
    chosen: IntArray = limits[entry, kind] if limits.ndim == 2 else limits[kind]
    return chosen


def _owner(key: IntArray, entry: IntArray, rank: IntArray, above: IntArray, width: int) -> IntArray:
    """The deepest node that a (entry, kind) is in: that of the kind or of one above, in the end the root."""
    rank = rank.copy()
    found = np.searchsorted(key, entry * width + rank + 1)
    while True:
        missing: BoolArray = rank >= 0
        missing[missing] = key[np.minimum(found[missing], key.size - 1)] != entry[missing] * width + rank[missing] + 1
        if not missing.any():
            return found
        rank[missing] = above[rank[missing]]
        found[missing] = np.searchsorted(key, entry[missing] * width + rank[missing] + 1)


def _refuse_impossible(trees: Trees, cap: Fraction) -> None:
    """Refuse entries that cannot have their coverage, whatever the reviewers' loads are."""
    fewest, largest = reachable(trees, cap)
    denominator, root = cap.denominator, trees.root[:-1]
    need = trees.need * denominator
    refuse(
        (largest[root] < need) | (fewest[root] > need),
        "coverage cannot be met by candidates within the cap and the limits of kinds",
        lambda i: (
            f"entry {i} needs {trees.need[i]} more and can have {fewest[root][i] / denominator:g} to "
            f"{largest[root][i] / denominator:g}"
        ),
    )


def reachable(trees: Trees, cap: Fraction) -> tuple[IntArray, IntArray]:
    """The least and the most that the pairs below each node can add up to, in units of the cap's denominator."""
    scale = cap.denominator
    fewest = np.zeros(trees.parent.size, dtype=np.int64)
    largest = np.diff(trees.first) * cap.numerator
    depth = np.zeros(trees.parent.size, dtype=np.int64)
    above = trees.parent
    while (above >= 0).any():
        depth += above >= 0
        above = np.where(above >= 0, trees.parent[above], -1)
    for level in range(int(depth.max(initial=0)), 0, -1):
        at = np.flatnonzero(depth == level)
        low, high = np.maximum(fewest[at], trees.least[at] * scale), np.minimum(largest[at], trees.most[at] * scale)
        entry = np.searchsorted(trees.root, at, side="right") - 1
        refuse(
            low > high,
            "limits of kinds that contradict each other, or the cap",
            lambda i, entry=entry: f"entry {entry[i]}",  # type: ignore[misc]
        )
        np.add.at(fewest, trees.parent[at], low)
        np.add.at(largest, trees.parent[at], high)
    return fewest, largest
