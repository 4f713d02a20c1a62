"""Kinds that cross: prices on groups bound what any assignment can be worth, and HiGHS chooses among the pairs left.

The limits of one family are kept exactly, by the kernel; those of the others are replaced by prices of their groups
(Lagrangian relaxation; Fisher 1981), which are raised and lowered, each in steps of its own, until the kernel's choice
keeps the limits or nearly so (steps as in Riedmiller and Braun's Rprop, 1993). What the prices add up to then bounds
every assignment, and no pair whose gain is further below nothing than bound and answer lie apart can be in a better
one. An integer programme over the pairs that are left finds the answer.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simsa.engine import native
from simsa.engine.assignment.certificate import certify, exact_sum, kind_prices_of_pairs, kinds_worth, lowest_change
from simsa.engine.assignment.kinds import Family, Kinds
from simsa.engine.assignment.kinds_transport import Choice, choose_pairs_of_kinds, kind_prices
from simsa.engine.assignment.network import Network
from simsa.engine.assignment.problem import BoolArray, IntArray
from simsa.engine.assignment.programme import Programme
from simsa.engine.assignment.shortfall import shortfalls

SOLVER = "prices on crossing kinds"
PROGRAMME = "prices on crossing kinds, and HiGHS on the pairs left"

_ROUNDS = 80
"""So often prices are moved at most."""
_MOST_PAIRS = 60_000
"""The programme is solved for so many pairs, or not at all."""


def choose_of_crossing_kinds(network: Network, kinds: Kinds, tell: native.Tell | None = None) -> Choice:
    """The best choice of pairs that was found, with the best bound that was found."""
    priced, unpriced = _priced(network, kinds, tell)
    if certify(network.problem, network, *priced.proof).optimal and not _broken(network, kinds, priced.chosen).any():
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
        some = self.price != 0
        key = self.key[some]
        return np.column_stack([key // self.groups, key % self.groups, self.price[some]])

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


def _wrong(network: Network, kinds: Kinds, main: int, chosen: BoolArray, prices: _Prices) -> tuple[IntArray, IntArray]:
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


def _broken(network: Network, kinds: Kinds, chosen: BoolArray) -> BoolArray:
    """The entries whose limits a choice breaks."""
    coverage = network.problem.coverage
    broken = np.zeros(coverage.size, dtype=np.bool_)
    for family in kinds.families:
        who, group, seats = family.seated(network.entry[chosen], network.reviewer[chosen], np.arange(coverage.size))
        most = np.where(group == family.n_groups, coverage[who], family.limits(who, group)[1])
        broken[who[seats > most]] = True
    return broken


# Pairs


def _chosen_among_priced(network: Network, kinds: Kinds, priced: Choice, missing: int) -> BoolArray:
    """The priced choice with its broken limits mended, then the best among all pairs that can be in a better one.

    Args:
        missing: seats short and units under that cannot be avoided.
    """
    gain = network.units - priced.entry_price[network.entry] - priced.reviewer_price[network.reviewer]
    gain -= kind_prices_of_pairs(kinds, priced.kind_price, network.entry, network.reviewer)
    mended = _mended(network, kinds, priced.chosen, gain, missing)
    gap = certify(network.problem, network, mended, *priced.proof[1:]).gap
    among = (gain >= -gap) | network.pinned
    if gap == 0 or np.count_nonzero(among) > _MOST_PAIRS:
        return mended
    better = Programme(network, kinds, among, network.pinned).best(_missing(network, mended))
    return mended if better is None or _worth(network, better) < _worth(network, mended) else better


def _mended(network: Network, kinds: Kinds, chosen: BoolArray, gain: IntArray, missing: int) -> BoolArray:
    """The best exchange around the entries whose limits are broken, in circles that grow until one is found."""
    mobile = _broken(network, kinds, chosen)
    reach = max(int(np.ptp(network.units)) // 4096, 1) if network.units.size else 1
    while True:
        near = gain >= -reach
        wanted = np.bincount(network.reviewer[near & mobile[network.entry]], minlength=network.problem.n_reviewers) > 0
        mobile[network.entry[chosen & wanted[network.reviewer]]] = True
        mobile |= near.all()
        open_pairs = mobile[network.entry] & near
        fixed = network.pinned | (chosen & ~mobile[network.entry])
        programme = Programme(network, kinds, open_pairs | chosen | network.pinned, fixed)
        found = programme.best(missing)
        if found is not None:
            return found
        if near.all() or np.count_nonzero(open_pairs) > _MOST_PAIRS:
            fullest = programme.fullest()
            better = programme.best(_missing(network, fullest))
            return fullest if better is None else better
        reach *= 4


def _worth(network: Network, chosen: BoolArray) -> int:
    return exact_sum(network.units[chosen]) - network.penalty * _missing(network, chosen)


def _missing(network: Network, chosen: BoolArray) -> int:
    return sum(int(part.sum()) for part in shortfalls(network.problem, network.entry[chosen], network.reviewer[chosen]))
