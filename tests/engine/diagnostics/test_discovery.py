"""Adjusted p-values: by hand, against scipy, and the share of false alarms that they promise."""

import numpy as np
import pytest
from scipy.stats import false_discovery_control

from simsa.engine.diagnostics import Control, screen


@pytest.mark.parametrize(
    ("control", "method"), [(Control.BENJAMINI_HOCHBERG, "bh"), (Control.BENJAMINI_YEKUTIELI, "by")]
)
def test_adjusted_as_scipy_adjusts(control: Control, method: str) -> None:
    p = np.random.default_rng(1).random(200) ** 3
    assert screen(p, 0.05, control).q == pytest.approx(false_discovery_control(p, method=method), abs=1e-12)


def test_what_was_not_tested_is_neither_counted_nor_found() -> None:
    found = screen(np.array([0.001, np.nan, 0.5]), 0.05)
    assert found.tests == 2
    assert found.found.tolist() == [True, False, False]
    assert np.isnan(found.q[1])
    assert (found.false_alarms, found.uncorrected) == (pytest.approx(0.05), pytest.approx(0.1))


def test_tests_that_were_not_handed_in_count() -> None:
    p = np.array([0.0004, 0.6])
    assert screen(p, 0.05, tests=100).q == pytest.approx([0.04, 1.0])
    assert not screen(p, 0.05, Control.BENJAMINI_YEKUTIELI, tests=100).found.any()


def test_nothing_to_test() -> None:
    found = screen(np.full(3, np.nan), 0.05)
    assert (found.tests, found.found.any(), found.false_alarms) == (0, False, 0.0)


def test_the_false_discovery_rate_is_held_with_true_ones_among_them() -> None:
    shares = []
    for seed in range(300):
        random = np.random.default_rng(seed)
        z = random.standard_normal(40)
        z[:10] += 3.5
        from scipy.stats import norm

        found = screen(2 * norm.sf(np.abs(z)), 0.1).found
        shares.append(found[10:].sum() / max(found.sum(), 1))
    # 0.1 times the share of nulls is 0.075; three standard errors above it.
    assert np.mean(shares) < 0.075 + 3 * np.std(shares) / np.sqrt(300)
