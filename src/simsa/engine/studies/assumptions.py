"""Assumptions about entries and reviewers: stated, or those that a past round's calibration found."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import fields, replace

from simsa.engine.calibration import Calibration
from simsa.engine.simulation import Settings
from simsa.engine.studies.plan import StudyError

ENTRANT_SD = "entrant_sd"
_MOST = {"centre": 100.0, "pair_correlation": 0.9999, "erratic_share": 1.0, "missing_share": 0.95, "scale_sd": 3.0}
_MOST |= {"abstained_share": 0.95, "noise_spread": 3.0}


def names() -> tuple[str, ...]:
    """What can be assumed: the settings of the synthetic panel, and the spread of quality in place of the correlation
    of two reviewers."""
    return (*(field.name for field in fields(Settings)), ENTRANT_SD)


def assumed(given: Mapping[str, float], base: Settings | None = None) -> Settings:
    """Settings with what is `given`, by the names of `names`. StudyError for an unknown name or an impossible value."""
    for name, value in given.items():
        if name not in names():
            raise StudyError(f"{name!r} is nothing that is assumed; known: {', '.join(names())}")
        most = _MOST.get(name, 100.0)
        if not 0 <= value <= most:
            raise StudyError(f"{name} is {value:g}; from 0 to {most:g}")
    if ENTRANT_SD in given and "pair_correlation" in given:
        raise StudyError(f"{ENTRANT_SD} and pair_correlation say the same; give one of them")
    settings = base or Settings()
    entrant = given.get(ENTRANT_SD, settings.entrant_sd if base is not None else None)
    settings = replace(settings, **{name: value for name, value in given.items() if name != ENTRANT_SD})
    if entrant is None or "pair_correlation" in given:
        return settings
    beside = settings.severity_sd**2 + settings.noise_variance
    if beside == 0:
        raise StudyError("severity_sd and residual_sd are both 0: every panel is right, and there is nothing to study")
    return replace(settings, pair_correlation=entrant**2 / (entrant**2 + beside))


def fitted(found: Calibration, points: float) -> Settings:
    """Settings that a calibration of a past round found; `points` of its totals for one point of a scale of 100.

    StudyError where it could not tell quality, severity and noise apart.
    """
    variances = found.entrant_variance, found.reviewer_variance, found.residual_variance
    if not all(math.isfinite(value) for value in variances) or not found.residual_variance > 0 or not points > 0:
        raise StudyError(
            "the past round's sheets do not tell quality, severity and noise apart; state assumptions instead"
        )
    plain = Settings(
        severity_sd=math.sqrt(found.reviewer_variance) / points,
        residual_sd=math.sqrt(found.residual_variance) / points,
        scale_sd=found.scale_spread,
        noise_spread=found.noise_spread,
        erratic_share=0.0,
    )
    return assumed({ENTRANT_SD: math.sqrt(found.entrant_variance) / points}, plain)
