"""Where everybody begins who has signed in."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from simsa.web.accounts.access import for_everyone_signed_in
from simsa.web.programmes.access import roles_of
from simsa.web.programmes.models import Role
from simsa.web.programmes.rooms import work_of


@for_everyone_signed_in
def home(request: HttpRequest) -> HttpResponse:
    """What a person's roles are, and where each of them works."""
    roles = Role.objects.filter(pk__in=[role.pk for role in roles_of(request.user)])
    rows = [(role, work_of(role)) for role in roles.select_related("programme", "round", "person")]
    return render(request, "office/home.html", {"rows": rows})
