"""Verification of a fair assignment: what it states about the worst-off entry, and the bound, checked from scratch."""

from __future__ import annotations

import numpy as np

from simsa.engine.assignment.certificate import certify, gain_anew
from simsa.engine.assignment.fair import FairAssignment
from simsa.engine.assignment.kinds import Family
from simsa.engine.assignment.network import COST_ROOM, Network, build_network, chosen_pairs
from simsa.engine.assignment.problem import BoolArray, IntArray, Problem, expect
from simsa.engine.assignment.verification import verified_pairs, verify, verify_kind_price
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
    here, there = (field(network, pairs, _best, gain_anew) for pairs in (chosen, greatest))
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
    given = (prices.entry_price, prices.reviewer_price, prices.kind_price)
    proven = certify(network.problem, network, chosen, *given, gain_anew)
    same = (stated.penalty, stated.primal, stated.dual, stated.optimal)
    expect(same == (proven.penalty, proven.primal, proven.dual, proven.optimal), "the certificate does not add up")


def _proven(here: Field, witness: Witness) -> int:
    expect(type(witness.penalty) is int and type(witness.threshold) in (int, type(None)), "penalty must be whole")
    largest = 0  # of what is added up for a free pair; pinned ones are in exact integers
    for array, n, name in (
        (witness.weight, here.need.size, "weight"),
        (witness.entry_price, here.need.size, "entry_price"),
        (witness.reviewer_price, here.room.size, "reviewer_price"),
    ):
        expect(array.shape == (n,) and array.dtype == np.int64, f"{name} must be {n} integers")
        high = max((abs(int(end)) for end in (array.min(), array.max())), default=0) if n else 0
        largest += high * (int(np.abs(here.units).max(initial=0)) if name == "weight" else 1)
    verify_kind_price(here.network.problem, witness.kind_price)
    largest += 2 * COST_ROOM if witness.kind_price.size else 0
    expect(largest < 2**63, "weights and prices are beyond all bounds")
    return proven_bound(here, witness)


def _best(here: Field, worth: IntArray) -> tuple[IntArray, IntArray, IntArray]:
    """As `worst_bound.best`: by sorting, and with kinds by taking whom they let in, the best first."""
    n = here.need.size
    entry = np.repeat(np.arange(n), np.diff(here.start))
    order = np.lexsort((-worth, entry))
    if here.family is None:
        within = np.arange(worth.size) - here.start[entry]
        chosen = order[within < here.need[entry]]
    else:
        chosen = _let_in(here, here.family, order)
    total, last = np.zeros(n, dtype=np.int64), np.zeros(n, dtype=np.int64)
    np.add.at(total, entry[chosen], worth[chosen])
    filled = np.bincount(entry[chosen], minlength=n)
    last[filled > 0] = np.iinfo(np.int64).max
    np.minimum.at(last, entry[chosen], worth[chosen])
    return total, last, filled


def _let_in(here: Field, family: Family, order: IntArray) -> IntArray:
    """The pairs that each entry's kinds let in one after the other, in this order, beside those pinned."""
    network, top = here.network, family.n_groups
    group = np.where(family.group < 0, top, family.group).tolist()
    parent = [top if around < 0 else around for around in family.parent.tolist()]
    pinned, chosen = np.flatnonzero(network.pinned), []
    fixed = np.searchsorted(network.entry[pinned], np.arange(here.need.size + 1))
    for e in range(here.need.size):
        at = (e,) if family.least.ndim == 2 else ()
        least, most = family.least[at].tolist(), family.most[at].tolist()
        least, most = [*least, 0], [*most, int(network.problem.coverage[e])]
        seats = family.reserved[at].tolist()
        for q in pinned[fixed[e] : fixed[e + 1]].tolist():
            _seat(group[network.reviewer[q]], parent, least, most, seats)
        places = order[here.start[e] : here.start[e + 1]].tolist()
        chosen += [q for q in places if _seat(group[here.reviewer[q]], parent, least, most, seats)]
    return np.array(chosen, dtype=np.int64)


def _seat(group: int, parent: list[int], least: list[int], most: list[int], seats: list[int]) -> bool:
    """Seat one more of a group if there is room, up to the group in which a seat was kept for it."""
    line = [group]
    while seats[line[-1]] >= least[line[-1]] and line[-1] < len(parent):
        line.append(parent[line[-1]])
    if any(seats[g] >= most[g] for g in line):
        return False
    for g in line:
        seats[g] += 1
    return True
