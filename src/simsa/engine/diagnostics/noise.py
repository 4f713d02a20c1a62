"""How far each reviewer's marks scatter about those of the others on the same entries, once severity is taken off.

A sheet is compared with the weighted mean of the other sheets of its entry, weights being one over their variance: the
reviewer's noise times the scale of the group. Both are estimated in a few rounds and drawn towards the panel's: a
reviewer's as far as the noise of reviewers differs by more than their few sheets explain (linear empirical Bayes, in
the manner of Smyth, SAGMB 2004, doi:10.2202/1544-6115.1027).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.stats import t as t_distribution

from simsa.engine.diagnostics.comparison import Comparison
from simsa.engine.diagnostics.discovery import Flags, Floats, Integers

MOST = 1e6
_PRIOR_GROUP = 20
_ROUNDS = 4
_FEWEST = 4  # comparable sheets below which nothing is said of a reviewer's noise


@dataclass(frozen=True, eq=False)
class Noise:
    """Noise of the reviewers of a panel, in the square of the unit of the scores.

    `raw`, `variance` (reviewers,): as the sheets say it, NaN where they say nothing, and drawn towards the panel's,
    with `freedom`, the degrees of freedom that this is as good as (at most `MOST`); `sheets` (reviewers,): how many of
    each could be compared; `panel`: pooled; `scale` (n,): that of each sheet's group, 1 on average;
    `comparison`: with weights by both. `distance`, `others` (n,): each sheet's distance from the others, and the
    variance that these contribute to it (infinite where there are none).
    """

    raw: Floats
    variance: Floats
    freedom: Floats
    sheets: Integers
    panel: float
    scale: Floats
    comparison: Comparison
    distance: Floats
    others: Floats

    @property
    def tails(self) -> float:
        """Excess kurtosis of the noise of one sheet; 0 where it is below the normal's or cannot be told.

        From unbiased fourth and second cumulants (Fisher's k-statistics) of each reviewer's distances, pooled, so that
        reviewers who differ in noise are not taken for heavy tails; then for the sheet alone, without the others that
        it is compared with.
        """
        seen = np.isfinite(self.others)
        if self.panel <= 0 or not seen.any():
            return 0.0
        who, m = self.comparison.reviewer[seen], len(self.raw)
        value = self.distance[seen] / np.sqrt(self.panel * self.scale[seen] + self.others[seen])
        n, *sums = (np.bincount(who, value**power, m) for power in range(5))
        enough = n >= _FEWEST
        n, (one, two, three, four) = n[enough], (total[enough] for total in sums)
        second = (two - one**2 / n) / (n - 1)
        fourth = -6 * one**4 + 12 * n * one**2 * two - 3 * n * (n - 1) * two**2
        fourth += -4 * n * (n + 1) * one * three + n**2 * (n + 1) * four
        fourth /= n * (n - 1) * (n - 2) * (n - 3)
        square = float(np.sum(n * (second**2 - fourth / n) / (1 + 2 / (n - 1))))
        if square <= 0:
            return 0.0
        rest = 1 / max(float(len(who)) / len(np.unique(self.comparison.entrant[seen])) - 1, 1.0)
        return max(0.0, float(np.sum(n * fourth)) / square * (1 + rest) ** 2 / (1 + rest**3))

    def p_values(self) -> Floats:
        """P(noise at least this large) of each reviewer, were it as noisy as the others together, (reviewers,).

        Square roots of absolute distances, in units of what the panel's noise lets expect, are compared with those of
        the other reviewers by a t test (after Levene 1960): near normal whatever the tails of the marks, where an F
        test of variances would take every heavy tail for noise. NaN for reviewers with too few comparable sheets.
        """
        reviewer, m = self.comparison.reviewer, len(self.raw)
        p = np.full(m, np.nan)
        seen = np.isfinite(self.others)
        number = self.sheets.astype(np.float64)
        if self.panel <= 0 or not seen.any():
            return p
        who = reviewer[seen]
        expected = self.panel * self.scale[seen] * (1 - 1 / np.maximum(number[who], 2)) + self.others[seen]
        root = np.sqrt(np.abs(self.distance[seen]) / np.sqrt(expected))
        total, square = np.bincount(who, root, m), np.bincount(who, root**2, m)
        mean = np.divide(total, number, out=np.zeros(m), where=number > 0)
        inside = square - number * mean**2
        rest, judged = number.sum() - number, (number >= _FEWEST) & (number.sum() - number >= _FEWEST)
        freedom = number.sum() - (number > 0).sum()
        if not judged.any() or freedom < 1 or inside.sum() <= 0:
            return p
        spread = np.sqrt(inside.sum() / freedom)
        above = mean[judged] - (total.sum() - total[judged]) / rest[judged]
        statistic = above / (spread * np.sqrt(1 / number[judged] + 1 / rest[judged]))
        p[judged] = t_distribution.sf(statistic, freedom)
        return p


def estimate_noise(
    score: Floats, entrant: Integers, reviewer: Integers, n_reviewers: int, group: Integers | None = None
) -> Noise:
    """Noise from scores (n,) of sheets, in groups (n,) with a scale of their own; single sheets tell nothing."""
    n = len(score)
    comparison = Comparison(entrant, reviewer, n_reviewers)
    residual, _own = comparison.fit(score)
    freedom = comparison.freedom
    least = 1e-12 * float(np.var(score)) if n else 0.0
    panel = max(float(residual @ residual) / freedom, least) if freedom > 0 else least
    found = Noise(
        np.full(n_reviewers, np.nan),
        np.full(n_reviewers, panel),
        np.full(n_reviewers, MOST),
        np.zeros(n_reviewers, np.int64),
        panel,
        np.ones(n),
        comparison,
        np.zeros(n),
        np.full(n, np.inf),
    )
    groups = np.zeros(n, np.int64) if group is None else group
    for _round in range(_ROUNDS if panel > 0 else 0):
        found = _again(found, score, groups, least)
    return found


def _again(found: Noise, score: Floats, group: Integers, least: float) -> Noise:
    before = found.comparison
    entrant, reviewer, m = before.entrant, before.reviewer, before.n_reviewers
    comparison = Comparison(entrant, reviewer, m, 1 / (found.variance[reviewer] * found.scale))
    _, effect = comparison.fit(score)
    distance, others = _from_others(score - effect[reviewer], comparison)
    seen = np.isfinite(others)
    sheets = np.bincount(reviewer[seen], minlength=m)
    # The reviewer's own severity is estimated from the same sheets, which costs one of them.
    square = np.where(seen, distance**2 * (sheets / np.maximum(sheets - 1, 1))[reviewer], 0.0)
    known = np.where(seen, others, 0.0)
    scale = _scales(square / (found.panel * found.scale + known), seen, found.scale, group)
    number = np.maximum(sheets - 1, 0)
    total = np.bincount(reviewer[seen], ((square - known) / scale)[seen], m)
    raw = np.where(number > 0, np.maximum(total, 0) / np.maximum(sheets, 1), np.nan)
    panel = max(float(np.nansum(raw * number) / max(number.sum(), 1)), least)
    variance, freedom = _drawn(raw, number, panel, found.tails)
    variance = np.maximum(variance, least)
    return Noise(raw, variance, freedom, sheets, panel, scale, comparison, distance, others)


def _scales(ratio: Floats, seen: Flags, scale: Floats, group: Integers) -> Floats:
    """Scales of the groups (n,), from squared distances over what the panel's noise and the scales so far let expect.

    By mean square roots of absolute distances, so that one erratic reviewer is not taken for a wide group; before the
    reviewers' own noise, because somebody who sits in a wide group only is not erratic.
    """
    of_group, length = group[seen], int(group.max(initial=0)) + 1
    root = np.bincount(of_group, ratio[seen] ** 0.25, length)
    number = np.bincount(of_group, minlength=length)
    every = float(root.sum()) / max(int(number.sum()), 1)
    mean = (root + _PRIOR_GROUP * every) / (number + _PRIOR_GROUP)
    fitted = scale * (mean / every if every > 0 else np.ones(length))[group] ** 4
    return np.asarray(fitted / np.mean(fitted))


def _drawn(raw: Floats, number: Integers, panel: float, tails: float) -> tuple[Floats, Floats]:
    """Variances drawn towards the panel's, and the degrees of freedom that they are as good as."""
    known = number > 0
    if panel <= 0 or not known.any():
        return np.full(len(raw), panel), np.full(len(raw), MOST)
    count = np.maximum(number, 1).astype(np.float64)
    chance = 2 / count + tails / (count + 1)
    ratio = np.where(known, np.nan_to_num(raw) / panel, 1.0)
    weight = np.where(known, 1 / chance**2, 0.0)
    between = max(0.0, float(np.sum(weight * ((ratio - 1) ** 2 - chance)) / np.sum(weight)))
    pull = between / (between + chance)
    left = np.where(known, between * chance / (between + chance), between)
    freedom = np.minimum(2 / np.maximum(left, 2 / MOST), MOST)
    return panel * np.where(known, 1 + pull * (ratio - 1), 1.0), freedom


def _from_others(own: Floats, comparison: Comparison) -> tuple[Floats, Floats]:
    """Each sheet's distance from the weighted mean of the others on its entry, and that mean's variance (inf: none)."""
    entrant, weight = comparison.entrant, comparison.weight
    number = np.bincount(entrant, minlength=comparison.n_entrants)[entrant]
    left = np.bincount(entrant, weight, comparison.n_entrants)[entrant] - weight
    alone = number < 2
    left = np.where(alone, 1.0, left)
    mean = (np.bincount(entrant, weight * own, comparison.n_entrants)[entrant] - weight * own) / left
    return np.where(alone, 0.0, own - mean), np.where(alone, np.inf, 1 / left)
