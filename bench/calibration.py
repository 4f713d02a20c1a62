"""Calibration of panels of many sizes, beside other programs on the same scores in the same run.

Scores are drawn from the model that all fit: entrants' qualities (sd 1.2), reviewers' severities (0.5), noise (1), one
group mean. InstEval are the 73,421 ratings of lecturers that come with lme4. "own": the fit that gives every reviewer a
scale and a noise, of scores whose reviewers have them (scales with a spread of 0.25, one in ten 2.5 times as noisy).

Peers: lme4 (R), statsmodels (MixedLM with crossed variance components) and GPBoost; the last two in the Python that the
environment variable SIMSA_PEERS names, else in this one. Who is not installed is named and left out. Each call has a
process and one thread; a peer is stopped where it has taken a stated number of times what simsa took.
"""

from __future__ import annotations

import json
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bench.figure import Figure

R_FIT = """
suppressMessages(library(lme4)); d <- read.csv(commandArgs(TRUE)[1])
plain <- lmerControl(calc.derivs = FALSE)
took <- system.time(m <- lmer(score ~ 1 + (1 | entrant) + (1 | reviewer), d, control = plain))
e <- ranef(m)$entrant
write.table(cbind(as.integer(rownames(e)), fixef(m)[[1]] + e[, 1]), commandArgs(TRUE)[2], col.names = FALSE,
            row.names = FALSE)
cat(sprintf('{"seconds": [%f], "criterion": %.12f}', took[["user.self"]] + took[["sys.self"]], REMLcrit(m)))
"""
R_INSTEVAL = """
suppressMessages(library(lme4)); d <- InstEval
write.csv(data.frame(entrant = as.integer(d$d), reviewer = as.integer(d$s), score = d$y), commandArgs(TRUE)[1],
          row.names = FALSE)
cat("written")
"""
THREADS = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
STARTING = 12  # CPU seconds that a peer is given to start and to read the scores

Sheets = tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]


def drawn(entrants: int, reviewers: int, sheets: int, *, differ: bool = False) -> Sheets:
    """Entrant, reviewer and score of each sheet."""
    random = np.random.default_rng(sheets)
    entrant, reviewer = random.integers(0, entrants, sheets), random.integers(0, reviewers, sheets)
    quality, severity = 1.2 * random.normal(size=entrants), 0.5 * random.normal(size=reviewers)
    noise, scale = np.ones(reviewers), np.ones(reviewers)
    score = random.normal(size=sheets)
    if differ:
        noise, scale = np.where(random.random(reviewers) < 0.1, 2.5, 1.0), np.exp(0.25 * random.normal(size=reviewers))
    score = scale[reviewer] * quality[entrant] - severity[reviewer] + noise[reviewer] * score
    return entrant, reviewer, score


def simsa(sheets: Sheets, *, reviewers: Any = "alike") -> tuple[float, NDArray[np.float64]]:
    from simsa.engine.calibration import calibrate  # noqa: PLC0415 (each program's memory is its own)

    entrant, reviewer, score = sheets
    sizes = {"n_entrants": int(entrant.max()) + 1, "n_reviewers": int(reviewer.max()) + 1}
    found = calibrate(score, entrant, reviewer, **sizes, reviewers=reviewers)
    assert found.converged
    return found.criterion, found.score


def own(sheets: Sheets) -> tuple[float, NDArray[np.float64]]:
    return simsa(sheets, reviewers="own")


def one_pass(sheets: Sheets) -> tuple[float, None]:
    np.bincount(sheets[0], sheets[2])
    return 0.0, None


def statsmodels(sheets: Sheets) -> tuple[float, None]:
    import pandas  # noqa: PLC0415
    from statsmodels.regression.mixed_linear_model import MixedLM  # noqa: PLC0415

    table = pandas.DataFrame(dict(zip(("entrant", "reviewer", "score"), sheets, strict=True)) | {"all": 1})
    parts = {name: f"0 + C({name})" for name in ("entrant", "reviewer")}
    fit = MixedLM.from_formula("score ~ 1", groups="all", vc_formula=parts, data=table).fit(reml=True)
    return -2 * fit.llf, None


def gpboost(sheets: Sheets) -> tuple[float, None]:
    import gpboost as package  # noqa: PLC0415

    entrant, reviewer, score = sheets
    levels = np.column_stack([entrant, reviewer])
    model = package.GPModel(group_data=levels, likelihood="gaussian", num_parallel_threads=1)
    model.fit(y=score, X=np.ones((len(score), 1)))
    return model.get_current_neg_log_likelihood(), None


PROGRAMS: dict[str, Callable[[Sheets], tuple[float, NDArray[np.float64] | None]]] = {
    "simsa": simsa,
    "own": own,
    "pass": one_pass,
    "statsmodels": statsmodels,
    "gpboost": gpboost,
}


def work(program: str, file: str, runs: int) -> dict[str, Any]:
    """CPU seconds of each call, after one more if there are several; the criterion and the process's peak in MB."""
    with np.load(file) as arrays:
        sheets = arrays["entrant"], arrays["reviewer"], arrays["score"]
    seconds = []
    for _ in range(runs + (runs > 1)):
        began = time.process_time()
        criterion, scores = PROGRAMS[program](sheets)
        seconds.append(time.process_time() - began)
    if scores is not None:
        np.save(f"{file}.{program}.npy", scores)
    peak = int(Path("/proc/self/status").read_text().partition("VmHWM:")[2].split()[0]) / 1024
    return {"seconds": seconds[-runs:], "criterion": criterion, "peak": peak}


def figures() -> Iterator[Figure]:
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        yield from _insteval(folder)
        yield from _compared(
            "3,000 sheets, 600 entrants x 100 reviewers", folder, (600, 100, 3_000), {"statsmodels": 500}
        )
        yield from _compared(
            "100,000 sheets, 20,000 entrants x 500 reviewers",
            folder,
            (20_000, 500, 100_000),
            {"lme4": 20, "gpboost": None},
        )
        yield from _compared(
            "60,000 sheets, 15,000 entries x 13,000 reviewers",
            folder,
            (15_000, 13_000, 60_000),
            {"lme4": 500, "gpboost": None},
        )
        yield from _compared(
            "1,000,000 sheets, 200,000 entrants x 5,000 reviewers",
            folder,
            (200_000, 5_000, 1_000_000),
            {"gpboost": None},
        )
        yield from _own_beside_alike(folder)
        yield _ten_million(folder)


def _compared(name: str, folder: Path, size: tuple[int, int, int], peers: dict[str, int | None]) -> Iterator[Figure]:
    file = _kept(folder, drawn(*size))
    ours = _measured("simsa", file, 3)
    assert ours is not None
    how = f"median of 3, with all errors; peak {ours['peak']:.0f} MB"
    yield Figure(figure=f"calibration: {name}", value=ours["median"], unit="CPU s", how=how)
    for peer, goal in peers.items():
        yield from _beside(name, ours, peer, file, goal)


def _beside(name: str, ours: dict[str, Any], peer: str, file: Path, goal: int | None) -> Iterator[Figure]:
    """simsa's CPU time over that of a peer, which is stopped where the goal holds (never, where there is none)."""
    theirs = _measured(peer, file, 1, limit=goal * ours["median"] if goal else None)
    if theirs is None:
        print(f"calibration: {peer} is not installed; {name} is not compared with it", file=sys.stderr)
        return
    yield _ratio(name, ours, peer, theirs, goal)


def _ratio(name: str, ours: dict[str, Any], peer: str, theirs: dict[str, Any], goal: int | None) -> Figure:
    return Figure(
        figure=f"calibration: {name}",
        value=ours["median"],
        unit="CPU s",
        peer=peer + (", stopped" if theirs["stopped"] else ""),
        ratio=ours["median"] / theirs["median"],
        goal=f"<= 1/{goal}" if goal else None,
        holds=ours["median"] * goal <= theirs["median"] if goal else None,
        how="median of 3 of simsa with all errors, one run of the peer without them; one thread each",
    )


def _insteval(folder: Path) -> Iterator[Figure]:
    table = folder / "insteval.csv"
    if not _rscript(R_INSTEVAL, table):
        print("calibration: R with lme4 is not installed, nor are its ratings", file=sys.stderr)
        return
    rows = np.loadtxt(table, delimiter=",", skiprows=1)
    file = _kept(folder, (rows[:, 0].astype(np.int64), rows[:, 1].astype(np.int64), rows[:, 2]))
    ours, theirs = _measured("simsa", file, 3), _measured("lme4", file, 1)
    assert ours is not None
    assert theirs is not None
    name = "InstEval, 73,421 ratings"
    yield _ratio(name, ours, "lme4", theirs, 8)
    scores, found = np.load(f"{file}.simsa.npy"), np.loadtxt(f"{file}.lme4.txt")
    for what, value, most in (
        ("REML criterion", abs(ours["criterion"] - theirs["criterion"]), 1e-4),
        ("predictions", float(np.abs(scores[found[:, 0].astype(np.int64)] - found[:, 1]).max()), 1e-5),
    ):
        yield Figure(
            figure=f"calibration: {name}, {what}, largest difference from lme4 in 1e-9",
            value=value * 1e9,
            unit="",
            goal=f"<= {most:g}",
            holds=value <= most,
            how="absolute",
        )
    yield from _beside(name, ours, "gpboost", file, None)


def _own_beside_alike(folder: Path) -> Iterator[Figure]:
    for size in ((200_000, 1_000, 1_000_000), (200_000, 5_000, 1_000_000), (15_000, 13_000, 60_000)):
        file = _kept(folder, drawn(*size, differ=True))
        ours, alike = _measured("own", file, 1), _measured("simsa", file, 1)
        assert ours is not None
        assert alike is not None
        yield Figure(
            figure=f"calibration: own scale and noise, {size[2]:,} sheets, {size[0]:,} x {size[1]:,} reviewers",
            value=ours["median"],
            unit="CPU s",
            peer="reviewers alike",
            ratio=ours["median"] / alike["median"],
            how=f"one run each; peak {ours['peak']:.0f} MB",
        )


def _ten_million(folder: Path) -> Figure:
    file = _kept(folder, drawn(2_000_000, 1_000, 10_000_000))
    ours, once = _measured("simsa", file, 3), _measured("pass", file, 5)
    assert ours is not None
    assert once is not None
    return Figure(
        figure="calibration: 10,000,000 sheets x 1,000 reviewers",
        value=ours["median"],
        unit="CPU s",
        peer="one pass over the sheets (the sum by entrant)",
        ratio=ours["median"] / once["median"],
        goal="<= 60 passes",
        holds=ours["median"] <= 60 * once["median"],
        how=f"medians of 3 calls and of 5 passes; peak {ours['peak']:.0f} MB, 240 of them the sheets",
    )


def _kept(folder: Path, sheets: Sheets) -> Path:
    file = folder / "sheets.npz"
    np.savez(file, entrant=sheets[0], reviewer=sheets[1], score=sheets[2])
    return file


def _measured(program: str, file: Path, runs: int, limit: float | None = None) -> dict[str, Any] | None:
    """What `work` says, with the median of its seconds; None if the program is not installed.

    `limit`: CPU seconds; a program that was stopped there has taken them at least.
    """
    if program == "lme4":
        said = _lme4(file, limit)
    else:
        python = (
            sys.executable if program in ("simsa", "own", "pass") else os.environ.get("SIMSA_PEERS", sys.executable)
        )
        said = _output([python, "-m", "bench.calibration", program, str(file), str(runs)], limit)
    if said is None:
        return None
    found: dict[str, Any] = json.loads(said.splitlines()[-1]) if said else {"seconds": [limit]}
    return found | {"median": statistics.median(found["seconds"]), "stopped": not said}


def _lme4(file: Path, limit: float | None) -> str | None:
    with np.load(file) as arrays:
        rows = np.column_stack([arrays["entrant"], arrays["reviewer"], arrays["score"]])
    given = file.with_suffix(".csv")
    np.savetxt(given, rows, delimiter=",", header="entrant,reviewer,score", comments="", fmt=["%d", "%d", "%.17g"])
    return _rscript(R_FIT, given, Path(f"{file}.lme4.txt"), limit=limit)


def _rscript(script: str, *files: Path, limit: float | None = None) -> str | None:
    if shutil.which("Rscript") is None:
        return None
    return _output(["Rscript", "-e", script, *map(str, files)], limit)


def _output(command: list[str], limit: float | None) -> str | None:
    """What a command prints; "" where it was stopped at `limit` CPU seconds of its own, None where it failed."""

    def stop_in_time() -> None:
        if limit is not None:
            seconds = int(limit) + STARTING
            resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))

    done = subprocess.run(
        command, capture_output=True, text=True, env=os.environ | THREADS, preexec_fn=stop_in_time, check=False
    )
    if done.returncode < 0:
        return ""
    return done.stdout if done.returncode == 0 else None


if __name__ == "__main__":
    print(json.dumps(work(sys.argv[1], sys.argv[2], int(sys.argv[3]))))
