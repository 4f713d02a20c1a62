"""The transport network: affinities scaled to integers, supplies and capacities, and the penalty of an empty slot."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from simsa.engine.assignment.problem import AssignmentError, BoolArray, IntArray, Problem, pair_places
from simsa.engine.assignment.result import Assignment

DEFAULT_SCALE = 10**6
# The solver multiplies costs by the number of nodes and needs room for sums of a few of them in 64 bits.
COST_ROOM = 2**60


@dataclass(frozen=True, eq=False)
class Network:
    """The pairs that are not forbidden, and what the pinned ones among them leave to be decided.

    `need`, `least` and `room` are coverage, least and most load less the pinned pairs, and never more than there are
    pairs to fill them: what is above that is missing from every assignment.
    """

    problem: Problem
    entry: IntArray
    reviewer: IntArray
    units: IntArray
    pinned: BoolArray
    penalty: int

    @cached_property
    def need(self) -> IntArray:
        pinned, free = self._of_pairs(self.entry, self.problem.n_entries)
        need: IntArray = np.minimum(self.problem.coverage - pinned, free)
        return need

    @cached_property
    def room(self) -> IntArray:
        pinned, free = self._of_reviewers
        room: IntArray = np.minimum(self.problem.most - pinned, free)
        return room

    @cached_property
    def least(self) -> IntArray:
        pinned, _ = self._of_reviewers
        least: IntArray = np.clip(self.problem.least - pinned, 0, self.room)
        return least

    @cached_property
    def _of_reviewers(self) -> tuple[IntArray, IntArray]:
        return self._of_pairs(self.reviewer, self.problem.n_reviewers)

    def _of_pairs(self, side: IntArray, n: int) -> tuple[IntArray, IntArray]:
        """Pinned and free pairs of each entry, or each reviewer."""
        pinned = np.bincount(side[np.flatnonzero(self.pinned)], minlength=n)
        return pinned, np.bincount(side, minlength=n) - pinned


def _allowed(problem: Problem) -> BoolArray:
    allowed = np.ones(problem.entry.size, dtype=np.bool_)
    places = pair_places(problem.entry, problem.reviewer, problem.forbidden, problem.n_reviewers)
    allowed[places[places >= 0]] = False
    return allowed


def fitting_scale(problem: Problem, scale: int | None) -> int:
    """The scale asked for, or the default, made sure that nothing can overflow with it.

    Raises:
        AssignmentError: not a positive whole number, or too large.
    """
    if scale is not None and (isinstance(scale, bool) or not isinstance(scale, int) or scale < 1):
        raise AssignmentError(f"scale must be a positive whole number, not {scale!r}")
    lowest, highest = _range(problem)
    nodes, hops = _sizes(problem)

    def fits(units: int) -> bool:
        # Exact for integers; for floats the room is wide enough for their rounding, and an infinite width never fits.
        return bool((hops * (highest - lowest) * units + 1) * nodes <= COST_ROOM)

    if scale is not None and fits(scale):
        return scale
    default = DEFAULT_SCALE if scale is None and problem.affinity.dtype.kind == "f" else scale or 1
    fitting: list[int] = [10**power for power in range(len(str(default)) - 1, -1, -1) if fits(10**power)]
    where = f"affinities from {lowest} to {highest}"
    if not fitting:
        raise AssignmentError(f"{where} are too large for exact arithmetic: divide them all by the same number")
    if scale is not None:
        raise AssignmentError(f"scale {scale} is too large for {where}: {fitting[0]} would fit")
    return fitting[0]


def _range(problem: Problem) -> tuple[float, float]:
    """The lowest and the highest affinity that is allowed, and 0."""
    values = problem.affinity[_allowed(problem)] if problem.forbidden.size else problem.affinity
    return (min(values.min().item(), 0), max(values.max().item(), 0)) if values.size else (0, 0)


def _sizes(problem: Problem) -> tuple[int, int]:
    """Nodes, and the longest exchange."""
    return problem.n_entries + problem.n_reviewers + 4, longest_exchange(problem)


def affinity_room(problem: Problem, scale: int) -> tuple[float, float]:
    """Affinities that the problem may have in addition, and its scale still fit it."""
    lowest, highest = _range(problem)
    nodes, hops = _sizes(problem)
    spare = max((COST_ROOM // nodes - 1) // max(hops, 1) // scale - (highest - lowest), 0) / 4
    return lowest - spare, highest + spare


def preferring(network: Network, pairs: BoolArray, sign: int = 1) -> Network:
    """The network with one more goal: to choose as many of some pairs as can be (`sign` -1: as few), slots before that
    and affinity after it.

    A simple exchange gains or loses at most one pair at each step, so that the plain penalty is more than any of its
    affinity: it is what such a pair counts. The new penalty is more than any exchange of both together.

    Raises:
        AssignmentError: that does not fit into 64 bits (see `has_room_to_prefer`).
    """
    if not has_room_to_prefer(network):
        raise AssignmentError(
            "affinities are too large to weigh pairs against them: take a smaller scale, or divide them all"
        )
    bonus = network.penalty
    return replace(network, units=network.units + sign * bonus * pairs, penalty=_penalty_to_prefer(network))


def has_room_to_prefer(network: Network) -> bool:
    """Whether `preferring` fits. Without kinds it always does: the plain room holds the plain penalty times the number
    of all nodes, which is at least twice as much as this. With kinds an exchange may be as long as there are nodes."""
    return _penalty_to_prefer(network) <= COST_ROOM // 2


def _penalty_to_prefer(network: Network) -> int:
    return (longest_exchange(network.problem) + 1) * network.penalty


def in_units(values: IntArray | NDArray[np.float64], scale: int) -> IntArray:
    """Affinities as whole units, halves to even; they must fit."""
    scaled = values * scale
    return (scaled if values.dtype.kind == "i" else np.rint(scaled, out=scaled)).astype(np.int64, copy=False)


def build_network(problem: Problem, scale: int) -> Network:
    entry, reviewer, values = problem.entry, problem.reviewer, problem.affinity
    if problem.forbidden.size:
        allowed = _allowed(problem)
        entry, reviewer, values = entry[allowed], reviewer[allowed], values[allowed]
    pinned = np.zeros(entry.size, dtype=np.bool_)
    if problem.pinned.size:
        pinned[pair_places(entry, reviewer, problem.pinned, problem.n_reviewers)] = True
    units = in_units(values, scale)
    return Network(
        problem=problem,
        entry=entry,
        reviewer=reviewer,
        units=units,
        pinned=pinned,
        penalty=penalty_of(problem, units),
    )


def longest_exchange(problem: Problem) -> int:
    """How many pairs at most are added, and taken away, to leave one slot less empty.

    Such an exchange is a simple cycle of the residual network: at each entry and each reviewer that it visits it adds
    at most one pair and takes at most one away. With kinds it may pass an entry more than once, and where they cross
    nothing less than all pairs is known to be enough.
    """
    if problem.kinds is None:
        return min(problem.n_entries, problem.n_reviewers)
    if len(problem.kinds.families) == 1:
        return problem.n_reviewers
    return int(problem.coverage.sum())


def penalty_of(problem: Problem, units: IntArray) -> int:
    """More than any exchange of pairs that leaves one slot less empty can cost."""
    if not units.size:
        return 1
    width = max(int(units.max()), 0) - min(int(units.min()), 0)
    return longest_exchange(problem) * width + 1


def chosen_pairs(network: Network, assignment: Assignment) -> BoolArray:
    """Which of the network's pairs an assignment has; pairs that the network has not are left out."""
    pairs = np.column_stack([assignment.entry, assignment.reviewer])
    places = pair_places(network.entry, network.reviewer, pairs, network.problem.n_reviewers)
    chosen = np.zeros(network.entry.size, dtype=np.bool_)
    chosen[places[places >= 0]] = True
    return chosen
