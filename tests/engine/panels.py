"""Small calibrated rounds: entries, an exact tally and a calibration of scores that the test chooses."""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from simsa.engine.calibration import Calibration, calibrate
from simsa.engine.exact import Column
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
