"""The dual: the certificate of optimality that prices of entries and reviewers add up to."""

from __future__ import annotations

from operator import mul

import numpy as np

from simsa.engine.assignment.network import Network
from simsa.engine.assignment.problem import BoolArray, IntArray, Problem
from simsa.engine.assignment.result import Certificate, read_only
from simsa.engine.assignment.shortfall import shortfalls


def certify(
    problem: Problem, network: Network, chosen: BoolArray, entry_price: IntArray, reviewer_price: IntArray
) -> Certificate:
    """Add up both sides from the prices, as `Certificate` says."""
    short, under = shortfalls(problem, network.entry[chosen], network.reviewer[chosen])
    primal = exact_sum(network.units[chosen]) - network.penalty * (int(short.sum()) + int(under.sum()))
    gain = network.units - entry_price[network.entry]
    gain -= reviewer_price[network.reviewer]
    dual = (
        _exact_product(problem.coverage, entry_price)
        + _exact_product(problem.most, np.maximum(reviewer_price, 0))
        + _exact_product(problem.least, np.minimum(reviewer_price, 0))
        + exact_sum(np.where(network.pinned, gain, np.maximum(gain, 0)))
    )
    lowest = min(int(price.min()) if price.size else 0 for price in (entry_price, reviewer_price))
    optimal = primal == dual and lowest >= -network.penalty
    return Certificate(read_only(entry_price), read_only(reviewer_price), network.penalty, primal, dual, optimal)


def exact_sum(values: IntArray) -> int:
    """The sum of up to 2**31 64-bit integers, which may itself not fit into 64 bits."""
    return (int((values >> 32).sum()) << 32) + int((values & 0xFFFFFFFF).sum())


def _exact_product(limits: IntArray, prices: IntArray) -> int:
    return sum(map(mul, limits.tolist(), prices.tolist()))
