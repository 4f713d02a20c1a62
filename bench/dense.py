"""Every reviewer a candidate of every entry, at the size of AAAI-26's first phase: 22,495 x 24,854, 559 M pairs.

Synthetic: 200 topics are drawn in 128 dimensions (normal); an entry or a reviewer is a mixture of them (Dirichlet, 0.02
each: mostly one or two) with a little noise (normal, 0.3), scaled to length 1. The affinity is the product of the two
vectors. Coverage is 4; the load is at most 6 (60 % of the slots are used) or at most 4 (91 %).
"""

from __future__ import annotations

import json
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bench.figure import Figure
from simsa.engine.assignment import Embeddings, assign_dense
from simsa.engine.assignment.dense import BLOCK

ENTRIES, REVIEWERS, DIMENSIONS, COVERAGE = 22_495, 24_854, 128, 4


def embeddings(seed: int = 1) -> Embeddings:
    random = np.random.default_rng(seed)
    topic = random.normal(size=(200, DIMENSIONS)).astype(np.float32)

    def drawn(n: int) -> NDArray[np.float32]:
        mixture = random.dirichlet(np.full(200, 0.02), n).astype(np.float32)
        at = mixture @ topic + np.float32(0.3) * random.normal(size=(n, DIMENSIONS)).astype(np.float32)
        return np.ascontiguousarray(at / np.linalg.norm(at, axis=1, keepdims=True), dtype=np.float32)

    return Embeddings(drawn(ENTRIES), drawn(REVIEWERS))


def swept(affinities: Embeddings) -> None:
    """The product alone, block by block."""
    size = BLOCK // REVIEWERS
    for first in range(0, ENTRIES, size):
        affinities.rows(np.arange(first, min(ENTRIES, first + size)))


def work(most: int) -> dict[str, Any]:
    affinities = embeddings()
    sweeps = []
    for _ in range(4):
        began = time.process_time()
        swept(affinities)
        sweeps.append(time.process_time() - began)
    told: list[float] = []
    began = time.process_time()
    found = assign_dense(affinities, COVERAGE, most=most, progress=lambda _step, share: told.append(share))
    return {
        "seconds": time.process_time() - began,
        "sweep": statistics.median(sweeps[1:]),
        "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "kept": found.problem.entry.size / (ENTRIES * REVIEWERS),
        "priced": found.priced,
        "sweeps": found.sweeps,
        "told": len(told),
        "optimal": found.assignment.certificate.optimal and found.assignment.complete,
    }


def figures() -> Iterator[Figure]:
    for most in (6, 4):
        command = [sys.executable, "-m", "bench.dense", str(most)]
        found = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
        assert found["optimal"]
        assert found["priced"] == ENTRIES * REVIEWERS
        name = f"dense assignment {ENTRIES:,} x {REVIEWERS:,}, load at most {most}"
        ratio = found["seconds"] / found["sweep"]
        yield Figure(
            figure=name,
            value=found["seconds"],
            unit="CPU s",
            peer="one sweep: the matrix product alone",
            ratio=ratio,
            goal="<= 15",
            holds=ratio <= 15,
            how=f"certified over {found['priced']:,} pairs; {found['sweeps']:.1f} readings of the matrix; "
            f"progress told {found['told']} times",
        )
        yield Figure(
            figure=f"pairs kept, {name}",
            value=100 * found["kept"],
            unit="%",
            goal="<= 0.5",
            holds=found["kept"] <= 0.005,
            how="of all pairs",
        )
        yield Figure(
            figure=f"peak memory, {name}",
            value=found["peak"] / 1024,
            unit="GB",
            goal="<= 3",
            holds=found["peak"] <= 3 * 1024,
            how="the whole process",
        )


if __name__ == "__main__":
    print(json.dumps(work(int(sys.argv[1]))))
