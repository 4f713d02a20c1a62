"""The worst-off first, beside the greatest total alone: instances with 97 % of all loads in use, and AAMAS 2021."""

from __future__ import annotations

import csv
import os
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import numpy as np

from bench.figure import Figure, cpu_seconds
from simsa.engine.assignment import Problem, assign, assign_fairly, verify_bound

CANDIDATES, COVERAGE, LOAD, BLOCK = 100, 4, 6, 1_000
SIZES = (3_000, 2_070), (29_000, 20_000)


def unrelated(n: int, m: int) -> Problem:
    """Candidates and affinities at random."""
    random = np.random.default_rng(1)
    reviewer = np.concatenate([_choice(random, min(BLOCK, n - at), m) for at in range(0, n, BLOCK)])
    return _problem(reviewer, random.random(reviewer.shape), m)


def themed(n: int, m: int) -> Problem:
    """Entries and reviewers with themes; of the candidates of an entry, two thirds are those nearest to it."""
    random = np.random.default_rng(2)
    entries, reviewers = random.dirichlet(np.full(12, 0.3), n), random.dirichlet(np.full(12, 0.3), m)
    chosen, near = [], 2 * CANDIDATES // 3
    for at in range(0, n, BLOCK):
        likeness = entries[at : at + BLOCK] @ reviewers.T
        others = random.random(likeness.shape)
        np.put_along_axis(others, np.argpartition(-likeness, near, axis=1)[:, :near], -1, axis=1)
        chosen.append(np.argpartition(others, CANDIDATES, axis=1)[:, :CANDIDATES])
    reviewer = np.concatenate(chosen)
    likeness = np.einsum("nt,nct->nc", entries, reviewers[reviewer])
    return _problem(reviewer, 0.8 * likeness + 0.2 * random.random(reviewer.shape), m)


def _choice(random: np.random.Generator, rows: int, m: int) -> np.ndarray:
    return np.argpartition(random.random((rows, m)), CANDIDATES, axis=1)[:, :CANDIDATES]


def _problem(reviewer: np.ndarray, affinity: np.ndarray, m: int) -> Problem:
    entry = np.repeat(np.arange(len(reviewer)), CANDIDATES)
    return Problem(entry, reviewer.ravel(), affinity.ravel(), len(reviewer), m, COVERAGE, most=LOAD)


def aamas_2021(folder: Path) -> Problem:
    """The bids of a real conference and the likeness of texts, as the folder's SOURCES.md puts them together."""
    affinity = np.minimum(20 * np.load(folder / "aamas_text.npy"), 2)
    conflict = np.load(folder / "aamas_authorship.npy") != 0
    bonus = {"yes": 1.0, "maybe": 0.5, "conflict": 0.0}
    with (folder / "aamas_2021.csv").open(newline="", encoding="utf-8") as lines:
        for row in csv.DictReader(lines):
            role, number = row["Bidder"].split("-")
            if role == "pc":
                place = int(row["Submission"]) - 1, int(number) - 1
                affinity[place] += bonus[row["Bid"]]
                conflict[place] |= row["Bid"] == "conflict"
    affinity[conflict] = np.nan
    return Problem.dense(affinity, COVERAGE, most=LOAD)


def _instances() -> Iterator[tuple[str, Problem]]:
    if home := os.environ.get("SIMSA_DATA"):
        yield "AAMAS 2021", aamas_2021(Path(home) / "assignment")
    for n, m in SIZES:
        for kind in unrelated, themed:
            yield f"{n:,} x {m:,} {kind.__name__}", kind(n, m)


def figures() -> Iterator[Figure]:
    for name, problem in _instances():
        fair = assign_fairly(problem)
        verify_bound(problem, fair)
        reached, kept = fair.worst / fair.bound, float(fair.kept)
        plain = int(fair.optimum.per_entry.min()) / fair.bound
        own, peer = (cpu_seconds(partial(solve, problem), runs=3) for solve in (assign_fairly, assign))
        yield Figure(
            figure=f"{name}: worst-off entry, of its proven bound",
            value=reached,
            unit="of the bound",
            peer="the greatest total alone",
            ratio=reached / plain,
            goal=">= 0.99",
            holds=reached >= 0.99,
            how="bound verified in exact integers",
        )
        yield Figure(
            figure=f"{name}: total kept",
            value=kept,
            unit="of the greatest total",
            goal=">= 0.999",
            holds=kept >= 0.999,
            how="exact",
        )
        yield Figure(
            figure=f"{name}: time",
            value=own,
            unit="CPU s",
            peer="the greatest total alone",
            ratio=own / peer,
            goal="<= 10 times the peer",
            holds=own <= 10 * peer,
            how="median of 3 calls in one process, both with their proof",
        )
