"""Where each entry of a round stands: whether somebody acts for it, has opened the call, writes, and has submitted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from django.db.models import Max
from django.utils import timezone
from django.utils.translation import pgettext_lazy

from simsa.web.entries.models import DraftField, Entry, Submission, Visit
from simsa.web.programmes.models import Invitation, Kind, Role, Round

STATES = {
    "nobody": pgettext_lazy("state of an entry", "nobody acts for it"),
    "invited": pgettext_lazy("state of an entry", "invited"),
    "unopened": pgettext_lazy("state of an entry", "not opened yet"),
    "opened": pgettext_lazy("state of an entry", "opened"),
    "writing": pgettext_lazy("state of an entry", "being written"),
    "unsubmitted": pgettext_lazy("state of an entry", "not submitted yet"),
    "withdrawn": pgettext_lazy("state of an entry", "withdrawn"),
    "submitted": pgettext_lazy("state of an entry", "submitted"),
}
"""From the least to the most that can be said of an entry; `unsubmitted` to those who may see no drafts."""


@dataclass(frozen=True)
class Standing:
    """One entry: its state (a key of `STATES`), moments, and who acts for it."""

    entry: Entry
    state: str
    people: tuple[Role, ...]
    opened_at: datetime | None
    saved_at: datetime | None
    submission: Submission | None

    @property
    def name(self) -> str:
        return str(self.entry.entrant)

    @property
    def label(self) -> str:
        return str(STATES[self.state])

    @property
    def late(self) -> bool:
        return self.submission is not None and self.submission.late

    @property
    def done(self) -> bool:
        return self.state == "submitted"

    @property
    def without_draft(self) -> Standing:
        """What can be said of it to those who may see no drafts."""
        state = self.state if self.state in {"submitted", "withdrawn"} else "unsubmitted"
        return replace(self, state=state, opened_at=None, saved_at=None)


def standings_for(user: Any, round_: Round) -> list[Standing]:
    """`standings_of`, without what they tell of drafts to a visitor who may see none."""
    found = standings_of(round_)
    return found if user.has_perm("entries.view_drafts", round_) else [one.without_draft for one in found]


def standings_of(round_: Round) -> list[Standing]:
    """Every entry in the order of the round; five questions to the database however many there are."""
    roles: dict[str, list[Role]] = {}
    for role in Role.objects.filter(round=round_, kind=Kind.ENTRANT, until=None).select_related("person"):
        roles.setdefault(role.code, []).append(role)
    invited = set(
        Invitation.objects.filter(
            round=round_, kind=Kind.ENTRANT, accepted_at=None, withdrawn_at=None, expires_at__gt=timezone.now()
        ).values_list("code", flat=True)
    )
    opened = dict(Visit.objects.filter(entry__round=round_).values_list("entry").annotate(at=Max("last_at")))
    saved = dict(DraftField.objects.filter(entry__round=round_).values_list("entry").annotate(at=Max("saved_at")))
    last: dict[int, Submission] = {}
    for submission in Submission.objects.filter(entry__round=round_).defer("content").order_by("version"):
        last[submission.entry_id] = submission
    withdrawn = set(Submission.objects.filter(entry__round=round_, content="").values_list("entry_id", "version"))
    found = []
    for entry in round_.entries.select_related("entrant").order_by("position"):
        people = tuple(roles.get(entry.entrant.code, ()))
        submission = last.get(entry.pk)
        gone = submission is not None and (entry.pk, submission.version) in withdrawn
        state = (
            ("withdrawn" if gone else "submitted") if submission is not None
            else "writing" if entry.pk in saved
            else "opened" if entry.pk in opened
            else "unopened" if people
            else "invited" if entry.entrant.code in invited
            else "nobody"
        )  # fmt: skip
        counts = None if gone else submission
        found.append(Standing(entry, state, people, opened.get(entry.pk), saved.get(entry.pk), counts))
    return found


def counted(standings: Sequence[Standing]) -> list[tuple[str, str, int]]:
    """How many there are in each state: key, label, number."""
    counts = Counter(one.state for one in standings)
    return [(key, str(label), counts[key]) for key, label in STATES.items() if counts[key]]


def per_day(round_: Round) -> Mapping[date, int]:
    """How many submissions came on each day of the site's zone, from the first to the last such day."""
    moments = Submission.objects.filter(entry__round=round_).exclude(content="").values_list("submitted_at", flat=True)
    counts = Counter(timezone.localtime(at).date() for at in moments)
    if not counts:
        return {}
    first, last = min(counts).toordinal(), max(counts).toordinal()
    return {date.fromordinal(n): counts[date.fromordinal(n)] for n in range(first, last + 1)}


def arranged(standings: Sequence[Standing], state: str, sort: str) -> list[Standing]:
    """Those in one state (all for ""), by `sort`: name, group, state, saved, submitted; with a minus the other way."""
    order = list(STATES)
    never = datetime.min.replace(tzinfo=timezone.get_current_timezone())
    keys = {
        "name": lambda one: one.name,
        "group": lambda one: (one.entry.group, one.entry.position),
        "state": lambda one: (order.index(one.state), one.entry.position),
        "saved": lambda one: one.saved_at or never,
        "submitted": lambda one: one.submission.submitted_at if one.submission else never,
    }
    chosen = [one for one in standings if state in {"", one.state}]
    key = keys.get(sort.removeprefix("-"))
    return sorted(chosen, key=key, reverse=sort.startswith("-")) if key else chosen
