"""The verbs of tokens: make one for a role of one's own, revoke it; and who a token stands for."""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from simsa.web.accounts.models import User
from simsa.web.api.models import ApiToken
from simsa.web.programmes.models import Role, Round
from simsa.web.programmes.services import lock, record

PREFIX = "simsa_"
LONGEST = 365
"""Days after which a token expires at the latest."""
_USED = timedelta(hours=1)
"""How exactly it is kept when a token was last used: a write for every request would be more than the request."""


def create_token(role: Role, round_: Round, name: str, *, days: int, writes: bool, actor: str) -> str:
    """Make a token for a role in one of its rounds: its secret, to be shown once. ValidationError says why not."""
    if not name.strip() or len(name) > 100:
        raise ValidationError(_("Say in up to 100 characters what the token is for."))
    if not 1 <= days <= LONGEST:
        raise ValidationError(_("A token lasts from 1 to %(most)d days.") % {"most": LONGEST})
    now, secret = timezone.now(), PREFIX + secrets.token_urlsafe(32)
    with transaction.atomic():
        round_ = lock(round_)
        role = Role.objects.select_for_update(of=("self",)).get(pk=role.pk)
        if (role.until is not None and role.until <= now) or not _covers(role, round_):
            raise ValidationError(_("This role has ended, or it is not one of this round."))
        token = ApiToken.objects.create(
            role=role,
            round=round_,
            name=name.strip(),
            digest=digest_of(secret),
            writes=writes,
            created_at=now,
            expires_at=now + timedelta(days=days),
        )
        told = {"token": token.pk, "kind": role.kind, "code": role.code, "writes": writes, "days": days}
        record(round_, "token.created", actor, told)
    return secret


def revoke_token(token: ApiToken, *, actor: str) -> None:
    """Have a token open nothing any more; nothing happens if it does not already."""
    with transaction.atomic():
        round_ = lock(token.round)
        done = ApiToken.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=timezone.now())
        if done:
            record(round_, "token.revoked", actor, {"token": token.pk})


def token_of(secret: str) -> ApiToken | None:
    """The token with this secret, if it still works: it, its role and the account of its person do."""
    now = timezone.now()
    found = (
        ApiToken.objects.filter(Q(role__until=None) | Q(role__until__gt=now), role__person__is_active=True)
        .select_related("role__person", "role__programme", "round__programme", "round__log")
        .filter(digest=digest_of(secret))
        .first()
    )
    if found is None or not found.works(now) or not _covers(found.role, found.round):
        return None
    if found.used_at is None or now - found.used_at > _USED:
        ApiToken.objects.filter(pk=found.pk).update(used_at=now)
    return found


def stand_in(token: ApiToken) -> User:
    """The person of a token with the one role that the token is for, and no other right: never to be saved."""
    person: User = token.role.person
    person.is_staff = person.is_superuser = False
    person._roles_now = [token.role]  # type: ignore[attr-defined]
    return person


def digest_of(secret: str) -> str:
    return hashlib.sha256(secret.encode(errors="replace")).hexdigest()


def _covers(role: Role, round_: Round) -> bool:
    return role.programme_id == round_.programme_id and role.round_id in {None, round_.pk}
