"""The page of background work, for officers and for whoever runs the installation."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import rules
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from simsa.web.programmes.access import permitted, roles_of, staff
from simsa.web.programmes.models import Kind
from simsa.web.site.background import run_again, standing_of


@rules.predicate
def officer_anywhere(user: Any, _found: Any = None) -> bool:
    return any(role.kind == Kind.OFFICER for role in roles_of(user))


rules.add_perm("site.view_background", officer_anywhere | staff)
rules.add_perm("site.run_again", staff)


def nothing(_request: HttpRequest, **_kwargs: object) -> None:
    """These pages are about no object."""


@require_safe
@permitted("site.view_background", nothing)
def background(request: HttpRequest, _nothing: None) -> HttpResponse:
    """What waits, runs and failed, and whether anybody takes it."""
    standing = standing_of(timezone.now())
    context = {"standing": standing, "may_again": request.user.has_perm("site.run_again")}
    response = render(request, "simsa/background.html", context)
    response.headers["Cache-Control"] = "private, no-store"
    return response


@require_POST
@permitted("site.run_again", nothing)
def again(request: HttpRequest, _nothing: None, pk: UUID) -> HttpResponse:
    """Run a task once more that failed, or whose process has ended."""
    if run_again(pk):
        messages.success(request, _("It is in the queue once more."))
    else:
        messages.error(request, _("It cannot be run again: it waits, runs, is done, or has to be asked for anew."))
    return redirect("background")
