"""Where officers find their programmes, rounds and letters, and which letters alarm them."""

from __future__ import annotations

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from simsa.web.programmes.models import Draft, Kind, Role, Round, SentLetter, Stage
from simsa.web.programmes.models.letters import unclear
from simsa.web.programmes.phases import phase_of
from simsa.web.programmes.rooms import Alarm, Work


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


def letters_of(round_: Round) -> list[Work]:
    """The letters of a round, once there are any."""
    letters = SentLetter.objects.filter(round=round_)
    if not letters.exists():
        return []
    waiting = letters.filter(status=SentLetter.Status.WAITING).count()
    state = ngettext("%(n)d waits", "%(n)d wait", waiting) % {"n": waiting} if waiting else ""
    return [Work(_("Letters"), reverse("office:letters", args=[round_.slug]), state)]


def letter_alarms(round_: Round) -> list[Alarm]:
    """Letters that failed or came back, and those of which nobody knows."""
    here, letters = reverse("office:letters", args=[round_.slug]), SentLetter.objects.filter(round=round_)
    found = []
    for state, count, what in (
        ("failed", letters.filter(status="failed").count(), _("Letters that could not be sent: %(n)d.")),
        ("returned", letters.filter(status="returned").count(), _("Letters that came back: %(n)d.")),
        ("unclear", letters.filter(unclear(timezone.now())).count(), _("Letters that may not have arrived: %(n)d.")),
    ):
        if count:
            found.append(Alarm(what % {"n": count}, _("Look at them"), f"{here}?state={state}"))
    return found
