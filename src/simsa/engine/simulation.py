"""Synthetic panels: affinities and score sheets drawn from a documented model and a seed, for examples and studies.

The model of a sheet: centre + quality of the entrant + (criterion's own part of it) - severity of the reviewer +
noise, stretched around the centre by the reviewer's own scale; then every mark is put on its leaf's scale. The spread
of quality is chosen so that two reviewers' totals on the same entries correlate by `pair_correlation` on average:
quality variance = correlation / (1 - correlation) x (severity variance + mean noise variance).

Nothing drawn here may decide an award; whatever is made from it is labelled synthetic. Only raw bits of a Philox
generator are used (their stream is fixed), turned into normal numbers by the inverse distribution function.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from fractions import Fraction
from math import ceil

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from simsa.rules import Rules

from .inputs import Entries, Sheets, Status

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


@dataclass(frozen=True)
class Settings:
    """The synthetic panel, spreads in points of a 0-100 scale (each leaf's own scale is stretched to it).

    `centre` the mean mark; `pair_correlation` of two reviewers' totals; `severity_sd` between reviewers; `residual_sd`
    of one sheet; `criterion_sd` between the criteria of one entry; `scale_sd` of the reviewers' use of the scale
    (log); `erratic_share` of reviewers with `erratic_factor` times the noise; `missing_share` of sheets not handed in,
    `abstained_share` of marks abstained.
    """

    centre: float = 72.0
    pair_correlation: float = 0.4
    severity_sd: float = 4.0
    residual_sd: float = 8.0
    criterion_sd: float = 5.0
    scale_sd: float = 0.2
    erratic_share: float = 0.1
    erratic_factor: float = 2.5
    missing_share: float = 0.0
    abstained_share: float = 0.0

    @property
    def noise_variance(self) -> float:
        """Mean noise variance over ordinary and erratic reviewers."""
        return self.residual_sd**2 * (1 - self.erratic_share + self.erratic_share * self.erratic_factor**2)

    @property
    def entrant_sd(self) -> float:
        """Spread of quality that gives the wanted correlation between two reviewers."""
        return float(
            np.sqrt(self.pair_correlation / (1 - self.pair_correlation) * (self.severity_sd**2 + self.noise_variance))
        )


@dataclass(frozen=True)
class Simulation:
    """Synthetic sheets and the truth behind them (quality per entrant, severity and noise per reviewer)."""

    sheets: Sheets
    quality: Floats
    severity: Floats
    noise: Floats
    settings: Settings
    seed: str
    method: str = "synthetic: centre + quality - severity + noise, on each criterion's scale"


def simulate(
    rules: Rules,
    entries: Entries,
    entry: Integers,
    reviewer: Integers,
    reviewers: tuple[str, ...],
    settings: Settings,
    seed: str,
) -> Simulation:
    """Synthetic sheets for the slots (`entry[i]`, `reviewer[i]`), int64 (n,). The same seed gives the same sheets."""
    quality = settings.entrant_sd * normal(seed, "quality", len(entries))
    severity = settings.severity_sd * normal(seed, "severity", len(reviewers))
    noise = np.where(_erratic(settings, seed, len(reviewers)), settings.erratic_factor, 1.0) * settings.residual_sd
    scale = np.exp(settings.scale_sd * normal(seed, "scale", len(reviewers)))
    sheet = noise[reviewer] * normal(seed, "sheet", len(entry))
    leaves = rules.leaves
    own = settings.criterion_sd * normal(seed, "criterion", len(entries) * len(leaves)).reshape(
        len(entries), len(leaves)
    )
    own -= own.mean(axis=1, keepdims=True) if len(leaves) else 0.0
    total = quality[entry] - severity[reviewer] + sheet
    points = settings.centre + scale[reviewer][:, None] * (total[:, None] + own[entry])
    sheets = Sheets(
        reviewers=reviewers,
        leaves=tuple(leaf.id for leaf in leaves),
        entry=entry,
        reviewer=reviewer,
        mark=_on_scale(rules, points),
        status=_status(settings, seed, len(entry), len(leaves)),
        places=rules.mark_places,
    )
    return Simulation(sheets, quality, severity, noise, settings, seed)


def simulate_affinity(seed: str, n_entries: int, n_reviewers: int, match: NDArray[np.bool_]) -> Floats:
    """Synthetic affinities (n_entries, n_reviewers) in 0..1, higher by 0.3 where `match` says that expertise fits."""
    base = uniform(seed, "affinity", n_entries * n_reviewers).reshape(n_entries, n_reviewers)
    return np.asarray(np.round(0.7 * base + 0.3 * match, 4), dtype=np.float64)


def uniform(seed: str, label: str, size: int) -> Floats:
    """`size` numbers strictly between 0 and 1 for this seed and label."""
    key = np.frombuffer(hashlib.sha256(f"simsa synthetic|{label}|{seed}".encode()).digest()[:16], dtype="<u8")
    bits = np.random.Philox(key=key.astype(np.uint64)).random_raw(size)
    return np.asarray(((bits >> np.uint64(11)).astype(np.float64) + 0.5) * 2.0**-53)


def normal(seed: str, label: str, size: int) -> Floats:
    """`size` standard normal numbers for this seed and label."""
    return np.asarray(ndtri(uniform(seed, label, size)), dtype=np.float64)


def _erratic(settings: Settings, seed: str, size: int) -> NDArray[np.bool_]:
    """The declared share of reviewers, at least one if the share is not zero; who they are is drawn."""
    count = ceil(Fraction(str(settings.erratic_share)) * size)  # as declared: a float's share may be a hair more
    chosen = np.zeros(size, bool)
    chosen[np.argsort(uniform(seed, "erratic", size), kind="stable")[:count]] = True
    return chosen


def _on_scale(rules: Rules, points: Floats) -> Integers:
    """Points of 0-100 as marks on each leaf's scale, in integer units of the rules' mark places."""
    unit = 10**rules.mark_places
    marks = np.zeros(points.shape, np.int64)
    for column, leaf in enumerate(rules.leaves):
        assert leaf.scale is not None
        low, high, step = (int(n * unit) for n in (leaf.scale.min, leaf.scale.max, leaf.scale.step))
        wanted = points[:, column] / 100.0 * (high - low) / step
        marks[:, column] = low + step * np.clip(np.rint(wanted), 0, (high - low) // step).astype(np.int64)
    return marks


def _status(settings: Settings, seed: str, rows: int, columns: int) -> NDArray[np.int8]:
    status = np.full((rows, columns), Status.MARK, np.int8)
    abstained = uniform(seed, "abstained", rows * columns).reshape(rows, columns) < settings.abstained_share
    status[abstained] = Status.ABSTAINED
    status[uniform(seed, "missing", rows) < settings.missing_share] = Status.NOT_SUBMITTED
    return status
