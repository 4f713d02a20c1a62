"""Sessions in the database, and the person of one: what every request of somebody who has signed in asks first."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from allauth.account.auth_backends import AuthenticationBackend
from django.contrib.sessions.backends.db import SessionStore as DatabaseSessions
from django.contrib.sessions.models import Session
from django.utils import timezone

from simsa.web.accounts.models import User
from simsa.web.prepared import Prepared

_KEPT = Prepared(
    lambda key, now: Session.objects.filter(session_key=key, expire_date__gt=now),
    key="the key of a session",
    now=datetime(2023, 1, 1, tzinfo=UTC),
)
_PERSON = Prepared(lambda pk: User.objects.filter(pk=pk).order_by(), pk=2023)


class SessionStore(DatabaseSessions):
    """Django's, whose query is put together once."""

    def _get_session_from_db(self) -> Session | None:
        found = _KEPT(key=self.session_key, now=timezone.now())
        if not found:
            self._session_key: Any = None  # so that whoever writes to it gets a new key
        return found[0] if found else None


class Accounts(AuthenticationBackend):  # type: ignore[misc]  # allauth has no types
    """Who signs in by address and password, as allauth has it."""

    def get_user(self, user_id: int) -> User | None:
        found = _PERSON(pk=user_id)
        return found[0] if found and self.user_can_authenticate(found[0]) else None
