"""What the rules say of meetings of the panel: what is called up in them, and whether marks change."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Literal, get_args

from .decimals import exact_text
from .nodes import ROOT
from .reader import Table

MeetingMarks = Literal["stay", "change"]
MeetingSight = Literal["course", "marks"]


@dataclass(frozen=True)
class MeetingRule:
    """Meetings of the panel while it scores.

    An entry whose sheets lie `spread` or more apart (as in a consensus: the greatest less the least) at `criterion`, a
    leaf that the panel marks or the sheets' totals, is called up; without `spread` none is by itself. `marks`: whether
    members may change theirs in a meeting. `observers` see its course alone, or the marks as well.
    """

    criterion: str = ROOT
    spread: Fraction | None = None
    marks: MeetingMarks = "stay"
    observers: MeetingSight = "course"


def read_meeting(top: Table) -> MeetingRule | None:
    table = top.table("meeting")
    if table is None:
        return None
    spread = table.number("spread")
    if spread is not None and spread <= 0:
        table.note("spread", f"is {exact_text(spread)}", "more than 0, or left out")
    found = MeetingRule(
        criterion=table.text("criterion", ROOT),
        spread=spread,
        marks=table.choice("marks", get_args(MeetingMarks), "stay"),
        observers=table.choice("observers", get_args(MeetingSight), "course"),
    )
    table.close()
    return found
