"""The verbs of objections between entrants, where the rules allow them: object, reply, rule.

They come after the call has closed and before scoring begins. What is said stays with the objection; the record has
that it was said, by whom (the entrant's code), and its hash.
"""

from __future__ import annotations

import hashlib
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from simsa.web.entries.models import Entry, Evidence, Objection
from simsa.web.entries.services.drafting import ClosedError
from simsa.web.entries.services.submitting import submitted_content
from simsa.web.programmes.models import Round, Stage
from simsa.web.programmes.phases import Phase, phase_of
from simsa.web.programmes.services import lock, record

LONGEST = 4000


def peers_see(round_: Round, now: datetime) -> bool:
    """Whether entrants see now what others submitted."""
    after_call = phase_of(round_, now) not in {Phase.BEFORE_CALL, Phase.CALL, Phase.GRACE}
    return round_.rules.entries.peers != "none" and after_call


def peers_object(round_: Round, now: datetime) -> bool:
    """Whether they can object to it now."""
    in_time = round_.stage == Stage.PREPARING and phase_of(round_, now) == Phase.CALL_CLOSED
    return round_.rules.entries.peers == "object" and in_time


def object_to(
    entry: Entry, by: Entry, reason: str, *, criterion: str = "", evidence: Evidence | None = None, actor: str
) -> Objection:
    """Object to what another entrant submitted. ValidationError without a reason, to one's own entry, or to what is not
    in it; ClosedError outside the time for it."""
    with transaction.atomic():
        round_ = lock(entry.round)
        now = timezone.now()
        if not peers_object(round_, now):
            raise ClosedError(_("Objections between entrants are not taken now."))
        if entry.pk == by.pk or entry.round_id != by.round_id:
            raise ValidationError(_("Objections are to what others submitted in the same round."))
        if submitted_content(entry) is None:
            raise ValidationError(_("Nothing was submitted here."))
        if criterion and criterion not in round_.rules.by_id:
            raise ValidationError(_("There is no such criterion."))
        if evidence is not None and (evidence.entry_id != entry.pk or evidence.submitted_at is None):
            raise ValidationError(_("This file is not part of what was submitted."))
        said = _said(reason)
        made = Objection.objects.create(
            entry=entry, by=by, criterion=criterion, evidence=evidence, reason=said, made_at=now
        )
        told = {"objection": made.pk, "entry": entry.entrant.code, "by": by.entrant.code, "sha256": _hash(said)}
        record(round_, "entry.objected", actor, told)
    return made


def reply_to(objection: Objection, text: str, *, actor: str) -> Objection:
    """The entrant's reply; once, and before the ruling."""
    with transaction.atomic():
        lock(objection.round, Stage.PREPARING)
        objection = Objection.objects.select_for_update(of=("self",)).get(pk=objection.pk)
        if objection.reply or objection.ruling:
            raise ValidationError(_("This objection has its reply, or its ruling, already."))
        objection.reply, objection.replied_at = _said(text), timezone.now()
        objection.save(update_fields=["reply", "replied_at"])
        record(
            objection.round, "objection.replied", actor, {"objection": objection.pk, "sha256": _hash(objection.reply)}
        )
    return objection


def rule_on(objection: Objection, ruling: str, reason: str, *, actor: str) -> Objection:
    """The office's ruling with its reason, once. Evidence objected to with success no longer counts as such."""
    with transaction.atomic():
        lock(objection.round, Stage.PREPARING)
        objection = Objection.objects.select_for_update(of=("self",)).get(pk=objection.pk)
        if ruling not in {Objection.Ruling.UPHELD, Objection.Ruling.REJECTED}:
            raise ValidationError(_("Say whether the objection is upheld or rejected."))
        if objection.ruling:
            raise ValidationError(_("This objection has its reply, or its ruling, already."))
        objection.ruling, objection.ruling_reason, objection.ruled_at = ruling, _said(reason), timezone.now()
        objection.save(update_fields=["ruling", "ruling_reason", "ruled_at"])
        told = {"objection": objection.pk, "ruling": ruling, "sha256": _hash(objection.ruling_reason)}
        record(objection.round, "objection.ruled", actor, told)
    return objection


def _said(text: str) -> str:
    if not text.strip():
        raise ValidationError(_("Say why."), code="reason")
    if len(text) > LONGEST:
        raise ValidationError(_("At most %(most)d characters.") % {"most": LONGEST}, code="long")
    return text.strip()


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
