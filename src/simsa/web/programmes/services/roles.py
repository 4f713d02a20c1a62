"""The verbs of roles: invite, take, hand over, end.

What is written into a round's record names people by number alone; addresses stay in the tables.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from simsa.web.accounts.models import User
from simsa.web.programmes.letters import Letter, post
from simsa.web.programmes.models import Programme, Round
from simsa.web.programmes.models.roles import ACTING, OF_PROGRAMMES, Invitation, Kind, Role
from simsa.web.programmes.rooms import codes_of
from simsa.web.programmes.services.rounds import SYSTEM, record

VALID = timedelta(days=14)
"""How long an invitation can be accepted."""


class InvitationError(ValueError):
    """An invitation that cannot be accepted (any more), or not by this person; the message says why."""


def give_role(
    programme: Programme, round_: Round | None, kind: str, person: User, code: str = "", *, actor: str = SYSTEM
) -> Role:
    """Give somebody a role at once, without a letter; the one that they have already, if they do."""
    _check_scope(round_, kind, code)
    with transaction.atomic():
        return _given(programme, round_, kind, code, person, actor, timezone.now())


def invite(
    programme: Programme,
    round_: Round | None,
    kind: str,
    email: str,
    code: str = "",
    *,
    language: str = "",
    actor: str = SYSTEM,
) -> Invitation:
    """Offer a role by letter. ValidationError for what is no address, or a role that must (not) act for somebody.

    An earlier invitation of the same address to the same role ends.
    """
    _check_scope(round_, kind, code)
    with transaction.atomic():
        _open(programme, round_, kind, code, _address(email)).update(withdrawn_at=timezone.now())
        return _invited(programme, round_, kind, code, _address(email), language, actor)


def invite_many(round_: Round, kind: str, rows: Iterable[tuple[str, str]], *, actor: str = SYSTEM) -> int:
    """Offer a role that acts for somebody to many at once, each row a code and an address: all of them, or none.

    Who has the role already, or an open invitation to it, gets no other letter. How many letters are new.
    """
    with transaction.atomic():
        sent = 0
        for code, email in rows:
            address = _address(email)
            has = Role.objects.filter(round=round_, kind=kind, code=code, person__email=address, until__isnull=True)
            open_ = _open(round_.programme, round_, kind, code, address).filter(expires_at__gt=timezone.now())
            if not has.exists() and not open_.exists():
                invite(round_.programme, round_, kind, address, code, actor=actor)
                sent += 1
    return sent


def hand_over(role: Role, email: str, reason: str, *, actor: str) -> Invitation:
    """Offer one's role to a colleague: it ends when they take theirs, and what was done in it is theirs to go on with.

    ValidationError without a reason, to oneself, or for a role that has ended.
    """
    if not reason.strip():
        raise ValidationError(_("Say why you hand over; it stands in the record."), code="reason")
    with transaction.atomic():
        role = (
            Role.objects.select_for_update(of=("self",)).select_related("person", "programme", "round").get(pk=role.pk)
        )
        if role.until is not None:
            raise ValidationError(_("This role has ended."), code="ended")
        if _address(email) == role.person.email:
            raise ValidationError(_("This is your own address."), code="own")
        role.offers.filter(accepted_at__isnull=True, withdrawn_at__isnull=True).update(withdrawn_at=timezone.now())
        language = role.person.language
        where = (role.programme, role.round, role.kind, role.code)
        return _invited(*where, _address(email), language, actor, role, reason=reason.strip())


def withdraw_invitation(invitation: Invitation, *, actor: str) -> None:
    """Its link no longer works. Nothing happens if it was accepted."""
    now = timezone.now()
    still = Invitation.objects.filter(pk=invitation.pk, accepted_at__isnull=True, withdrawn_at__isnull=True)
    if still.update(withdrawn_at=now) and invitation.round is not None:
        record(invitation.round, "invitation.withdrawn", actor, {"kind": invitation.kind, "code": invitation.code})


def correct_invitation(invitation: Invitation, email: str, *, actor: str) -> Invitation:
    """Offer what an invitation offers at another address; its own link no longer works.

    ValidationError for what is no address, the same one, or an invitation that is over.
    """
    address = _address(email)
    if address == invitation.email:
        raise ValidationError(_("This is the address that it was sent to."), code="same")
    return _instead(invitation, address, actor)


def remind_invited(invitation: Invitation, *, actor: str = SYSTEM) -> Invitation | None:
    """Send an invitation that nobody has answered once more, as a new link; None if it is over.

    Each is followed by one at most, so that nobody is reminded twice of the same.
    """
    try:
        return _instead(invitation, invitation.email, actor, reminder=True)
    except ValidationError:
        return None


def _instead(invitation: Invitation, address: str, actor: str, *, reminder: bool = False) -> Invitation:
    with transaction.atomic():
        before = Invitation.objects.select_for_update(of=("self",)).select_related("programme", "round", "hands_over")
        invitation = before.get(pk=invitation.pk)
        if invitation.accepted_at is not None or invitation.withdrawn_at is not None:
            raise ValidationError(
                _("This invitation was accepted, withdrawn, or followed by a newer one."), code="over"
            )
        invitation.withdrawn_at = timezone.now()
        invitation.save(update_fields=["withdrawn_at"])
        where = (invitation.programme, invitation.round, invitation.kind, invitation.code)
        return _invited(
            *where, address, invitation.language, actor, invitation.hands_over,
            reason=invitation.reason, follows=invitation, reminder=reminder,
        )  # fmt: skip


def invitation_of(secret: str) -> Invitation:
    """The invitation that a link leads to. InvitationError if there is none, or it is over."""
    found = Invitation.objects.filter(digest=_digest(secret)).select_related("programme", "round", "hands_over").first()
    if found is None:
        raise InvitationError(_("This link is not complete, or it was never sent. Open it once more from the letter."))
    if found.accepted_at is not None:
        raise InvitationError(_("This invitation was accepted before. Sign in to go on."))
    if found.withdrawn_at is not None:
        raise InvitationError(_("This invitation was withdrawn, or a newer one was sent."))
    if found.expires_at <= timezone.now():
        raise InvitationError(_("This invitation has expired. Ask whoever sent it for a new one."))
    return found


def accept(secret: str, person_of: Callable[[Invitation], User]) -> Role:
    """Take the role that a link offers. `person_of` says who does, within the transaction, and may open their account.

    InvitationError if it is over, or the person has another address than the letter was sent to.
    """
    with transaction.atomic():
        invitation = invitation_of(secret)
        Invitation.objects.select_for_update().get(pk=invitation.pk)
        invitation = invitation_of(secret)  # as it is now that nobody else can take it
        person = person_of(invitation)
        if person.email != invitation.email:
            raise InvitationError(_("This invitation is for another address than the one you are signed in with."))
        now = timezone.now()
        invitation.accepted_at = now
        invitation.save(update_fields=["accepted_at"])
        before = invitation.hands_over
        if before is not None:
            before = Role.objects.select_for_update().get(pk=before.pk)
            if before.until is not None:
                raise InvitationError(_("The role that was to be handed over has ended."))
            _end(before, person.actor, invitation.reason, now)
        where = (invitation.programme, invitation.round, invitation.kind, invitation.code)
        return _given(*where, person, invitation.invited_by, now, before)


def end_role(role: Role, reason: str, *, actor: str) -> None:
    """It ends now; what was done in it stays. ValidationError for the last officer of a programme or round."""
    with transaction.atomic():
        here = Q(round__isnull=True) if role.round_id is None else Q(round__isnull=True) | Q(round=role.round_id)
        officers = Role.objects.filter(programme_id=role.programme_id, kind=Kind.OFFICER, until__isnull=True)
        others = officers.filter(here).select_for_update()
        if role.kind == Kind.OFFICER and not any(other.pk != role.pk for other in others):
            raise ValidationError(_("Somebody has to remain programme officer; invite another first."), code="last")
        role = Role.objects.select_for_update().get(pk=role.pk)
        if role.until is None:
            _end(role, actor, reason, timezone.now())


def _check_scope(round_: Round | None, kind: str, code: str) -> None:
    if kind not in Kind.values:
        raise ValidationError(_("There is no such role."), code="kind")
    if round_ is None and kind not in OF_PROGRAMMES:
        raise ValidationError(_("This role belongs to a round."), code="round")
    if bool(code) is not (kind in ACTING):
        raise ValidationError(_("Say whom this role acts for; other roles act for nobody."), code="code")
    if code and round_ is not None and code not in codes_of(round_, kind):
        raise ValidationError(_("There is nobody with this code in the round."), code="unknown")


def _address(email: str) -> str:
    address = email.strip().lower()
    validate_email(address)
    return address


def _open(programme: Programme, round_: Round | None, kind: str, code: str, email: str) -> QuerySet[Invitation]:
    return Invitation.objects.filter(
        programme=programme, round=round_, kind=kind, code=code, email=email,
        accepted_at__isnull=True, withdrawn_at__isnull=True, hands_over__isnull=True,
    )  # fmt: skip


def _invited(
    programme: Programme,
    round_: Round | None,
    kind: str,
    code: str,
    email: str,
    language: str,
    actor: str,
    hands_over: Role | None = None,
    *,
    reason: str = "",
    follows: Invitation | None = None,
    reminder: bool = False,
) -> Invitation:
    now, secret = timezone.now(), secrets.token_urlsafe(32)
    known = User.objects.filter(email=email).first()
    language = known.language if known else language or (round_.language if round_ else settings.LANGUAGE_CODE)
    invitation = Invitation.objects.create(
        programme=programme,
        round=round_,
        kind=kind,
        code=code,
        email=email,
        language=language,
        digest=_digest(secret),
        invited_by=actor,
        invited_at=now,
        expires_at=now + VALID,
        hands_over=hands_over,
        reason=reason,
        follows=follows,
        reminds=reminder,
    )
    with translation.override(language):
        link = settings.PUBLIC_URL + reverse("office:invitation", args=[secret])
        facts = {
            "invitation": invitation,
            "what": invitation.get_kind_display(),
            "where": round_.title if round_ else str(programme),
            "link": link,
        }
        post(Letter(f"invitation/{invitation.pk}", email, language, "invitation", facts), round_)
    if round_ is not None:
        told = {"kind": kind, "code": code}
        record(round_, "person.invited", actor, {**told, "reminder": True} if reminder else told)
    return invitation


def _given(
    programme: Programme,
    round_: Round | None,
    kind: str,
    code: str,
    person: User,
    actor: str,
    now: datetime,
    follows: Role | None = None,
) -> Role:
    role, new = Role.objects.get_or_create(
        programme=programme,
        round=round_,
        kind=kind,
        code=code,
        person=person,
        until=None,
        defaults={"since": now, "given_by": actor, "follows": follows},
    )
    if new and round_ is not None:
        payload = {"kind": kind, "code": code, "person": person.actor}
        record(
            round_, "role.given", actor, payload if follows is None else {**payload, "follows": follows.person.actor}
        )
    return role


def _end(role: Role, actor: str, reason: str, now: datetime) -> None:
    role.until, role.ended_by, role.end_reason = now, actor, reason
    role.save(update_fields=["until", "ended_by", "end_reason"])
    if role.round is not None:
        payload = {"kind": role.kind, "code": role.code, "person": role.person.actor, "reason": reason}
        record(role.round, "role.ended", actor, payload)


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
