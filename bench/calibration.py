"""Calibration of panels of many sizes, beside lme4 (the R package) on the same scores in the same run.

Scores are drawn from the model that both fit: entrants' qualities (sd 1.2), reviewers' severities (0.5), noise (1), one
group mean. InstEval are the 73,421 ratings of lecturers that come with lme4. Where R or lme4 is not installed the
figures stand alone. Both run with one thread; lme4 is stopped where it has taken a stated number of times what simsa
took.
"""

from __future__ import annotations

import os
import resource
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bench.figure import Figure, cpu_seconds
from simsa.engine.calibration import Calibration, calibrate

FIT = """
suppressMessages(library(lme4)); d <- read.csv(commandArgs(TRUE)[1])
plain <- lmerControl(calc.derivs = FALSE)
took <- system.time(m <- lmer(score ~ 1 + (1 | entrant) + (1 | reviewer), d, control = plain))
e <- ranef(m)$entrant
write.csv(data.frame(entrant = as.integer(rownames(e)), score = fixef(m)[[1]] + e[, 1]), commandArgs(TRUE)[2])
cat(took[["user.self"]] + took[["sys.self"]], format(REMLcrit(m), digits = 16))
"""
INSTEVAL = """
suppressMessages(library(lme4)); d <- InstEval
write.csv(data.frame(entrant = as.integer(d$d), reviewer = as.integer(d$s), score = d$y), commandArgs(TRUE)[1],
          row.names = FALSE)
"""
SIZES = (
    ("100,000 sheets, 20,000 entrants x 500 reviewers", 20_000, 500, 100_000, 20),
    ("60,000 sheets, 15,000 entries x 13,000 reviewers", 15_000, 13_000, 60_000, 500),
    ("1,000,000 sheets, 200,000 entrants x 5,000 reviewers", 200_000, 5_000, 1_000_000, None),
)


@dataclass(frozen=True)
class Scores:
    """Sheets: entrant, reviewer and score of each."""

    entrant: NDArray[np.int64]
    reviewer: NDArray[np.int64]
    score: NDArray[np.float64]

    def calibrated(self) -> Calibration:
        sizes = {"n_entrants": int(self.entrant.max()) + 1, "n_reviewers": int(self.reviewer.max()) + 1}
        return calibrate(self.score, self.entrant, self.reviewer, **sizes)


def drawn(entrants: int, reviewers: int, sheets: int) -> Scores:
    random = np.random.default_rng(sheets)
    entrant, reviewer = random.integers(0, entrants, sheets), random.integers(0, reviewers, sheets)
    quality, severity = 1.2 * random.normal(size=entrants), 0.5 * random.normal(size=reviewers)
    return Scores(entrant, reviewer, quality[entrant] - severity[reviewer] + random.normal(size=sheets))


def figures() -> Iterator[Figure]:
    with tempfile.TemporaryDirectory() as folder:
        rated = _insteval(Path(folder))
        if rated is not None:
            yield from _against_lme4("InstEval, 73,421 ratings", rated, 8, Path(folder), exact=True)
        for name, entrants, reviewers, sheets, goal in SIZES:
            yield from _against_lme4(name, drawn(entrants, reviewers, sheets), goal, Path(folder), exact=False)
    yield from _ten_million()


def _against_lme4(name: str, scores: Scores, goal: int | None, folder: Path, *, exact: bool) -> Iterator[Figure]:
    own = cpu_seconds(scores.calibrated, runs=3)
    peer = _lme4(scores, folder, limit=None if exact else (goal or 0) * own) if goal else None
    if peer is None:
        yield Figure(figure=f"calibration: {name}", value=own, unit="CPU s", how="median of 3; no peer")
        return
    seconds, criterion, theirs = peer
    yield Figure(
        figure=f"calibration: {name}",
        value=own,
        unit="CPU s",
        peer="lme4" + ("" if theirs is not None else ", stopped"),
        ratio=own / seconds,
        goal=f"<= 1/{goal}",
        holds=own <= seconds / goal,
        how="median of 3 of simsa with all errors, one run of lme4 without them; one thread each",
    )
    if not exact or theirs is None or criterion is None:
        return
    found = scores.calibrated()
    apart = max(abs(found.score[entrant] - score) for entrant, score in theirs.items())
    for what, value, most in (
        ("REML criterion", abs(found.criterion - criterion), 1e-4),
        ("predictions", float(apart), 1e-5),
    ):
        yield Figure(
            figure=f"calibration: {name}, {what}, largest difference from lme4 in 1e-9",
            value=value * 1e9,
            unit="",
            goal=f"<= {most:g}",
            holds=value <= most,
            how="absolute",
        )


def _ten_million() -> Iterator[Figure]:
    scores = drawn(2_000_000, 1_000, 10_000_000)
    own = cpu_seconds(scores.calibrated, runs=1)
    once = cpu_seconds(lambda: np.bincount(scores.entrant, scores.score), runs=3)
    yield Figure(
        figure="calibration: 10,000,000 sheets x 1,000 reviewers",
        value=own,
        unit="CPU s",
        peer="one pass over the sheets (the sum by entrant)",
        ratio=own / once,
        goal="<= 60 passes",
        holds=own <= 60 * once,
        how="one call after one that is not counted; median of 3 passes",
    )


def _insteval(folder: Path) -> Scores | None:
    file = folder / "insteval.csv"
    if not _r(INSTEVAL, file):
        return None
    table = np.loadtxt(file, delimiter=",", skiprows=1)
    entrant, reviewer = (table[:, part].astype(np.int64) for part in (0, 1))
    return Scores(entrant, reviewer, table[:, 2])


def _lme4(
    scores: Scores, folder: Path, limit: float | None
) -> tuple[float, float | None, dict[int, float] | None] | None:
    """CPU seconds, criterion and predictions of lme4; only the seconds that it had where it was stopped."""
    given, found = folder / "given.csv", folder / "found.csv"
    rows = np.column_stack([scores.entrant, scores.reviewer, scores.score])
    np.savetxt(given, rows, delimiter=",", header="entrant,reviewer,score", comments="", fmt=["%d", "%d", "%.17g"])
    said = _r(FIT, given, found, limit=limit)
    if said is None:
        return None
    if not said:
        return limit or 0.0, None, None
    seconds, criterion = (float(part) for part in said.split())
    table = np.genfromtxt(found, delimiter=",", skip_header=1)
    return seconds, criterion, {int(row[1]): float(row[2]) for row in table}


def _r(script: str, *files: Path, limit: float | None = None) -> str | None:
    """What an R script prints; "" where it was stopped at `limit` CPU seconds, None without R or lme4."""
    if shutil.which("Rscript") is None:
        return None
    threads = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}

    def stop_in_time() -> None:
        if limit is not None:
            seconds = int(limit) + 10  # to start, and to read the file
            resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))

    done = subprocess.run(
        ["Rscript", "-e", script, *map(str, files)],
        capture_output=True,
        text=True,
        env=os.environ | threads,
        preexec_fn=stop_in_time,
        check=False,
    )
    if done.returncode < 0:
        return ""
    return done.stdout or "done" if done.returncode == 0 else None
