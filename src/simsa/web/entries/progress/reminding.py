"""Letters that remind: by themselves before the deadline, and when an officer wants it; nobody gets one twice."""

from __future__ import annotations

import logging
from collections.abc import Iterable

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import timezone, translation

from simsa.web.entries.models import Entry
from simsa.web.entries.progress.standing import Standing, standings_of
from simsa.web.programmes.letters import Letter, post
from simsa.web.programmes.models import Role, Round, Stage
from simsa.web.programmes.phases import moments, takes_entries
from simsa.web.programmes.reminders import occasion
from simsa.web.programmes.services import SYSTEM, record


def remind(round_: Round, standings: Iterable[Standing], about: str, *, actor: str = SYSTEM) -> int:
    """Write to everybody who acts for these entries and has not submitted; how many letters are new.

    `about` says what the letter is about: nobody gets a second one for the same occasion.
    """
    with transaction.atomic():
        sent = sum(_write(round_, one.entry, role, about) for one in standings if not one.done for role in one.people)
        if sent:
            record(round_, "entrants.reminded", actor, {"occasion": about, "letters": sent})
    return sent


def remind_when_due() -> int:
    """Write what is due in all rounds; how many letters that made."""
    count = 0
    for round_ in Round.objects.filter(stage=Stage.PREPARING):
        try:
            count += _remind_before_deadline(round_)
        except Exception:
            logging.getLogger("simsa.clock").exception("round %s: nobody could be reminded", round_.slug)
    return count


def _remind_before_deadline(round_: Round) -> int:
    about = occasion(moments(round_.rules).get("deadline"), round_.opened_at, timezone.now())
    if about is None or not takes_entries(round_):
        return 0
    return remind(round_, standings_of(round_), f"deadline/{about}")


def _write(round_: Round, entry: Entry, role: Role, about: str) -> bool:
    person = role.person
    with translation.override(person.language):
        deadline = moments(round_.rules).get("deadline")
        facts = {
            "round": round_.title,
            "entrant": entry.entrant.name(person.language),
            "deadline": timezone.localtime(deadline) if deadline else None,
            "link": settings.PUBLIC_URL + reverse("entries:desk", args=[entry.pk]),
            "calendar": settings.PUBLIC_URL + reverse("entries_data:calendar", args=[round_.slug]),
        }
    key = f"reminder/{round_.slug}/{about}/{entry.pk}/{person.pk}"
    return post(Letter(key, person.email, person.language, "reminder", facts), round_)
