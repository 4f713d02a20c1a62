"""The next batch of reviews of an adaptive round: which entries, by whom, and what it is expected to bring."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from simsa.engine.adaptive.allotment import allot
from simsa.engine.adaptive.budget import Budget, budget, first_sheets, withdrawn
from simsa.engine.adaptive.gain import Field, expected_gain
from simsa.engine.adaptive.matching import NOBODY, Candidates, Desk, Pairs, joined
from simsa.engine.adaptive.reviewers import voices
from simsa.engine.calibration import Calibration
from simsa.engine.exact import Column
from simsa.engine.inputs import Entries, InputError, Reviewers, Sheets
from simsa.engine.selection import Uncertainty, uncertainty
from simsa.engine.slots import ConflictPair
from simsa.engine.tally import Tally
from simsa.rules import Rules

DRAWS = 4000
_TRIES = 8
_GAIN_STREAM = 2**32 - 1  # of the seed's streams the last; the chances take the first


class Stop(StrEnum):
    """Why no more reviews go to entries in doubt."""

    SPENT = "spent"
    """All reviews have been given out."""
    ALIKE = "alike"
    """The sheets tell no entries apart: there is no doubt that could be shared out."""
    NOTHING_OPEN = "nothing_open"
    """The draws agree about every place."""
    NOBODY = "nobody"
    """Nobody may score an entry that is in doubt: conflicts, loads, or everybody has."""
    GAIN = "gain"
    """The expected gain is below what the rules ask for."""


@dataclass(frozen=True, eq=False)
class NextReviews:
    """The next batch, or why there is none.

    - `entry`, `reviewer` int64 (k,): the proposed pairs, by entry and reviewer. Where `stop` says why there is no
      batch, only those that make up for reviews of the first round that were lost.
    - `chance`, `doubt` (entries,): of winning (NaN: cannot be told), and that two draws of the true scores disagree.
    - `wanted`, `owed` int64 (entries,): reviews that each entry gets now, and how many of them make up for lost ones.
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
    owed: NDArray[np.int64]
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
    most: NDArray[np.int64] | None = None,
    calibrated: Column | None = None,
    seed: int = 0,
    draws: int = DRAWS,
) -> NextReviews:
    """The next batch that the rules' [adaptive] allows, from the sheets so far.

    `sheets` hold every slot that was given out. `reviewers`: the panel, of which those of `sheets` must be members;
    `forbidden`: conflicts, as positions in it. `affinity` (entry, reviewer, value): the candidates, of whom the best
    fitting are chosen; without, those who tell most. `most` (reviewers,): how many entries each takes in all of their
    own accord. Whoever is too noisy is not asked, and no limit of the rules' [panel] is passed. An entry that has fewer
    slots than the first round gives is made up for first. `calibrated` as in `select`; `seed` (0 to less than 2**96) of
    the draws. InputError for rules that hold nothing back, and for inputs that do not belong together.
    """
    plan = budget(rules, len(entries), sheets)
    place = _places(sheets, reviewers)
    heard = voices(calibration, _inverse(place, len(reviewers.ids)))
    told = heard.information
    sure = uncertainty(rules, entries, tally, calibration, calibrated=calibrated, seed=seed, draws=draws)
    chance = np.nan_to_num(sure.chance, nan=0.0)
    doubt = 2 * chance * (1 - chance)
    stake = doubt * np.nan_to_num(calibration.standard_error, nan=0.0) ** 2

    met, stands = (sheets.entry, place[sheets.reviewer]), ~withdrawn(sheets)
    given = met[0][stands], met[1][stands]
    lost = np.maximum(first_sheets(rules) - np.bincount(given[0], minlength=len(entries)), 0)
    if affinity is None:
        candidates = Candidates.every(np.flatnonzero((stake > 0) | (lost > 0)), told / np.median(told))
    else:
        candidates = Candidates(*affinity)
    width = len(reviewers.ids)
    free = candidates.where(~heard.noisy[candidates.reviewer]).without(met, width).without(_positions(forbidden), width)
    desk = Desk.of(rules, len(entries), reviewers, given, free, plan.total, most)

    pairs = made_up = _batch(desk, lost.astype(np.float64), plan.left, lost)
    stop, gain, error = _no_need(plan, calibration, stake), np.nan, np.nan
    if stop is None:
        pairs = joined(made_up, _batch(desk.after(made_up), stake, plan.size - len(made_up[0])))
        stop = None if len(pairs[0]) else Stop.NOBODY
    if stop is None:
        brought = np.bincount(pairs[0], told[pairs[1]], len(entries)).astype(np.float64)
        fields, stream = _fields(rules, entries, sure), (seed << 32) + _GAIN_STREAM
        gain, error = expected_gain(calibration, fields, doubt, brought, draws=draws, seed=stream)
        if rules.adaptive is not None and gain < rules.adaptive.least_gain:
            pairs, stop = made_up, Stop.GAIN
    order = np.lexsort((pairs[1], pairs[0]))
    return NextReviews(
        entry=pairs[0][order],
        reviewer=pairs[1][order],
        chance=sure.chance,
        doubt=doubt,
        wanted=np.bincount(pairs[0], minlength=len(entries)),
        owed=np.bincount(made_up[0], minlength=len(entries)),
        information=told,
        skipped=np.flatnonzero(heard.noisy),
        gain=float(gain),
        gain_error=float(error),
        budget=plan,
        stop=stop,
        method=f"{draws} joint draws of the calibrated scores; reviews by doubt times variance (Webster); "
        "pairs by assignment; gain by the normal approximation",
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


def _positions(forbidden: Sequence[ConflictPair]) -> Pairs:
    pairs = np.array([(pair.entry, pair.reviewer) for pair in forbidden], np.int64).reshape(-1, 2)
    return pairs[:, 0], pairs[:, 1]


def _no_need(plan: Budget, calibration: Calibration, stake: NDArray[np.float64]) -> Stop | None:
    """Why a batch need not even be looked for."""
    if not plan.left:
        return Stop.SPENT
    if not calibration.entrant_variance > 0:  # nor where it is unknown
        return Stop.ALIKE
    return None if stake.any() else Stop.NOTHING_OPEN


def _batch(desk: Desk, stake: NDArray[np.float64], size: int, most: NDArray[np.int64] | None = None) -> Pairs:
    """Up to `size` pairs in proportion to `stake`, of each entry up to `most`; where an entry runs short of reviewers,
    its reviews go to the others."""
    room = desk.room() if most is None else np.minimum(desk.room(), most)
    found = NOBODY
    for _ in range(_TRIES):
        wanted = allot(stake, size, room)
        found = desk.matched(wanted)
        count = np.bincount(found[0], minlength=len(wanted))
        if (count == wanted).all():
            break
        room = np.where(count < wanted, count, room)
    return found


def _fields(rules: Rules, entries: Entries, sure: Uncertainty) -> list[Field]:
    """The contests: of each group those who may win."""
    able = np.array([zone is not None for zone in sure.zone], bool)
    by_group = np.argsort(entries.group_index, kind="stable")
    ends = np.cumsum(np.bincount(entries.group_index, minlength=len(entries.groups)))
    fields = []
    for name, members in zip(entries.groups, np.split(by_group, ends[:-1]), strict=True):
        rule = rules.group(name)
        if rule is not None:
            fields.append(Field(rule.quota.places(len(members)), members[able[members]]))
    return fields
