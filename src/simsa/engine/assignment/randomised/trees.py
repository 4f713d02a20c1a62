"""The network: a tree of kinds per entry, pairs from its nodes to reviewers, and what pinned pairs leave to decide."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from simsa.engine.assignment.problem import NAMED, IntArray, Problem, UnmetError, pair_places
from simsa.engine.assignment.randomised.forests import Nodes, groups_of, grow

Int32Array = NDArray[np.int32]


@dataclass(frozen=True, eq=False)
class Trees:
    """The free pairs by node, and the nodes of all entries' trees one after another, in preorder (see trees.h).

    Limits are counts of reviewers or entries, less the pinned pairs. `place` says which of the problem's pairs each is,
    `entry` and `group` (-1: the entry itself) which node each is; `at`, `column_node` and `column_pair` list the pairs
    of each reviewer, their nodes and places among the free pairs.
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
    entry: IntArray
    group: IntArray

    @property
    def need(self) -> IntArray:
        return self.most[self.root[:-1]]


def build_trees(problem: Problem, cap: Fraction) -> Trees:
    """
    Raises:
        AssignmentError: kinds that cross.
        UnmetError: entries that no probabilities up to `cap` can give their coverage within the limits of kinds.
    """
    groups = groups_of(problem)
    place, pinned = _free_and_pinned(problem)
    need = problem.coverage - np.bincount(problem.entry[pinned], minlength=problem.n_entries)
    nodes = grow(problem, groups, place, pinned, need)
    trees = _hang(problem, nodes, place, pinned)
    _refuse_impossible(trees, cap)
    return trees


def _hang(problem: Problem, nodes: Nodes, place: IntArray, pinned: IntArray) -> Trees:
    """The pairs by node, in the order of their entries and then of kinds, and by reviewer."""
    node = nodes.owner(problem.entry[place], nodes.groups.of(problem.reviewer[place]))
    by_node = np.argsort(node, kind="stable")
    place, node = place[by_node], node[by_node]
    reviewer = problem.reviewer[place]
    column = np.argsort(reviewer, kind="stable")
    taken = np.bincount(problem.reviewer[pinned], minlength=problem.n_reviewers)
    return Trees(
        place=place,
        node=node.astype(np.int32),
        reviewer=reviewer.astype(np.int32),
        root=np.searchsorted(nodes.key, np.arange(problem.n_entries + 1) * nodes.groups.width),
        end=nodes.end,
        first=np.searchsorted(node, np.arange(nodes.key.size + 1)),
        parent=nodes.parent,
        least=nodes.least,
        most=nodes.most,
        at=np.searchsorted(reviewer[column], np.arange(problem.n_reviewers + 1)),
        column_node=node[column].astype(np.int32),
        column_pair=column.astype(np.int32),
        least_load=np.maximum(problem.least - taken, 0),
        most_load=problem.most - taken,
        pinned=pinned,
        n_entries=problem.n_entries,
        entry=nodes.entry,
        group=nodes.group,
    )


def _free_and_pinned(problem: Problem) -> tuple[IntArray, IntArray]:
    """Which of the problem's pairs are to be decided, and which are pinned."""
    free = np.ones(problem.entry.size, dtype=np.bool_)
    forbidden = pair_places(problem.entry, problem.reviewer, problem.forbidden, problem.n_reviewers)
    pinned = pair_places(problem.entry, problem.reviewer, problem.pinned, problem.n_reviewers)
    free[forbidden[forbidden >= 0]] = False
    free[pinned] = False
    return np.flatnonzero(free), np.sort(pinned)


def _refuse_impossible(trees: Trees, cap: Fraction) -> None:
    """Refuse entries that cannot have their coverage, whatever the reviewers' loads are."""
    fewest, largest = reachable(trees, cap)
    denominator, root = cap.denominator, trees.root[:-1]
    need = trees.need * denominator
    impossible = np.flatnonzero((largest[root] < need) | (fewest[root] > need))
    if impossible.size:
        named = "; ".join(
            f"entry {i} needs {trees.need[i]} more and can have {fewest[root][i] / denominator:g} to "
            f"{largest[root][i] / denominator:g}"
            for i in impossible[:NAMED]
        )
        more = f" and {impossible.size - NAMED} more" if impossible.size > NAMED else ""
        what = "coverage cannot be met by candidates within the cap and the limits of kinds"
        raise UnmetError(f"{what}: {named}{more}", impossible)


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
        if (low > high).any():
            against = np.unique(entry[low > high])
            named = ", ".join(map(str, against[:NAMED]))
            raise UnmetError(f"limits of kinds that contradict each other, or the cap: entry {named}", against)
        np.add.at(fewest, trees.parent[at], low)
        np.add.at(largest, trees.parent[at], high)
    return fewest, largest
