"""What is kept of an evaluation: the public result as canonical JSON, and one standing for each entry.

No reviewer is named or can be told: severities are sorted, the harshest first, and the mean mark of a criterion is
given only where at least `ENOUGH` marks went into it. Numbers that are estimates are decimals with `PLACES` places,
official numbers exact.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from typing import Any

import numpy as np

from simsa.engine.calibration import Calibration
from simsa.engine.evaluation import Evaluation
from simsa.engine.inputs import Sheets, Status
from simsa.engine.selection import Cause, Reason, Uncertainty
from simsa.record.outcome import selection_content
from simsa.rules import decimal_text, exact_text
from simsa.web.awards.inputs import Inputs

FORMAT = 4
PLACES = 6
ENOUGH = 3
ESTIMATES = ("calibrated", "standard_error", "chance", "expected_rank", "rank_low", "rank_high")


def outcome_of(inputs: Inputs, evaluation: Evaluation, about: Mapping[str, Any]) -> dict[str, Any]:
    """The public result as plain texts, whole numbers, lists and objects; `about` says whose it is."""
    selection = evaluation.selection
    stated = selection_content(selection)
    return {
        "simsa_result": FORMAT,
        **about,
        "rules_hash": inputs.rules.hash,
        "seed": inputs.seed,
        "methods": {
            "tally": evaluation.tally.method,
            "selection": selection.method,
            "calibration": evaluation.calibration.method if evaluation.calibration else None,
            "scores": evaluation.scores.method if evaluation.calibration else None,
        },
        "panel": _panel(inputs.sheets, evaluation.calibration),
        "groups": stated["groups"],
        "uncertainty": _uncertainty(evaluation.uncertainty),
        "lots": stated["lots"],
        "standings": _standings(inputs, evaluation, stated["standings"]),
    }


def reason_of(facts: dict[str, Any]) -> Reason:
    """The engine's reason, from what is kept of it."""
    numbers = {name: _fraction(facts[name]) for name in ("score", "line", "limit", "tally") if name in facts}
    return Reason(**{**facts, **numbers, "cause": Cause(facts["cause"]), "tied_with": tuple(facts["tied_with"])})


def _standings(inputs: Inputs, evaluation: Evaluation, stated: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """What the record states of every entry, with what the pages show beside it."""
    places = _places(standing.score for standing in evaluation.selection.standings)
    means = _means(inputs)
    rows = []
    for standing, row in zip(evaluation.selection.standings, stated, strict=True):
        n = inputs.entries.index[standing.entry]
        rows.append(
            {
                **row,
                "place": None if standing.score is None else places[standing.score],
                "values": {node: _exact(evaluation.tally.value(node, n)) for node in evaluation.tally.nodes},
                "means": means[n],
                "sheets": int(evaluation.tally.sheets_used[n]),
                **_estimates(evaluation, n),
            }
        )
    return rows


def _places(scores: Iterable[Fraction | None]) -> dict[Fraction, int]:
    """The place of each score among all: 1 and the number of higher ones."""
    ordered = sorted((score for score in scores if score is not None), reverse=True)
    found: dict[Fraction, int] = {}
    for place, score in enumerate(ordered, start=1):
        found.setdefault(score, place)
    return found


def _means(inputs: Inputs) -> list[dict[str, Any]]:
    """For each entry by leaf: the panel's mean mark and how many marks it is of; no mean of too few."""
    sheets, count = inputs.sheets, len(inputs.entries)
    there = sheets.status == Status.MARK
    found: list[dict[str, Any]] = [{} for _ in range(count)]
    for column, leaf in enumerate(sheets.leaves):
        rows = there[:, column]
        marks = np.bincount(sheets.entry[rows], minlength=count)
        total = np.zeros(count, np.int64)
        np.add.at(total, sheets.entry[rows], sheets.mark[rows, column])
        for n in range(count):
            number = int(marks[n])
            mean = Fraction(int(total[n]), number * 10**sheets.places) if number >= ENOUGH else None
            found[n][leaf] = {"mean": _exact(mean), "marks": number}
    return found


def _estimates(evaluation: Evaluation, n: int) -> dict[str, str | None]:
    calibration, sure = evaluation.calibration, evaluation.uncertainty
    if calibration is None or sure is None:
        return dict.fromkeys((*ESTIMATES, "zone"))
    score = evaluation.scores.score.value(n)
    numbers = (
        calibration.standard_error, sure.chance, sure.expected_rank, sure.rank_low, sure.rank_high,
    )  # fmt: skip
    zone = sure.zone[n]
    return {
        "calibrated": None if score is None else decimal_text(score, PLACES),
        **{name: _estimate(column[n]) for name, column in zip(ESTIMATES[1:], numbers, strict=True)},
        "zone": None if zone is None else zone.value,
    }


def _uncertainty(sure: Uncertainty | None) -> dict[str, Any] | None:
    """Of each group how many are certain, in the tie zone and out of reach, and how sure that is."""
    if sure is None:
        return None
    return {
        "confidence": _exact(sure.confidence),
        "draws": sure.draws,
        "groups": [
            {
                "group": group.group,
                "certain": group.certain,
                "tied": group.tied,
                "out": group.out,
                "held": _estimate(group.held),
                "certified": group.certified,
            }
            for group in sure.groups
        ],
    }


def _panel(sheets: Sheets, calibration: Calibration | None) -> dict[str, Any]:
    """Size of the panel, its sheets, and the severities, the harshest first: nobody can be told by their place."""
    used = (sheets.status == Status.MARK).any(axis=1) if sheets.leaves else np.zeros(0, bool)
    severities: list[dict[str, str | None]] = []
    if calibration is not None:
        known = np.flatnonzero(~np.isnan(calibration.severity))
        known = known[np.argsort(-calibration.severity[known], kind="stable")]
        severities = [
            {
                "severity": _estimate(calibration.severity[n]),
                "standard_error": _estimate(calibration.severity_error[n]),
            }
            for n in known
        ]
    return {
        "reviewers": len(sheets.reviewers),
        "slots": len(sheets),
        "sheets": int(used.sum()),
        "severity": severities,
    }


def _exact(value: Fraction | None) -> str | None:
    return None if value is None else exact_text(value)


def _fraction(text: str | None) -> Fraction | None:
    return None if text is None else Fraction(text)


def _estimate(value: float) -> str | None:
    return None if math.isnan(value) else f"{value:.{PLACES}f}"
