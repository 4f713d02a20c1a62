"""Affinities as large as they may be: every number that proves something still fits, or is refused."""

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from simsa.engine.assignment import (
    AssignmentError,
    Kinds,
    LiftConflicts,
    OneMoreReview,
    Problem,
    advise,
    assign,
    repair,
    verify_repair,
    what_if,
)
from simsa.engine.native import call
from tests.draws import draws
from tests.engine.test_fair import holds

# Fair assignments with pinned pairs that are worth more than could be multiplied by any weight


def best_worst(problem, excluded):
    """The greatest welfare of the worst-off entry that counts, over all sets of pairs that miss as little as can be."""
    pairs = problem.entry.size
    sets = (np.arange(2**pairs)[:, None] >> np.arange(pairs)) & 1
    entry = problem.entry == np.arange(problem.n_entries)[:, None]
    covered, load = sets @ entry.T, sets @ (problem.reviewer == np.arange(problem.n_reviewers)[:, None]).T
    pinned = [
        place for place in range(pairs) if [problem.entry[place], problem.reviewer[place]] in problem.pinned.tolist()
    ]
    allowed = (
        (covered <= problem.coverage).all(axis=1) & (load <= problem.most).all(axis=1) & sets[:, pinned].all(axis=1)
    )
    for family in problem.kinds.families if problem.kinds else ():
        for group in range(family.n_groups):
            seats = sets @ (entry & (family.group[problem.reviewer] == group)).T
            allowed &= (seats <= family.most[group]).all(axis=1)
    missing = problem.coverage.sum() - covered.sum(axis=1)
    fewest = allowed & (missing == missing[allowed].min())
    welfare = sets[fewest] @ (entry * problem.affinity).T
    return int(np.delete(welfare, excluded, axis=1).min(axis=1).max())


@st.composite
def with_large_pins(draw, kinds):
    n, m = draw(st.integers(2, 3)), draw(st.integers(2, 4))
    matrix = np.array(draw(st.lists(st.lists(st.integers(0, 12), min_size=m, max_size=m), min_size=n, max_size=n)))
    pinned = draw(
        st.lists(st.tuples(st.integers(0, n - 1), st.integers(0, m - 1)), min_size=1, max_size=2, unique=True)
    )
    for pair in pinned:
        matrix[pair] = draw(st.sampled_from([-1, 1])) * int(10 ** draw(st.floats(9, 15.5)))
    group = draw(st.lists(st.integers(-1, 1), min_size=m, max_size=m))
    limits = Kinds(group, parent=[-1, -1], most=[draw(st.integers(1, 2)), 2]) if kinds else None
    try:
        return Problem.dense(matrix, 2, most=draw(st.integers(1, 3)), pinned=pinned, kinds=limits)
    except AssignmentError:  # the pinned pairs have no room
        return Problem.dense(matrix, 2, most=3, pinned=pinned[:1], kinds=limits)


def never_more_than_the_bound(problem):
    result = holds(problem)
    if result.excluded.size < problem.n_entries:
        assert result.worst <= best_worst(problem, result.excluded) <= result.bound


def pinned_first(matrix, kinds, **limits):
    return Problem.dense(matrix, 2, pinned=[(0, 0)], kinds=kinds, **limits)


@settings(max_examples=draws(150), deadline=None)
@given(with_large_pins(kinds=True))
@example(pinned_first([[10**13, 4, 3, 7], [11, 6, 4, 9], [10, 5, 4, 9]], Kinds([0] * 4, most=3), most=2))
def test_a_large_pinned_affinity_does_not_break_the_bound_within_kinds(problem):
    never_more_than_the_bound(problem)


@settings(max_examples=draws(150), deadline=None)
@given(with_large_pins(kinds=False))
def test_a_large_pinned_affinity_does_not_break_the_bound(problem):
    never_more_than_the_bound(problem)


@pytest.mark.parametrize("kinds", [False, True])
@pytest.mark.parametrize("seed", [*range(55, 65), 82, 84])
def test_what_a_pinned_pair_is_worth_to_its_entry_does_not_change_the_bound_of_the_others(seed, kinds):
    random = np.random.default_rng(seed)
    matrix = random.integers(0, 30, 8)[None, :] + random.integers(0, 6, (8, 8))
    alike = Kinds.between([0, 0, 0, 0, 1, 1, 1, 1], {0: (0, 1)}) if kinds else None
    bounds = []
    for large in (10**3, 10**13, 4 * 10**15):
        matrix[0, 0] = large
        bounds.append(holds(pinned_first(matrix, alike, most=2)))
    for one in bounds:
        for other in bounds:
            assert one.worst <= other.bound


def test_limits_of_one_entry_and_a_pinned_pair_of_large_affinity_do_not_crash():
    matrix = [[986349604220402, 0, 5, 2, 2], [6, 1, 9, 8, 0], [7, 6, 8, 7, 2]]
    most = [[2, 9, 9], [2, 9, 9], [9, 9, 9]]
    kinds = Kinds([-1, 2, 1, 0, 0], parent=[-1, -1, -1], least=[[0, 0, 0], [0, 0, 0], [0, 1, 1]], most=most)
    result = holds(pinned_first(matrix, kinds, most=[1, 1, 1, 2, 1]))
    assert result.worst <= result.bound


# Pairs that are weighed against affinities, with kinds


def few_entries_many_reviewers(multiple, **limits):
    """An exchange within kinds may be as long as there are reviewers: the network is hardly larger than that."""
    random = np.random.default_rng(0)
    kinds = Kinds.between(["a" if one else "b" for one in random.random(200) < 0.5], {"a": (1, 2)})
    return Problem.dense(random.random((3, 200)) * multiple * 10.0**7, 3, most=1, kinds=kinds, **limits)


@pytest.mark.parametrize("multiple", [1, 1.5, 2, 2.5, 3, 4, 5, 7])
def test_a_repair_takes_a_scale_that_has_room_for_previous_pairs(multiple):
    problem = few_entries_many_reviewers(multiple)
    before = assign(problem)
    gone = problem.changed(most=np.where(np.arange(200) == before.reviewer[0], 0, 1))
    repaired = repair(gone, before)
    verify_repair(gone, before, repaired)
    assert len(repaired.kept) >= 7
    assert repaired.assignment.scale in (before.scale, before.scale // 10)
    assert what_if(gone, repaired, OneMoreReview(0)).missing == 0


def test_a_scale_that_was_asked_for_is_not_changed_by_a_repair():
    problem = few_entries_many_reviewers(2)
    with pytest.raises(AssignmentError, match="too large to weigh pairs against them: take a smaller scale"):
        repair(problem, [], scale=assign(problem).scale)


@pytest.mark.parametrize("multiple", [1, 1.5, 2, 2.5, 3, 4, 5, 7])
def test_advice_does_without_the_conflicts_that_cannot_be_weighed(multiple):
    problem = few_entries_many_reviewers(multiple, forbidden=[(0, j) for j in range(199)])
    least = {type(fix) for fix in advise(problem, assign(problem)).fixes}
    smaller = {type(fix) for fix in advise(problem, assign(problem, scale=1)).fixes}
    assert least - smaller == set()
    assert smaller - least <= {LiftConflicts}


# The compiled part


@pytest.mark.parametrize("number", [2**63, -(2**63) - 1, 2**80])
def test_a_whole_number_that_does_not_fit_is_not_cut_to_its_lowest_bits(number):
    with pytest.raises(OverflowError, match="does not fit into 64 bits"):
        call("simsa_pairs_gain", number, *[np.zeros(0, dtype=np.int64)] * 7)
