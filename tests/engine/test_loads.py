import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from simsa.engine.loads import TooFew, too_few, usual_most

COUNTS = st.lists(st.integers(0, 9), min_size=1, max_size=8)


@given(coverage=COUNTS, own=st.lists(st.integers(-1, 9), min_size=1, max_size=8))
def test_the_usual_load_suffices_with_room_to_spare(coverage: list[int], own: list[int]) -> None:
    wanted, limits = np.array(coverage), np.array(own)
    most = usual_most(wanted, limits)
    filled = np.where(limits < 0, most, limits)
    assert most >= 1
    if (limits < 0).any():
        assert filled.sum() > wanted.sum() or not wanted.sum()


def test_usual_load_of_a_conference() -> None:
    assert usual_most(np.full(526, 4), np.full(596, -1)) == 6  # 3.5 each, so 4, and half as much again


@given(coverage=COUNTS, most=COUNTS)
def test_each_way_out_suffices_alone(coverage: list[int], most: list[int]) -> None:
    needed = np.array(coverage)
    found = too_few(needed, np.array(most))
    if sum(most) >= sum(coverage):
        assert found is None
        return
    assert isinstance(found, TooFew)
    assert found.most * len(most) >= sum(coverage) > (found.most - 1) * len(most)
    assert found.coverage * len(coverage) <= sum(most)
    if found.reviewers is None:
        assert max(most) == 0
    else:
        assert sum(most) + found.reviewers * max(most) >= sum(coverage)


def test_without_reviewers_nothing_helps() -> None:
    assert too_few(np.array([1]), np.zeros(0, np.int64)) is None
