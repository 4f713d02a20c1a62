"""Who asks, by token; and what of the round a token may be shown."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest
from ninja.security import HttpBearer

from simsa.web.accounts.access import must_add_factor
from simsa.web.accounts.models import User
from simsa.web.api.models import ApiToken
from simsa.web.api.services import stand_in, token_of
from simsa.web.entries.models import Entry
from simsa.web.programmes.access import check, has_role
from simsa.web.programmes.models import Kind, Round


class Bearer(HttpBearer):
    """`Authorization: Bearer simsa_...`. Whoever has to add a second factor first has no token that works."""

    def authenticate(self, request: HttpRequest, token: str) -> ApiToken | None:
        found = token_of(token.strip())
        if found is None or must_add_factor(found.role.person):
            return None
        request.user = stand_in(found)
        return found


def token_in(request: HttpRequest) -> ApiToken:
    token: ApiToken = request.auth  # type: ignore[attr-defined]
    return token


def user_of(request: HttpRequest) -> User:
    user: User = request.user  # type: ignore[assignment]
    return user


def round_for(
    request: HttpRequest, slug: str, permission: str = "programmes.view_round", *, writes: bool = False
) -> Round:
    """The round of the token. Http404 for any other; PermissionDenied for what its role, or the token, may not do."""
    token = token_in(request)
    if token.round.slug != slug:
        raise Http404("not the round of this token")
    check(user_of(request), permission, token.round)
    if writes and not token.writes:
        raise PermissionDenied
    return token.round


def own_code(request: HttpRequest, round_: Round) -> str | None:
    """The code of the entrant that the token acts for; None where it acts for nobody."""
    role = token_in(request).role
    return role.code if role.kind == Kind.ENTRANT and has_role(user_of(request), round_, Kind.ENTRANT) else None


def entry_for(request: HttpRequest, slug: str, code: str, permission: str, *, writes: bool = False) -> Entry:
    """An entry of the token's round."""
    round_ = round_for(request, slug)
    found = (
        round_.entries.filter(entrant__code=code).select_related("entrant", "round__programme", "round__log").first()
    )
    if found is None:
        raise Http404("no such entry")
    check(user_of(request), permission, found)
    if writes and not token_in(request).writes:
        raise PermissionDenied
    return found
