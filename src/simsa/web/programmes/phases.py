"""Where a round stands by the server's clock: what its schedule says of a moment.

A stage (`Stage`) is what was done and is recorded; a phase is what the clock says. A round without a schedule goes by
its stages alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from django.db import models
from django.utils import timezone
from django.utils.translation import pgettext_lazy

from simsa.rules import Rules
from simsa.web.programmes.models import Round, Stage


class Phase(models.TextChoices):
    """What a round is in, in the order in which time goes."""

    BEFORE_CALL = "before_call", pgettext_lazy("phase of a round", "before the call")
    CALL = "call", pgettext_lazy("phase of a round", "call open")
    GRACE = "grace", pgettext_lazy("phase of a round", "time of grace")
    CALL_CLOSED = "call_closed", pgettext_lazy("phase of a round", "call closed")
    SCORING = "scoring", pgettext_lazy("phase of a round", "scoring")
    OBJECTIONS = "objections", pgettext_lazy("phase of a round", "time for objections")
    DECIDING = "deciding", pgettext_lazy("phase of a round", "before the announcement")
    ANNOUNCED = "announced", pgettext_lazy("phase of a round", "announced")

    @property
    def takes_entries(self) -> bool:
        """Whether entries are taken; in the time of grace they are late."""
        return self in {Phase.CALL, Phase.GRACE}


_ORDER = list(Phase)
_BY_STAGE: Mapping[str, Phase] = {
    Stage.PREPARING: Phase.CALL,
    Stage.SCORING: Phase.SCORING,
    Stage.CLOSED: Phase.DECIDING,
    Stage.ANNOUNCED: Phase.ANNOUNCED,
}


class Span(NamedTuple):
    """A phase of a schedule, and the moment with which it begins."""

    phase: Phase
    begins: str
    since: datetime


def moments(rules: Rules) -> dict[str, datetime]:
    """The moments of a schedule in order, as moments of the world."""
    zone = ZoneInfo(rules.time_zone)
    return {key: datetime.fromisoformat(text).replace(tzinfo=zone) for key, text in rules.schedule.moments}


def spans(rules: Rules) -> list[Span]:
    """The phases that a schedule leads through; empty without one."""
    found = moments(rules)
    begins = {
        "call": Phase.CALL,
        "deadline": Phase.GRACE if "grace_until" in found else Phase.CALL_CLOSED,
        "grace_until": Phase.CALL_CLOSED,
        "scoring_from": Phase.SCORING,
        "scoring_until": Phase.OBJECTIONS if "objections_until" in found else Phase.DECIDING,
        "objections_until": Phase.DECIDING,
        "announcement": Phase.ANNOUNCED,
    }
    return [Span(begins[key], key, since) for key, since in found.items()]


def phase_of(round_: Round, now: datetime) -> Phase:
    """The phase of a round at `now`: by its schedule, and never behind what was done."""
    schedule = spans(round_.rules)
    if not schedule:
        return _BY_STAGE[round_.stage]
    past = [span.phase for span in schedule if span.since <= now]
    # A call that has no beginning is open from the freeze on.
    by_clock = past[-1] if past else Phase.BEFORE_CALL if schedule[0].begins == "call" else Phase.CALL
    return max(by_clock, _least(round_, schedule), key=_ORDER.index)


def _least(round_: Round, schedule: list[Span]) -> Phase:
    """What was done is done, whatever the clock says: a closed round is not being scored."""
    if round_.stage == Stage.CLOSED:
        objections = any(span.phase == Phase.OBJECTIONS for span in schedule)
        return Phase.OBJECTIONS if objections else Phase.DECIDING
    return Phase.ANNOUNCED if round_.stage == Stage.ANNOUNCED else Phase.BEFORE_CALL


def is_due(round_: Round, key: str, now: datetime) -> bool:
    """Whether a moment of the schedule has come. What had passed when the rules were frozen was never due here."""
    at = moments(round_.rules).get(key)
    return at is not None and round_.opened_at < at <= now


def next_moment(rules: Rules, now: datetime) -> tuple[str, datetime] | None:
    """What the schedule brings next, and when; None after its last moment."""
    return next(((key, at) for key, at in moments(rules).items() if at > now), None)


def takes_entries(round_: Round) -> bool:
    """Whether a round takes entries now: its call is open by the clock, and nobody has closed it."""
    return round_.stage == Stage.PREPARING and phase_of(round_, timezone.now()).takes_entries


def takes_sheets(round_: Round) -> bool:
    """Whether the panel of a round writes sheets now: it is assigned, and the time for it has come and not gone."""
    now = timezone.now()
    begins = moments(round_.rules).get("scoring_from", now)
    return round_.stage == Stage.SCORING and begins <= now and not is_due(round_, "scoring_until", now)
