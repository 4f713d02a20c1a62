"""Forms of the library of accounts that say or do something else here."""

from __future__ import annotations

from typing import Any

from allauth.account.forms import ResetPasswordForm
from allauth.mfa.webauthn.forms import AddWebAuthnForm
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from simsa.web.accounts import tasks


class ResetForm(ResetPasswordForm):
    """Takes any address in the same time: whether there is an account is looked up in the background."""

    def clean_email(self) -> str:
        email: str = self.cleaned_data["email"]
        return email.lower()

    def save(self, request: HttpRequest, **kwargs: Any) -> str:
        email: str = self.cleaned_data["email"]
        tasks.reset_password.enqueue(email)
        return email


class AddKeyForm(AddWebAuthnForm):
    """With words that say what a key can be."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].label = _("What you call it")
        self.fields["name"].help_text = _("So that you know it again, for example by the device that it is on.")
        self.fields["passwordless"].label = _("Sign in with it alone")
        self.fields["passwordless"].help_text = _(
            "A passkey then takes the place of password and second factor; it asks for your finger, face or PIN."
        )
