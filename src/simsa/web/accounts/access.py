"""What the rooms to the right of this one build their permissions on: views that say whom they are for.

A view is public (`simsa.web.public.public_page`), for everyone who has signed in, or asks for a permission
(`simsa.web.programmes.access.permitted`). One that says nothing is refused (`simsa.web.site.middleware`).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponseBase

from simsa.web.accounts.models import User

View = Callable[..., HttpResponseBase]
SIGNED_IN = "signed in"
WANTED = "wanted"
"""In the session: where somebody wanted to go who has to add a second factor first."""

_in_need: list[Callable[[User], bool]] = []


def for_everyone_signed_in(view: View) -> View:
    """What it shows is the visitor's own."""
    view.permission = SIGNED_IN  # type: ignore[attr-defined]
    return view


def actor_of(request: HttpRequest) -> str:
    """How records name the visitor, who has signed in."""
    assert isinstance(request.user, User)
    return request.user.actor


def refusal(error: Exception) -> str:
    """What an error of a verb says to people."""
    return " ".join(error.messages) if isinstance(error, ValidationError) else str(error)


def needs_second_factor(tells: Callable[[User], bool]) -> Callable[[User], bool]:
    """Registers who needs a second factor, said by the room that knows roles."""
    _in_need.append(tells)
    return tells


def must_add_factor(person: Any) -> bool:
    """Whether somebody has to add a second factor before they may do anything else."""
    if settings.SECOND_FACTOR != "required" or not isinstance(person, User):
        return False
    return any(tells(person) for tells in _in_need) and not is_mfa_enabled(person)
