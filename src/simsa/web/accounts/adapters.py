"""How the library of accounts is to behave here: nobody signs up, letters go out in the language of who gets them."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.models import EmailAddress
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse

from simsa.web.accounts.letters import language_of, written
from simsa.web.accounts.models import User
from simsa.web.accounts.tasks import send_letter


class ByInvitation(DefaultAccountAdapter):
    """Accounts come from invitations (`simsa.web.accounts.services.open_account`)."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Nobody waits for the mail server, and nobody learns from the time of an answer that a letter was written."""
        subject, body = written(template_prefix, language_of(email), {**context, "email": email})
        send_letter.enqueue(email, subject, body)

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        """The library counts for each host and port by which a visitor calls the site, and anybody can vary a port."""
        return str(credentials.get("email", "")).lower()

    def get_email_confirmation_url(self, request: HttpRequest, emailconfirmation: Any) -> str:
        return settings.PUBLIC_URL + reverse("account_confirm_email", args=[emailconfirmation.key])


class KnownByAddress(DefaultSocialAccountAdapter):
    """Whoever signs in elsewhere comes in as the account with their verified address; no account is made."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: Any) -> bool:
        return False

    def authenticate_by_email(self, sociallogin: Any) -> tuple[User, str] | None:
        """The account with this address: both the provider and this site have to know it to be its owner's.

        Not one where somebody has merely typed it in as the address that they want to change to.
        """
        for told in sociallogin.email_addresses:
            here = EmailAddress.objects.filter(email__iexact=told.email, verified=True, primary=True)
            found = here.select_related("user").first() if told.verified else None
            if found is not None and found.user.email == told.email.lower():
                return found.user, found.email
        return None
