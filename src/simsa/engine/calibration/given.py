"""The fit at given components: nothing is estimated."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import numpy as np

from simsa.engine.calibration.arrays import Floats, Integers
from simsa.engine.calibration.components import Components
from simsa.engine.calibration.criterion import evaluate
from simsa.engine.calibration.design import Design
from simsa.engine.calibration.own import OwnFit, fit_given
from simsa.engine.calibration.reml import Fit
from simsa.engine.calibration.sheets import CalibrationError
from simsa.engine.calibration.statistics import Data
from simsa.engine.calibration.weighted import Own


def fit_at(data: Data, design: Design, given: Components) -> tuple[Fit, OwnFit | None]:
    """The plain fit, and that with reviewers' own scales and noises where there are any.

    CalibrationError where the components are not of such a panel.
    """
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
    scale = np.ones(len(data.reviewers)) if given.scale is None else known("scale", given.scale, data.reviewers)
    noise = np.zeros(len(data.reviewers))
    if given.noise is not None and given.residual is not None:
        noise = np.log(known("noise", given.noise, data.reviewers) / float(given.residual))
    spread = float(given.scale_spread), float(given.noise_spread)
    return fit, fit_given(data, Own(np.log(scale), noise, entrant, reviewer, residual), spread)


def known(name: str, numbers: tuple[Fraction | None, ...], reviewers: Integers) -> Floats:
    """The numbers of the reviewers with sheets. CalibrationError where one is missing or not above zero."""
    found = [numbers[n] if n < len(numbers) else None for n in reviewers.tolist()]
    for reviewer, number in zip(reviewers.tolist(), found, strict=True):
        if number is None or number <= 0:
            what = f"components: the {name} of reviewer {reviewer}, who wrote sheets, is {number}"
            raise CalibrationError(f"{what}; give those of this panel")
    return np.array([float(number or 0) for number in found])
