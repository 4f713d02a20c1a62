"""The verbs of letters: what an officer decides of one that did not arrive, or is not to."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Case, F, Q, QuerySet, Value, When
from django.utils import timezone
from django.utils.translation import gettext as _

from simsa.web.accounts.services import FORGOTTEN
from simsa.web.programmes.letters import ask_to_send
from simsa.web.programmes.models import Invitation, Round, SentLetter, UnreachableAddress
from simsa.web.programmes.models.letters import unclear
from simsa.web.programmes.services.roles import correct_invitation
from simsa.web.programmes.services.rounds import record

ENDED = (SentLetter.Status.FAILED, SentLetter.Status.STOPPED, SentLetter.Status.RETURNED)
LONGEST = 1000


def post_again(letters: Iterable[SentLetter], *, actor: str) -> int:
    """Send letters once more that failed, were stopped or came back, or of which nobody knows whether they arrived; how
    many. What was sent meanwhile, or has no text any more, is left as it is.
    """
    now = timezone.now()
    with transaction.atomic():
        wanted = SentLetter.objects.filter(pk__in=[letter.pk for letter in letters]).exclude(body="")
        found = list(_locked(wanted.filter(Q(status__in=ENDED) | unclear(now))))
        SentLetter.objects.filter(pk__in=[letter.pk for letter in found]).update(
            status=SentLetter.Status.WAITING, attempts=0, again=F("again") + 1, due=now, fault="", error="", reason=""
        )
        _tell(found, "letters.sent_again", actor)
        ask_to_send()
    return len(found)


def stop_letter(letter: SentLetter, reason: str, *, actor: str) -> None:
    """Do not send a letter that waits. ValidationError without a reason, or if it waits no more."""
    said = reason.strip()
    if not said or len(said) > LONGEST:
        raise ValidationError(_("Say why, in at most %(most)d characters.") % {"most": LONGEST}, code="reason")
    with transaction.atomic():
        found = list(_locked(SentLetter.objects.filter(pk=letter.pk, status=SentLetter.Status.WAITING)))
        if not found:
            raise ValidationError(_("This letter waits no more: it was sent, or is being sent."), code="late")
        SentLetter.objects.filter(pk=letter.pk).update(status=SentLetter.Status.STOPPED, reason=said)
        _tell(found, "letters.stopped", actor)


def empty_letters(round: Round, **_signal: object) -> type[SentLetter]:  # noqa: A002 (what the signal calls it)
    """Of a round's letters it stays that there were some (see `simsa.web.programmes.erasing`); none is sent now."""
    empty(SentLetter.objects.filter(round=round))
    return SentLetter


def empty(letters: QuerySet[SentLetter], **more: str) -> None:
    """Stop letters that wait, and keep no text of any."""
    letters.filter(status=SentLetter.Status.WAITING).update(status=SentLetter.Status.STOPPED)
    letters.update(subject="", body="", error="", reason="", **more)


def mark_address(round_: Round, address: str, reachable: bool, *, actor: str) -> None:
    """Say that letters of a round do not reach an address, or that they do again; nothing happens if it is so already.

    What waits for it fails, and what is written to it later does at once: until somebody has it sent again.
    """
    with transaction.atomic():
        kept = UnreachableAddress.objects.filter(round=round_, address=address)
        if kept.exists() is not reachable:
            return
        if reachable:
            kept.delete()
        else:
            UnreachableAddress.objects.create(round=round_, address=address, since=timezone.now(), actor=actor)
            waiting = SentLetter.objects.filter(round=round_, to=address, status=SentLetter.Status.WAITING)
            waiting.update(status=SentLetter.Status.FAILED, fault=SentLetter.Fault.MARKED)
        record(round_, "address.reachable" if reachable else "address.unreachable", actor, {})


def correct_address(letter: SentLetter, address: str, *, actor: str) -> Invitation:
    """Invite to the right address whom a letter invited to a wrong one, whose link then leads nowhere.

    ValidationError for another letter than an invitation, one that was accepted or withdrawn, and what is no address.
    """
    invitation = invitation_in(letter)
    if invitation is None:
        raise ValidationError(_("Only the address of an invitation that is open can be corrected here."), code="kind")
    with transaction.atomic():
        made = correct_invitation(invitation, address, actor=actor)
        waiting = SentLetter.objects.filter(pk=letter.pk).exclude(status=SentLetter.Status.SENT)
        waiting.update(status=SentLetter.Status.STOPPED, reason=_("The address was corrected."), body="")
    return made


def invitation_in(letter: SentLetter) -> Invitation | None:
    """The invitation that a letter brings, if it is still open."""
    kind, _slash, number = letter.key.partition("/")
    if kind != "invitation" or not number.isdigit():
        return None
    return Invitation.objects.filter(pk=int(number), accepted_at=None, withdrawn_at=None).first()


def returned(pk: int, again: int, error: str, at: datetime) -> bool:
    """Keep that a letter came back, as it was sent for the `again`-th time once more; whether that is news. What the
    mail server says may name whom it was for: it is not kept where they, or the round's letters, were forgotten."""
    known = SentLetter.objects.filter(pk=pk, again=again)
    kept = known.filter(status__in=[SentLetter.Status.SENT, SentLetter.Status.SENDING])
    said = Case(When(Q(to__endswith=FORGOTTEN) | Q(subject=""), then=Value("")), default=Value(error[:500]))
    facts = {"fault": SentLetter.Fault.RETURNED, "error": said, "returned_at": at}
    return bool(kept.update(status=SentLetter.Status.RETURNED, **facts))


def _locked(letters: QuerySet[SentLetter]) -> QuerySet[SentLetter]:
    return letters.select_related("round__log").select_for_update(of=("self",)).order_by("pk")


def _tell(letters: Iterable[SentLetter], verb: str, actor: str) -> None:
    """One event in the record of each round that letters belong to."""
    by_round: dict[Round, list[int]] = {}
    for letter in letters:
        if letter.round is not None:
            by_round.setdefault(letter.round, []).append(letter.pk)
    for round_, numbers in by_round.items():
        record(round_, verb, actor, {"letters": numbers})
