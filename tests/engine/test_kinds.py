"""Kinds of reviewers per entry: against an integer programme, by hand, and proofs that are checked and forged."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import Bounds, LinearConstraint, milp

from simsa.engine.assignment import AssignmentError, Kinds, Problem, assign, verify
from tests.draws import draws

X = np.nan


# Random instances, and the optimum by other means


def random_kinds(random, entries, reviewers, *, own):
    """A forest of one to six groups in any order, with limits that fit each other."""
    groups = int(random.integers(1, 7))
    order = random.permutation(groups)
    parent = np.full(groups, -1)
    for at in range(1, groups):
        parent[order[at]] = order[random.integers(0, at)] if random.random() < 0.5 else -1
    shape = (entries, groups) if own else (groups,)
    least = random.integers(0, 3, shape) * (random.random(shape) < random.choice([0, 0.3, 0.7]))
    most = np.where(random.random(shape) < 0.3, 2**31 - 1, least + random.integers(0, 3, shape))
    return Kinds(random.integers(-1, groups, reviewers), parent=parent, least=least, most=most)


def random_problem(random, families=1):
    """Gaps, ties, negative and equal and huge affinities, least loads, conflicts, pinned pairs, short supply, kinds."""
    while True:
        n, m = (int(random.integers(1, limit)) for limit in (9, 11))
        row, column = np.nonzero(random.random((n, m)) < random.choice([0.3, 0.6, 1.0]))
        width = int(random.choice([0, 1, 3, 100, 10**6]))
        coverage = random.integers(0, random.integers(2, 7), n)
        most = random.integers(0, random.integers(2, 9), m)
        least = np.minimum(random.integers(0, 4, m) * (random.random(m) < random.choice([0, 0.3, 1])), most)
        pairs = np.column_stack([row, column])
        some = random.permutation(len(pairs))
        own = random.random() < 0.3
        try:
            kinds = Kinds.together(*(random_kinds(random, n, m, own=own) for _ in range(families)))
            needed = max(int(family.reserved[..., -1].max()) for family in kinds.families)
            return Problem(
                row,
                column,
                random.integers(-width, width + 1, row.size),
                n,
                m,
                np.maximum(coverage, needed) if random.random() < 0.7 else coverage,
                most=most,
                least=least,
                forbidden=pairs[some[:3]] if random.random() < 0.3 else (),
                pinned=pairs[some[3:6]] if random.random() < 0.3 else (),
                kinds=kinds,
            )
        except AssignmentError:
            continue


def chain(family, group):
    """A group and all around it."""
    found = set()
    while group >= 0:
        found.add(int(group))
        group = family.parent[group]
    return found


def solved_elsewhere(problem, penalty):
    """(units less penalties, seats short, units under) by HiGHS on the programme written out, kinds and all.

    An empty seat may be kept for any group of each family.
    """
    forbidden, pinned = set(map(tuple, problem.forbidden.tolist())), set(map(tuple, problem.pinned.tolist()))
    every = zip(problem.entry.tolist(), problem.reviewer.tolist(), problem.affinity.tolist(), strict=True)
    pairs = [(e, r, u) for e, r, u in every if (e, r) not in forbidden]
    n, m = problem.n_entries, problem.n_reviewers
    cost = [-u for _, _, u in pairs] + [penalty] * (n + m)
    low = [float((e, r) in pinned) for e, r, _ in pairs] + [0.0] * (n + m)
    high = [1.0] * len(pairs) + [np.inf] * (n + m)
    rows = []
    for e in range(n):
        cells = {i: 1 for i, pair in enumerate(pairs) if pair[0] == e} | {len(pairs) + e: 1}
        rows.append((cells, problem.coverage[e], problem.coverage[e]))
    for r in range(m):
        cells = {i: 1 for i, pair in enumerate(pairs) if pair[1] == r}
        rows.append((cells, 0, problem.most[r]))
        rows.append((cells | {len(pairs) + n + r: 1}, problem.least[r], np.inf))
    for family in problem.kinds.families:
        around = [chain(family, g) for g in range(family.n_groups)]
        for e in range(n):
            first = len(cost)
            cost += [0] * (family.n_groups + 1)
            low += [0.0] * (family.n_groups + 1)
            high += [np.inf] * (family.n_groups + 1)
            rows.append(({first + g: 1 for g in range(family.n_groups + 1)} | {len(pairs) + e: -1}, 0, 0))
            least, most = (np.broadcast_to(a, (n, family.n_groups))[e] for a in (family.least, family.most))
            for g in range(family.n_groups):
                cells = {first + h: 1 for h in range(family.n_groups) if g in around[h]}
                cells |= {i: 1 for i, p in enumerate(pairs) if p[0] == e and g in chain(family, family.group[p[1]])}
                rows.append((cells, least[g], min(most[g], 10**6)))
    matrix = np.zeros((len(rows), len(cost)))
    for at, (cells, _, _) in enumerate(rows):
        matrix[at, list(cells)] = list(cells.values())
    solution = milp(
        cost,
        constraints=LinearConstraint(matrix, [row[1] for row in rows], [row[2] for row in rows]),
        bounds=Bounds(low, high),
        integrality=1,
        options={"mip_rel_gap": 0.0},
    )
    assert solution.status == 0
    x = np.rint(solution.x).astype(np.int64)
    short, under = x[len(pairs) :][:n].sum(), x[len(pairs) + n :][:m].sum()
    units = sum(u for (_, _, u), taken in zip(pairs, x[: len(pairs)], strict=True) if taken)
    return units - penalty * int(short + under), short, under


@settings(max_examples=draws(300), deadline=None)
@given(st.integers(0, 2**32))
def test_nested_kinds_reach_the_optimum_that_an_integer_programme_finds(seed):
    problem = random_problem(np.random.default_rng(seed))
    result = assign(problem)
    found = (result.certificate.primal, result.short[:, 1].sum(), result.under[:, 1].sum())
    assert found == solved_elsewhere(problem, result.certificate.penalty)


@settings(max_examples=draws(300), deadline=None)
@given(st.integers(0, 2**32))
def test_nested_kinds_are_kept_proven_and_what_they_leave_empty_is_explained(seed):
    problem = random_problem(np.random.default_rng(seed))
    result = assign(problem)
    verify(problem, result)
    assert result.certificate.optimal
    assert result.certificate.gap == 0
    explained = {kind: sum(r.missing for r in result.infeasibility if r.kind == kind) for kind in ("coverage", "least")}
    assert explained == {"coverage": result.short[:, 1].sum(), "least": result.under[:, 1].sum()}
    family = problem.kinds.families[0]
    short, missed = dict(result.short.tolist()), {(e, g): k for e, g, k in result.missed.tolist()}
    for entry in range(problem.n_entries):
        least, most = (
            np.broadcast_to(a, (problem.n_entries, family.n_groups))[entry] for a in (family.least, family.most)
        )
        seats = [chain(family, family.group[r]) for r in result.reviewer[result.entry == entry]]
        seats += [chain(family, g) for (e, g), k in missed.items() if e == entry for _ in range(k)]
        assert len(seats) <= problem.coverage[entry]
        assert sum(k for (e, _), k in missed.items() if e == entry) <= short.get(entry, 0)
        count = [sum(group in seat for seat in seats) for group in range(family.n_groups)]
        assert all(least[g] <= count[g] <= most[g] for g in range(family.n_groups))


def test_limits_wider_than_everything_change_nothing():
    random = np.random.default_rng(5)
    matrix = random.integers(0, 1000, (40, 30))
    kinds = Kinds.between(list(random.integers(0, 3, 30)), {0: (0, 9), 1: (0, None)})
    plain, kept = assign(Problem.dense(matrix, 3, most=5)), assign(Problem.dense(matrix, 3, most=5, kinds=kinds))
    assert plain.total_units == kept.total_units
    assert not kept.certificate.kind_price.size


@settings(max_examples=draws(100), deadline=None)
@given(st.integers(0, 2**32), st.integers(2, 3))
def test_crossing_kinds_reach_the_optimum_and_bound_it(seed, families):
    problem = random_problem(np.random.default_rng(seed), families)
    result = assign(problem)
    verify(problem, result)
    optimum = solved_elsewhere(problem, result.certificate.penalty)[0]
    assert result.certificate.primal == optimum <= result.certificate.dual
    assert result.certificate.optimal == (result.certificate.gap == 0)


# By hand


def test_one_senior_is_had_though_juniors_would_be_worth_more():
    kinds = Kinds.between(["senior", "junior", "junior"], {"senior": (1, None)})
    result = assign(Problem.dense([[1, 8, 9]], 2, most=1, kinds=kinds))
    assert result.reviewer.tolist() == [0, 2]
    ((entry, kind, price),) = result.certificate.kind_price.tolist()
    assert (entry, kind) == (0, 0)
    assert price <= 1 - 8


def test_no_two_of_one_institution():
    kinds = Kinds.at_most_one(["Hanbit", "Hanbit", None, None])
    result = assign(Problem.dense([[9, 8, 2, 1]], 2, most=1, kinds=kinds))
    assert result.reviewer.tolist() == [0, 2]


def test_a_seat_is_kept_for_a_kind_that_nobody_is_of_and_said_to_be_missed():
    kinds = Kinds.between(["junior", "junior"], {"senior": (1, None)})
    result = assign(Problem.dense([[5, 4]], 2, most=1, kinds=kinds))
    assert result.reviewer.tolist() == [0]
    assert result.short.tolist() == [[0, 1]]
    assert result.missed.tolist() == [[0, 0, 1]]
    reason = "entry 0: 2 slots needed, but only 1 can be filled by no reviewer and within kind 0"
    assert [str(why) for why in result.infeasibility] == [reason]


def test_entries_that_want_the_same_senior_are_named_with_the_kind():
    kinds = Kinds.between(["senior", "junior", "junior"], {"senior": (1, None)})
    result = assign(Problem.dense([[5, 4, 1], [5, 4, 1]], 2, most=[1, 2, 2], kinds=kinds))
    (why,) = result.infeasibility
    assert (why.entries.tolist(), why.reviewers.tolist(), why.groups.tolist()) == ([0, 1], [0], [0])
    assert (why.needed, why.available, why.missing) == (4, 3, 1)


def test_least_loads_that_kinds_stand_in_the_way_of_are_named():
    kinds = Kinds.at_most_one(["Hanbit", "Hanbit"])
    result = assign(Problem.dense([[5, 4]], 2, most=1, least=1, kinds=kinds))
    why = {reason.kind: reason for reason in result.infeasibility}
    assert why["least"].missing == why["coverage"].missing == 1
    assert why["least"].groups.tolist() == [0]


def test_entries_can_have_limits_of_their_own():
    kinds = Kinds([0, 1], least=[[1, 0], [0, 1]], most=1)
    result = assign(Problem.dense([[1, 9], [9, 1]], 1, most=1, kinds=kinds))
    assert list(zip(result.entry.tolist(), result.reviewer.tolist(), strict=True)) == [(0, 0), (1, 1)]


# Families


def test_parts_that_nest_become_one_family_and_parts_that_cross_say_so():
    towns = ["Seoul"] * 3 + ["Busan"] * 3
    town = Kinds.between(towns, {"Seoul": (1, 3), "Busan": (1, None)})
    house = Kinds.at_most_one(["a", "a", None, "b", "b", None])
    nested = Kinds.together(house, town)
    (family,) = nested.families
    assert nested.crossing == ""
    assert [family.names[g] for g in family.group] == ["a", "a", "Seoul", "b", "b", "Busan"]
    assert [family.names[g] if g >= 0 else None for g in family.parent] == ["Seoul", "Busan", None, None]
    crossed = Kinds.together(nested, Kinds.between([1, 0, 1, 0, 1, 0], {1: (1, None)}))
    assert len(crossed.families) == 2
    assert crossed.crossing == "a crosses 1"
    assert crossed.names == ("a", "b", "Seoul", "Busan", "1")
    assert crossed.first == (0, 4)


def test_where_nobody_has_a_label_there_is_no_limit():
    problem = Problem.dense([[3, 4]], 2, most=1, kinds=Kinds.at_most_one([None, None]))
    result = assign(problem)
    verify(problem, result)
    assert result.reviewer.tolist() == [0, 1]


def test_of_equal_groups_one_is_put_into_the_other():
    kinds = Kinds.together(Kinds.between(["x", "y"], {"x": (0, 5)}), Kinds.at_most_one(["z", None]))
    (family,) = kinds.families
    assert family.parent.tolist() == [-1, 0]
    assert family.group.tolist() == [1, -1]


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Kinds([0], least=2, most=1), "least above most: group 0: at least 2, at most 1"),
        (
            lambda: Kinds([0, 1], least=[[0, 0], [2, 0]], most=1),
            "least above most: entry 1, group 0: at least 2, at most 1",
        ),
        (
            lambda: Kinds([0, 1], parent=[-1, 0], least=[0, 3], most=[2, 3], names=["town", "house"]),
            "groups need more than the group around them may have: group town: at most 2, those within it at least 3",
        ),
        (lambda: Kinds([0], parent=[1, 0]), "groups around each other in a circle: group 0; group 1"),
        (
            lambda: Kinds([2], parent=[-1]),
            "group out of range (there are 1, numbered from 0; -1 for none): reviewer 0 is in 2",
        ),
        (
            lambda: Kinds([0], parent=[5]),
            "group out of range (there are 1, numbered from 0; -1 for none): group 0 is in 5",
        ),
        (lambda: Kinds([0], least=-1), "least must not be negative: it is -1"),
        (lambda: Kinds([0], most=1.5), "most must hold whole numbers, not float64"),
        (
            lambda: Kinds([0, 1], most=[1]),
            "most must be one number, or have shape (2,) or (entries, 2), but its shape is (1,)",
        ),
        (lambda: Kinds([0], names=["a", "b"]), "there are 2 names, but 1 groups"),
        (
            lambda: Kinds([0], least=np.zeros((2, 1), int), most=np.ones((3, 1), int)),
            "least is for 2 entries and most for 3",
        ),
        (lambda: Kinds.together(), "no kinds are given"),
        (lambda: Kinds.together(Kinds([0]), Kinds([0, 0])), "kinds of 1 and of 2 reviewers"),
        (
            lambda: Kinds.together(Kinds([0], most=np.ones((2, 1), int)), Kinds([0], most=np.ones((3, 1), int))),
            "kinds with limits for different numbers of entries: [2, 3]",
        ),
    ],
)
def test_kinds_that_contradict_themselves_are_refused(make, message):
    with pytest.raises(AssignmentError) as refused:
        make()
    assert str(refused.value) == message


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"kinds": Kinds([0])}, "kinds are of 1 reviewers, but there are 2"),
        ({"kinds": Kinds([0, 0], most=np.ones((3, 1), int))}, "kinds have limits for 3 entries, but there are 2"),
        (
            {"kinds": Kinds([0, 0], least=[[2], [0]])},
            "kinds need more than the coverage (limits can be given for each entry): "
            "entry 0 needs 2 and its coverage is 1",
        ),
        (
            {"kinds": Kinds([0, -1], least=1, names=["senior"]), "pinned": [(1, 1)]},
            "pinned pairs and seats kept for kinds are more than there may be: entry 1, the entry: 2, at most 1",
        ),
        (
            {"kinds": Kinds([0, -1], most=0, names=["senior"]), "pinned": [(1, 0)]},
            "pinned pairs and seats kept for kinds are more than there may be: entry 1, senior: 1, at most 0",
        ),
    ],
)
def test_kinds_that_contradict_the_rest_of_the_problem_are_refused(given, message):
    with pytest.raises(AssignmentError) as refused:
        Problem.dense([[1, 2], [3, 4]], 1, most=2, **given)
    assert str(refused.value) == message


# Proofs


def test_verify_refuses_an_assignment_that_breaks_a_kind():
    matrix = [[9, 8, 2]]
    free = assign(Problem.dense(matrix, 2, most=1))
    problem = Problem.dense(matrix, 2, most=1, kinds=Kinds.at_most_one(["a", "a", None]))
    with pytest.raises(AssignmentError, match="more reviewers, or seats kept, than kinds allow: entry 0 has 2 of a"):
        verify(problem, free)


def test_verify_refuses_an_assignment_within_kinds_that_is_not_the_best():
    kinds = Kinds.at_most_one(["a", "a", None])
    problem, other = (Problem.dense(m, 2, most=1, kinds=kinds) for m in ([[9, 8, 2]], [[8, 9, 2]]))
    worse = assign(other)
    swapped = replace(worse, affinity_units=np.array([8, 2]), total_units=10, per_entry=np.array([10]))
    with pytest.raises(AssignmentError, match="do not prove the total"):
        verify(problem, swapped)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda _: np.zeros((0, 2), dtype=np.int64), "kind_price shape"),
        (lambda rows: np.repeat(rows, 2, axis=0), "kind_price is not sorted by entry, then group, each once"),
        (lambda rows: np.add(rows, [[5, 0, 0]]), "entry in kind_price out of range"),
        (lambda rows: np.add(rows, [[0, 5, 0]]), "group in kind_price out of range"),
        (lambda rows: rows * [[1, 1, 2**58]], "kind_price is beyond all bounds"),
        (lambda rows: np.add(rows, [[0, 0, 1]]), "do not prove the total"),
        (lambda rows: rows[:0], "do not prove the total"),
    ],
)
def test_verify_refuses_forged_prices_of_kinds(change, message):
    kinds = Kinds.between(["senior", "junior", "junior"], {"senior": (1, None)})
    problem = Problem.dense([[1, 8, 9]], 2, most=1, kinds=kinds)
    result = assign(problem)
    forged = replace(result.certificate, kind_price=change(result.certificate.kind_price))
    with pytest.raises(AssignmentError, match=message):
        verify(problem, replace(result, certificate=forged))


def test_verify_counts_who_is_missed_and_why_anew():
    kinds = Kinds.between(["junior", "junior"], {"senior": (1, None)})
    problem = Problem.dense([[5, 4]], 2, most=1, kinds=kinds)
    result = assign(problem)
    with pytest.raises(AssignmentError, match="missed is not what the pairs add up to"):
        verify(problem, replace(result, missed=result.missed[:0]))
    forged = replace(result.infeasibility[0], groups=np.zeros(0, dtype=np.int64))
    with pytest.raises(AssignmentError, match="infeasibility does not hold"):
        verify(problem, replace(result, infeasibility=(forged,)))


def odd_cycle():
    """Three pools of two that cross in a circle, one of each at most: half of everybody would be worth 3 x 2 / 2."""
    pools = [Kinds.between([i in pair for i in range(3)], {True: (0, 1)}) for pair in ((0, 1), (1, 2), (0, 2))]
    return Problem.dense([[2, 2, 2]], 3, most=1, kinds=Kinds.together(*pools))


def test_a_gap_that_prices_cannot_close_is_stated():
    problem = odd_cycle()
    result = assign(problem)
    verify(problem, result)
    assert result.reviewer.size == 1
    assert not result.certificate.optimal
    assert result.certificate.gap > 0
    assert not result.infeasibility
    forged = replace(result.certificate, dual=result.certificate.primal, optimal=True)
    with pytest.raises(AssignmentError, match="the certificate states"):
        verify(problem, replace(result, certificate=forged))
