"""Who may know of a round: the public once it is published, staff of every one."""

from __future__ import annotations

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser
from django.http import Http404, HttpRequest

from simsa.web.programmes.models import Round


def is_staff(user: AbstractBaseUser | AnonymousUser) -> bool:
    return bool(user.is_active and getattr(user, "is_staff", False))


def round_of(request: HttpRequest, slug: str) -> Round:
    """The round, if the visitor may know of it. Http404 for an unpublished one, as for one that is not there."""
    rounds = Round.objects.all() if is_staff(request.user) else Round.objects.filter(published_at__isnull=False)
    found = rounds.filter(slug=slug).select_related("programme", "log").first()
    if found is None:
        raise Http404("no such round")
    return found
