"""The worst-off first within kinds: against an integer programme, by hand, and results that were tampered with."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import Bounds, LinearConstraint, milp

from simsa.engine.assignment import AssignmentError, Kinds, Problem, assign, assign_fairly, verify_bound
from simsa.engine.assignment.network import build_network
from simsa.engine.assignment.programme import Programme
from tests.draws import draws
from tests.engine.test_assignment import pairs_of
from tests.engine.test_fair import holds
from tests.engine.test_kinds import X, random_problem


def best_worst(problem, result):
    """The greatest welfare that the worst-off entry that counts can have, by an integer programme; None: not found."""
    network = build_network(problem, 1)
    free = Programme(network, problem.kinds, np.ones_like(network.pinned), network.pinned)
    matrix, low, high = free._limits
    pairs, size = network.entry.size, matrix.shape[1]
    floor = np.zeros((problem.n_entries, size + 1))
    floor[network.entry, np.arange(pairs)] = network.units
    floor[:, -1] = -1
    counted = np.setdiff1d(np.arange(problem.n_entries), result.excluded)
    missing = np.append(free._missing_row, 0)
    limits = np.column_stack([matrix.toarray(), np.zeros(matrix.shape[0])])
    cost = np.zeros(size + 1)
    cost[-1] = -1
    lower, upper = np.zeros(size + 1), np.full(size + 1, np.inf)
    lower[:pairs], upper[:pairs] = network.pinned, 1
    lower[-1], upper[-1] = -1e8, 1e8
    found = milp(
        cost,
        constraints=[
            LinearConstraint(limits, low, high),
            LinearConstraint(missing[None, :], 0, result.optimum.missing),
            LinearConstraint(floor[counted], 0, np.inf),
        ],
        bounds=Bounds(lower, upper),
        integrality=1,
        options={"mip_rel_gap": 0.0, "presolve": False},
    )
    assert found.status == 0
    return round(-found.fun)


@settings(max_examples=draws(150), deadline=None)
@given(st.integers(0, 2**32))
def test_the_best_possible_lies_between_the_worst_off_and_the_bound(seed):
    problem = random_problem(np.random.default_rng(seed))
    result = holds(problem)
    if result.excluded.size < problem.n_entries:
        assert result.worst <= best_worst(problem, result) <= result.bound
    plain = assign(problem)
    assert result.optimum.total_units == plain.total_units >= result.assignment.total_units
    assert result.assignment.missing == plain.missing


def drawn(seed):
    """Nearly all loads in use; no two of one institution, or a senior for each; odd: some reviewers good for all."""
    random = np.random.default_rng(seed)
    n, m, coverage, load = 40, 32, 3, 4
    matrix = [
        lambda: random.integers(0, 1000, (n, m)),
        lambda: np.rint(random.random(m) ** 3 * 700 + 300 * random.random((n, m))),
    ][seed % 2]().astype(np.float64)
    matrix[random.random((n, m)) < 0.2] = X
    senior = Kinds.between(list(random.random(m) < 0.5), {True: (1, None)})
    alike = Kinds.at_most_one(list(random.integers(0, 10, m)))
    return Problem.dense(matrix, coverage, most=load, kinds=[alike, senior][seed // 2 % 2])


@pytest.mark.parametrize("seed", range(8))
def test_the_worst_off_is_raised_to_near_its_bound(seed):
    problem = drawn(seed)
    result = holds(problem, scale=1)
    assert result.assignment.complete
    assert result.worst >= (0.8 if seed % 2 else 1) * result.bound
    assert result.worst >= result.optimum.per_entry.min() * (1.2 if seed % 2 else 1)
    assert result.kept > 0.95


def test_two_exchanges_of_one_entry_on_a_chain_do_not_break_a_kind_together():
    """Each by itself would keep it: entry 2 would have two of one group and none of the other that it must have."""
    random = np.random.default_rng(1420)
    matrix = np.rint(random.random(8) ** 3 * 70 + 30 * random.random((12, 8)))
    kinds = Kinds.between(list(random.integers(0, 3, 8)), {0: (1, 2), 1: (1, 2)})
    assert holds(Problem.dense(matrix, 4, most=6, kinds=kinds), scale=1).assignment.complete


# By hand


def test_the_bound_of_one_entry_keeps_to_its_kinds():
    """Entry 0 cannot have both reviewers of the north: 9 + 2 is all it can reach."""
    kinds = Kinds.between(["north", "north", "south", "south"], {"north": (0, 1)})
    result = holds(Problem.dense([[9, 8, 2, 1], [9, 9, 9, 9]], 2, most=2, kinds=kinds), scale=1)
    assert (result.worst, result.bound) == (11, 11)
    assert result.witness.kind_price.size


def test_an_exchange_keeps_to_the_kinds_of_every_entry_on_its_way():
    """Entry 1 could do best with reviewer 0, for whom entry 0 could only take a second one of b."""
    problem = Problem.dense([[9, 5, 5], [4, X, 1]], [2, 1], most=1, kinds=Kinds.at_most_one(["a", "b", "b"]))
    result = holds(problem, scale=1)
    assert pairs_of(result.assignment) == [(0, 0), (0, 1), (1, 2)]
    free = holds(problem.changed(kinds=None), scale=1)
    assert (result.worst, free.worst) == (1, 4)


def test_an_entry_whose_kinds_leave_it_short_does_not_count():
    kinds = Kinds.between(["junior", "junior", "senior"], {"senior": (1, None)})
    result = holds(Problem.dense([[5, 4, X], [3, 2, 8]], 2, most=2, kinds=kinds), scale=1)
    assert result.excluded.tolist() == [0]
    assert (result.worst, result.bound) == (11, 11)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda w: {"kind_price": w.kind_price[:0]}, "but proves"),
        (lambda w: {"kind_price": np.repeat(w.kind_price, 2, axis=0)}, "each once"),
        (lambda w: {"kind_price": np.add(w.kind_price, [[0, 0, 2**62]])}, "beyond all bounds"),
        (lambda w: {"bound": w.bound - 1}, "but proves"),
        (lambda w: {"entry_price": w.entry_price - 10**6}, "a price is below -penalty"),
    ],
)
def test_verification_refuses_bounds_that_do_not_add_up(change, message):
    kinds = Kinds.between(["north", "north", "south", "south"], {"north": (0, 1)})
    problem = Problem.dense([[9, 8, 2, 1], [9, 9, 9, 9]], 2, most=2, kinds=kinds)
    result = assign_fairly(problem)
    verify_bound(problem, result)
    forged = replace(result, witness=replace(result.witness, **change(result.witness)))
    with pytest.raises(AssignmentError, match=message):
        verify_bound(problem, forged)
