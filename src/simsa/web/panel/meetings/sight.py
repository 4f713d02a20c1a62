"""What somebody in a meeting sees of the sheets of others: the one place that decides it, by what the rules show."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from simsa.web.panel.models import MeetingItem
from simsa.web.programmes.models import Kind, Round
from simsa.web.programmes.sight import ENTRANT, MARKS, MEETING, REVIEWERS, sees

Who = Literal["member", "observer", "office"]


@dataclass(frozen=True)
class Sight:
    """Whether one sees the others' marks, who is there, and whose a mark is."""

    marks: bool
    members: bool
    names: bool


def sight_of_others(round_: Round, who: Who) -> Sight:
    """Officers and auditors see everything; members and observers what the rules show them in a meeting, or by now,
    and never whose a mark is."""
    if who == "office":
        return Sight(marks=True, members=True, names=True)
    kind = Kind.REVIEWER if who == "member" else Kind.OBSERVER

    def shown(what: str) -> bool:
        return sees(round_, kind, what, MEETING) or sees(round_, kind, what)

    return Sight(marks=shown(MARKS), members=shown(REVIEWERS), names=False)


def knows_entrant(item: MeetingItem, who: Who) -> bool:
    """Whether one sees whose an entry on the agenda is: by the rules for now, or for a meeting once it was taken up."""
    if who == "office":
        return True
    kind, round_ = (Kind.REVIEWER if who == "member" else Kind.OBSERVER), item.round
    taken_up = item.state != MeetingItem.State.WAITING
    return sees(round_, kind, ENTRANT) or (taken_up and sees(round_, kind, ENTRANT, MEETING))
