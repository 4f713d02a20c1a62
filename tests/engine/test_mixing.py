"""Anderson's mixing finds fixed points that plain steps approach slowly, or circle."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simsa.engine.calibration.mixing import Mixing


def steps_needed(matrix, start, most=400) -> int:
    mixing, place = Mixing(10.0), start
    for taken in range(most):
        step = matrix @ place - place
        if np.abs(step).max() < 1e-9:
            return taken
        place = mixing.next(place, step, "")
    return most


@given(st.integers(0, 2**32), st.integers(2, 6))
@settings(max_examples=30, deadline=None)
def test_a_linear_map_is_solved_in_about_as_many_steps_as_it_has_dimensions(seed, size):
    rng = np.random.default_rng(seed)
    root = np.linalg.qr(rng.normal(size=(size, size)))[0]
    matrix = root @ np.diag(rng.uniform(-0.95, 0.95, size)) @ root.T
    assert steps_needed(matrix, rng.normal(size=size)) <= 3 * size + 6


@pytest.mark.parametrize("angle", [1.0, 2.0, 3.1])
def test_what_plain_steps_circle_is_found(angle):
    turn = 1.02 * np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    assert steps_needed(turn, np.array([1.0, 0.3])) < 30


def test_places_of_another_kind_are_forgotten():
    mixing = Mixing(1.0)
    mixing.next(np.zeros(2), np.ones(2), "two")
    assert np.array_equal(mixing.next(np.zeros(3), np.ones(3), "three"), np.ones(3))
