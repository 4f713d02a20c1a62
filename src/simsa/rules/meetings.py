"""What the rules say of meetings of the panel: what is called up in them, and whether marks change."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Literal, get_args

from .decimals import exact_text
from .errors import Problem
from .nodes import ROOT
from .reader import Table
from .sight import WHEN

if TYPE_CHECKING:
    from .model import Rules

MeetingMarks = Literal["stay", "change"]


@dataclass(frozen=True)
class MeetingRule:
    """Meetings of the panel while it scores.

    An entry whose sheets lie `spread` or more apart (as in a consensus: the greatest less the least) at `criterion`, a
    leaf that the panel marks or the sheets' totals, is called up; without `spread` none is by itself. `marks`: whether
    members may change theirs in a meeting. Who sees the marks there is said with the rest of the sight (`Sight`).
    """

    criterion: str = ROOT
    spread: Fraction | None = None
    marks: MeetingMarks = "stay"


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
    )
    table.close()
    return found


def meeting_advice(rules: Rules) -> Iterator[Problem]:
    """A meeting on marks that its members do not see, and a spread that no marks have."""
    rule = rules.meeting
    if rule is None:
        return
    since = rules.sight.since("reviewer", "marks")
    if (rule.spread is not None or rule.marks == "change") and WHEN.index(since) > WHEN.index("meeting"):
        told = f"is {since!r}, and there is a meeting: its members talk without the marks"
        yield Problem("sight.reviewer.marks", told, "meeting, or no [meeting]")
    leaf = rules.by_id[rule.criterion]
    if leaf.scale is not None and rule.spread is not None and rule.spread > leaf.scale.max - leaf.scale.min:
        most = exact_text(leaf.scale.max - leaf.scale.min)
        yield Problem(
            "meeting.spread", f"is {exact_text(rule.spread)}, and marks lie {most} apart at most", "at most that"
        )
