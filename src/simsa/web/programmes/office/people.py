"""The people of a round or programme: who has which role, who was invited; handing over, ending, accepting."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from allauth.account.utils import perform_login
from django import forms
from django.contrib import messages
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from simsa.web.accounts.access import actor_of
from simsa.web.accounts.models import User
from simsa.web.accounts.services import open_account
from simsa.web.programmes.access import permitted, programme_of, roles_of, round_of
from simsa.web.programmes.models import Invitation, Kind, Programme, Role, Round, SentLetter
from simsa.web.programmes.models.roles import ACTING, OF_PROGRAMMES
from simsa.web.programmes.rooms import codes_of, work_of
from simsa.web.programmes.services import (
    InvitationError,
    accept,
    end_role,
    hand_over,
    invitation_of,
    invite,
    invite_many,
    withdraw_invitation,
)
from simsa.web.public import public_form


class InviteForm(forms.Form):
    """Whom to invite, to what. `code` is asked for where the role acts for somebody."""

    email = forms.EmailField(label=gettext_lazy("E-mail address"), max_length=254)
    kind = forms.ChoiceField(label=gettext_lazy("Role"))
    code = forms.CharField(
        label=gettext_lazy("Acts for"),
        required=False,
        max_length=128,
        help_text=gettext_lazy("The code of the entrant or reviewer; for other roles leave it empty."),
    )

    def __init__(self, *args: Any, round_: Round | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.round = round_
        kinds = [kind for kind in Kind if round_ is not None or kind in OF_PROGRAMMES]
        self.fields["kind"].choices = [(kind.value, kind.label) for kind in kinds]

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        kind, code = given.get("kind", ""), given.get("code", "")
        if kind in ACTING and self.round is not None and code not in codes_of(self.round, kind):
            self.add_error("code", _("There is nobody with this code in the round."))
        elif kind not in ACTING and code:
            self.add_error("code", _("This role acts for nobody; leave it empty."))
        return given


class InviteManyForm(forms.Form):
    """Many at once, for roles that act for somebody: a line for each, as copied from a spreadsheet."""

    kind = forms.ChoiceField(label=gettext_lazy("Role"), choices=[(kind.value, kind.label) for kind in ACTING])
    lines = forms.CharField(
        label=gettext_lazy("Code and e-mail address, a line for each"),
        widget=forms.Textarea(attrs={"rows": 6, "placeholder": "2900000000, kim@example.go.kr"}),
        max_length=500_000,
        help_text=gettext_lazy("Separated by a comma, a semicolon or a tab. Nobody is invited if a line is wrong."),
    )

    def __init__(self, *args: Any, round_: Round, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.round = round_
        self.rows: list[tuple[str, str]] = []

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        codes = codes_of(self.round, given.get("kind", ""))
        for number, line in enumerate(given.get("lines", "").splitlines(), start=1):
            if line.strip():
                self._read(number, line, codes)
        if not self.rows and not self.errors:
            self.add_error("lines", _("There is no line with a code and an address."))
        return given

    def _read(self, number: int, line: str, codes: Mapping[str, str]) -> None:
        parts = [part.strip().strip('"') for part in re.split(r"[,;\t]", line)]
        code, address = parts[0], next((part for part in parts[1:] if "@" in part), "")
        try:
            validate_email(address)
        except ValidationError:
            said = _("line %(line)d: “%(text)s” has no e-mail address")
            self.add_error("lines", said % {"line": number, "text": line.strip()[:80]})
            return
        if code not in codes:
            said = _("line %(line)d: there is nobody with the code “%(code)s” in the round")
            self.add_error("lines", said % {"line": number, "code": code[:80]})
            return
        self.rows.append((code, address))


class HandOverForm(forms.Form):
    """To whom, and why."""

    email = forms.EmailField(label=gettext_lazy("E-mail address of your colleague"), max_length=254)
    reason = forms.CharField(
        label=gettext_lazy("Reason"), widget=forms.Textarea(attrs={"rows": 3}), max_length=1000,
        help_text=gettext_lazy("It stands in the record of the round."),
    )  # fmt: skip


class ReasonForm(forms.Form):
    """Why a role ends."""

    reason = forms.CharField(label=gettext_lazy("Reason"), max_length=1000)


class AccountForm(forms.Form):
    """What a new account needs; the address is that of the letter."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=100)
    password = forms.CharField(
        label=gettext_lazy("Password"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=gettext_lazy("At least 10 characters; not one that many people use."),
    )

    def __init__(self, *args: Any, email: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.email = email

    def clean_password(self) -> str:
        password: str = self.cleaned_data["password"]
        validate_password(password, User(email=self.email, name=self.cleaned_data.get("name", "")))
        return password


@permitted("programmes.manage_people", round_of)
def of_round(request: HttpRequest, round_: Round, slug: str) -> HttpResponse:
    """The people of a round."""
    return _people(request, round_.programme, round_)


@permitted("programmes.manage_people", programme_of)
def of_programme(request: HttpRequest, found: Programme, programme: str) -> HttpResponse:
    """Officers, auditors and editors of all rounds of a programme."""
    return _people(request, found, None)


def role_of(_request: HttpRequest, pk: int) -> Role:
    found = Role.objects.filter(pk=pk).select_related("programme", "round", "person").first()
    if found is None:
        raise Http404("no such role")
    return found


def sent_invitation(_request: HttpRequest, pk: int) -> Invitation:
    found = Invitation.objects.filter(pk=pk).select_related("programme", "round").first()
    if found is None:
        raise Http404("no such invitation")
    return found


def own_role(request: HttpRequest, pk: int) -> Role:
    """A role of the visitor's own. Http404 for those of others."""
    found = next((role for role in roles_of(request.user) if role.pk == pk), None)
    if found is None:
        raise Http404("no such role of one's own")
    return found


@permitted("programmes.hand_over", own_role)
def hand_over_own(request: HttpRequest, role: Role, pk: int) -> HttpResponse:
    """Hand one's role over to a colleague."""
    form = HandOverForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            hand_over(role, given["email"], given["reason"], actor=actor_of(request))
        except ValidationError as error:
            form.add_error("email" if error.code == "own" else None, error)
        else:
            messages.success(request, _("A letter is on its way. The role is yours until your colleague takes it."))
            return redirect("office:home")
    return render(request, "office/hand_over.html", {"role": role, "form": form})


@require_POST
@permitted("programmes.manage_people", role_of)
def end(request: HttpRequest, role: Role, pk: int) -> HttpResponse:
    """End somebody's role, with a reason."""
    form = ReasonForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Say why the role ends; it stands in the record."))
    else:
        try:
            end_role(role, form.cleaned_data["reason"], actor=actor_of(request))
            messages.success(request, _("The role has ended. What was done in it stays."))
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))
    return redirect(_people_page(role.programme, role.round))


@require_POST
@permitted("programmes.manage_people", sent_invitation)
def withdraw(request: HttpRequest, found: Invitation, pk: int) -> HttpResponse:
    """Make the link of an invitation useless."""
    withdraw_invitation(found, actor=actor_of(request))
    messages.success(request, _("The invitation was withdrawn."))
    return redirect(_people_page(found.programme, found.round))


@public_form
def invitation(request: HttpRequest, secret: str) -> HttpResponse:
    """Accept an invitation: with an account that there is, or with a new one."""
    try:
        found = invitation_of(secret)
    except InvitationError as error:
        return render(request, "office/invitation.html", {"over": str(error)}, status=410)
    form = AccountForm(request.POST or None, email=found.email)
    user = request.user
    known = User.objects.filter(email=found.email).exists()
    other = user.is_authenticated and user.email != found.email  # type: ignore[union-attr]
    context = {"invitation": found, "form": form, "known": known, "other": other}
    if request.method == "POST" and not other:
        try:
            if user.is_authenticated:
                return redirect(_begins(accept(secret, lambda _found: user)))  # type: ignore[arg-type, return-value]
            if not known and form.is_valid():
                given = form.cleaned_data
                role = accept(secret, lambda _found: _opened(_found, given))
                return perform_login(request, role.person, redirect_url=_begins(role))  # type: ignore[no-any-return]
        except InvitationError as error:
            return render(request, "office/invitation.html", {"over": str(error)}, status=410)
    return render(request, "office/invitation.html", context)


def _begins(role: Role) -> str:
    """Where somebody is led who has just taken a role."""
    return next((work.url for work in work_of(role) if work.begins), reverse("office:home"))


def _opened(found: Invitation, given: dict[str, Any]) -> User:
    if User.objects.filter(email=found.email).exists():
        raise InvitationError(_("There is an account with this address by now. Sign in to accept."))
    return open_account(found.email, given["password"], name=given["name"], language=get_language() or found.language)


def _people(request: HttpRequest, programme: Programme, round_: Round | None) -> HttpResponse:
    form = InviteForm(request.POST or None, round_=round_)
    many = (
        None if round_ is None else InviteManyForm(None if "lines" not in request.POST else request.POST, round_=round_)
    )
    if many is not None and many.is_bound:
        form = InviteForm(None, round_=round_)
        if many.is_valid():
            assert round_ is not None
            sent = invite_many(round_, many.cleaned_data["kind"], many.rows, actor=actor_of(request))
            said = ngettext("%(n)d letter is on its way.", "%(n)d letters are on their way.", sent)
            messages.success(request, said % {"n": sent})
            return redirect(_people_page(programme, round_))
    if form.is_bound and form.is_valid():
        given = form.cleaned_data
        actor = actor_of(request)
        invite(programme, round_, given["kind"], given["email"], given["code"], actor=actor)
        messages.success(request, _("A letter is on its way."))
        return redirect(_people_page(programme, round_))
    here = {"programme": programme, "round": round_}
    roles = Role.objects.filter(**here).select_related("person")
    offers = Invitation.objects.filter(**here, accepted_at__isnull=True, withdrawn_at__isnull=True)
    letters = SentLetter.objects.in_bulk([f"invitation/{offer.pk}" for offer in offers], field_name="key")
    context = {
        "programme": programme,
        "round": round_,
        "form": form,
        "many": many,
        "roles": [role for role in roles if role.until is None],
        "ended": [role for role in roles if role.until is not None],
        "offers": [(offer, letters.get(f"invitation/{offer.pk}")) for offer in offers],
    }
    return render(request, "office/people.html", context)


def _people_page(programme: Programme, round_: Round | None) -> str:
    if round_ is None:
        return reverse("office:programme_people", args=[programme.slug])
    return reverse("office:people", args=[round_.slug])
