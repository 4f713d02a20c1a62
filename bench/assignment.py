"""Reviewer assignment beside OR-tools' flow solver and HiGHS: CPU time, memory, growth. Each in a process of its own.

Instances are synthetic, drawn from a seed: every entry has 100 candidates, needs 4 reviewers, and a reviewer takes at
most 6. "even": the candidates are drawn evenly, their affinity from 0 to 1. "topics": entries and reviewers lie around
50 centres in 16 dimensions (normal, spread 0.7), the affinity is the cosine, and the candidates are the 100 nearest, so
that some reviewers are wanted by many. With 28,000 reviewers for 29,000 entries 69 % of the slots are used, with 20,000
97 %. `python -m bench.assignment picture FILE` draws the growth of the time as SVG.
"""

from __future__ import annotations

import json
import os
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

CANDIDATES, COVERAGE, MOST, SCALE = 100, 4, 6, 10**6
SIZES = ((3_000, 3_000), (3_000, 2_070), (29_000, 28_000), (29_000, 20_000))
GROWTH = (1_000, 3_000, 10_000, 30_000, 100_000)
PEER_GROWTH = GROWTH[:-1]
PATIENCE = 130
"""HiGHS is stopped after so many times simsa's CPU time: what it needs is then more than that."""

Pairs = tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]


def even(entries: int, reviewers: int, seed: int = 1) -> Pairs:
    random = np.random.default_rng(seed)
    reviewer = np.concatenate(
        [np.sort(random.choice(reviewers, CANDIDATES, replace=False)) for _ in range(entries)]
    ).astype(np.int64)
    return np.repeat(np.arange(entries), CANDIDATES), reviewer, random.random(reviewer.size)


def topics(entries: int, reviewers: int, seed: int = 1) -> Pairs:
    random = np.random.default_rng(seed)
    centre = random.normal(size=(50, 16))

    def around(n: int) -> NDArray[np.float64]:
        at: NDArray[np.float64] = centre[random.integers(0, 50, n)] + 0.7 * random.normal(size=(n, 16))
        return at / np.linalg.norm(at, axis=1, keepdims=True)

    left, right = around(entries), around(reviewers)
    reviewer = np.empty((entries, CANDIDATES), dtype=np.int64)
    affinity = np.empty((entries, CANDIDATES))
    for first in range(0, entries, 1_000):
        block = left[first : first + 1_000] @ right.T
        nearest = np.sort(np.argpartition(-block, CANDIDATES, axis=1)[:, :CANDIDATES], axis=1)
        reviewer[first : first + 1_000] = nearest
        affinity[first : first + 1_000] = np.take_along_axis(block, nearest, axis=1)
    return np.repeat(np.arange(entries), CANDIDATES), reviewer.ravel(), affinity.ravel()


def aamas() -> Pairs:
    """AAMAS 2021: text similarity and bids, as SOURCES.md beside the data suggests."""
    folder = Path(os.environ["SIMSA_DATA"]) / "assignment"
    values = np.minimum(20 * np.load(folder / "aamas_text.npy"), 2)
    possible = np.load(folder / "aamas_authorship.npy") == 0
    for line in (folder / "aamas_2021.csv").read_text().splitlines()[1:]:
        bidder, submission, bid = (part.strip() for part in line.split(","))
        place = int(submission) - 1, int(bidder.rpartition("-")[2]) - 1
        if not bidder.startswith("pc"):
            continue
        if bid == "conflict":
            possible[place] = False
        values[place] += {"yes": 1, "maybe": 0.5}.get(bid, 0)
    entry, reviewer = np.nonzero(possible)
    return entry, reviewer, values[entry, reviewer]


def simsa(pairs: Pairs, n: int, m: int, _limit: float) -> int:
    from simsa.engine.assignment import Problem, assign  # noqa: PLC0415 (each solver's memory is its own)

    found = assign(Problem(*pairs, n, m, COVERAGE, most=MOST), scale=SCALE)
    assert found.certificate.optimal
    assert found.complete
    return found.total_units


def ortools(pairs: Pairs, n: int, m: int, _limit: float) -> int:
    from ortools.graph.python.min_cost_flow import SimpleMinCostFlow  # noqa: PLC0415 (each solver's memory is its own)

    entry, reviewer, affinity = pairs
    units = np.rint(affinity * SCALE).astype(np.int64)
    solver = SimpleMinCostFlow()
    solver.add_arcs_with_capacity_and_unit_cost(
        entry.astype(np.int32), (n + reviewer).astype(np.int32), np.ones(units.size, dtype=np.int64), -units
    )
    reviewers = np.arange(n, n + m, dtype=np.int32)
    solver.add_arcs_with_capacity_and_unit_cost(
        reviewers, np.full_like(reviewers, n + m), np.full(m, MOST), np.zeros(m, dtype=np.int64)
    )
    solver.set_nodes_supplies(np.arange(n, dtype=np.int32), np.full(n, COVERAGE))
    solver.set_node_supply(n + m, -COVERAGE * n)
    assert solver.solve() == solver.OPTIMAL
    chosen = solver.flows(np.arange(units.size, dtype=np.int32)) > 0
    return int(units[chosen].sum())


def highs(pairs: Pairs, n: int, m: int, limit: float) -> int:
    import highspy  # noqa: PLC0415 (each solver's memory is its own)

    entry, reviewer, affinity = pairs
    units = np.rint(affinity * SCALE)
    lp = highspy.HighsLp()
    lp.num_col_, lp.num_row_ = units.size, n + m
    lp.col_cost_, lp.sense_ = units, highspy.ObjSense.kMaximize
    lp.col_lower_, lp.col_upper_ = np.zeros(units.size), np.ones(units.size)
    lp.row_lower_ = np.concatenate([np.full(n, float(COVERAGE)), np.zeros(m)])
    lp.row_upper_ = np.concatenate([np.full(n, float(COVERAGE)), np.full(m, float(MOST))])
    lp.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    lp.a_matrix_.start_ = np.arange(0, 2 * units.size + 1, 2)
    lp.a_matrix_.index_ = np.column_stack([entry, n + reviewer]).ravel()
    lp.a_matrix_.value_ = np.ones(2 * units.size)
    solver = highspy.Highs()
    solver.setOptionValue("output_flag", False)
    solver.setOptionValue("threads", 1)
    solver.setOptionValue("time_limit", limit)
    solver.passModel(lp)
    solver.run()
    if solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
        return -1
    return round(solver.getInfo().objective_function_value)


SOLVERS: dict[str, Callable[[Pairs, int, int, float], int]] = {"simsa": simsa, "ortools": ortools, "highs": highs}


def work(solver: str, file: str, runs: int, limit: float) -> dict[str, Any]:
    """Solve the instance in `file` a few times: CPU seconds of each call, the total, and the process's peak in MB."""
    with np.load(file) as arrays:
        pairs = arrays["entry"], arrays["reviewer"], arrays["affinity"]
    n, m = int(pairs[0].max()) + 1, int(pairs[1].max()) + 1
    seconds = []
    for _ in range(runs):
        began = time.process_time()
        total = SOLVERS[solver](pairs, n, m, limit)
        seconds.append(time.process_time() - began)
    return {"seconds": seconds, "total": total, "peak": peak()}


def peak() -> float:
    """MB that this process had at most. Not from `getrusage`, which counts its parent before it became itself."""
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


def measured(solver: str, file: Path, runs: int, limit: float = 1e9) -> dict[str, Any]:
    command = [sys.executable, "-m", "bench.assignment", solver, str(file), str(runs), str(limit)]
    env = {**os.environ, "OPENBLAS_NUM_THREADS": "1"}
    done = subprocess.run(command, check=True, capture_output=True, text=True, env=env)
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    found["median"] = statistics.median(found["seconds"])
    return found


def kept(folder: Path, name: str, pairs: Pairs) -> Path:
    file = folder / f"{name}.npz"
    np.savez(file, entry=pairs[0], reviewer=pairs[1], affinity=pairs[2])
    return file


def figures() -> Iterator[Figure]:
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        for make in (even, topics):
            for n, m in SIZES:
                yield from compared(f"{n:,} x {m:,}, {make.__name__}", kept(folder, "pairs", make(n, m)))
        if os.environ.get("SIMSA_DATA"):
            yield from compared("AAMAS 2021", kept(folder, "aamas", aamas()))
        yield first_call(kept(folder, "pairs", even(3_000, 3_000)))
        yield from growth(folder)


def compared(name: str, file: Path) -> Iterator[Figure]:
    own, peer = measured("simsa", file, 5), measured("ortools", file, 5)
    assert own["total"] == peer["total"]
    ratio = own["median"] / peer["median"]
    how = f"median of 5 calls each, arrays in, assignment out; total {own['total'] / SCALE:.6f} on both sides"
    yield Figure(
        figure=f"assignment {name}",
        value=own["median"],
        unit="CPU s",
        peer="OR-tools SimpleMinCostFlow",
        ratio=ratio,
        goal="<= 1/3",
        holds=ratio <= 1 / 3,
        how=how,
    )
    yield Figure(
        figure=f"peak memory, assignment {name}",
        value=own["peak"],
        unit="MB",
        peer="OR-tools SimpleMinCostFlow",
        ratio=own["peak"] / peer["peak"],
        goal="<= 1",
        holds=own["peak"] <= peer["peak"],
        how="whole processes, Python, packages and arrays included",
    )
    limit = PATIENCE * own["median"]
    # HiGHS watches the clock on the wall: where others work too it is stopped early, and gets more time.
    while (lp := measured("highs", file, 1, limit))["total"] < 0 and lp["median"] < 100 * own["median"]:
        limit *= 2
    stopped = lp["total"] < 0
    assert stopped or lp["total"] == own["total"]
    ratio = own["median"] / lp["median"]
    yield Figure(
        figure=f"assignment {name}",
        value=own["median"],
        unit="CPU s",
        peer="HiGHS simplex" + (" (stopped)" if stopped else ""),
        ratio=ratio,
        goal="<= 1/100",
        holds=ratio <= 1 / 100,
        how="stopped before it had an answer: it needs more" if stopped else "one run; the same total",
    )


def first_call(file: Path) -> Figure:
    """A new process: importing the engine and the first call, beside later ones."""
    code = (
        "import sys, time; began = time.perf_counter(); from bench.assignment import work; "
        "w = lambda: work('simsa', sys.argv[1], 1, 0); w(); first = time.perf_counter() - began; "
        "began = time.perf_counter(); w(); print(first - (time.perf_counter() - began))"
    )
    done = subprocess.run([sys.executable, "-c", code, str(file)], check=True, capture_output=True, text=True)
    return Figure(
        figure="first assignment in a new process, more than later ones",
        value=float(done.stdout),
        unit="s",
        goal="<= 6 s",
        holds=float(done.stdout) <= 6,
        how="imports included; nothing is compiled at run time",
    )


def grown(folder: Path, solver: str, sizes: tuple[int, ...]) -> list[tuple[int, float]]:
    """Pairs and CPU seconds of instances of some sizes, "even", with as many reviewers as entries."""
    points = []
    for entries in sizes:
        file = kept(folder, "growth", even(entries, entries))
        points.append((entries * CANDIDATES, measured(solver, file, 3)["median"]))
    return points


def picture() -> str:
    """The growth of simsa's time and, as far as its memory goes, of the peer's, as SVG."""
    from bench.growth import Growth  # noqa: PLC0415 (each solver's memory is its own)

    with tempfile.TemporaryDirectory() as scratch:
        peer = grown(Path(scratch), "ortools", PEER_GROWTH)
        return Growth(grown(Path(scratch), "simsa", GROWTH), {"OR-tools": peer}).svg()


def growth(folder: Path) -> Iterator[Figure]:
    points = grown(folder, "simsa", GROWTH)
    (small, first), (large, last) = points[0], points[-1]
    power = float(np.log(last / first) / np.log(large / small))
    yield Figure(
        figure="growth of the assignment's time from 10^5 to 10^7 pairs, as a power of the pairs",
        value=power,
        unit="",
        goal="close to 1",
        holds=power <= 1.25,
        how="even, as many reviewers as entries; " + ", ".join(f"{pairs:.0e}: {took:.3f} s" for pairs, took in points),
    )


if __name__ == "__main__":
    if sys.argv[1] == "picture":
        Path(sys.argv[2]).write_text(picture())
        sys.exit()
    print(json.dumps(work(sys.argv[1], sys.argv[2], int(sys.argv[3]), float(sys.argv[4]))))
