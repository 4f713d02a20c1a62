"""What a calibration on an ordinal scale returns besides the latent scores."""

from __future__ import annotations

from dataclasses import dataclass

from simsa.engine.calibration.arrays import Floats
from simsa.engine.calibration.result import Scores


@dataclass(frozen=True, eq=False)
class OrdinalCalibration(Scores):
    """Calibrated latent scores, and what they are on the scale.

    Scores, severities, group means and variances are on the latent scale, whose unit is a sheet's noise
    (`residual_variance` is 1) and where the group with the most sheets has a mean of zero. Errors are given the
    thresholds and the variances. `criterion` is -2 log of the marginal likelihood, by Laplace's method.

    - `thresholds`, `threshold_error` (categories - 1,): where one category ends and the next begins; infinite beyond
      the categories that occur, equal around one between them that does not.
    - `expected_mark`, `mark_error` (n_entrants,): the mean mark that a reviewer of no severity would give, and how far
      it may be off.
    """

    thresholds: Floats
    threshold_error: Floats
    expected_mark: Floats
    mark_error: Floats
