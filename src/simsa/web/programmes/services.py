"""The verbs of a programme: open a round, publish it. Every verb of any room leaves one event through `record`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from simsa.record import canonical_text
from simsa.rules import RulesError, parse
from simsa.web.programmes.models import FIRST, Event, Programme, Round, Stage
from simsa.web.public import publish_pages

SYSTEM = "system"
"""The actor of what no person did: a command, a background task."""


class StageError(RuntimeError):
    """A verb that the round's stage does not allow (any more, or yet)."""


class BrokenChainError(RuntimeError):
    """The events of a round do not follow from each other; the message names the first that does not."""


def open_round(
    rules_text: str, *, seed: str = "", synthetic_note: str = "", credit: str = "", actor: str = SYSTEM
) -> Round:
    """Freeze rules and open their round, in preparation and not public; its slug is the rules' id.

    `synthetic_note` says where invented data comes from and labels the round synthetic. ValidationError, one message
    for each fault, if the rules cannot be used or a round with their id exists.
    """
    try:
        rules = parse(rules_text)
    except RulesError as error:
        raise ValidationError([str(problem) for problem in error.problems], code="rules") from error
    with transaction.atomic():
        if Round.objects.filter(slug=rules.id).exists():
            message = _("There is a round with the id “%(id)s” already; give the new round another id in its rules.")
            raise ValidationError(message % {"id": rules.id}, code="taken")
        programme, _new = Programme.objects.get_or_create(slug=rules.programme or rules.id)
        opened = Round.objects.create(
            programme=programme,
            slug=rules.id,
            rules_toml=rules_text,
            rules_hash=rules.hash,
            seed=seed,
            synthetic=bool(synthetic_note),
            synthetic_note=synthetic_note,
            credit=credit,
            language=rules.language,
            time_zone=rules.time_zone,
        )
        facts = {"programme": programme.slug, "rules_hash": rules.hash, "seed": seed, "synthetic": opened.synthetic}
        record(opened, "round.opened", actor, facts)
    return opened


def publish_round(round_: Round, *, actor: str = SYSTEM) -> Round:
    """Let the public know of a round and its rules; nothing happens if it does already. A result is published apart."""
    with transaction.atomic():
        round_ = lock(round_)
        if make_public(round_):
            record(round_, "round.published", actor, {"rules_hash": round_.rules_hash})
            publish_pages()
    return round_


def make_public(round_: Round) -> bool:
    """Set the moment from which the public may know of a locked round; whether it had none yet."""
    if round_.published_at is not None:
        return False
    round_.published_at = timezone.now()
    round_.save(update_fields=["published_at"])
    return True


def lock(round_: Round, *allowed: Stage) -> Round:
    """The round as the database has it now, locked until the transaction ends: its verbs come one after another.

    StageError if its stage is not among `allowed` (where any are named).
    """
    locked = Round.objects.select_for_update(of=("self",)).select_related("programme").get(pk=round_.pk)
    if allowed and locked.stage not in allowed:
        message = _("The round “%(round)s” is %(stage)s; that can no longer be done, or not yet.")
        raise StageError(message % {"round": locked.slug, "stage": Stage(locked.stage).label})
    return locked


def advance(round_: Round, stage: Stage) -> None:
    """Move a locked round on; StageError backwards."""
    order = list(Stage)
    if order.index(stage) < order.index(Stage(round_.stage)):
        raise StageError(f"round {round_.slug}: {stage} comes before {round_.stage}")
    round_.stage = stage
    round_.save(update_fields=["stage"])


def record(round_: Round, verb: str, actor: str, payload: Mapping[str, Any]) -> Event:
    """Append one event to the chain of a locked round, inside the transaction of the verb that it tells of."""
    last = round_.events.order_by("-number").first()
    event = Event(
        round=round_,
        number=1 if last is None else last.number + 1,
        verb=verb,
        actor=actor,
        at=timezone.now(),
        payload=canonical_text(payload),
        previous=FIRST if last is None else last.digest,
    )
    event.digest = event.computed_digest()
    event.save()
    return event


def check_events(round_: Round) -> int:
    """Recompute the chain of a round's events and return its length. BrokenChainError names the first that is wrong."""
    previous, count = FIRST, 0
    for count, event in enumerate(round_.events.order_by("number").select_related("round"), start=1):
        if event.number != count:
            raise BrokenChainError(f"round {round_.slug}: event {count} is missing")
        if event.previous != previous or event.digest != event.computed_digest():
            raise BrokenChainError(f"round {round_.slug}: event {count} ({event.verb}) was changed")
        previous = event.digest
    return count
