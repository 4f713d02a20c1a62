"""Tails of counts whose rate varies: the beta-binomial distribution, with the spread that the others show."""

from __future__ import annotations

import numpy as np
from scipy.special import betaln, gammaln
from scipy.stats import binom

from simsa.engine.diagnostics.discovery import Floats, Integers

_LEAST_SPREAD = 1e-4  # below, the beta-binomial is the binomial
_TERMS = 2**22


def upper_tails(count: Integers, trials: Integers, rate: Floats, wanted: Integers, others: Moments) -> Floats:
    """P(at least `count` of `trials`) of the cases `wanted` (positions), shape (len(wanted),).

    `count`, `trials`, `rate`: (n,). The correlation between the trials of a case is that of the other cases: `others`
    are the moments of all of them, from which the own part is taken away.
    """
    k, n, p = count[wanted], trials[wanted], rate[wanted]
    own = Moments.of(k, n, p, each=True)
    return tails(k, n, p, Moments(others.excess - own.excess, others.room - own.room).spread)


def tails(count: Integers, trials: Integers, rate: Floats, spread: Floats) -> Floats:
    """P(at least `count` of `trials`), trials of a case having the correlation `spread`; all (n,)."""
    p = np.clip(rate, 1e-12, 1 - 1e-12)
    result = np.array(binom.sf(count - 1, trials, p), np.float64)
    wide = np.flatnonzero(spread > _LEAST_SPREAD)
    if len(wide):
        result[wide] = _beta_binomial(count[wide], trials[wide], p[wide], spread[wide])
    return result


class Moments:
    """Sums over cases of what the variance is beyond the binomial's (`excess`), and of what it is in proportion to."""

    def __init__(self, excess: Floats | float, room: Floats | float) -> None:
        self.excess, self.room = excess, room

    @property
    def spread(self) -> Floats:
        """Correlation between the trials of a case, from 0 to 0.9."""
        excess, room = np.atleast_1d(self.excess), np.atleast_1d(self.room)
        share = np.divide(excess, room, out=np.zeros(len(room)), where=room > 0)
        return np.asarray(np.clip(share, 0.0, 0.9), np.float64)

    @classmethod
    def of(cls, count: Integers | Floats, trials: Integers | Floats, rate: Floats, *, each: bool = False) -> Moments:
        variance = trials * rate * (1 - rate)
        excess, room = (count - trials * rate) ** 2 - variance, variance * (trials - 1)
        return cls(excess, room) if each else cls(float(excess.sum()), float(room.sum()))


def _beta_binomial(count: Integers, trials: Integers, rate: Floats, spread: Floats) -> Floats:
    """P(at least `count`), summed from the tail's terms, so that small tails are exact to the last digits."""
    result = np.zeros(len(count))
    terms = trials - count + 1
    starts = np.flatnonzero(np.diff(np.cumsum(terms) // _TERMS, prepend=-1))
    for start, end in zip(starts, [*starts[1:], len(count)], strict=True):
        rows = np.repeat(np.arange(start, end), terms[start:end])
        first = np.cumsum(terms[start:end]) - terms[start:end]
        k = count[rows] + np.arange(len(rows)) - np.repeat(first, terms[start:end])
        n, size = trials[rows], 1 / spread[rows] - 1
        a, b = rate[rows] * size, (1 - rate[rows]) * size
        log = gammaln(n + 1) - gammaln(k + 1) - gammaln(n - k + 1) + betaln(k + a, n - k + b) - betaln(a, b)
        result[start:end] = np.bincount(rows - start, np.exp(log), end - start)
    return np.minimum(result, 1.0)
