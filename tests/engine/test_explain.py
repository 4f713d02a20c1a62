"""Why and why not: what is said of each pair, against the problem solved anew without it, or with it."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simsa.engine.assignment import AssignmentError, Problem, assign, prepare, why, why_not
from tests.draws import draws
from tests.engine.test_assignment import X, pairs_of, problems


def missing(result):
    return result.short[:, 1].sum() + result.under[:, 1].sum()


def gap(before, after):
    """(what the total is less, slots lost)"""
    return before.total - after.total, missing(after) - missing(before)


def with_pinned(problem, pair):
    return problem.changed(
        pinned=np.concatenate([problem.pinned, [pair]]),
        forbidden=problem.forbidden[(problem.forbidden != pair).any(axis=1)],
    )


def after(result, exchange):
    """The pairs once an exchange was made."""
    pairs, added, removed = (set(p) for p in (pairs_of(result), rows(exchange.added), rows(exchange.removed)))
    assert removed <= pairs
    assert not added & pairs
    return (pairs - removed) | added


def rows(array):
    return list(map(tuple, array.tolist()))


def assert_keeps_limits(problem, pairs):
    assert (np.bincount([p[0] for p in pairs], minlength=problem.n_entries) <= problem.coverage).all()
    assert (np.bincount([p[1] for p in pairs], minlength=problem.n_reviewers) <= problem.most).all()
    assert {tuple(p) for p in problem.pinned.tolist()} <= pairs
    assert pairs <= set(zip(problem.entry.tolist(), problem.reviewer.tolist(), strict=True))


@settings(max_examples=draws(150), deadline=None)
@given(problems())
def test_says_exactly_what_would_be_lost_without_a_pair(problem):
    result = assign(problem)
    at = prepare(problem, result)
    for pair in pairs_of(result):
        told = why(problem, result, *pair, prepared=at)
        without = problem.changed(
            forbidden=np.concatenate([problem.forbidden, [pair]]),
            pinned=problem.pinned[(problem.pinned != pair).any(axis=1)],
        )
        assert (told.loss, told.slots_lost) == gap(result, assign(without, scale=result.scale))
        assert pair in rows(told.exchange.removed)
        assert_keeps_limits(without, after(result, told.exchange))
        assert told.pinned or told.affinity >= told.entry_price + told.reviewer_price
        assert told.pinned == (pair in rows(problem.pinned))


@settings(max_examples=draws(150), deadline=None)
@given(problems())
def test_says_exactly_what_would_be_lost_with_a_pair(problem):
    result = assign(problem)
    at = prepare(problem, result)
    chosen, known = set(pairs_of(result)), set(zip(problem.entry.tolist(), problem.reviewer.tolist(), strict=True))
    for pair in [(e, r) for e in range(problem.n_entries) for r in range(problem.n_reviewers)]:
        if pair in chosen:
            continue
        told = why_not(problem, result, *pair, prepared=at)
        assert (told.reason == "conflict") == (pair in rows(problem.forbidden))
        assert (told.affinity is None) == (pair not in known)
        if pair not in known:
            assert told.reason in ("conflict", "no candidate")
            continue
        try:
            pinned = with_pinned(problem, pair)
        except AssignmentError:  # more pinned pairs than there is room for
            assert (told.loss, told.exchange) == (None, None)
            assert told.reason in ("conflict", "entry needs nobody", "reviewer takes nobody", "pinned pairs")
            continue
        assert (told.loss, told.slots_lost) == gap(result, assign(pinned, scale=result.scale))
        assert pair in rows(told.exchange.added)
        assert_keeps_limits(pinned, after(result, told.exchange))
        if told.reason != "conflict":
            assert (told.slots_lost, told.loss) >= (0, 0)
            assert (told.reason == "equal") == (told.slots_lost == told.loss == 0)
        if told.reason == "reviewer has better uses":
            assert told.affinity > told.entry_price
            assert told.load == told.most


@settings(max_examples=50, deadline=None)
@given(problems(), st.data())
def test_a_prepared_assignment_says_the_same(problem, data):
    result = assign(problem)
    pair = data.draw(st.integers(0, problem.n_entries - 1)), data.draw(st.integers(0, problem.n_reviewers - 1))
    ask = why if pair in pairs_of(result) else why_not
    once, again = ask(problem, result, *pair), ask(problem, result, *pair, prepared=prepare(problem, result))
    assert (once.loss, once.slots_lost) == (again.loss, again.slots_lost)


# By hand


def test_the_loss_and_who_would_move_are_told():
    problem = Problem.dense([[10, 9], [9, 1]], 1, most=1)
    told = why(problem, result := assign(problem), 0, 1)
    assert (told.affinity, told.rank, told.loss, told.slots_lost) == (9, 2, 7, 0)
    assert (rows(told.exchange.added), rows(told.exchange.removed)) == ([(0, 0), (1, 1)], [(0, 1), (1, 0)])
    assert (told.exchange.added_units.tolist(), told.exchange.removed_units.tolist()) == ([10, 1], [9, 9])
    not_told = why_not(problem, result, 0, 0)
    assert (not_told.reason, not_told.loss, not_told.load, not_told.most) == ("reviewer has better uses", 7, 1, 1)


@pytest.mark.parametrize(
    ("pair", "reason", "loss"),
    [
        ((0, 1), "entry has better", 1),
        ((0, 3), "conflict", -2),
        ((0, 4), "no candidate", None),
        ((0, 5), "reviewer takes nobody", None),
        ((1, 0), "entry needs nobody", None),
        ((2, 2), "pinned pairs", None),
    ],
)
def test_every_reason(pair, reason, loss):
    matrix = [[5, 4, 3, 7, X, 9], [9, 9, 9, 9, 9, 9], [1, 1, 1, 1, 1, 1]]
    problem = Problem.dense(matrix, [1, 0, 1], most=[2, 2, 2, 2, 2, 0], forbidden=[(0, 3)], pinned=[(2, 1)])
    result = assign(problem)
    assert pairs_of(result) == [(0, 0), (2, 1)]
    told = why_not(problem, result, *pair)
    assert (told.reason, told.loss) == (reason, loss)


def test_one_of_two_equals_could_have_been_chosen():
    problem = Problem.dense([[5, 5]], 1, most=1)
    result = assign(problem)
    other = 1 - int(result.reviewer[0])
    told = why_not(problem, result, 0, other)
    assert (told.reason, told.loss, rows(told.exchange.added)) == ("equal", 0, [(0, other)])


def test_fractions_are_exact_in_the_problems_own_unit():
    problem = Problem.dense([[0.3, 0.1]], 1, most=1)
    told = why(problem, assign(problem), 0, 0)
    assert (told.affinity, told.loss) == (Fraction(3, 10), Fraction(1, 5))


def test_a_conflict_with_an_affinity_beyond_the_scale_has_none():
    problem = Problem.dense([[1e300, 1.0]], 1, most=1, forbidden=[(0, 0)])
    told = why_not(problem, assign(problem), 0, 0)
    assert (told.reason, told.affinity, told.rank, told.loss) == ("conflict", None, None, None)


def test_questions_that_do_not_fit_the_assignment_are_refused():
    problem = Problem.dense([[10, 9], [9, 1]], 1, most=1)
    result = assign(problem)
    with pytest.raises(AssignmentError, match="entry 0, reviewer 0 is not chosen: ask why not"):
        why(problem, result, 0, 0)
    with pytest.raises(AssignmentError, match="entry 0, reviewer 1 is chosen: ask why"):
        why_not(problem, result, 0, 1)
    with pytest.raises(AssignmentError, match="reviewer out of range"):
        why_not(problem, result, 0, 2)
    with pytest.raises(AssignmentError, match="do not prove that the assignment is this problem's optimum"):
        why(Problem.dense([[10, 9], [1, 9]], 1, most=1), result, 0, 1)
    with pytest.raises(AssignmentError, match="another problem: it has a forbidden pair"):
        why(Problem.dense([[10, 9], [9, 1]], 1, most=1, forbidden=[(0, 1)]), result, 1, 0)
    with pytest.raises(AssignmentError, match="other numbers of entries or reviewers"):
        why(Problem.dense([[10, 9, 1], [9, 1, 1]], 1, most=1), result, 0, 1)
