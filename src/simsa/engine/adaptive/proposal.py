"""The next batch of reviews of an adaptive round: which entries, by whom, and what it is expected to bring."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from simsa.engine.adaptive.allotment import allot
from simsa.engine.adaptive.budget import Budget, budget
from simsa.engine.adaptive.gain import Field, expected_gain
from simsa.engine.adaptive.matching import Desk, Pairs
from simsa.engine.adaptive.reviewers import information, noisy
from simsa.engine.calibration import Calibration
from simsa.engine.exact import Column
from simsa.engine.inputs import Entries, InputError, Reviewers, Sheets, Status
from simsa.engine.selection import Uncertainty, uncertainty
from simsa.engine.slots import ConflictPair
from simsa.engine.tally import Tally
from simsa.rules import Rules

DRAWS = 4000
_TRIES = 8


class Stop(StrEnum):
    """Why there is no next batch."""

    SPENT = "spent"
    """All reviews have been given out."""
    NOTHING_OPEN = "nothing_open"
    """The draws agree about every place."""
    NOBODY = "nobody"
    """Nobody may score an entry that is in doubt: conflicts, loads, or everybody has."""
    GAIN = "gain"
    """The expected gain is below what the rules ask for."""


@dataclass(frozen=True, eq=False)
class NextReviews:
    """The next batch, or why there is none.

    - `entry`, `reviewer` int64 (k,): the proposed pairs, by entry and reviewer; none where `stop` says why.
    - `chance`, `doubt` (entries,): of winning, and that two draws of the true scores disagree on it.
    - `wanted` int64 (entries,): reviews that each entry gets in this batch.
    - `information` (reviewers,): what one sheet tells, in 1 / points squared; `skipped`: positions of those who are too
      noisy to be asked.
    - `gain`, `gain_error`: points of true quality per place that the batch is expected to bring, with the standard
      error of that estimate; NaN where no batch could be made.
    """

    entry: NDArray[np.int64]
    reviewer: NDArray[np.int64]
    chance: NDArray[np.float64]
    doubt: NDArray[np.float64]
    wanted: NDArray[np.int64]
    information: NDArray[np.float64]
    skipped: NDArray[np.int64]
    gain: float
    gain_error: float
    budget: Budget
    stop: Stop | None
    method: str


def next_reviews(
    rules: Rules,
    entries: Entries,
    sheets: Sheets,
    tally: Tally,
    calibration: Calibration,
    reviewers: Reviewers,
    *,
    forbidden: Sequence[ConflictPair] = (),
    affinity: tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]] | None = None,
    calibrated: Column | None = None,
    seed: int = 0,
    draws: int = DRAWS,
) -> NextReviews:
    """The next batch that the rules' [adaptive] allows, from the sheets so far.

    `reviewers`: the panel, of which those of `sheets` must be members; `forbidden`: conflicts, as positions in it.
    `affinity` (entry, reviewer, value): the candidates, of whom the best fitting are chosen; without, those who tell
    most. Whoever is too noisy is not asked, and no limit of the rules' [panel] is passed. `calibrated` as in `select`;
    `seed` (0 to less than 2**95) of the draws. InputError for rules that hold nothing back, and for inputs that do not
    belong together.
    """
    plan = budget(rules, len(entries), sheets)
    place = _places(sheets, reviewers)
    told = information(calibration, _inverse(place, len(reviewers.ids)))
    loud = noisy(told)
    sure = uncertainty(rules, entries, tally, calibration, calibrated=calibrated, seed=seed, draws=draws)
    chance = np.nan_to_num(sure.chance, nan=0.0)
    doubt = 2 * chance * (1 - chance)
    stake = doubt * np.nan_to_num(calibration.standard_error, nan=0.0) ** 2
    withdrawn = (sheets.status == Status.RECUSED).all(axis=1) if sheets.leaves else np.zeros(len(sheets), bool)
    desk = Desk.of(
        rules,
        len(entries),
        reviewers,
        (sheets.entry[~withdrawn], place[sheets.reviewer[~withdrawn]]),
        (sheets.entry[withdrawn], place[sheets.reviewer[withdrawn]]),
        forbidden,
        ~loud,
        told if affinity is None else affinity[2],
        None if affinity is None else affinity[:2],
        plan.total,
    )
    stop: Stop | None = None
    pairs = np.zeros(0, np.int64), np.zeros(0, np.int64)
    gain = error = np.nan
    if not plan.left:
        stop = Stop.SPENT
    elif not stake.any():
        stop = Stop.NOTHING_OPEN
    else:
        pairs = _batch(desk, stake, plan.size)
        brought = np.bincount(pairs[0], told[pairs[1]], len(entries)).astype(np.float64)
        fields = _fields(rules, entries, sure)
        gain, error = expected_gain(calibration, fields, doubt, brought, draws=draws, seed=seed + 2**95)
        if not len(pairs[0]):
            stop = Stop.NOBODY
        elif rules.adaptive is not None and gain < rules.adaptive.least_gain:
            stop = Stop.GAIN
    if stop is not None:
        pairs = np.zeros(0, np.int64), np.zeros(0, np.int64)
    return NextReviews(
        entry=pairs[0],
        reviewer=pairs[1],
        chance=sure.chance,
        doubt=doubt,
        wanted=np.bincount(pairs[0], minlength=len(entries)),
        information=told,
        skipped=np.flatnonzero(loud),
        gain=float(gain),
        gain_error=float(error),
        budget=plan,
        stop=stop,
        method=f"{draws} joint draws of the calibrated scores; reviews by doubt times variance (Webster); "
        "pairs by the rules' assignment; gain by the normal approximation",
    )


def _places(sheets: Sheets, reviewers: Reviewers) -> NDArray[np.int64]:
    """Position in the panel of each reviewer of the sheets."""
    unknown = [key for key in sheets.reviewers if key not in reviewers.index]
    if unknown:
        raise InputError(f"reviewer {unknown[0]!r} has sheets and is not on the panel; add the row to the reviewers")
    return np.array([reviewers.index[key] for key in sheets.reviewers], np.int64)


def _inverse(place: NDArray[np.int64], size: int) -> NDArray[np.int64]:
    found = np.full(size, -1, np.int64)
    found[place] = np.arange(len(place))
    return found


def _batch(desk: Desk, stake: NDArray[np.float64], size: int) -> Pairs:
    """Up to `size` pairs; where reviewers run short at an entry, its reviews go to the others in doubt."""
    room = desk.room()
    entry, reviewer = np.zeros(0, np.int64), np.zeros(0, np.int64)
    for _ in range(_TRIES):
        wanted = allot(stake, size, room)
        if not wanted.any():
            break
        entry, reviewer = desk.matched(wanted)
        found = np.bincount(entry, minlength=len(wanted))
        if (found == wanted).all():
            break
        room = np.where(found < wanted, found, room)
    order = np.lexsort((reviewer, entry))
    return entry[order], reviewer[order]


def _fields(rules: Rules, entries: Entries, sure: Uncertainty) -> list[Field]:
    """The contests: of each group those who may win."""
    able = np.array([zone is not None for zone in sure.zone], bool)
    fields = []
    for position, name in enumerate(entries.groups):
        rule, members = rules.group(name), np.flatnonzero(entries.group_index == position)
        if rule is not None:
            fields.append(Field(rule.quota.places(len(members)), members[able[members]]))
    return fields
