"""The verbs of accounts that no library has: open one for somebody who was invited, and forget a person."""

from __future__ import annotations

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.models import Session
from django.db import transaction
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from simsa.web.accounts import tasks
from simsa.web.accounts.models import User

FORGOTTEN = "@invalid"
"""How the addresses of forgotten persons end."""


def open_account(email: str, password: str | None, *, name: str = "", language: str = "ko") -> User:
    """An account whose address is known to be its owner's: they came by a link that was sent there."""
    with transaction.atomic():
        person = User.objects.create_user(email, password, name=name, language=language)
        EmailAddress.objects.create(user=person, email=person.email, verified=True, primary=True)
    return person


def forget_person(person: User) -> None:
    """Erase who somebody is: address, name, ways to sign in. What they did stays, under a number.

    Their sessions end at once.
    """
    with transaction.atomic():
        person = User.objects.select_for_update().get(pk=person.pk)
        for kept in (EmailAddress, Authenticator, SocialAccount):
            kept.objects.filter(user=person).delete()
        address = person.email
        person.email = f"forgotten-{person.pk}{FORGOTTEN}"
        person.name = ""
        person.is_active = person.is_staff = person.is_superuser = False
        person.forgotten_at = timezone.now()
        person.set_unusable_password()
        person.save()
        person.groups.clear()
        for letter in DBTaskResult.objects.filter(task_path__startswith=tasks.__name__):
            if address in str(letter.args_kwargs):
                letter.delete()
        for session in Session.objects.iterator():
            if session.get_decoded().get(SESSION_KEY) == str(person.pk):
                session.delete()
