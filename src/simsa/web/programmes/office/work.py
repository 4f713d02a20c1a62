"""Where officers find their programmes and rounds."""

from __future__ import annotations

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from simsa.web.programmes.models import Draft, Kind, Role, Stage
from simsa.web.programmes.phases import phase_of
from simsa.web.programmes.rooms import Work


def work_of(role: Role) -> list[Work]:
    """The programme of an officer with its drafts, and the rounds that are not announced; or the one round. For an
    auditor the rules that are being written."""
    if role.kind == Kind.AUDITOR:
        drafts = Draft.objects.filter(programme=role.programme, state__in=[Draft.State.WRITING, Draft.State.PROPOSED])
        seen = drafts if role.round is None else drafts.filter(amends=role.round)
        return [Work(one.title, reverse("office:draft", args=[one.pk]), one.get_state_display()) for one in seen]
    if role.kind != Kind.OFFICER:
        return []
    now = timezone.now()
    if role.round is not None:
        return [
            Work(role.round.title, reverse("office:round", args=[role.round.slug]), phase_of(role.round, now).label)
        ]
    drafts = role.programme.drafts.filter(state__in=[Draft.State.WRITING, Draft.State.PROPOSED]).count()
    running = role.programme.rounds.exclude(stage=Stage.ANNOUNCED)
    title = _("Rounds and drafts")
    state = _("%(count)d drafts") % {"count": drafts} if drafts else ""
    return [
        Work(title, reverse("office:programme", args=[role.programme.slug]), state),
        *(Work(one.title, reverse("office:round", args=[one.slug]), phase_of(one, now).label) for one in running),
    ]
