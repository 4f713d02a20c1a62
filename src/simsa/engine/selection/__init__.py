"""Selection: who fills the quotas and why, how sure that is, and what would change it.

`select` is official and exact. `uncertainty` says how sure it is (chance, expected rank, tie zone), `stability` whether
it hangs on a single reviewer, `sensitivity` how far weights may move before a winner changes.
"""

from simsa.engine.selection.lottery import RecordedZones, Zones
from simsa.engine.selection.official import select
from simsa.engine.selection.recalibrated import stability_recalibrated
from simsa.engine.selection.result import (
    TIED_NAMED,
    Cause,
    GroupResult,
    Outcome,
    Reason,
    Selection,
    SelectionError,
    Standing,
)
from simsa.engine.selection.sensitivity import GRID, Sensitivity, WeightChange, sensitivity
from simsa.engine.selection.stability import Stability, Swap, stability
from simsa.engine.selection.uncertainty import (
    CONFIDENCE,
    MARGIN,
    RANK_INTERVAL,
    GroupZone,
    Uncertainty,
    Zone,
    draw_seed,
    uncertainty,
)

__all__ = [
    "CONFIDENCE",
    "GRID",
    "MARGIN",
    "RANK_INTERVAL",
    "TIED_NAMED",
    "Cause",
    "GroupResult",
    "GroupZone",
    "Outcome",
    "Reason",
    "RecordedZones",
    "Selection",
    "SelectionError",
    "Sensitivity",
    "Stability",
    "Standing",
    "Swap",
    "Uncertainty",
    "WeightChange",
    "Zone",
    "Zones",
    "draw_seed",
    "select",
    "sensitivity",
    "stability",
    "stability_recalibrated",
    "uncertainty",
]
