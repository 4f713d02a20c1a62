"""The transport kernel: the pairs that are chosen, and the prices that prove it. See transport.c for the method."""

from __future__ import annotations

import ctypes
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simsa.engine import native
from simsa.engine.assignment.network import Network
from simsa.engine.assignment.problem import BoolArray, IntArray

SOLVER = "exact auction and shortest augmenting paths"


class Work(ctypes.Structure):
    """What the kernel did: `Stats` of transport_common.h, name by name."""

    _fields_ = [
        ("scans", ctypes.c_int64),
        ("bids", ctypes.c_int64),
        ("evictions", ctypes.c_int64),
        ("waited", ctypes.c_int64),
        ("paths", ctypes.c_int64),
        ("popped", ctypes.c_int64),
        ("relaxed", ctypes.c_int64),
    ]


@dataclass(frozen=True, eq=False)
class Flow:
    """What the kernel found.

    Attributes:
        taken: int32, shape (pairs,): units of each pair.
        entry_price, reviewer_price: int64, shapes (entries,) and (reviewers,), in affinity units.
        work: what it took.
    """

    taken: NDArray[np.int32]
    entry_price: IntArray
    reviewer_price: IntArray
    work: Work


def transport(
    start: IntArray,
    reviewer: IntArray,
    units: IntArray,
    need: IntArray,
    least: IntArray,
    most: IntArray,
    penalty: int,
    *,
    cap: NDArray[np.int32] | None = None,
    price: IntArray | None = None,
    tell: native.Tell | None = None,
) -> Flow:
    """Fill the entries' needs with the greatest sum of units; each unit short or under a least load costs `penalty`.

    Args:
        start: shape (entries + 1,): the pairs of entry i stand at start[i] to start[i + 1].
        reviewer, units: shape (pairs,): reviewers rise within an entry; units may be negative.
        need, least, most: by entry and by reviewer; below 2**31.
        penalty: more than any exchange along a path can cost.
        cap: units that each pair can carry, 1 where not given. Few: a pair is then kept that many times.
        price: of the reviewers, to start from; best a little below the final ones. Negative ones count as 0.
        tell: told the step (0 auction, 1 and 2 shortest paths) and its share that is done.
    """
    entries, reviewers = start.size - 1, most.size
    taken = np.zeros(reviewer.size, dtype=np.int32)
    entry_price = np.zeros(entries, dtype=np.int64)
    reviewer_price = np.zeros(reviewers, dtype=np.int64) if price is None else price.astype(np.int64)
    work = Work()
    native.call(
        "simsa_transport",
        entries,
        reviewers,
        np.ascontiguousarray(start, dtype=np.int64),
        np.ascontiguousarray(reviewer, dtype=np.int64),
        np.ascontiguousarray(units, dtype=np.int64),
        None if cap is None else np.ascontiguousarray(cap, dtype=np.int32),
        np.ascontiguousarray(need, dtype=np.int32),
        np.ascontiguousarray(least, dtype=np.int32),
        np.ascontiguousarray(most, dtype=np.int32),
        penalty,
        taken,
        entry_price,
        reviewer_price,
        work,
        tell=tell,
    )
    return Flow(taken, entry_price, reviewer_price, work)


def choose_pairs(
    network: Network, price: IntArray | None = None, tell: native.Tell | None = None
) -> tuple[BoolArray, Flow]:
    """Which of the network's pairs are chosen, the pinned ones among them, and the kernel's flow through the others."""
    problem, pinned = network.problem, network.pinned
    some = bool(pinned.any())
    entry, reviewer, units = (
        (array[~pinned] if some else array) for array in (network.entry, network.reviewer, network.units)
    )
    by_entry = np.bincount(network.entry[pinned], minlength=problem.n_entries)
    by_reviewer = np.bincount(network.reviewer[pinned], minlength=problem.n_reviewers)
    flow = transport(
        np.searchsorted(entry, np.arange(problem.n_entries + 1)),
        reviewer,
        units,
        problem.coverage - by_entry,
        np.maximum(problem.least - by_reviewer, 0),
        problem.most - by_reviewer,
        network.penalty,
        price=price,
        tell=tell,
    )
    if not some:
        return flow.taken > 0, flow
    chosen = pinned.copy()
    chosen[~pinned] = flow.taken > 0
    return chosen, flow
