"""What if: every answer against the changed problem solved anew."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simsa.engine.assignment import (
    AssignmentError,
    ConflictLifted,
    OneMoreReview,
    OneMoreReviewer,
    OneMoreSlot,
    Problem,
    assign,
    margins,
    prepare,
    what_if,
)
from tests.draws import draws
from tests.engine.test_assignment import X, pairs_of, problems
from tests.engine.test_explain import after, assert_keeps_limits, missing, rows


def assert_is(told, problem, result, changed):
    """An outcome is what the changed problem has, and its exchange leads there."""
    anew = assign(changed, scale=result.scale)
    assert (told.total, told.missing) == (anew.total, missing(anew))
    assert (told.gain, told.missing_before) == (anew.total - result.total, missing(result))
    assert told.feasible == anew.complete
    pairs = after(result, told.exchange)
    assert_keeps_limits(changed, pairs)
    value = dict(
        zip(
            zip(changed.entry.tolist(), changed.reviewer.tolist(), strict=True),
            np.rint(changed.affinity * result.scale).astype(np.int64).tolist(),
            strict=True,
        )
    )
    sums = [sum(value[p] for p in pairs if p[0] == e) for e in range(changed.n_entries)]
    assert sum(sums) == told.total * result.scale
    assert min(sums) == told.worst * result.scale
    assert min(result.per_entry) == told.worst_before * result.scale
    if told.missing == told.missing_before:
        assert told.gain <= told.bound
        assert told.tight == (told.gain == told.bound)
    else:
        assert told.bound is None


def raised(limits, place):
    return limits + (np.arange(limits.size) == place)


@settings(max_examples=100, deadline=None)
@given(problems())
def test_one_more_slot_of_each_reviewer(problem):
    result = assign(problem)
    at, all_at_once = prepare(problem, result), margins(problem, result)
    for j in range(problem.n_reviewers):
        told = what_if(problem, result, OneMoreSlot(j), prepared=at)
        assert_is(told, problem, result, problem.changed(most=raised(problem.most, j)))
        assert told.missing_before - told.missing == all_at_once.slot_filled[j]
        assert told.gain == all_at_once.slot(j)
        if told.bound is not None:
            assert told.bound * result.scale == all_at_once.slot_bound[j]


@settings(max_examples=draws(100), deadline=None)
@given(problems())
def test_one_more_review_of_each_entry_and_of_every_entry(problem):
    result = assign(problem)
    at, all_at_once = prepare(problem, result), margins(problem, result)
    for i in range(problem.n_entries):
        told = what_if(problem, result, OneMoreReview(i), prepared=at)
        assert_is(told, problem, result, problem.changed(coverage=raised(problem.coverage, i)))
        assert told.missing_before - told.missing == all_at_once.review_filled[i]
        assert told.gain == all_at_once.review(i)
        if told.bound is not None:
            assert told.bound * result.scale == all_at_once.review_bound[i]
    told = what_if(problem, result, OneMoreReview(), prepared=at)
    assert_is(told, problem, result, problem.changed(coverage=problem.coverage + 1))


@settings(max_examples=draws(100), deadline=None)
@given(problems(), st.data())
def test_one_conflict_lifted(problem, data):
    result = assign(problem)
    known = set(zip(problem.entry.tolist(), problem.reviewer.tolist(), strict=True))
    forbidden = rows(problem.forbidden)
    for pair in [(e, r) for e in range(problem.n_entries) for r in range(problem.n_reviewers)]:
        if pair in known and pair not in forbidden:
            continue
        lifted = problem.forbidden[(problem.forbidden != pair).any(axis=1)]
        affinity = None
        parts = {}
        if pair not in known:
            affinity = data.draw(st.integers(-3, 3))
            parts = {
                "entry": [*problem.entry, pair[0]],
                "reviewer": [*problem.reviewer, pair[1]],
                "affinity": [*problem.affinity, affinity],
            }
        told = what_if(problem, result, ConflictLifted(*pair, affinity))
        assert_is(told, problem, result, problem.changed(forbidden=lifted, **parts))


@settings(max_examples=draws(100), deadline=None)
@given(problems(), st.data())
def test_one_more_reviewer(problem, data):
    result = assign(problem)
    like = data.draw(st.integers(0, problem.n_reviewers - 1))
    most = data.draw(st.none() | st.integers(0, 3))
    own = problem.reviewer == like
    forbidden = problem.forbidden[problem.forbidden[:, 1] == like, 0]
    newcomer = problem.n_reviewers
    more = problem.changed(
        n_reviewers=newcomer + 1,
        entry=[*problem.entry, *problem.entry[own]],
        reviewer=[*problem.reviewer, *[newcomer] * int(own.sum())],
        affinity=[*problem.affinity, *problem.affinity[own]],
        least=[*problem.least, 0],
        most=[*problem.most, problem.most[like] if most is None else most],
        forbidden=[*problem.forbidden.tolist(), *([e, newcomer] for e in forbidden)],
    )
    assert_is(what_if(problem, result, OneMoreReviewer(like, most=most)), problem, result, more)
    affinity = np.full(problem.n_entries, X)
    affinity[problem.entry[own]] = problem.affinity[own]
    affinity[forbidden] = X
    most = int(more.most[-1])
    told = what_if(problem, result, OneMoreReviewer(affinity=affinity, most=most))
    assert_is(told, problem, result, more)


# By hand

PROBLEM = Problem.dense([[10, 9, X], [9, 1, X]], 1, most=1, forbidden=[(1, 2)])


def test_a_price_may_be_more_than_the_slot_brings():
    """Another slot of reviewer 0 brings 1 while the price may stand anywhere between 1 and 7."""
    result = assign(PROBLEM)
    told = what_if(PROBLEM, result, OneMoreSlot(0))
    assert told.gain == 1
    assert told.bound >= 1
    assert (rows(told.exchange.added), rows(told.exchange.removed)) == ([(0, 0)], [(0, 1)])
    assert what_if(PROBLEM, result, OneMoreSlot(2)).gain == 0


def test_one_more_review_for_everyone_need_not_be_feasible():
    told = what_if(PROBLEM, assign(PROBLEM), OneMoreReview())
    assert (told.feasible, told.missing, told.bound) == (False, 2, None)


def test_a_conflict_lifted_brings_what_it_says():
    result = assign(PROBLEM)
    told = what_if(PROBLEM, result, ConflictLifted(1, 2, affinity=20))
    assert told.gain == 12 <= told.bound
    assert told.total == 30
    assert (told.worst_before, told.worst) == (9, 10)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (OneMoreSlot(3), "reviewer out of range"),
        (OneMoreReview(2), "entry out of range"),
        (ConflictLifted(0, 0), "entry 0, reviewer 0 is a pair that is allowed already"),
        (ConflictLifted(1, 2), "entry 1, reviewer 2 has no affinity: give one"),
        (ConflictLifted(1, 2, affinity=X), "affinity nan does not fit the scale 1"),
        (ConflictLifted(1, 2, affinity=1e300), "affinity 1e.300 does not fit the scale 1"),
        (OneMoreReviewer(), "either like another or has affinities"),
        (OneMoreReviewer(0, affinity=[1, 2]), "either like another or has affinities"),
        (OneMoreReviewer(3), "reviewer out of range"),
        (OneMoreReviewer(0, most=-1), "most must not be negative: it is -1"),
        (OneMoreReviewer(affinity=[1, 2]), "needs a most load"),
        (OneMoreReviewer(affinity=[1, 2, 3], most=1), r"one for each entry \(2\): its shape is \(3,\)"),
        ("a miracle", "not a change: 'a miracle'"),
    ],
)
def test_a_change_that_cannot_be_is_refused(change, message):
    problem = PROBLEM.changed(affinity=PROBLEM.affinity.astype(np.int64))
    with pytest.raises(AssignmentError, match=message):
        what_if(problem, assign(problem), change)


def test_whole_affinities_stay_whole():
    problem = PROBLEM.changed(affinity=PROBLEM.affinity.astype(np.int64))
    result = assign(problem)
    assert what_if(problem, result, OneMoreReviewer(0)).total == 19
    assert pairs_of(result) == [(0, 1), (1, 0)]
