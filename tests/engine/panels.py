"""Small calibrated rounds: entries, an exact tally and a calibration of scores that the test chooses."""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from simsa.engine.calibration import Calibration, calibrate
from simsa.engine.calibration.arrays import Integers
from simsa.engine.exact import THERE, Column
from simsa.engine.inputs import Entries
from simsa.engine.tally import Tally
from simsa.rules import Rules


def scored(
    rules: Rules, entries: Entries, quality: list[float], *, noise: float, sheets: int = 5, seed: int = 1
) -> tuple[Tally, Calibration]:
    """A tally by the mean of sheets (in hundredths) and the calibration of the same sheets; NaN quality: no sheet."""
    random = np.random.default_rng(seed)
    known = np.flatnonzero(~np.isnan(quality))
    entrant, reviewer = np.repeat(known, sheets), np.tile(np.arange(sheets), len(known))
    score = np.round(np.array(quality)[entrant] + random.normal(size=len(entrant)) * noise, 2)
    calibration = calibrate(
        score, entrant, reviewer, n_entrants=len(entries), n_reviewers=sheets, group=entries.group_index
    )
    sums = np.bincount(entrant, np.rint(score * 100), len(entries)).astype(int).tolist()
    total = Column.from_values([Fraction(s, 100 * sheets) if n in known else None for n, s in enumerate(sums)])
    columns = {"total": total, "work": total, "idea": total}
    return (
        Tally(rules.hash, entries.ids, columns, columns, {}, np.zeros(len(entries), np.int64), Column.from_values([])),
        calibration,
    )


def drawn(entrants: int, reviewers: int, each: int, seed: int) -> tuple[Column, Integers, Integers, Integers]:
    """Totals in tenths of a panel whose reviewers differ in level, scale and noise; who, by whom, in which group."""
    random = np.random.default_rng(seed)
    entrant = np.repeat(np.arange(entrants), each)
    reviewer = np.concatenate([random.choice(reviewers, each, replace=False) for _ in range(entrants)])
    scale, noise = np.exp(random.normal(0, 0.25, reviewers)), np.where(random.random(reviewers) < 0.1, 20, 8)
    quality, level = random.normal(0, 8, entrants), random.normal(0, 4, reviewers)
    score = 75 + scale[reviewer] * quality[entrant] + level[reviewer]
    score += random.normal(size=len(entrant)) * noise[reviewer]
    totals = Column(np.rint(10 * score).astype(np.int64), 10, np.full(len(entrant), THERE, np.int8))
    return totals, entrant, reviewer, np.arange(entrants) % 4
