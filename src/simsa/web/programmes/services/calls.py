"""The verbs of the call: it opens and closes when the schedule says, each time once."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import transaction
from django.utils import timezone

from simsa.record import canonical_text
from simsa.web.programmes.models import Event, Round, Stage
from simsa.web.programmes.phases import is_due, moments
from simsa.web.programmes.services.rounds import SYSTEM, lock, record

_OPENED, _CLOSED = "call.opened", "call.closed"
log = logging.getLogger("simsa.clock")


def open_call(round_: Round, *, actor: str = SYSTEM) -> Event | None:
    """Record that the call is open, if that is due and not recorded; whoever comes second does nothing."""
    return _passed(round_, _OPENED, "call", actor)


def close_call(round_: Round, *, actor: str = SYSTEM) -> Event | None:
    """Record that the call is closed, grace included, if that is due and not recorded."""
    return _passed(round_, _CLOSED, _closing(round_), actor)


def pass_due_moments() -> int:
    """Open and close all calls that are due; how many events that made."""
    count = 0
    for round_ in Round.objects.exclude(stage=Stage.ANNOUNCED):
        with each_on_its_own(round_):
            if _is_waiting(round_, _OPENED, "call"):
                count += open_call(round_) is not None
            if _is_waiting(round_, _CLOSED, _closing(round_)):
                count += close_call(round_) is not None
    return count


@contextmanager
def each_on_its_own(round_: Round) -> Iterator[None]:
    """What fails for one round is logged, and keeps no other round waiting."""
    try:
        yield
    except Exception:
        log.exception("round %s: what was due could not be done", round_.slug)


def _passed(round_: Round, verb: str, key: str, actor: str) -> Event | None:
    with transaction.atomic():
        round_ = lock(round_)
        return record(round_, verb, actor, _told(round_, key)) if _is_waiting(round_, verb, key) else None


def _closing(round_: Round) -> str:
    return "grace_until" if "grace_until" in moments(round_.rules) else "deadline"


def _is_waiting(round_: Round, verb: str, key: str) -> bool:
    """Whether a moment has come and is not recorded."""
    if not is_due(round_, key, timezone.now()):
        return False
    return not round_.events.filter(verb=verb, payload=canonical_text(_told(round_, key))).exists()


def _told(round_: Round, key: str) -> dict[str, str]:
    """A moment that was moved by an amendment is another one."""
    return {"due": moments(round_.rules)[key].isoformat()}
