"""Advice where the limits cannot all be met: a smallest reason for it, and the fewest changes that would mend it.

A group that cannot be satisfied may be as large as the whole; a core of it is one of which every member is needed for
the contradiction (a minimal Hall violator: Hall, 1935). See core.c, and with kinds `kinds_advice`, for how one is found
and proven. Fixes are solutions of the problem with limits that give way at a price: no smaller number of changes of
their kind does as much. Where kinds cross, no cores are known, and fixes are the best that were found.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Literal, TypeAlias

import numpy as np

from simsa.engine import native
from simsa.engine.assignment.kinds import Family
from simsa.engine.assignment.kinds_advice import Search, fewest_relaxed, room_for_limits, unmet_least
from simsa.engine.assignment.network import (
    Network,
    affinity_room,
    build_network,
    chosen_pairs,
    has_room_to_prefer,
    preferring,
)
from simsa.engine.assignment.problem import BoolArray, IntArray, Problem, pair_keys, pair_places
from simsa.engine.assignment.result import Assignment, Infeasibility, read_only
from simsa.engine.assignment.shortfall import listed, unsatisfied, violator
from simsa.engine.assignment.solving import Progress, assign, solve

Kind = Literal["coverage", "least"]

_NONE = np.zeros((0, 3), dtype=np.int64)

_WORK = 10**9
"""So many pairs are looked at most before a core is given as it is; see `Core.minimal`."""

_TRIED = 8
"""From so many that miss slots at most the search for a core may start; it does where fewest compete."""


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
class _Slots:
    """Slots by which limits would give way.

    Attributes:
        slots: int64, shape (k, 2): (who, slots).
        missing: slots and least loads that are still not met then.
        total: the largest total affinity then.
        fewest: whether it is proven that no smaller number does as much. Without kinds that cross it always is.
    """

    slots: IntArray
    missing: int
    total: Fraction
    fewest: bool = True

    @property
    def count(self) -> int:
        """Slots, all together."""
        return int(self.slots[:, 1].sum())


class MoreSlots(_Slots):
    """Reviewers who would take so many more than their most load; none is asked who takes nobody now."""

    def applied(self, problem: Problem) -> Problem:
        return problem.changed(most=problem.most + _counts(self.slots, problem.n_reviewers))


@dataclass(frozen=True, eq=False)
class FewerSlots(_Slots):
    """Entries that would do with so many fewer than their coverage.

    Attributes:
        kinds: int64, shape (k, 3): (entry, group, reviewers) of the kinds of which they would do with so many fewer,
            because the empty slots are kept for them.
    """

    kinds: IntArray = field(default_factory=_NONE.copy)

    def applied(self, problem: Problem) -> Problem:
        coverage = problem.coverage - _counts(self.slots, problem.n_entries)
        if problem.kinds is None or not self.kinds.size:
            return problem.changed(coverage=coverage)
        return problem.changed(coverage=coverage, kinds=problem.kinds.relaxed(problem.n_entries, self.kinds, _NONE))


class LowerLeast(_Slots):
    """Reviewers who would be content with so many fewer than their least load."""

    def applied(self, problem: Problem) -> Problem:
        return problem.changed(least=problem.least - _counts(self.slots, problem.n_reviewers))


@dataclass(frozen=True, eq=False)
class LiftConflicts:
    """Conflicts that would have to be no obstacle.

    Attributes:
        pairs: int64, shape (k, 2): (entry, reviewer) forbidden now. Without an affinity they count as 0.
        missing, total, fewest: as for `MoreSlots`.
    """

    pairs: IntArray
    missing: int
    total: Fraction
    fewest: bool = True

    @property
    def count(self) -> int:
        """Conflicts, all together."""
        return len(self.pairs)

    def applied(self, problem: Problem) -> Problem:
        lifted = np.isin(pair_keys(problem.forbidden, 2**31), pair_keys(self.pairs, 2**31))
        return _with_affinities(problem, self.pairs).changed(forbidden=problem.forbidden[~lifted])


@dataclass(frozen=True, eq=False)
class RelaxKinds:
    """Limits of kinds that would have to give way, for these entries alone.

    Attributes:
        least: int64, shape (k, 3): (entry, group, reviewers) that the entry would do with so many fewer of.
        most: int64, shape (k, 3): (entry, group, reviewers) that the entry would take so many more of.
        missing, total: as for `MoreSlots`; as little is missing as without kinds.
        fewest: whether it is proven that no smaller number does as much: an integer programme over all pairs says so.
            Of more than 60,000 pairs it chooses only among those near what would change.
    """

    least: IntArray
    most: IntArray
    missing: int
    total: Fraction
    fewest: bool = True

    @property
    def count(self) -> int:
        """Reviewers by which limits are lowered or raised, all together."""
        return int(self.least[:, 2].sum() + self.most[:, 2].sum())

    def applied(self, problem: Problem) -> Problem:
        assert problem.kinds is not None
        return problem.changed(kinds=problem.kinds.relaxed(problem.n_entries, self.least, self.most))


Fix: TypeAlias = MoreSlots | LiftConflicts | FewerSlots | LowerLeast | RelaxKinds
"""A change that would help."""


@dataclass(frozen=True, eq=False)
class Advice:
    """What to know, and what could be done, about an assignment that does not meet all limits.

    Attributes:
        cores: one for each of the assignment's groups (`Assignment.infeasibility`), in their order.
        fixes: what would help, each by itself: those first that leave least missing, then those with fewest changes.
    """

    cores: tuple[Core, ...]
    fixes: tuple[Fix, ...]


def advise(problem: Problem, assignment: Assignment, *, progress: Progress | None = None) -> Advice:
    """Say why limits cannot all be met, as briefly as can be, and what would mend it. Nothing if they are met.

    With kinds, conflicts to lift are left out where affinities are too large to weigh pairs against them at the
    assignment's scale; a smaller one finds them.

    Args:
        progress: told each step as it begins.

    Raises:
        AssignmentError: the assignment's scale does not fit the problem.
    """
    tell = progress or (lambda _step, _share: None)
    tell("network", 0.0)
    network = build_network(problem, assignment.scale)
    chosen = chosen_pairs(network, assignment)
    missing: dict[Kind, IntArray] = {
        "coverage": _counts(assignment.short, problem.n_entries),
        "least": _counts(assignment.under, problem.n_reviewers),
    }
    kinds: set[Kind] = {group.kind for group in assignment.infeasibility}
    sides = {kind: _Side.of(network, chosen, kind) for kind in kinds}
    cores: list[Core] = []
    for at, group in enumerate(assignment.infeasibility):
        tell("cores", 0.1 + 0.4 * at / len(assignment.infeasibility))
        cores.append(_core(network, sides[group.kind], group, missing[group.kind]))
    fixes: list[Fix] = []
    steps: tuple[tuple[str, float, Callable[[], list[Fix]]], ...] = (
        ("more slots", 0.5, lambda: _more_slots(network, assignment)),
        ("conflicts", 0.65, lambda: _lift_conflicts(network, assignment)),
        ("kinds", 0.75, lambda: _relax_kinds(network, chosen, assignment)),
        ("fewer slots", 0.9, lambda: _less(problem, assignment)),
    )
    for step, share, found in steps:
        tell(step, share)
        fixes += found()
    tell("done", 1.0)
    return Advice(cores=tuple(cores), fixes=tuple(sorted(fixes, key=lambda fix: (fix.missing, fix.count))))


# Cores


@dataclass(frozen=True, eq=False)
class _Side:
    """Those who want slots, and whom they can have them from, without the pinned pairs.

    Attributes:
        start: shape (wanting + 1,): where their pairs stand.
        near, far: shape (pairs,): who wants and whom from, in order.
        taken: bool, shape (pairs,): the chosen ones.
        wanted, room: slots of each on this side and on the other.
    """

    start: IntArray
    near: IntArray
    far: IntArray
    taken: BoolArray
    wanted: IntArray
    room: IntArray

    @classmethod
    def of(cls, network: Network, chosen: BoolArray, kind: Kind) -> _Side:
        problem, free = network.problem, ~network.pinned
        need = problem.coverage - np.bincount(network.entry[network.pinned], minlength=problem.n_entries)
        load = np.bincount(network.reviewer[network.pinned], minlength=problem.n_reviewers)
        near, far, taken = network.entry[free], network.reviewer[free], chosen[free]
        wanted, room = need, problem.most - load
        if kind == "least":
            order = np.argsort(far, kind="stable")
            near, far, taken = far[order], near[order], taken[order]
            wanted, room = np.maximum(problem.least - load, 0), need
        return cls(np.searchsorted(near, np.arange(wanted.size + 1)), near, far, taken, wanted, room)

    def competing(self, member: int) -> IntArray:
        """The members that residual paths from one reach, it first, then the nearer before the further ones."""
        n = self.wanted.size
        tail, head = np.where(self.taken, self.far + n, self.near), np.where(self.taken, self.near, self.far + n)
        size = n + self.room.size
        from scipy.sparse import csr_array  # noqa: PLC0415 (35 MB, for those alone who are short)
        from scipy.sparse.csgraph import breadth_first_order  # noqa: PLC0415 (the same)

        graph = csr_array((np.ones(tail.size, dtype=np.int8), (tail, head)), shape=(size, size))
        order: IntArray = breadth_first_order(graph, member, directed=True, return_predecessors=False).astype(np.int64)
        return order[order < n]

    def offered(self, members: IntArray) -> IntArray:
        """How many with room each has for candidates."""
        offers = np.concatenate([[0], np.cumsum(self.room[self.far] > 0)])
        offered: IntArray = offers[self.start[members + 1]] - offers[self.start[members]]
        return offered

    def core(self, members: IntArray) -> tuple[IntArray, bool]:
        """A core of members that cannot be satisfied, and whether it is proven minimal. See core.c."""
        member = np.zeros(self.wanted.size, dtype=np.int8)
        minimal = np.zeros(1, dtype=np.int8)
        native.call(
            "simsa_core",
            self.wanted.size,
            self.room.size,
            self.start,
            self.near.astype(np.int32),
            self.far.astype(np.int32),
            self.wanted.astype(np.int32),
            self.room.astype(np.int32),
            members.astype(np.int32),
            members.size,
            _WORK,
            member,
            minimal,
        )
        return np.flatnonzero(member), bool(minimal[0])


def _core(network: Network, side: _Side, group: Infeasibility, missing: IntArray) -> Core:
    """The smaller of two cores: around a member that misses slots, and among those with fewest candidates first."""
    members = group.entries if group.kind == "coverage" else group.reviewers
    if network.problem.kinds is not None:
        return _core_within_kinds(network, network.problem.kinds.families[0], side, group, missing)
    offered = side.offered(members)
    alone = members[side.wanted[members] > offered]
    if alone.size:
        return Core(violator(network, group.kind, alone[:1], alone[:0]), True)
    lacking = members[missing[members] > 0][:_TRIED]
    around = min((side.competing(int(member)) for member in lacking), key=len)
    found = [side.core(around)]
    if offered.min() < offered.max():
        found.append(side.core(members[np.argsort(offered, kind="stable")]))
    core, minimal = min(found, key=lambda one: one[0].size)
    return Core(violator(network, group.kind, core, core[:0]), minimal)


def _core_within_kinds(network: Network, family: Family, side: _Side, group: Infeasibility, missing: IntArray) -> Core:
    """A core around a member that misses slots: those who compete with it first."""
    members = group.entries if group.kind == "coverage" else group.reviewers
    lacking = members[missing[members] > 0][:_TRIED]
    near = side.competing(int(lacking[0]))
    order = np.concatenate([near[np.isin(near, members)], np.setdiff1d(members, near)])
    core, others, minimal = Search(network, family, group.kind).core(order, lacking)
    return Core(violator(network, group.kind, core, others), minimal)


# Fixes


def _more_slots(network: Network, assignment: Assignment) -> list[Fix]:
    """Solve for the entries that cannot be satisfied (with kinds: for all), with load limits that give way.

    A reviewer below the old limit misses a least load there, so that slots above it are used only where none is left
    below: of 2 x slots missing + slots above, which is what those penalties add up to, the least.
    """
    problem, missing = network.problem, _counts(assignment.short, network.problem.n_entries)
    if not missing.any():
        return []
    inside = np.zeros(problem.n_entries, dtype=np.bool_)
    if problem.kinds is None:
        inside[unsatisfied(network, chosen_pairs(network, assignment), "coverage", missing)] = True
    else:
        inside[:] = True  # who is in the way of kinds may be anywhere
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
        kinds=problem.kinds,
    )
    solved = solve(build_network(part, assignment.scale), assignment.scale)
    slots = listed(np.maximum(solved.load - limit, 0))
    if not slots.size:
        return []
    fix = MoreSlots(read_only(slots), 0, Fraction(0), solved.certificate.optimal)
    return _helping(fix, problem, assignment)


def _lift_conflicts(network: Network, assignment: Assignment) -> list[Fix]:
    """Solve with conflicts as pairs that are chosen only where slots need them; nothing where that does not fit."""
    problem, scale = network.problem, assignment.scale
    conflicts = _liftable(problem, scale)
    if assignment.complete or not conflicts.size:
        return []
    lifted = LiftConflicts(conflicts, 0, Fraction(0)).applied(problem)
    allowed = build_network(lifted, scale)
    if not has_room_to_prefer(allowed):
        return []
    places = pair_places(allowed.entry, allowed.reviewer, conflicts, problem.n_reviewers)
    among = np.zeros(allowed.entry.size, dtype=np.bool_)
    among[places] = True
    solved = solve(allowed, scale, objective=preferring(allowed, among, -1))
    pairs = np.column_stack([solved.entry, solved.reviewer])
    used = pairs[np.isin(pair_keys(pairs, problem.n_reviewers), pair_keys(conflicts, problem.n_reviewers))]
    if not used.size:
        return []
    fix = LiftConflicts(read_only(used), 0, Fraction(0), solved.certificate.optimal)
    return _helping(fix, problem, assignment)


def _liftable(problem: Problem, scale: int) -> IntArray:
    """Conflicts without an affinity, or with one that the scale has room for."""
    forbidden = problem.forbidden
    places = pair_places(problem.entry, problem.reviewer, forbidden, problem.n_reviewers)
    low, high = affinity_room(problem, scale)
    fits = places < 0
    affinity = problem.affinity[places[~fits]]
    fits[~fits] = (low <= affinity) & (affinity <= high)
    return forbidden[fits]


def _relax_kinds(network: Network, chosen: BoolArray, assignment: Assignment) -> list[Fix]:
    problem = network.problem
    if assignment.complete or not room_for_limits(problem):
        return []
    least, most, fewest = fewest_relaxed(network, chosen)
    if not least.size and not most.size:
        return []
    return _helping(RelaxKinds(read_only(least), read_only(most), 0, Fraction(0), fewest), problem, assignment)


def _less(problem: Problem, assignment: Assignment) -> list[Fix]:
    """To give up what is missing: the pairs can stay as they are."""
    short, under = int(assignment.short[:, 1].sum()), int(assignment.under[:, 1].sum())
    proven = assignment.certificate.optimal
    fixes: list[Fix] = []
    if short and (problem.kinds is None or room_for_limits(problem)):
        kinds = read_only(unmet_least(problem, assignment.entry, assignment.reviewer))
        fixes.append(FewerSlots(assignment.short, under, assignment.total, proven, kinds))
    if under:
        fixes.append(LowerLeast(assignment.under, short, assignment.total, proven))
    if problem.kinds is None:
        return fixes
    # What was asked of a kind and is given up may have been in the way of a better total.
    return [helping for fix in fixes for helping in _helping(fix, problem, assignment)]


def _helping(fix: Fix, problem: Problem, assignment: Assignment) -> list[Fix]:
    """The fix with what it brings, if that is anything."""
    mended = assign(fix.applied(problem), scale=assignment.scale)
    return [replace(fix, missing=mended.missing, total=mended.total)] if mended.missing < assignment.missing else []


def _with_affinities(problem: Problem, pairs: IntArray) -> Problem:
    """The problem with pairs among its candidates, with no affinity if they have none."""
    new = pairs[pair_places(problem.entry, problem.reviewer, pairs, problem.n_reviewers) < 0]
    return problem.changed(
        entry=np.concatenate([problem.entry, new[:, 0]]),
        reviewer=np.concatenate([problem.reviewer, new[:, 1]]),
        affinity=np.concatenate([problem.affinity, np.zeros(len(new), dtype=problem.affinity.dtype)]),
    )


def _counts(slots: IntArray, n: int) -> IntArray:
    """(number, slots) rows as one count for each of n."""
    counts = np.zeros(n, dtype=np.int64)
    counts[slots[:, 0]] = slots[:, 1]
    return counts
