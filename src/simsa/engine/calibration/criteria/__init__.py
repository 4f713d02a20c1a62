"""Calibration by criteria: a sheet's marks, with what they share, instead of its total.

    y_ijc = mu_g(i)c + q_i + d_ic - s_j - t_jc + h_ij + e_ijc

Written out in `docs/reference/calibration.md`. Criteria are weighed so that a complete sheet's total is all that its
marks tell of the entrant's total: then scores are those of `calibrate`.
"""

from simsa.engine.calibration.criteria.estimation import MOST_EQUATIONS, calibrate_criteria
from simsa.engine.calibration.criteria.result import CriteriaCalibration

__all__ = ["MOST_EQUATIONS", "CriteriaCalibration", "calibrate_criteria"]
