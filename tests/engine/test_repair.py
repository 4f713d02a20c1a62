"""Late change: as few pairs as possible change hands, against integer programmes, by hand and by brute force."""

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simsa.engine.assignment import AssignmentError, Problem, assign, repair, verify, verify_repair
from tests.draws import draws
from tests.engine.test_assignment import X, pairs_of, problems, solved_elsewhere, subsets


@st.composite
def late_changes(draw):
    """A problem after some change, and pairs chosen before it, some of which are impossible now."""
    problem = draw(problems())
    size = problem.n_entries, problem.n_reviewers
    cells = [(e, r) for e in range(size[0] + 1) for r in range(size[1] + 1)]
    return problem, draw(st.lists(st.sampled_from(cells), unique=True, max_size=12))


def rows(pairs):
    return set(map(tuple, pairs.tolist()))


@settings(max_examples=draws(200), deadline=None)
@given(late_changes())
def test_keeps_the_most_pairs_and_then_has_the_largest_total(case):
    problem, previous = case
    repaired = repair(problem, previous)
    result = repaired.assignment
    missing, under, *kept, units = solved_elsewhere(problem, result.scale, previous)
    assert (result.short[:, 1].sum(), result.under[:, 1].sum()) == (missing, under)
    assert [len(repaired.kept)] == (kept or [0])
    assert result.total_units == units
    assert repaired.minimal
    verify_repair(problem, previous, repaired)


@settings(max_examples=draws(200), deadline=None)
@given(late_changes())
def test_accounts_for_every_pair(case):
    problem, previous = case
    repaired = repair(problem, previous)
    after = set(pairs_of(repaired.assignment))
    assert rows(repaired.kept) == set(previous) & after
    assert rows(repaired.added) == after - set(previous)
    assert rows(repaired.released) | rows(repaired.dropped) == set(previous) - after
    assert len(repaired.released) + len(repaired.dropped) == len(set(previous) - after)
    assert repaired.anew.total_units == assign(problem).total_units


@settings(max_examples=100, deadline=None)
@given(late_changes())
def test_what_is_released_could_not_stay_whatever_else_is_done(case):
    problem, previous = case
    previous = previous[:8]
    repaired = repair(problem, previous, compare=False)
    possible = set(zip(problem.entry.tolist(), problem.reviewer.tolist(), strict=True)) - rows(problem.forbidden)
    pinned = rows(problem.pinned)

    def fits(pairs):
        entries, reviewers = [p[0] for p in pairs], [p[1] for p in pairs]
        return all(entries.count(e) <= problem.coverage[e] for e in entries) and all(
            reviewers.count(r) <= problem.most[r] for r in reviewers
        )

    candidates = [pair for pair in previous if pair in possible]
    most = max(
        len(chosen)
        for chosen in ({candidates[i] for i in group} for group in subsets(len(candidates)))
        if fits(chosen | pinned)
    )
    assert len(repaired.released) == len(previous) - most
    assert rows(repaired.kept).isdisjoint(rows(repaired.released))


@settings(max_examples=60, deadline=None)
@given(problems(), st.data())
def test_an_optimum_is_left_alone_and_a_lost_reviewer_is_all_that_changes_it(problem, data):
    before = assign(problem)
    same = repair(problem, before)
    assert len(same.added) == len(same.released) == len(same.dropped) == 0
    assert same.assignment.total_units == before.total_units
    gone = data.draw(st.integers(0, problem.n_reviewers - 1))
    drop = np.arange(problem.n_reviewers) == gone
    without = problem.changed(
        most=np.where(drop, 0, problem.most),
        least=np.where(drop, 0, problem.least),
        pinned=problem.pinned[problem.pinned[:, 1] != gone],
    )
    after = repair(without, before)
    verify_repair(without, before, after)
    assert rows(after.released) == {pair for pair in pairs_of(before) if pair[1] == gone}
    assert after.anew.total_units >= after.assignment.total_units


# By hand


def test_a_pair_is_kept_although_another_is_worth_more():
    problem = Problem.dense([[1, 9], [1, 1]], 1, most=1)
    repaired = repair(problem, [(0, 0), (1, 1)])
    assert pairs_of(repaired.assignment) == [(0, 0), (1, 1)]
    assert (repaired.assignment.total_units, repaired.anew.total_units) == (2, 10)
    assert repaired.share == Fraction(1, 5)
    assert repaired.ratio is None


def test_a_reviewer_who_drops_out_is_replaced_and_nobody_else_moves():
    matrix = [[5, 4, 3], [5, 4, 3], [5, 4, 3]]
    before = assign(Problem.dense(matrix, 1, most=1))
    repaired = repair(Problem.dense([[*row, 1] for row in matrix], 1, most=[1, 0, 1, 1]), before)
    assert repaired.released.tolist() == [[int(before.entry[before.reviewer == 1][0]), 1]]
    assert repaired.added.tolist() == [[int(before.entry[before.reviewer == 1][0]), 3]]
    assert (repaired.ratio, len(repaired.kept), len(repaired.dropped)) == (1, 2, 0)


def test_a_pair_is_given_up_where_that_fills_a_slot():
    """Entry 0 lost reviewer 0 and can only go to reviewer 1, who gives entry 1 to reviewer 2."""
    problem = Problem.dense([[X, 1, X], [X, 1, 1]], 1, most=1)
    repaired = repair(problem, [(0, 0), (1, 1)])
    assert repaired.released.tolist() == [[0, 0]]
    assert repaired.dropped.tolist() == [[1, 1]]
    assert repaired.added.tolist() == [[0, 1], [1, 2]]
    assert repaired.ratio == 2


def test_a_lower_load_releases_as_many_pairs_as_it_must_and_the_least_affinity():
    problem = Problem.dense([[1, 0], [2, 0], [3, 0]], 1, most=[2, 3])
    repaired = repair(problem, [(0, 0), (1, 0), (2, 0)])
    assert repaired.released.tolist() == [[0, 0]]
    assert repaired.added.tolist() == [[0, 1]]
    assert len(repaired.dropped) == 0


def test_a_new_entry_takes_room_that_is_left():
    problem = Problem.dense([[5, 5], [9, 1]], 1, most=1)
    repaired = repair(problem, [(0, 0)])
    assert (repaired.kept.tolist(), repaired.added.tolist()) == ([[0, 0]], [[1, 1]])


def test_a_withdrawn_entry_is_released():
    repaired = repair(Problem.dense([[5], [9]], [1, 0], most=1), [(0, 0), (1, 0)])
    assert (repaired.released.tolist(), len(repaired.added)) == ([[1, 0]], 0)
    assert repaired.ratio == 0


@pytest.mark.parametrize(
    "previous",
    [[(0, 0), (0, 0)], [(-1, 0)], [(0, 2**31)], [(0.0, 1.0)], [0, 1], [(0, 1, 2)]],
)
def test_previous_pairs_must_be_pairs(previous):
    with pytest.raises(AssignmentError, match=r"^previous "):
        repair(Problem.dense([[1]], 1, most=1), previous)


def test_the_three_goals_fit_into_64_bits_at_any_scale_that_the_affinities_do():
    """The widest affinities that are accepted: the bonus gives way to nothing, and nothing overflows."""
    n = 50
    problem = Problem.dense(np.linspace(-1, 1, n * n).reshape(n, n), 1, most=1)
    with pytest.raises(AssignmentError, match=r"10+ would fit"):
        assign(problem, scale=10**18)
    for power in (13, 14):
        previous = [(i, n - 1 - i) for i in range(n - 3)]
        repaired = repair(problem, previous, scale=10**power)
        verify_repair(problem, previous, repaired)
        assert len(repaired.kept) == n - 3


def test_progress_runs_from_start_to_done():
    told = []
    problem = Problem.dense([[1]], 1, most=1)
    repair(problem, assign(problem), progress=lambda step, share: told.append((step, share)))
    assert [step for step, _ in told] == [
        "network",
        "auction",
        "certificate",
        "anew: auction",
        "anew: certificate",
        "done",
    ]
    shares = [share for _, share in told]
    assert (shares[0], shares[-1]) == (0.0, 1.0)
    assert shares == sorted(shares)


def test_verify_refuses_a_repair_that_is_not_the_smallest():
    problem = Problem.dense([[1, 9], [1, 1]], 1, most=1)
    previous = [(0, 0), (1, 1)]
    repaired = repair(problem, previous)
    with pytest.raises(AssignmentError, match="penalty"):
        verify(problem, repaired.assignment)
    with pytest.raises(AssignmentError, match="the prices do not prove the total"):
        verify_repair(problem, [(0, 1), (1, 0)], repaired)
    for change in ({"kept": repaired.added}, {"added": repaired.kept}, {"minimal": False}):
        with pytest.raises(AssignmentError, match="is not what the pairs add up to"):
            verify_repair(problem, previous, replace(repaired, **change))
    with pytest.raises(AssignmentError, match="scale must be"):
        verify_repair(problem, previous, replace(repaired, assignment=replace(repaired.assignment, scale=0)))
