"""Runs of a study, in whatever order and place, and what they come to."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from simsa.engine.simulation import World
from simsa.engine.studies.plan import Design, Method, Plan
from simsa.engine.studies.scoring import scores
from simsa.engine.studies.truth import truth

Floats = NDArray[np.float64]
Spread = Callable[[Callable[["Part"], Floats], Sequence["Part"]], Iterable[tuple[int, Floats]]]
"""Computes a function at each of several parts, somewhere, and yields (number of the part, result) as they come."""

TOGETHER = 5
"""Runs that are computed in one go."""
MEASURES = 4  # lost, right, all right, spent


@dataclass(frozen=True)
class Part:
    """Some runs of one design of a plan."""

    plan: Plan
    design: Design
    first: int
    last: int


@dataclass(frozen=True)
class Row:
    """What one method came to under one design, over `runs` runs. Errors are standard errors of the mean.

    - `lost`: points of true total per place that the right choice would have had more; `right`: share of the places
      that go to the truly best; `all_right`: share of runs in which all do; `spent`: reviews per entry.
    - `bought_right`, `bought`: what each review per entry has added to `right` and taken off `lost` since the design
      with fewer reviews (`since`) and the same panel, from the same rounds; NaN for the first.
    """

    design: Design
    method: Method
    runs: int
    lost: float
    lost_error: float
    right: float
    right_error: float
    all_right: float
    spent: float
    since: int | None = None
    bought: float = math.nan
    bought_error: float = math.nan
    bought_right: float = math.nan
    bought_right_error: float = math.nan


@dataclass(frozen=True)
class Study:
    """The rows of a study, by panel, reviews and method; a method that a design is too small for has none."""

    plan: Plan
    rows: tuple[Row, ...]
    method: str


def in_turn(work: Callable[[Part], Floats], parts: Sequence[Part]) -> Iterator[tuple[int, Floats]]:
    """All parts here, one after the other."""
    for number, part in enumerate(parts):
        yield number, work(part)


def study(plan: Plan, *, spread: Spread = in_turn, progress: Callable[[int, int], None] | None = None) -> Study:
    """The study that `plan` asks for. `progress(runs done, runs in all)`; `spread` says where runs are computed."""
    parts = [
        Part(plan, design, first, min(first + TOGETHER, plan.runs))
        for design in plan.designs
        for first in range(0, plan.runs, TOGETHER)
    ]
    found: dict[Design, Floats] = {
        design: np.full((plan.runs, len(plan.methods), MEASURES), np.nan) for design in plan.designs
    }
    done, total = 0, plan.runs * len(plan.designs)
    for number, result in spread(played, parts):
        part = parts[number]
        found[part.design][part.first : part.last] = result
        done += part.last - part.first
        if progress is not None:
            progress(done, total)
    how = (
        f"{plan.runs} synthetic rounds of every design, seed {plan.seed}; random balanced assignment, loads even, "
        "within half as much again where adaptive"
    )
    return Study(plan, tuple(_rows(plan, found)), how)


def played(part: Part) -> Floats:
    """Runs `first` to `last` of a design: lost, right, all right and spent, shape (runs, methods, 4)."""
    plan, design = part.plan, part.design
    reviewers = tuple(f"r{n}" for n in range(1, design.reviewers + 1))
    result = np.full((part.last - part.first, len(plan.methods), MEASURES), np.nan)
    for row, run in enumerate(range(part.first, part.last)):
        world = World(plan.rules, len(plan.entries), reviewers, plan.settings, f"{plan.seed} {run}")
        true = truth(plan, world)
        best, places = _chosen(plan, true), sum(plan.places(name) for name in plan.entries.groups)
        for method, (score, spent) in scores(plan, design, world).items():
            chosen = _chosen(plan, score)
            right = int((chosen & best).sum())
            lost = float(true[best].sum() - true[chosen].sum()) / places
            result[row, plan.methods.index(method)] = lost, right / places, right == places, spent
    return result


def _chosen(plan: Plan, score: Floats) -> NDArray[np.bool_]:
    """Who fills the places by score; without a score only when nobody else is left."""
    chosen = np.zeros(len(score), bool)
    for position, name in enumerate(plan.entries.groups):
        members = np.flatnonzero(plan.entries.group_index == position)
        order = members[np.argsort(-score[members], kind="stable")]
        chosen[order[: plan.places(name)]] = True
    return chosen


def _rows(plan: Plan, found: dict[Design, Floats]) -> Iterator[Row]:
    for design in sorted(found):
        fewer = [other for other in found if other.reviewers == design.reviewers and other.reviews < design.reviews]
        before = max(fewer, default=None)
        for column, method in enumerate(plan.methods):
            values = found[design][:, column]
            if np.isnan(values).all():
                continue
            mean, error = _mean(values)
            row = Row(
                design,
                method,
                plan.runs,
                float(mean[0]),
                float(error[0]),
                float(mean[1]),
                float(error[1]),
                float(mean[2]),
                float(mean[3]),
            )
            if before is not None and not np.isnan(found[before][:, column]).all():
                steps = float((values[:, 3] - found[before][:, column, 3]).mean())  # that were spent
                gain, doubt = _mean((values - found[before][:, column]) / (steps if steps > 0 else math.nan))
                row = replace(
                    row,
                    since=before.reviews,
                    bought=-float(gain[0]),
                    bought_error=float(doubt[0]),
                    bought_right=float(gain[1]),
                    bought_right_error=float(doubt[1]),
                )
            yield row


def _mean(values: Floats) -> tuple[Floats, Floats]:
    """Means over runs and their standard errors; of one run these are not known."""
    runs = len(values)
    error = values.std(axis=0, ddof=1) / math.sqrt(runs) if runs > 1 else np.full(values.shape[1], np.nan)
    return values.mean(axis=0), error
