"""How far each reviewer's marks scatter about those of the others on the same entries, once severity is taken off.

A sheet is compared with the weighted mean of the other sheets of its entry, weights being one over each reviewer's
noise variance. These variances are estimated in a few rounds and drawn towards the panel's as if every reviewer had
`PRIOR` more sheets with the panel's noise (an inverse chi-squared prior: Smyth, SAGMB 2004, doi:10.2202/1544-6115.1027).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.stats import f as f_distribution

from simsa.engine.diagnostics.comparison import Comparison
from simsa.engine.diagnostics.discovery import Floats, Integers

PRIOR = 4
_ROUNDS = 3


@dataclass(frozen=True, eq=False)
class Noise:
    """Noise of the reviewers of a panel, in the square of the unit of the scores.

    `raw`, `variance` (reviewers,): as the sheets say it, NaN where they say nothing, and drawn towards the panel's;
    `sheets` (reviewers,): how many of each could be compared; `panel`: pooled; `comparison`: with weights by it.
    `distance`, `others` (n,): each sheet's distance from the others, and the variance that these contribute to it (infinite
    where there are none).
    """

    raw: Floats
    variance: Floats
    sheets: Integers
    panel: float
    comparison: Comparison
    distance: Floats
    others: Floats

    def p_values(self) -> Floats:
        """P(noise at least this large) of each reviewer, were it as noisy as the others together, (reviewers,).

        An F test whose degrees of freedom are cut as far as the marks' tails are heavier than the normal's (Box,
        Biometrika 1953, doi:10.1093/biomet/40.3-4.318). NaN for reviewers with fewer than three comparable sheets.
        """
        reviewer, m = self.comparison.reviewer, len(self.raw)
        seen = np.isfinite(self.others)
        each = np.where(seen, self.distance**2, 0.0)
        scaled = each[seen] / (self.variance[reviewer[seen]] + self.others[seen])
        tails = max(0.0, float(np.mean(scaled**2) / np.mean(scaled) ** 2) - 3.0) if seen.any() else 0.0
        own = np.maximum(self.sheets - 1, 0).astype(np.float64)
        weighted = np.where(own > 0, np.nan_to_num(self.raw) * own, 0.0)
        rest_freedom = own.sum() - own
        tested = (self.sheets >= 3) & (rest_freedom >= 2)
        rest = np.divide(weighted.sum() - weighted, rest_freedom, out=np.zeros(m), where=rest_freedom > 0)
        tested &= rest > 0
        expected = np.where(seen, rest[reviewer] + np.where(seen, self.others, 0.0), 1.0)
        square = np.bincount(reviewer, np.divide(each, expected, out=np.zeros_like(each), where=expected > 0), m)
        p = np.full(m, np.nan)
        freedom, against = (2 / (2 / n + tails / (n + 1)) for n in (own[tested], rest_freedom[tested]))
        p[tested] = f_distribution.sf(square[tested] / own[tested], freedom, against)
        return p


def estimate_noise(score: Floats, entrant: Integers, reviewer: Integers, n_reviewers: int) -> Noise:
    """Noise from scores (n,) of sheets; entries with a single sheet tell nothing."""
    comparison = Comparison(entrant, reviewer, n_reviewers)
    residual, effect = comparison.fit(score)
    freedom = comparison.freedom
    least = 1e-12 * float(np.var(score)) if len(score) else 0.0
    panel = max(float(residual @ residual) / freedom, least) if freedom > 0 else least
    variance = np.full(n_reviewers, panel)
    raw, sheets = np.full(n_reviewers, np.nan), np.zeros(n_reviewers, np.int64)
    distance, others = np.zeros(len(score)), np.full(len(score), np.inf)
    for _round in range(_ROUNDS if panel > 0 else 0):
        comparison = Comparison(entrant, reviewer, n_reviewers, 1 / variance[reviewer])
        _, effect = comparison.fit(score)
        distance, others = _from_others(score - effect[reviewer], comparison)
        seen = np.isfinite(others)
        sheets = np.bincount(reviewer[seen], minlength=n_reviewers)
        # The reviewer's own severity is estimated from the same sheets, which costs one of them.
        square = np.bincount(reviewer[seen], distance[seen] ** 2, n_reviewers) * sheets / np.maximum(sheets - 1, 1)
        square -= np.bincount(reviewer[seen], others[seen], n_reviewers)
        own = np.maximum(sheets - 1, 0)
        raw = np.where(own > 0, np.maximum(square, 0) / np.maximum(sheets, 1), np.nan)
        panel = max(float(np.nansum(raw * own) / max(own.sum(), 1)), least)
        variance = np.maximum((PRIOR * panel + np.nan_to_num(raw) * own) / (PRIOR + own), least)
    return Noise(raw, variance, sheets, panel, comparison, distance, others)


def _from_others(own: Floats, comparison: Comparison) -> tuple[Floats, Floats]:
    """Each sheet's distance from the weighted mean of the others on its entry, and that mean's variance (inf: none)."""
    entrant, weight = comparison.entrant, comparison.weight
    number = np.bincount(entrant, minlength=comparison.n_entrants)[entrant]
    left = np.bincount(entrant, weight, comparison.n_entrants)[entrant] - weight
    alone = number < 2
    left = np.where(alone, 1.0, left)
    mean = (np.bincount(entrant, weight * own, comparison.n_entrants)[entrant] - weight * own) / left
    return np.where(alone, 0.0, own - mean), np.where(alone, np.inf, 1 / left)
