"""Reviewer assignment against an independent solver, by hand, by brute force and on the bids of a real conference."""

import csv
import os
import resource
from dataclasses import FrozenInstanceError, replace
from fractions import Fraction
from itertools import chain, combinations
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import LinearConstraint, milp

from simsa.engine.assignment import NAMED_GROUPS, Assignment, AssignmentError, Problem, assign, verify
from tests.draws import draws

X = np.nan


# Random instances and what is known about them by other means


@st.composite
def problems(draw):
    """Small problems with gaps, ties, negative affinities, conflicts, pinned pairs and limits that may not be met."""
    n_entries, n_reviewers = draw(st.integers(1, 5)), draw(st.integers(1, 5))
    cells = [(e, r) for e in range(n_entries) for r in range(n_reviewers)]
    value = st.one_of(st.integers(-3, 3), st.floats(-2, 2).map(lambda v: round(v, 3)))
    candidates = draw(st.lists(st.sampled_from(cells), unique=True))
    affinity = [draw(value) for _ in candidates]
    forbidden = draw(st.lists(st.sampled_from(cells), unique=True, max_size=4))
    free = [pair for pair in candidates if pair not in forbidden]
    pinned = draw(st.lists(st.sampled_from(free), unique=True, max_size=2)) if free else []
    limit = st.integers(0, 4)
    coverage = [max(draw(limit), sum(p[0] == e for p in pinned)) for e in range(n_entries)]
    most = [max(draw(limit), sum(p[1] == r for p in pinned)) for r in range(n_reviewers)]
    least = [draw(st.integers(0, m)) if draw(st.booleans()) else 0 for m in most]
    return Problem(
        np.array([p[0] for p in candidates], dtype=np.int64),
        np.array([p[1] for p in candidates], dtype=np.int64),
        np.array(affinity, dtype=np.float64),
        n_entries,
        n_reviewers,
        coverage,
        least=least,
        most=most,
        forbidden=forbidden,
        pinned=pinned,
    )


def solved_elsewhere(problem, scale, first=()):
    """(slots missing, slots under least loads, ..., largest total in units): integer programmes for HiGHS in turn.

    `first` are pairs of which as many as possible are to be chosen before affinity counts; how many comes third then.
    """
    m, ne, nr = problem.entry.size, problem.n_entries, problem.n_reviewers
    forbidden, pinned = set(map(tuple, problem.forbidden.tolist())), set(map(tuple, problem.pinned.tolist()))
    pairs = list(zip(problem.entry.tolist(), problem.reviewer.tolist(), strict=True))
    lower = np.array([p in pinned for p in pairs] + [False] * (ne + nr), dtype=float)
    upper = np.array([p not in forbidden for p in pairs] + [True] * (ne + nr), dtype=float)
    upper[m:] = np.inf
    rows = np.zeros((ne + 2 * nr, m + ne + nr))
    for i, (e, r) in enumerate(pairs):
        rows[e, i] = rows[ne + r, i] = rows[ne + nr + r, i] = 1
    rows[np.arange(ne), m + np.arange(ne)] = 1
    rows[ne + nr + np.arange(nr), m + ne + np.arange(nr)] = 1
    low = np.concatenate([problem.coverage, np.full(nr, -np.inf), problem.least])
    high = np.concatenate([problem.coverage, problem.most, np.full(nr, np.inf)])
    constraints = [LinearConstraint(rows, low, high)]
    costs = np.zeros((4, m + ne + nr))
    costs[0, m : m + ne] = costs[1, m + ne :] = 1
    costs[2, :m] = [-(pair in first) for pair in pairs]
    costs[3, :m] = -np.array([round(v * scale) for v in problem.affinity.tolist()], dtype=float)
    best = []
    for cost in costs if len(first) else costs[[0, 1, 3]]:
        solution = milp(
            cost, constraints=constraints, bounds=(lower, upper), integrality=1, options={"mip_rel_gap": 0.0}
        )
        assert solution.status == 0
        best.append(round(solution.fun))
        constraints.append(LinearConstraint(cost, -np.inf, best[-1] + 0.5))
    return *best[:2], *(-value for value in best[2:])


def subsets(n):
    return chain.from_iterable(combinations(range(n), k) for k in range(n + 1))


def largest_deficit(problem, kind):
    """The most slots by which any group of entries (or reviewers' least loads) exceeds what there can be for it, and
    the size of the smallest group of which that is true."""
    pinned, forbidden = set(map(tuple, problem.pinned.tolist())), set(map(tuple, problem.forbidden.tolist()))
    free = set(zip(problem.entry.tolist(), problem.reviewer.tolist(), strict=True)) - pinned - forbidden
    near, far = (0, 1) if kind == "coverage" else (1, 0)
    wanted, limit = (problem.coverage, problem.most) if kind == "coverage" else (problem.least, problem.coverage)
    needed = [max(int(w) - sum(p[near] == i for p in pinned), 0) for i, w in enumerate(wanted)]
    room = [int(w) - sum(p[far] == i for p in pinned) for i, w in enumerate(limit)]
    deficit, smaller = max(
        (
            sum(needed[i] for i in group)
            - sum(min(left, sum(p[far] == i and p[near] in group for p in free)) for i, left in enumerate(room)),
            -len(group),
        )
        for group in subsets(len(needed))
    )
    return deficit, -smaller


@settings(max_examples=draws(150), deadline=None)
@given(problems())
def test_reaches_the_optimum_that_an_independent_solver_finds(problem):
    result = assign(problem)
    missing, under, units = solved_elsewhere(problem, result.scale)
    assert result.short[:, 1].sum() == missing
    assert result.under[:, 1].sum() == under
    assert result.total_units == units
    assert result.certificate.optimal
    assert result.certificate.primal == units - result.certificate.penalty * (missing + under)


@settings(max_examples=150, deadline=None)
@given(problems())
def test_keeps_every_limit_and_says_what_is_missing(problem):
    result = assign(problem)
    verify(problem, result)
    chosen = list(zip(result.entry.tolist(), result.reviewer.tolist(), strict=True))
    possible = set(zip(problem.entry.tolist(), problem.reviewer.tolist(), strict=True))
    assert len(set(chosen)) == len(chosen)
    assert chosen == sorted(chosen)
    assert set(chosen) <= possible - set(map(tuple, problem.forbidden.tolist()))
    assert set(map(tuple, problem.pinned.tolist())) <= set(chosen)
    assert result.load.tolist() == [sum(r == i for _, r in chosen) for i in range(problem.n_reviewers)]
    assert (result.load <= problem.most).all()
    covered = np.array([sum(e == i for e, _ in chosen) for i in range(problem.n_entries)])
    gaps = problem.coverage - covered
    assert (gaps >= 0).all()
    assert result.short.tolist() == [[i, g] for i, g in enumerate(gaps.tolist()) if g]
    below = problem.least - result.load
    assert result.under.tolist() == [[i, g] for i, g in enumerate(below.tolist()) if g > 0]
    assert result.complete == (not result.infeasibility)
    assert sum(result.per_entry.tolist()) == result.total_units
    assert result.total == Fraction(result.total_units, result.scale)


@settings(max_examples=150, deadline=None)
@given(problems())
def test_names_groups_that_cannot_be_satisfied_exactly_when_slots_are_missing(problem):
    result = assign(problem)
    for kind, missing in (("coverage", result.short), ("least", result.under)):
        groups = [g for g in result.infeasibility if g.kind == kind]
        assert sum(group.missing for group in groups) == missing[:, 1].sum()
        named = [i for group in groups for i in (group.entries if kind == "coverage" else group.reviewers).tolist()]
        assert len(set(named)) == len(named)
        assert largest_deficit(problem, kind) == (missing[:, 1].sum(), len(named))
        assert set(missing[:, 0].tolist()) <= set(named)
        for group in groups:
            assert group.missing == group.needed - group.available > 0


@settings(max_examples=60, deadline=None)
@given(problems(), st.randoms())
def test_equal_problems_have_equal_results_whatever_the_order_of_the_pairs(problem, random):
    order = list(range(problem.entry.size))
    random.shuffle(order)
    shuffled = Problem(
        problem.entry[order],
        problem.reviewer[order],
        problem.affinity[order],
        problem.n_entries,
        problem.n_reviewers,
        problem.coverage,
        least=problem.least,
        most=problem.most,
        forbidden=problem.forbidden[::-1],
        pinned=problem.pinned[::-1],
    )
    first, second = assign(problem), assign(shuffled)
    for name in ("entry", "reviewer", "affinity_units", "load", "per_entry", "short", "under"):
        assert np.array_equal(getattr(first, name), getattr(second, name))
    assert np.array_equal(first.certificate.entry_price, second.certificate.entry_price)
    assert np.array_equal(first.certificate.reviewer_price, second.certificate.reviewer_price)
    assert [str(group) for group in first.infeasibility] == [str(group) for group in second.infeasibility]


@settings(max_examples=60, deadline=None)
@given(problems(), st.data())
def test_prices_do_not_prove_anything_worse_than_the_optimum(problem, data):
    """Another feasible assignment, honestly counted, must fail with the optimum's prices unless it is as good."""
    best = assign(problem)
    loose = data.draw(st.lists(st.sampled_from(range(best.entry.size)), unique=True)) if best.entry.size else []
    pinned = set(map(tuple, problem.pinned.tolist()))
    kept = [
        i for i in range(best.entry.size) if i not in loose or (int(best.entry[i]), int(best.reviewer[i])) in pinned
    ]
    fewer = recounted(problem, best, best.entry[kept], best.reviewer[kept], best.affinity_units[kept])
    if len(kept) < best.entry.size:
        with pytest.raises(AssignmentError):
            verify(problem, fewer)
    else:
        verify(problem, fewer)


def recounted(problem, result, entry, reviewer, units) -> Assignment:
    """The result with other pairs, and everything that is counted from them counted again."""
    per_entry = np.zeros(problem.n_entries, dtype=np.int64)
    np.add.at(per_entry, entry, units)
    load = np.bincount(reviewer, minlength=problem.n_reviewers)
    gaps = problem.coverage - np.bincount(entry, minlength=problem.n_entries)
    below = np.maximum(problem.least - load, 0)
    return replace(
        result,
        entry=entry,
        reviewer=reviewer,
        affinity_units=units,
        total_units=int(units.sum()),
        load=load,
        per_entry=per_entry,
        short=np.array([[i, g] for i, g in enumerate(gaps.tolist()) if g], dtype=np.int64).reshape(-1, 2),
        under=np.array([[i, g] for i, g in enumerate(below.tolist()) if g], dtype=np.int64).reshape(-1, 2),
    )


# By hand


def pairs_of(result):
    return list(zip(result.entry.tolist(), result.reviewer.tolist(), strict=True))


def test_takes_the_best_total_and_not_the_best_pair_first():
    result = assign(Problem.dense([[10, 9], [9, 1]], 1, most=1))
    assert pairs_of(result) == [(0, 1), (1, 0)]
    assert (result.total_units, result.scale, result.total) == (18, 1, 18)
    assert result.per_entry.tolist() == [9, 9]
    assert result.complete
    assert result.solver == "exact auction and shortest augmenting paths"


def test_a_least_load_is_met_although_it_costs_affinity():
    problem = Problem.dense([[5, 1], [5, 1]], 1, most=2)
    assert pairs_of(assign(problem)) == [(0, 0), (1, 0)]
    held = assign(Problem.dense([[5, 1], [5, 2]], 1, least=[0, 1], most=2))
    assert pairs_of(held) == [(0, 0), (1, 1)]
    assert held.certificate.reviewer_price[0] == 0
    assert -4 <= held.certificate.reviewer_price[1] <= -3


def test_slots_are_filled_before_affinity_counts():
    result = assign(Problem.dense([[-100, X], [50, -100]], 1, most=1))
    assert pairs_of(result) == [(0, 0), (1, 1)]
    assert result.total == -200


def test_pinned_pairs_are_kept_and_forbidden_ones_avoided():
    matrix = [[9, 1, 0], [9, 8, 7]]
    result = assign(Problem.dense(matrix, 2, most=2, pinned=[(0, 2)], forbidden=[(1, 0)]))
    assert pairs_of(result) == [(0, 0), (0, 2), (1, 1), (1, 2)]
    assert result.total == 9 + 0 + 8 + 7


def test_names_who_cannot_be_satisfied_and_by_how_much():
    matrix = [[1, 1, X, X], [1, 1, X, X], [1, 1, 1, 1]]
    result = assign(Problem.dense(matrix, 2, most=1))
    assert result.short.tolist() == [[0, 1], [1, 1]] or result.short[:, 1].sum() == 2
    (group,) = result.infeasibility
    assert (group.kind, group.needed, group.available, group.missing) == ("coverage", 4, 2, 2)
    assert (group.entries.tolist(), group.reviewers.tolist()) == ([0, 1], [0, 1])
    assert str(group) == "entries 0, 1: 4 slots needed, but only 2 can be filled by reviewers 0, 1"


def test_names_least_loads_that_cannot_be_met():
    result = assign(Problem.dense([[1, 1, 5], [X, X, 5]], 1, least=[1, 1, 0], most=2))
    assert result.under[:, 1].sum() == 1
    (group,) = result.infeasibility
    assert str(group) == "reviewers 0, 1: least loads of 2 slots, but only 1 can come from entry 0"


def test_separate_causes_are_named_apart_and_no_more_of_them_than_a_reader_can_use():
    matrix = np.full((30, 31), X)
    matrix[np.arange(30), np.arange(30)] = 1
    result = assign(Problem.dense(matrix, 2, most=1))
    assert result.short.tolist() == [[i, 1] for i in range(30)]
    assert [str(g) for g in result.infeasibility] == [
        f"entry {i}: 2 slots needed, but only 1 can be filled by reviewer {i}" for i in range(NAMED_GROUPS)
    ]


def test_a_long_list_is_cut_in_the_sentence_and_whole_in_the_result():
    (group,) = assign(Problem.dense(np.ones((7, 1)), 1, most=3)).infeasibility
    assert str(group) == "entries 0, 1, 2, 3, 4 and 2 more: 7 slots needed, but only 3 can be filled by reviewer 0"
    assert group.entries.tolist() == [0, 1, 2, 3, 4, 5, 6]


@pytest.mark.parametrize(("n_entries", "n_reviewers"), [(0, 0), (0, 3), (3, 0), (2, 2)])
def test_nothing_to_choose_from_is_an_answer(n_entries, n_reviewers):
    problem = Problem([], [], [], n_entries, n_reviewers, 1, least=1, most=1)
    result = assign(problem)
    verify(problem, result)
    assert pairs_of(result) == []
    assert result.short.tolist() == [[i, 1] for i in range(n_entries)]
    assert result.under.tolist() == [[i, 1] for i in range(n_reviewers)]
    assert (result.total_units, result.certificate.optimal) == (0, True)


def test_everything_pinned_leaves_nothing_to_solve():
    problem = Problem.dense([[1, 2]], 2, most=1, pinned=[(0, 0), (0, 1)])
    result = assign(problem)
    verify(problem, result)
    assert pairs_of(result) == [(0, 0), (0, 1)]
    assert result.total == 3


def test_without_a_limit_is_as_good_as_a_very_large_one():
    problem = Problem.dense(np.ones((4, 2)), 1, most=np.iinfo(np.int64).max)
    result = assign(problem)
    verify(problem, result)
    assert len(result.entry) == 4


def test_dense_and_sparse_are_the_same_problem():
    dense = Problem.dense(np.array([[0.5, X], [X, -1.0]], dtype=np.float32), 1, most=1)
    assert (dense.entry.tolist(), dense.reviewer.tolist(), dense.affinity.tolist()) == ([0, 1], [0, 1], [0.5, -1.0])
    assert (dense.n_entries, dense.n_reviewers) == (2, 2)


def test_progress_runs_from_start_to_done():
    told = []
    assign(Problem.dense([[1]], 1, most=1), progress=lambda step, share: told.append((step, share)))
    assert [step for step, _ in told] == ["network", "auction", "certificate", "done"]
    shares = [share for _, share in told]
    assert (shares[0], shares[-1]) == (0.0, 1.0)
    assert shares == sorted(shares)


def test_problem_and_result_cannot_be_changed():
    affinity = np.array([1.0])
    problem = Problem([0], [0], affinity, 1, 1, 1, most=1)
    affinity[0] = 7.0
    assert problem.affinity.tolist() == [1.0]
    result = assign(problem)
    with pytest.raises(ValueError, match="read-only"):
        problem.affinity[0] = 7.0
    with pytest.raises(ValueError, match="read-only"):
        result.entry[0] = 7
    with pytest.raises(FrozenInstanceError):
        result.scale = 1


# The scale


def test_affinities_are_rounded_once_with_halves_to_even():
    result = assign(Problem.dense([[0.5, 1.5, 2.5, -0.5]], 4, most=1), scale=1)
    assert result.affinity_units.tolist() == [0, 2, 2, 0]
    finer = assign(Problem.dense([[0.5, 1.5, 2.5, -0.5]], 4, most=1))
    assert (finer.scale, finer.total_units, finer.total) == (10**6, 4_000_000, 4)


def test_whole_affinities_keep_their_own_unit():
    assert assign(Problem.dense([[3, 4]], 1, most=1)).scale == 1
    assert assign(Problem.dense([[3, 4]], 1, most=1), scale=7).total_units == 28


def test_the_default_scale_gives_way_to_large_affinities():
    problem = Problem.dense([[1e13, 2.0], [3e13, 1.0]], 1, most=1)
    result = assign(problem)
    verify(problem, result)
    assert result.scale == 1000
    assert result.total == 30_000_000_000_002


@pytest.mark.parametrize(
    ("matrix", "scale", "message"),
    [
        ([[1.0]], 0, "scale must be a positive whole number, not 0"),
        ([[1.0]], True, "scale must be a positive whole number, not True"),
        ([[1.0]], 0.5, "scale must be a positive whole number, not 0.5"),
        ([[1.0, -2.5]], 10**18, "scale 1000000000000000000 is too large for affinities from -2.5 to 1.0: 10"),
        (
            [[10, 2]],
            10**17,
            "scale 100000000000000000 is too large for affinities from 0 to 10: 10000000000000000 would",
        ),
        ([[1e300, -1e300]], None, "affinities from -1e+300 to 1e+300 are too large for exact arithmetic"),
        ([[1e308, -1e308]], None, "are too large for exact arithmetic: divide them all by the same number"),
        ([[2**62]], None, "affinities from 0 to 4611686018427387904 are too large for exact arithmetic"),
        ([[2**62]], 2, "affinities from 0 to 4611686018427387904 are too large for exact arithmetic"),
    ],
)
def test_a_scale_that_could_overflow_is_refused(matrix, scale, message):
    with pytest.raises(AssignmentError) as refused:
        assign(Problem.dense(matrix, 1, most=1), scale=scale)
    assert message in str(refused.value)


def test_a_large_affinity_that_is_forbidden_does_no_harm():
    result = assign(Problem.dense([[1e300, 1.0]], 1, most=1, forbidden=[(0, 0)]))
    assert (pairs_of(result), result.scale) == ([(0, 1)], 10**6)


# Problems that contradict themselves

GOOD = {
    "entry": [0, 0, 1, 1],
    "reviewer": [0, 1, 0, 1],
    "affinity": [1.0, 2.0, 3.0, 4.0],
    "n_entries": 2,
    "n_reviewers": 2,
    "coverage": 1,
    "least": 0,
    "most": 2,
}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"n_entries": -1}, "n_entries must be a whole number from 0 to 1073741824, not -1"),
        ({"n_reviewers": 2.0}, "n_reviewers must be a whole number from 0 to 1073741824, not 2.0"),
        ({"entry": [[0, 0, 1, 1]]}, "entry must have one dimension, but it has 2"),
        ({"reviewer": [0.0, 1.0, 0.0, 1.0]}, "reviewer must hold whole numbers, not float64"),
        ({"affinity": [[1.0]]}, "affinity must have one dimension, but it has 2"),
        ({"affinity": ["1", "2", "3", "4"]}, "affinity must hold numbers, not <U1"),
        ({"affinity": [1.0, 2.0]}, "entry, reviewer and affinity must have one length, but they have 4, 4 and 2"),
        (
            {"affinity": np.array([1, 2**63, 3, 4], dtype=np.uint64)},
            "fit into 64 bits: position 1 is 9223372036854775808",
        ),
        (
            {"entry": [0, 0, 2, -1]},
            "entry out of range (there are 2, numbered from 0): position 2 is 2; position 3 is -1",
        ),
        ({"reviewer": [0, 9, 0, 1]}, "reviewer out of range (there are 2, numbered from 0): position 1 is 9"),
        (
            {"affinity": [1.0, X, 3.0, np.inf]},
            "position 1 (entry 0, reviewer 1) is nan; position 3 (entry 1, reviewer 1) is",
        ),
        ({"reviewer": [0, 0, 0, 1]}, "pair given twice: entry 0, reviewer 0 at positions 0 and 1"),
        ({"coverage": [1, 1, 1]}, "coverage must be one number or one for each entry (2), but its shape is (3,)"),
        ({"most": [[1, 1]]}, "most must be one number or one for each reviewer (2), but its shape is (1, 2)"),
        ({"coverage": 1.5}, "coverage must hold whole numbers, not float64"),
        ({"coverage": [1, -1]}, "coverage must not be negative: entry 1 has -1"),
        ({"least": -1}, "least must not be negative: it is -1"),
        ({"most": [-3, 1]}, "most must not be negative: reviewer 0 has -3"),
        ({"least": [0, 3]}, "least above most: reviewer 1 must take at least 3 and at most 2"),
        ({"forbidden": [0, 1]}, "forbidden must hold (entry, reviewer) pairs, shape (k, 2), but its shape is (2,)"),
        ({"forbidden": [(0.5, 1)]}, "entry in forbidden must hold whole numbers, not float64"),
        (
            {"forbidden": [(0, 0), (2, 0)]},
            "entry in forbidden out of range (there are 2, numbered from 0): position 1 is 2",
        ),
        ({"pinned": [(0, 7)]}, "reviewer in pinned out of range (there are 2, numbered from 0): position 0 is 7"),
        ({"pinned": [(0, 1)], "forbidden": [(0, 1)]}, "pair both pinned and forbidden: entry 0, reviewer 1"),
        (
            {"entry": [0, 0, 1, 2], "n_entries": 3, "pinned": [(1, 1)]},
            "pinned pair is not a candidate (give it an affinity)",
        ),
        ({"pinned": [(0, 0), (0, 1)]}, "more pinned pairs than the entry needs: entry 0 has 2 and needs 1"),
        (
            {"pinned": [(0, 1), (1, 1)], "most": 1},
            "more pinned pairs than the reviewer may take: reviewer 1 has 2 and may take 1",
        ),
    ],
)
def test_a_contradiction_is_refused_by_name(change, message):
    Problem(**GOOD)
    with pytest.raises(AssignmentError) as refused:
        Problem(**(GOOD | change))
    assert message in str(refused.value)


def test_only_the_first_few_places_are_named():
    with pytest.raises(AssignmentError, match=r"position 4 is 9 and 3 more$"):
        Problem([9] * 8, [0] * 8, [1.0] * 8, 1, 1, 1, most=1)


def test_a_matrix_must_be_a_matrix_and_finite():
    with pytest.raises(AssignmentError, match=r"matrix must have two dimensions \(entries, reviewers\), but it has 1"):
        Problem.dense([1.0, 2.0], 1, most=1)
    with pytest.raises(AssignmentError, match=r"\(entry 1, reviewer 0\) is -inf"):
        Problem.dense([[1.0], [-np.inf]], 1, most=1)


# Results that were tampered with

MATRIX = [[5, 4, X], [5, 1, X], [3, 2, 1]]


def sound():
    """Entry 2 is one slot short, reviewer 2 one under; reviewer 1 is pinned to entry 2 and forbidden for entry 1."""
    problem = Problem.dense(MATRIX, [1, 1, 3], least=[0, 0, 2], most=[2, 1, 2], pinned=[(2, 1)], forbidden=[(1, 1)])
    return problem, assign(problem, scale=1)


def test_the_sound_example_is_as_described():
    problem, result = sound()
    verify(problem, result)
    assert pairs_of(result) == [(0, 0), (1, 0), (2, 1), (2, 2)]
    assert (result.short.tolist(), result.under.tolist()) == ([[2, 1]], [[2, 1]])
    assert [str(g) for g in result.infeasibility] == [
        "entries 0, 1, 2: 5 slots needed, but only 4 can be filled by reviewers 0, 1, 2",
        "reviewer 2: least loads of 2 slots, but only 1 can come from entry 2",
    ]


def array(*values):
    return np.array(values, dtype=np.int64)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"scale": 0}, "scale must be a positive whole number"),
        ({"scale": np.int64(1)}, "cannot be used"),
        ({"scale": 2}, "wrong affinity units: entry 0, reviewer 0"),
        ({"entry": array(0, 1, 2)}, "pairs of unequal length"),
        ({"entry": np.array([0.0, 1.0, 2.0, 2.0])}, "pairs and units must be integers"),
        ({"entry": array(0, 1, 2, 3)}, "entry out of range"),
        ({"reviewer": array(0, 0, 1, -1)}, "reviewer out of range"),
        ({"reviewer": array(0, 0, 2, 1)}, "pairs are not sorted by entry, then reviewer, each once"),
        ({"reviewer": array(0, 0, 1, 1)}, "pairs are not sorted by entry, then reviewer, each once"),
        ({"reviewer": array(2, 0, 1, 2)}, "pair is forbidden or no candidate: entry 0, reviewer 2"),
        ({"reviewer": array(0, 1, 1, 2)}, "pair is forbidden or no candidate: entry 1, reviewer 1"),
        ({"reviewer": array(0, 0, 0, 2)}, "pinned pair left out: entry 2, reviewer 1"),
        ({"affinity_units": array(5, 6, 2, 1)}, "wrong affinity units: entry 1, reviewer 0"),
        (
            {"entry": array(0, 0, 1, 2, 2), "reviewer": array(0, 1, 0, 1, 2), "affinity_units": array(5, 4, 5, 2, 1)},
            "more reviewers than the coverage: entry 0 has 2",
        ),
        (
            {"reviewer": array(1, 0, 1, 2), "affinity_units": array(4, 5, 2, 1)},
            "more entries than the most load: reviewer 1 has 2",
        ),
        ({"total_units": 14}, "total_units should be 13"),
        ({"load": array(2, 1, 2)}, "load is not what the pairs add up to"),
        ({"per_entry": array(5, 5, 4)}, "per_entry is not what the pairs add up to"),
        ({"short": np.zeros((0, 2), dtype=np.int64)}, "short is not what the pairs add up to"),
        ({"under": array(2, 2).reshape(1, 2)}, "under is not what the pairs add up to"),
        ({"infeasibility": ()}, "infeasibility and missing slots (coverage) must go together"),
    ],
)
def test_verify_refuses_what_does_not_add_up(change, message):
    problem, result = sound()
    with pytest.raises(AssignmentError) as refused:
        verify(problem, replace(result, **change))
    assert message in str(refused.value)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"kind": "most"}, "infeasibility and missing slots (coverage) must go together"),
        ({"entries": array(0, 1)}, "infeasibility does not hold"),
        ({"entries": array(0, 1, 7)}, "infeasibility (coverage) out of range"),
        ({"entries": array(0, 1, 1, 2)}, "infeasibility (coverage) names one twice"),
        ({"reviewers": array(0, 1)}, "infeasibility does not hold"),
        ({"needed": 6}, "infeasibility does not hold"),
        ({"available": 3}, "infeasibility does not hold"),
    ],
)
def test_verify_refuses_a_false_reason(change, message):
    problem, result = sound()
    coverage, least = result.infeasibility
    with pytest.raises(AssignmentError) as refused:
        verify(problem, replace(result, infeasibility=(replace(coverage, **change), least)))
    assert message in str(refused.value)


def test_verify_refuses_a_reason_that_is_none():
    problem, result = sound()
    coverage, least = result.infeasibility
    with pytest.raises(AssignmentError, match="infeasibility of unknown kind 'most'"):
        verify(problem, replace(result, infeasibility=(coverage, least, replace(least, kind="most"))))
    satisfied = replace(coverage, entries=array(0), reviewers=array(0, 1), needed=1, available=2)
    with pytest.raises(AssignmentError, match="infeasibility does not hold: entry 0: 1 slots needed, but only 2"):
        verify(problem, replace(result, infeasibility=(satisfied, least)))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda c: {"penalty": c.penalty - 1}, "penalty 15 should be 16"),
        (lambda c: {"entry_price": c.entry_price + 1}, "the prices do not prove the total"),
        (lambda c: {"reviewer_price": c.reviewer_price - 1}, "the prices do not prove the total"),
        (lambda c: {"entry_price": c.entry_price[:2]}, "entry_price must be 3 integers"),
        (lambda c: {"reviewer_price": c.reviewer_price.astype(np.float64)}, "reviewer_price must be 3 integers"),
        (lambda c: {"entry_price": c.entry_price + 2**61}, "entry_price is beyond all bounds"),
        (lambda c: {"primal": c.primal + 1}, "the certificate states primal"),
        (lambda c: {"dual": c.dual + 1}, "the certificate states primal"),
        (lambda c: {"optimal": False}, "the certificate states primal"),
    ],
)
def test_verify_refuses_a_certificate_that_proves_nothing(change, message):
    problem, result = sound()
    certificate = replace(result.certificate, **change(result.certificate))
    with pytest.raises(AssignmentError) as refused:
        verify(problem, replace(result, certificate=certificate))
    assert message in str(refused.value)


def test_verify_refuses_a_feasible_assignment_that_is_not_the_best():
    problem = Problem.dense([[10, 9], [9, 1]], 1, most=1)
    best = assign(problem)
    worse = recounted(problem, best, array(0, 1), array(0, 1), array(10, 1))
    with pytest.raises(AssignmentError, match="the prices do not prove the total: primal 11, dual 18"):
        verify(problem, worse)


def test_verify_refuses_prices_under_which_an_empty_slot_would_be_too_cheap():
    """Entry 0 has no candidate; a slot of entry 1 left empty as well must not be excused by a price out of bounds."""
    problem = Problem.dense([[X], [5]], 1, most=1)
    best = assign(problem, scale=1)
    assert (best.certificate.penalty, best.certificate.primal) == (6, -1)
    forged = replace(best.certificate, entry_price=array(-17, 5), reviewer_price=array(0), primal=-12, dual=-12)
    idle = replace(recounted(problem, best, array(), array(), array()), certificate=forged)
    with pytest.raises(AssignmentError, match="the prices do not prove the total: primal -12, dual -12"):
        verify(problem, idle)


def test_both_sides_of_the_certificate_are_added_up_without_overflow():
    problem = Problem.dense(np.ones((100, 100), dtype=np.int64), 1, most=1)
    best = assign(problem, scale=10**13)
    verify(problem, best)
    low = np.full(100, -best.certificate.penalty)
    forged = replace(best.certificate, entry_price=low, reviewer_price=low)
    penalty = 100 * 10**13 + 1
    dual = -100 * penalty + 100 * 100 * (10**13 + 2 * penalty)
    assert dual > 2**64
    with pytest.raises(AssignmentError, match=f"primal {100 * 10**13}, dual {dual}$"):
        verify(problem, replace(best, certificate=forged))


# A real conference


def aamas_2021(folder):
    """Affinities of 526 entries and 596 reviewers: text similarity and bids; no pair with a conflict or an author."""
    affinity = np.minimum(20 * np.load(folder / "aamas_text.npy"), 2)
    conflict = np.load(folder / "aamas_authorship.npy") != 0
    bonus = {"yes": 1.0, "maybe": 0.5, "conflict": 0.0}
    with (folder / "aamas_2021.csv").open(newline="", encoding="utf-8") as lines:
        for row in csv.DictReader(lines):
            role, number = row["Bidder"].split("-")
            if role == "pc":
                place = int(row["Submission"]) - 1, int(number) - 1
                affinity[place] += bonus[row["Bid"]]
                conflict[place] |= row["Bid"] == "conflict"
    affinity[conflict] = np.nan
    return affinity


def test_a_real_conference_reaches_its_known_optimum():
    home = os.environ.get("SIMSA_DATA")
    if not home:
        pytest.skip("SIMSA_DATA is not set: the bids of AAMAS 2021 are not here")
    problem = Problem.dense(aamas_2021(Path(home) / "assignment"), 4, most=6)
    result = assign(problem)
    verify(problem, result)
    assert result.complete
    assert round(result.total, 2) == Fraction("4916.73")
    assert result.entry.size == 4 * 526
    assert result.load.max() == 6


def test_an_entry_may_need_more_than_any_memory_could_hold():
    """Room is kept for the candidates that there are, not for those that are asked for."""
    limits = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (16 * 2**30, limits[1]))
    try:
        found = assign(Problem.dense([[1, 2], [3, 4]], [2**31 - 1, 1], most=1))
    finally:
        resource.setrlimit(resource.RLIMIT_AS, limits)
    assert found.certificate.optimal
    assert found.missing == 2**31 - 2


def test_progress_never_goes_back():
    """Slots are short for half of the entries: the kernel returns to its auction after paths."""
    random = np.random.default_rng(4)
    told = []
    affinity = random.random((800, 700))
    affinity[:400, 200:] = affinity[400:, :200] = np.nan
    problem = Problem.dense(affinity, 4, most=5)
    assign(problem, progress=lambda step, share: told.append((step, share)))
    assert {step for step, _ in told} >= {"network", "auction", "shortest paths", "certificate", "done"}
    assert [share for _, share in told] == sorted(share for _, share in told)


def test_progress_is_told_where_slots_are_short_everywhere():
    random = np.random.default_rng(4)
    told = []
    assign(Problem.dense(random.random((900, 700)), 4, most=4), progress=lambda step, share: told.append((step, share)))
    assert {step for step, _ in told} == {"network", "auction", "certificate", "done"}
    assert [share for _, share in told] == sorted(share for _, share in told)
