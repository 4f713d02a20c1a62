"""Rounded calibrated scores: what they cost beside the calibration, and how near two machines come without them.

The same panels are calibrated on two kernels of the linear algebra, with one and with two threads. A component whose
last declared digit turns between them would be recorded differently; how likely that is follows from the difference of
the estimates over the step of the digit, summed over all components of a panel. Given recorded components there is
nothing left that could differ.
"""

from __future__ import annotations

import json
import math
import os
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bench.figure import Figure, cpu_seconds
from simsa.engine.calibration import Calibration, calibrate, rounded_scores
from simsa.engine.exact import THERE, Column
from simsa.rules import Rounding

PANELS = {
    "243 entrants x 33 reviewers": (243, 33, 5, True),
    "3,000 x 300": (3000, 300, 4, True),
    "15,000 x 13,000": (15_000, 13_000, 4, False),
}
LARGE = (30_000, 13_000, 4, False)
DIGITS = 4
WAYS = [(kernel, threads) for kernel in ("Haswell", "Nehalem") for threads in ("1", "2")]


class Panel:
    """Totals in tenths; reviewers differ in level, and where `own` in scale and noise."""

    def __init__(self, entrants: int, reviewers: int, each: int, own: bool) -> None:
        random = np.random.default_rng(entrants)
        self.entrants, self.reviewers, self.own = entrants, reviewers, own
        self.entrant = np.repeat(np.arange(entrants), each)
        self.reviewer = np.concatenate([random.choice(reviewers, each, replace=False) for _ in range(entrants)])
        scale = np.exp(random.normal(0, 0.25, reviewers)) if own else np.ones(reviewers)
        noise = np.where(random.random(reviewers) < 0.1, 20, 8) if own else np.full(reviewers, 8)
        quality, level = random.normal(0, 8, entrants), random.normal(0, 4, reviewers)
        score = 75 + scale[self.reviewer] * quality[self.entrant] + level[self.reviewer]
        score += random.normal(size=len(score)) * noise[self.reviewer]
        self.totals = Column(np.rint(10 * score).astype(np.int64), 10, np.full(len(score), THERE, np.int8))
        self.group = np.arange(entrants) % 4

    def calibrated(self, digits: int | None) -> Calibration:
        return calibrate(
            self.totals.floats(),
            self.entrant,
            self.reviewer,
            n_entrants=self.entrants,
            n_reviewers=self.reviewers,
            group=self.group,
            reviewers="own" if self.own else "alike",
            digits=digits,
        )


def figures() -> Iterator[Figure]:
    panel = Panel(*LARGE)
    found = panel.calibrated(DIGITS)
    assert found.components is not None
    given = (found.components, panel.totals, panel.entrant, panel.reviewer, panel.group, Rounding(6))
    plain = cpu_seconds(lambda: panel.calibrated(DIGITS), runs=3)
    own = cpu_seconds(lambda: rounded_scores(*given), runs=3)
    yield Figure(
        figure="rounding: 120,000 sheets, 30,000 entries x 13,000 reviewers, six places proven",
        value=own,
        unit="CPU s",
        peer="the calibration itself",
        ratio=own / plain,
        how="median of 3",
    )
    told = [_elsewhere(*way) for way in WAYS]
    for name in PANELS:
        first, *others = [np.array(one[name]["components"]) for one in told]
        step = 10.0 ** (np.floor(np.log10(first)) - DIGITS + 1)
        chance = max(float(np.sum(np.abs(other - first) / step)) for other in others)
        yield Figure(
            figure=f"rounding: {name}, chance that two kernels record other components",
            value=math.log10(chance) if chance else -math.inf,
            unit="as a power of ten",
            how=f"{len(first)} components at {DIGITS} digits, largest of {len(others)} comparisons",
        )
        yield Figure(
            figure=f"rounding: {name}, most that rounding the components moves a score",
            value=float(told[0][name]["moved"]),
            unit="points",
            how=f"{DIGITS} digits; a standard error is {told[0][name]['error']:.1f}",
        )


def _elsewhere(kernel: str, threads: str) -> dict[str, Any]:
    env = {**os.environ, "OPENBLAS_CORETYPE": kernel, "OPENBLAS_NUM_THREADS": threads}
    done = subprocess.run([sys.executable, "-m", "bench.rounding"], env=env, capture_output=True, text=True, check=True)
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def _estimates(panel: Panel) -> dict[str, Any]:
    plain, rounded = panel.calibrated(None), panel.calibrated(DIGITS)
    parts: list[NDArray[np.float64]] = [
        np.array([plain.entrant_variance, plain.reviewer_variance, plain.residual_variance])
    ]
    if plain.scale_spread > 0:
        parts += [plain.scale, np.array([plain.scale_spread])]
    if plain.noise_spread > 0:
        parts += [plain.noise**2, np.array([plain.noise_spread])]
    components = [value for value in np.concatenate(parts).tolist() if value and not math.isnan(value)]
    moved, error = np.nanmax(np.abs(rounded.score - plain.score)), np.nanmedian(plain.standard_error)
    return {"components": components, "moved": float(moved), "error": float(error)}


if __name__ == "__main__":
    print(json.dumps({name: _estimates(Panel(*sizes)) for name, sizes in PANELS.items()}))
