"""The bounds on the worst-off entry within one family of kinds: see worst_bound."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from simsa.engine.assignment.certificate import allowed, exact_product, exact_sum, kind_prices_of_pairs, kinds_worth
from simsa.engine.assignment.kinds import Family
from simsa.engine.assignment.kinds_transport import choose_pairs_of_kinds, kind_prices
from simsa.engine.assignment.network import Network
from simsa.engine.assignment.problem import BoolArray, IntArray, expect

Prices = tuple[IntArray, IntArray, IntArray]
"""Of entries, of reviewers, and (entry, group, price) of kinds."""


def best_within(network: Network, family: Family, units: IntArray) -> tuple[IntArray, IntArray, IntArray]:
    """Of each entry, the sum of `units` over its best candidates within its kinds, the least of them, and how many.

    Args:
        units: of the pairs that are not pinned.
    """
    problem, free = network.problem, ~network.pinned
    chosen = _unrestrained(network, family, units)[1][free]
    entry, units = network.entry[free][chosen], units[chosen]
    total, least = np.zeros(problem.n_entries, dtype=np.int64), np.zeros(problem.n_entries, dtype=np.int64)
    np.add.at(total, entry, units)
    filled = np.bincount(entry, minlength=problem.n_entries)
    least[filled > 0] = np.iinfo(np.int64).max
    np.minimum.at(least, entry, units)
    return total, least, filled


def prices_alone(network: Network, family: Family, units: IntArray, who: int, *, optional: bool) -> Prices:
    """Prices that prove what an entry can have at most if all reviewers are free.

    Args:
        optional: seats may stay empty, so that nothing may cost less than nothing; the least limits count for nothing.
    """
    if optional:
        family = replace(family, least=0 * family.least, reserved=0 * family.reserved)
    unrestrained, chosen = _unrestrained(network, family, units)
    reviewer_price = np.zeros(network.problem.n_reviewers, dtype=np.int64)
    price, rows = kind_prices(unrestrained, family, unrestrained.units, chosen, reviewer_price)
    entry_price, rows = np.zeros_like(price), rows[rows[:, 0] == who]
    entry_price[who] = max(price[who], 0) if optional else price[who]
    return entry_price, reviewer_price, rows[rows[:, 2] > 0] if optional else rows


def _unrestrained(network: Network, family: Family, units: IntArray) -> tuple[Network, BoolArray]:
    """The network without limits on loads, and the best choice of its pairs."""
    problem = network.problem
    everybody = problem.changed(most=np.full(problem.n_reviewers, problem.n_entries), least=0)
    own = network.units.copy()
    own[~network.pinned] = units
    unrestrained = replace(network, problem=everybody, units=own)
    return unrestrained, choose_pairs_of_kinds(unrestrained, family, own)[0]


def weighted(
    network: Network, family: Family, weight: IntArray, among: BoolArray, penalty: int, price: IntArray | None
) -> tuple[BoolArray, Prices]:
    """The choice of the greatest weighted sum within kinds, and the prices that prove it.

    Pinned pairs count 0: their units may be too large to be multiplied, and decide nothing.

    Args:
        among: which of the pairs that are not pinned may be chosen.
        penalty: of a missing slot.
        price: of the reviewers, to start from.

    Returns:
        Of the pairs that are not pinned, those chosen; the prices.
    """
    kept = network.pinned.copy()
    kept[~network.pinned] = among
    entry = network.entry[kept]
    part = replace(
        network,
        entry=entry,
        reviewer=network.reviewer[kept],
        units=np.where(network.pinned, 0, network.units)[kept] * weight[entry],
        pinned=network.pinned[kept],
        penalty=penalty,
    )
    chosen, reviewer_price = choose_pairs_of_kinds(part, family, part.units, price)
    entry_price, rows = kind_prices(part, family, part.units, chosen, reviewer_price)
    taken = np.zeros(kept.size, dtype=np.bool_)
    taken[np.flatnonzero(kept)] = chosen
    return taken[~network.pinned], (entry_price, reviewer_price, rows)


def most_within(
    network: Network, weight: IntArray, prices: Prices, penalty: int, missing: int, usable: BoolArray
) -> int:
    """What the weighted units of any assignment with only `missing` slots missing can be at most, pinned pairs aside.

    As in `Certificate`, with units times weight, and only usable pairs among those that are not pinned.

    Raises:
        AssignmentError: a price is too low.
    """
    problem, (entry_price, reviewer_price, rows) = network.problem, prices
    assert problem.kinds is not None
    expect(allowed(problem, penalty, entry_price, reviewer_price, rows), "a price is below -penalty")
    gain = weight[network.entry] * np.where(network.pinned, 0, network.units)
    gain -= entry_price[network.entry] + reviewer_price[network.reviewer]
    gain -= kind_prices_of_pairs(problem.kinds, rows, network.entry, network.reviewer)
    counted = network.pinned.copy()
    counted[~network.pinned] = usable & (gain[~network.pinned] > 0)
    return (
        exact_product(problem.coverage, entry_price)
        + exact_product(problem.most, np.maximum(reviewer_price, 0))
        + exact_product(problem.least, np.minimum(reviewer_price, 0))
        + kinds_worth(problem.kinds, rows)
        + exact_sum(gain[counted])
        + penalty * missing
    )
