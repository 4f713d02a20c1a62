"""The kernel against other people's solvers, on thousands of small instances with every option drawn."""

import ctypes
import os
import re
import signal
from pathlib import Path

import highspy
import numpy as np
import pytest
from ortools.graph.python.min_cost_flow import SimpleMinCostFlow

from simsa.engine import native
from simsa.engine.assignment import Problem, assign
from simsa.engine.assignment.chains import Searched
from simsa.engine.assignment.transport import Flow, Work, transport

LEVELS = (0, 1, 3, 100, 10**6, 10**12)


def drawn(seed: int) -> dict:
    """Limits and affinities of any kind: scarce, plentiful, equal, negative, huge, with capacities or without."""
    random = np.random.default_rng(seed)
    n, m = random.integers(1, 12, 2) * (random.choice([1, 1, 1, 4]) if seed % 2 else 1)
    entry, reviewer = np.nonzero(random.random((n, m)) < random.choice([0.2, 0.5, 1.0]))
    level = int(random.choice(LEVELS))
    most = random.integers(0, random.integers(1, 8) + 1, m)
    asked = random.random(m) < random.choice([0, 0.3, 1])
    cap = random.integers(0, 5, entry.size) if random.random() < 0.4 else None
    return {
        "start": np.searchsorted(entry, np.arange(n + 1)),
        "reviewer": reviewer.astype(np.int32),
        "units": random.integers(-level, level + 1, entry.size),
        "need": random.integers(0, random.integers(1, 6) + 1, n) * (random.integers(1, 4) if cap is not None else 1),
        "least": np.minimum(random.integers(0, random.integers(1, 4) + 1, m) * asked, most),
        "most": most,
        "penalty": int(min(n, m) * 2 * level + 1),
        "cap": cap,
        "price": random.integers(0, level + 1, m) if random.random() < 0.3 else None,
    }


def value(posed: dict, flow: Flow) -> int:
    """The total of what was taken, less the penalties, once it is known to keep the limits."""
    n, m = posed["need"].size, posed["most"].size
    entry = np.repeat(np.arange(n), np.diff(posed["start"]))
    taken = flow.taken.astype(np.int64)
    covered = np.bincount(entry, taken, n).astype(np.int64)
    load = np.bincount(posed["reviewer"], taken, m).astype(np.int64)
    cap = 1 if posed["cap"] is None else posed["cap"]
    assert ((taken >= 0) & (taken <= cap)).all()
    assert (covered <= posed["need"]).all()
    assert (load <= posed["most"]).all()
    missing = (posed["need"] - covered).sum() + np.maximum(posed["least"] - load, 0).sum()
    return int((posed["units"] * taken).sum()) - posed["penalty"] * int(missing)


def bound(posed: dict, flow: Flow) -> int:
    """What the prices say that nothing can be above."""
    entry = np.repeat(np.arange(posed["need"].size), np.diff(posed["start"]))
    gain = posed["units"] - flow.entry_price[entry] - flow.reviewer_price[posed["reviewer"]]
    cap = 1 if posed["cap"] is None else posed["cap"]
    assert min(flow.entry_price.min(initial=0), flow.reviewer_price.min(initial=0)) >= -posed["penalty"]
    return sum(
        int(part.sum())
        for part in (
            posed["need"] * flow.entry_price,
            posed["most"] * np.maximum(flow.reviewer_price, 0),
            posed["least"] * np.minimum(flow.reviewer_price, 0),
            cap * np.maximum(gain, 0),
        )
    )


def by_ortools(posed: dict) -> int:
    """The same as a minimum-cost flow; empty slots and missed least loads are arcs to and from the sink."""
    n, m = posed["need"].size, posed["most"].size
    solver = SimpleMinCostFlow()

    def arcs(tail, head, capacity, cost):
        size = np.broadcast_shapes(np.shape(tail), np.shape(head))
        solver.add_arcs_with_capacity_and_unit_cost(
            *(np.broadcast_to(part, size).astype(np.int32) for part in (tail, head)),
            *(np.broadcast_to(part, size).astype(np.int64) for part in (capacity, cost)),
        )

    entries, reviewers, sink = np.arange(n), n + np.arange(m), n + m
    cap = np.ones(posed["units"].size) if posed["cap"] is None else posed["cap"]
    arcs(np.repeat(entries, np.diff(posed["start"])), n + posed["reviewer"], cap, -posed["units"])
    arcs(reviewers, sink, posed["most"] - posed["least"], 0)
    arcs(entries, sink, posed["need"], posed["penalty"])
    arcs(sink, reviewers, posed["least"], posed["penalty"])
    solver.set_nodes_supplies(entries.astype(np.int32), posed["need"].astype(np.int64))
    solver.set_nodes_supplies(reviewers.astype(np.int32), -posed["least"].astype(np.int64))
    solver.set_node_supply(sink, int(posed["least"].sum() - posed["need"].sum()))
    assert solver.solve() == solver.OPTIMAL
    return -solver.optimal_cost()


def by_highs(posed: dict) -> float:
    """The same as a linear programme."""
    n, m, pairs = posed["need"].size, posed["most"].size, posed["units"].size
    entry = np.repeat(np.arange(n), np.diff(posed["start"]))
    solver = highspy.Highs()
    solver.setOptionValue("output_flag", False)
    cap = np.ones(pairs) if posed["cap"] is None else posed["cap"]
    taken = [solver.addVariable(0, float(c), float(u)) for c, u in zip(cap, posed["units"], strict=True)]
    short = [solver.addVariable(0, float(k), -float(posed["penalty"])) for k in posed["need"]]
    under = [solver.addVariable(0, float(k), -float(posed["penalty"])) for k in posed["least"]]
    for i in range(n):
        own = [taken[q] for q in np.flatnonzero(entry == i)]
        solver.addConstr(sum(own, short[i]) == float(posed["need"][i]))
    for j in range(m):
        own = [taken[q] for q in np.flatnonzero(posed["reviewer"] == j)]
        solver.addConstr(sum(own, under[j]) >= float(posed["least"][j]))
        if own:
            solver.addConstr(sum(own[1:], own[0]) <= float(posed["most"][j]))
    solver.setMaximize()
    solver.run()
    return solver.getInfo().objective_function_value


def solved(posed: dict) -> Flow:
    options = {key: posed[key] for key in ("cap", "price")}
    limits = (posed[key] for key in ("start", "reviewer", "units", "need", "least", "most", "penalty"))
    return transport(*limits, **options)


@pytest.mark.parametrize("hundred", range(30))
def test_the_optimum_of_a_flow_solver_and_of_the_prices(hundred):
    for seed in range(100 * hundred, 100 * hundred + 100):
        posed = drawn(seed)
        flow = solved(posed)
        total = value(posed, flow)
        assert total == bound(posed, flow), seed
        assert total == by_ortools(posed), seed


def large(seed: int, slots: float, least: float, level: int) -> dict:
    """Enough units for every stage of the kernel: rough offers, offers of reviewers, leaps of prices.

    Args:
        slots: of all reviewers together, for each that the entries need.
        least: how much of the slots the reviewers must fill, on average.
        level: how many different affinities there are; with few, many tie.
    """
    random = np.random.default_rng(seed)
    n, m, degree, most = 720, 400, 24, 6
    topic, of = random.random(n), np.sort(random.random(m))
    at = np.clip(np.searchsorted(of, topic)[:, None] + np.arange(-degree, degree), 0, m - 1)
    near = np.sort(random.permuted(at, axis=1)[:, :degree], axis=1)
    new = np.column_stack([np.ones(n, dtype=bool), near[:, 1:] != near[:, :-1]])  # each pair once
    entry, reviewer = np.repeat(np.arange(n), new.sum(axis=1)), near[new]
    far = np.abs(topic[entry] - of[reviewer])
    return {
        "start": np.searchsorted(entry, np.arange(n + 1)),
        "reviewer": reviewer,
        "units": np.rint((1 - far + 0.1 * random.random(entry.size)) * level).astype(np.int64),
        "need": random.integers(0, round(2 * most * m / n / slots) + 1, n),
        "least": np.minimum(random.integers(0, round(2 * least * most) + 1, m), most),
        "most": np.full(m, most),
        "penalty": 2 * n * level + 1,
        "cap": None,
        "price": None,
    }


@pytest.mark.parametrize("slots", [0.6, 0.95, 1.0, 1.05, 1.5])
@pytest.mark.parametrize("least", [0, 0.3, 0.6, 1.0])
@pytest.mark.parametrize("level", [3, 10**6])
def test_the_optimum_where_slots_or_least_loads_are_scarce(slots, least, level):
    posed = large(round(100 * slots + 10 * least), slots, least, level)
    flow = solved(posed)
    total = value(posed, flow)
    assert total == bound(posed, flow)
    assert total == by_ortools(posed)


@pytest.mark.parametrize("seed", range(60))
def test_the_optimum_of_pairs_that_carry_several_units_from_any_prices(seed):
    random = np.random.default_rng(seed)
    slots, least = random.choice([0.6, 0.97, 1.1, 1.5, 2.0]), random.choice([0, 0.2, 0.5, 0.8])
    posed = large(seed, slots, least, level := int(random.choice([1, 3, 30, 1000, 10**6])))
    if seed % 3:
        posed["cap"] = random.integers(0, 4, posed["units"].size)
    if seed % 2:
        posed["price"] = random.integers(0, level + 1, posed["most"].size)
    flow = solved(posed)
    total = value(posed, flow)
    assert total == bound(posed, flow)
    assert total == by_ortools(posed)


def test_prices_that_leap_from_least_loads_to_nothing():
    """Found by fuzzing: units that came by a path counted as if they had offered 0, far above their prices."""
    random = np.random.default_rng(100_044)
    for many in (7, 5, 5):
        random.choice(many)
    random.random()
    posed = large(100_044, 2.0, 0.5, 30)
    posed["cap"] = random.integers(0, 4, posed["units"].size)
    flow = solved(posed)
    assert value(posed, flow) == bound(posed, flow) == by_ortools(posed)


@pytest.mark.parametrize("seed", range(5_000, 5_100))
def test_the_optimum_of_a_linear_programme(seed):
    posed = drawn(seed)
    if abs(posed["units"]).max(initial=0) > 10**6:
        posed["units"] //= 10**6  # what floating point can say exactly
        posed["penalty"] = posed["penalty"] // 10**6 + 1
    assert value(posed, solved(posed)) == pytest.approx(by_highs(posed), rel=1e-9, abs=1e-6)


def test_prices_to_start_from_change_the_work_and_not_the_result():
    random = np.random.default_rng(7)
    n, m, degree = 300, 210, 30
    reviewer = np.concatenate([np.sort(random.choice(m, degree, replace=False)) for _ in range(n)]).astype(np.int32)
    units = random.integers(0, 10**6, reviewer.size)
    limits = (np.full(n, 4), np.zeros(m, dtype=int), np.full(m, 6), 10**9)
    start = np.arange(0, reviewer.size + 1, degree)
    cold = transport(start, reviewer, units, *limits)
    for start_price in (cold.reviewer_price, cold.reviewer_price // 2, cold.reviewer_price + 10**5):
        warm = transport(start, reviewer, units, *limits, price=start_price)
        assert (units * warm.taken).sum() == (units * cold.taken).sum()
    assert (cold.taken == transport(start, reviewer, units, *limits).taken).all()


def test_what_is_told_can_stop_the_work():
    random = np.random.default_rng(1)
    n = m = 200
    reviewer = np.tile(np.arange(m, dtype=np.int32), n)
    units = random.integers(0, 1000, n * m)
    told = []

    def stop(step, share):
        told.append((step, share))
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        transport(
            np.arange(0, n * m + 1, m), reviewer, units, np.full(n, 3), np.zeros(m), np.full(m, 3), 10**6, tell=stop
        )
    assert len(told) == 1


def test_a_missing_library_is_named(monkeypatch, tmp_path):
    monkeypatch.setattr(native, "_LIBRARY", tmp_path / "nothing.so")
    native._library.cache_clear()
    try:
        with pytest.raises(native.NativeError, match=r"not compiled: .* python hatch_build.py engine"):
            native.call("simsa_transport")
    finally:
        native._library.cache_clear()


def test_the_library_has_what_is_asked_for():
    assert isinstance(ctypes.CDLL(str(native._LIBRARY)).simsa_transport, object)


@pytest.mark.parametrize(
    ("counts", "file", "names"), [(Work, "transport_common.h", "Stats"), (Searched, "fair.c", "Stats")]
)
def test_what_a_call_took_has_the_names_of_the_kernel(counts, file, names):
    source = (Path(native.__file__).parents[1] / "assignment" / file).read_text()
    body = re.sub(
        r"/\*.*?\*/", "", source.partition(f"}} {names};")[0].rpartition("typedef struct {")[2], flags=re.DOTALL
    )
    assert re.findall(r"(\w+)(?=[,;])", body) == [name for name, _ in counts._fields_]


def test_what_a_call_took_is_counted():
    posed = large(1, 0.95, 0.6, 10**6) | {"cap": None}
    work = solved(posed | {"most": posed["most"] * 2}).work
    assert work.bids >= posed["need"].sum()
    assert work.scans > work.bids > work.evictions >= 0
    assert work.paths <= work.popped or not work.popped


def test_an_interrupt_while_the_kernel_runs_stops_it_and_is_raised():
    rng = np.random.default_rng(1)
    problem = Problem.dense(rng.random((300, 200)), 3, most=5)
    steps = []

    def interrupted(step, share):
        steps.append(step)
        if step == "auction":
            os.kill(os.getpid(), signal.SIGINT)

    before = signal.getsignal(signal.SIGINT)
    with pytest.raises(KeyboardInterrupt):
        assign(problem, progress=interrupted)
    assert signal.getsignal(signal.SIGINT) is before
    assert "done" not in steps
    assert assign(problem).complete  # and nothing is left of it
