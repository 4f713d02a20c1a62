"""Who writes and who publishes: the groups of Wagtail follow roles, so that nobody has to be put into them by hand."""

from __future__ import annotations

from django.contrib.auth.models import Group
from django.db.models import Q
from django.utils import timezone

from simsa.web.accounts.models import User
from simsa.web.programmes.models import Kind

GROUPS = {
    "Editors": Q(kind=Kind.EDITOR),
    "Moderators": Q(kind=Kind.OFFICER, round__isnull=True),
}
"""Groups of Wagtail by the roles that put somebody into them. Publishing is for officers of a whole programme: the
newsroom belongs to all rounds, and one who runs a single round may not know of the others."""


def follow_roles(person: User) -> None:
    """Put somebody into the groups of the roles that they have now, and out of the others of these."""
    now = person.roles.filter(Q(until__isnull=True) | Q(until__gt=timezone.now()))
    for name, has in GROUPS.items():
        group = Group.objects.filter(name=name).first()
        if group is None:
            continue
        if now.filter(has).exists():
            person.groups.add(group)
        else:
            person.groups.remove(group)
