"""Simulated panels with planted effects, from a seed."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


@dataclass(frozen=True)
class Panel:
    """Sheets of a simulated panel: `score`, `entrant`, `reviewer` (n,)."""

    score: Floats
    entrant: Integers
    reviewer: Integers
    reviewers: int

    def plus(self, effect: Floats) -> Panel:
        return replace(self, score=self.score + effect)


def panel(
    seed: int,
    entrants: int = 80,
    reviewers: int = 16,
    each: int = 5,
    *,
    noise: Floats | None = None,
    heavy: bool = False,
) -> Panel:
    """Quality of standard deviation 8, severity 4, noise 8 (times `noise` of each reviewer); `heavy`: t with 5."""
    random = np.random.default_rng(seed)
    entrant = np.repeat(np.arange(entrants), each)
    reviewer = np.concatenate([random.choice(reviewers, each, replace=False) for _ in range(entrants)])
    own = random.standard_t(5, len(entrant)) / np.sqrt(5 / 3) if heavy else random.standard_normal(len(entrant))
    score = 70 + 8 * random.standard_normal(entrants)[entrant] - 4 * random.standard_normal(reviewers)[reviewer]
    scale = np.ones(reviewers) if noise is None else noise
    return Panel(score + 8 * scale[reviewer] * own, entrant, reviewer, reviewers)


def homes(seed: int, of: Panel, kinds: int = 5) -> Floats:
    """1 where reviewer and entrant have the same of so many origins, else 0."""
    random = np.random.default_rng(10_000 + seed)
    entrants = int(of.entrant.max()) + 1
    same = random.integers(0, kinds, entrants)[of.entrant] == random.integers(0, kinds, of.reviewers)[of.reviewer]
    return same.astype(np.float64)


def marks(
    seed: int, entrants: int = 120, reviewers: int = 20, each: int = 5, criteria: int = 3
) -> tuple[Integers, Panel]:
    """Marks 1 to 10 (n, criteria) of independent reviewers, with quality, severity and an overall impression."""
    random = np.random.default_rng(20_000 + seed)
    of = panel(seed, entrants, reviewers, each)
    n = len(of.score)
    latent = (
        6 + 1.2 * random.standard_normal(entrants)[of.entrant] - 0.7 * random.standard_normal(reviewers)[of.reviewer]
    )
    halo = 0.8 * random.standard_normal(n)
    each_mark = latent[:, None] + halo[:, None] + 0.8 * random.standard_normal((n, criteria))
    found = np.clip(np.rint(each_mark), 1, 10).astype(np.int64)
    return found, replace(of, score=found.sum(axis=1).astype(np.float64))
