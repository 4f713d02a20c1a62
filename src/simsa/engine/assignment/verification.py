"""Verification: an assignment checked from scratch, pair by pair, count by count, and against its own prices."""

from __future__ import annotations

import numpy as np

from simsa.engine.assignment.certificate import certify, exact_sum
from simsa.engine.assignment.network import COST_ROOM, Network, build_network, fitting_scale
from simsa.engine.assignment.problem import (
    AssignmentError,
    BoolArray,
    Problem,
    in_range,
    pair_keys,
    pair_places,
    refuse,
)
from simsa.engine.assignment.result import Assignment, Certificate
from simsa.engine.assignment.shortfall import listed, shortfalls, violator


def verify(problem: Problem, assignment: Assignment) -> None:
    """Check an assignment from scratch, with nothing but the problem and the result: feasible, as stated, and optimal.

    Raises:
        AssignmentError: naming the first thing that is not as it must be.
    """
    network, chosen = verified_choice(problem, assignment)
    verify_prices(network, chosen, assignment.certificate, optimal=True)


def verified_choice(problem: Problem, assignment: Assignment) -> tuple[Network, BoolArray]:
    """The network and which of its pairs are chosen, once pairs, counts and reasons are known to be as stated."""
    scale = assignment.scale
    expect(type(scale) is int and scale == fitting_scale(problem, scale), f"scale {scale!r} cannot be used")
    network = build_network(problem, scale)
    chosen = _verified_pairs(network, assignment)
    _verify_counts(problem, assignment)
    _verify_infeasibility(network, assignment)
    return network, chosen


def verify_prices(network: Network, chosen: BoolArray, stated: Certificate, *, optimal: bool) -> None:
    """Add both sides of a certificate up anew; `optimal` says whether they must meet."""
    problem = network.problem
    expect(stated.penalty == network.penalty, f"penalty {stated.penalty} should be {network.penalty}")
    for price, n, name in (
        (stated.entry_price, problem.n_entries, "entry_price"),
        (stated.reviewer_price, problem.n_reviewers, "reviewer_price"),
    ):
        expect(price.shape == (n,) and price.dtype == np.int64, f"{name} must be {n} integers")
        expect(not n or abs(int(price.max())) + abs(int(price.min())) <= COST_ROOM, f"{name} is beyond all bounds")
    proven = certify(problem, network, chosen, stated.entry_price, stated.reviewer_price)
    if optimal:
        expect(proven.optimal, f"the prices do not prove the total: primal {proven.primal}, dual {proven.dual}")
    expect(
        (stated.primal, stated.dual, stated.optimal) == (proven.primal, proven.dual, proven.optimal),
        f"the certificate states primal {stated.primal} and dual {stated.dual}, "
        f"but they are {proven.primal} and {proven.dual}",
    )


def expect(holds: bool, otherwise: str) -> None:
    if not holds:
        raise AssignmentError(otherwise)


def _verified_pairs(network: Network, assignment: Assignment) -> BoolArray:
    """The assignment's pairs as a choice among the network's, once each is known to be there and rightly valued."""
    problem, entry, reviewer = network.problem, assignment.entry, assignment.reviewer
    expect(entry.shape == reviewer.shape == assignment.affinity_units.shape == (entry.size,), "pairs of unequal length")
    expect(
        entry.dtype == reviewer.dtype == assignment.affinity_units.dtype == np.int64, "pairs and units must be integers"
    )
    in_range(entry, problem.n_entries, "entry")
    in_range(reviewer, problem.n_reviewers, "reviewer")
    pairs = np.column_stack([entry, reviewer])
    in_order = bool((np.diff(pair_keys(pairs, problem.n_reviewers)) > 0).all())
    expect(in_order, "pairs are not sorted by entry, then reviewer, each once")
    places = pair_places(network.entry, network.reviewer, pairs, problem.n_reviewers)
    refuse(places < 0, "pair is forbidden or no candidate", lambda i: f"entry {entry[i]}, reviewer {reviewer[i]}")
    chosen = np.zeros(network.entry.size, dtype=np.bool_)
    chosen[places] = True
    left_out = network.pinned & ~chosen
    refuse(left_out, "pinned pair left out", lambda i: f"entry {network.entry[i]}, reviewer {network.reviewer[i]}")
    wrong = assignment.affinity_units != network.units[chosen]
    refuse(wrong, "wrong affinity units", lambda i: f"entry {entry[i]}, reviewer {reviewer[i]}")
    return chosen


def _verify_counts(problem: Problem, assignment: Assignment) -> None:
    entry, reviewer, units = assignment.entry, assignment.reviewer, assignment.affinity_units
    covered = np.bincount(entry, minlength=problem.n_entries)
    load = np.bincount(reviewer, minlength=problem.n_reviewers)
    refuse(covered > problem.coverage, "more reviewers than the coverage", lambda i: f"entry {i} has {covered[i]}")
    refuse(load > problem.most, "more entries than the most load", lambda i: f"reviewer {i} has {load[i]}")
    per_entry = np.zeros(problem.n_entries, dtype=np.int64)
    np.add.at(per_entry, entry, units)
    short, under = shortfalls(problem, entry, reviewer)
    expect(assignment.total_units == exact_sum(units), f"total_units should be {exact_sum(units)}")
    for stated, counted, name in (
        (assignment.load, load, "load"),
        (assignment.per_entry, per_entry, "per_entry"),
        (assignment.short, listed(short), "short"),
        (assignment.under, listed(under), "under"),
    ):
        expect(np.array_equal(stated, counted), f"{name} is not what the pairs add up to")


def _verify_infeasibility(network: Network, assignment: Assignment) -> None:
    for kind, missing in (("coverage", assignment.short), ("least", assignment.under)):
        named = [reason for reason in assignment.infeasibility if reason.kind == kind]
        expect(bool(named) == bool(missing.size), f"infeasibility and missing slots ({kind}) must go together")
    for reason in assignment.infeasibility:
        expect(reason.kind in ("coverage", "least"), f"infeasibility of unknown kind {reason.kind!r}")
        group, n = (
            (reason.entries, network.problem.n_entries)
            if reason.kind == "coverage"
            else (reason.reviewers, network.problem.n_reviewers)
        )
        in_range(group, n, f"infeasibility ({reason.kind})")
        expect(bool((np.diff(group) > 0).all()), f"infeasibility ({reason.kind}) names one twice")
        counted = violator(network, reason.kind, group)
        same = np.array_equal(reason.entries, counted.entries) and np.array_equal(reason.reviewers, counted.reviewers)
        expect(
            same and (reason.needed, reason.available) == (counted.needed, counted.available) and counted.missing > 0,
            f"infeasibility does not hold: {reason}",
        )
