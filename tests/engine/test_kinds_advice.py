"""Advice about kinds: cores are minimal by an integer programme, and every fix is applied and solved anew."""

from itertools import combinations_with_replacement

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from simsa.engine.assignment import (
    FewerSlots,
    Kinds,
    LiftConflicts,
    LowerLeast,
    MoreSlots,
    Problem,
    RelaxKinds,
    advise,
    assign,
    kinds_advice,
)
from simsa.engine.assignment.network import build_network
from tests.draws import draws
from tests.engine.test_explain import missing, rows
from tests.engine.test_kinds import X, chain, random_problem, solved_elsewhere

seeds = st.integers(0, 2**32)


def short_problem(seed, families=1):
    """A problem of which some slots or least loads stay empty."""
    problem = random_problem(np.random.default_rng(seed), families)
    assume(problem.affinity.size == 0 or abs(problem.affinity).max() < 10**5)
    result = assign(problem)
    assume(not result.complete)
    return problem, result


def can_be_satisfied(problem, kind, group):
    """Whether a group of entries can all have their coverage (reviewers: their least loads) if nobody else has any."""
    part = entries_alone(problem, group) if kind == "coverage" else reviewers_alone(problem, group)
    return not solved_elsewhere(part, build_network(part, 1).penalty)[1 if kind == "coverage" else 2]


def entries_alone(problem, group):
    (family,) = problem.kinds.families
    own, ours = np.isin(problem.entry, group), np.isin(problem.pinned[:, 0], group)
    elsewhere = np.bincount(problem.pinned[~ours, 1], minlength=problem.n_reviewers)
    number = {int(entry): at for at, entry in enumerate(group)}
    least, most = (limits[group] if limits.ndim == 2 else limits for limits in (family.least, family.most))
    return Problem(
        np.array([number[entry] for entry in problem.entry[own].tolist()], dtype=np.int64),
        problem.reviewer[own],
        0 * problem.affinity[own],
        len(group),
        problem.n_reviewers,
        problem.coverage[group],
        most=problem.most - elsewhere,
        forbidden=[(number[e], r) for e, r in rows(problem.forbidden) if e in number],
        pinned=[(number[e], r) for e, r in rows(problem.pinned) if e in number],
        kinds=Kinds(family.group, parent=family.parent, least=least, most=most),
    )


def reviewers_alone(problem, group):
    inside = np.isin(np.arange(problem.n_reviewers), group)
    pinned = np.bincount(problem.pinned[:, 1], minlength=problem.n_reviewers)
    return problem.changed(
        least=np.where(inside, problem.least, 0),
        most=np.where(inside, problem.most, pinned),
        affinity=0 * problem.affinity,
    )


@settings(max_examples=draws(150), deadline=None)
@given(seeds)
def test_a_core_cannot_be_satisfied_and_without_any_member_it_can(seed):
    problem, result = short_problem(seed)
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
            assert members.size == 1 or can_be_satisfied(problem, reason.kind, np.delete(members, i))


def kinds_not_met(problem, result):
    """(entry, group, reviewers fewer than there must be)"""
    (family,) = problem.kinds.families
    least = np.broadcast_to(family.least, (problem.n_entries, family.n_groups)).copy()
    for entry, reviewer in zip(result.entry.tolist(), result.reviewer.tolist(), strict=True):
        least[entry, list(chain(family, family.group[reviewer]))] -= 1
    return [(e, g, int(least[e, g])) for e, g in np.argwhere(least > 0).tolist()]


@settings(max_examples=draws(150), deadline=None)
@given(seeds)
def test_every_fix_does_what_it_says(seed):
    problem, result = short_problem(seed)
    fixes = advise(problem, result).fixes
    assert [(fix.missing, fix.count) for fix in fixes] == sorted((fix.missing, fix.count) for fix in fixes)
    for fix in fixes:
        mended = fix.applied(problem)
        penalty = build_network(mended, 1).penalty
        worth, short, under = solved_elsewhere(mended, penalty)
        assert (short + under, worth + penalty * (short + under)) == (fix.missing, fix.total)
        assert fix.missing < missing(result)
        assert fix.count > 0
        assert fix.fewest
        if isinstance(fix, FewerSlots):
            assert rows(fix.kinds) == kinds_not_met(problem, result)
    left = {FewerSlots: result.under[:, 1].sum(), LowerLeast: result.short[:, 1].sum()}
    for which, table in ((FewerSlots, result.short), (LowerLeast, result.under)):
        given_up = [fix for fix in fixes if isinstance(fix, which)]
        assert [rows(fix.slots) for fix in given_up] == ([rows(table)] if table.size else [])
        assert all(fix.missing == left[which] and fix.total >= result.total for fix in given_up)


@settings(max_examples=draws(100), deadline=None)
@given(seeds)
def test_no_fewer_slots_more_would_do(seed):
    problem, result = short_problem(seed)
    (fix,) = [fix for fix in advise(problem, result).fixes if isinstance(fix, MoreSlots)] or [None]
    endless = assign(problem.changed(most=np.where(problem.most > 0, 100, 0)))
    gain = result.short[:, 1].sum() - endless.short[:, 1].sum()
    assert (fix.count if fix else 0) == gain
    if fix:
        assert assign(fix.applied(problem)).short[:, 1].sum() == endless.short[:, 1].sum()
        assert (problem.most[fix.slots[:, 0]] > 0).all()


@settings(max_examples=draws(60), deadline=None)
@given(seeds)
def test_no_fewer_limits_relaxed_would_do(seed):
    problem, result = short_problem(seed)
    (fix,) = [fix for fix in advise(problem, result).fixes if isinstance(fix, RelaxKinds)] or [None]
    plain = assign(problem.changed(kinds=None))
    assert (fix.missing if fix else missing(result)) == missing(plain)
    groups = len(problem.kinds.names)
    single = [(e, g, low) for e in range(problem.n_entries) for g in range(groups) for low in (True, False)]
    if not fix or fix.count > 3 or len(single) ** (fix.count - 1) > 3000:
        return
    (family,) = problem.kinds.families
    for some in combinations_with_replacement(single, fix.count - 1):
        least, most = (
            np.broadcast_to(limits, (problem.n_entries, groups)).copy() for limits in (family.least, family.most)
        )
        for entry, group, low in some:
            least[entry, group] = max(least[entry, group] - low, 0)
            most[entry, group] += not low
        relaxed = Kinds(family.group, parent=family.parent, least=least, most=np.minimum(most, 2**31 - 1))
        assert missing(assign(problem.changed(kinds=relaxed))) > fix.missing


@settings(max_examples=draws(60), deadline=None)
@given(seeds)
def test_no_fewer_conflicts_lifted_would_do(seed):
    random = np.random.default_rng(seed)
    problem, _ = short_problem(seed)
    cells = [(e, r) for e in range(problem.n_entries) for r in range(problem.n_reviewers)]
    free = [cell for cell in cells if cell not in rows(problem.pinned)]
    assume(free)
    problem = problem.changed(forbidden=[free[i] for i in random.permutation(len(free))[:5]])
    result = assign(problem)
    (fix,) = [fix for fix in advise(problem, result).fixes if isinstance(fix, LiftConflicts)] or [None]
    conflicts = rows(problem.forbidden)

    def lifted(pairs):
        return missing(assign(LiftConflicts(np.array(pairs, dtype=np.int64).reshape(-1, 2), 0, 0).applied(problem)))

    left = fix.missing if fix else missing(result)
    assert lifted(conflicts) == left
    if fix:
        fewer = combinations_with_replacement(conflicts, fix.count - 1)
        assert all(lifted(sorted(set(pairs))) > left for pairs in fewer)


@settings(max_examples=draws(60), deadline=None)
@given(seeds)
def test_a_fix_for_kinds_that_cross_does_what_it_says(seed):
    problem, result = short_problem(seed, 2)
    assume(len(problem.kinds.families) == 2)
    advice = advise(problem, result)
    assert not advice.cores
    for fix in advice.fixes:
        mended = assign(fix.applied(problem), scale=result.scale)
        assert (missing(mended), mended.total) == (fix.missing, fix.total)
        assert fix.missing < missing(result)


# By hand

SENIOR = {"senior": (1, None)}


def test_who_is_missed_is_said_and_what_would_mend_it():
    """Both entries need a senior; the only one takes one entry."""
    kinds = Kinds.between(["senior", "junior", "junior"], SENIOR)
    problem = Problem.dense([[5, 3, 2], [4, 1, 1]], 1, most=[1, 1, 1], kinds=kinds)
    advice = advise(problem, assign(problem))
    (core,) = advice.cores
    assert (core.reason.entries.tolist(), core.reason.groups.tolist(), core.minimal) == ([0, 1], [0], True)
    more, relax, fewer = (
        next(f for f in advice.fixes if isinstance(f, k)) for k in (MoreSlots, RelaxKinds, FewerSlots)
    )
    assert (rows(more.slots), more.missing, more.total) == ([(0, 1)], 0, 9)
    assert (relax.count, relax.missing, relax.most.size, relax.fewest) == (1, 0, 0, True)
    assert (rows(fewer.slots), rows(fewer.kinds), fewer.missing, fewer.total) == ([(1, 1)], [(1, 0, 1)], 0, 5)


def test_an_institution_with_too_many_of_the_candidates_is_relaxed_for_one_entry():
    problem = Problem.dense([[5, 3], [4, 1]], 2, most=2, kinds=Kinds.at_most_one(["a", "a"]))
    advice = advise(problem, assign(problem))
    (relax,) = [fix for fix in advice.fixes if isinstance(fix, RelaxKinds)]
    assert (rows(relax.most), relax.missing, relax.total) == ([(0, 0, 1), (1, 0, 1)], 0, 13)


def test_the_core_is_what_is_to_the_point():
    """All compete for three juniors and one senior; entries 0 and 1 have none but the senior for the kept seat."""
    matrix = np.full((6, 5), 1.0)
    matrix[2:, 1] = X
    matrix[:2, 4] = X
    kinds = Kinds.between(["senior", "senior", "junior", "junior", "junior"], SENIOR)
    problem = Problem.dense(matrix, 1, most=1, kinds=kinds)
    (core,) = advise(problem, assign(problem)).cores
    assert core.minimal
    assert core.reason.entries.size in (2, 3)
    assert core.reason.groups.tolist() == [0]


def test_of_many_pairs_the_programme_takes_those_near_what_would_change(monkeypatch):
    problem = Problem.dense(np.ones((8, 6)), 2, most=3, kinds=Kinds.at_most_one(list("aaaaab")))
    result = assign(problem)
    (exact,) = [fix for fix in advise(problem, result).fixes if isinstance(fix, RelaxKinds)]
    assert exact.fewest
    for most_pairs in (47, 20):
        monkeypatch.setattr(kinds_advice, "_MOST_PAIRS", most_pairs)
        (near,) = [fix for fix in advise(problem, result).fixes if isinstance(fix, RelaxKinds)]
        assert not near.fewest
        assert near.missing == exact.missing
        assert near.count >= exact.count


def test_a_core_is_not_called_minimal_when_the_work_is_spent():
    problem = Problem.dense(np.ones((8, 3)), 1, most=1, kinds=Kinds.between(list("aab"), {"a": (0, 1)}))
    search = kinds_advice.Search(build_network(problem, 1), problem.kinds.families[0], "coverage", 30)
    core, _, minimal = search.core(np.arange(8), np.array([7]))
    assert not minimal
    assert not can_be_satisfied(problem, "coverage", core)


@pytest.mark.parametrize("limits", [10, 10**6])
def test_limits_of_their_own_are_offered_only_where_there_is_room_for_them(monkeypatch, limits):
    kinds = Kinds.between(["senior", "junior", "junior"], SENIOR)
    problem = Problem.dense(np.ones((11, 3)), 1, most=3, kinds=kinds)
    monkeypatch.setattr(kinds_advice, "_MOST_LIMITS", limits)
    given = {type(fix) for fix in advise(problem, assign(problem)).fixes}
    assert (RelaxKinds in given) == (limits > 11)


def test_progress_runs_from_start_to_done():
    told = []
    problem = Problem.dense(np.ones((8, 3)), 1, most=1, kinds=Kinds.between(list("aab"), {"a": (0, 1)}))
    advise(problem, assign(problem), progress=lambda step, share: told.append((step, share)))
    assert [step for step, _ in told] == ["network", "cores", "more slots", "conflicts", "kinds", "fewer slots", "done"]
    shares = [share for _, share in told]
    assert (shares[0], shares[-1]) == (0.0, 1.0)
    assert shares == sorted(shares)


def test_the_limit_of_work_counts_what_every_part_costs():
    """Parts of few pairs among many reviewers: each of them costs at least as much as there are reviewers."""
    problem = Problem.dense(np.ones((8, 3)), 1, most=1, kinds=Kinds.between(list("aab"), {"a": (0, 1)}))
    wide = Problem(
        problem.entry, problem.reviewer, problem.affinity, 8, 1000, 1, most=1, kinds=Kinds([0, 0, *[-1] * 998])
    )
    search = kinds_advice.Search(build_network(wide, 1), wide.kinds.families[0], "coverage")
    search.core(np.arange(8), np.array([7]))
    assert search.left <= kinds_advice._WORK - 2 * 1000
