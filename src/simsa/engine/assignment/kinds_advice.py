"""Advice about kinds: minimal cores within their limits, and the fewest limits to relax.

Whether some entries (or reviewers) can be satisfied within kinds a solution of their part of the problem says, and if
some can, so can fewer. That is all that QuickXplain (Junker, "QuickXplain: preferred explanations and relaxations for
over-constrained problems", 2004) needs to find a core of which no member can be left out.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal

import numpy as np

from simsa.engine.assignment.kinds import Family
from simsa.engine.assignment.kinds_shortfall import reached_within_kinds
from simsa.engine.assignment.kinds_transport import choose_pairs_of_kinds
from simsa.engine.assignment.network import Network, build_network, longest_exchange
from simsa.engine.assignment.problem import BoolArray, IntArray, Problem
from simsa.engine.assignment.shortfall import shortfalls
from simsa.engine.assignment.transport import choose_pairs

_WORK = 3 * 10**7
"""So many pairs, entries and reviewers are looked at most, over all parts that are solved, before a core is given as it
is."""

_MOST_PAIRS = 60_000
"""Of so many pairs at most the integer programme chooses; of more, those near what would change."""

_MOST_LIMITS = 2 * 10**7
"""Limits of kinds for each entry are made up to so many (entries x groups)."""


# Cores


@dataclass(eq=False)
class Search:
    """A search for a core within one family of kinds, and the work that it may still do."""

    network: Network
    family: Family
    kind: Literal["coverage", "least"]
    left: int = _WORK

    def core(self, members: IntArray, lacking: IntArray) -> tuple[IntArray, IntArray, bool]:
        """Members that cannot be satisfied, those on the other side, and whether no member can be left out.

        Args:
            members: in the order in which they are wanted in the core.
            lacking: members of which each may be a core by itself.
        """
        alone = [who for who in lacking if self._unmet(np.array([who]))]
        core = np.array(alone[:1], dtype=np.int64) if alone else np.sort(self._shrunk(members[:0], members))
        return core, self._others(core), self.left > 0

    def _shrunk(self, background: IntArray, members: IntArray) -> IntArray:
        """The fewest of these members that cannot be satisfied beside the background, which can."""
        if members.size == 1:
            return members
        half = members.size // 2
        later = self._needed(background, members[:half], members[half:])
        return np.concatenate([self._needed(background, later, members[:half]), later])

    def _needed(self, background: IntArray, more: IntArray, members: IntArray) -> IntArray:
        background = np.concatenate([background, more])
        if more.size and self.left > 0 and self._unmet(background):
            return members[:0]
        return self._shrunk(background, members) if self.left > 0 else members

    def _unmet(self, members: IntArray) -> bool:
        return bool(self._solved(np.sort(members))[2].any())

    def _others(self, core: IntArray) -> IntArray:
        """The reviewers that entries of a core can come to by exchanges within it."""
        if self.kind == "least":
            return core[:0]
        part, chosen, missing = self._solved(core)
        (family,) = part.problem.kinds.families if part.problem.kinds else (self.family,)
        return np.flatnonzero(reached_within_kinds(part, family, chosen, "coverage", missing)[1])

    def _solved(self, members: IntArray) -> tuple[Network, BoolArray, IntArray]:
        """The part of the problem that these members are, the pairs that fill most of it, and what they then miss."""
        part = self._entries(members) if self.kind == "coverage" else self._reviewers(members)
        self.left -= part.entry.size + part.n_entries + part.n_reviewers
        network = build_network(part, 1)
        assert part.kinds is not None
        chosen, _ = choose_pairs_of_kinds(network, part.kinds.families[0], network.units)
        short, under = shortfalls(part, network.entry[chosen], network.reviewer[chosen])
        return network, chosen, short if self.kind == "coverage" else under

    @cached_property
    def _of_entries(self) -> IntArray:
        """Where the pairs of each entry begin: what a part costs must not depend on the size of the whole."""
        return np.searchsorted(self.network.entry, np.arange(self.network.problem.n_entries + 1))

    @cached_property
    def _of_reviewers(self) -> tuple[IntArray, IntArray, IntArray]:
        """The pairs by reviewer, where those of each begin, and the pinned ones."""
        network = self.network
        order = np.argsort(network.reviewer, kind="stable")
        start = np.searchsorted(network.reviewer[order], np.arange(network.problem.n_reviewers + 1))
        return order, start, np.flatnonzero(network.pinned)

    def _entries(self, entries: IntArray) -> Problem:
        """These entries alone, with what the pinned pairs of others leave of the loads. They have the next numbers."""
        problem, network = self.network.problem, self.network
        own, pinned = _ranges(self._of_entries, entries), np.isin(problem.pinned[:, 0], entries)
        elsewhere = np.bincount(problem.pinned[~pinned, 1], minlength=problem.n_reviewers)
        number = np.searchsorted(entries, problem.pinned[pinned, 0])
        assert problem.kinds is not None
        return Problem(
            np.searchsorted(entries, network.entry[own]),
            network.reviewer[own],
            np.zeros(own.size, dtype=np.int64),
            entries.size,
            problem.n_reviewers,
            problem.coverage[entries],
            most=problem.most - elsewhere,
            pinned=np.column_stack([number, problem.pinned[pinned, 1]]),
            kinds=problem.kinds.for_entries(entries),
        )

    def _reviewers(self, reviewers: IntArray) -> Problem:
        """These reviewers alone, beside the pinned pairs of others."""
        problem, network = self.network.problem, self.network
        own = np.zeros(problem.n_reviewers, dtype=np.bool_)
        own[reviewers] = True
        order, start, fixed = self._of_reviewers
        pairs = np.union1d(order[_ranges(start, reviewers)], fixed)
        pinned = np.bincount(problem.pinned[:, 1], minlength=problem.n_reviewers)
        return Problem(
            network.entry[pairs],
            network.reviewer[pairs],
            np.zeros(pairs.size, dtype=np.int64),
            problem.n_entries,
            problem.n_reviewers,
            problem.coverage,
            least=np.where(own, problem.least, 0),
            most=np.where(own, problem.most, pinned),
            pinned=problem.pinned,
            kinds=problem.kinds,
        )


def _ranges(start: IntArray, members: IntArray) -> IntArray:
    """start[i], ..., start[i + 1] - 1 of each member, one after the other."""
    size = start[members + 1] - start[members]
    skipped = start[members] - np.cumsum(size) + size
    return np.repeat(skipped, size) + np.arange(int(size.sum()))


# Limits that give way


def room_for_limits(problem: Problem) -> bool:
    """Whether each entry can be given limits of its own."""
    kinds = problem.kinds
    return kinds is not None and problem.n_entries * len(kinds.names) <= _MOST_LIMITS


def unmet_least(problem: Problem, entry: IntArray, reviewer: IntArray) -> IntArray:
    """(entry, group, reviewers fewer than there must be), seats kept for them not counted."""
    kinds, found = problem.kinds, [np.zeros((0, 3), dtype=np.int64)]
    for family, first in zip(kinds.families, kinds.first, strict=True) if kinds else ():
        who, group, count = _counted(family, entry, reviewer, problem.n_entries)
        fewer = family.limits(who, group)[0] - count
        found.append(np.column_stack([who, group + first, fewer])[fewer > 0])
    return _sorted(np.concatenate(found))


def fewest_relaxed(network: Network, chosen: BoolArray) -> tuple[IntArray, IntArray, bool]:
    """The fewest limits of kinds to relax so that no more is missing than without kinds.

    An integer programme finds them (HiGHS: Huangfu and Hall 2018), and proves their number if it may choose among all
    pairs.

    Returns:
        (entry, group, reviewers fewer) of least and (entry, group, reviewers more) of most limits, as numbered in
        results; whether no fewer will do.
    """
    from simsa.engine.assignment.programme import Programme  # noqa: PLC0415 (it loads an optimiser)

    kinds = network.problem.kinds
    assert kinds is not None
    free = _without_kinds(network, chosen)
    missing = sum(int(part.sum()) for part in shortfalls(network.problem, network.entry[free], network.reviewer[free]))
    among, fixed = np.ones_like(chosen), network.pinned
    if among.size > _MOST_PAIRS:
        moved = np.zeros(network.problem.n_entries, dtype=np.bool_)
        moved[network.entry[chosen != free]] = True
        among, fixed = moved[network.entry] | free, network.pinned | (free & ~moved[network.entry])
    if np.count_nonzero(among) > _MOST_PAIRS:
        among = fixed = free
    lowered, raised, proven = Programme(network, kinds, among, fixed, loose=True).relaxed(missing)
    return lowered, raised, proven and bool(among.all())


def _without_kinds(network: Network, chosen: BoolArray) -> BoolArray:
    """Pairs that miss as little as without kinds, and as many as can be of those chosen."""
    plain = network.problem.changed(kinds=None)
    same = replace(network, problem=plain, units=chosen.astype(np.int64), penalty=longest_exchange(plain) + 1)
    return choose_pairs(same, None)[0]


def _counted(
    family: Family, entry: IntArray, reviewer: IntArray, n_entries: int
) -> tuple[IntArray, IntArray, IntArray]:
    """(entry, group, reviewers) of all groups of which anybody is there or must be."""
    kept = family.kept
    who, group = np.repeat(np.arange(n_entries), kept.size), np.tile(kept, n_entries)
    keys = [who * family.n_groups + group]
    counted = [np.zeros(who.size, dtype=np.int64)]
    group = family.group[reviewer]
    while group.size:
        entry, group = entry[group >= 0], group[group >= 0]
        keys.append(entry * family.n_groups + group)
        counted.append(np.ones(group.size, dtype=np.int64))
        group = family.parent[group]
    key, inverse = np.unique(np.concatenate(keys), return_inverse=True)
    count = np.zeros(key.size, dtype=np.int64)
    np.add.at(count, inverse, np.concatenate(counted))
    return key // max(family.n_groups, 1), key % max(family.n_groups, 1), count


def _sorted(rows: IntArray) -> IntArray:
    return rows[np.lexsort((rows[:, 1], rows[:, 0]))]
