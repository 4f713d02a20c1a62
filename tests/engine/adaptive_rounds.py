"""Small adaptive rounds for tests: rules, a panel, its sheets, and what is found between two batches."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from simsa.engine.adaptive import NextReviews, next_reviews
from simsa.engine.calibration import calibrate
from simsa.engine.evaluation import calibrated
from simsa.engine.exact import THERE
from simsa.engine.inputs import Entries, Reviewers, Sheets, Status
from simsa.engine.simulation import Settings, World
from simsa.engine.slots import ConflictPair
from simsa.engine.tally import tally
from simsa.rules import Rules, parse

TEXT = """
simsa_rules = 1
round = { id = "r", name = "r", time_zone = "UTC" }
missing = { not_submitted = "leave_out", not_applicable = "leave_out", abstained = "leave_out", recused = "leave_out" }
[[group]]
id = "a"
quota = 2
[[group]]
id = "b"
quota = 1
[panel]
sheets_per_entry = 2
load = { max = LOAD }
KINDS
[adaptive]
ADAPTIVE
[[criterion]]
id = "total"
scale = { min = 0, max = 100, step = 1 }
panel = { method = "mean" }
[[tie_break]]
lot = true
"""
KIND = """[[panel.kind]]
id = "house"
reviewer = "house"
per_entry = { max = 2 }
[[panel.kind]]
id = "senior"
reviewer = "rank"
values = ["senior"]
per_entry = { min = 1 }
"""
Pairs = tuple[NDArray[np.int64], NDArray[np.int64]]


def adaptive_rules(
    held_back: str = '"0.5"',
    batches: int = 3,
    most: int | None = None,
    least: str = "0",
    load: int = 40,
    kinds: str = "",
) -> Rules:
    adaptive = f"held_back = {held_back}\nbatches = {batches}\nleast_gain = {least}"
    adaptive += "" if most is None else f"\nmost_per_entry = {most}"
    return parse(TEXT.replace("LOAD", str(load)).replace("KINDS", kinds).replace("ADAPTIVE", adaptive))


def entries(n: int) -> Entries:
    return Entries(tuple(f"e{k:02}" for k in range(n)), tuple("ab"[k % 3 == 2] for k in range(n)))


def panel(m: int) -> Reviewers:
    fields = {
        "house": tuple(f"h{k % 4}" for k in range(m)),
        "rank": tuple(["senior", "junior"][k % 2] for k in range(m)),
    }
    return Reviewers(tuple(f"r{k:02}" for k in range(m)), fields)


def first_round(n: int, m: int) -> Pairs:
    """Two reviewers of each entry, a senior and a junior of two houses; loads are even."""
    entry = np.repeat(np.arange(n), 2)
    step = np.tile([0, 1], n)
    return entry, (entry * 2 + step + (entry // m)) % m


def drawn(rules: Rules, n: int, m: int, pairs: Pairs, seed: str = "b", settings: Settings | None = None) -> Sheets:
    return World(rules, n, panel(m).ids, settings or Settings(), seed).sheets(*pairs)


def joined(sheets: Sheets, other: Sheets) -> Sheets:
    columns = ("entry", "reviewer", "mark", "status")
    return replace(sheets, **{name: np.concatenate([getattr(sheets, name), getattr(other, name)]) for name in columns})


def recused(sheets: Sheets, rows: list[int]) -> Sheets:
    status = sheets.status.copy()
    status[rows] = Status.RECUSED
    return replace(sheets, status=status)


def found(
    rules: Rules,
    sheets: Sheets,
    n: int,
    m: int,
    forbidden: list[tuple[int, int]] | None = None,
    *,
    own: bool = False,
    noise: tuple[float, ...] = (),
    **options: object,
) -> NextReviews:
    """The proposal. Reviewers are calibrated alike, which is fast, unless `own`; `noise`: times that of the first."""
    official = tally(rules, entries(n), sheets)
    if own:
        calibration = calibrated(official, entries(n), sheets)
        assert calibration is not None
    else:
        there = official.sheet_totals.state == THERE
        calibration = calibrate(
            official.sheet_totals.floats()[there],
            sheets.entry[there],
            sheets.reviewer[there],
            n_entrants=n,
            n_reviewers=len(sheets.reviewers),
            group=entries(n).group_index,
        )
    factor = np.ones(len(sheets.reviewers))
    factor[: len(noise)] = noise[: len(factor)]
    calibration = replace(calibration, noise=calibration.noise * factor)
    pairs = [ConflictPair(e, r, "declared") for e, r in forbidden or ()]
    given = (rules, entries(n), sheets, official, calibration, panel(m))
    return next_reviews(*given, forbidden=pairs, **options)  # type: ignore[arg-type]
