"""Randomised assignment against independent solvers, by statistics over many draws, and on a real conference's bids."""

import hashlib
import math
import os
from dataclasses import FrozenInstanceError, replace
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import highspy
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog
from scipy.sparse import csr_array

from simsa.engine.assignment import (
    AssignmentError,
    Kinds,
    Marginals,
    Problem,
    UnmetError,
    marginals,
    metrics,
    sample,
    verify_marginals,
)
from tests.draws import draws
from tests.engine.test_assignment import aamas_2021

CAPS = [None, Fraction(1, 2), Fraction(1, 3), Fraction(2, 5), Fraction(5, 8), Fraction(9, 10), 0.7]


# Random instances and what is known about them by other means


def some_kinds(random, n_entries, n_reviewers):
    """A random forest of up to five groups with limits for all or for each entry; sometimes none at all.

    An entry may have no more than a group within it must: such limits, which are refused, are tried once more.
    """
    n = int(random.integers(0, 6))
    if not n:
        return None
    parent = [int(random.integers(-1, kind)) for kind in range(n)]
    renamed = random.permutation(n)
    above = np.full(n, -1)
    for kind, of in enumerate(parent):
        above[renamed[kind]] = renamed[of] if of >= 0 else -1
    shape = (n_entries, n) if random.integers(2) else (n,)
    least = (random.random(shape) < 0.07).astype(int)
    group, most = random.integers(-1, n, n_reviewers), least + random.integers(1, 4, shape)
    for _ in range(n):
        np.maximum.at(most.T, above[above >= 0], least.T[above >= 0])
    for room in range(4):
        try:
            return Kinds(group, parent=above, least=least, most=most + room)
        except AssignmentError:
            continue
    return None


def instance(seed, largest=7):
    """A problem with gaps, ties, worthless and negative pairs, conflicts, pinned pairs, kinds; feasible or not."""
    random = np.random.default_rng(seed)
    n_entries, n_reviewers = (int(n) for n in random.integers(1, largest, 2))
    n_reviewers += 4
    values = np.round(random.uniform(-0.2, 1, (n_entries, n_reviewers)), int(random.integers(1, 4)))
    values[random.random(values.shape) < 0.1] = np.nan
    values[random.random(values.shape) < 0.1] = 0
    coverage = random.integers(0, 4, n_entries)
    need = math.ceil(coverage.sum() / n_reviewers)
    most = need + random.integers(0, 3, n_reviewers)
    least = np.minimum(random.integers(0, 2, n_reviewers), most) if random.integers(2) else 0
    pairs = np.argwhere(~np.isnan(values))
    random.shuffle(pairs)
    pinned = [pair for pair in pairs[:1].tolist() if coverage[pair[0]] and most[pair[1]] and random.integers(2)]
    kinds = some_kinds(random, n_entries, n_reviewers)
    for limits in (kinds, None):
        try:
            return Problem.dense(
                values, coverage, most=most, least=least, forbidden=pairs[1:3], pinned=pinned, kinds=limits
            )
        except AssignmentError:
            assert limits is not None
    raise AssertionError


def counts(problem):
    """Every limited count as a row over the problem's pairs, with its limits."""
    pairs, rows, low, high = problem.entry.size, [], [], []

    def limited(members, least, most):
        rows.append(members.astype(float))
        low.append(float(least))
        high.append(float(most))

    for i in range(problem.n_entries):
        limited(problem.entry == i, problem.coverage[i], problem.coverage[i])
    for j in range(problem.n_reviewers):
        limited(problem.reviewer == j, problem.least[j], problem.most[j])
    for family, kind in [(each, kind) for each in families(problem) for kind in range(each.n_groups)]:
        within = np.array([kind in lineage(family, j) for j in range(problem.n_reviewers)])
        for i in range(problem.n_entries):
            least, most = (limit[i, kind] if limit.ndim == 2 else limit[kind] for limit in (family.least, family.most))
            limited((problem.entry == i) & within[problem.reviewer], least, most)
    return np.array(rows).reshape(-1, pairs), np.array(low), np.array(high)


def families(problem):
    return problem.kinds.families if problem.kinds else ()


def lineage(family, reviewer):
    kind, above = int(family.group[reviewer]), []
    while kind >= 0:
        above.append(kind)
        kind = int(family.parent[kind])
    return above


def highs_optimum(problem, cap, perturbation):
    """(value of a feasible point, bound) by HiGHS; None if there is no feasible point.

    A linear programme; with perturbation a row of them (Kelley 1960), in which every pair's worth, affinity x less
    what perturbation takes, is bounded by its tangents at the points found so far.
    """
    rows, low, high = counts(problem)
    pairs = list(zip(problem.entry.tolist(), problem.reviewer.tolist(), strict=True))
    pinned, forbidden = (set(map(tuple, p.tolist())) for p in (problem.pinned, problem.forbidden))
    limit, n = 1.0 if cap is None else float(cap), len(pairs)
    bend = perturbation * np.abs(problem.affinity)
    model = highspy.Highs()
    model.setOptionValue("output_flag", False)
    for pair in pairs:
        model.addVar(float(pair in pinned), 1.0 if pair in pinned else 0.0 if pair in forbidden else limit)
    for row, least, most in zip(rows, low, high, strict=True):
        at = np.flatnonzero(row).astype(np.int32)
        model.addRow(least, most, at.size, at, row[at])
    for value in bend.tolist():
        model.addVar(0.0, value)  # what perturbation takes
    for e, value in enumerate(problem.affinity.tolist()):
        model.changeColCost(e, -float(value))
        model.changeColCost(n + e, 1.0)
    points = [np.full(n, share * limit) for share in (0.1, 0.3, 0.5, 0.7, 0.9)] if perturbation else []
    best = -math.inf
    for _ in range(40):
        for x in points:
            for e in np.flatnonzero(bend).tolist():
                tangent = np.array([-2 * bend[e] * x[e], 1.0])
                model.addRow(-bend[e] * x[e] ** 2, highspy.kHighsInf, 2, np.array([e, n + e], dtype=np.int32), tangent)
        model.run()
        if model.getModelStatus() == highspy.HighsModelStatus.kInfeasible:
            return None
        assert model.getModelStatus() == highspy.HighsModelStatus.kOptimal
        bound = -model.getInfo().objective_function_value
        x = np.array(model.getSolution().col_value[:n])
        best = max(best, float(problem.affinity @ x - bend @ x**2))
        if bound - best <= 1e-6:
            break
        points = [x]
    assert bound - best <= 1e-4
    return best, bound


def spread(problem, result):
    """Units, or choices, over all of the problem's pairs."""
    amounts = result.units if isinstance(result, Marginals) else np.ones(result.entry.size, dtype=np.int64)
    keys = problem.entry * problem.n_reviewers + problem.reviewer
    whole = np.zeros(keys.size, dtype=np.int64)
    whole[np.searchsorted(keys, result.entry * problem.n_reviewers + result.reviewer)] = amounts
    return whole


def check_limits(problem, amounts, whole, cap):
    """All limits, in whole numbers."""
    rows, low, high = counts(problem)
    for row, least, most in zip(rows.astype(np.int64), low.astype(np.int64), high.astype(np.int64), strict=True):
        assert least * whole <= row @ amounts <= most * whole
    pairs = list(zip(problem.entry.tolist(), problem.reviewer.tolist(), strict=True))
    pinned, forbidden = (set(map(tuple, p.tolist())) for p in (problem.pinned, problem.forbidden))
    for pair, amount in zip(pairs, amounts.tolist(), strict=True):
        if pair in pinned:
            assert amount == whole
        else:
            assert 0 <= amount <= (0 if pair in forbidden else cap * whole)


# Marginals


@pytest.mark.parametrize("block", range(8))
def test_linear_marginals_are_the_optimum_of_an_independent_solver(block):
    solved = 0
    for seed in range(100 * block, 100 * block + 100):
        problem = instance(seed)
        cap = CAPS[seed % len(CAPS)]
        best = highs_optimum(problem, cap, 0)
        if best is None:
            with pytest.raises(AssignmentError):
                marginals(problem, cap=cap)
            continue
        result = marginals(problem, cap=cap)
        solved += 1
        assert result.value == pytest.approx(best[0], abs=1e-6), seed
        assert result.gap == 0
        verify_marginals(problem, result)
        check_limits(problem, spread(problem, result), result.whole, result.cap)
    assert solved >= 20


@pytest.mark.parametrize("block", range(8))
def test_perturbed_marginals_are_within_the_tolerance_of_a_convex_optimum(block):
    solved = 0
    for seed in range(100 * block, 100 * block + 100):
        problem = instance(seed)
        cap, perturbation = CAPS[seed % len(CAPS)], [0.05, 0.3, 0.5, 1.0][seed % 4]
        best = highs_optimum(problem, cap, perturbation)
        if best is None:
            with pytest.raises(AssignmentError):
                marginals(problem, cap=cap, perturbation=perturbation)
            continue
        result = marginals(problem, cap=cap, perturbation=perturbation)
        solved += 1
        check_limits(problem, spread(problem, result), result.whole, result.cap)
        verify_marginals(problem, result)
        assert result.bound >= best[0] - 1e-7, seed
        assert result.value <= best[1] + 1e-7, seed
        assert result.gap <= 0.001, seed
        x = spread(problem, result) / result.whole
        assert result.value == pytest.approx(
            float(problem.affinity @ x - perturbation * np.abs(problem.affinity) @ x**2), abs=1e-9
        )
    assert solved >= 20


def test_probabilities_by_hand():
    """Two reviewers are equally good and one is half as good: 1/3 each where the cap leaves no choice."""
    problem = Problem.dense([[1.0, 1.0, 0.5]], 1, most=1)
    assert marginals(problem, cap=Fraction(1, 3)).units.tolist() == [1, 1, 1]
    assert marginals(problem, cap=Fraction(1, 2)).probability.tolist() == [0.5, 0.5]
    # x - x**2 twice and (x - x**2) / 2: the slopes 1 - 2x, 1 - 2x, 1/2 - x meet at x = 3/8, 3/8, 1/4.
    spread_out = marginals(problem, perturbation=1.0, tolerance=1e-6)
    assert spread_out.probability == pytest.approx([0.375, 0.375, 0.25], abs=2e-4)


def test_a_float_cap_is_the_decimal_that_it_prints_as():
    problem = Problem.dense(np.ones((1, 10)), 1, most=1)
    result = marginals(problem, cap=0.1)
    assert (result.cap, result.whole) == (Fraction(1, 10), 10)
    assert result.units.tolist() == [1] * 10


def test_kinds_hold_an_entry_back_on_all_levels():
    kinds = Kinds([1, 1, 2, 2, -1, -1], parent=[-1, 0, 0], most=[2, 1, 1])
    problem = Problem.dense([[9.0, 9.0, 8.0, 8.0, 1.0, 1.0]], 3, most=1, kinds=kinds)
    result = marginals(problem, cap=Fraction(1, 2), perturbation=0.1)
    assert result.probability == pytest.approx([0.5, 0.5, 0.5, 0.5, 0.5, 0.5], abs=1e-6)
    for seed in range(50):
        chosen = sample(result, seed).reviewer
        assert np.bincount(chosen // 2).tolist() == [1, 1, 1]


@pytest.mark.parametrize("perturbation", [0.0, 0.3])
@pytest.mark.parametrize(
    ("forged", "message"),
    [
        (lambda m: {"units": np.roll(m.units, 1)}, "pinned pair is not certain|up to cap|coverage"),
        (lambda m: {"cap": Fraction(2, 5)}, "up to cap"),
        (lambda m: {"cap": Fraction(1, 7)}, "whole in units"),
        (lambda m: {"affinity": m.affinity + 1}, "wrong affinity"),
        (lambda m: {"value": m.value + 1e-3}, "the value is"),
        (lambda m: {"bound": m.bound - 1e-3}, "the bound that prices prove is"),
        (lambda m: {"entry_price": m.entry_price + m.entry_price.dtype.type(1000)}, "the bound that prices prove is"),
        (lambda m: {"kind_price": m.kind_price[:-1]}, "priced must be"),
        (lambda m: {"priced": m.priced[:-1], "kind_price": m.kind_price[:-1]}, "the bound that prices prove is"),
        (lambda m: {"priced": m.priced + 100}, "out of range"),
        (lambda m: {"node": m.node[::-1]}, "do not hang in the tree"),
        (lambda m: {"reviewer": np.sort(m.reviewer)}, "not sorted|no candidate|wrong affinity|left out"),
        (lambda m: {"n_entries": 3}, "another problem"),
    ],
)
def test_forged_marginals_are_found_out(perturbation, forged, message):
    random = np.random.default_rng(11)
    kinds = Kinds(np.arange(12) % 4, parent=[-1, 0, 0, -1], least=[1, 0, 0, 0], most=[2, 1, 2, 1])
    values = np.round(random.random((8, 12)), 3) + 0.5 * (np.arange(12) % 4 == 3)
    problem = Problem.dense(values, 3, most=3, least=1, pinned=[(0, 0)], kinds=kinds)
    result = marginals(problem, cap=Fraction(3, 5), perturbation=perturbation)
    verify_marginals(problem, result)
    with pytest.raises(AssignmentError, match=message):
        verify_marginals(problem, replace(result, **forged(result)))


def test_a_kind_is_verified_in_the_problem_that_it_is_asked_in():
    values = np.arange(8.0).reshape(2, 4)
    free = marginals(Problem.dense(values, 2, most=2), cap=1)
    for kinds in (Kinds([-1, -1, 0, 0], most=1), Kinds([0, 0, -1, -1], least=1)):
        with pytest.raises(AssignmentError, match="reviewers of a kind are not within its limits: entry 0, 0"):
            verify_marginals(Problem.dense(values, 2, most=2, kinds=kinds), free)


# Draws


@settings(max_examples=draws(150), deadline=None)
@given(st.integers(0, 10**6), st.sampled_from(CAPS), st.sampled_from([0.0, 0.4]), st.text())
def test_every_draw_keeps_every_limit(seed, cap, perturbation, draw):
    problem = instance(seed, largest=9)
    try:
        result = marginals(problem, cap=cap, perturbation=perturbation)
    except AssignmentError:
        return
    for again in range(3):
        drawn = sample(result, f"{draw}{again}")
        chosen = spread(problem, drawn)
        check_limits(problem, chosen, 1, 1)
        assert (chosen <= spread(problem, result)).all()
        expected = np.bincount(result.reviewer, result.units, problem.n_reviewers) / result.whole
        assert (np.abs(drawn.load - expected) < 1).all()
        assert drawn.load.tolist() == np.bincount(drawn.reviewer, minlength=problem.n_reviewers).tolist()
        assert drawn.total == pytest.approx(float(problem.affinity @ chosen))


@pytest.mark.parametrize("cap", [Fraction(1, 2), Fraction(1, 3), Fraction(3, 5), Fraction(7, 12), Fraction(9, 10)])
@pytest.mark.parametrize("perturbation", [0.0, 0.5])
@pytest.mark.parametrize("nested", [False, True])
def test_pairs_are_chosen_as_often_as_their_probabilities_say(cap, perturbation, nested):
    """The sum of squared deviations, each in its standard deviations; seeds are fixed, so it cannot flake."""
    draws = 3000
    random = np.random.default_rng(7)
    group, parent = random.integers(0, 4, 12), [-1, 0, 0, -1]
    kinds = Kinds(group, parent=parent, least=[1, 0, 0, 0], most=[3, 1, 2, 2]) if nested else None
    problem = Problem.dense(random.random((8, 12)), 3, most=3, least=1, pinned=[(0, 0)], kinds=kinds)
    result = marginals(problem, cap=cap, perturbation=perturbation)
    seen = np.zeros(problem.entry.size)
    for seed in range(draws):
        seen += spread(problem, sample(result, seed))
    x = spread(problem, result) / result.whole
    open_ = (x > 0) & (x < 1)
    assert (seen[x == 0] == 0).all()
    assert (seen[x == 1] == draws).all()
    z = (seen - draws * x)[open_] / np.sqrt(draws * (x * (1 - x))[open_])
    assert np.abs(z).max() < 4.5
    # Under independence z @ z has mean n and variance 2n; dependence within entries widens it, and this leaves room.
    assert z @ z < open_.sum() + 6 * math.sqrt(2 * open_.sum())


def test_equal_seeds_give_equal_draws_and_this_very_one():
    problem = Problem.dense(np.arange(40.0).reshape(5, 8) % 7, 2, most=2)
    result = marginals(problem, cap=Fraction(3, 10), perturbation=0.5)
    first, again, other = sample(result, 2026), sample(result, "2026"), sample(result, 2027)
    assert first.reviewer.tolist() == again.reviewer.tolist()
    assert first.reviewer.tolist() != other.reviewer.tolist()
    halves = marginals(Problem.dense(np.ones((4, 4)), 2, most=2, least=2), cap=Fraction(1, 2))
    assert halves.units.tolist() == [1] * 16
    assert sample(halves, "a public seed").reviewer.tolist() == [0, 3, 1, 2, 0, 1, 2, 3]
    thirds = marginals(Problem.dense(np.ones((3, 3)), 1, most=1), cap=Fraction(1, 3))
    assert sample(thirds, "a public seed").reviewer.tolist() == [1, 0, 2]


def chacha20(key):
    """The first block of the key stream, counter and nonce 0, as 16 words; RFC 8439, section 2.3, in as many lines."""
    start = [0x61707865, 0x3320646E, 0x79622D32, 0x6B206574]
    start += [int.from_bytes(key[at : at + 4], "little") for at in range(0, 32, 4)] + [0] * 4
    x = list(start)
    for _ in range(10):
        for shift in (0, 1):
            for k in range(4):
                a, b, c, d = k, 4 + (k + shift) % 4, 8 + (k + 2 * shift) % 4, 12 + (k + 3 * shift) % 4
                for p, q, r, turn in ((a, b, d, 16), (c, d, b, 12), (a, b, d, 8), (c, d, b, 7)):
                    x[p] = (x[p] + x[q]) % 2**32
                    mixed = x[r] ^ x[p]
                    x[r] = (mixed << turn | mixed >> 32 - turn) % 2**32
    return [(new + old) % 2**32 for new, old in zip(x, start, strict=True)]


def test_the_bits_of_a_draw_are_the_key_stream_that_is_documented():
    """One entry, two reviewers, 1/2 each: one trail, one coin, after one number that puts two odd edges in order."""
    halves = marginals(Problem.dense(np.ones((1, 2)), 1, most=1), cap=Fraction(1, 2))
    for seed in range(64):
        digest = hashlib.sha256()
        for part in (b"simsa draw v1", str(seed).encode()):
            digest.update(len(part).to_bytes(8, "big") + part)
        order, coins = chacha20(digest.digest())[:2]
        first = 0 if order >> 31 else 1  # a number below 2: 0 puts the last edge first
        assert sample(halves, seed).reviewer.tolist() == [first if coins & 1 else 1 - first]


def test_a_draw_refuses_units_that_do_not_add_up():
    result = marginals(Problem.dense(np.ones((2, 4)), 1, most=1), cap=Fraction(1, 2))
    with pytest.raises(AssignmentError, match="whole slots"):
        sample(replace(result, units=result.units * 0 + 1, whole=3), 1)


# What it says


def test_metrics_say_what_was_bought_and_what_it_cost():
    problem = Problem.dense([[4.0, 3.0, 2.0, 1.0]], 2, most=1)
    plain = metrics(problem, marginals(problem))
    assert (plain.support, plain.largest, plain.entropy, plain.squares, plain.kept) == (2, 1, 0, 1, 1)
    halves = metrics(problem, marginals(problem, cap=Fraction(1, 2)))
    assert (halves.support, halves.largest, halves.mean_largest, halves.squares) == (4, 0.5, 0.5, 0.5)
    assert halves.entropy == pytest.approx(2 * math.log(2))
    assert (halves.expected, halves.kept) == (5, pytest.approx(5 / 7))


def test_more_perturbation_spreads_more_and_keeps_less():
    problem = Problem.dense(np.random.default_rng(3).random((30, 40)), 3, most=4)
    found = [metrics(problem, marginals(problem, cap=0.8, perturbation=beta)) for beta in (0.0, 0.1, 0.5)]
    for less, more in pairwise(found):
        assert less.entropy < more.entropy
        assert less.squares > more.squares
        assert less.kept > more.kept


def test_progress_is_told_from_nothing_to_all():
    problem = Problem.dense(np.random.default_rng(4).random((30, 40)), 3, most=3)
    for perturbation in (0.0, 0.2):
        told = []
        marginals(
            problem, perturbation=perturbation, progress=lambda step, share, told=told: told.append((step, share))
        )
        assert told[0] == ("network", 0.0)
        assert told[-1] == ("done", 1.0)
        assert all(0 <= share <= 1 for _, share in told)


def test_results_are_frozen():
    result = marginals(Problem.dense(np.ones((2, 4)), 1, most=1), cap=0.5)
    drawn = sample(result, 1)
    for frozen in (result, drawn):
        with pytest.raises(FrozenInstanceError):
            frozen.entry = None
        with pytest.raises(ValueError, match="read-only"):
            frozen.affinity[0] = 2
    with pytest.raises(ValueError, match="read-only"):
        result.units[0] = 2


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"cap": 0}, "cap must be above 0"),
        ({"cap": 1.5}, "cap must be above 0"),
        ({"cap": float("nan")}, "cap must be above 0"),
        ({"cap": Fraction(2**31 - 1, 2**31)}, "in proportion to its denominator"),
        ({"perturbation": -1}, "perturbation must not be negative"),
        ({"tolerance": 0}, "tolerance must be positive"),
        ({"cap": 0.25}, "coverage cannot be met .*: entry 0 needs 2 more and can have 0 to 1"),
    ],
)
def test_what_cannot_be_is_refused(options, message):
    with pytest.raises(AssignmentError, match=message):
        marginals(Problem.dense(np.ones((2, 4)), 2, most=2), **options)


def test_loads_that_cannot_be_are_refused_by_name():
    problem = Problem.dense([[1.0, np.nan], [1.0, np.nan]], 1, most=1)
    with pytest.raises(AssignmentError, match=r"1 slots stay above the most .*reviewers 0"):
        marginals(problem)
    problem = Problem.dense([[1.0, 1.0]], 1, most=1, least=1)
    for perturbation in (0, 0.5):
        with pytest.raises(AssignmentError, match="under the least"):
            marginals(problem, perturbation=perturbation)


@pytest.mark.parametrize(
    ("kinds", "options", "message"),
    [
        (Kinds([0] * 4, most=1), {}, "coverage cannot be met .* limits of kinds"),
        (Kinds([0] * 4, parent=[-1, -1], least=[0, 1]), {}, "fewer candidates of a kind .*: entry 0, 1: 0, at least 1"),
        (Kinds([0, 1, 2, 2], least=[1, 0, 1]), {"cap": 0.5}, "limits of kinds that contradict"),
        (
            Kinds.together(Kinds.at_most_one("aabb"), Kinds.at_most_one("abab")),
            {},
            "kinds that cross .*leave one of them out",
        ),
    ],
)
def test_kinds_that_cannot_be_are_refused(kinds, options, message):
    with pytest.raises(AssignmentError, match=message):
        marginals(Problem.dense(np.ones((2, 4)), 2, most=2, kinds=kinds), **options)


def test_entries_with_too_few_candidates_of_a_kind_are_named():
    kinds = Kinds([0, 0, 1, 1], parent=[-1, -1], least=[[0, 1], [0, 2], [0, 2]])
    problem = Problem.dense(np.ones((3, 4)), 2, most=3, kinds=kinds, forbidden=[(0, 2), (1, 2), (2, 3)])
    with pytest.raises(UnmetError, match=r"fewer candidates .*entry 1, 1: 1, at least 2; entry 2, 1: 1") as refused:
        marginals(problem)
    assert refused.value.entries.tolist() == [1, 2]


@pytest.mark.parametrize("shape", [(4, 6), (1, 1), (3, 3)])
@pytest.mark.parametrize("perturbation", [0.1, 5.0])
def test_nothing_is_worth_anything(shape, perturbation):
    problem = Problem.dense(np.zeros(shape), 1, most=3)
    found = marginals(problem, perturbation=perturbation)
    verify_marginals(problem, found)
    assert (found.value, found.bound, found.gap, found.rounds) == (0, 0, 0, 1)


def test_pinned_pairs_count_in_kinds():
    problem = Problem.dense(np.ones((1, 3)), 2, most=1, pinned=[(0, 0)], kinds=Kinds([0, 0, -1], most=1))
    assert marginals(problem, cap=1.0).reviewer.tolist() == [0, 2]


def test_nothing_to_assign():
    for problem in (Problem.dense(np.ones((0, 3)), 1, most=1), Problem.dense(np.ones((2, 3)), 0, most=1)):
        for perturbation in (0.0, 0.5):
            result = marginals(problem, cap=0.5, perturbation=perturbation)
            assert (result.units.size, result.value, result.gap) == (0, 0, 0)
            assert sample(result, 1).entry.size == 0


# A real conference


@pytest.fixture(scope="module")
def conference():
    data = os.environ.get("SIMSA_DATA")
    if data is None:
        pytest.skip("SIMSA_DATA is not set: no bids of a real conference")
    return Problem.dense(aamas_2021(Path(data) / "assignment"), 4, most=6)


def test_a_real_conference_within_a_cap_as_an_independent_solver_has_it(conference):
    result = marginals(conference, cap=Fraction(1, 2))
    assert result.gap == 0
    pairs, places = conference.entry.size, np.arange(conference.entry.size)
    cover = csr_array((np.ones(pairs), (conference.entry, places)), shape=(conference.n_entries, pairs))
    loads = csr_array((np.ones(pairs), (conference.reviewer, places)), shape=(conference.n_reviewers, pairs))
    best = linprog(-conference.affinity, loads, conference.most, cover, conference.coverage, bounds=(0, 0.5))
    assert result.value == pytest.approx(-best.fun, rel=1e-6)


@pytest.mark.parametrize("perturbation", [0.05, 0.5])
def test_a_real_conference_perturbed_is_certified_and_drawn(conference, perturbation):
    result = marginals(conference, cap=0.5, perturbation=perturbation)
    assert result.gap <= 0.001
    kept = metrics(conference, result, optimum=4916.73)
    assert 0.8 < kept.kept < 1
    for seed in range(5):
        drawn = sample(result, seed)
        assert (np.bincount(drawn.entry) == 4).all()
        assert drawn.load.max() <= 6


def test_a_cap_with_a_large_denominator_is_refused_before_it_takes_forever():
    problem = Problem.dense(np.ones((3, 4)), 1, most=2)
    with pytest.raises(AssignmentError, match="denominator; take one of at most 100, or a small perturbation"):
        marginals(problem, cap=0.33333)
    assert marginals(problem, cap=0.33333, perturbation=0.01).gap < 0.01
