"""The verbs of drafts: begin, save, bring back, propose, approve, withdraw, discard, take up again.

Whoever saves names the version that they changed, so that nobody overwrites what they have not seen. Whoever approves
names the hash that they read; another officer proposed it. A draft's own history are its versions and its steps; what
comes of it is in the record of its round.
"""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from simsa.web.accounts.models import User
from simsa.web.programmes.models import Draft, DraftStep, DraftVersion, Programme, Round
from simsa.web.programmes.services.amending import amend, amendment_faults
from simsa.web.programmes.services.rounds import StageError, lock, open_round, parsed, record

LARGEST = 1_000_000
"""Characters of a draft: far more than rules of the greatest canonical form need."""


class ChangedMeanwhileError(RuntimeError):
    """Somebody saved another version since; `draft` is as it is now."""

    def __init__(self, draft: Draft) -> None:
        super().__init__(_("Somebody saved another version meanwhile."))
        self.draft = draft


def begin_draft(
    programme: Programme, title: str, text: str, *, by: User, based_on: Round | None = None, amends: Round | None = None
) -> Draft:
    """A draft whose first version is `text`. The rules may have faults; they are told, and must be gone when proposed.

    ValidationError without a title, or for a text that is too long.
    """
    text = _clean(text)
    if not title.strip():
        raise ValidationError(_("Give the draft a title."), code="title")
    with transaction.atomic():
        draft = Draft.objects.create(
            programme=programme, title=title.strip(), text=text, based_on=based_on, amends=amends, author=by
        )
        DraftVersion.objects.create(draft=draft, number=1, text=text, author=by)
    return draft


def save_draft(draft: Draft, text: str, *, version: int, by: User, restores: int | None = None) -> Draft:
    """Another version, unless the text is the same. A proposal is withdrawn by it.

    ChangedMeanwhileError if `version` is not the last; StageError if the draft is frozen or discarded.
    """
    text = _clean(text)
    with transaction.atomic():
        draft = _locked(draft)
        if draft.version != version:
            raise ChangedMeanwhileError(draft)
        if text != draft.text:
            draft.text, draft.version = text, draft.version + 1
            DraftVersion.objects.create(draft=draft, number=draft.version, text=text, author=by, restores=restores)
            _take_back(draft, by)
    return draft


def restore_draft(draft: Draft, number: int, *, version: int, by: User) -> Draft:
    """The text of an earlier version once more, as a new one: nothing is lost by it."""
    earlier = draft.versions.get(number=number)
    return save_draft(draft, earlier.text, version=version, by=by, restores=number)


def propose_freeze(draft: Draft, *, version: int, by: User, reason: str = "", seed_source: str = "") -> Draft:
    """Ask another officer to freeze these rules (or, with a reason, to put them into force for a round).

    ValidationError for rules with faults, of another programme, of a round that there is (or, to amend one, of
    another), or without the reason; ChangedMeanwhileError as for saving.
    """
    with transaction.atomic():
        draft = _locked(draft)
        if draft.version != version:
            raise ChangedMeanwhileError(draft)
        draft.reason, draft.seed_source = reason.strip(), seed_source.strip()
        faults = proposal_faults(draft) or _unsaid(draft)
        if faults:
            raise ValidationError(faults, code="rules")
        draft.state = Draft.State.PROPOSED
        draft.proposed_hash, draft.proposed_by, draft.proposed_at = parsed(draft.text).hash, by, timezone.now()
        draft.proposed_over = draft.amends.rules_hash if draft.amends else ""
        draft.save()
        _step(draft, DraftStep.Verb.PROPOSED, by)
    return draft


def proposal_faults(draft: Draft) -> list[str]:
    """What stands against freezing the text of a draft as it is."""
    try:
        rules = parsed(draft.text)
    except ValidationError as error:
        return list(error.messages)
    faults = []
    if (rules.programme or rules.id) != draft.programme.slug:
        faults.append(_("[round] programme must be “%(slug)s”.") % {"slug": draft.programme.slug})
    if draft.amends is not None:
        faults += amendment_faults(draft.amends, rules)
    elif Round.objects.filter(slug=rules.id).exists():
        faults.append(_("There is a round with the id “%(id)s”; give the new one another.") % {"id": rules.id})
    return faults


def _unsaid(draft: Draft) -> list[str]:
    """What a proposal must say besides the rules."""
    if draft.amends is not None:
        told = _("Say why the rules change; it stands in the record for everybody to read.")
        return [] if draft.reason else [told]
    told = _("Lots in the tie zone need a seed: say where it will come from.")
    return [told] if parsed(draft.text).lottery is not None and not draft.seed_source else []


def approve_freeze(draft: Draft, *, rules_hash: str, by: User) -> Round:
    """Freeze what was proposed: its round opens, or its rules come into force.

    `rules_hash` is that which the approving officer read. ValidationError if it is not what is proposed (any more), if
    it is one's own proposal, or if something has come between; StageError if nothing is proposed.
    """
    with transaction.atomic():
        draft = _locked(draft)
        proposer = draft.proposed_by
        if draft.state != Draft.State.PROPOSED or proposer is None:
            raise StageError(_("Nothing is proposed: the draft was changed, or the proposal withdrawn."))
        if proposer == by:
            raise ValidationError(_("Another officer than the one who proposed has to approve."), code="own")
        if not rules_hash == draft.proposed_hash == parsed(draft.text).hash:
            raise ValidationError(_("What you read is not what is proposed now; read it once more."), code="hash")
        faults = proposal_faults(draft)
        if faults:
            raise ValidationError(faults, code="rules")
        if draft.amends is not None:
            round_ = lock(draft.amends)
            if round_.rules_hash != draft.proposed_over:
                raise ValidationError(
                    _("The round was amended meanwhile; propose again what is to change."), code="over"
                )
            amend(round_, draft.text, draft.reason, proposed_by=proposer.actor, actor=by.actor)
        else:
            round_ = open_round(draft.text, source=draft.seed_source, actor=by.actor)
            record(round_, "rules.approved", by.actor, {"rules_hash": rules_hash, "proposed_by": proposer.actor})
            draft.opened = round_
        draft.state = Draft.State.FROZEN
        draft.save()
        _step(draft, DraftStep.Verb.APPROVED, by)
    return round_


def withdraw_proposal(draft: Draft, *, by: User) -> Draft:
    """Take a proposal back; the draft can be changed on. Nothing happens if there is none."""
    with transaction.atomic():
        draft = _locked(draft)
        _take_back(draft, by)
    return draft


def discard_draft(draft: Draft, *, by: User) -> Draft:
    """Put a draft away. Its versions are kept, and it can be taken up again."""
    with transaction.atomic():
        draft = _locked(draft)
        _take_back(draft, by)
        draft.state = Draft.State.DISCARDED
        draft.save()
        _step(draft, DraftStep.Verb.DISCARDED, by)
    return draft


def take_up_draft(draft: Draft, *, by: User) -> Draft:
    """Write on in a draft that was put away. StageError if it was not."""
    with transaction.atomic():
        draft = _rows().get(pk=draft.pk)
        if draft.state != Draft.State.DISCARDED:
            raise StageError(_("This draft was not put away."))
        draft.state = Draft.State.WRITING
        draft.save()
        _step(draft, DraftStep.Verb.TAKEN_UP, by)
    return draft


def _rows() -> QuerySet[Draft]:
    rows = Draft.objects.select_for_update(of=("self",))
    return rows.select_related("programme", "amends", "based_on", "proposed_by")


def _locked(draft: Draft) -> Draft:
    draft = _rows().get(pk=draft.pk)
    if not draft.is_open:
        raise StageError(
            _("This draft is %(state)s; it can no longer be changed.") % {"state": draft.get_state_display()}
        )
    return draft


def _take_back(draft: Draft, by: User) -> None:
    proposed = draft.state == Draft.State.PROPOSED
    draft.state, draft.proposed_hash, draft.proposed_by, draft.proposed_at = Draft.State.WRITING, "", None, None
    draft.save()
    if proposed:
        _step(draft, DraftStep.Verb.WITHDRAWN, by)


def _step(draft: Draft, verb: DraftStep.Verb, by: User) -> None:
    DraftStep.objects.create(draft=draft, verb=verb, version=draft.version, by=by)


def _clean(text: str) -> str:
    """Lines end as in files: browsers send them with a carriage return."""
    text = text.replace("\r\n", "\n")
    if len(text) > LARGEST:
        raise ValidationError(_("The text is too long: at most %(most)d characters.") % {"most": LARGEST}, code="long")
    if "\0" in text:
        raise ValidationError(_("The text holds a character that no text has (NUL)."), code="nul")
    return text
