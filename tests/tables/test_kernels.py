"""The rounded result is the same on every kernel of the linear algebra and with any number of its threads."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLE = Path(__file__).parents[2] / "examples" / "proactive"

SCRIPT = """
import ctypes, hashlib, json, pathlib, re, sys, tempfile
import numpy as np
import scipy.linalg
from simsa.engine.calibration import calibrate, rounded_scores
from simsa.rules import Rounding
from simsa.record.components import Origin, components_json
from simsa.tables.outputs import write_outputs
from simsa.tables.round_folder import read_round
from simsa.tables.run import run_round
from tests.engine.panels import drawn

kernels = set()
for library in set(re.findall(r"/\\S*openblas\\S*", pathlib.Path("/proc/self/maps").read_text())):
    for name in ("scipy_openblas_get_corename64_", "scipy_openblas_get_corename", "openblas_get_corename"):
        ask = getattr(ctypes.CDLL(library), name, None)
        if ask is not None:
            ask.restype = ctypes.c_char_p
            kernels.add(ask().decode())

def digest(*parts):
    return hashlib.sha256("\\n".join(parts).encode()).hexdigest()

found = {}
PANELS = [(243, 33, "own"), (1500, 300, "own"), (1200, 1010, "alike")]
for entrants, reviewers, own in PANELS[: int(sys.argv[2])]:
    totals, entrant, reviewer, group = drawn(entrants, reviewers, 5, seed=1)
    done = calibrate(
        totals.floats(), entrant, reviewer, n_entrants=entrants, n_reviewers=reviewers, group=group, reviewers=own,
        digits=4,
    )
    scores = rounded_scores(done.components, totals, entrant, reviewer, group, Rounding(6))
    names = tuple(str(n) for n in range(reviewers))
    components = components_json(done.components, Origin("", "", 4, names, frozenset(names)))
    found[f"{entrants} x {reviewers}"] = digest(json.dumps(components), *map(str, scores.score.values()))
with tempfile.TemporaryDirectory() as folder:
    for file in write_outputs(run_round(read_round(sys.argv[1])), folder):
        if file.suffix in (".csv", ".json"):
            found[file.name] = digest(file.read_text("utf-8"))
print(json.dumps({"kernels": sorted(kernels), "found": found, "bits": digest(done.score.tobytes().hex())}))
"""


def computed(kernel: str, threads: str, panels: int) -> dict[str, object]:
    env = {**os.environ, "OPENBLAS_CORETYPE": kernel, "OPENBLAS_NUM_THREADS": threads}
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(EXAMPLE), str(panels)], env=env, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    told: dict[str, object] = json.loads(done.stdout)
    return told


KERNELS = [("Haswell", "1"), ("Nehalem", "1"), ("Haswell", "2"), ("Nehalem", "2")]


@pytest.mark.parametrize(("ways", "panels"), [(2, 1), pytest.param(4, 3, marks=pytest.mark.long)])
def test_the_rounded_result_is_the_same_on_every_kernel(ways: int, panels: int) -> None:
    told = {(kernel, threads): computed(kernel, threads, panels) for kernel, threads in KERNELS[:ways]}
    for (kernel, _), one in told.items():
        if one["kernels"] != [kernel]:
            pytest.skip(f"asked for kernel {kernel}, got {one['kernels']}: this machine's linear algebra has no choice")
    first, *others = told.values()
    for other in others:
        assert other["found"] == first["found"]
    assert len({str(one["bits"]) for one in told.values()}) > 1  # or nothing that could differ was tried
