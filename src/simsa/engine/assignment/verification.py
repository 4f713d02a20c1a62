"""Verification: an assignment checked from scratch, pair by pair, count by count, and against its own prices."""

from __future__ import annotations

import numpy as np

from simsa.engine.assignment.certificate import allowed, certify, exact_sum, gain_anew
from simsa.engine.assignment.kinds_shortfall import missed_kinds
from simsa.engine.assignment.network import COST_ROOM, Network, build_network, fitting_scale
from simsa.engine.assignment.problem import (
    BoolArray,
    IntArray,
    Problem,
    expect,
    in_range,
    pair_keys,
    pair_places,
    refuse,
)
from simsa.engine.assignment.result import Assignment, Certificate
from simsa.engine.assignment.shortfall import listed, shortfalls, violator


def verify(problem: Problem, assignment: Assignment) -> None:
    """Check an assignment from scratch, with nothing but the problem and the result: feasible, as stated, and optimal.

    Every number is added up anew, in exact integers and without the compiled loops.

    Raises:
        AssignmentError: naming the first thing that is not as it must be.
    """
    scale = assignment.scale
    expect(type(scale) is int and scale == fitting_scale(problem, scale), f"scale {scale!r} cannot be used")
    network = build_network(problem, scale)
    verify_optimum(network, verified_pairs(network, assignment), assignment.certificate)


def verified_pairs(network: Network, assignment: Assignment) -> BoolArray:
    """Check all of an assignment but that it is the best: which of the network's pairs it has.

    Raises:
        AssignmentError: naming the first thing that is not as it must be.
    """
    chosen = _verified_pairs(network, assignment)
    _verify_counts(network.problem, assignment)
    _verify_kinds(network.problem, assignment)
    _verify_infeasibility(network, assignment)
    return chosen


def verify_optimum(objective: Network, chosen: BoolArray, stated: Certificate) -> None:
    """Check that prices prove the choice of pairs to be the best by the units and the penalty of `objective`.

    Raises:
        AssignmentError: naming the first thing that is not as it must be.
    """
    problem = objective.problem
    expect(stated.penalty == objective.penalty, f"penalty {stated.penalty} should be {objective.penalty}")
    for price, n, name in (
        (stated.entry_price, problem.n_entries, "entry_price"),
        (stated.reviewer_price, problem.n_reviewers, "reviewer_price"),
    ):
        expect(price.shape == (n,) and price.dtype == np.int64, f"{name} must be {n} integers")
        expect(not n or abs(int(price.max())) + abs(int(price.min())) <= 2 * COST_ROOM, f"{name} is beyond all bounds")
    verify_kind_price(problem, stated.kind_price)
    given = (stated.entry_price, stated.reviewer_price, stated.kind_price)
    proven = certify(problem, objective, chosen, *given, gain_anew)
    crossing = problem.kinds is not None and len(problem.kinds.families) > 1
    expect(proven.optimal or crossing, f"the prices do not prove the total: primal {proven.primal}, dual {proven.dual}")
    expect(allowed(problem, objective.penalty, *given), "a price is below what a slot that stays empty costs")
    expect(
        (stated.primal, stated.dual, stated.optimal) == (proven.primal, proven.dual, proven.optimal),
        f"the certificate states primal {stated.primal} and dual {stated.dual}, "
        f"but they are {proven.primal} and {proven.dual}",
    )


def verify_kind_price(problem: Problem, kind_price: IntArray) -> None:
    """Rows that are there, sorted, each once, and of sizes whose sums cannot overflow."""
    kinds = problem.kinds
    groups = len(kinds.names) if kinds else 0
    expect(kind_price.ndim == 2 and kind_price.shape[1:] == (3,) and kind_price.dtype == np.int64, "kind_price shape")
    in_range(kind_price[:, 0], problem.n_entries, "entry in kind_price")
    in_range(kind_price[:, 1], groups, "group in kind_price")
    keys = kind_price[:, 0] * groups + kind_price[:, 1]
    expect(bool((np.diff(keys) > 0).all()), "kind_price is not sorted by entry, then group, each once")
    levels = sum(int(family.depth.max(initial=0)) for family in kinds.families) if kinds else 1
    highest = max(int(kind_price[:, 2].max(initial=0)), -int(kind_price[:, 2].min(initial=0)))
    expect(highest * levels <= 2 * COST_ROOM, "kind_price is beyond all bounds")


def _verify_kinds(problem: Problem, assignment: Assignment) -> None:
    entry, reviewer = assignment.entry, assignment.reviewer
    for family in problem.kinds.families if problem.kinds else ():
        who, group, seats = family.seated(entry, reviewer, np.arange(problem.n_entries))
        most = np.where(group == family.n_groups, problem.coverage[who], family.limits(who, group)[1])
        called = (*family.names, "the entry")
        refuse(
            seats > most,
            "more reviewers, or seats kept, than kinds allow",
            lambda i, who=who, group=group, seats=seats, called=called: (  # type: ignore[misc]
                f"entry {who[i]} has {seats[i]} of {called[group[i]]}"
            ),
        )


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
        (assignment.missed, missed_kinds(problem, entry, reviewer), "missed"),
    ):
        expect(np.array_equal(stated, counted), f"{name} is not what the pairs add up to")


def _verify_infeasibility(network: Network, assignment: Assignment) -> None:
    kinds = network.problem.kinds
    crossing = kinds is not None and len(kinds.families) > 1
    for kind, missing in (("coverage", assignment.short), ("least", assignment.under)):
        named = [reason for reason in assignment.infeasibility if reason.kind == kind]
        expect(
            bool(named) == bool(missing.size and not crossing),
            f"infeasibility and missing slots ({kind}) must go together",
        )
    for reason in assignment.infeasibility:
        expect(reason.kind in ("coverage", "least"), f"infeasibility of unknown kind {reason.kind!r}")
        for group, n in (
            (reason.entries, network.problem.n_entries),
            (reason.reviewers, network.problem.n_reviewers),
        ):
            in_range(group, n, f"infeasibility ({reason.kind})")
            expect(bool((np.diff(group) > 0).all()), f"infeasibility ({reason.kind}) names one twice")
        whose = (reason.entries, reason.reviewers) if reason.kind == "coverage" else (reason.reviewers, reason.entries)
        counted = violator(network, reason.kind, *whose)
        same = all(
            np.array_equal(getattr(reason, part), getattr(counted, part)) for part in ("entries", "reviewers", "groups")
        )
        expect(
            same and (reason.needed, reason.available) == (counted.needed, counted.available) and counted.missing > 0,
            f"infeasibility does not hold: {reason}",
        )
