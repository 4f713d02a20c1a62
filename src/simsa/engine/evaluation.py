"""From sheets to winners in one call: tally, calibration, chances and selection of a round, in order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simsa.rules import Rounding, Rules

from .calibration import (
    Calibration,
    CalibrationError,
    Components,
    Order,
    RoundedScores,
    Scores,
    calibrate,
    rounded_scores,
)
from .exact import THERE
from .inputs import Entries, Reported, Sheets
from .selection import (
    Selection,
    Sensitivity,
    Stability,
    Uncertainty,
    draw_seed,
    select,
    sensitivity,
    stability,
    stability_recalibrated,
    uncertainty,
)
from .tally import Tally, tally

WRITTEN = Rounding(6)
"""Of calibrated scores that decide nothing."""


@dataclass(frozen=True)
class Evaluation:
    """A round's results. `calibration` and `uncertainty` are None where there are no sheets to calibrate.

    `scores`: the calibrated scores, rounded, the same on every machine given the calibration's components.
    """

    tally: Tally
    calibration: Calibration | None
    scores: RoundedScores
    uncertainty: Uncertainty | None
    selection: Selection

    @property
    def chances(self) -> NDArray[np.float64] | None:
        """P(selected) per entry, shape (n,); NaN where none can be stated."""
        return None if self.uncertainty is None else self.uncertainty.chance


def evaluate(
    rules: Rules,
    entries: Entries,
    sheets: Sheets,
    reported: Reported | None = None,
    *,
    seed: str | None = None,
    components: Components | None = None,
) -> Evaluation:
    """Tally, calibrate and select. Raises what `tally`, `calibrate` and `select` raise.

    `components`: those that were recorded, instead of estimating them.
    """
    added = tally(rules, entries, sheets, reported)
    calibration = calibrated(rules, added, entries, sheets, components)
    scores = rounded(rules, added, entries, sheets, calibration)
    sure = certainty(rules, entries, added, calibration, seed, scores)
    chosen = select(rules, entries, added, seed=seed, sure=sure, calibrated=scores.score)
    return Evaluation(added, calibration, scores, sure, chosen)


def certainty(
    rules: Rules,
    entries: Entries,
    added: Tally,
    calibration: Scores | None,
    seed: str | None,
    scores: RoundedScores | None = None,
) -> Uncertainty | None:
    """How sure the selection is; None without a calibration.

    Where the rules draw lots in the tie zone the draws come from the recorded `seed`: the zone is then official.
    `scores`: needed where they are the official ones.
    """
    if calibration is None:
        return None
    drawn = draw_seed(seed) if rules.lottery is not None and seed is not None else 0
    ranked = None if scores is None else scores.score
    return uncertainty(rules, entries, added, calibration, seed=drawn, calibrated=ranked)


def calibrated(
    rules: Rules, added: Tally, entries: Entries, sheets: Sheets, components: Components | None = None
) -> Calibration | None:
    """Calibration of each sheet's total as the rules say, given `components` or those that are estimated and rounded.

    None without any sheet that has a total.
    """
    there = added.sheet_totals.state == THERE
    if not there.any():
        return None
    return calibrate(
        added.sheet_totals.floats()[there],
        sheets.entry[there],
        sheets.reviewer[there],
        n_entrants=len(entries),
        n_reviewers=len(sheets.reviewers),
        group=entries.group_index,
        reviewers=rules.calibration.reviewers,
        digits=rules.calibration.digits,
        components=components,
        order=Order(*(_by_name(ids) for ids in (entries.ids, sheets.reviewers, entries.groups))),
    )


def _by_name(ids: Sequence[str]) -> NDArray[np.int64]:
    """Positions in the order of ids, so that no result hangs on what stands first in a file."""
    return np.array(sorted(range(len(ids)), key=ids.__getitem__), np.int64)


def rounded(
    rules: Rules, added: Tally, entries: Entries, sheets: Sheets, calibration: Calibration | None
) -> RoundedScores:
    """The calibrated scores as the rules round them, by default to six places; none without a calibration.

    Scores that decide nothing and cannot be proven are left out; where they are official CalibrationError.
    """
    given = calibration.components if calibration is not None else None
    places = rules.calibration.round or WRITTEN
    try:
        return rounded_scores(
            given or Components(None, None, None),
            added.sheet_totals,
            sheets.entry,
            sheets.reviewer,
            entries.group_index,
            places,
        )
    except CalibrationError:
        if rules.calibration.official:
            raise
        return RoundedScores.none(len(entries), places)


def robustness(
    rules: Rules,
    entries: Entries,
    sheets: Sheets,
    reported: Reported | None = None,
    *,
    seed: str | None = None,
    components: Components | None = None,
) -> tuple[Sensitivity | None, Stability | None]:
    """How far weights may move, and the selection without each reviewer, both of the official score.

    With an official calibrated score the first is not told, nor is the second of a panel that is too large, or without
    sheets. `components`: those of the calibration.
    """
    if not rules.calibration.official:
        given = (rules, entries, sheets, reported)
        return sensitivity(*given, seed=seed), stability(*given, seed=seed) if len(sheets) else None
    if components is None:
        return None, None
    return None, stability_recalibrated(rules, entries, sheets, reported, components=components, seed=seed)
