"""The verb that forgets a person: their roles end, and nothing says any more who they were."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from simsa.web.accounts.models import User
from simsa.web.accounts.services import forget_person
from simsa.web.programmes.models import Invitation, SentLetter, UnreachableAddress
from simsa.web.programmes.services.posting import empty
from simsa.web.programmes.services.roles import end_role


def forget_account(person: User, reason: str, *, actor: str) -> None:
    """End somebody's roles and erase who they are; what they did stays, under their number.

    ValidationError without a reason, for oneself, or for the last officer of a programme or round.
    """
    if not reason.strip():
        raise ValidationError(_("Say why; it stands in the record."), code="reason")
    if person.actor == actor:
        raise ValidationError(_("Somebody else has to do this for you."), code="own")
    with transaction.atomic():
        person = User.objects.select_for_update().get(pk=person.pk)
        email = person.email
        for role in person.roles.filter(until__isnull=True).select_related("programme", "round", "person"):
            end_role(role, reason.strip(), actor=actor)
        forget_person(person)
        person.refresh_from_db()
        Invitation.objects.filter(email=email).update(email=person.email)
        empty(SentLetter.objects.filter(to=email), to=person.email)
        UnreachableAddress.objects.filter(address=email).delete()
