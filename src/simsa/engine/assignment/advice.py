"""Advice where the limits cannot all be met: a smallest reason for it, and the fewest changes that would mend it.

A group that cannot be satisfied may be as large as the whole; a core of it is one of which every member is needed for
the contradiction (a minimal Hall violator). One is found by halving: the shortest row of first members that cannot be
satisfied ends with a member of the core; when that one alone lacks one slot, what its residual paths reach is the one
and only core of the row, for it is the least of all minimum cuts (Ford and Fulkerson, "Flows in Networks", 1962).
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Literal, TypeAlias

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import breadth_first_order

from simsa.engine.assignment.network import Network, affinity_room, build_network, preferring
from simsa.engine.assignment.problem import BoolArray, IntArray, Problem, pair_keys, pair_places
from simsa.engine.assignment.result import Assignment, Infeasibility, read_only
from simsa.engine.assignment.shortfall import listed, unsatisfied, violator
from simsa.engine.assignment.solving import assign, solve
from simsa.engine.assignment.transport import transport

Kind = Literal["coverage", "least"]

_ROUNDS = 100
"""So many members of a core are made out one by one at most; see `Core.minimal`."""

_TRIED = 8
"""From so many that miss slots at most the search for a core starts; it goes on from where it is smallest."""


@dataclass(frozen=True, eq=False)
class Core:
    """A small part of a group that cannot be satisfied, and cannot be satisfied by itself.

    Attributes:
        reason: the entries (kind "coverage") or reviewers (kind "least") and all whom they can go to.
        minimal: whether it is proven that without any one of them the others can all be satisfied.
    """

    reason: Infeasibility
    minimal: bool


@dataclass(frozen=True, eq=False)
class MoreSlots:
    """Reviewers who would take more than their most load; none is asked who takes nobody now.

    Attributes:
        slots: int64, shape (k, 2): (reviewer, slots more).
        missing: slots and least loads that are still not met then.
        total: the largest total affinity then.
    """

    slots: IntArray
    missing: int
    total: Fraction

    @property
    def count(self) -> int:
        """Slots more, all together: no smaller number fills as many."""
        return int(self.slots[:, 1].sum())

    def applied(self, problem: Problem) -> Problem:
        return problem.changed(most=problem.most + _counts(self.slots, problem.n_reviewers))


@dataclass(frozen=True, eq=False)
class FewerSlots:
    """Entries that would do with less than their coverage.

    Attributes:
        slots: int64, shape (k, 2): (entry, slots given up).
        missing, total: as for `MoreSlots`.
    """

    slots: IntArray
    missing: int
    total: Fraction

    @property
    def count(self) -> int:
        """Slots given up, all together: no smaller number does."""
        return int(self.slots[:, 1].sum())

    def applied(self, problem: Problem) -> Problem:
        return problem.changed(coverage=problem.coverage - _counts(self.slots, problem.n_entries))


@dataclass(frozen=True, eq=False)
class LowerLeast:
    """Reviewers who would be content with less than their least load.

    Attributes:
        slots: int64, shape (k, 2): (reviewer, slots fewer).
        missing, total: as for `MoreSlots`.
    """

    slots: IntArray
    missing: int
    total: Fraction

    @property
    def count(self) -> int:
        """Slots fewer, all together: no smaller number does."""
        return int(self.slots[:, 1].sum())

    def applied(self, problem: Problem) -> Problem:
        return problem.changed(least=problem.least - _counts(self.slots, problem.n_reviewers))


@dataclass(frozen=True, eq=False)
class LiftConflicts:
    """Conflicts that would have to be no obstacle.

    Attributes:
        pairs: int64, shape (k, 2): (entry, reviewer) forbidden now. Without an affinity they count as 0.
        missing, total: as for `MoreSlots`.
    """

    pairs: IntArray
    missing: int
    total: Fraction

    @property
    def count(self) -> int:
        """Conflicts: no smaller number fills as many slots."""
        return len(self.pairs)

    def applied(self, problem: Problem) -> Problem:
        lifted = np.isin(pair_keys(problem.forbidden, 2**31), pair_keys(self.pairs, 2**31))
        return _with_affinities(problem, self.pairs).changed(forbidden=problem.forbidden[~lifted])


Fix: TypeAlias = MoreSlots | LiftConflicts | FewerSlots | LowerLeast


@dataclass(frozen=True, eq=False)
class Advice:
    """What to know, and what could be done, about an assignment that does not meet all limits.

    Attributes:
        cores: one for each of the assignment's groups (`Assignment.infeasibility`), in their order.
        fixes: what would help, each by itself: those first that leave least missing, then those with fewest changes.
    """

    cores: tuple[Core, ...]
    fixes: tuple[Fix, ...]


def advise(problem: Problem, assignment: Assignment) -> Advice:
    """Say why limits cannot all be met, as briefly as can be, and what would mend it. Nothing if they are met.

    Raises:
        AssignmentError: the assignment's scale does not fit the problem.
    """
    network = build_network(problem, assignment.scale)
    kinds: set[Kind] = {group.kind for group in assignment.infeasibility}
    sides = {kind: _Side.of(network, kind) for kind in kinds}
    fixes = [
        *_more_slots(network, assignment),
        *_lift_conflicts(network, assignment),
        *_less(problem, assignment),
    ]
    return Advice(
        cores=tuple(_core(network, sides[group.kind], group) for group in assignment.infeasibility),
        fixes=tuple(sorted(fixes, key=lambda fix: (fix.missing, fix.count))),
    )


# Cores


@dataclass(frozen=True, eq=False)
class _Side:
    """Those who want slots, and whom they can have them from, without the pinned pairs.

    Attributes:
        start: shape (wanting + 1,): where their pairs stand.
        far: int32, shape (pairs,): the other end, rising for each of them.
        wanted, room: slots of each on this side and on the other.
    """

    start: IntArray
    far: IntArray
    wanted: IntArray
    room: IntArray

    @classmethod
    def of(cls, network: Network, kind: Kind) -> _Side:
        problem, free = network.problem, ~network.pinned
        pinned = network.entry[network.pinned], network.reviewer[network.pinned]
        need = problem.coverage - np.bincount(pinned[0], minlength=problem.n_entries)
        load = np.bincount(pinned[1], minlength=problem.n_reviewers)
        near, far = network.entry[free], network.reviewer[free]
        wanted, room = need, problem.most - load
        if kind == "least":
            near, far, wanted, room = far, near, np.maximum(problem.least - load, 0), need
            order = np.argsort(near, kind="stable")
            near, far = near[order], far[order]
        return cls(np.searchsorted(near, np.arange(wanted.size + 1)), far, wanted, room)

    def part(self, members: IntArray) -> _Side:
        """Some members alone, numbered in the order given."""
        sizes = self.start[members + 1] - self.start[members]
        start = np.concatenate([[0], np.cumsum(sizes)])
        places = np.arange(start[-1]) + np.repeat(self.start[members] - start[:-1], sizes)
        return _Side(start, self.far[places], self.wanted[members], self.room)

    def filled(self) -> BoolArray:
        """Pairs that fill as many slots as can be; what is missing is missing from the last member, if it can be."""
        last = np.arange(self.far.size) >= self.start[-2]
        flow = transport(
            self.start,
            self.far.astype(np.int32),
            (~last).astype(np.int64),
            self.wanted,
            np.zeros_like(self.room),
            self.room,
            min(self.wanted.size, self.room.size) + 1,
        )
        return flow.taken > 0

    def lacking(self, taken: BoolArray) -> IntArray:
        """Slots that each member misses."""
        totals = np.concatenate([[0], np.cumsum(taken)])
        lacking: IntArray = self.wanted - (totals[self.start[1:]] - totals[self.start[:-1]])
        return lacking

    def reached(self, taken: BoolArray, member: int) -> IntArray:
        """The members that residual paths from one reach, it first, then the nearer before the further ones."""
        n = self.wanted.size
        near = np.repeat(np.arange(n), np.diff(self.start))
        tail, head = np.where(taken, self.far + n, near), np.where(taken, near, self.far + n)
        size = n + self.room.size
        graph = csr_array((np.ones(tail.size, dtype=np.int8), (tail, head)), shape=(size, size))
        order: IntArray = breadth_first_order(graph, member, directed=True, return_predecessors=False).astype(np.int64)
        return order[order < n]


def _core(network: Network, side: _Side, group: Infeasibility) -> Core:
    members = group.entries if group.kind == "coverage" else group.reviewers
    core, minimal = _shrunk(side, members)
    return Core(violator(network, group.kind, np.sort(core)), minimal)


def _shrunk(side: _Side, members: IntArray) -> tuple[IntArray, bool]:
    """A part of the members that cannot be satisfied, and whether it is proven minimal."""
    alone = _cannot_alone(side, members)
    if alone.size:
        return alone[:1], True
    members = _near_one(side, members)
    needed = members[:0]  # these are in every part of the members that cannot be satisfied, and stand first
    for _ in range(_ROUNDS):
        members = members[: _shortest(side, members, max(needed.size, 1))]
        if members.size == needed.size:
            return members, True
        part = side.part(members)
        taken = part.filled()
        last = members.size - 1
        members, needed = members[part.reached(taken, last)], np.append(needed, members[last])
        if part.lacking(taken)[last] == 1:
            return members, True
        members = np.concatenate([needed, members[~np.isin(members, needed)]])
    return members, False


def _near_one(side: _Side, members: IntArray) -> IntArray:
    """Those who compete with one of the members that miss slots, the nearest first."""
    part = side.part(members)
    taken = part.filled()
    lacking = np.flatnonzero(part.lacking(taken))
    parts = [part.reached(taken, int(member)) for member in lacking[:_TRIED]]
    return members[min(parts, key=len)]


def _cannot_alone(side: _Side, members: IntArray) -> IntArray:
    """Members with fewer candidates that have room than they want slots."""
    offers = np.concatenate([[0], np.cumsum(side.room[side.far] > 0)])
    offered = offers[side.start[members + 1]] - offers[side.start[members]]
    alone: IntArray = members[side.wanted[members] > offered]
    return alone


def _shortest(side: _Side, members: IntArray, low: int) -> int:
    """The length, at least `low`, of the shortest row of first members that cannot be satisfied; all of them cannot."""

    def cannot(length: int) -> bool:
        part = side.part(members[:length])
        return bool(part.lacking(part.filled()).any())

    high = low
    while high < members.size and not cannot(high):
        low, high = high + 1, min(2 * high, members.size)
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if cannot(middle) else (middle + 1, high)
    return high


# Fixes


def _more_slots(network: Network, assignment: Assignment) -> list[Fix]:
    """Solve for the entries that cannot be satisfied, with load limits that give way.

    A reviewer below the old limit misses a least load there, so that slots above it are used only where none is left
    below: of 2 x slots missing + slots above, which is what those penalties add up to, the least.
    """
    problem, missing = network.problem, _counts(assignment.short, network.problem.n_entries)
    if not missing.any():
        return []
    inside = np.zeros(problem.n_entries, dtype=np.bool_)
    inside[unsatisfied(network, _chosen(network, assignment), "coverage", missing)] = True
    pinned = inside[problem.pinned[:, 0]]
    taken = np.bincount(problem.pinned[~pinned, 1], minlength=problem.n_reviewers)
    own = inside[network.entry]
    offered = np.bincount(network.reviewer[own], minlength=problem.n_reviewers)
    limit = problem.most - taken
    part = Problem(
        problem.entry[inside[problem.entry]],
        problem.reviewer[inside[problem.entry]],
        problem.affinity[inside[problem.entry]],
        problem.n_entries,
        problem.n_reviewers,
        np.where(inside, problem.coverage, 0),
        least=np.minimum(limit, offered),
        most=np.where(problem.most > 0, np.maximum(limit, offered), 0),
        forbidden=problem.forbidden,
        pinned=problem.pinned[pinned],
    )
    solved = solve(build_network(part, assignment.scale), assignment.scale)
    slots = listed(np.maximum(solved.load - limit, 0))
    if not slots.size:
        return []
    mended = assign(MoreSlots(slots, 0, Fraction(0)).applied(problem), scale=assignment.scale)
    return [MoreSlots(read_only(slots), _missing(mended), mended.total)]


def _lift_conflicts(network: Network, assignment: Assignment) -> list[Fix]:
    """Solve with the conflicts of those who cannot be satisfied as pairs that are chosen only where slots need them."""
    conflicts = _telling(network, assignment)
    if not conflicts.size:
        return []
    problem, scale = network.problem, assignment.scale
    lifted = LiftConflicts(conflicts, 0, Fraction(0)).applied(problem)
    allowed = build_network(lifted, scale)
    places = pair_places(allowed.entry, allowed.reviewer, conflicts, problem.n_reviewers)
    among = np.zeros(allowed.entry.size, dtype=np.bool_)
    among[places] = True
    solved = solve(allowed, scale, objective=preferring(allowed, among, -1))
    pairs = np.column_stack([solved.entry, solved.reviewer])
    used = pairs[np.isin(pair_keys(pairs, problem.n_reviewers), pair_keys(conflicts, problem.n_reviewers))]
    if not used.size:
        return []
    mended = assign(LiftConflicts(used, 0, Fraction(0)).applied(problem), scale=scale)
    return [LiftConflicts(read_only(used), _missing(mended), mended.total)]


def _telling(network: Network, assignment: Assignment) -> IntArray:
    """Conflicts of entries or reviewers that cannot be satisfied, with affinities that the scale has room for."""
    problem, chosen = network.problem, _chosen(network, assignment)
    entries = np.zeros(problem.n_entries, dtype=np.bool_)
    reviewers = np.zeros(problem.n_reviewers, dtype=np.bool_)
    if assignment.short.size:
        entries[unsatisfied(network, chosen, "coverage", _counts(assignment.short, entries.size))] = True
    if assignment.under.size:
        reviewers[unsatisfied(network, chosen, "least", _counts(assignment.under, reviewers.size))] = True
    forbidden = problem.forbidden
    forbidden = forbidden[entries[forbidden[:, 0]] | reviewers[forbidden[:, 1]]]
    places = pair_places(problem.entry, problem.reviewer, forbidden, problem.n_reviewers)
    affinity = np.where(places < 0, 0, problem.affinity[places]) if problem.affinity.size else np.zeros(places.size)
    low, high = affinity_room(problem, assignment.scale)
    return forbidden[(low <= affinity) & (affinity <= high)]


def _less(problem: Problem, assignment: Assignment) -> list[Fix]:
    """To give up what is missing: the pairs stay as they are."""
    short, under = int(assignment.short[:, 1].sum()), int(assignment.under[:, 1].sum())
    fixes: list[Fix] = []
    if short:
        fixes.append(FewerSlots(assignment.short, under, assignment.total))
    if under:
        fixes.append(LowerLeast(assignment.under, short, assignment.total))
    return fixes


def _with_affinities(problem: Problem, pairs: IntArray) -> Problem:
    """The problem with pairs among its candidates, with no affinity if they have none."""
    new = pairs[pair_places(problem.entry, problem.reviewer, pairs, problem.n_reviewers) < 0]
    return problem.changed(
        entry=np.concatenate([problem.entry, new[:, 0]]),
        reviewer=np.concatenate([problem.reviewer, new[:, 1]]),
        affinity=np.concatenate([problem.affinity, np.zeros(len(new), dtype=problem.affinity.dtype)]),
    )


def _chosen(network: Network, assignment: Assignment) -> BoolArray:
    pairs = np.column_stack([assignment.entry, assignment.reviewer])
    places = pair_places(network.entry, network.reviewer, pairs, network.problem.n_reviewers)
    chosen = np.zeros(network.entry.size, dtype=np.bool_)
    chosen[places[places >= 0]] = True
    return chosen


def _counts(slots: IntArray, n: int) -> IntArray:
    """(number, slots) rows as one count for each of n."""
    counts = np.zeros(n, dtype=np.int64)
    counts[slots[:, 0]] = slots[:, 1]
    return counts


def _missing(assignment: Assignment) -> int:
    return int(assignment.short[:, 1].sum() + assignment.under[:, 1].sum())
