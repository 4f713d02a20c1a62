"""A small round that is run: once with the sheets that came, once with a synthetic panel."""

from __future__ import annotations

from pathlib import Path

from simsa.tables.run import Run, run_round
from tests.rules.small import SMALL
from tests.tables.folder import MAP, read

MARKS = """entry,reviewer,criterion,mark
e1,R1,idea,9.5
e1,R2,idea,8
e1,R3,idea,9
e1,R1,work,8
e1,R2,work,7
e1,R3,work,9
e2,R1,idea,6
e2,R2,idea,5
e2,R3,idea,7
e2,R1,work,6
e2,R2,work,5.5
e2,R3,work,6.5
e3,R1,idea,7
e3,R2,idea,6
e3,R1,work,7
e3,R2,work,5
e3,R3,work,6
"""
SYNTHETIC = (
    MAP.partition("[sheets]")[0]
    + """
[synthetic]
seed = "a seed"
pair_correlation = 0.4
conflict_share = 0.1
affinity = { reviewer = "region", entrant = "region" }
"""
)
LIMITS = """[panel]
sheets_per_entry = 3
load = { max = 3 }

[[conflict]]
id = "told"
kind = "declared"

[missing]"""
DRAWN = SMALL.replace("[missing]", LIMITS)
PANEL = "id,region\nR1,r\nR2,s\nR3,\nR4,t\nR5,t\nR6,t\n"


def scored(folder: Path, **files: str) -> Run:
    return run_round(read(folder, **{"sheets_csv": MARKS, **files}))


def drawn(folder: Path, **files: str) -> Run:
    return run_round(read(folder, **{"rules_toml": DRAWN, "round_toml": SYNTHETIC, "panel_csv": PANEL, **files}))
