"""One measured figure, and how to measure a call or a command."""

from __future__ import annotations

import resource
import statistics
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    """A figure with its peer in the same run, the goal and whether it holds (None: nothing was promised)."""

    figure: str
    value: float
    unit: str
    how: str
    peer: str | None = None
    ratio: float | None = None
    goal: str | None = None
    holds: bool | None = None


def cpu_seconds(call: Callable[[], object], runs: int = 5) -> float:
    """Median CPU seconds of this process for one call, after one call that is not counted."""
    call()
    taken = []
    for _ in range(runs):
        began = time.process_time()
        call()
        taken.append(time.process_time() - began)
    return statistics.median(taken)


def command_seconds(command: list[str], runs: int = 3) -> tuple[float, float]:
    """Median wall and CPU seconds of a whole process."""
    walls, cpus = [], []
    for _ in range(runs):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        began = time.perf_counter()
        subprocess.run(command, check=True, capture_output=True)
        walls.append(time.perf_counter() - began)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        cpus.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return statistics.median(walls), statistics.median(cpus)
