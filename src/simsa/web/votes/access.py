"""Who may vote, look after a vote, and decide on ballots that were put aside. Who holds a link needs no account."""

from __future__ import annotations

from typing import Any

import rules
from django.http import Http404, HttpRequest

from simsa.web.programmes.access import auditor, has_role, officer, round_of, staff
from simsa.web.programmes.models import Kind, Round
from simsa.web.votes.models import Aside


@rules.predicate
def may_vote(user: Any, found: Any = None) -> bool:
    """Those with the role; in a vote of the public, everybody who may know of the round."""
    if not isinstance(found, Round) or found.rules.vote is None or not user.is_authenticated:
        return False
    return has_role(user, found, Kind.VOTER) or (found.rules.vote.voters == "public" and found.published_at is not None)


rules.add_perm("votes.cast_ballot", may_vote)
rules.add_perm("votes.invite_voters", officer | staff)
rules.add_perm("votes.follow_vote", officer | auditor | staff)
rules.add_perm("votes.rule_asides", officer | auditor)
rules.add_perm("votes.view_aside", officer | auditor | staff)
rules.add_perm("votes.audit_ballots", auditor)


def voted_round(request: HttpRequest, slug: str, **_kwargs: object) -> Round:
    """A round whose rules have a vote, if the visitor may know of it."""
    round_ = round_of(request, slug)
    if round_.rules.vote is None:
        raise Http404("no vote in this round")
    return round_


def aside_at(_request: HttpRequest, pk: int, **_kwargs: object) -> Aside:
    """Ballots that were put aside."""
    found = Aside.objects.filter(pk=pk).select_related("vote__round__programme", "vote__round__log").first()
    if found is None:
        raise Http404("no such ballots")
    return found
