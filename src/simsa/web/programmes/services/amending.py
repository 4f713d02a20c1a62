"""The verb that changes frozen rules, for a reason that everybody can read."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from simsa.record.statements import NO_SEED, amendment
from simsa.rules import Rules
from simsa.web.programmes.models import Amendment, Opening, Round, Stage
from simsa.web.programmes.phases import moment, moments
from simsa.web.programmes.recording import state
from simsa.web.programmes.services.rounds import SYSTEM, lock, parsed, record
from simsa.web.public import publish_pages


def amend(round_: Round, rules_text: str, reason: str, *, proposed_by: str = "", actor: str = SYSTEM) -> Amendment:
    """Put other rules into force. The record states the hashes before and after, and the reason.

    ValidationError for rules that cannot be used, that change nothing or what the record holds already
    (`amendment_faults`), or without a reason; StageError once the result is announced.
    """
    now_in_force = parsed(rules_text)
    if not reason.strip():
        raise ValidationError(
            _("Say why the rules change; it stands in the record for everybody to read."), code="reason"
        )
    with transaction.atomic():
        round_ = lock(round_, Stage.PREPARING, Stage.SCORING, Stage.CLOSED)
        faults = amendment_faults(round_, now_in_force)
        if faults:
            raise ValidationError(faults, code="fixed")
        made = Amendment.objects.create(
            round=round_,
            before=round_.rules_toml,
            after=rules_text,
            before_hash=round_.rules_hash,
            after_hash=now_in_force.hash,
            reason=reason.strip(),
            at=timezone.now(),
        )
        round_.rules_toml, round_.rules_hash = rules_text, now_in_force.hash
        round_.language, round_.time_zone = now_in_force.language, now_in_force.time_zone
        round_.save(update_fields=["rules_toml", "rules_hash", "language", "time_zone"])
        said = amendment(round_.slug, made.reason, made.before_hash, made.after_hash)
        state(round_, lambda _head: said)
        hashes = {"previous": made.before_hash, "rules_hash": made.after_hash}
        record(round_, "rules.amended", actor, {**hashes, "proposed_by": proposed_by})
        if round_.published_at is not None:
            publish_pages()
    return made


def amendment_faults(round_: Round, rules: Rules) -> list[str]:
    """Why `rules` cannot take the place of the round's: what is in the record already must keep its meaning."""
    return list(_faults(round_, round_.rules, rules))


def _faults(round_: Round, before: Rules, now: Rules) -> Iterator[str]:
    if now.hash == before.hash:
        yield _("These rules say the same as those in force.")
    if (now.id, now.programme) != (before.id, before.programme):
        yield _("The round keeps its id and its programme.")
    stated = set(round_.log.statements.values_list("kind", flat=True))
    if "entries" in stated:
        gone = {group.id for group in before.groups} - {group.id for group in now.groups}
        if gone:
            yield _("Entries are in the record by group; these groups must stay: %(groups)s.") % {
                "groups": ", ".join(sorted(gone))
            }
        unknown = before.reported_fields - now.reported_fields
        if unknown:
            yield _("Numbers are in the record by field; these fields must stay: %(fields)s.") % {
                "fields": ", ".join(sorted(unknown))
            }
    if "slots" in stated and bool(now.leaves) != bool(before.leaves):
        yield _("The panel is assigned; there must be something that it marks.")
    if Opening.objects.filter(log=round_.log, kind=Opening.Kind.SHEET).exists():
        marked = [{leaf.id: leaf.scale for leaf in rules.leaves} for rules in (before, now)]
        if marked[0] != marked[1]:
            yield _("Sheets are in the record; the criteria that the panel marks, and their scales, must stay.")
    frozen = json.loads(bytes(round_.log.statements.get(kind="freeze").content))
    if now.lottery is not None and frozen["seed"] == NO_SEED:
        yield _("Lots in the tie zone need a seed, and none was named when the rules were frozen.")
    yield from _passed(before, now, timezone.now())


def _passed(before: Rules, now: Rules, clock: datetime) -> Iterator[str]:
    """What the clock no longer lets change."""
    passed, moved = moments(before), moments(now)
    if before.vote != now.vote and before.vote is not None and moment(before, before.vote.opens) <= clock:
        yield _("The vote has begun; what the rules say of it must stay.")
    for key, at in moved.items():
        if passed.get(key) != at and at <= clock:
            yield _("The moment “%(key)s” would lie in the past; only what is to come can be moved.") % {"key": key}
