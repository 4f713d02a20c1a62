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
from functools import cached_property
from math import ceil, exp

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from simsa.rules import Rules

from .inputs import Entries, Sheets, Status
from .scales import nearest

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


@dataclass(frozen=True)
class Settings:
    """The synthetic panel, spreads in points of a 0-100 scale (each leaf's own scale is stretched to it).

    `centre` the mean mark; `pair_correlation` of two reviewers' totals; `severity_sd` between reviewers; `residual_sd`
    of one sheet; `criterion_sd` between the criteria of one entry; `scale_sd` of the reviewers' use of the scale
    (log); `erratic_share` of reviewers with `erratic_factor` times the noise, on top of which `noise_spread` is the
    standard deviation of all reviewers' log noise variance; `missing_share` of sheets not handed in, `abstained_share`
    of marks abstained.
    """

    centre: float = 72.0
    pair_correlation: float = 0.4
    severity_sd: float = 4.0
    residual_sd: float = 8.0
    criterion_sd: float = 5.0
    scale_sd: float = 0.2
    erratic_share: float = 0.1
    erratic_factor: float = 2.5
    noise_spread: float = 0.0
    missing_share: float = 0.0
    abstained_share: float = 0.0

    @property
    def noise_variance(self) -> float:
        """Mean noise variance over ordinary and erratic reviewers."""
        mean = self.residual_sd**2 * (1 - self.erratic_share + self.erratic_share * self.erratic_factor**2)
        return mean * exp(self.noise_spread**2 / 2)

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
    world = World(rules, len(entries), reviewers, settings, seed)
    return Simulation(world.sheets(entry, reviewer), world.quality, world.severity, world.noise, settings, seed)


@dataclass(frozen=True)
class World:
    """Entries and reviewers as they truly are, and any sheets between them. The same seed makes the same world."""

    rules: Rules
    n_entries: int
    reviewers: tuple[str, ...]
    settings: Settings
    seed: str

    @cached_property
    def quality(self) -> Floats:
        """Of each entry, about nought."""
        return self.settings.entrant_sd * normal(self.seed, "quality", self.n_entries)

    @cached_property
    def criterion(self) -> Floats:
        """How far each entry is better at a leaf than on the mean of all, shape (entries, leaves)."""
        shape = self.n_entries, len(self.rules.leaves)
        own = self.settings.criterion_sd * normal(self.seed, "criterion", shape[0] * shape[1]).reshape(shape)
        return np.asarray(own - (own.mean(axis=1, keepdims=True) if shape[1] else 0.0))

    @cached_property
    def severity(self) -> Floats:
        """Of each reviewer."""
        return self.settings.severity_sd * normal(self.seed, "severity", len(self.reviewers))

    @cached_property
    def noise(self) -> Floats:
        """Of each reviewer's sheets, a standard deviation."""
        settings, size = self.settings, len(self.reviewers)
        erratic = np.where(_erratic(settings, self.seed, size), settings.erratic_factor, 1.0)
        spread = np.exp(settings.noise_spread / 2 * normal(self.seed, "noise", size))
        return np.asarray(settings.residual_sd * erratic * spread)

    @cached_property
    def scale(self) -> Floats:
        """By how much each reviewer stretches a sheet about the centre."""
        return np.exp(self.settings.scale_sd * normal(self.seed, "scale", len(self.reviewers)))

    def sheets(self, entry: Integers, reviewer: Integers, part: str = "") -> Sheets:
        """Sheets of these slots, int64 (n,). Another `part` is another time: its noise has nothing to do with this."""
        sheet = self.noise[reviewer] * normal(self.seed, f"sheet{part}", len(entry))
        total = self.quality[entry] - self.severity[reviewer] + sheet
        points = self.settings.centre + self.scale[reviewer][:, None] * (total[:, None] + self.criterion[entry])
        return Sheets(
            reviewers=self.reviewers,
            leaves=tuple(leaf.id for leaf in self.rules.leaves),
            entry=entry,
            reviewer=reviewer,
            mark=_on_scale(self.rules, points),
            status=_status(self.settings, f"{self.seed}{part}", len(entry), len(self.rules.leaves)),
            places=self.rules.mark_places,
        )


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
        marks[:, column] = nearest(leaf.scale, points[:, column] / 100.0, unit)
    return marks


def _status(settings: Settings, seed: str, rows: int, columns: int) -> NDArray[np.int8]:
    status = np.full((rows, columns), Status.MARK, np.int8)
    abstained = uniform(seed, "abstained", rows * columns).reshape(rows, columns) < settings.abstained_share
    status[abstained] = Status.ABSTAINED
    status[uniform(seed, "missing", rows) < settings.missing_share] = Status.NOT_SUBMITTED
    return status
