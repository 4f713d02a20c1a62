"""What was special about the data or the fit, as the notes of a result."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from simsa.engine.calibration.arrays import Floats, Integers
from simsa.engine.calibration.design import Design
from simsa.engine.calibration.reml import Fit
from simsa.engine.calibration.result import Blocks, Note, NoteCode
from simsa.engine.calibration.statistics import Data


def notes_of(data: Data, design: Design, fit: Fit, blocks: Blocks, variance: Floats) -> Iterator[Note]:
    """`variance` (3,): the estimates, which reviewers' own scales and noises may have moved away from `fit`."""
    yield from design_notes(data, COMPONENTS, design.estimable, design.confounded)
    yield from _fit_notes(data, design, fit, variance)
    yield from panel_notes(data, blocks)


def design_notes(data: Data, names: Sequence[str], estimable: NDArray[np.bool_], confounded: Floats) -> Iterator[Note]:
    """What the design does not tell: `names` of the components, whether each is `estimable`, and the directions
    (components, k) along which they are `confounded`."""
    if len(data.reviewers) == 1:
        yield Note(NoteCode.SINGLE_REVIEWER, {"reviewer": int(data.reviewers[0])})
    for name, free in zip(names, estimable, strict=True):
        if not free:
            yield Note(NoteCode.NOT_ESTIMABLE, {"component": name})
    mixed = np.abs(confounded).max(axis=1, initial=0) > 0
    if mixed.any():
        yield Note(NoteCode.INSEPARABLE, {"components": tuple(itertools.compress(names, mixed))})


def panel_notes(data: Data, blocks: Blocks) -> Iterator[Note]:
    """Who has few sheets or none, and what falls apart."""
    once = int(np.sum(data.sheets == 1))
    if once:
        yield Note(NoteCode.FEW_SHEETS, {"entrants": once})
    if blocks.count > 1:
        yield Note(NoteCode.DISCONNECTED, {"blocks": blocks.count, "groups": _cut_groups(data, blocks)})
    yield from _absence_notes(data)


COMPONENTS = ("entrant", "reviewer", "residual")


def _fit_notes(data: Data, design: Design, fit: Fit, estimate: Floats) -> Iterator[Note]:
    if data.constant:
        yield Note(NoteCode.CONSTANT_SCORES)
        return
    for part, name in enumerate(COMPONENTS[:2]):
        if design.estimable[part] and estimate[part] == 0:
            yield Note(NoteCode.ZERO_VARIANCE, {"component": name})
    if fit.point.data.held is not None:
        variance = fit.point.variance * data.unit**2
        yield Note(NoteCode.ZERO_VARIANCE, {"component": "residual", "variance": variance})
    if not fit.converged:
        yield Note(NoteCode.NOT_CONVERGED, {"decrease": fit.decrease})


def _cut_groups(data: Data, blocks: Blocks) -> tuple[int, ...]:
    """Groups whose entrants lie in more than one block."""
    label = blocks.entrant[data.entrants]
    groups = len(data.groups)
    low, high = np.full(groups, blocks.count), np.full(groups, -1)
    np.minimum.at(low, data.group, label)
    np.maximum.at(high, data.group, label)
    return tuple(sorted(data.groups[low < high].tolist()))


def _absence_notes(data: Data) -> Iterator[Note]:
    lone = data.groups[np.bincount(data.group) == 1]
    if len(lone):
        yield Note(NoteCode.LONE_ENTRANT_GROUPS, {"groups": tuple(sorted(lone.tolist()))})
    empty = _absent(int(data.all_groups.max()) + 1, data.groups)
    if len(empty):
        yield Note(NoteCode.EMPTY_GROUPS, {"groups": tuple(empty.tolist())})
    for code, name, known, count in (
        (NoteCode.ENTRANTS_WITHOUT_SHEETS, "entrants", data.entrants, len(data.all_groups)),
        (NoteCode.REVIEWERS_WITHOUT_SHEETS, "reviewers", data.reviewers, data.n_reviewers),
    ):
        absent = _absent(count, known)
        if len(absent):
            yield Note(code, {name: tuple(absent.tolist())})


def _absent(count: int, known: Integers) -> Integers:
    there = np.zeros(count, np.bool_)
    there[known] = True
    return np.flatnonzero(~there)
