"""Letters about accounts: from the templates of the library, in our words, in the language of who gets them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation

from simsa.web.accounts.models import User


def language_of(email: str) -> str:
    """The language of the account with this address, or of the one that wants to change to it."""
    for here in ({"email": email.lower()}, {"emailaddress__email__iexact": email}):
        known = User.objects.filter(**here).values_list("language", flat=True).first()
        if known:
            return known
    return translation.get_language() or settings.LANGUAGE_CODE


def written(name: str, language: str, facts: Mapping[str, Any]) -> tuple[str, str]:
    """Subject and text of the letter with this name of the library."""
    facts = {**facts, "site": settings.PUBLIC_URL}
    with translation.override(language):
        subject = " ".join(render_to_string(f"{name}_subject.txt", facts).split())
        return subject, render_to_string(f"{name}_message.txt", facts).strip() + "\n"


def send_reset(email: str) -> bool:
    """Send the letter with which a forgotten password is replaced, if the address is that of an account."""
    person = User.objects.filter(email=email.strip().lower(), is_active=True).first()
    if person is None:
        return False
    key = f"{user_pk_to_url_str(person)}-{default_token_generator.make_token(person)}"
    with translation.override(person.language):
        path = reverse("account_reset_password_from_key", kwargs={"uidb36": "UID", "key": "KEY"})
    link = settings.PUBLIC_URL + path.replace("UID-KEY", key)
    subject, body = written("account/email/password_reset_key", person.language, {"password_reset_url": link})
    EmailMessage(subject, body, to=[person.email]).send()
    return True
