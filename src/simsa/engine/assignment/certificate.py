"""The dual: the certificate of optimality that prices of entries and reviewers add up to."""

from __future__ import annotations

from collections.abc import Callable
from operator import mul

import numpy as np
from numpy.typing import NDArray

from simsa.engine import native
from simsa.engine.assignment.kinds import Kinds
from simsa.engine.assignment.network import Network
from simsa.engine.assignment.problem import BoolArray, IntArray, Problem
from simsa.engine.assignment.result import Certificate, read_only
from simsa.engine.assignment.shortfall import shortfalls

Gain = Callable[[IntArray, IntArray, IntArray, BoolArray, IntArray, IntArray], int]
"""What pairs are worth beyond their prices: of pinned ones all, of others what is more than nothing.

Given entry, reviewer, units and pinned of the pairs, and the prices of entries and reviewers."""


def gain_of_pairs(
    entry: IntArray,
    reviewer: IntArray,
    units: IntArray,
    pinned: BoolArray,
    entry_price: IntArray,
    reviewer_price: IntArray,
) -> int:
    """`Gain` in one compiled loop."""
    parts = np.zeros(2, dtype=np.int64)
    arrays = (entry, reviewer, units, pinned, entry_price, reviewer_price)
    native.call("simsa_pairs_gain", units.size, *map(np.ascontiguousarray, arrays), parts)
    return (int(parts[0]) << 32) + int(parts[1])


def gain_anew(
    entry: IntArray,
    reviewer: IntArray,
    units: IntArray,
    pinned: BoolArray,
    entry_price: IntArray,
    reviewer_price: IntArray,
) -> int:
    """`Gain` without the compiled loop, to verify what it found."""
    gain = units - entry_price[entry]
    gain -= reviewer_price[reviewer]
    return exact_sum(np.maximum(gain, 0, out=gain, where=~pinned))


def certify(
    problem: Problem,
    network: Network,
    chosen: BoolArray,
    entry_price: IntArray,
    reviewer_price: IntArray,
    kind_price: IntArray,
    gain: Gain = gain_of_pairs,
) -> Certificate:
    """Add up both sides from the prices, as `Certificate` says."""
    places = np.flatnonzero(chosen)
    short, under = shortfalls(problem, network.entry[places], network.reviewer[places])
    primal = exact_sum(network.units[places]) - network.penalty * (int(short.sum()) + int(under.sum()))
    units, worth_of_kinds = network.units, 0
    if problem.kinds is not None:
        units = units - kind_prices_of_pairs(problem.kinds, kind_price, network.entry, network.reviewer)
        worth_of_kinds = kinds_worth(problem.kinds, kind_price)
    dual = (
        exact_product(problem.coverage, entry_price)
        + exact_product(problem.most, np.maximum(reviewer_price, 0))
        + exact_product(problem.least, np.minimum(reviewer_price, 0))
        + worth_of_kinds
        + gain(network.entry, network.reviewer, units, network.pinned, entry_price, reviewer_price)
    )
    optimal = primal == dual and allowed(problem, network.penalty, entry_price, reviewer_price, kind_price)
    prices = (read_only(entry_price), read_only(reviewer_price), read_only(kind_price))
    return Certificate(*prices, network.penalty, primal, dual, optimal)


def allowed(
    problem: Problem, penalty: int, entry_price: IntArray, reviewer_price: IntArray, kind_price: IntArray
) -> bool:
    """Whether no seat or load that stays empty is worth more than its prices: else they bound nothing."""
    seat = entry_price + lowest_change(problem, kind_price)
    return bool(min(price.min(initial=0) for price in (entry_price, reviewer_price, seat)) >= -penalty)


def kind_prices_of_pairs(kinds: Kinds, kind_price: IntArray, entry: IntArray, reviewer: IntArray) -> IntArray:
    """The prices of all the groups that each pair's reviewer is of, together."""
    total = np.zeros(entry.size, dtype=np.int64)
    some = np.flatnonzero(np.isin(entry, kind_price[:, 0]))
    for at, family in enumerate(kinds.families):
        total[some] += _chained(kinds, at, kind_price, entry[some], family.group[reviewer[some]])
    return total


def _chained(kinds: Kinds, at: int, kind_price: IntArray, entry: IntArray, group: IntArray) -> IntArray:
    """The prices of groups of a family and of all around them, together; group -1 has none."""
    total = np.zeros(entry.size, dtype=np.int64)
    n, first, parent = len(kinds.names), kinds.first[at], kinds.families[at].parent
    keys = kind_price[:, 0] * n + kind_price[:, 1]
    which = np.arange(entry.size)
    while keys.size:
        which, group = which[group >= 0], group[group >= 0]
        if not which.size:
            break
        key = entry[which] * n + group + first
        place = np.minimum(np.searchsorted(keys, key), keys.size - 1)
        total[which] += np.where(keys[place] == key, kind_price[place, 2], 0)
        group = parent[group]
    return total


def _by_family(kinds: Kinds, kind_price: IntArray) -> list[tuple[IntArray, IntArray, IntArray]]:
    """Entry, group as numbered in the family, and price, for each family."""
    rows = np.searchsorted(kinds.first, kind_price[:, 1], side="right") - 1
    return [
        (part[:, 0], part[:, 1] - first, part[:, 2])
        for at, first in enumerate(kinds.first)
        for part in (kind_price[rows == at],)
    ]


def kinds_worth(kinds: Kinds, kind_price: IntArray) -> int:
    """What the limits of kinds are worth at their prices: most x price where positive, least x price where negative."""
    total = 0
    for family, (entry, group, price) in zip(kinds.families, _by_family(kinds, kind_price), strict=True):
        least, most, _ = family.limits(entry, group)
        total += exact_product(np.where(price > 0, most, least), price)
    return total


def lowest_change(problem: Problem, kind_price: IntArray) -> IntArray:
    """How far below the entry's price a seat can be had that stays empty, kept for whatever group of each family."""
    change = np.zeros(problem.n_entries, dtype=np.int64)
    if problem.kinds is None:
        return change
    for at, (entry, group, _) in enumerate(_by_family(problem.kinds, kind_price)):
        lowest = np.zeros(problem.n_entries, dtype=np.int64)
        np.minimum.at(lowest, entry, _chained(problem.kinds, at, kind_price, entry, group))
        change += lowest
    return change


def exact_sum(values: IntArray) -> int:
    """The sum of up to 2**31 64-bit integers, which may itself not fit into 64 bits."""
    return (int((values >> 32).sum()) << 32) + int((values & 0xFFFFFFFF).sum())


def exact_product(limits: NDArray[np.integer], prices: IntArray) -> int:
    """The sum of products, which may itself not fit into 64 bits."""
    widest = max(int(prices.max(initial=0)), -int(prices.min(initial=0))) * int(limits.max(initial=0))
    if widest * prices.size < 2**63:
        return int(limits.astype(np.int64, copy=False) @ prices)
    some = np.flatnonzero(prices)
    return sum(map(mul, limits[some].tolist(), prices[some].tolist()))
