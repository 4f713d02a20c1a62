"""What a sheet of each reviewer tells of an entry's quality, and who is too noisy to be asked."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simsa.engine.calibration import Calibration

NOISY = 0.5
"""Of the panel's median precision: a reviewer with less is not asked again."""


@dataclass(frozen=True, eq=False)
class Voices:
    """What one sheet of each reviewer of the panel tells, shape (reviewers,), in 1 / points squared.

    `precision`: scale^2 / noise^2, as if the severity were known. `information`: of the entry's quality, with what is
    not known of the severity: scale^2 / (noise^2 + severity_error^2).
    """

    precision: NDArray[np.float64]
    information: NDArray[np.float64]

    @property
    def noisy(self) -> NDArray[np.bool_]:
        """Whose precision is below `NOISY` of the median: never everybody's."""
        return np.asarray(self.precision < NOISY * np.median(self.precision), bool)


def voices(calibration: Calibration, of: NDArray[np.int64]) -> Voices:
    """`of` (reviewers,): position of each reviewer in the calibration, -1 for one who is not in it.

    Who has written no sheet is expected to be like the others, with a severity that nobody knows.
    """
    usual = calibration.residual_variance
    least = np.finfo(np.float64).tiny ** 0.5
    typical = usual if np.isfinite(usual) and usual > least else least
    between = calibration.reviewer_variance
    scale = np.ones(len(of))
    noise = np.full(len(of), typical)
    blur = np.full(len(of), between if np.isfinite(between) else 0.0)
    wrote = np.flatnonzero(of >= 0)
    wrote = wrote[calibration.sheets_per_reviewer[of[wrote]] > 0]
    own = of[wrote]
    scale[wrote] = calibration.scale[own]
    noise[wrote] = np.maximum(np.nan_to_num(calibration.noise[own] ** 2, nan=typical), typical * 1e-6)
    blur[wrote] = np.nan_to_num(calibration.severity_error[own], nan=0.0) ** 2
    return Voices(scale**2 / noise, scale**2 / (noise + blur))
