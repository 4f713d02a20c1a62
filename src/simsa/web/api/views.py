"""Pages of tokens: those of a role of one's own, a new one that is shown once, and revoking."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from simsa.web.accounts.access import actor_of
from simsa.web.api.models import ApiToken
from simsa.web.api.services import LONGEST, create_token, revoke_token
from simsa.web.programmes.access import permitted, roles_of
from simsa.web.programmes.models import Role, Round
from simsa.web.programmes.office.people import own_role


class TokenForm(forms.Form):
    """What a token is for, in which round, and how long."""

    name = forms.CharField(
        label=gettext_lazy("What it is for"),
        max_length=100,
        help_text=gettext_lazy("For example the program that uses it."),
    )
    round = forms.ModelChoiceField(label=gettext_lazy("Round"), queryset=Round.objects.none(), empty_label=None)
    days = forms.IntegerField(label=gettext_lazy("Days until it expires"), min_value=1, max_value=LONGEST, initial=30)
    writes = forms.BooleanField(label=gettext_lazy("It may also change something"), required=False)

    def __init__(self, role: Role, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rounds = role.programme.rounds.all() if role.round_id is None else Round.objects.filter(pk=role.round_id)
        self.fields["round"].queryset = rounds
        self.fields["round"].label_from_instance = lambda found: found.title


@permitted("programmes.hand_over", own_role)
def tokens(request: HttpRequest, role: Role, pk: int) -> HttpResponse:
    """The tokens of a role of one's own, and a new one."""
    form, secret = TokenForm(role, request.POST or None), None
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            secret = create_token(
                role,
                given["round"],
                given["name"],
                days=given["days"],
                writes=given["writes"],
                actor=actor_of(request),
            )
            form = TokenForm(role)
        except ValidationError as error:
            form.add_error(None, error)
    context = {"role": role, "form": form, "secret": secret, "tokens": role.tokens.select_related("round")}
    response = render(request, "api/tokens.html", context)
    response.headers["Cache-Control"] = "no-store"
    return response


def own_token(request: HttpRequest, pk: int) -> Role:
    """The role, of one's own, that a token is for. Http404 for those of others."""
    found = ApiToken.objects.filter(pk=pk, role__in=[role.pk for role in roles_of(request.user)]).first()
    if found is None:
        raise Http404("no such token of one's own")
    return next(role for role in roles_of(request.user) if role.pk == found.role_id)


@require_POST
@permitted("programmes.hand_over", own_token)
def revoke(request: HttpRequest, role: Role, pk: int) -> HttpResponse:
    """Have a token open nothing any more."""
    revoke_token(role.tokens.get(pk=pk), actor=actor_of(request))
    messages.success(request, _("The token was revoked."))
    return redirect("api:tokens", role.pk)
