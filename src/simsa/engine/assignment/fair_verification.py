"""Verification of a fair assignment: what it states about the worst-off entry, and the bound, checked from scratch."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from simsa.engine.assignment.certificate import certify
from simsa.engine.assignment.fair import FairAssignment
from simsa.engine.assignment.network import Network, build_network, chosen_pairs
from simsa.engine.assignment.problem import BoolArray, IntArray, Problem, expect
from simsa.engine.assignment.verification import verified_pairs, verify
from simsa.engine.assignment.worst_bound import Field, Witness, field, proven_bound


def verify_bound(problem: Problem, result: FairAssignment) -> None:
    """Check with nothing but the problem and the result: feasible, no slot wasted, worst-off entry and bound as stated.

    Every number is added up anew, in exact integers and without the compiled loops.

    Raises:
        AssignmentError: naming the first thing that is not as it must be.
    """
    verify(problem, result.optimum)
    expect(result.assignment.scale == result.optimum.scale, "the two assignments have different scales")
    network = build_network(problem, result.optimum.scale)
    chosen = verified_pairs(network, result.assignment)
    _verify_total(network, chosen, result)
    greatest = chosen_pairs(network, result.optimum)
    here, there = field(network, chosen, _best), field(network, greatest, _best)
    expect(here.missing == there.missing, f"{here.missing} slots are missing, but need be only {there.missing}")
    excluded = np.flatnonzero(~here.counts)
    expect(np.array_equal(result.excluded, excluded), f"{excluded.size} entries do not count, and not those stated")
    counted = result.assignment.per_entry[here.counts]
    worst = int(counted.min()) if counted.size else 0
    expect(result.worst == worst, f"the worst-off entry has {worst}, not {result.worst}")
    proven = _proven(here, result.witness) if counted.size else 0
    expect(result.bound == proven, f"the witness states a bound of {result.bound}, but proves {proven}")


def _verify_total(network: Network, chosen: BoolArray, result: FairAssignment) -> None:
    """The prices that prove the greatest total bound this one as well."""
    stated, prices = result.assignment.certificate, result.optimum.certificate
    for name in ("entry_price", "reviewer_price", "kind_price"):
        expect(np.array_equal(getattr(stated, name), getattr(prices, name)), f"{name} is not the optimum's")
    proven = certify(network.problem, network, chosen, prices.entry_price, prices.reviewer_price, prices.kind_price)
    same = (stated.penalty, stated.primal, stated.dual, stated.optimal)
    expect(same == (proven.penalty, proven.primal, proven.dual, proven.optimal), "the certificate does not add up")


def _proven(here: Field, witness: Witness) -> int:
    largest = 0
    for array, n, name in (
        (witness.weight, here.need.size, "weight"),
        (witness.entry_price, here.need.size, "entry_price"),
        (witness.reviewer_price, here.room.size, "reviewer_price"),
    ):
        expect(array.shape == (n,) and array.dtype == np.int64, f"{name} must be {n} integers")
        high = max((abs(int(end)) for end in (array.min(), array.max())), default=0) if n else 0
        largest += high * (int(np.abs(here.units).max(initial=0)) if name == "weight" else 1)
    expect(largest < 2**63, "weights and prices are beyond all bounds")
    return proven_bound(here, witness)


def _best(start: IntArray, units: IntArray, need: NDArray[np.int32]) -> tuple[IntArray, IntArray]:
    """As `chains.best`, by sorting."""
    entry = np.repeat(np.arange(need.size), np.diff(start))
    order = np.lexsort((-units, entry))
    ranked = units[order]
    within = np.arange(units.size) - start[entry]
    total, last = np.zeros(need.size, dtype=np.int64), np.zeros(need.size, dtype=np.int64)
    np.add.at(total, entry[within < need[entry]], ranked[within < need[entry]])
    ends = within == need[entry] - 1
    last[entry[ends]] = ranked[ends]
    return total, last
