"""How sure a selection is: chance, expected rank and tie zone of every entrant, from joint draws of the scores.

The tie zone of a group holds the entrants whose order around the quota line the panel cannot tell. In every draw of the
true scores some entrants win. Those outside the zone are *certain* or *out*, and the zone is as small as it can be so
that in at least `confidence` of the draws all the certain ones win and all those that are out lose, jointly: the true
winners are then the certain ones and some of the zone. It takes entrants in the order of their doubt,
min(chance, 1 - chance), equals together; so a certified zone at less confidence lies within one at more.

Source: uncertainty regions of level sets with the parametric family of marginal probabilities (Bolin & Lindgren 2015,
doi:10.1111/rssb.12055), with the quota line in place of the level; ranks from joint draws as Goldstein & Spiegelhalter
1996, doi:10.2307/2983325. Diagnostics in floating point; what makes a zone the same elsewhere is in `GroupZone`.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from simsa.engine.calibration import Scores
from simsa.engine.exact import THERE, Column
from simsa.engine.inputs import Entries, InputError
from simsa.engine.selection.contest import Contest
from simsa.engine.selection.order import eligible, ranking_score
from simsa.engine.tally import Tally
from simsa.rules import Rules

CONFIDENCE = Fraction(9, 10)
"""Of the tie zone, where the rules declare no lottery."""
RANK_INTERVAL = Fraction(95, 100)
"""Of the interval of ranks: its ends leave half of the rest on either side."""
MARGIN = 1e-6
"""In standard errors (the group's greatest): two drawn scores nearer than this may be in another order elsewhere."""
_BLOCK = 2**23  # numbers drawn at a time: 64 MB


class Zone(StrEnum):
    """On which side of the quota line the panel's sheets put an entrant."""

    CERTAIN = "certain"
    TIE = "tie"
    OUT = "out"


@dataclass(frozen=True)
class GroupZone:
    """The tie zone of one group.

    Of `contested` entrants for `places` places, `certain` win, `tied` are in the zone and `out` lose; in the share
    `held` of the draws that is so. `certified`: any computation whose drawn scores differ from these by less than half
    of `MARGIN` comes to the same zone. Where that cannot be said, a draw within the margin is a declared tie: whoever
    might come next is in the zone, too.
    """

    group: str
    places: int
    contested: int
    certain: int
    tied: int
    out: int
    held: float
    certified: bool


@dataclass(frozen=True, eq=False)
class Uncertainty:
    """Per entry, shape (n,): `chance` of a place, `expected_rank` in its group (1 is best), `rank_low` and `rank_high`,
    the ends of the interval that holds `RANK_INTERVAL` of the draws, and `zone`.

    NaN and None: no result, or no calibrated score with an error. Whom a threshold or floor bars has chance 0, and
    neither rank nor zone. In groups of more than 2,896 the ends of the intervals are those of classes of ranks, the
    outer ones.
    """

    confidence: Fraction
    draws: int
    chance: NDArray[np.float64]
    expected_rank: NDArray[np.float64]
    rank_low: NDArray[np.float64]
    rank_high: NDArray[np.float64]
    zone: tuple[Zone | None, ...]
    groups: tuple[GroupZone, ...]
    method: str

    def ranks(self, n: int) -> tuple[float, float, float] | None:
        """The expected rank of the entry at position `n`, and the ends of its interval; None where it has none."""
        found = (float(self.expected_rank[n]), float(self.rank_low[n]), float(self.rank_high[n]))
        return None if np.isnan(found[0]) else found

    def members(self, entries: Entries, group: str, zone: Zone) -> tuple[int, ...]:
        """Positions of the entries of `group` in `zone`."""
        return tuple(
            n for n, (own, at) in enumerate(zip(entries.group, self.zone, strict=True)) if own == group and at is zone
        )


def uncertainty(
    rules: Rules,
    entries: Entries,
    tally: Tally,
    calibration: Scores,
    *,
    confidence: Fraction | None = None,
    seed: int = 0,
    draws: int | None = None,
    calibrated: Column | None = None,
) -> Uncertainty:
    """How sure the selection of `tally` is, by `calibration`.

    `confidence` (0.5 to less than 1) and `draws` (1 or more) are those of the rules' lottery if not given, else
    `CONFIDENCE` and 4,000; `seed` (0 to less than 2**96) that of the draws; `calibrated` as in `select`. InputError for
    one out of range, or for a tally of other rules or entries.
    """
    lottery = rules.lottery
    sure = confidence if confidence is not None else lottery.confidence if lottery else CONFIDENCE
    count = draws if draws is not None else lottery.draws if lottery else 4000
    if not Fraction(1, 2) <= sure < 1 or count < 1 or not 0 <= seed < 2**96:
        raise InputError(f"confidence {sure}, draws {count}, seed {seed}: 0.5 to less than 1, 1 or more, 0 to 2**96")
    if tally.rules_hash != rules.hash or tally.entries != entries.ids or len(calibration.score) != len(entries):
        raise InputError("the tally or the calibration was made under other rules or of other entries")
    ranked = ranking_score(rules, tally, calibrated)
    known = (ranked.state == THERE) & ~np.isnan(calibration.standard_error)
    able = eligible(rules, entries.group, tally.values, ranked) & known
    contests = _contests(rules, entries, calibration, np.flatnonzero(able))
    _draw(contests, calibration, np.flatnonzero(able), seed, count)
    size = len(entries)
    chance, mean, low, high = (np.full(size, np.nan) for _ in range(4))
    chance[known & ~able] = 0.0
    zone: list[Zone | None] = [None] * size
    groups = []
    for name, members, contest in contests:
        found = contest.zone(sure, certifiable=not calibration.by_steps)
        chance[members] = contest.wins / count
        mean[members], low[members], high[members] = contest.ranks(RANK_INTERVAL)
        for entry, tied, wins in zip(members.tolist(), found.tied, contest.wins, strict=True):
            zone[entry] = Zone.TIE if tied else Zone.CERTAIN if 2 * wins > count else Zone.OUT
        certain = int((~found.tied & (2 * contest.wins > count)).sum())
        tied = int(found.tied.sum())
        out = len(members) - certain - tied
        held = found.held / count
        groups.append(GroupZone(name, contest.places, len(members), certain, tied, out, held, found.certified))
    method = f"{count} joint draws of the calibrated scores, tie zones at {float(sure):g}"
    return Uncertainty(sure, count, chance, mean, low, high, tuple(zone), tuple(groups), method)


def draw_seed(seed: str) -> int:
    """The seed of the draws of an official tie zone: the first 96 bits of SHA-256 of `simsa tie zone v1` and `seed`."""
    return int.from_bytes(hashlib.sha256(b"simsa tie zone v1\0" + seed.encode()).digest()[:12], "big")


def _contests(
    rules: Rules, entries: Entries, calibration: Scores, able: NDArray[np.int64]
) -> list[tuple[str, NDArray[np.int64], Contest]]:
    """Per group: its name, who contests its places, and the contest; in the order in which the groups appear."""
    sizes = np.bincount(entries.group_index, minlength=len(entries.groups))
    own = entries.group_index[able]
    found = []
    for position, name in enumerate(entries.groups):
        rule, columns = rules.group(name), np.flatnonzero(own == position)
        if rule is not None and len(columns):
            members = able[columns]
            margin = MARGIN * float(calibration.standard_error[members].max())
            found.append((name, members, Contest(columns, rule.quota.places(int(sizes[position])), margin)))
    return found


def _draw(
    contests: list[tuple[str, NDArray[np.int64], Contest]],
    calibration: Scores,
    able: NDArray[np.int64],
    seed: int,
    draws: int,
) -> None:
    block = max(1, min(draws, _BLOCK // max(1, len(able))))
    for number, start in enumerate(range(0, draws, block)):
        sample = calibration.draws(min(block, draws - start), (seed << 32) + number, entrants=able)
        for _, _, contest in contests:
            contest.add(sample[:, contest.columns])
