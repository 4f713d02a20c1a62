"""Questions about assignments with kinds, and about repairs: every answer against the changed problem solved anew."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simsa.engine.assignment import (
    AssignmentError,
    ConflictLifted,
    Kinds,
    OneMoreReview,
    OneMoreReviewer,
    OneMoreSlot,
    Problem,
    advise,
    assign,
    assign_fairly,
    margins,
    prepare,
    repair,
    verify_repair,
    what_if,
    why,
    why_not,
)
from simsa.engine.assignment.network import build_network
from tests.draws import draws
from tests.engine.test_assignment import pairs_of, problems
from tests.engine.test_explain import after, missing, rows, with_pinned
from tests.engine.test_kinds import random_problem, solved_elsewhere

seeds = st.integers(0, 2**32)


def lacking(problem, pairs):
    """(entries' slots short, reviewers' slots under)"""
    covered = np.bincount([e for e, _ in pairs], minlength=problem.n_entries)
    load = np.bincount([r for _, r in pairs], minlength=problem.n_reviewers)
    return int((problem.coverage - covered).sum()), int(np.maximum(problem.least - load, 0).sum())


def assert_reaches(exchange, result, changed):
    """An exchange leads to what an integer programme finds best for the changed problem, within its limits."""
    pairs = after(result, exchange)
    known = {(e, r): u for e, r, u in zip(changed.entry, changed.reviewer, changed.affinity, strict=True)}
    assert {tuple(pair) for pair in changed.pinned.tolist()} <= pairs <= set(known)
    assert not pairs & {tuple(pair) for pair in changed.forbidden.tolist()}
    assert_within_kinds(changed, pairs)
    short, under = lacking(changed, pairs)
    units, penalty = sum(known[pair] for pair in pairs), build_network(changed, 1).penalty
    assert solved_elsewhere(changed, penalty) == (units - penalty * (short + under), short, under)
    assert (units, short + under) == (result.total_units + exchange.units, missing(result) - exchange.slots)


def assert_within_kinds(problem, pairs):
    entry, reviewer = (np.array([pair[at] for pair in sorted(pairs)], dtype=np.int64) for at in (0, 1))
    for family in problem.kinds.families:
        who, group, seats = family.seated(entry, reviewer, np.arange(problem.n_entries))
        most = np.where(group == family.n_groups, problem.coverage[who], family.limits(who, group)[1])
        assert (seats <= most).all()


def without_pair(problem, pair):
    return problem.changed(
        forbidden=np.concatenate([problem.forbidden, [pair]]),
        pinned=problem.pinned[(problem.pinned != pair).any(axis=1)],
    )


def without_limits(problem, entry):
    """The problem without limits of kinds for one entry."""
    (family,) = problem.kinds.families
    least, most = (
        np.broadcast_to(limits, (problem.n_entries, family.n_groups)).copy() for limits in (family.least, family.most)
    )
    least[entry], most[entry] = 0, 2**31 - 1
    return problem.changed(kinds=Kinds(family.group, parent=family.parent, least=least, most=most))


@settings(max_examples=draws(100), deadline=None)
@given(seeds)
def test_why_says_exactly_what_would_be_lost_without_a_pair(seed):
    problem = random_problem(np.random.default_rng(seed))
    result = assign(problem)
    at = prepare(problem, result)
    for pair in pairs_of(result)[:6]:
        told = why(problem, result, *pair, prepared=at)
        assert_reaches(told.exchange, result, without_pair(problem, pair))
        assert (told.loss, told.slots_lost) == (-told.exchange.units, -told.exchange.slots)
        assert pair in rows(told.exchange.removed)
        assert told.pinned or told.affinity >= told.entry_price + told.reviewer_price + told.kind_price


@settings(max_examples=draws(100), deadline=None)
@given(seeds)
def test_why_not_says_exactly_what_would_be_lost_with_a_pair_and_the_reason(seed):
    random = np.random.default_rng(seed)
    problem = random_problem(random)
    result = assign(problem)
    at = prepare(problem, result)
    chosen, known = set(pairs_of(result)), set(zip(problem.entry.tolist(), problem.reviewer.tolist(), strict=True))
    open_pairs = sorted({(e, r) for e in range(problem.n_entries) for r in range(problem.n_reviewers)} - chosen)
    for pair in [open_pairs[i] for i in random.permutation(len(open_pairs))[:10]]:
        told = why_not(problem, result, *pair, prepared=at)
        conflict = pair in rows(problem.forbidden)
        assert (told.reason == "conflict") == conflict
        assert bool(told.kinds.size) == (told.reason == "kinds")
        if pair not in known:
            assert told.reason in ("conflict", "no candidate")
            continue
        try:
            pinned = with_pinned(problem, pair)
        except AssignmentError as refused:
            assert (told.loss, told.exchange) == (None, None)
            if "seats kept for kinds" in str(refused) and not conflict:
                assert told.reason == "kinds"
            continue
        assert_reaches(told.exchange, result, pinned)
        assert pair in rows(told.exchange.added)
        if conflict:
            continue
        prices = told.entry_price + told.reviewer_price + told.kind_price
        assert told.affinity <= prices
        assert (told.slots_lost, told.loss) >= (0, 0)
        assert (told.reason == "equal") == (told.slots_lost == told.loss == 0)
        if told.reason == "reviewer has better uses":
            assert told.load == told.most


@settings(max_examples=draws(100), deadline=None)
@given(seeds)
def test_where_no_kinds_are_in_the_way_an_entry_would_gain_nothing_without_them(seed):
    """And the other way round: an entry whose limits cost anything is told which."""
    problem = random_problem(np.random.default_rng(seed))
    result = assign(problem)
    at = prepare(problem, result)
    for entry in range(problem.n_entries):
        own = at.network.reviewer[at.start[entry] : at.start[entry + 1]]
        held = result.reviewer[result.entry == entry]
        kept_out = [at.preferred_but_for_kinds(entry, int(reviewer)) for reviewer in np.setdiff1d(own, held)]
        free = [int(reviewer) for reviewer in held if (entry, reviewer) not in rows(problem.pinned)]
        kept_in = [at.needed_for_kinds(entry, reviewer) for reviewer in free]
        unlimited = assign(without_limits(problem, entry))
        if (missing(unlimited), unlimited.total_units) != (missing(result), result.total_units):
            assert any(groups.size for groups in kept_out)
        if held.size == problem.coverage[entry]:
            assert any(groups.size for groups in kept_out) == any(groups.size for groups in kept_in)


@settings(max_examples=draws(100), deadline=None)
@given(seeds)
def test_what_if_is_what_the_changed_problem_has(seed):
    random = np.random.default_rng(seed)
    problem = random_problem(random)
    result = assign(problem)
    at = prepare(problem, result)
    n, m = problem.n_entries, problem.n_reviewers
    i, j = int(random.integers(n)), int(random.integers(m))
    family = problem.kinds.families[0]
    own, group = problem.reviewer == j, int(random.integers(-1, family.n_groups))
    conflicts = problem.forbidden[problem.forbidden[:, 1] == j, 0]
    affinity = np.full(n, np.nan)
    affinity[problem.entry[own]] = problem.affinity[own]
    affinity[conflicts] = np.nan

    def joined(group):
        kinds = Kinds(np.append(family.group, group), parent=family.parent, least=family.least, most=family.most)
        return problem.changed(
            n_reviewers=m + 1,
            entry=[*problem.entry, *problem.entry[own]],
            reviewer=[*problem.reviewer, *[m] * int(own.sum())],
            affinity=[*problem.affinity, *problem.affinity[own]],
            least=[*problem.least, 0],
            most=[*problem.most, 2],
            forbidden=[*problem.forbidden.tolist(), *([e, m] for e in conflicts)],
            kinds=kinds,
        )

    newcomer = OneMoreReviewer(affinity=affinity, most=2, groups=[] if group < 0 else [group])
    asked = [
        (OneMoreSlot(j), problem.changed(most=problem.most + (np.arange(m) == j))),
        (OneMoreReview(i), problem.changed(coverage=problem.coverage + (np.arange(n) == i))),
        (OneMoreReview(), problem.changed(coverage=problem.coverage + 1)),
        (OneMoreReviewer(like=j, most=2), joined(family.group[j])),
        (newcomer, joined(group)),
    ]
    for conflict in rows(problem.forbidden)[:2]:
        kept = problem.forbidden[(problem.forbidden != conflict).any(axis=1)]
        asked.append((ConflictLifted(*conflict), problem.changed(forbidden=kept)))
    for change, changed in asked:
        told = what_if(problem, result, change, prepared=at)
        assert_reaches(told.exchange, result, changed)
        assert (told.gain, told.missing) == (told.exchange.units, missing(result) - told.exchange.slots)
        assert told.total == result.total + told.gain
        if told.missing == told.missing_before:
            assert told.gain <= told.bound


@settings(max_examples=draws(60), deadline=None)
@given(seeds)
def test_an_answer_about_kinds_that_cross_is_exact_or_refused(seed):
    random = np.random.default_rng(seed)
    problem = random_problem(random, 2)
    result = assign(problem)
    if not result.certificate.optimal:
        with pytest.raises(AssignmentError, match="not proven to be the best"):
            prepare(problem, result)
        return
    for pair in pairs_of(result)[:1]:
        changed = without_pair(problem, pair)
        if assign(changed).certificate.optimal:
            assert_reaches(why(problem, result, *pair).exchange, result, changed)
        else:
            with pytest.raises(AssignmentError, match="no exact answer"):
                why(problem, result, *pair)


# Repairs


def first_of(problem, previous, pairs):
    """What decides about a repair: slots, then previous pairs, then affinity."""
    known = {(e, r): u for e, r, u in zip(problem.entry, problem.reviewer, problem.affinity, strict=True)}
    return -sum(lacking(problem, pairs)), len(pairs & previous), round(sum(known[pair] for pair in pairs), 3)


def repaired_pairs(problem, previous):
    return set(pairs_of(repair(problem, previous, compare=False).assignment))


def assert_same_as_repaired_anew(problem, random, known):
    previous = sorted(known)
    previous = [previous[i] for i in random.permutation(len(previous))[: len(previous) // 2]]
    repaired = repair(problem, previous, compare=False)
    at, result = prepare(problem, repaired), repaired.assignment
    before = set(previous)
    assert set(rows(repaired.previous)) == before
    now = first_of(problem, before, set(pairs_of(result)))
    for pair in sorted(known)[:10]:
        if pair in pairs_of(result):
            told, changed = why(problem, repaired, *pair, prepared=at), without_pair(problem, pair)
            exchange = told.exchange
            assert told.entry_price is None
        else:
            told = why_not(problem, repaired, *pair, prepared=at)
            exchange = told.exchange
            if exchange is None or told.reason == "conflict":
                continue
            changed = with_pinned(problem, pair)
            assert (told.reason == "equal") == (exchange.value == (0, 0, 0))
            if told.reason == "previous pairs":
                assert exchange.kept < 0
        expected = first_of(changed, before, repaired_pairs(changed, previous))
        reached = first_of(changed, before, after(result, exchange))
        assert reached == expected
        assert reached[:2] == (now[0] + exchange.slots, now[1] + exchange.kept)
    j = int(random.integers(problem.n_reviewers))
    changed = problem.changed(most=problem.most + (np.arange(problem.n_reviewers) == j))
    told = what_if(problem, repaired, OneMoreSlot(j), prepared=at)
    reached = first_of(changed, before, after(result, told.exchange))
    assert reached == first_of(changed, before, repaired_pairs(changed, previous))
    assert told.bound is None
    with pytest.raises(AssignmentError, match="ask what_if"):
        margins(problem, repaired, prepared=at)


@settings(max_examples=draws(60), deadline=None)
@given(problems(), seeds)
def test_a_repair_is_explained_in_its_own_terms(problem, seed):
    known = set(zip(problem.entry.tolist(), problem.reviewer.tolist(), strict=True))
    assert_same_as_repaired_anew(problem, np.random.default_rng(seed), known)


@settings(max_examples=draws(60), deadline=None)
@given(seeds)
def test_a_repair_with_kinds_is_explained_in_its_own_terms(seed):
    random = np.random.default_rng(seed)
    problem = random_problem(random)
    known = set(zip(problem.entry.tolist(), problem.reviewer.tolist(), strict=True))
    assert_same_as_repaired_anew(problem, random, known)


@settings(max_examples=draws(100), deadline=None)
@given(seeds)
def test_a_repair_releases_what_kinds_leave_no_room_for_and_no_more(seed):
    random = np.random.default_rng(seed)
    problem = random_problem(random)
    pairs = np.column_stack([problem.entry, problem.reviewer])
    previous = rows(pairs[random.permutation(len(pairs))[:5]])
    possible = [pair for pair in previous if pair not in rows(problem.forbidden)]
    parts = (part for size in range(len(possible), -1, -1) for part in combinations(possible, size))
    most = next(len(part) for part in parts if fits(problem, set(part) | set(rows(problem.pinned))))
    repaired = repair(problem, previous, compare=False)
    verify_repair(problem, previous, repaired)
    assert len(repaired.released) == len(previous) - most


def fits(problem, pairs):
    try:
        problem.changed(pinned=sorted(pairs))
    except AssignmentError:
        return False
    return True


# By hand

NORTH = Kinds.between(["north", "north", "south"], {"north": (0, 1), "south": (0, None)})


def test_a_full_kind_is_named_and_what_it_would_cost():
    problem = Problem.dense([[9, 8, 2]], 2, most=1, kinds=NORTH)
    result = assign(problem)
    told = why_not(problem, result, 0, 1)
    assert (told.reason, told.kinds.tolist(), told.loss) == ("kinds", [0], 1)
    assert (rows(told.exchange.added), rows(told.exchange.removed)) == ([(0, 1)], [(0, 0)])
    assert why(problem, result, 0, 2).kinds.tolist() == [0]
    assert why(problem, result, 0, 0).kinds.tolist() == []


def test_a_seat_kept_for_a_kind_is_named():
    kinds = Kinds.between(["senior", "junior"], {"senior": (1, None)})
    problem = Problem.dense([[1, 9]], 1, most=1, kinds=kinds)
    told = why_not(problem, assign(problem), 0, 1)
    assert (told.reason, told.kinds.tolist(), told.loss) == ("kinds", [0], None)
    assert why(problem, assign(problem), 0, 0).kinds.tolist() == [0]


def test_a_pinned_reviewer_of_a_kind_leaves_no_seat_for_another():
    problem = Problem.dense([[9, 8, 2]], 2, most=1, kinds=NORTH, pinned=[(0, 1)])
    told = why_not(problem, assign(problem), 0, 0)
    assert (told.reason, told.kinds.tolist(), told.exchange) == ("kinds", [0], None)


def test_a_newcomer_is_of_the_kinds_that_are_asked_for():
    problem = Problem.dense([[9, 8, 2]], 2, most=1, kinds=NORTH)
    result = assign(problem)
    assert what_if(problem, result, OneMoreReviewer(like=1)).gain == 0
    assert what_if(problem, result, OneMoreReviewer(affinity=[8.0], most=1, groups=[1])).gain == 6
    assert what_if(problem, result, OneMoreReviewer(like=1, groups=[])).gain == 6
    for groups, message in (([2], "group out of range"), ([0, 1], "two groups of one family")):
        with pytest.raises(AssignmentError, match=message):
            what_if(problem, result, OneMoreReviewer(like=1, groups=groups))
    plain = problem.changed(kinds=None)
    without = assign(plain)
    with pytest.raises(AssignmentError, match="has no kinds"):
        what_if(plain, without, OneMoreReviewer(like=1, groups=[0]))


@pytest.mark.parametrize("group", [[-1] * 8, [0, 1] * 4])
def test_kinds_without_limits_change_no_answer(group):
    random = np.random.default_rng(3)
    plain = Problem.dense(random.integers(0, 100, (12, 8)), 2, most=3, least=2, pinned=[(1, 1)])
    kept = plain.changed(kinds=Kinds(group))
    for pair in [(e, r) for e in range(12) for r in range(8)]:
        chosen = pair in pairs_of(assign(plain))
        told, also = ((why if chosen else why_not)(problem, assign(problem), *pair) for problem in (plain, kept))
        assert (told.loss, told.slots_lost, told.rank) == (also.loss, also.slots_lost, also.rank)
        assert not also.kinds.size
    for change in (OneMoreSlot(3), OneMoreReview(2), OneMoreReview(), OneMoreReviewer(like=4)):
        told, also = (what_if(problem, assign(problem), change) for problem in (plain, kept))
        assert (told.gain, told.missing, told.worst_before) == (also.gain, also.missing, also.worst_before)
    short = [problem.changed(most=2) for problem in (plain, kept)]
    fixes, others = ([(type(f), f.count, f.missing) for f in advise(p, assign(p)).fixes] for p in short)
    assert fixes == others
    fair, within = (assign_fairly(problem) for problem in (plain, kept))
    assert (fair.bound, fair.excluded.tolist()) == (within.bound, within.excluded.tolist())


def test_margins_with_kinds_are_refused_and_point_to_what_if():
    problem = Problem.dense([[9, 8, 2]], 2, most=1, kinds=NORTH)
    with pytest.raises(AssignmentError, match="ask what_if"):
        margins(problem, assign(problem))


def test_only_what_must_changes_hands_where_others_would_do_as_well():
    problem = Problem.dense(np.ones((12, 8)), 2, most=4, kinds=Kinds.at_most_one([*"aabbcdef"]))
    result = assign(problem)
    told = why(problem, result, *pairs_of(result)[0])
    assert (told.loss, len(told.exchange.added)) == (0, 1)


def test_a_first_candidate_comes_to_a_problem_that_has_none():
    problem = Problem([], [], [], 1, 1, 1, most=1, kinds=Kinds([0], most=1))
    told = what_if(problem, assign(problem), ConflictLifted(0, 0, 1.0))
    assert (told.gain, told.missing, told.missing_before) == (1, 0, 1)
