"""Advice: cores are minimal by brute force, and every fix is applied and solved anew."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from simsa.engine.assignment import (
    FewerSlots,
    LiftConflicts,
    LowerLeast,
    MoreSlots,
    Problem,
    advise,
    assign,
)
from tests.draws import draws
from tests.engine.test_assignment import X, problems
from tests.engine.test_explain import missing, rows


def advice_for(problem):
    return advise(problem, assign(problem))


def can_be_satisfied(problem, kind, group):
    """Whether a group of entries can all have their coverage (reviewers: their least loads), whatever others get."""
    inside = np.isin(np.arange(problem.n_entries if kind == "coverage" else problem.n_reviewers), group)
    if kind == "coverage":
        pinned = np.bincount(problem.pinned[:, 0], minlength=inside.size)
        part = problem.changed(coverage=np.where(inside, problem.coverage, pinned), least=0)
    else:
        part = problem.changed(least=np.where(inside, problem.least, 0))
        return not assign(part).under.size
    return not assign(part).short.size


@settings(max_examples=draws(200), deadline=None)
@given(problems())
def test_a_core_cannot_be_satisfied_and_without_any_member_it_can(problem):
    result = assign(problem)
    advice = advise(problem, result)
    assert len(advice.cores) == len(result.infeasibility)
    for core, group in zip(advice.cores, result.infeasibility, strict=True):
        reason = core.reason
        assert core.minimal
        assert (reason.kind, reason.missing > 0) == (group.kind, True)
        members, all_members = (
            (reason.entries, group.entries) if reason.kind == "coverage" else (reason.reviewers, group.reviewers)
        )
        assert set(members.tolist()) <= set(all_members.tolist())
        assert not can_be_satisfied(problem, reason.kind, members)
        for i in range(members.size):
            assert can_be_satisfied(problem, reason.kind, np.delete(members, i))


@settings(max_examples=draws(200), deadline=None)
@given(problems())
def test_every_fix_does_what_it_says_and_what_gives_up_slots_leaves_none_missing(problem):
    result = assign(problem)
    fixes = advise(problem, result).fixes
    assert bool(fixes) == (not result.complete)
    assert [(fix.missing, fix.count) for fix in fixes] == sorted((fix.missing, fix.count) for fix in fixes)
    for fix in fixes:
        mended = assign(fix.applied(problem), scale=result.scale)
        assert (missing(mended), mended.total) == (fix.missing, fix.total)
        assert missing(mended) < missing(result)
        assert fix.count > 0
    for kind, which, table in (("entry", FewerSlots, result.short), ("reviewer", LowerLeast, result.under)):
        given_up = [fix for fix in fixes if isinstance(fix, which)]
        assert [rows(fix.slots) for fix in given_up] == ([rows(table)] if table.size else []), kind


@settings(max_examples=100, deadline=None)
@given(problems())
def test_no_fewer_slots_more_would_do(problem):
    """Slots more fill one each, and as many as limits without end for those who take somebody would."""
    result = assign(problem)
    (fix,) = [fix for fix in advise(problem, result).fixes if isinstance(fix, MoreSlots)] or [None]
    endless = assign(problem.changed(most=np.where(problem.most > 0, 100, 0)))
    gain = result.short[:, 1].sum() - endless.short[:, 1].sum()
    assert (fix.count if fix else 0) == gain
    if fix:
        assert assign(fix.applied(problem)).short[:, 1].sum() == endless.short[:, 1].sum()
        assert (problem.most[fix.slots[:, 0]] > 0).all()


@settings(max_examples=60, deadline=None)
@given(problems(), st.data())
def test_no_fewer_conflicts_lifted_would_do(problem, data):
    cells = [(e, r) for e in range(problem.n_entries) for r in range(problem.n_reviewers)]
    free = [cell for cell in cells if cell not in rows(problem.pinned)]
    assume(free)
    problem = problem.changed(forbidden=data.draw(st.lists(st.sampled_from(free), unique=True, max_size=5)))
    result = assign(problem)
    (fix,) = [fix for fix in advise(problem, result).fixes if isinstance(fix, LiftConflicts)] or [None]
    left = fix.missing if fix else missing(result)
    conflicts = rows(problem.forbidden)

    def lifted(pairs):
        return missing(assign(LiftConflicts(np.array(pairs, dtype=np.int64).reshape(-1, 2), 0, 0).applied(problem)))

    assert lifted(conflicts) == left
    if fix:
        assert set(rows(fix.pairs)) <= set(conflicts)
        assert all(lifted(pairs) > left for pairs in combinations(conflicts, fix.count - 1))


# By hand


def test_a_feasible_problem_needs_no_advice():
    advice = advice_for(Problem.dense([[1, 2]], 1, most=1))
    assert (advice.cores, advice.fixes) == ((), ())


def test_the_core_is_what_is_to_the_point():
    """All six entries compete for three reviewers with three slots; 0 and 1 alone cannot both be had."""
    matrix = np.full((6, 3), X)
    matrix[:2, 0] = 1
    matrix[2:, :] = 1
    problem = Problem.dense(matrix, 1, most=1)
    result = assign(problem)
    assert result.infeasibility[0].entries.size == 6
    (core,) = advise(problem, result).cores
    assert str(core.reason) == "entries 0, 1: 2 slots needed, but only 1 can be filled by reviewer 0"
    assert core.minimal


def test_an_entry_with_too_few_candidates_is_a_reason_of_its_own():
    problem = Problem.dense([[1, 1, 1], [1, X, X], [1, 1, 1]], 2, most=1)
    (core,) = advice_for(problem).cores
    assert str(core.reason) == "entry 1: 2 slots needed, but only 1 can be filled by reviewer 0"


def test_fixes_are_listed_with_what_helps_most_and_costs_least_first():
    """Entries 0 and 1 can only go to reviewer 0, who takes one; reviewer 1 has a conflict with both."""
    problem = Problem.dense([[5, 3], [4, 1]], 1, most=1, forbidden=[(0, 1), (1, 1)])
    fixes = advice_for(problem).fixes
    more, lift, fewer = (next(f for f in fixes if isinstance(f, k)) for k in (MoreSlots, LiftConflicts, FewerSlots))
    assert (rows(more.slots), more.missing, more.total) == ([(0, 1)], 0, 9)
    assert (rows(lift.pairs), lift.missing, lift.total) == ([(0, 1)], 0, 7)
    assert (rows(fewer.slots), fewer.missing, fewer.total) == ([(1, 1)], 0, 5)
    assert [fix.count for fix in fixes] == [1, 1, 1]


def test_a_reviewer_who_dropped_out_is_not_asked_for_more():
    problem = Problem.dense([[1, 1], [1, X]], 1, most=[0, 1])
    (fix,) = advice_for(problem).fixes
    assert isinstance(fix, FewerSlots)
    assert rows(fix.slots) == [(1, 1)]


def test_a_least_load_that_cannot_be_met_is_lowered_or_a_conflict_lifted():
    problem = Problem.dense([[1, 1], [1, 1]], 1, least=[0, 1], most=2, forbidden=[(0, 1), (1, 1)])
    advice = advice_for(problem)
    assert [str(core.reason) for core in advice.cores] == [
        "reviewer 1: least loads of 1 slots, but only 0 can come from no entry"
    ]
    lift, lower = advice.fixes if isinstance(advice.fixes[0], LiftConflicts) else reversed(advice.fixes)
    assert (lift.count, lift.missing) == (1, 0)
    assert (rows(lower.slots), lower.missing) == ([(1, 1)], 0)


@pytest.mark.parametrize("affinity", [X, 1e300])
def test_a_conflict_without_an_affinity_counts_as_nothing_and_one_beyond_the_scale_is_left(affinity):
    problem = Problem.dense([[2.0, affinity], [2.0, X]], 1, most=1, forbidden=[(0, 1)])
    lifts = [fix for fix in advice_for(problem).fixes if isinstance(fix, LiftConflicts)]
    assert [fix.total for fix in lifts] == ([] if affinity == 1e300 else [2])


def test_a_large_core_is_made_out_of_a_larger_group():
    """Nothing suffices for the 300 entries; for 19 of those from 10 to 29, with 11 reviewers, two slots are missing."""
    rng = np.random.default_rng(5)
    matrix = np.full((300, 111), X)
    matrix[10:30, :11] = rng.integers(0, 9, (20, 11))
    others = np.r_[0:10, 30:300]
    matrix[others] = rng.integers(0, 9, (280, 111))
    problem = Problem.dense(matrix, 3, most=5)
    result = assign(problem)
    assert result.infeasibility[0].entries.size == 300
    (core,) = advise(problem, result).cores
    assert core.minimal
    assert core.reason.reviewers.tolist() == list(range(11))
    assert core.reason.entries.size == 19
    assert core.reason.missing == 2
