"""Rows of a standings picture: each entrant's official score, calibrated score with interval, and chance."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from simsa.engine.evaluation import Evaluation
from simsa.engine.inputs import Entries
from simsa.engine.selection import Outcome, Zone
from simsa.rules import Rules
from simsa.tables.intervals import plus_minus


@dataclass(frozen=True)
class Row:
    """One entrant of a standings picture.

    `score` official; `calibrated` and `error` its calibrated score with standard error, `chance` the probability of
    being selected, `zone` as at `Uncertainty`: None where there is none. `drawn`: places of the
    group were filled by lot, so that no line runs between those that are selected and the others.
    """

    entry: str
    name: str
    rank: int | None
    score: Fraction | None
    outcome: Outcome
    calibrated: float | None = None
    error: float | None = None
    chance: float | None = None
    zone: Zone | None = None
    drawn: bool = False

    @property
    def interval(self) -> tuple[float, float] | None:
        if self.calibrated is None or self.error is None:
            return None
        return plus_minus(self.calibrated, self.error)


def standing_rows(
    evaluation: Evaluation, rules: Rules, entries: Entries, names: Mapping[str, str]
) -> dict[str, tuple[Row, ...]]:
    """Rows of every group's standings picture, best first, by group."""
    calibration, sure = evaluation.calibration, evaluation.uncertainty
    found: dict[str, list[Row]] = {result.group: [] for result in evaluation.selection.groups}
    for standing in evaluation.selection.standings:
        n = entries.index[standing.entry]
        found[standing.group].append(
            Row(
                standing.entry,
                names.get(standing.entry, standing.entry),
                standing.rank,
                standing.score,
                standing.outcome,
                None if calibration is None else _known(calibration.score[n]),
                None if calibration is None else _known(calibration.standard_error[n]),
                None if sure is None else _known(sure.chance[n]),
                None if sure is None else sure.zone[n],
                bool(standing.reason.drawn),
            )
        )
    return {group: tuple(rows) for group, rows in found.items()}


def same_scale(rules: Rules) -> bool:
    """Whether official and calibrated scores are in one unit: nothing but the panel's marks makes the score."""
    return rules.rank_by == rules.root.id and not rules.indicators and not rules.adjustments


def _known(value: float) -> float | None:
    return None if math.isnan(value) else float(value)
