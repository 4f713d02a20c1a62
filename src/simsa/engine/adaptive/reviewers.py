"""What a sheet of each reviewer tells of an entry's quality, and who is too noisy to be asked."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from simsa.engine.calibration import Calibration

NOISY = 0.5
"""Of the panel's median information: a reviewer who tells less is not asked again."""


def information(calibration: Calibration, of: NDArray[np.int64]) -> NDArray[np.float64]:
    """Information of one sheet on its entry's quality, in 1 / points squared: scale^2 / (noise^2 + severity_error^2).

    `of` (reviewers,): position of each reviewer in the calibration, -1 for one who has written no sheet and is expected
    to be like the others. Severities and scales are known but for their errors.
    """
    typical = max(_known(calibration.residual_variance), np.finfo(np.float64).tiny)
    spread = _known(calibration.reviewer_variance)
    found = np.full(len(of), 1 / (typical + spread))
    wrote = np.flatnonzero(of >= 0)
    wrote = wrote[calibration.sheets_per_reviewer[of[wrote]] > 0]
    own = of[wrote]
    noise = np.maximum(np.nan_to_num(calibration.noise[own], nan=0.0) ** 2, typical * 1e-6)
    blur = np.nan_to_num(calibration.severity_error[own], nan=0.0) ** 2
    found[wrote] = calibration.scale[own] ** 2 / (noise + blur)
    return found


def noisy(told: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Whose sheets tell less than `NOISY` of what the median reviewer's do."""
    return np.asarray(told < NOISY * np.median(told), bool)


def _known(variance: float) -> float:
    return variance if np.isfinite(variance) else 0.0
