"""What a calibration by criteria returns besides the scores of the totals."""

from __future__ import annotations

from dataclasses import dataclass

from simsa.engine.calibration.arrays import Floats, Integers
from simsa.engine.calibration.result import Scores


@dataclass(frozen=True, eq=False)
class CriteriaCalibration(Scores):
    """Calibrated totals, and what they are made of.

    Scores, severities, group means and the variances of entrant, reviewer and residual are those of a complete sheet's
    total, in its unit; `criterion` is of the restricted likelihood of the marks.

    - `share` (criteria,): of the weight; adds up to one.
    - `criterion_score`, `criterion_error` (n_entrants, criteria): in the unit of the criterion's marks; the
      weighted sum of an entrant's is its `score`.
    - `criterion_severity`, `criterion_severity_error` (n_reviewers, criteria).
    - `marks_per_criterion` (criteria,): how many marks there are.
    - `entrant_specific`, `reviewer_specific`, `residual_specific`: the parts of the three variances that are specific
      to criteria. What is left of the three is common to all criteria; the residual's is the halo.
    """

    share: Floats
    criterion_score: Floats
    criterion_error: Floats
    criterion_severity: Floats
    criterion_severity_error: Floats
    marks_per_criterion: Integers
    entrant_specific: float
    reviewer_specific: float
    residual_specific: float

    @property
    def halo(self) -> float:
        """Variance of what all marks of one sheet share, in the unit of the totals squared.

        Negative where a high mark on one criterion goes with low ones on the others of the sheet.
        """
        return self.residual_variance - self.residual_specific

    @property
    def halo_share(self) -> float:
        """`halo` over the residual variance of a total: 1 where a sheet's marks err together, 0 where on their own."""
        return self.halo / self.residual_variance if self.residual_variance else float("nan")
