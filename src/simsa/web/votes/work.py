"""Where voters, officers and auditors find the vote of a round."""

from __future__ import annotations

from django.db.models import Count
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from simsa.web.programmes.models import Kind, Role, Round
from simsa.web.programmes.rooms import Alarm, Work
from simsa.web.votes.models import Vote
from simsa.web.votes.services import waiting, window


def vote_work(role: Role) -> list[Work]:
    """Voters vote; auditors follow the vote."""
    if role.round is None or role.round.rules.vote is None:
        return []
    if role.kind == Kind.VOTER:
        return [Work(_("Public vote"), reverse("votes:own", args=[role.round.slug]), state_of(role.round))]
    return office_work(role.round) if role.kind == Kind.AUDITOR else []


def office_work(round_: Round) -> list[Work]:
    """The vote, and how far it is."""
    if round_.rules.vote is None:
        return []
    return [Work(_("Public vote"), reverse("votes:office", args=[round_.slug]), state_of(round_))]


def state_of(round_: Round) -> str:
    """How far a vote is, by what was done and by the clock."""
    vote, now = Vote.objects.filter(round=round_).first(), timezone.now()
    opens, closes = window(round_)
    if vote is not None and vote.counted_at is not None:
        return pgettext("state of a vote", "counted")
    if now >= closes:
        return pgettext("state of a vote", "over")
    return pgettext("state of a vote", "open") if opens <= now else pgettext("state of a vote", "not open yet")


def vote_alarms(round_: Round) -> list[Alarm]:
    """Ballots that wait for somebody to decide whether they count."""
    if round_.rules.vote is None:
        return []
    vote = Vote.objects.filter(round=round_, counted_at=None).first()
    asides = 0 if vote is None else waiting(vote).aggregate(n=Count("ballots"))["n"]
    if not asides:
        return []
    url = reverse("votes:office", args=[round_.slug])
    return [Alarm(_("%(n)d ballots are put aside and wait for a decision.") % {"n": asides}, _("Decide"), url)]
