"""From sheets to calibrated scores: statistics, fit, predictions, blocks and notes."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from simsa.engine.calibration.arrays import Integers
from simsa.engine.calibration.criterion import IteratedPoint, Point, evaluate
from simsa.engine.calibration.design import Design
from simsa.engine.calibration.iterative import DRAWS, PROBES
from simsa.engine.calibration.notes import notes_of
from simsa.engine.calibration.reml import Fit, minimise
from simsa.engine.calibration.result import Blocks, Calibration
from simsa.engine.calibration.sheets import checked_sheets
from simsa.engine.calibration.statistics import Data, collect


def calibrate(
    score: ArrayLike,
    entrant: ArrayLike,
    reviewer: ArrayLike,
    *,
    n_entrants: int,
    n_reviewers: int,
    group: ArrayLike | None = None,
    progress: Callable[[int, float], None] | None = None,
) -> Calibration:
    """Estimate every entrant's quality and every reviewer's severity from `n` sheets.

    `score` float (n,), any unit; `entrant`, `reviewer` int (n,), positions below `n_entrants` and `n_reviewers`;
    `group` int (n_entrants,), the group of each entrant from 0, or None for a single one. A pair may occur more than
    once. A missing sheet is simply not passed. `progress(iteration, criterion)` is called after each step of the
    optimiser. Nothing else is chosen: the variances are estimated, and `notes` says where they could not be.

    CalibrationError when shapes differ, positions are out of range, a score is not finite, or there is no sheet.
    The order of the sheets does not matter (beyond rounding).
    """
    data = collect(*checked_sheets(score, entrant, reviewer, n_entrants, n_reviewers, group))
    design = Design.of(data)
    if data.constant or data.freedom == 0:
        fit = Fit(evaluate(data, np.array([0.0, 0.0, 1.0])), 0, True, 0.0)
    else:
        fit = minimise(data, design, progress or (lambda iteration, criterion: None))
    return _result(data, design, fit)


def _result(data: Data, design: Design, fit: Fit) -> Calibration:
    point = fit.point
    sigma, ratio = data.unit * math.sqrt(point.variance), point.ratio
    posterior, score_variance, mean_variance, severity_variance = point.errors(sigma)
    mean = data.centre + data.unit * point.mean
    severity = -data.unit * point.effect[1]
    if not design.estimable[1]:
        severity = severity_variance = np.full(len(data.reviewers), np.nan)
    variance = np.where(design.estimable, [*ratio, 1.0], np.nan) * sigma**2
    n_entrants, n_groups = len(data.all_groups), int(data.all_groups.max()) + 1
    blocks = _blocks(data)
    return Calibration(
        score=_filled(mean[data.group] + data.unit * point.effect[0], data.entrants, n_entrants),
        standard_error=_filled(np.sqrt(score_variance), data.entrants, n_entrants),
        severity=_filled(severity, data.reviewers, data.n_reviewers),
        severity_error=_filled(np.sqrt(severity_variance), data.reviewers, data.n_reviewers),
        sheets_per_entrant=_filled(data.sheets.astype(np.int64), data.entrants, n_entrants, 0),
        sheets_per_reviewer=_filled(data.sheets_by.astype(np.int64), data.reviewers, data.n_reviewers, 0),
        group_mean=_filled(mean, data.groups, n_groups),
        group_mean_error=_filled(np.sqrt(mean_variance), data.groups, n_groups),
        entrant_variance=float(variance[0]),
        reviewer_variance=float(variance[1]),
        residual_variance=float(variance[2]),
        criterion=point.criterion,
        iterations=fit.iterations,
        converged=fit.converged,
        notes=tuple(notes_of(data, design, fit, blocks)),
        blocks=blocks,
        method=_method(data, point),
        _posterior=posterior,
    )


def _filled(values: NDArray[Any], where: Integers, size: int, empty: float = math.nan) -> NDArray[Any]:
    """`values` at the positions `where`, `empty` elsewhere; read-only."""
    result = np.full(size, empty, values.dtype)
    result[where] = values
    result.flags.writeable = False
    return result


def _blocks(data: Data) -> Blocks:
    entrants, reviewers = data.count.shape
    pairs = data.count.tocoo()
    nodes = entrants + reviewers
    graph = csr_array((pairs.data, (pairs.row, pairs.col + entrants)), shape=(nodes, nodes))
    count, label = connected_components(graph, directed=False)
    label = label.astype(np.int64)
    entrant = _filled(label[:entrants], data.entrants, len(data.all_groups), -1)
    reviewer = _filled(label[entrants:], data.reviewers, data.n_reviewers, -1)
    return Blocks(entrant, reviewer, int(count))


def _method(data: Data, point: Point) -> str:
    entrants, reviewers = data.count.shape
    gone = "entrants" if point.kept else "reviewers"
    given = "their errors are given the variances"
    if isinstance(point, IteratedPoint):
        given = (
            f"{given}; equations solved by conjugate gradients, determinant and traces from {PROBES} fixed random "
            f"signs, errors from {DRAWS} fixed draws of the posterior"
        )
    return (
        f"crossed random effects with group means (entrants {entrants}, reviewers {reviewers}, groups "
        f"{len(data.groups)}, sheets {int(data.sheets.sum())}); variances by restricted maximum likelihood, "
        f"average-information Newton on their shares with {gone} eliminated; scores are best linear unbiased "
        f"predictions, {given}"
    )
