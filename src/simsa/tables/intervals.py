"""Intervals of 95 %."""

from __future__ import annotations

import math

Z95 = 1.959964
"""Half the width of a 95 % interval, in standard errors."""


def plus_minus(value: float, error: float) -> tuple[float, float]:
    """The ends of the interval of a number that may be anything."""
    return value - Z95 * error, value + Z95 * error


def times_over(value: float, error: float) -> tuple[float, float]:
    """The ends of the interval of a number above zero, whose logarithm is estimated: value / k to value x k."""
    factor = math.exp(Z95 * error / value)
    return value / factor, value * factor
