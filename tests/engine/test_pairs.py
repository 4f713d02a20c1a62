"""What is read of every pair once: whether it is sound, and what it is worth beyond its prices."""

import numpy as np
import pytest

from simsa.engine.assignment import AssignmentError, Kinds, Problem, assign
from simsa.engine.assignment.certificate import exact_product, gain_anew, gain_of_pairs

ENTRY, REVIEWER, AFFINITY = [0, 0, 1, 2], [0, 2, 1, 0], [0.1, 0.2, 0.3, 0.4]


@pytest.mark.parametrize(
    ("part", "at", "value", "says"),
    [
        (0, 0, -1, "entry out of range.*position 0 is -1"),
        (0, 3, 3, "entry out of range.*position 3 is 3"),
        (1, 1, 3, "reviewer out of range.*position 1 is 3"),
        (1, 3, -1, "reviewer out of range.*position 3 is -1"),
        (1, 1, 0, "pair given twice: entry 0, reviewer 0 at positions 0 and 1"),
        (2, 2, float("nan"), "affinity must be finite.*position 2"),
        (2, 3, float("-inf"), "affinity must be finite.*position 3"),
    ],
)
def test_one_wrong_pair_among_sound_ones_is_named(part, at, value, says):
    parts = [list(column) for column in (ENTRY, REVIEWER, AFFINITY)]
    Problem(*parts, 3, 3, 1, most=3)
    parts[part][at] = value
    with pytest.raises(AssignmentError, match=says):
        Problem(*parts, 3, 3, 1, most=3)


def test_pairs_in_any_order_and_of_any_type_make_the_same_problem():
    random = np.random.default_rng(1)
    entry, reviewer = np.nonzero(random.random((40, 30)) < 0.5)
    affinity = random.integers(0, 5, entry.size)  # many equal ones: the order decides between them
    plain = assign(Problem(entry, reviewer, affinity, 40, 30, 3, most=5))
    for seed in range(5):
        order = np.random.default_rng(seed).permutation(entry.size)
        parts = entry[order].astype(np.uint16), reviewer[order].astype(np.int32), affinity[order].astype(np.int8)
        shuffled = assign(Problem(*parts, 40, 30, 3, most=5))
        assert np.array_equal(shuffled.entry, plain.entry)
        assert np.array_equal(shuffled.reviewer, plain.reviewer)


def test_the_arrays_given_stay_the_callers_own():
    given = [np.array(column) for column in (ENTRY, REVIEWER, AFFINITY)]
    group, parent = np.array([0, 1, 1]), np.array([-1, -1])
    problem = Problem(*given, 3, 3, 1, most=3, kinds=Kinds(group, parent=parent))
    for array in (*given, group, parent):
        array[:] = 0
    assert problem.entry.tolist() == ENTRY
    assert problem.reviewer.tolist() == REVIEWER
    assert problem.affinity.tolist() == AFFINITY
    assert problem.kinds.families[0].group.tolist() == [0, 1, 1]


@pytest.mark.parametrize("seed", range(20))
def test_what_pairs_are_worth_beyond_their_prices(seed):
    random = np.random.default_rng(seed)
    high, n, m, pairs = 2**59, 5, 7, int(random.integers(0, 300))
    entry, reviewer = random.integers(0, n, pairs), random.integers(0, m, pairs)
    units, pinned = random.integers(-high, high, pairs), random.random(pairs) < 0.3
    at, of = random.integers(-high, high, n), random.integers(-high, high, m)
    gain = [int(c) - int(at[i]) - int(of[j]) for c, i, j in zip(units, entry, reviewer, strict=True)]
    expected = sum(g for g, kept in zip(gain, pinned, strict=True) if kept or g > 0)
    for added_up in (gain_of_pairs, gain_anew):
        assert added_up(entry, reviewer, units, pinned, at, of) == expected


@pytest.mark.parametrize("highest", [0, 1, 2**20, 2**58, 2**61])
def test_products_are_exact_at_any_size(highest):
    random = np.random.default_rng(3)
    limits, prices = random.integers(0, 2**31, 50), random.integers(-highest, highest + 1, 50)
    assert exact_product(limits, prices) == sum(int(u) * int(p) for u, p in zip(limits, prices, strict=True))
    assert exact_product(limits[:0], prices[:0]) == 0
