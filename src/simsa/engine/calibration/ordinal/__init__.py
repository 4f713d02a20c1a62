"""Calibration on a short scale: a sheet is one of a few ordered categories instead of a number.

A sheet's category tells between which thresholds its latent value lies: the group's mean, plus the entrant's quality,
less the reviewer's severity, plus standard normal noise. Written out in `docs/reference/calibration.md`.
"""

from simsa.engine.calibration.ordinal.estimation import MOST_CATEGORIES, calibrate_ordinal
from simsa.engine.calibration.ordinal.result import OrdinalCalibration

__all__ = ["MOST_CATEGORIES", "OrdinalCalibration", "calibrate_ordinal"]
