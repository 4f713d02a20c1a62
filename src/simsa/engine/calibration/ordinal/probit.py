"""Probabilities of the categories of a cumulative probit model, and their derivatives.

The probability of a category between two thresholds a and b, both less the latent mean, is Phi(b) - Phi(a).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy.special import log_ndtr, ndtr

from simsa.engine.calibration.arrays import Floats


@dataclass(frozen=True)
class Cells:
    """The log-likelihood of sheets with these ends, and its derivatives, each (sheets,).

    `slope`, `information`: first derivative in the latent mean and minus the second; the others are derivatives of
    these in the two ends. An end without a threshold is infinite.
    """

    log: Floats
    slope: Floats
    information: Floats
    ends: tuple[Floats, Floats]
    slope_ends: tuple[Floats, Floats]
    information_ends: tuple[Floats, Floats]

    @classmethod
    def of(cls, low: Floats, high: Floats) -> Cells:
        log = _log_probability(low, high)
        # Densities at the ends over the probability, and these times the ends.
        a, b = (np.exp(-(end**2) / 2 - log) / math.sqrt(2 * math.pi) for end in (low, high))
        low, high = np.where(np.isfinite(low), low, 0.0), np.where(np.isfinite(high), high, 0.0)
        slope = a - b
        slope_low, slope_high = a * (a - low) - a * b, -a * b + b * (high + b)
        information_low = 2 * slope * slope_low - a - low * a * (a - low) + high * a * b
        information_high = 2 * slope * slope_high + low * a * b + b - high * b * (high + b)
        information = np.maximum(slope_low + slope_high, 0.0)
        return cls(log, slope, information, (-a, b), (slope_low, slope_high), (information_low, information_high))


def _log_probability(low: Floats, high: Floats) -> Floats:
    # On the side where both tails are small nothing cancels.
    turn = low > 0
    low, high = np.where(turn, -high, low), np.where(turn, -low, high)
    upper = log_ndtr(high)
    return np.asarray(upper + np.log1p(-np.exp(np.minimum(log_ndtr(low) - upper, -1e-16))))


def probabilities(thresholds: Floats, mean: Floats, variance: Floats) -> Floats:
    """Of every category, shape (..., thresholds + 1), where the latent mean is normal with this mean and variance."""
    root = np.sqrt(1 + variance)[..., None]
    below = ndtr((thresholds - mean[..., None]) / root)
    edge = np.zeros((*mean.shape, 1))
    return np.asarray(np.diff(np.concatenate([edge, below, edge + 1], axis=-1), axis=-1))
