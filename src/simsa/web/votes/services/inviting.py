"""Links to vote by: sent to those whom the office lists, and to whoever asks for one in a vote of the public.

A link is known by its digest, and whose it is by a keyed hash: no table says which address has which link. Letters are
kept under keys that say nothing, and lose their text when they were sent.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from simsa.web.prepared import Prepared
from simsa.web.programmes.letters import Letter, post
from simsa.web.programmes.models import Round
from simsa.web.programmes.phases import moment
from simsa.web.programmes.services import StageError, record
from simsa.web.votes.identities import digest, of_address, tag_of_network
from simsa.web.votes.models import Vote, VoterLink
from simsa.web.votes.services.running import rules_of, vote_of, window

AGAIN = timedelta(minutes=10)
"""Nobody gets another letter sooner."""
ASKED, WITHIN = 200, timedelta(hours=1)
"""Links that are sent to who asks from one network, within so long."""


class TooManyError(RuntimeError):
    """More links were asked for from one network than are sent within an hour."""


def invite_voters(round_: Round, emails: Iterable[str], *, language: str = "", actor: str) -> int:
    """Send a link to each of these addresses that has none yet: to all, or to none. How many letters are new.

    ValidationError for what is no address; StageError where the vote is over.
    """
    addresses = list(emails)
    with transaction.atomic():
        vote = vote_of(round_)
        if vote.closed_at is not None or timezone.now() >= window(vote.round)[1]:
            raise StageError(_("The vote is over."))
        known = set(vote.links.values_list("identity", flat=True))
        sent = 0
        for email in addresses:
            identity = of_address(vote, email)
            if identity not in known:
                known.add(identity)
                _send(vote, identity, email, language or vote.round.language, invited=True)
                sent += 1
        if sent:
            record(vote.round, "voters.invited", actor, {"letters": sent})
    return sent


def ask_for_link(vote: Vote, email: str, *, language: str, address: str = "") -> None:
    """Send a link to who asks for one, unless they got one just now, or may not vote. Nothing says which of these.

    An earlier link of theirs ends. ValidationError for what is no address; TooManyError for a network that asks without
    end.
    """
    identity, network, now = of_address(vote, email), tag_of_network(vote, address), timezone.now()
    public = rules_of(vote.round).voters == "public"
    with transaction.atomic():
        link = VoterLink.objects.select_for_update().filter(vote=vote, identity=identity).first()
        if not vote.is_open or (link is None and not public) or (link is not None and now - link.sent_at < AGAIN):
            return
        asked = VoterLink.objects.filter(vote=vote, network=network, sent_at__gt=now - WITHIN)
        if network and asked.count() >= ASKED:
            raise TooManyError(_("Too many links were asked for from your network; try again in an hour."))
        _send(vote, identity, email, language, invited=link is not None and link.invited, network=network)


def link_of(secret: str) -> VoterLink | None:
    """What a link leads to."""
    found = _LINK(digest=digest(secret))
    return found[0] if found else None


_LINK = Prepared(
    lambda digest: VoterLink.objects.filter(digest=digest).select_related("vote__round__log"),
    digest="of a link",
)


def _send(vote: Vote, identity: str, email: str, language: str, *, invited: bool, network: str = "") -> None:
    secret, now = secrets.token_urlsafe(32), timezone.now()
    facts = {"digest": digest(secret), "invited": invited, "network": network, "sent_at": now}
    VoterLink.objects.update_or_create(vote=vote, identity=identity, defaults=facts)
    rules = rules_of(vote.round)
    with translation.override(language), timezone.override(vote.round.time_zone):
        told = {
            "where": vote.round.title,
            "link": settings.PUBLIC_URL + reverse("votes:ballot", args=[secret]),
            "opens": timezone.localtime(moment(vote.round.rules, rules.opens)),
            "closes": timezone.localtime(moment(vote.round.rules, rules.closes)),
        }
        post(Letter(f"vote/{secrets.token_hex(16)}", email.strip(), language, "ballot", told), vote.round)
