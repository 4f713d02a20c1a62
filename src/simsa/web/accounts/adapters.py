"""How the library of accounts is to behave here: nobody signs up by themselves, an invitation comes first."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from django.http import HttpRequest


class ByInvitation(DefaultAccountAdapter):
    """Accounts come from invitations (`simsa.web.accounts.services.open_account`)."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False


class KnownByAddress(DefaultSocialAccountAdapter):
    """Whoever signs in elsewhere comes in as the account with their verified address; no account is made."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: Any) -> bool:
        return False
