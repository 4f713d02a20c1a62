"""What calibration saves: points of true quality lost per winner on simulated rounds of the reference programme.

243 entrants in groups of 17, 75, 82 and 69 with 1, 2, 2 and 2 winners, 33 reviewers, 5 sheets per entrant in random
balanced assignment. Quality has a standard deviation of 8.3 points, severity 4, a sheet's noise 8; one reviewer in ten
has 2.5 times the noise, and log scales have a standard deviation of 0.25. A scale stretches the whole sheet, as the
synthetic panel draws it, or quality alone, as the model of calibration has it. Marks are on a fine scale.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import ceil

import numpy as np
from numpy.typing import NDArray

from bench.figure import Figure
from simsa.engine.calibration import calibrate
from simsa.engine.inputs import Entries
from simsa.engine.studies import Design, Method, Plan, assumed
from simsa.engine.studies import study as play
from simsa.rules import parse

SIZES, QUOTAS, REVIEWERS, EACH = (17, 75, 82, 69), (1, 2, 2, 2), 33, 5
ROUNDS, DRAWS, LEAST_CASES, ADAPTIVE_ROUNDS = 300, 2000, 100, 200
RULES = """
simsa_rules = 1
[round]
id = "reference"
name = "reference"
time_zone = "Asia/Seoul"
[[group]]
id = "0"
quota = 1
[[group]]
id = "1"
quota = 2
[[group]]
id = "2"
quota = 2
[[group]]
id = "3"
quota = 2
[panel]
sheets_per_entry = 2
[adaptive]
held_back = "0.6"
batches = 3
[missing]
not_submitted = "leave_out"
not_applicable = "leave_out"
abstained = "leave_out"
recused = "leave_out"
[[criterion]]
id = "total"
scale = { min = 0, max = 100, step = 1 }
panel = { method = "mean" }
[[tie_break]]
lot = true
"""

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Round:
    """Sheets of a simulated round and the true quality of its entrants."""

    score: Floats
    entrant: NDArray[np.int64]
    reviewer: NDArray[np.int64]
    quality: Floats


GROUP = np.repeat(np.arange(len(SIZES)), SIZES)
MEMBERS = [np.flatnonzero(group == GROUP) for group in range(len(SIZES))]


def simulated(seed: int, *, erratic: float, scale_sd: float, stretched: bool) -> Round:
    random = np.random.default_rng(seed)
    load, rows = np.zeros(REVIEWERS), []
    for entrant in random.permutation(len(GROUP)):
        chosen = np.lexsort((random.random(REVIEWERS), load))[:EACH]
        load[chosen] += 1
        rows += [(entrant, reviewer) for reviewer in chosen]
    i, j = np.array(rows).T
    quality, severity = random.normal(0, 8.3, len(GROUP)), random.normal(0, 4, REVIEWERS)
    noise = np.full(REVIEWERS, 8.0)
    noise[random.permutation(REVIEWERS)[: ceil(erratic * REVIEWERS)]] *= 2.5
    scale, sheet = np.exp(scale_sd * random.normal(size=REVIEWERS)), noise[j] * random.normal(size=len(i))
    beside = sheet - severity[j]
    points = scale[j] * (quality[i] + beside) if stretched else scale[j] * quality[i] + beside
    return Round(70 + points, i, j, quality)


def winners(score: Floats) -> NDArray[np.int64]:
    """Positions of the winners, shape (..., places), of scores (..., entrants)."""
    best = [
        members[np.argsort(-score[..., members], axis=-1)[..., :places]]
        for members, places in zip(MEMBERS, QUOTAS, strict=True)
    ]
    return np.concatenate(best, axis=-1)


def lost(one: Round, score: Floats) -> float:
    """Points of true quality per winner that a selection by `score` loses."""
    return float((one.quality[winners(one.quality)].sum() - one.quality[winners(score)].sum()) / sum(QUOTAS))


@dataclass
class Study:
    """Regrets of three scores over many rounds, and chances of the last one beside what came true."""

    mean: list[float]
    alike: list[float]
    own: list[float]
    chance: list[Floats]
    won: list[NDArray[np.bool_]]

    def ratio(self, peer: list[float]) -> float:
        return float(np.mean(self.own) / np.mean(peer))


def study(*, erratic: float, scale_sd: float, stretched: bool = False) -> Study:
    result = Study([], [], [], [], [])
    for seed in range(ROUNDS):
        one = simulated(seed, erratic=erratic, scale_sd=scale_sd, stretched=stretched)
        sheets = (one.score, one.entrant, one.reviewer)
        alike, own = (
            calibrate(*sheets, n_entrants=len(GROUP), n_reviewers=REVIEWERS, group=GROUP, reviewers=kind)
            for kind in ("alike", "own")
        )
        result.mean.append(lost(one, np.bincount(one.entrant, one.score) / EACH))
        result.alike.append(lost(one, alike.score))
        result.own.append(lost(one, own.score))
        drawn = winners(own.draws(DRAWS, seed))
        result.chance.append(np.bincount(drawn.ravel(), minlength=len(GROUP)) / DRAWS)
        result.won.append(np.isin(np.arange(len(GROUP)), winners(one.quality)))
    return result


def calibration_error(chance: Floats, won: NDArray[np.bool_]) -> tuple[float, float]:
    """Expected calibration error over deciles, and the largest gap of a decile with enough cases."""
    decile = np.minimum((chance * 10).astype(int), 9)
    count = np.bincount(decile, minlength=10)
    gap = np.abs(np.bincount(decile, chance - won, 10)) / np.maximum(count, 1)
    return float(count @ gap / count.sum()), float(gap[count >= LEAST_CASES].max())


def adaptive() -> Iterator[Figure]:
    """As many reviews, of which 40 % in a first round of two sheets per entrant and the rest in three batches."""
    settings = assumed(
        {"entrant_sd": 8.3, "severity_sd": 4, "residual_sd": 8, "scale_sd": 0.25, "criterion_sd": 0, "centre": 50}
    )
    ids = tuple(f"e{n}" for n in range(len(GROUP)))
    methods = (Method.MEAN, Method.CALIBRATED, Method.ADAPTIVE)
    entries = Entries(ids, tuple(str(group) for group in GROUP))
    plan = Plan(parse(RULES), entries, settings, (Design(REVIEWERS, EACH),), methods, ADAPTIVE_ROUNDS, "bench")
    mean, calibrated, found = play(plan).rows
    how = f"{ADAPTIVE_ROUNDS} simulated rounds of the reference programme, marks 0 to 100 in steps of 1"
    for row, goal in ((calibrated, None), (found, 0.4)):
        ratio = row.lost / mean.lost
        yield Figure(
            f"regret, {row.method} ({row.spent:.2f} reviews per entrant, {7 * row.right:.2f} of 7 right)",
            row.lost,
            "points per winner",
            how,
            f"plain means ({7 * mean.right:.2f} of 7 right)",
            ratio,
            None if goal is None else f"<= {goal:.2f}",
            None if goal is None else ratio <= goal,
        )


def figures() -> Iterator[Figure]:
    how = f"{ROUNDS} simulated rounds of the reference programme, random balanced assignment, 5 sheets per entrant"
    for stretched, named in ((False, "scale on quality"), (True, "scale on the whole sheet")):
        found = study(erratic=0.1, scale_sd=0.25, stretched=stretched)
        ratio, value = found.ratio(found.mean), float(np.mean(found.own))
        yield Figure(
            f"regret, own noise and scale ({named})",
            value,
            "points per winner",
            how,
            "plain means",
            ratio,
            "<= 0.80",
            ratio <= 0.8,
        )
        plain = float(np.mean(found.alike))
        yield Figure(
            f"regret, reviewers alike ({named})",
            plain,
            "points per winner",
            how,
            "plain means",
            plain / float(np.mean(found.mean)),
        )
        error, gap = calibration_error(np.concatenate(found.chance), np.concatenate(found.won))
        told = f"{how}; {DRAWS} draws of the joint posterior of each"
        yield Figure(
            f"chances, expected calibration error ({named})", error, "", told, goal="<= 0.003", holds=error <= 0.003
        )
        told = f"{told}; deciles with {LEAST_CASES} cases or more"
        yield Figure(f"chances, largest gap of a decile ({named})", gap, "", told, goal="<= 0.12", holds=gap <= 0.12)
    yield from adaptive()
    clean = study(erratic=0.0, scale_sd=0.0)
    ratio, value = clean.ratio(clean.alike), float(np.mean(clean.own))
    yield Figure(
        "regret, own noise and scale, clean reviewers",
        value,
        "points per winner",
        how,
        "reviewers alike",
        ratio,
        "<= 1.02",
        ratio <= 1.02,
    )
