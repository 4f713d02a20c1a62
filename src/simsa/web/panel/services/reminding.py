"""Letters that remind the panel: to declare conflicts, to submit sheets, to answer an invitation.

By themselves before it is due, and when an officer wants it; nobody gets one twice for the same occasion.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from simsa.web.panel.models import Declaration, Reviewer, Slot
from simsa.web.panel.saving import missed_in
from simsa.web.panel.services.declaring import declared_until, may_declare
from simsa.web.programmes.letters import Letter, post
from simsa.web.programmes.models import Invitation, Kind, Role, Round, Stage
from simsa.web.programmes.phases import moments, takes_sheets
from simsa.web.programmes.reminders import occasion
from simsa.web.programmes.services import SYSTEM, each_on_its_own, record, remind_invited

ANSWER_AFTER = timedelta(days=7)
"""Who has not answered an invitation by then gets it once more."""


@dataclass(frozen=True)
class Behind:
    """Somebody who has not done it yet: the role that they act in, the address where it is done (its name, and what it
    is about), and how much there is to do."""

    role: Role
    where: tuple[str, str | int]
    left: int
    all: int


@dataclass(frozen=True)
class Matter:
    """Something that the panel has to do: who is behind with it (nobody while it is not its time), and until when."""

    words: str | Promise
    template: str
    behind: Callable[[Round], list[Behind]]
    until: Callable[[Round], datetime | None]
    since: Callable[[Round], datetime]


def not_declared(round_: Round) -> list[Behind]:
    """Who has not declared their conflicts while that can be done."""
    if not may_declare(round_, timezone.now()):
        return []
    declared = Declaration.objects.filter(reviewer__round=round_).values("reviewer")
    silent = {one.code: one for one in Reviewer.objects.filter(round=round_).exclude(pk__in=declared)}
    return [
        Behind(role, ("panel:declaration", silent[role.code].pk), 1, 1)
        for role in _acting(round_)
        if role.code in silent
    ]


def not_submitted(round_: Round) -> list[Behind]:
    """Who has sheets that were never submitted while they are taken: a missed one is taken no more."""
    if not takes_sheets(round_):
        return []
    slots = Slot.objects.filter(entry__round=round_, replaced_by=None).exclude(status=Slot.Status.RECUSED)
    slots = slots.exclude(pk__in=missed_in(round_.pk))
    statuses: dict[str, list[str]] = {}
    for code, status in slots.values_list("reviewer__code", "status"):
        statuses.setdefault(code, []).append(status)
    found = []
    for role in _acting(round_):
        there = statuses.get(role.code, [])
        if left := sum(status != Slot.Status.SUBMITTED for status in there):
            found.append(Behind(role, ("panel:own", round_.slug), left, len(there)))
    return found


MATTERS: Mapping[str, Matter] = {
    "declare": Matter(
        _("Conflicts not declared"), "declare", not_declared, declared_until, lambda round_: round_.opened_at
    ),
    "score": Matter(
        _("Sheets not submitted"),
        "score",
        not_submitted,
        lambda round_: moments(round_.rules).get("scoring_until"),
        lambda round_: moments(round_.rules).get("scoring_from", round_.opened_at),
    ),
}
ANSWER = "answer"


def unanswered(round_: Round) -> list[Invitation]:
    """Open invitations to the panel."""
    now = timezone.now()
    kept = Invitation.objects.filter(round=round_, kind=Kind.REVIEWER, accepted_at=None, withdrawn_at=None)
    return list(kept.filter(expires_at__gt=now).order_by("code", "pk"))


def remind_panel(round_: Round, key: str, about: str, *, actor: str = SYSTEM) -> int:
    """Write to everybody who is behind with a matter (a key of `MATTERS`); how many letters are new.

    `about` says what the letter is about: nobody gets a second one for the same.
    """
    matter = MATTERS[key]
    with transaction.atomic():
        sent = sum(_write(round_, matter, one, about) for one in matter.behind(round_))
        if sent:
            record(round_, "reviewers.reminded", actor, {"matter": key, "occasion": about, "letters": sent})
    return sent


def remind_unanswered(round_: Round, before: datetime, *, actor: str = SYSTEM, by_itself: bool = True) -> int:
    """Invite those once more who were invited `before` and have not answered, by itself once; how many letters."""
    with transaction.atomic():
        late = [one for one in unanswered(round_) if one.invited_at < before and not (by_itself and one.reminds)]
        return sum(remind_invited(one, actor=actor) is not None for one in late)


def remind_panels_when_due() -> int:
    """Write what is due in all rounds; how many letters that made."""
    count = 0
    for round_ in Round.objects.filter(stage__in=[Stage.PREPARING, Stage.SCORING]):
        with each_on_its_own(round_):
            now = timezone.now()
            for key, matter in MATTERS.items():
                about = occasion(matter.until(round_), matter.since(round_), now)
                if about is not None:
                    count += remind_panel(round_, key, about)
            count += remind_unanswered(round_, now - ANSWER_AFTER)
    return count


def _acting(round_: Round) -> list[Role]:
    roles = Role.objects.filter(round=round_, kind=Kind.REVIEWER, until=None)
    return list(roles.select_related("person").order_by("code", "pk"))


def _write(round_: Round, matter: Matter, one: Behind, about: str) -> bool:
    person, until = one.role.person, matter.until(round_)
    with translation.override(person.language):
        route, about_what = one.where
        facts = {
            "round": round_.title,
            "left": one.left,
            "all": one.all,
            "until": None if until is None else timezone.localtime(until),
            "link": settings.PUBLIC_URL + reverse(route, args=[about_what]),
        }
    key = f"{matter.template}/{round_.slug}/{about}/{one.role.code}/{person.pk}"
    return post(Letter(key, person.email, person.language, matter.template, facts), round_)
