"""`simsa run` on each example, as a whole process: read, tally, calibrate, select, write everything."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from bench.figure import Figure, command_seconds

ROOT = Path(__file__).parents[1]


def figures() -> Iterator[Figure]:
    simsa = str(Path(sys.executable).parent / "simsa")
    for name in ("proactive", "skating", "fiscal-efforts"):
        if name != "proactive" and not os.environ.get("SIMSA_DATA"):
            print(f"{name}: SIMSA_DATA is not set, not measured", file=sys.stderr)
            continue
        with tempfile.TemporaryDirectory() as folder:
            wall, cpu = command_seconds([simsa, "run", str(ROOT / "examples" / name), "--out", folder, "--json"])
        yield Figure(f"simsa run examples/{name}", wall, "s", f"median of 3 processes; {cpu:.2f} CPU s")
