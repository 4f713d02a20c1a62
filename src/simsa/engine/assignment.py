"""Assignment: which reviewer scores which entry.

A transport problem. Every entry needs a number of slots (its coverage), every reviewer takes at least `least` and at
most `most` of them, each pair of entry and reviewer has an affinity, and the sum of the affinities of the chosen pairs
is to be as large as it can be. The matrix of such a problem is totally unimodular, so the optimum is integral, and
linear-programming duality gives prices of entries and reviewers that prove it: anyone can add them up and find the same
total (Ahuja, Magnanti and Orlin, "Network Flows", 1993, chapters 9 and 11; for reviewers, Charlin and Zemel, "The
Toronto paper matching system", 2013).

Affinities are scaled to integers once, and everything after that is exact. Where the limits cannot all be met the
answer is not a bare "infeasible": as many slots as possible are filled and as little of the least loads as possible is
missed (which never stand in each other's way: Mendelsohn and Dulmage, 1958), the affinity is then as large as it can
be, and the result names entries and reviewers that cannot be satisfied together (Hall, 1935).

Which of several equal optima is returned is decided by input order: by the numbers that entries and reviewers have. The
order in which the pairs are listed does not matter, and equal input gives an equal result.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from operator import mul
from typing import Literal

import numpy as np
import ortools
from numpy.typing import ArrayLike, NDArray
from ortools.graph.python.min_cost_flow import SimpleMinCostFlow
from scipy.sparse import csr_array
from scipy.sparse.csgraph import breadth_first_order, connected_components

__all__ = ["Assignment", "AssignmentError", "Certificate", "Infeasibility", "Problem", "Progress", "assign", "verify"]

IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]
Progress = Callable[[str, float], None]
"""Told the name of the step that begins and the share of the steps that is done, from 0 to 1."""

DEFAULT_SCALE = 10**6
NAMED_GROUPS = 20
"""So many groups of a kind are named at most, those that miss most; `short` and `under` are always complete."""

_NAMED = 5
_MOST_INDEX = 2**30
_MOST_LIMIT = 2**31 - 1
# The solver multiplies costs by the number of nodes and needs room for sums of a few of them in 64 bits.
_COST_ROOM = 2**60


class AssignmentError(ValueError):
    """The problem contradicts itself, or a result does not stand up to `verify`; the message names the places."""


@dataclass(frozen=True, eq=False, init=False)
class Problem:
    """Entries, reviewers, the pairs that are possible, and the limits. Checked when made; arrays are read-only copies.

    Attributes:
        entry, reviewer: int64, shape (m,): the candidate pairs, kept sorted by entry, then reviewer.
        affinity: int64 or float64, shape (m,), same order; any unit, may be negative.
        n_entries, n_reviewers: how many there are; their numbers start at 0.
        coverage: int64, shape (n_entries,): slots that each entry needs.
        least, most: int64, shape (n_reviewers,): loads of each reviewer. A limit above 2**31 - 1 is kept as 2**31 - 1.
        forbidden: int64, shape (k, 2): (entry, reviewer) with a conflict; need not be candidates.
        pinned: int64, shape (k, 2): (entry, reviewer) that must be chosen; they count in coverage and load.
    """

    entry: IntArray
    reviewer: IntArray
    affinity: IntArray | NDArray[np.float64]
    n_entries: int
    n_reviewers: int
    coverage: IntArray
    least: IntArray
    most: IntArray
    forbidden: IntArray
    pinned: IntArray

    def __init__(
        self,
        entry: ArrayLike,
        reviewer: ArrayLike,
        affinity: ArrayLike,
        n_entries: int,
        n_reviewers: int,
        coverage: ArrayLike,
        *,
        most: ArrayLike,
        least: ArrayLike = 0,
        forbidden: ArrayLike = (),
        pinned: ArrayLike = (),
    ) -> None:
        """Take sparse candidate pairs; `coverage`, `least` and `most` are one number for all or one for each.

        Raises:
            AssignmentError: an index out of range, a pair given twice, an affinity that is not finite, a limit that is
                negative or not whole, least above most, a pinned pair that is forbidden or no candidate, more
                pinned pairs than an entry needs or a reviewer may take.
        """
        sizes = (_size(n_entries, "n_entries"), _size(n_reviewers, "n_reviewers"))
        rows, columns = _whole(entry, "entry"), _whole(reviewer, "reviewer")
        values = _affinities(affinity)
        if not rows.shape == columns.shape == values.shape:
            raise AssignmentError(
                "entry, reviewer and affinity must have one length, "
                f"but they have {rows.size}, {columns.size} and {values.size}"
            )
        _in_range(rows, sizes[0], "entry")
        _in_range(columns, sizes[1], "reviewer")
        _finite(rows, columns, values)
        order = _distinct_order(rows, columns, sizes[1])
        fields: dict[str, IntArray | NDArray[np.float64]] = {
            "entry": rows[order],
            "reviewer": columns[order],
            "affinity": values[order],
            "coverage": _limits(coverage, sizes[0], "coverage", "entry"),
            "least": _limits(least, sizes[1], "least", "reviewer"),
            "most": _limits(most, sizes[1], "most", "reviewer"),
            "forbidden": _pair_list(forbidden, sizes, "forbidden"),
            "pinned": _pair_list(pinned, sizes, "pinned"),
        }
        object.__setattr__(self, "n_entries", sizes[0])
        object.__setattr__(self, "n_reviewers", sizes[1])
        for name, array in fields.items():
            array.setflags(write=False)
            object.__setattr__(self, name, array)
        _check_limits(self)

    @classmethod
    def dense(
        cls,
        matrix: ArrayLike,
        coverage: ArrayLike,
        *,
        most: ArrayLike,
        least: ArrayLike = 0,
        forbidden: ArrayLike = (),
        pinned: ArrayLike = (),
    ) -> Problem:
        """Take affinities as a matrix, shape (n_entries, n_reviewers); NaN means that the pair is no candidate.

        Raises:
            AssignmentError: as for `Problem`, or the matrix has not two dimensions.
        """
        values = np.asarray(matrix)
        if values.ndim != 2:
            raise AssignmentError(f"matrix must have two dimensions (entries, reviewers), but it has {values.ndim}")
        possible = ~np.isnan(values) if values.dtype.kind == "f" else np.ones(values.shape, dtype=np.bool_)
        rows, columns = np.nonzero(possible)
        return cls(
            rows,
            columns,
            values[rows, columns],
            n_entries=values.shape[0],
            n_reviewers=values.shape[1],
            coverage=coverage,
            most=most,
            least=least,
            forbidden=forbidden,
            pinned=pinned,
        )


@dataclass(frozen=True, eq=False)
class Infeasibility:
    """Entries and reviewers that cannot be satisfied together, whatever is done elsewhere (a Hall violator).

    kind "coverage": `reviewers` are all whom `entries` can go to; the entries need more slots than those can fill.
    kind "least": `entries` are all that `reviewers` can take; their least loads need more slots than those have.
    Of the slots available each pair gives at most one. No entry is in two groups of kind "coverage" and no reviewer in
    two of kind "least", and what the groups of a kind miss adds up to all that `short` or `under` say is missing.
    """

    kind: Literal["coverage", "least"]
    entries: IntArray
    reviewers: IntArray
    needed: int
    available: int

    @property
    def missing(self) -> int:
        """Slots that would have to be added (reviewers, higher limits, more candidates) or given up."""
        return self.needed - self.available

    def __str__(self) -> str:
        entries = _numbers("entry", "entries", self.entries)
        reviewers = _numbers("reviewer", "reviewers", self.reviewers)
        if self.kind == "coverage":
            return f"{entries}: {self.needed} slots needed, but only {self.available} can be filled by {reviewers}"
        return f"{reviewers}: least loads of {self.needed} slots, but only {self.available} can come from {entries}"


@dataclass(frozen=True, eq=False)
class Certificate:
    """Prices that prove an assignment optimal: no assignment can be worth more than they add up to.

    With prices not below -penalty, `dual` = sum of coverage x entry price + sum over reviewers of most x price (where
    positive) or least x price (where negative) + what each pair's units exceed its two prices by (pinned pairs also
    where they fall below) bounds the units of every assignment less `penalty` for each slot short and each slot under a
    least load. `primal` is that figure for this assignment. The penalty is large enough that no gain in affinity makes
    up for it.

    Attributes:
        entry_price, reviewer_price: int64, shapes (n_entries,) and (n_reviewers,), in affinity units.
        penalty, primal, dual: exact integers, in affinity units.
        optimal: whether the prices are allowed and primal == dual.
    """

    entry_price: IntArray
    reviewer_price: IntArray
    penalty: int
    primal: int
    dual: int
    optimal: bool


@dataclass(frozen=True, eq=False)
class Assignment:
    """The chosen pairs, what they are worth, what is missing, and the proof.

    Attributes:
        entry, reviewer: int64, shape (pairs,): the chosen pairs, sorted by entry, then reviewer.
        affinity_units: int64, shape (pairs,): round(affinity x scale), halves to even.
        total_units: their sum, exact.
        scale: units in one of the problem's affinity.
        load: int64, shape (n_reviewers,): entries that each reviewer has.
        per_entry: int64, shape (n_entries,): affinity units of each entry's pairs together.
        short: int64, shape (k, 2): (entry, slots missing) of the entries without full coverage, by entry.
        under: int64, shape (k, 2): (reviewer, slots missing) of the reviewers below their least load, by reviewer.
        infeasibility: why slots are missing; empty exactly if `short` and `under` are.
        solver: what found the pairs.
        certificate: what proves them optimal.
    """

    entry: IntArray
    reviewer: IntArray
    affinity_units: IntArray
    total_units: int
    scale: int
    load: IntArray
    per_entry: IntArray
    short: IntArray
    under: IntArray
    infeasibility: tuple[Infeasibility, ...]
    solver: str
    certificate: Certificate

    @property
    def total(self) -> Fraction:
        """The sum of affinities in the problem's own unit, exactly as scaled."""
        return Fraction(self.total_units, self.scale)

    @property
    def complete(self) -> bool:
        """Whether every entry has its coverage and every reviewer the least load."""
        return not self.short.size and not self.under.size


def assign(problem: Problem, *, scale: int | None = None, progress: Progress | None = None) -> Assignment:
    """Choose the pairs with the largest total affinity within the limits.

    Limits that cannot all be met are no error: first as many slots as possible are filled and as few least loads as
    possible missed, then the affinity is maximised (see `Assignment.short`, `under`, `infeasibility`).

    Args:
        scale: units in one of the problem's affinity. By default 1 for integer affinities and 10**6 for others, or the
            largest smaller power of ten with which nothing can overflow.
        progress: told each step as it begins.

    Raises:
        AssignmentError: the affinities are too large for exact arithmetic at this scale, or at any.
    """
    tell = progress or (lambda _step, _share: None)
    tell("network", 0.0)
    scale = _fitting_scale(problem, scale)
    network = _network(problem, scale)
    tell("flow", 0.1)
    chosen = _flow(network)
    tell("prices", 0.7)
    entry_price, reviewer_price = _prices(network, chosen)
    tell("certificate", 0.9)
    result = _assignment(problem, network, chosen, scale, entry_price, reviewer_price)
    tell("done", 1.0)
    return result


def verify(problem: Problem, assignment: Assignment) -> None:
    """Check an assignment from scratch, with nothing but the problem and the result: feasible, as stated, and optimal.

    Raises:
        AssignmentError: naming the first thing that is not as it must be.
    """
    scale = assignment.scale
    _expect(type(scale) is int and scale == _fitting_scale(problem, scale), f"scale {scale!r} cannot be used")
    network = _network(problem, scale)
    chosen = _verified_pairs(network, assignment)
    _verify_counts(problem, assignment)
    _verify_infeasibility(network, assignment)
    stated = assignment.certificate
    _expect(stated.penalty == network.penalty, f"penalty {stated.penalty} should be {network.penalty}")
    for price, n, name in (
        (stated.entry_price, problem.n_entries, "entry_price"),
        (stated.reviewer_price, problem.n_reviewers, "reviewer_price"),
    ):
        _expect(price.shape == (n,) and price.dtype == np.int64, f"{name} must be {n} integers")
        _expect(not n or abs(int(price.max())) + abs(int(price.min())) <= _COST_ROOM, f"{name} is beyond all bounds")
    proven = _certificate(problem, network, chosen, stated.entry_price, stated.reviewer_price)
    _expect(proven.optimal, f"the prices do not prove the total: primal {proven.primal}, dual {proven.dual}")
    _expect(
        (stated.primal, stated.dual, stated.optimal) == (proven.primal, proven.dual, True),
        f"the certificate states primal {stated.primal} and dual {stated.dual}, but both are {proven.primal}",
    )


# --- checking a problem ---


def _size(value: object, name: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int | np.integer) or not 0 <= value <= _MOST_INDEX:
        raise AssignmentError(f"{name} must be a whole number from 0 to {_MOST_INDEX}, not {value!r}")
    return int(value)


def _whole(values: ArrayLike, name: str) -> IntArray:
    array = np.asarray(values)
    if array.ndim != 1:
        raise AssignmentError(f"{name} must have one dimension, but it has {array.ndim}")
    if array.size and array.dtype.kind not in "iu":
        raise AssignmentError(f"{name} must hold whole numbers, not {array.dtype}")
    return array.astype(np.int64)


def _affinities(values: ArrayLike) -> IntArray | NDArray[np.float64]:
    array = np.asarray(values)
    if array.ndim != 1:
        raise AssignmentError(f"affinity must have one dimension, but it has {array.ndim}")
    if array.dtype.kind not in "biuf":
        raise AssignmentError(f"affinity must hold numbers, not {array.dtype}")
    if array.dtype.kind == "f":
        return array.astype(np.float64)
    _refuse(
        array > np.iinfo(np.int64).max, "affinity does not fit into 64 bits", lambda i: f"position {i} is {array[i]}"
    )
    return array.astype(np.int64)


def _refuse(wrong: BoolArray, why: str, describe: Callable[[int], str]) -> None:
    """Raise if anything is wrong, naming the first few places."""
    places = np.flatnonzero(wrong)
    if places.size:
        more = f" and {places.size - _NAMED} more" if places.size > _NAMED else ""
        raise AssignmentError(f"{why}: " + "; ".join(describe(int(i)) for i in places[:_NAMED]) + more)


def _in_range(index: IntArray, n: int, name: str) -> None:
    _refuse(
        (index < 0) | (index >= n),
        f"{name} out of range (there are {n}, numbered from 0)",
        lambda i: f"position {i} is {index[i]}",
    )


def _finite(rows: IntArray, columns: IntArray, values: IntArray | NDArray[np.float64]) -> None:
    _refuse(
        ~np.isfinite(values),
        "affinity must be finite (leave out a pair that is no candidate)",
        lambda i: f"position {i} (entry {rows[i]}, reviewer {columns[i]}) is {values[i]}",
    )


def _distinct_order(rows: IntArray, columns: IntArray, n_reviewers: int) -> IntArray:
    """The order by entry, then reviewer, of pairs that are all different."""
    keys = rows * n_reviewers + columns
    order = np.argsort(keys, kind="stable")
    ranked = keys[order]
    _refuse(
        ranked[1:] == ranked[:-1],
        "pair given twice",
        lambda i: f"entry {rows[order[i]]}, reviewer {columns[order[i]]} at positions {order[i]} and {order[i + 1]}",
    )
    return order


def _limits(values: ArrayLike, n: int, name: str, whose: str) -> IntArray:
    array = np.asarray(values)
    if array.ndim > 1 or (array.ndim == 1 and array.size != n):
        raise AssignmentError(
            f"{name} must be one number or one for each {whose} ({n}), but its shape is {array.shape}"
        )
    if array.size and array.dtype.kind not in "iu":
        raise AssignmentError(f"{name} must hold whole numbers, not {array.dtype}")
    _refuse(
        np.atleast_1d(array < 0),
        f"{name} must not be negative",
        lambda i: f"{whose} {i} has {array[i]}" if array.ndim else f"it is {array}",
    )
    return np.broadcast_to(np.minimum(array, _MOST_LIMIT).astype(np.int64), (n,)).copy()


def _pair_list(values: ArrayLike, sizes: tuple[int, int], name: str) -> IntArray:
    array = np.asarray(values)
    if not array.size:
        return np.zeros((0, 2), dtype=np.int64)
    if array.ndim != 2 or array.shape[1] != 2:
        raise AssignmentError(f"{name} must hold (entry, reviewer) pairs, shape (k, 2), but its shape is {array.shape}")
    for column, n, what in ((0, sizes[0], "entry"), (1, sizes[1], "reviewer")):
        _in_range(_whole(array[:, column], f"{what} in {name}"), n, f"{what} in {name}")
    return np.unique(array.astype(np.int64), axis=0)


def _check_limits(problem: Problem) -> None:
    """Refuse what the parts of a problem may not say together."""
    least, most, pinned, n = problem.least, problem.most, problem.pinned, problem.n_reviewers

    def pair(i: int) -> str:
        return f"entry {pinned[i, 0]}, reviewer {pinned[i, 1]}"

    _refuse(
        least > most, "least above most", lambda i: f"reviewer {i} must take at least {least[i]} and at most {most[i]}"
    )
    forbidden = np.isin(_keys(pinned, n), _keys(problem.forbidden, n))
    _refuse(forbidden, "pair both pinned and forbidden", pair)
    unknown = _places(problem.entry, problem.reviewer, pinned, n) < 0
    _refuse(unknown, "pinned pair is not a candidate (give it an affinity)", pair)
    _check_pinned(pinned[:, 0], problem.coverage, "entry", "needs")
    _check_pinned(pinned[:, 1], most, "reviewer", "may take")


def _keys(pairs: IntArray, n_reviewers: int) -> IntArray:
    keys: IntArray = pairs[:, 0] * n_reviewers + pairs[:, 1]
    return keys


def _places(entry: IntArray, reviewer: IntArray, pairs: IntArray, n_reviewers: int) -> IntArray:
    """Where (entry, reviewer) rows stand among sorted pairs; -1 where they do not."""
    ranked = entry * n_reviewers + reviewer
    keys = _keys(pairs, n_reviewers)
    place = np.searchsorted(ranked, keys)
    known = place < ranked.size
    known[known] = ranked[place[known]] == keys[known]
    return np.where(known, place, -1)


def _check_pinned(index: IntArray, limit: IntArray, who: str, verb: str) -> None:
    count = np.bincount(index, minlength=limit.size)
    _refuse(
        count > limit,
        f"more pinned pairs than the {who} {verb}",
        lambda i: f"{who} {i} has {count[i]} and {verb} {limit[i]}",
    )


# --- the network ---


@dataclass(frozen=True, eq=False)
class _Network:
    """The pairs that are not forbidden, and what the pinned ones among them leave to be decided.

    `need`, `least` and `room` are coverage, least and most load less the pinned pairs, and never more than there are
    pairs to fill them: what is above that is missing from every assignment.
    """

    problem: Problem
    entry: IntArray
    reviewer: IntArray
    units: IntArray
    pinned: BoolArray
    need: IntArray
    least: IntArray
    room: IntArray
    penalty: int


def _allowed(problem: Problem) -> BoolArray:
    allowed = np.ones(problem.entry.size, dtype=np.bool_)
    places = _places(problem.entry, problem.reviewer, problem.forbidden, problem.n_reviewers)
    allowed[places[places >= 0]] = False
    return allowed


def _fitting_scale(problem: Problem, scale: int | None) -> int:
    """The scale asked for, or the default, made sure that nothing can overflow with it.

    Raises:
        AssignmentError: not a positive whole number, or too large.
    """
    if scale is not None and (isinstance(scale, bool) or not isinstance(scale, int) or scale < 1):
        raise AssignmentError(f"scale must be a positive whole number, not {scale!r}")
    values = problem.affinity[_allowed(problem)]
    lowest, highest = (min(values.min().item(), 0), max(values.max().item(), 0)) if values.size else (0, 0)
    nodes = problem.n_entries + problem.n_reviewers + 4
    hops = min(problem.n_entries, problem.n_reviewers)

    def fits(units: int) -> bool:
        # Exact for integers; for floats the room is wide enough for their rounding, and an infinite width never fits.
        return bool((hops * (highest - lowest) * units + 1) * nodes <= _COST_ROOM)

    if scale is not None and fits(scale):
        return scale
    default = DEFAULT_SCALE if scale is None and values.dtype.kind == "f" else scale or 1
    fitting: list[int] = [10**power for power in range(len(str(default)) - 1, -1, -1) if fits(10**power)]
    where = f"affinities from {lowest} to {highest}"
    if not fitting:
        raise AssignmentError(f"{where} are too large for exact arithmetic: divide them all by the same number")
    if scale is not None:
        raise AssignmentError(f"scale {scale} is too large for {where}: {fitting[0]} would fit")
    return fitting[0]


def _network(problem: Problem, scale: int) -> _Network:
    allowed = _allowed(problem)
    entry, reviewer, values = problem.entry[allowed], problem.reviewer[allowed], problem.affinity[allowed]
    pinned = np.zeros(entry.size, dtype=np.bool_)
    pinned[_places(entry, reviewer, problem.pinned, problem.n_reviewers)] = True
    units = (values * scale if values.dtype.kind == "i" else np.rint(values * scale)).astype(np.int64)
    pinned_entry = np.bincount(entry[pinned], minlength=problem.n_entries)
    pinned_reviewer = np.bincount(reviewer[pinned], minlength=problem.n_reviewers)
    room = np.minimum(problem.most - pinned_reviewer, np.bincount(reviewer[~pinned], minlength=problem.n_reviewers))
    return _Network(
        problem=problem,
        entry=entry,
        reviewer=reviewer,
        units=units,
        pinned=pinned,
        need=np.minimum(problem.coverage - pinned_entry, np.bincount(entry[~pinned], minlength=problem.n_entries)),
        least=np.clip(problem.least - pinned_reviewer, 0, room),
        room=room,
        penalty=_penalty(problem, units),
    )


def _penalty(problem: Problem, units: IntArray) -> int:
    """More than any exchange of pairs that leaves one slot less empty can cost.

    Such an exchange is a simple cycle of the residual network: at each entry and each reviewer that it visits it adds
    at most one pair and takes at most one away.
    """
    if not units.size:
        return 1
    width = max(int(units.max()), 0) - min(int(units.min()), 0)
    return min(problem.n_entries, problem.n_reviewers) * width + 1


# --- the flow ---


def _flow(network: _Network) -> BoolArray:
    """Which pairs are chosen. Empty slots are provided for only when they are unavoidable: penalties cost time."""
    chosen = network.pinned.copy()
    if not chosen.all():
        flow = _min_cost_flow(network, penalty=0)
        chosen[~network.pinned] = _min_cost_flow(network, penalty=network.penalty) if flow is None else flow
    return chosen


def _min_cost_flow(network: _Network, penalty: int) -> BoolArray | None:
    """Which free pairs are chosen; None if the limits cannot all be met and no penalty is given.

    Entries supply their need, reviewers demand their least load, and what they take beyond it goes on to a common sink.
    A penalised arc from entry to sink is an empty slot, one from sink to reviewer a slot under the least load.
    """
    problem, free = network.problem, ~network.pinned
    entries = np.arange(problem.n_entries, dtype=np.int32)
    reviewers = np.arange(problem.n_entries, problem.n_entries + problem.n_reviewers, dtype=np.int32)
    sink = problem.n_entries + problem.n_reviewers
    solver = SimpleMinCostFlow()

    def arcs(tail: NDArray[np.int32], head: NDArray[np.int32], capacity: IntArray, cost: int | IntArray) -> None:
        costs = np.broadcast_to(np.asarray(cost, dtype=np.int64), capacity.shape).copy()
        solver.add_arcs_with_capacity_and_unit_cost(tail, head, capacity, costs)

    tail, head = network.entry[free].astype(np.int32), reviewers[network.reviewer[free]]
    arcs(tail, head, np.ones(tail.size, dtype=np.int64), -network.units[free])
    arcs(reviewers, np.full_like(reviewers, sink), network.room - network.least, 0)
    if penalty:
        arcs(entries, np.full_like(entries, sink), network.need, penalty)
        arcs(np.full_like(reviewers, sink), reviewers, network.least, penalty)
    solver.set_nodes_supplies(entries, network.need)
    solver.set_nodes_supplies(reviewers, -network.least)
    solver.set_node_supply(sink, int(network.least.sum()) - int(network.need.sum()))
    status = solver.solve()
    if status == solver.INFEASIBLE and not penalty:
        return None
    if status != solver.OPTIMAL:
        raise AssignmentError(f"the flow solver gave up ({status.name}): try a smaller scale")
    flows: IntArray = solver.flows(np.arange(tail.size, dtype=np.int32))
    return flows > 0


# --- the prices ---


def _prices(network: _Network, chosen: BoolArray) -> tuple[IntArray, IntArray]:
    """Prices of entries and reviewers that prove the chosen pairs optimal, if they are.

    Shortest paths in the residual network by Bellman and Ford's method, from reviewers' lowest prices upwards: a pair
    that is not chosen raises its reviewer's price until it is not worth its prices, a chosen one lowers its entry's
    until it is. Only what changed is looked at again.
    """
    problem, penalty = network.problem, network.penalty
    spare, used = _by_entry(network, ~chosen), _by_reviewer(network, chosen & ~network.pinned)
    short, under = _shortfalls(problem, network.entry[chosen], network.reviewer[chosen])
    load = np.bincount(used.reviewer, minlength=problem.n_reviewers)
    unasked = 2 * penalty
    reviewer_price = np.where((network.least > 0) & (load <= network.least) | (under > 0), -penalty, 0)
    entry_price = np.where(short > 0, -penalty, unasked)
    np.minimum.at(entry_price, used.entry, used.units - reviewer_price[used.reviewer])
    changed = np.arange(problem.n_entries)
    # A shortest path has no more arcs than there are nodes; only a flow that is not optimal could go on for ever.
    for _ in range(problem.n_entries + problem.n_reviewers + 1):
        if not changed.size:
            break
        at = _gather(spare.start, changed)
        before = reviewer_price.copy()
        np.maximum.at(reviewer_price, spare.reviewer[at], spare.units[at] - entry_price[spare.entry[at]])
        at = _gather(used.start, np.flatnonzero(reviewer_price != before))
        before = entry_price.copy()
        np.minimum.at(entry_price, used.entry[at], used.units[at] - reviewer_price[used.reviewer[at]])
        changed = np.flatnonzero(entry_price != before)
    idle = entry_price == unasked
    entry_price[idle] = 0
    offered = idle[spare.entry]
    offers = spare.units[offered] - reviewer_price[spare.reviewer[offered]]
    np.maximum.at(entry_price, spare.entry[offered], offers)
    return entry_price, reviewer_price


@dataclass(frozen=True, eq=False)
class _Rows:
    """Some of a network's pairs, those of node i at positions start[i] to start[i + 1]."""

    entry: IntArray
    reviewer: IntArray
    units: IntArray
    start: IntArray


def _by_entry(network: _Network, which: BoolArray) -> _Rows:
    entry = network.entry[which]
    start = np.searchsorted(entry, np.arange(network.problem.n_entries + 1))
    return _Rows(entry, network.reviewer[which], network.units[which], start)


def _by_reviewer(network: _Network, which: BoolArray) -> _Rows:
    places = np.flatnonzero(which)
    places = places[np.argsort(network.reviewer[places], kind="stable")]
    reviewer = network.reviewer[places]
    start = np.searchsorted(reviewer, np.arange(network.problem.n_reviewers + 1))
    return _Rows(network.entry[places], reviewer, network.units[places], start)


def _shortfalls(problem: Problem, entry: IntArray, reviewer: IntArray) -> tuple[IntArray, IntArray]:
    """Slots missing per entry and per reviewer below the least load."""
    covered = np.bincount(entry, minlength=problem.n_entries)
    load = np.bincount(reviewer, minlength=problem.n_reviewers)
    return np.maximum(problem.coverage - covered, 0), np.maximum(problem.least - load, 0)


def _gather(start: IntArray, nodes: IntArray) -> IntArray:
    """The positions of all pairs of some nodes."""
    length = start[nodes + 1] - start[nodes]
    skipped = np.repeat(start[nodes] - np.cumsum(length) + length, length)
    return skipped + np.arange(skipped.size)


# --- the result ---


def _assignment(
    problem: Problem,
    network: _Network,
    chosen: BoolArray,
    scale: int,
    entry_price: IntArray,
    reviewer_price: IntArray,
) -> Assignment:
    entry, reviewer, units = network.entry[chosen], network.reviewer[chosen], network.units[chosen]
    short, under = _shortfalls(problem, entry, reviewer)
    per_entry = np.zeros(problem.n_entries, dtype=np.int64)
    np.add.at(per_entry, entry, units)
    certificate = _certificate(problem, network, chosen, entry_price, reviewer_price)
    return Assignment(
        entry=_frozen(entry),
        reviewer=_frozen(reviewer),
        affinity_units=_frozen(units),
        total_units=_exact_sum(units),
        scale=scale,
        load=_frozen(np.bincount(reviewer, minlength=problem.n_reviewers)),
        per_entry=_frozen(per_entry),
        short=_frozen(_listed(short)),
        under=_frozen(_listed(under)),
        infeasibility=_violators(network, chosen, "coverage", short) + _violators(network, chosen, "least", under),
        solver=f"OR-tools {ortools.__version__} SimpleMinCostFlow",
        certificate=certificate,
    )


def _certificate(
    problem: Problem, network: _Network, chosen: BoolArray, entry_price: IntArray, reviewer_price: IntArray
) -> Certificate:
    """Add up both sides from the prices, as `Certificate` says."""
    short, under = _shortfalls(problem, network.entry[chosen], network.reviewer[chosen])
    primal = _exact_sum(network.units[chosen]) - network.penalty * (int(short.sum()) + int(under.sum()))
    gain = network.units - entry_price[network.entry] - reviewer_price[network.reviewer]
    dual = (
        _exact_product(problem.coverage, entry_price)
        + _exact_product(problem.most, np.maximum(reviewer_price, 0))
        + _exact_product(problem.least, np.minimum(reviewer_price, 0))
        + _exact_sum(gain[network.pinned | (gain > 0)])
    )
    lowest = min(int(price.min()) if price.size else 0 for price in (entry_price, reviewer_price))
    optimal = primal == dual and lowest >= -network.penalty
    return Certificate(_frozen(entry_price), _frozen(reviewer_price), network.penalty, primal, dual, optimal)


def _exact_sum(values: IntArray) -> int:
    """The sum of up to 2**31 64-bit integers, which may itself not fit into 64 bits."""
    return (int((values >> 32).sum()) << 32) + int((values & 0xFFFFFFFF).sum())


def _exact_product(limits: IntArray, prices: IntArray) -> int:
    return sum(map(mul, limits.tolist(), prices.tolist()))


def _listed(missing: IntArray) -> IntArray:
    who = np.flatnonzero(missing)
    return np.column_stack([who, missing[who]])


def _frozen(array: IntArray) -> IntArray:
    frozen = array.view()
    frozen.setflags(write=False)
    return frozen


# --- who cannot be satisfied ---


def _violators(
    network: _Network, chosen: BoolArray, kind: Literal["coverage", "least"], missing: IntArray
) -> tuple[Infeasibility, ...]:
    """The groups that cannot be satisfied, apart from each other, those with most slots missing first.

    From a node in want a residual path leads on over a pair that is not chosen and back over one that is. At the
    optimum everything so reached is used to the full: what is reached cannot give more than it does.
    """
    if not missing.any():
        return ()
    free = ~network.pinned
    near, far = (network.entry, network.reviewer) if kind == "coverage" else (network.reviewer, network.entry)
    near, far, used = near[free], far[free] + missing.size, chosen[free]
    tail, head = np.where(used, far, near), np.where(used, near, far)
    reached = _reached(tail, head, network.problem.n_entries + network.problem.n_reviewers, np.flatnonzero(missing))
    inside = reached[tail]
    graph = csr_array((np.ones(inside.sum()), (tail[inside], head[inside])), shape=(reached.size, reached.size))
    _, part = connected_components(graph, directed=False)
    members = np.flatnonzero(reached[: missing.size])
    _, first, which = np.unique(part[members], return_index=True, return_inverse=True)
    lacking = np.zeros(first.size, dtype=np.int64)
    np.add.at(lacking, which, missing[members])
    order = np.lexsort((first, -lacking))[:NAMED_GROUPS]
    return tuple(_violator(network, kind, members[which == group]) for group in order)


def _reached(tail: IntArray, head: IntArray, n: int, sources: IntArray) -> BoolArray:
    """Which of n nodes can be reached from any of the sources."""
    rows, columns = np.concatenate([tail, np.full(sources.size, n)]), np.concatenate([head, sources])
    graph = csr_array((np.ones(rows.size), (rows, columns)), shape=(n + 1, n + 1))
    reached = np.zeros(n + 1, dtype=np.bool_)
    reached[breadth_first_order(graph, n, directed=True, return_predecessors=False)] = True
    return reached[:n]


def _violator(network: _Network, kind: Literal["coverage", "least"], group: IntArray) -> Infeasibility:
    """Count what a group of entries (or, for least loads, reviewers) needs and what can be had by it at most."""
    problem = network.problem
    if kind == "coverage":
        near, far, wanted, room = network.entry, network.reviewer, problem.coverage, network.room
    else:
        near, far, wanted, room = network.reviewer, network.entry, problem.least, network.need
    member = np.zeros(wanted.size, dtype=np.bool_)
    member[group] = True
    inside = member[near]
    others = np.unique(far[inside])
    taken = int(np.count_nonzero(inside & network.pinned))
    offered = np.bincount(far[inside & ~network.pinned], minlength=room.size)
    entries, reviewers = (group, others) if kind == "coverage" else (others, group)
    return Infeasibility(
        kind=kind,
        entries=_frozen(entries),
        reviewers=_frozen(reviewers),
        needed=int(wanted[group].sum()),
        available=taken + int(np.minimum(room, offered).sum()),
    )


def _numbers(one: str, many: str, which: IntArray) -> str:
    if not which.size:
        return f"no {one}"
    named = ", ".join(str(i) for i in which[:_NAMED])
    more = f" and {which.size - _NAMED} more" if which.size > _NAMED else ""
    return f"{one if which.size == 1 else many} {named}{more}"


# --- checking a result ---


def _expect(holds: bool, otherwise: str) -> None:
    if not holds:
        raise AssignmentError(otherwise)


def _verified_pairs(network: _Network, assignment: Assignment) -> BoolArray:
    """The assignment's pairs as a choice among the network's, once each is known to be there and rightly valued."""
    problem, entry, reviewer = network.problem, assignment.entry, assignment.reviewer
    _expect(
        entry.shape == reviewer.shape == assignment.affinity_units.shape == (entry.size,), "pairs of unequal length"
    )
    _expect(
        entry.dtype == reviewer.dtype == assignment.affinity_units.dtype == np.int64, "pairs and units must be integers"
    )
    _in_range(entry, problem.n_entries, "entry")
    _in_range(reviewer, problem.n_reviewers, "reviewer")
    pairs = np.column_stack([entry, reviewer])
    in_order = bool((np.diff(_keys(pairs, problem.n_reviewers)) > 0).all())
    _expect(in_order, "pairs are not sorted by entry, then reviewer, each once")
    places = _places(network.entry, network.reviewer, pairs, problem.n_reviewers)
    _refuse(places < 0, "pair is forbidden or no candidate", lambda i: f"entry {entry[i]}, reviewer {reviewer[i]}")
    chosen = np.zeros(network.entry.size, dtype=np.bool_)
    chosen[places] = True
    left_out = network.pinned & ~chosen
    _refuse(left_out, "pinned pair left out", lambda i: f"entry {network.entry[i]}, reviewer {network.reviewer[i]}")
    wrong = assignment.affinity_units != network.units[chosen]
    _refuse(wrong, "wrong affinity units", lambda i: f"entry {entry[i]}, reviewer {reviewer[i]}")
    return chosen


def _verify_counts(problem: Problem, assignment: Assignment) -> None:
    entry, reviewer, units = assignment.entry, assignment.reviewer, assignment.affinity_units
    covered = np.bincount(entry, minlength=problem.n_entries)
    load = np.bincount(reviewer, minlength=problem.n_reviewers)
    _refuse(covered > problem.coverage, "more reviewers than the coverage", lambda i: f"entry {i} has {covered[i]}")
    _refuse(load > problem.most, "more entries than the most load", lambda i: f"reviewer {i} has {load[i]}")
    per_entry = np.zeros(problem.n_entries, dtype=np.int64)
    np.add.at(per_entry, entry, units)
    short, under = _shortfalls(problem, entry, reviewer)
    _expect(assignment.total_units == _exact_sum(units), f"total_units should be {_exact_sum(units)}")
    for stated, counted, name in (
        (assignment.load, load, "load"),
        (assignment.per_entry, per_entry, "per_entry"),
        (assignment.short, _listed(short), "short"),
        (assignment.under, _listed(under), "under"),
    ):
        _expect(np.array_equal(stated, counted), f"{name} is not what the pairs add up to")


def _verify_infeasibility(network: _Network, assignment: Assignment) -> None:
    for kind, missing in (("coverage", assignment.short), ("least", assignment.under)):
        named = [reason for reason in assignment.infeasibility if reason.kind == kind]
        _expect(bool(named) == bool(missing.size), f"infeasibility and missing slots ({kind}) must go together")
    for reason in assignment.infeasibility:
        _expect(reason.kind in ("coverage", "least"), f"infeasibility of unknown kind {reason.kind!r}")
        group, n = (
            (reason.entries, network.problem.n_entries)
            if reason.kind == "coverage"
            else (reason.reviewers, network.problem.n_reviewers)
        )
        _in_range(group, n, f"infeasibility ({reason.kind})")
        _expect(bool((np.diff(group) > 0).all()), f"infeasibility ({reason.kind}) names one twice")
        counted = _violator(network, reason.kind, group)
        same = np.array_equal(reason.entries, counted.entries) and np.array_equal(reason.reviewers, counted.reviewers)
        _expect(
            same and (reason.needed, reason.available) == (counted.needed, counted.available) and counted.missing > 0,
            f"infeasibility does not hold: {reason}",
        )
