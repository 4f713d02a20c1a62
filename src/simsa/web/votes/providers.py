"""Voting by what a provider of OpenID Connect says of somebody who has no account here.

Nobody is signed in: the visitor's session holds the keyed hashes of who they are, for this vote alone. The provider has
to say that their address is verified: it is the identity by which links and accounts vote as well, so that each votes
once, whichever way and whichever provider they come by.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import get_adapter
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.shortcuts import redirect
from django.urls import Resolver404, resolve
from django.utils import translation
from django.utils.translation import gettext as _

from simsa.web.votes.identities import of_address, of_provided
from simsa.web.votes.models import Vote

SESSION = "votes"
"""In the session: the identities that a provider has told of a visitor, by the number of the vote."""


def names(request: HttpRequest) -> list[str]:
    """What the providers are called, if there are any."""
    return [app.name for app in get_adapter(request).list_apps(request)]


def identities_of(request: HttpRequest, vote: Vote) -> list[str]:
    """What a provider has said of who visits, for this vote."""
    found: list[str] = request.session.get(SESSION, {}).get(str(vote.pk), [])
    return found


def let_vote(request: HttpRequest, sociallogin: Any, **_signal: Any) -> None:
    """Whoever comes from a provider on the way to a ballot, and has no account, may vote and nothing else.

    (A receiver of `pre_social_login`; those who have an account sign in as everywhere.)
    """
    going = str(sociallogin.state.get("next") or "")
    slug = None if sociallogin.is_existing else _voting(going)
    if slug is None:
        return
    vote = Vote.objects.filter(round__slug=slug).select_related("round").first()
    verified = [told.email for told in sociallogin.email_addresses if told.verified]
    with translation.override(translation.get_language_from_path(urlsplit(going).path)):
        if vote is None or not vote.is_open:
            raise ImmediateHttpResponse(redirect("votes:index", slug))
        try:
            identity = of_address(vote, verified[0]) if verified else ""
        except ValidationError:
            identity = ""
        if not identity or not _may_vote(vote, identity):
            said = _("The provider names no verified address that may vote here; ask for a link instead.")
            messages.error(request, said)
            raise ImmediateHttpResponse(redirect("votes:index", slug))
        account = sociallogin.account
        identities = [identity, of_provided(vote, account.provider, account.uid)]
        request.session[SESSION] = {**request.session.get(SESSION, {}), str(vote.pk): identities}
        raise ImmediateHttpResponse(redirect("votes:provided", slug))


def _may_vote(vote: Vote, identity: str) -> bool:
    """In a vote of the public everybody; otherwise who was invited under this address."""
    rules = vote.round.rules.vote
    assert rules is not None  # there is no vote without
    if rules.voters == "public":
        return vote.round.published_at is not None
    return vote.links.filter(identity=identity, invited=True).exists()


def _voting(address: str) -> str | None:
    """The round to whose ballot an address of this site leads."""
    path = urlsplit(address).path
    with translation.override(translation.get_language_from_path(path) or "ko"):
        try:
            found = resolve(path)
        except Resolver404:
            return None
    return str(found.kwargs["slug"]) if found.view_name == "votes:own" else None
