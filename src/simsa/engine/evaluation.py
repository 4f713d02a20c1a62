"""From sheets to winners in one call: tally, calibration, chances and selection of a round, in order."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simsa.rules import Rules

from .calibration import Calibration, calibrate
from .exact import THERE
from .inputs import Entries, Reported, Sheets
from .selection import Selection, chances, select
from .tally import Tally, tally


@dataclass(frozen=True)
class Evaluation:
    """A round's results. `calibration` and `chances` are None where there are no sheets to calibrate."""

    tally: Tally
    calibration: Calibration | None
    chances: NDArray[np.float64] | None
    selection: Selection


def evaluate(
    rules: Rules, entries: Entries, sheets: Sheets, reported: Reported | None = None, *, seed: str | None = None
) -> Evaluation:
    """Tally, calibrate and select. Raises what `tally` and `select` raise."""
    official = tally(rules, entries, sheets, reported)
    calibration = calibrated(official, entries, sheets)
    odds = None if calibration is None else chances(rules, entries, calibration)
    return Evaluation(official, calibration, odds, select(rules, entries, official, seed=seed))


def calibrated(official: Tally, entries: Entries, sheets: Sheets) -> Calibration | None:
    """Calibration of each sheet's total, with reviewers' own scale and noise; None without any sheet that has one."""
    there = official.sheet_totals.state == THERE
    if not there.any():
        return None
    totals = official.sheet_totals.floats()[there]
    return calibrate(
        totals,
        sheets.entry[there],
        sheets.reviewer[there],
        n_entrants=len(entries),
        n_reviewers=len(sheets.reviewers),
        group=entries.group_index,
        reviewers="own",
    )
