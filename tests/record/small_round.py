"""A small round in a folder, for tests of the log and of what is kept beside it."""

from __future__ import annotations

from pathlib import Path

from simsa.engine.inputs import Entries, Reported
from simsa.record.folder import Record
from simsa.record.statements import given
from simsa.rules import Rules, parse

ORIGIN = "simsa.example/log/small"
RULES = parse(
    """
simsa_rules = 1
round = { id = "small", name = "작은 회차", time_zone = "Asia/Seoul" }
[missing]
not_submitted = "leave_out"
not_applicable = "leave_out"
abstained = "leave_out"
recused = "leave_out"
[[group]]
id = "a"
quota = 1
[[criterion]]
id = "total"
combine = { method = "weighted_sum" }
panel = { method = "mean" }
round = { places = 2 }
[[criterion]]
id = "merit"
weight = "0.6"
scale = { min = 0, max = 10, step = "0.5" }
[[criterion]]
id = "reach"
weight = "0.4"
scale = { min = 0, max = 10, step = "0.5" }
[[tie_break]]
lot = true
"""
)
ENTRIES = Entries(("e1", "e2"), ("a", "a"))
NAMES = {"e1": {"ko": "하나"}, "e2": {"ko": "둘"}}
REVIEWERS = ("r1", "r2", "r3")
MARKS = {"merit": "8.5", "reach": "7"}


def begun(path: Path, rules: Rules = RULES) -> Record:
    """A record with entries, a panel, and a slot of each reviewer for each entry."""
    record = Record.create(path, rules, ORIGIN, seed=given("a seed"))
    record.enter(ENTRIES, NAMES, Reported({}))
    record.seat(REVIEWERS)
    record.assign([(entry, reviewer) for entry in ENTRIES.ids for reviewer in REVIEWERS])
    return record
