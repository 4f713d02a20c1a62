"""The fit at given components: nothing is estimated."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from simsa.engine.calibration.components import Components
from simsa.engine.calibration.criterion import evaluate
from simsa.engine.calibration.design import Design
from simsa.engine.calibration.own import fit_given
from simsa.engine.calibration.own_fit import OwnFit
from simsa.engine.calibration.reml import Fit
from simsa.engine.calibration.sheets import CalibrationError
from simsa.engine.calibration.statistics import Data
from simsa.engine.calibration.weighted import Own


def fit_at(data: Data, design: Design, given: Components) -> tuple[Fit, OwnFit | None]:
    """The plain fit, and that with reviewers' own scales and noises where there are any.

    CalibrationError where the components are not of such a panel; where nothing varies they do not matter.
    """
    if data.settled:
        return without_variance(data), None
    variances = (given.entrant, given.reviewer, given.residual)
    for name, free, value in zip(("entrant", "reviewer", "residual"), design.estimable, variances, strict=True):
        if free == (value is None) or (value is not None and value < 0) or (name == "residual" and not value):
            told = "can" if free else "cannot"
            raise CalibrationError(
                f"components: the {name} variance is {value}, and these sheets {told} tell it; give those of this panel"
            )
    entrant, reviewer, residual = (float(value or 0) / data.unit**2 for value in variances)
    shares = np.array([entrant, reviewer, residual])
    fit = Fit(evaluate(replace(data, held=residual), shares / shares.sum()), 0, True, 0.0)
    if not given.own:
        return fit, None
    reviewers = data.reviewers.tolist()
    scale, noise = (np.log([float(one) for one in given.of(name, reviewers)]) for name in ("scale", "noise"))
    noise -= math.log(float(given.residual or 0))
    spread = float(given.scale_spread), float(given.noise_spread)
    return fit, fit_given(data, Own(scale, noise, entrant, reviewer, residual), spread)


def without_variance(data: Data) -> Fit:
    """The fit of scores in which nothing is to be estimated but the means of the groups."""
    return Fit(evaluate(data, np.array([0.0, 0.0, 1.0])), 0, True, 0.0)
