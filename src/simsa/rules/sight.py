"""What the rules say of who sees what of whom, and from which stage of the round on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Literal

from .errors import Problem
from .reader import Table

if TYPE_CHECKING:
    from .model import Rules

When = Literal["always", "scoring", "meeting", "closed", "announced", "never"]
WHEN: tuple[When, ...] = ("always", "scoring", "meeting", "closed", "announced", "never")
"""From when on, in the order in which time goes. `meeting`: in a meeting of the panel, and once scoring is closed."""


@dataclass(frozen=True)
class ReviewerSight:
    """From when on reviewers know whose an entry is (`entrant`; voters and observers with them), and, of an entry whose
    sheet they have submitted, who else scores it, the others' marks, and their comments."""

    entrant: When = "always"
    reviewers: When = "never"
    marks: When = "never"
    comments: When = "never"


@dataclass(frozen=True)
class EntrantSight:
    """From when on entrants see who scored their own entry, its marks, and the comments on it."""

    reviewers: When = "never"
    marks: When = "never"
    comments: When = "never"


@dataclass(frozen=True)
class ObserverSight:
    """From when on observers see who scores an entry, its marks, and the comments on it."""

    reviewers: When = "never"
    marks: When = "never"
    comments: When = "never"


@dataclass(frozen=True)
class Sight:
    """What of each other those see who take part. Names and marks never stand beside each other."""

    reviewer: ReviewerSight = field(default_factory=ReviewerSight)
    entrant: EntrantSight = field(default_factory=EntrantSight)
    observer: ObserverSight = field(default_factory=ObserverSight)

    def since(self, role: str, what: str) -> When:
        """From when on a role (`reviewer`, `entrant`, `observer`) sees something (a key of its section)."""
        since: When = getattr(getattr(self, role), what)
        return since


_OTHERS: tuple[When, ...] = ("scoring", "meeting", "closed", "announced", "never")
ALLOWED: dict[str, dict[str, tuple[When, ...]]] = {
    "reviewer": {"entrant": WHEN[:-1], **dict.fromkeys(("reviewers", "marks", "comments"), _OTHERS)},
    "entrant": dict.fromkeys(("reviewers", "marks", "comments"), ("closed", "announced", "never")),
    "observer": dict.fromkeys(("reviewers", "marks", "comments"), ("meeting", "closed", "announced", "never")),
}
"""What can be said of each. A receipt names the entry, so reviewers come to know it in the end; there are no marks
before scoring; whoever could still act on a reviewer while they score (an entrant, an observer) sees nothing of them
before."""


def read_sight(top: Table) -> Sight:
    table = top.table("sight")
    if table is None:
        return Sight()
    sight = Sight(
        reviewer=ReviewerSight(**_said(table, "reviewer", ReviewerSight())),
        entrant=EntrantSight(**_said(table, "entrant", EntrantSight())),
        observer=ObserverSight(**_said(table, "observer", ObserverSight())),
    )
    table.close()
    return sight


def _said(top: Table, role: str, usual: ReviewerSight | EntrantSight | ObserverSight) -> dict[str, When]:
    table = top.table(role)
    if table is None:
        return {}
    said = {
        one.name: table.choice(one.name, ALLOWED[role][one.name], getattr(usual, one.name)) for one in fields(usual)
    }
    table.close()
    return said


def sight_advice(rules: Rules) -> Iterator[Problem]:
    """Sheets that are counted as made alone, but are not; and names that would say whose marks are shown."""
    sight, most = rules.sight, rules.whole_panel.sheets_per_entry.max
    alone = _counted_as_made_alone(rules)
    for what in ("marks", "comments"):
        if alone and sight.since("reviewer", what) == "scoring":
            told = f"is shown to reviewers who can still change their sheet, and {alone} takes each as made alone"
            yield Problem(f"sight.reviewer.{what}", told, "meeting, or later")
    others = {"reviewer": 2, "entrant": 1, "observer": 1}  # with so many sheets there is only one that can be meant
    for role, few in others.items():
        if most is None or most > few or sight.since(role, "reviewers") == "never":
            continue
        for what in ("marks", "comments"):
            if sight.since(role, what) != "never":
                told = f"is shown like the names, and an entry has at most {most} sheets: it is plain whose it is"
                yield Problem(f"sight.{role}.{what}", told, 'never, or reviewers = "never"')


def _counted_as_made_alone(rules: Rules) -> str:
    """What decides by a statistical model of sheets that know nothing of each other; empty if nothing does."""
    if rules.calibration.official:
        return "calibration.official"
    return "lottery" if rules.lottery is not None else "adaptive" if rules.adaptive is not None else ""
