"""The dual: prices of entries and reviewers, and the certificate of optimality that they add up to."""

from __future__ import annotations

from dataclasses import dataclass
from operator import mul

import numpy as np

from simsa.engine.assignment.network import Network
from simsa.engine.assignment.problem import BoolArray, IntArray, Problem
from simsa.engine.assignment.result import Certificate, read_only
from simsa.engine.assignment.shortfall import shortfalls


def prices(network: Network, chosen: BoolArray) -> tuple[IntArray, IntArray]:
    """Prices of entries and reviewers that prove the chosen pairs optimal, if they are.

    Shortest paths in the residual network by Bellman and Ford's method, from reviewers' lowest prices upwards: a pair
    that is not chosen raises its reviewer's price until it is not worth its prices, a chosen one lowers its entry's
    until it is. Only what changed is looked at again.
    """
    problem, penalty = network.problem, network.penalty
    spare, used = _by_entry(network, ~chosen), _by_reviewer(network, chosen & ~network.pinned)
    short, under = shortfalls(problem, network.entry[chosen], network.reviewer[chosen])
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


def _by_entry(network: Network, which: BoolArray) -> _Rows:
    entry = network.entry[which]
    start = np.searchsorted(entry, np.arange(network.problem.n_entries + 1))
    return _Rows(entry, network.reviewer[which], network.units[which], start)


def _by_reviewer(network: Network, which: BoolArray) -> _Rows:
    places = np.flatnonzero(which)
    places = places[np.argsort(network.reviewer[places], kind="stable")]
    reviewer = network.reviewer[places]
    start = np.searchsorted(reviewer, np.arange(network.problem.n_reviewers + 1))
    return _Rows(network.entry[places], reviewer, network.units[places], start)


def _gather(start: IntArray, nodes: IntArray) -> IntArray:
    """The positions of all pairs of some nodes."""
    length = start[nodes + 1] - start[nodes]
    skipped = np.repeat(start[nodes] - np.cumsum(length) + length, length)
    return skipped + np.arange(skipped.size)


def certify(
    problem: Problem, network: Network, chosen: BoolArray, entry_price: IntArray, reviewer_price: IntArray
) -> Certificate:
    """Add up both sides from the prices, as `Certificate` says."""
    short, under = shortfalls(problem, network.entry[chosen], network.reviewer[chosen])
    primal = exact_sum(network.units[chosen]) - network.penalty * (int(short.sum()) + int(under.sum()))
    gain = network.units - entry_price[network.entry] - reviewer_price[network.reviewer]
    dual = (
        _exact_product(problem.coverage, entry_price)
        + _exact_product(problem.most, np.maximum(reviewer_price, 0))
        + _exact_product(problem.least, np.minimum(reviewer_price, 0))
        + exact_sum(gain[network.pinned | (gain > 0)])
    )
    lowest = min(int(price.min()) if price.size else 0 for price in (entry_price, reviewer_price))
    optimal = primal == dual and lowest >= -network.penalty
    return Certificate(read_only(entry_price), read_only(reviewer_price), network.penalty, primal, dual, optimal)


def exact_sum(values: IntArray) -> int:
    """The sum of up to 2**31 64-bit integers, which may itself not fit into 64 bits."""
    return (int((values >> 32).sum()) << 32) + int((values & 0xFFFFFFFF).sum())


def _exact_product(limits: IntArray, prices: IntArray) -> int:
    return sum(map(mul, limits.tolist(), prices.tolist()))
