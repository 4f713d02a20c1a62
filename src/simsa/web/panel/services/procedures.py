"""The verbs of the three procedures on conflicts: exclusion (제척), challenge (기피), withdrawal (회피).

Each keeps one reviewer from one entry, from the call until scoring closes. What is said stays with the procedure; the
record has that it was said, by whom (numbers and codes), and its hash.
"""

from __future__ import annotations

import hashlib

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from simsa.web.entries.models import Entry
from simsa.web.panel.models import Conflict, Decision, Disclosure, Procedure, Reviewer, SheetDraft, Slot
from simsa.web.panel.services.attending import step_out
from simsa.web.panel.services.sheets import submit_sheet
from simsa.web.panel.services.stating import state_panel
from simsa.web.panel.texts import storable
from simsa.web.programmes.letters import Letter, post
from simsa.web.programmes.models import Kind, Role, Round, Stage
from simsa.web.programmes.services import StageError, lock, record

LONGEST = 4000
LONGEST_GROUND = 200
OPEN = (Stage.PREPARING, Stage.SCORING)


def disclose_panel(round_: Round, shown: bool, *, actor: str) -> None:
    """Show entrants who sits on the panel, or no longer; nothing happens if it is so already."""
    with transaction.atomic():
        round_ = lock(round_, *OPEN)
        kept = Disclosure.objects.filter(round=round_)
        if kept.exists() is shown:
            return
        if shown:
            Disclosure.objects.create(round=round_, since=timezone.now(), actor=actor)
        else:
            kept.delete()
        record(round_, "panel.disclosed" if shown else "panel.hidden", actor, {})


def exclude(entry: Entry, reviewer: Reviewer, ground: str, reason: str, *, actor: str) -> Procedure:
    """An officer states that a law or rule (`ground`) keeps a reviewer from an entry: at once.

    ValidationError without ground or reason, or if it was stated before; StageError once scoring is closed.
    """
    said = ground.strip()
    if not said or len(said) > LONGEST_GROUND:
        raise ValidationError(_("Name the law or rule, in at most %(most)d characters.") % {"most": LONGEST_GROUND})
    with transaction.atomic():
        round_ = lock(entry.round, *OPEN)
        return _at_once(round_, Procedure.Kind.EXCLUSION, entry, reviewer, reason, actor, said)


def challenge(entry: Entry, reviewer: Reviewer, reason: str, *, actor: str) -> Procedure:
    """An entrant asks to keep a reviewer from its entry, with the reason and what shows it; an officer decides.

    ValidationError without a reason, or if they asked before; StageError while the panel is not shown to entrants, and
    once scoring is closed.
    """
    with transaction.atomic():
        round_ = lock(entry.round, *OPEN)
        if not Disclosure.objects.filter(round=round_).exists():
            raise StageError(_("The panel of this round is not shown to entrants."))
        procedure = _begin(round_, Procedure.Kind.CHALLENGE, entry, reviewer, reason, actor)
        record(round_, "conflict.challenged", actor, _told(procedure))
    return procedure


def withdraw(entry: Entry, reviewer: Reviewer, reason: str, *, actor: str) -> Procedure:
    """A reviewer steps back from an entry: at once, at any time until scoring closes, also after it was scored.

    Their sheet for it becomes recused as a whole, what they had written for it goes, and officers get a letter: who
    could take the place is proposed to them. ValidationError without a reason, or if they did so before.
    """
    with transaction.atomic():
        round_ = lock(entry.round, *OPEN)
        procedure = _at_once(round_, Procedure.Kind.WITHDRAWAL, entry, reviewer, reason, actor)
        if round_.stage == Stage.SCORING:
            _tell_officers(round_, procedure)
    return procedure


def step_back(slot: Slot, reason: str, *, actor: str) -> Procedure:
    """What a tap on the sheet means: its reviewer withdraws from the entry.

    Said again by a device that did not hear the answer, it is the same withdrawal. Otherwise as `withdraw`.
    """
    try:
        return withdraw(slot.entry, slot.reviewer, reason, actor=actor)
    except ValidationError as error:
        if error.code != "twice":
            raise
    pair = {"entry": slot.entry_id, "reviewer": slot.reviewer_id}
    return Procedure.objects.get(kind=Procedure.Kind.WITHDRAWAL, **pair)


def decide(procedure: Procedure, granted: bool, reason: str, *, actor: str) -> Procedure:
    """Decide of a challenge, or of another officer's decision anew, with a reason; the last decision counts.

    ValidationError for one's own decision, what is decided so already, a withdrawal (which is the reviewer's own), and
    for lifting what the record commits to: once the panel is assigned, a conflict stays.
    """
    with transaction.atomic():
        round_ = lock(procedure.round, *OPEN)
        procedure = Procedure.objects.select_related("entry__entrant", "reviewer").get(pk=procedure.pk)
        state = Procedure.State.GRANTED if granted else Procedure.State.REJECTED
        before = procedure.decision
        if procedure.kind == Procedure.Kind.WITHDRAWAL:
            raise ValidationError(_("A withdrawal is the reviewer's own; nobody else decides of it."))
        if procedure.state == state:
            raise ValidationError(_("It is decided so already."))
        if before is not None and before.decided_by == actor:
            raise ValidationError(_("You decided this yourself; another officer may decide it anew."))
        if not granted and before is not None and round_.stage != Stage.PREPARING:
            raise ValidationError(_("The panel is assigned: the record commits to this conflict, and it stays."))
        _keep(round_, procedure, state, _said(reason), actor)
        told = {**_about(procedure), "decision": str(state), "sha256": _hash(_said(reason))}
        record(round_, "conflict.decided", actor, told)
        if procedure.kind == Procedure.Kind.CHALLENGE:
            _tell_entrant(round_, procedure, _said(reason))
    return procedure


def _begin(
    round_: Round, kind: Procedure.Kind, entry: Entry, reviewer: Reviewer, reason: str, actor: str, ground: str = ""
) -> Procedure:
    """A procedure in a locked round, before anything was decided of it."""
    if reviewer.round_id != round_.pk:
        raise ValidationError(_("There is no such reviewer on this panel."))
    if Procedure.objects.filter(kind=kind, entry=entry, reviewer=reviewer).exists():
        raise ValidationError(_("This was said before of the same entry and reviewer."), code="twice")
    return Procedure.objects.create(
        kind=kind,
        entry=entry,
        reviewer=reviewer,
        ground=ground,
        reason=_said(reason),
        asked_at=timezone.now(),
        asked_by=actor,
    )


def _at_once(
    round_: Round, kind: Procedure.Kind, entry: Entry, reviewer: Reviewer, reason: str, actor: str, ground: str = ""
) -> Procedure:
    """A procedure in a locked round that takes effect as soon as it is said."""
    procedure = _begin(round_, kind, entry, reviewer, reason, actor, ground)
    _keep(round_, procedure, Procedure.State.GRANTED, procedure.reason, actor)
    record(round_, "conflict.stated", actor, _told(procedure))
    return procedure


def _keep(round_: Round, procedure: Procedure, state: Procedure.State, reason: str, actor: str) -> None:
    """Keep a decision in a locked round, and have follow what follows from it."""
    Decision.objects.create(
        procedure=procedure, state=state, reason=reason, decided_at=timezone.now(), decided_by=actor
    )
    procedure.state = state
    procedure.save(update_fields=["state"])
    if state == Procedure.State.GRANTED:
        _bar(round_, procedure, actor)
    else:
        procedure.conflicts.all().delete()


def _bar(round_: Round, procedure: Procedure, actor: str) -> None:
    """The conflict, and its effect on an assigned panel: the record has it, and the sheet of the slot is recused."""
    pair = {"entry": procedure.entry, "reviewer": procedure.reviewer}
    source = {"source": Conflict.Source.PROCEDURE, "procedure": procedure}
    Conflict.objects.get_or_create(**pair, reason=procedure.kind, defaults=source)
    if round_.stage != Stage.SCORING:
        return
    state_panel(round_)
    step_out(procedure.entry_id, procedure.reviewer, actor)
    slot = Slot.objects.filter(**pair, replaced_by=None).select_related("entry").first()
    if slot is not None and slot.status != Slot.Status.RECUSED:
        submit_sheet(slot, {leaf.id: "recused" for leaf in round_.rules.leaves})
        SheetDraft.objects.filter(slot=slot).delete()


def _tell_officers(round_: Round, procedure: Procedure) -> None:
    """Write to the officers that a place is vacant; neither who left it nor whose entry it is stands in a letter."""
    here = Q(round=round_) | Q(round=None, programme=round_.programme_id)
    for role in Role.objects.filter(here, kind=Kind.OFFICER, until=None).select_related("person"):
        person = role.person
        with translation.override(person.language):
            link = settings.PUBLIC_URL + reverse("panel:replacements", args=[round_.slug])
            facts = {"round": round_.title, "link": link}
        key = f"withdrawn/{procedure.pk}/{person.pk}"
        post(Letter(key, person.email, person.language, "withdrawn", facts), round_)


def _tell_entrant(round_: Round, procedure: Procedure, reason: str) -> None:
    """Write to those who act for the entrant what was decided."""
    acting = Role.objects.filter(round=round_, kind=Kind.ENTRANT, code=procedure.entry.entrant.code, until=None)
    for role in acting.select_related("person"):
        person = role.person
        with translation.override(person.language):
            facts = {
                "round": round_.title,
                "member": procedure.reviewer.name,
                "decision": procedure.get_state_display(),
                "reason": reason,
                "link": settings.PUBLIC_URL + reverse("panel:challenges", args=[procedure.entry_id]),
            }
        key = f"challenge/{procedure.pk}/{procedure.decisions.count()}/{person.pk}"
        post(Letter(key, person.email, person.language, "challenge_decided", facts), round_)


def _about(procedure: Procedure) -> dict[str, object]:
    codes = {"entry": procedure.entry.entrant.code, "reviewer": procedure.reviewer.code}
    return {"procedure": procedure.pk, "kind": procedure.kind, **codes}


def _told(procedure: Procedure) -> dict[str, object]:
    """What the record says of a procedure that was begun."""
    return {**_about(procedure), "ground": procedure.ground, "sha256": _hash(procedure.reason)}


def _said(text: str) -> str:
    text = storable(text)
    if not text.strip():
        raise ValidationError(_("Say why."), code="reason")
    if len(text) > LONGEST:
        raise ValidationError(_("At most %(most)d characters.") % {"most": LONGEST}, code="long")
    return text.strip()


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
