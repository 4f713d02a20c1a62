"""Kinds that cross: prices on groups bound what any assignment can be worth, and HiGHS chooses among the pairs left.

The limits of one family are kept exactly, by the kernel; those of the others are replaced by prices of their groups
(Lagrangian relaxation; Fisher 1981), which are raised and lowered, each in steps of its own, until the kernel's choice
keeps the limits or nearly so (steps as in Riedmiller and Braun's Rprop, 1993). What the prices add up to then bounds
every assignment, and no pair whose gain is further below nothing than bound and answer lie apart can be in a better
one. An integer programme over the pairs that are left finds the answer.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array

from simsa.engine import native
from simsa.engine.assignment.certificate import certify, exact_sum, kind_prices_of_pairs, kinds_worth, lowest_change
from simsa.engine.assignment.kinds import Family, Kinds
from simsa.engine.assignment.kinds_transport import Choice, choose_pairs_of_kinds, kind_prices
from simsa.engine.assignment.network import Network
from simsa.engine.assignment.problem import BoolArray, IntArray
from simsa.engine.assignment.shortfall import shortfalls

SOLVER = "prices on crossing kinds"
PROGRAMME = "prices on crossing kinds, and HiGHS on the pairs left"

_ROUNDS = 80
_MOST_PAIRS = 60_000
_NODES = 2_000


def choose_of_crossing_kinds(network: Network, kinds: Kinds, tell: native.Tell | None = None) -> Choice:
    """The best choice of pairs that was found, with the best bound that was found."""
    priced, unpriced = _priced(network, kinds, tell)
    if certify(network.problem, network, *priced.proof).optimal and _keeps_limits(network, kinds, priced.chosen):
        return priced
    chosen = _chosen_among_priced(network, kinds, priced, _missing(network, unpriced))
    return Choice(chosen, priced.entry_price, priced.reviewer_price, priced.kind_price, PROGRAMME)


# Prices


@dataclass(eq=False)
class _Prices:
    """Prices of (entry, group) in the families that are not kept, by key = entry x groups + group; sorted."""

    groups: int
    key: IntArray
    price: IntArray
    step: IntArray
    sign: IntArray

    @property
    def rows(self) -> IntArray:
        rows = np.column_stack([self.key // self.groups, self.key % self.groups, self.price])
        return rows[self.price != 0]

    def moved(self, key: IntArray, sign: IntArray, first_step: int, limit: int) -> _Prices:
        """A step up (sign 1) or down (-1) at these keys: longer than the last in the same direction, shorter back."""
        every = np.union1d(self.key, key)
        old, new = np.searchsorted(every, self.key), np.searchsorted(every, key)
        price, step, last, now = (np.zeros(every.size, dtype=np.int64) for _ in range(4))
        step[:] = first_step
        price[old], step[old], last[old], now[new] = self.price, self.step, self.sign, sign
        step = np.where(now * last > 0, step + step // 5, np.where(now * last < 0, (step + 1) // 2, step))
        moved = price + now * step
        slack = (price != 0) & (np.sign(price) != now) & (now != 0)
        moved[slack & (np.sign(moved) != np.sign(price))] = 0  # an unneeded price falls to nothing, not beyond
        return _Prices(self.groups, every, np.clip(moved, -limit, limit), step, np.where(now != 0, now, last))


def _priced(network: Network, kinds: Kinds, tell: native.Tell | None) -> tuple[Choice, BoolArray]:
    """The kernel's choice within the family of most groups, at the prices of the others that bound it best; and its
    choice without such prices, which misses no more than must be missed."""
    main = max(range(len(kinds.families)), key=lambda at: kinds.families[at].n_groups)
    family = kinds.families[main]
    none = np.zeros(0, dtype=np.int64)
    prices = _Prices(len(kinds.names), none, none, none, none)
    width = int(np.ptp(network.units)) if network.units.size else 0
    found: list[tuple[int, IntArray, IntArray, BoolArray, IntArray]] = []
    start: IntArray | None = None
    for at in range(_ROUNDS):
        if tell:
            tell(0, at / _ROUNDS)
        rows = prices.rows
        units = network.units - kind_prices_of_pairs(kinds, rows, network.entry, network.reviewer)
        chosen, reviewer_price = choose_pairs_of_kinds(network, family, units, start)
        bound = exact_sum(units[chosen]) - network.penalty * _missing(network, chosen) + kinds_worth(kinds, rows)
        found = [*found[:1], min([*found[1:], (bound, rows, units, chosen, reviewer_price)], key=lambda each: each[0])]
        key, sign = _wrong(network, kinds, main, chosen, prices)
        if not key.size:
            break
        prices = prices.moved(key, sign, max(width // 64, 1), network.penalty)
        start = np.maximum(reviewer_price - width // 1000, 0)
    _, rows, units, chosen, reviewer_price = found[-1]
    entry_price, own = kind_prices(network, family, units, chosen, reviewer_price)
    own[:, 1] += kinds.first[main]
    every = np.concatenate([own, rows])
    every = every[np.lexsort((every[:, 1], every[:, 0]))]
    entry_price = np.maximum(entry_price, -network.penalty - lowest_change(network.problem, every))
    return Choice(chosen, entry_price, reviewer_price, every, SOLVER), found[0][3]


def _wrong(
    network: Network, kinds: Kinds, main: int, chosen: BoolArray, prices: _Prices
) -> tuple[IntArray, IntArray]:
    """Keys of the limits that a choice breaks, or that have a price that they do not need, and where prices must go."""
    entry, reviewer = network.entry[chosen], network.reviewer[chosen]
    coverage = network.problem.coverage
    short = coverage - np.bincount(entry, minlength=coverage.size)
    keys, signs = [np.zeros(0, dtype=np.int64)], [np.zeros(0, dtype=np.int64)]
    for at, (family, first) in enumerate(zip(kinds.families, kinds.first, strict=True)):
        if at == main:
            continue
        who, group, seats = family.seated(entry, reviewer, np.arange(coverage.size))
        inside = group < family.n_groups
        who, group, seats = who[inside], group[inside], seats[inside]
        least, most, _ = family.limits(who, group)
        key = who * prices.groups + group + first
        price = _looked_up(prices, key)
        sign = np.where(seats > most, 1, np.where(seats + short[who] < least, -1, 0))
        sign = np.where((sign == 0) & (price > 0) & (seats < most), -1, sign)
        sign = np.where((sign == 0) & (price < 0) & (seats > least), 1, sign)
        keys.append(key[sign != 0])
        signs.append(sign[sign != 0])
        nobody = np.setdiff1d(prices.key[(prices.price > 0) & _of(prices.key % prices.groups, first, family)], key)
        keys.append(nobody)
        signs.append(np.full(nobody.size, -1))
    key, sign = np.concatenate(keys), np.concatenate(signs)
    order = np.argsort(key)
    return key[order], sign[order]


def _of(group: IntArray, first: int, family: Family) -> BoolArray:
    return (group >= first) & (group < first + family.n_groups)


def _looked_up(prices: _Prices, key: IntArray) -> IntArray:
    if not prices.key.size:
        return np.zeros(key.size, dtype=np.int64)
    place = np.minimum(np.searchsorted(prices.key, key), prices.key.size - 1)
    return np.where(prices.key[place] == key, prices.price[place], 0)


def _keeps_limits(network: Network, kinds: Kinds, chosen: BoolArray) -> bool:
    coverage = network.problem.coverage
    for family in kinds.families:
        who, group, seats = family.seated(network.entry[chosen], network.reviewer[chosen], np.arange(coverage.size))
        most = np.where(group == family.n_groups, coverage[who], family.limits(who, group)[1])
        if (seats > most).any():
            return False
    return True


# Pairs


def _chosen_among_priced(network: Network, kinds: Kinds, priced: Choice, missing: int) -> BoolArray:
    """The best choice among the pairs that can be in one better than what was found, as long as they are not too many.

    Args:
        missing: seats short and units under that cannot be avoided.
    """
    problem = network.problem
    gain = network.units - priced.entry_price[network.entry] - priced.reviewer_price[network.reviewer]
    gain -= kind_prices_of_pairs(kinds, priced.kind_price, network.entry, network.reviewer)
    reach = max(int(np.ptp(network.units)) // 4096, 1) if network.units.size else 1
    while True:
        among = (gain >= -reach) | priced.chosen | network.pinned
        chosen = _Programme(network, kinds, among).best(missing)
        if chosen is None and not among.all():
            reach *= 8
            continue
        if chosen is None:
            missing = _Programme(network, kinds, among).fewest_missing()
            continue
        gap = certify(problem, network, chosen, *priced.proof[1:]).gap
        if gap <= reach or among.all() or np.count_nonzero(gain >= -gap) > _MOST_PAIRS:
            return chosen
        reach = gap


def _missing(network: Network, chosen: BoolArray) -> int:
    return sum(int(part.sum()) for part in shortfalls(network.problem, network.entry[chosen], network.reviewer[chosen]))


@dataclass(eq=False)
class _Programme:
    """The integer programme: units of the pairs, then seats short by entry, units under by reviewer, and seats kept.

    A seat that is short may be kept for a group in each family.
    """

    network: Network
    kinds: Kinds
    among: BoolArray

    def best(self, missing: int) -> BoolArray | None:
        """The pairs of the greatest sum with so many seats short and units under; None if so few cannot be."""
        rows, low, high = self._limits
        row = np.zeros(rows.shape[1])
        row[self._pairs : self._pairs + self._slots] = 1
        cost = np.zeros(rows.shape[1])
        cost[: self._pairs] = -self.network.units[self.among]
        return self._solved(cost, [LinearConstraint(rows, low, high), LinearConstraint(row[None, :], 0, missing)])

    def fewest_missing(self) -> int:
        rows, low, high = self._limits
        cost = np.zeros(rows.shape[1])
        cost[self._pairs : self._pairs + self._slots] = 1
        chosen = self._solved(cost, [LinearConstraint(rows, low, high)])
        assert chosen is not None
        return _missing(self.network, chosen)

    def _solved(self, cost: NDArray[np.float64], constraints: list[LinearConstraint]) -> BoolArray | None:
        lower, upper = np.zeros(cost.size), np.full(cost.size, np.inf)
        lower[: self._pairs], upper[: self._pairs] = self.network.pinned[self.among], 1
        found = milp(
            cost,
            constraints=constraints,
            bounds=Bounds(lower, upper),
            integrality=np.ones(cost.size),
            options={"mip_rel_gap": 0.0, "node_limit": _NODES},
        )
        if found.x is None:
            return None
        chosen = np.zeros(self.among.size, dtype=np.bool_)
        chosen[np.flatnonzero(self.among)[found.x[: self._pairs] > 0.5]] = True
        return chosen

    @property
    def _pairs(self) -> int:
        return int(np.count_nonzero(self.among))

    @property
    def _slots(self) -> int:
        return self.network.problem.n_entries + self.network.problem.n_reviewers

    @cached_property
    def _limits(self) -> tuple[csr_array, NDArray[np.float64], NDArray[np.float64]]:
        """Rows over the variables and their limits: entries, reviewers, least loads, groups, seats kept."""
        problem = self.network.problem
        entry, reviewer = self.network.entry[self.among], self.network.reviewer[self.among]
        n, m, pairs = problem.n_entries, problem.n_reviewers, entry.size
        which = np.arange(pairs)
        short, under = pairs + np.arange(n), pairs + n + np.arange(m)
        everyone = np.arange(m)
        parts = [
            (np.concatenate([entry, np.arange(n)]), np.concatenate([which, short]), problem.coverage, problem.coverage),
            (reviewer, which, np.zeros(m), problem.most),
            (np.concatenate([reviewer, everyone]), np.concatenate([which, under]), problem.least, np.full(m, np.inf)),
        ]
        variables = pairs + n + m
        for family in self.kinds.families:
            who, group, variable, kept = _members(family, entry, reviewer, np.arange(n), variables)
            key, row = np.unique(who * family.n_groups + group, return_inverse=True)
            least, most, _ = family.limits(key // family.n_groups, key % family.n_groups)
            parts.append((row, variable, least, most))
            seats = variables + np.arange(kept.size)
            rows = np.concatenate([kept, np.arange(n)])
            parts.append((rows, np.concatenate([seats, -short - 1]), np.full(n, -np.inf), np.zeros(n)))
            variables += kept.size
        return _stacked(parts, variables)


def _members(
    family: Family, entry: IntArray, reviewer: IntArray, entries: IntArray, first: int
) -> tuple[IntArray, IntArray, IntArray, IntArray]:
    """(entry, group, variable) of all that counts in a group: pairs, and seats kept for groups of which some must be;
    and the entry of each of those seats, which are numbered from `first`."""
    kept = family.kept
    kept_entry, kept_group = np.repeat(entries, kept.size), np.tile(kept, entries.size)
    who = np.concatenate([entry, kept_entry])
    group = np.concatenate([family.group[reviewer], kept_group])
    variable = np.concatenate([np.arange(entry.size), first + np.arange(kept_entry.size)])
    found = []
    while who.size:
        inside = group >= 0
        who, group, variable = who[inside], group[inside], variable[inside]
        found.append(np.column_stack([who, group, variable]))
        group = family.parent[group]
    rows = np.concatenate(found) if found else np.zeros((0, 3), dtype=np.int64)
    return rows[:, 0], rows[:, 1], rows[:, 2], kept_entry


def _stacked(
    parts: list[tuple[IntArray, IntArray, NDArray[np.float64], NDArray[np.float64]]], variables: int
) -> tuple[csr_array, NDArray[np.float64], NDArray[np.float64]]:
    """One matrix of all rows; a variable counted down stands there as -number - 1."""
    first = np.cumsum([0] + [part[2].size for part in parts])
    row = np.concatenate([part[0] + at for part, at in zip(parts, first, strict=False)])
    column = np.concatenate([part[1] for part in parts])
    sign = np.where(column < 0, -1.0, 1.0)
    column = np.where(column < 0, -column - 1, column)
    matrix = csr_array((sign, (row, column)), shape=(int(first[-1]), variables))
    low, high = (np.concatenate([part[at] for part in parts]).astype(np.float64) for at in (2, 3))
    return matrix, low, high
