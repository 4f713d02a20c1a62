"""From marks by criterion to calibrated totals: the model, its fit, predictions and notes."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike

from simsa.engine.calibration.arrays import Floats, Integers, Sparse
from simsa.engine.calibration.criteria.design import CriteriaDesign
from simsa.engine.calibration.criteria.marks import Marks
from simsa.engine.calibration.criteria.reml import Fit, Point, minimise
from simsa.engine.calibration.criteria.result import CriteriaCalibration
from simsa.engine.calibration.crossed import ENTRANTS, REVIEWERS, Crossing
from simsa.engine.calibration.design import Design
from simsa.engine.calibration.notes import COMPONENTS, design_notes, panel_notes
from simsa.engine.calibration.reml import minimise as minimise_totals
from simsa.engine.calibration.result import Note, NoteCode, Places, blocks_of
from simsa.engine.calibration.sheets import CalibrationError, checked_panel, numbers
from simsa.engine.calibration.statistics import Data, collect

MOST_EQUATIONS = 3_000
"""The smaller of entrants and reviewers, plus groups, times criteria: so many equations are factorised densely."""


def calibrate_criteria(
    mark: ArrayLike,
    entrant: ArrayLike,
    reviewer: ArrayLike,
    *,
    n_entrants: int,
    n_reviewers: int,
    weight: ArrayLike,
    unit: ArrayLike | None = None,
    group: ArrayLike | None = None,
    progress: Callable[[int, float], None] | None = None,
) -> CriteriaCalibration:
    """Estimate entrants' qualities and reviewers' severities, in all and by criterion, from `n` sheets.

    `mark` float (n, criteria), NaN where a sheet has none. A total is the sum of the marks times `weight` (criteria,),
    above zero. `unit` (criteria,): the width of each criterion's scale, all equal if not given; an entrant's quality, a
    reviewer's severity and a halo move all marks by the same part of the width. The rest is that of `calibrate`.

    CalibrationError as there, and for a sheet without a mark, a criterion that is never marked in a group with sheets,
    fewer than two criteria, or more than `MOST_EQUATIONS` equations.
    """
    marks, data = _prepared(mark, entrant, reviewer, n_entrants, n_reviewers, weight, unit, group)
    heard = progress or (lambda iteration, criterion: None)
    design = CriteriaDesign.of(marks)
    if marks.freedom <= 0 or not marks.value.any():
        still = Point(marks, np.array([[0.0, 0.0, 1.0], [0.0, 0.0, 1.0]]))
        return _result(marks, data, design, Fit(still, np.zeros((2, 3)), 0, True, 0.0), estimated=False)
    starts, least = _starts(marks, data, design)
    fits = (minimise(marks, start, least, design.confounded, heard) for start in starts)
    fit = min(fits, key=lambda fit: fit.point.criterion)
    fit = replace(fit, point=Point(marks, design.centred(fit.point.variance)))
    return _result(marks, data, design, fit, estimated=True)


def _prepared(
    mark: ArrayLike,
    entrant: ArrayLike,
    reviewer: ArrayLike,
    n_entrants: int,
    n_reviewers: int,
    weight: ArrayLike,
    unit: ArrayLike | None,
    group: ArrayLike | None,
) -> tuple[Marks, Data]:
    y = numbers("mark", mark, 2, "one row per sheet, one column per criterion")
    i, j, g = checked_panel(len(y), "rows of marks", entrant, reviewer, n_entrants, n_reviewers, group)
    if np.isinf(y).any():
        row, column = np.argwhere(np.isinf(y))[0].tolist()
        raise CalibrationError(
            f"mark of sheet {row}, criterion {column} is {y[row, column]}; pass NaN where there is none"
        )
    seen = ~np.isnan(y)
    if not seen.any(axis=1).all():
        row = int(np.flatnonzero(~seen.any(axis=1))[0])
        raise CalibrationError(
            f"sheet {row} (entrant {i[row]}, reviewer {j[row]}) has no mark; leave sheets without a mark out"
        )
    criteria = y.shape[1]
    if criteria < 2:
        raise CalibrationError(f"{criteria} criterion; calibrate its marks as totals")
    w = _positive("weight", weight, criteria)
    units = np.ones(criteria) if unit is None else _positive("unit", unit, criteria)
    data = collect(_totals(y, w, units, g[i]), i, j, g, n_entrants, n_reviewers)
    groups = len(data.groups)
    at = data.group[np.searchsorted(data.entrants, i)]
    there = np.zeros((groups, criteria), bool)
    np.logical_or.at(there, at, seen)
    if not there.all():
        position, column = np.argwhere(~there)[0].tolist()
        raise CalibrationError(
            f"criterion {column} has no mark in group {data.groups[position]}; leave the criterion or the group out"
        )
    crossing = Crossing.of(data, i, j, np.arange(groups), criteria)
    if crossing.size > MOST_EQUATIONS:
        raise CalibrationError(
            f"{min(crossing.levels)} {('entrants', 'reviewers')[crossing.kept]}, {groups} groups and {criteria} "
            f"criteria make {crossing.size} equations, more than {MOST_EQUATIONS}; calibrate totals instead"
        )
    return Marks.of(crossing, y, at, w, units), data


def _positive(name: str, values: ArrayLike, size: int) -> Floats:
    found = numbers(name, values, 1, "a number above zero for each criterion")
    if len(found) != size or not (np.isfinite(found) & (found > 0)).all():
        raise CalibrationError(f"{name} is {found.tolist()}; pass a number above zero for each of {size} criteria")
    return found


def _totals(mark: Floats, weight: Floats, unit: Floats, group: Integers) -> Floats:
    """Totals of what is there, each criterion about its mean in the group and the weight of the rest spread over it."""
    seen = ~np.isnan(mark)
    sums, count = np.zeros((int(group.max()) + 1, len(weight))), np.zeros((int(group.max()) + 1, len(weight)))
    np.add.at(sums, group, np.where(seen, mark, 0.0))
    np.add.at(count, group, seen)
    about = np.where(seen, mark - (sums / np.maximum(count, 1))[group], 0.0)
    return np.asarray(about @ weight * (weight @ unit) / (seen @ (weight * unit)))


def _starts(marks: Marks, data: Data, design: CriteriaDesign) -> tuple[list[Floats], Floats]:
    """Variances to start from, and the least of each: those of totals are fitted to what there is of them.

    Where it is cheap also all of them equal, and hardly a residual: several minima are likeliest in small panels.
    """
    alone = marks.value - (marks.value @ marks.axis / marks.share)[:, None] * marks.axis
    specific = float(np.sum(alone[marks.seen] ** 2)) / max(1, int(np.sum(marks.count - 1)))
    start, least = np.full((2, 3), max(specific, 1e-3) / 3), np.zeros((2, 3))
    least[:, 2] = _LEAST_RESIDUAL
    if not data.constant and data.freedom > 0:
        point = minimise_totals(data, Design.of(data), lambda iteration, criterion: None).point
        scale = (data.unit / marks.total_unit) ** 2
        start[0] = scale * point.variance * np.append(point.ratio, 1.0)
        least[0, 2] = scale * data.least_residual
    start[0] = np.maximum(start[0], 0.02 * start[0].sum())
    starts = [start]
    if marks.crossing.size <= _SMALL:
        starts += [np.full((2, 3), start.mean()), start * [1.0, 1.0, 0.01]]
    # What cannot be estimated is left out; there is always a residual.
    free = design.estimable | (least > 0)
    return [np.where(free, np.maximum(one, least), 0.0) for one in starts], least


_SMALL = 100  # equations
_LEAST_RESIDUAL = 1e-5  # of the variance of standardised marks; of totals it is that of `calibrate`


def _result(marks: Marks, data: Data, design: CriteriaDesign, fit: Fit, *, estimated: bool) -> CriteriaCalibration:
    point, equations, axis = fit.point, fit.point.equations, marks.axis
    groups, places, blocks = np.arange(len(data.groups)), Places(data), blocks_of(data)
    # Without an estimate: no error where all marks are equal, an unknown one where there are too few.
    known = 1.0 if estimated else 0.0 if marks.freedom > 0 else math.nan
    variance = np.where(design.estimable, known * marks.total_unit**2 * point.variance, np.nan)
    weight = marks.total_unit * axis / marks.unit  # of a mark in a total
    scores, severities = equations.scores(groups), equations.lines(REVIEWERS)
    means = equations.fixed_lines(groups), np.zeros((len(groups), len(axis), len(axis)))
    score = marks.centre[data.group] + marks.unit * (point.fixed[data.group] + point.effects[ENTRANTS])
    score_error, total_error = _errors(point, scores, known)
    severity_error, total_severity_error = _errors(point, severities, known)
    told = np.where(design.estimable[:, 1], 1.0, np.nan)
    severity = -marks.unit * point.effects[REVIEWERS]
    return CriteriaCalibration(
        score=places.entrants(score @ weight),
        standard_error=places.entrants(total_error),
        severity=places.reviewers(told[0] * (severity @ weight)),
        severity_error=places.reviewers(told[0] * total_severity_error),
        sheets_per_entrant=places.sheets_per_entrant,
        sheets_per_reviewer=places.sheets_per_reviewer,
        group_mean=places.groups((marks.centre + marks.unit * point.fixed) @ weight),
        group_mean_error=places.groups(_errors(point, means, known)[1]),
        entrant_variance=float(variance[0, 0]),
        reviewer_variance=float(variance[0, 1]),
        residual_variance=float(variance[0, 2]),
        criterion=point.criterion if estimated else -math.inf if marks.freedom > 0 else math.nan,
        iterations=fit.iterations,
        converged=fit.converged,
        notes=(*_notes(marks, data, design, fit, variance), *panel_notes(data, blocks)),
        blocks=blocks,
        method=_method(marks, data),
        share=axis**2,
        criterion_score=places.entrants(score),
        criterion_error=places.entrants(score_error),
        criterion_severity=places.reviewers(told.prod() * severity),
        criterion_severity_error=places.reviewers(told.prod() * severity_error),
        marks_per_criterion=marks.seen.sum(axis=0),
        entrant_specific=float(variance[1, 0]),
        reviewer_specific=float(variance[1, 1]),
        residual_specific=float(variance[1, 2]),
        _posterior=equations.posterior(*equations.along(*scores, axis), known * marks.total_unit),
    )


def _errors(point: Point, lines: tuple[Sparse, Floats], known: float) -> tuple[Floats, Floats]:
    """Standard errors by criterion (n, criteria) and of the total (n,), in their units."""
    marks, equations = point.marks, point.equations
    total = equations.variances(*equations.along(*lines, marks.axis))[:, 0]
    each = equations.variances(*lines)
    return known * marks.unit * np.sqrt(each), known * marks.total_unit * np.sqrt(total)


def _notes(marks: Marks, data: Data, design: CriteriaDesign, fit: Fit, variance: Floats) -> Iterator[Note]:
    names = [*COMPONENTS, *(f"{name}_specific" for name in COMPONENTS)]
    yield from design_notes(data, names, design.estimable.ravel(), design.confounded)
    if not marks.value.any():
        yield Note(NoteCode.CONSTANT_SCORES)
        return
    held = fit.point.variance.ravel()
    for part, (name, free, value) in enumerate(zip(names, design.estimable.ravel(), variance.ravel(), strict=True)):
        if free and value == 0:
            yield Note(NoteCode.ZERO_VARIANCE, {"component": name})
        if part % 3 == 2 and free and held[part] <= fit.least[part // 3, 2]:
            yield Note(NoteCode.ZERO_VARIANCE, {"component": name, "variance": float(value)})
    if not fit.converged:
        yield Note(NoteCode.NOT_CONVERGED, {"decrease": fit.decrease})


def _method(marks: Marks, data: Data) -> str:
    entrants, reviewers = data.count.shape
    cells = marks.seen.size
    return (
        f"crossed random effects by criterion with a halo (entrants {entrants}, reviewers {reviewers}, groups "
        f"{len(data.groups)}, criteria {len(marks.axis)}, sheets {len(marks.seen)}, marks {int(marks.seen.sum())} of "
        f"{cells}); six variances by restricted maximum likelihood, average-information Newton with "
        f"{('entrants', 'reviewers')[1 - marks.crossing.kept]} eliminated; scores are best linear unbiased predictions "
        "of complete sheets' totals, their errors are given the variances"
    )
