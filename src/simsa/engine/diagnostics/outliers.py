"""Reviewers whose severity or noise is out of the ordinary for this panel.

Severity: predicted severities over their own standard deviation, sqrt(variance between reviewers - prediction error
variance), externally studentised, so that a reviewer is compared with a spread that it did not widen itself (Cook &
Weisberg 1982). Reviewers differ in any panel; what counts is whether one differs by more than the others do.
Noise: `Noise.p_values`. Both are screened by Benjamini-Hochberg.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.stats import t as t_distribution

from simsa.engine.calibration import Calibration
from simsa.engine.diagnostics.comparison import DENSE
from simsa.engine.diagnostics.discovery import Floats, Integers, Screening, screen
from simsa.engine.diagnostics.noise import estimate_noise
from simsa.engine.diagnostics.reasons import Diagnosis, NotMade, Why

LEAST = 4
"""Reviewers below whom nobody can be out of the ordinary."""


@dataclass(frozen=True, eq=False)
class Outliers:
    """Every reviewer beside the panel; all arrays (reviewers,), NaN where the sheets do not tell.

    `severity`, `severity_error`: of the calibration. `standing`: severity in standard deviations of the panel's,
    studentised. `severe`: its screening, both sides. `noise`: standard deviation of a sheet about the others, drawn to
    the panel's; `noise_ratio`: over that of the panel; `noisy`: its screening, larger noise only.
    """

    severity: Floats
    severity_error: Floats
    standing: Floats
    severe: Screening
    noise: Floats
    noise_ratio: Floats
    noisy: Screening
    panel_noise: float
    sheets: Integers
    method: str = "severity: studentised predictions; noise: square roots of absolute distances within entries"


def find_outliers(
    calibration: Calibration,
    score: Floats,
    entrant: Integers,
    reviewer: Integers,
    level: float,
    group: Integers | None = None,
) -> Outliers | NotMade:
    """Outliers among the reviewers of a calibration, whose scores (n,) are handed in once more; `group` (n,)."""
    sheets = calibration.sheets_per_reviewer
    m, there = len(sheets), int((sheets > 0).sum())
    if there < LEAST:
        return NotMade(Diagnosis.OUTLIERS, Why.FEW_REVIEWERS, data={"reviewers": there, "least": LEAST})
    if np.ptp(score) == 0:
        return NotMade(Diagnosis.OUTLIERS, Why.CONSTANT)
    standing, p = _standing(calibration)
    noise = estimate_noise(score, entrant, reviewer, m, group)
    known = noise.sheets > 1
    own = np.where(known, np.sqrt(noise.variance), np.nan)
    panel = float(np.sqrt(noise.panel))
    return Outliers(
        calibration.severity,
        calibration.severity_error,
        standing,
        screen(p, level),
        own,
        own / panel if panel > 0 else np.full(m, np.nan),
        screen(noise.p_values(), level),
        panel,
        sheets,
        f"{Outliers.method}; reviewers' equations {'dense' if m <= DENSE else 'by conjugate gradients'}",
    )


def _standing(calibration: Calibration) -> tuple[Floats, Floats]:
    severity, between = calibration.severity, calibration.reviewer_variance
    nothing = np.full(len(severity), np.nan)
    if not np.isfinite(between) or between <= 0:
        return nothing, nothing
    own = between - calibration.severity_error**2
    told = np.isfinite(severity) & (own > 1e-6 * between)
    count = int(told.sum())
    if count < LEAST:
        return nothing, nothing
    inside = np.divide(severity, np.sqrt(np.maximum(own, 1e-300)), out=nothing.copy(), where=told)
    freedom = count - 2
    # No share of the sum of squares can be the whole of it.
    square = np.minimum(inside**2, (count - 1) * (1 - 1e-9))
    standing = np.sign(inside) * np.sqrt(square * freedom / (count - 1 - square))
    return standing, 2 * t_distribution.sf(np.abs(standing), freedom)
