"""From sheets to winners in one call: tally, calibration, chances and selection of a round, in order."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simsa.rules import Rules

from .calibration import Calibration, Scores, calibrate
from .exact import THERE
from .inputs import Entries, Reported, Sheets
from .selection import Selection, Uncertainty, draw_seed, select, uncertainty
from .tally import Tally, tally


@dataclass(frozen=True)
class Evaluation:
    """A round's results. `calibration` and `uncertainty` are None where there are no sheets to calibrate."""

    tally: Tally
    calibration: Calibration | None
    uncertainty: Uncertainty | None
    selection: Selection

    @property
    def chances(self) -> NDArray[np.float64] | None:
        """P(selected) per entry, shape (n,); NaN where none can be stated."""
        return None if self.uncertainty is None else self.uncertainty.chance


def evaluate(
    rules: Rules, entries: Entries, sheets: Sheets, reported: Reported | None = None, *, seed: str | None = None
) -> Evaluation:
    """Tally, calibrate and select. Raises what `tally` and `select` raise."""
    official = tally(rules, entries, sheets, reported)
    calibration = calibrated(official, entries, sheets)
    sure = certainty(rules, entries, official, calibration, seed)
    return Evaluation(official, calibration, sure, select(rules, entries, official, seed=seed, sure=sure))


def certainty(
    rules: Rules, entries: Entries, official: Tally, calibration: Scores | None, seed: str | None
) -> Uncertainty | None:
    """How sure the selection is; None without a calibration.

    Where the rules draw lots in the tie zone the draws come from the recorded `seed`: the zone is then official.
    """
    if calibration is None:
        return None
    drawn = draw_seed(seed) if rules.lottery is not None and seed is not None else 0
    return uncertainty(rules, entries, official, calibration, seed=drawn)


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
