"""What looks bought or made by machines is put aside, with its reason; people decide, and nobody sees what was voted.

Networks and devices are known by keyed hashes. The limits are wide, for a whole office or a town may share an address;
whoever is put aside by mistake counts again as soon as an auditor or officer says why.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from itertools import groupby
from operator import itemgetter

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Count, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from simsa.web.programmes.services import SYSTEM, each_on_its_own, record
from simsa.web.votes.models import Aside, Ballot, Vote

OF_DEVICE = 3
"""Ballots of one device that are nobody's business: a family at one table."""
BURST, WINDOW = 60, timedelta(minutes=10)
"""More ballots than these from one network within so long are a burst."""
ALIKE, SHARE = 20, 0.9
"""From so many ballots of one network on, such a share that says the same in all its places is a pattern. Ballots that
name one entry alone are alike by themselves."""


def put_aside(vote: Vote) -> int:
    """Put aside what is due by now; how many ballots. What an auditor has released stays released."""
    with transaction.atomic():
        vote = Vote.objects.select_for_update(of=("self",), no_key=True).select_related("round__log").get(pk=vote.pk)
        if vote.counted_at is not None:
            return 0
        count = 0
        for kind, key, ballots in _found(vote):
            count += _aside(vote, kind, key, ballots)
    return count


def look_at_votes() -> int:
    """Put aside what is due in all votes that are open; how many ballots."""
    count = 0
    for vote in Vote.objects.filter(opened_at__isnull=False, closed_at=None).select_related("round"):
        with each_on_its_own(vote.round):
            count += put_aside(vote)
    return count


def waiting(vote: Vote) -> QuerySet[Aside]:
    """What nobody has decided yet."""
    return vote.asides.filter(ruling=Aside.Ruling.NONE)


def rule_aside(aside: Aside, released: bool, reason: str, *, actor: str) -> Aside:
    """Say whether ballots that were put aside count, and why. ValidationError without a reason, or after the count."""
    if not reason.strip():
        raise ValidationError(_("Say why; it stands in the record."), code="reason")
    with transaction.atomic():
        vote = Vote.objects.select_for_update(of=("self",), no_key=True).select_related("round__log")
        if vote.get(pk=aside.vote_id).counted_at is not None:
            raise ValidationError(_("The ballots have been counted."), code="counted")
        aside = Aside.objects.select_for_update(of=("self",)).select_related("vote__round__log").get(pk=aside.pk)
        aside.ruling = Aside.Ruling.RELEASED if released else Aside.Ruling.KEPT
        aside.reason, aside.ruled_at, aside.ruled_by = reason.strip(), timezone.now(), actor
        aside.save()
        facts = {"aside": aside.pk, "kind": aside.kind, "ballots": aside.ballots.count()}
        record(aside.vote.round, "ballots.ruled", actor, {**facts, "ruling": aside.ruling, "reason": aside.reason})
    return aside


def _aside(vote: Vote, kind: Aside.Kind, key: str, ballots: Q) -> int:
    aside = Aside.objects.filter(vote=vote, kind=kind, key=key).first()
    if aside is not None and aside.ruling == Aside.Ruling.RELEASED:
        return 0
    there = Ballot.objects.filter(ballots, vote=vote, aside=None)
    if aside is None and there.exists():
        aside = Aside.objects.create(vote=vote, kind=kind, key=key, found_at=timezone.now())
    count = there.update(aside=aside) if aside is not None else 0
    if count:
        record(vote.round, "ballots.put_aside", SYSTEM, {"aside": aside.pk, "kind": kind, "ballots": count})
    return count


def _found(vote: Vote) -> Iterator[tuple[Aside.Kind, str, Q]]:
    """Kinds, keys and the ballots that they are about."""
    ballots = Ballot.objects.filter(vote=vote)
    by_device = ballots.exclude(device="").values_list("device").annotate(n=Count("name")).filter(n__gt=OF_DEVICE)
    for device, _n in by_device.order_by("device"):
        yield Aside.Kind.DEVICE, device, Q(device=device)
    networked = ballots.exclude(network="")
    minutes = networked.values_list("network", "minute").annotate(n=Count("name")).order_by("network", "minute")
    sizes: dict[str, int] = {}
    for network, rows in groupby(minutes.iterator(), key=itemgetter(0)):
        own = [(minute, n) for _network, minute, n in rows]
        sizes[network] = sum(n for _minute, n in own)
        within = Q()
        for first, last in _bursts(own) if sizes[network] > BURST else ():
            within |= Q(minute__range=(first, last))
        if within:
            yield Aside.Kind.BURST, network, Q(network=network) & within
    rules = vote.round.rules.vote
    if rules is None or rules.choices.max == 1:
        return
    alike = networked.values_list("network", "says").annotate(n=Count("name")).filter(n__gte=ALIKE * SHARE)
    for network, says, n in alike.order_by("network", "says"):
        if sizes[network] >= ALIKE and n >= SHARE * sizes[network] and len(json.loads(says)) > 1:
            yield Aside.Kind.PATTERN, network, Q(network=network, says=says)


def _bursts(minutes: Iterable[tuple[datetime, int]]) -> Iterator[tuple[datetime, datetime]]:
    """From when to when there were too many within a window."""
    inside: list[tuple[datetime, int]] = []
    for minute, n in minutes:
        inside = [(at, count) for at, count in inside if minute - at < WINDOW]
        inside.append((minute, n))
        if sum(count for _at, count in inside) > BURST:
            yield inside[0][0], minute
