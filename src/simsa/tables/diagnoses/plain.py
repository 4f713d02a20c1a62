"""Diagnostics as plain data, for JSON."""

from __future__ import annotations

import math
from typing import Any

from simsa.engine.diagnostics import Diagnostics, Drift, Habits, NotMade, Origin, Outliers, Pairs, Screening, Sizes
from simsa.engine.diagnostics.slopes import Estimate, Slopes
from simsa.tables.words.diagnostics import not_made_words


def diagnostics_json(found: Diagnostics, language: str) -> dict[str, Any]:
    """What was found in numbers, and of each diagnosis that could not be made why not."""
    outliers, habits = found.outliers, found.habits
    return {
        "level": found.level,
        "severity": _screening(found, outliers.severe) if isinstance(outliers, Outliers) else None,
        "noise": _screening(found, outliers.noisy) if isinstance(outliers, Outliers) else None,
        "origins": [_origin(found, part) for part in found.origins if isinstance(part, Origin)],
        "order": _drift(found, found.order),
        "session": _drift(found, found.session),
        "identical_sheets": _pairs(found, found.pairs),
        "flat_sheets": _screening(found, habits.flat.screening) if isinstance(habits, Habits) else None,
        "repeated_sheets": _screening(found, habits.repeated.screening) if isinstance(habits, Habits) else None,
        "constant": [found.reviewers[n] for n in habits.constant.nonzero()[0]] if isinstance(habits, Habits) else None,
        "panels_changed": len(found.sizes.changed) if isinstance(found.sizes, Sizes) else None,
        "not_made": [
            {
                "diagnosis": part.diagnosis.value,
                "field": part.subject or None,
                "why": part.why.value,
                "text": not_made_words(part, language),
            }
            for part in found.not_made
        ],
    }


def _screening(found: Diagnostics, screening: Screening) -> dict[str, Any]:
    return {
        "tests": screening.tests,
        "found": [found.reviewers[n] for n in screening.found.nonzero()[0]],
        "false_alarms": round(screening.false_alarms, 6),
        "uncorrected_false_alarms": round(screening.uncorrected, 6),
        "control": screening.control.value,
    }


def _slopes(found: Diagnostics, slopes: Slopes) -> dict[str, Any]:
    screening = _screening(found, slopes.screening)
    screening["found"] = [found.reviewers[slopes.reviewers[n]] for n in slopes.screening.found.nonzero()[0]]
    return {
        "overall": _estimate(slopes.overall),
        "spread": _number(slopes.spread),
        "noise": _number(slopes.noise),
        "sheets": slopes.sheets,
        "sheets_compared": slopes.contrasts,
        "reviewers": screening,
        "method": slopes.method,
    }


def _origin(found: Diagnostics, part: Origin) -> dict[str, Any]:
    return {"field": part.field, "same_origin": part.same, **_slopes(found, part.slopes)}


def _drift(found: Diagnostics, part: Drift | NotMade) -> dict[str, Any] | None:
    if isinstance(part, NotMade):
        return None
    return {"same_for_all": part.common, "trend": _estimate(part.trend), **_slopes(found, part.slopes)}


def _pairs(found: Diagnostics, part: Pairs | NotMade) -> dict[str, Any] | None:
    if isinstance(part, NotMade):
        return None
    screening = _screening(found, part.screening)
    screening["found"] = [
        [found.reviewers[part.first[n]], found.reviewers[part.second[n]]] for n in part.screening.found.nonzero()[0]
    ]
    return screening


def _estimate(one: Estimate | None) -> dict[str, Any] | None:
    if one is None:
        return None
    numbers = {"estimate": one.value, "standard_error": one.error, "low": one.low, "high": one.high}
    return {**{name: _number(value) for name, value in numbers.items()}, "p": float(f"{one.p:.3g}")}


def _number(value: float) -> float | None:
    return round(value, 6) if math.isfinite(value) else None
