"""Forgetting a person, for whoever runs the installation: who they are is erased, what they did stays."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from simsa.web.accounts.access import actor_of
from simsa.web.accounts.models import User
from simsa.web.programmes.access import permitted
from simsa.web.programmes.services import forget_account

FIND = "q"


class ForgetForm(forms.Form):
    """Why, and once more whom, so that nobody is erased by a slip."""

    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=1000,
        help_text=gettext_lazy("It stands in the record of every round in which a role ends; write no names."),
    )
    email = forms.EmailField(
        label=gettext_lazy("E-mail address of the account"),
        max_length=254,
        help_text=gettext_lazy("Once more, to be sure that it is the right one."),
    )

    def __init__(self, *args: Any, person: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.person = person

    def clean_email(self) -> str:
        email: str = self.cleaned_data["email"].lower()
        if email != self.person.email:
            raise ValidationError(_("This is another address."))
        return email


def anybody(_request: HttpRequest) -> type[User]:
    return User


def person_of(_request: HttpRequest, pk: int) -> User:
    found = User.objects.filter(pk=pk, forgotten_at__isnull=True).first()
    if found is None:
        raise Http404("no such account")
    return found


@permitted("accounts.forget_user", anybody)
def accounts(request: HttpRequest, _all: type[User]) -> HttpResponse:
    """Find an account by its address."""
    wanted = request.GET.get(FIND, "").strip().lower()
    found = User.objects.filter(email=wanted, forgotten_at__isnull=True).first() if wanted else None
    if found is not None:
        return redirect("office:forget", pk=found.pk)
    return render(request, "office/accounts.html", {"wanted": wanted})


@permitted("accounts.forget_user", person_of)
def forget_one(request: HttpRequest, person: User, pk: int) -> HttpResponse:
    """What an account has, and the form that erases who it belongs to."""
    form = ForgetForm(request.POST or None, person=person)
    if request.method == "POST" and form.is_valid():
        try:
            forget_account(person, form.cleaned_data["reason"], actor=actor_of(request))
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, _("The person is forgotten. What they did stays, under a number."))
            return redirect("office:accounts")
    roles = person.roles.filter(until__isnull=True).select_related("programme", "round")
    return render(request, "office/forget.html", {"person": person, "roles": roles, "form": form})
