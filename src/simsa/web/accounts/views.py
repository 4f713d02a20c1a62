"""A person's own account: name, language of letters, and the ways to sign in."""

from __future__ import annotations

from allauth.account import views as library
from allauth.mfa.utils import is_mfa_enabled
from allauth.socialaccount.adapter import get_adapter
from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from simsa.web.accounts.access import for_everyone_signed_in, must_add_factor
from simsa.web.accounts.models import User
from simsa.web.public import public_form


class OwnForm(forms.ModelForm):
    """What a person says of themselves."""

    class Meta:
        model = User
        fields = ("name", "language")
        widgets = {"language": forms.RadioSelect(choices=settings.LANGUAGES)}  # noqa: RUF012 (Django's way)


@for_everyone_signed_in
def own(request: HttpRequest) -> HttpResponse:
    """Where a person manages their account."""
    form = OwnForm(request.POST or None, instance=request.user)
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, _("Saved."))
        return redirect("accounts:own")
    context = {
        "form": form,
        "factors": is_mfa_enabled(request.user),
        "must_add_factor": must_add_factor(request.user),
        "providers": get_adapter(request).list_apps(request),
    }
    return render(request, "accounts/own.html", context)


@public_form
def sign_out(request: HttpRequest) -> HttpResponse:
    """End the session; the browser is told to keep nothing of what it showed. Work that waits on the device stays."""
    answer: HttpResponse = library.logout(request)
    if request.method == "POST":
        answer.headers["Clear-Site-Data"] = '"cache"'
    return answer
