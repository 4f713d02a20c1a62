"""What somebody in a meeting sees of the sheets of others: the one place that decides it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from simsa.rules import MeetingRule, Rules

Who = Literal["member", "observer", "office"]


@dataclass(frozen=True)
class Sight:
    """Whether the marks of others are seen, and whose they are."""

    marks: bool
    names: bool


def sight_of_others(rules: Rules, who: Who) -> Sight:
    """Members see marks and no names, observers what the rules say, officers and auditors both."""
    if who == "office":
        return Sight(marks=True, names=True)
    if who == "member":
        return Sight(marks=True, names=False)
    return Sight(marks=(rules.meeting or MeetingRule()).observers == "marks", names=False)
