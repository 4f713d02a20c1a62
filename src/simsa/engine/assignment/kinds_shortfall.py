"""What kinds leave empty: who is missed, and the groups that cannot be satisfied within the limits of one family."""

from __future__ import annotations

from typing import Literal

import numpy as np

from simsa.engine.assignment.kinds import Family
from simsa.engine.assignment.kinds_transport import reached_by_exchanges
from simsa.engine.assignment.network import Network
from simsa.engine.assignment.problem import BoolArray, IntArray, Problem
from simsa.engine.assignment.result import Infeasibility, read_only


def missed_kinds(problem: Problem, entry: IntArray, reviewer: IntArray) -> IntArray:
    """(entry, group, missing) of the kinds of which an entry has too few."""
    found = [np.zeros((0, 3), dtype=np.int64)]
    entries = np.arange(problem.n_entries)
    for family, first in zip(problem.kinds.families, problem.kinds.first, strict=True) if problem.kinds else ():
        who, group, seats = family.seated(entry, reviewer, entries)
        missing = family.limits(who, group)[0] - seats
        found.append(np.column_stack([who, group + first, missing])[missing > 0])
    rows = np.concatenate(found)
    return rows[np.lexsort((rows[:, 1], rows[:, 0]))]


def reached_within_kinds(
    network: Network, family: Family, chosen: BoolArray, kind: Literal["coverage", "least"], missing: IntArray
) -> tuple[BoolArray, BoolArray]:
    """The entries and the reviewers that exchanges lead to from those in want."""
    back = kind == "least"
    reviewers = reached_by_exchanges(network, family, chosen, np.flatnonzero(missing), back=back)
    entries = np.zeros(network.problem.n_entries, dtype=np.bool_) if back else missing > 0
    touched = ~network.pinned & reviewers[network.reviewer] & (chosen | back)
    entries[network.entry[touched]] = True
    return entries, reviewers


def violator_within_kinds(
    network: Network, family: Family, kind: Literal["coverage", "least"], entries: IntArray, reviewers: IntArray
) -> Infeasibility:
    """Count what entries need, and can have of these reviewers and of all others; or reviewers, of their entries."""
    problem = network.problem
    coverage = kind == "coverage"
    ours, theirs = (np.zeros(n, dtype=np.bool_) for n in (problem.n_entries, problem.n_reviewers))
    ours[entries], theirs[reviewers] = True, True
    free = ~network.pinned & (ours[network.entry] if coverage else theirs[network.reviewer])
    inside = free & theirs[network.reviewer]
    bounded = free & ~inside if coverage else free
    filled, groups = _most_within(network, family, bounded, entries if coverage else np.unique(network.entry[free]))
    fixed = network.pinned & (ours[network.entry] if coverage else theirs[network.reviewer])
    offered = np.minimum(network.room, np.bincount(network.reviewer[inside], minlength=problem.n_reviewers))
    return Infeasibility(
        kind=kind,
        entries=read_only(entries if coverage else np.unique(network.entry[free])),
        reviewers=read_only(reviewers),
        needed=int(problem.coverage[entries].sum() if coverage else problem.least[reviewers].sum()),
        available=int(np.count_nonzero(fixed)) + filled + (int(offered[reviewers].sum()) if coverage else 0),
        groups=read_only(groups),
    )


def _most_within(network: Network, family: Family, pairs: BoolArray, entries: IntArray) -> tuple[int, IntArray]:
    """How many of these pairs the entries can have at most beside the pinned ones, and the groups in the way of more.

    Up the tree of groups: those who take seats that are kept for them come for nothing, others need seats more.
    """
    groups = family.n_groups
    pinned = network.pinned & np.isin(network.entry, entries)
    who, group, seats = _all_seated(network, family, pinned, pairs, entries)
    keys, least, most = who * (groups + 1) + group, *family.limits(who, group)[:2]
    most[group == groups] = network.problem.coverage[who[group == groups]]
    kept, room = np.maximum(least - seats, 0), most - np.maximum(least, seats)
    free, others = np.zeros(keys.size, dtype=np.int64), np.zeros(keys.size, dtype=np.int64)
    deepest = family.group[network.reviewer[pairs]]
    own = network.entry[pairs] * (groups + 1) + np.where(deepest < 0, groups, deepest)
    np.add.at(others, np.searchsorted(keys, own), 1)
    in_the_way = np.zeros(groups + 1, dtype=np.bool_)
    depth, parent = np.append(family.depth, 0), np.where(family.parent < 0, groups, family.parent)
    for level in range(int(depth.max()), -1, -1):
        here = np.flatnonzero(depth[group] == level)
        taken = np.minimum(others[here], kept[here])
        in_the_way[group[here[(others[here] < kept[here]) | (others[here] > kept[here] + room[here])]]] = True
        free[here] += taken
        others[here] = np.minimum(others[here] - taken, room[here])
        if level:
            above = np.searchsorted(keys, who[here] * (groups + 1) + parent[group[here]])
            np.add.at(free, above, free[here])
            np.add.at(others, above, others[here])
    top = group == groups
    return int((free + others)[top].sum()), np.flatnonzero(in_the_way[:groups])


def _all_seated(
    network: Network, family: Family, pinned: BoolArray, pairs: BoolArray, entries: IntArray
) -> tuple[IntArray, IntArray, IntArray]:
    """(entry, group, seats) with the pinned pairs alone, of all groups that the other pairs are of as well; sorted."""
    every = pinned | pairs
    who, group, _ = family.seated(network.entry[every], network.reviewer[every], entries)
    order = np.lexsort((group, who))
    who, group = who[order], group[order]
    seats = family.limits(who, group)[2].copy()
    entry_p, group_p, seats_p = family.seated(network.entry[pinned], network.reviewer[pinned], entries)
    keys = who * (family.n_groups + 1) + group
    seats[np.searchsorted(keys, entry_p * (family.n_groups + 1) + group_p)] = seats_p
    return who, group, seats
