"""Programmes and their rounds, as officers see them: what runs, where the clock stands, what can be begun."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from simsa.tables.pictures import timeline_picture
from simsa.tables.words.moments import moment_words
from simsa.web.programmes.access import permitted, programme_of, round_of
from simsa.web.programmes.drafting.sections import SCHEDULE_LABELS
from simsa.web.programmes.models import Draft, Kind, Programme, Role, Round, Stage
from simsa.web.programmes.phases import moments, next_moment, phase_of
from simsa.web.programmes.rooms import alarms_of, office_of


@permitted("programmes.manage_programme", programme_of)
def programme(request: HttpRequest, found: Programme, programme: str) -> HttpResponse:
    """Rounds and drafts of a programme."""
    now = timezone.now()
    context = {
        "programme": found,
        "rounds": [(one, phase_of(one, now)) for one in found.rounds.order_by("-opened_at")],
        "drafts": found.drafts.exclude(state__in=[Draft.State.FROZEN, Draft.State.DISCARDED]).select_related("author"),
        "put_away": found.drafts.filter(state=Draft.State.DISCARDED),
        "officers": Role.objects.filter(programme=found, round=None, kind=Kind.OFFICER, until=None).count(),
    }
    return render(request, "office/programme.html", context)


@permitted("programmes.manage_round", round_of)
def of_round(request: HttpRequest, round_: Round, slug: str) -> HttpResponse:
    """A round: where the clock stands, who works on it, what was amended."""
    now = timezone.now()
    here = Q(round=round_) | Q(round=None, programme=round_.programme)
    kinds = Counter(Role.objects.filter(here, until=None).values_list("kind", flat=True))
    counts = {
        kind.label: kinds[kind] for kind in (Kind.OFFICER, Kind.ENTRANT, Kind.REVIEWER, Kind.AUDITOR, Kind.OBSERVER)
    }
    context = {
        "round": round_,
        "now": now,
        **clock_of(round_, now),
        "picture": timeline(round_, now),
        "people": counts,
        "amendments": round_.amendments.order_by("-pk"),
        "drafts": round_.drafts.exclude(state__in=[Draft.State.FROZEN, Draft.State.DISCARDED]),
        "rooms": office_of(round_),
        "alarms": alarms_of(round_),
        "may_amend": round_.stage != Stage.ANNOUNCED,
        "may_clone": request.user.has_perm("programmes.clone_round", round_),
    }
    return render(request, "office/round.html", context)


def clock_of(round_: Round, now: datetime) -> dict[str, Any]:
    """What a page says of a round's time: phase, its moments, and what comes next."""
    coming = next_moment(round_.rules, now)
    return {
        "phase": phase_of(round_, now),
        "moments": [(SCHEDULE_LABELS[key], at, at <= now) for key, at in moments(round_.rules).items()],
        "coming": None if coming is None else (SCHEDULE_LABELS[coming[0]], coming[1]),
    }


def timeline(round_: Round, now: datetime) -> SafeString | None:
    """The schedule as a picture; None without one."""
    schedule = moments(round_.rules)
    if not schedule:
        return None
    language = get_language() or round_.language
    zone = ZoneInfo(round_.time_zone)

    def when(at: datetime) -> str:
        return moment_words(at.replace(tzinfo=None).isoformat(), language)

    drawn = timeline_picture(
        [(str(SCHEDULE_LABELS[key]), when(at)) for key, at in schedule.items()],
        sum(at <= now for at in schedule.values()),
        (str(phase_of(round_, now).label), when(now.astimezone(zone))),
        title=_("Schedule (%(zone)s)") % {"zone": round_.time_zone},
        language=language,
        synthetic=round_.synthetic,
    )
    return mark_safe(drawn)  # noqa: S308 (drawn here, every text in it escaped)
