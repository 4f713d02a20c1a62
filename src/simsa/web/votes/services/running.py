"""A vote opens and closes by its rules; then its ballots are counted, and the count enters the official tally.

What the count gives is reported for every entry like a number of their own (`simsa.rules.votes.FIELDS`), exactly; where
the record has stated the entries before, it states them once more, after an amendment that says why.
"""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from simsa.engine.votes import Count, ballot_from, count
from simsa.record.statements import amendment
from simsa.rules import Vote as VoteRules
from simsa.rules import exact_text
from simsa.rules.votes import BALLOTS, FIELDS, NAMED, POINTS
from simsa.web.entries.models import ReportedNumber
from simsa.web.entries.services import state_entries
from simsa.web.programmes.models import Round, Stage
from simsa.web.programmes.phases import moment
from simsa.web.programmes.recording import state
from simsa.web.programmes.services import SYSTEM, StageError, each_on_its_own, lock, record
from simsa.web.votes.identities import destroy_secret, make_secret
from simsa.web.votes.models import Aside, Ballot, Candidate, Participation, Vote, VoterLink
from simsa.web.votes.services.sealing import seal_ballots
from simsa.web.votes.services.showing import statement_of
from simsa.web.votes.services.watching import put_aside, waiting


def rules_of(round_: Round) -> VoteRules:
    """What the rules say of the vote. StageError where there is none."""
    if round_.rules.vote is None:
        raise StageError(_("The rules of this round have no vote."))
    return round_.rules.vote


def window(round_: Round) -> tuple[datetime, datetime]:
    """From when until before when ballots are taken."""
    rules = rules_of(round_)
    return moment(round_.rules, rules.opens), moment(round_.rules, rules.closes)


def vote_of(round_: Round) -> Vote:
    """The vote of a round, with a secret for its voters; made if it is not there yet."""
    rules_of(round_)
    found = Vote.objects.filter(round=round_).select_related("round__programme", "round__log").first()
    if found is not None:
        return found
    with transaction.atomic():
        round_ = lock(round_, Stage.PREPARING, Stage.SCORING)
        make_secret(round_.slug)
        found, _new = Vote.objects.get_or_create(round=round_)
        found.round = round_
    return found


def open_vote(round_: Round, *, actor: str = SYSTEM) -> Vote:
    """Begin to take ballots: the entries that are there now are those on the ballot. Nothing happens if it is open.

    StageError before its moment and after, and without entries.
    """
    with transaction.atomic():
        round_ = lock(round_, Stage.PREPARING, Stage.SCORING)
        vote = _held(vote_of(round_))
        opens, closes = window(round_)
        if vote.opened_at is not None:
            return vote
        if not opens <= timezone.now() < closes:
            raise StageError(_("It is not the time of the vote."))
        entries = list(round_.entries.order_by("position"))
        if not entries:
            raise StageError(_("There is nobody to vote for yet."))
        Candidate.objects.bulk_create(Candidate(vote=vote, entry=entry) for entry in entries)
        vote.opened_at = timezone.now()
        vote.save(update_fields=["opened_at"])
        record(round_, "vote.opened", actor, {"entries": len(entries)})
    return vote


def close_vote(round_: Round, *, actor: str = SYSTEM) -> Vote:
    """No ballot is taken from here on. It is counted at once, unless somebody has to decide on ballots put aside.

    StageError before its moment.
    """
    with transaction.atomic():
        round_ = lock(round_, Stage.PREPARING, Stage.SCORING)
        vote = _held(vote_of(round_))
        if vote.closed_at is not None:
            return vote
        if timezone.now() < window(round_)[1]:
            raise StageError(_("The vote is not over."))
        vote.closed_at = timezone.now()
        vote.save(update_fields=["closed_at"])
        seal_ballots(vote)
        put_aside(vote)
        vote.cast = Ballot.objects.filter(vote=vote).count()
        vote.save(update_fields=["cast"])
        record(round_, "vote.closed", actor, {"ballots": vote.cast})
        if not waiting(vote).exists():
            vote = count_vote(round_, actor=actor)
    return vote


def count_vote(round_: Round, *, actor: str = SYSTEM) -> Vote:
    """Count the ballots of a closed vote, once; what is put aside and was not released does not count.

    StageError before it is closed.
    """
    with transaction.atomic():
        round_ = lock(round_, Stage.PREPARING, Stage.SCORING)
        vote = _held(vote_of(round_))
        if vote.counted_at is not None:
            return vote
        if vote.closed_at is None:
            raise StageError(_("The vote is not over."))
        found = _counted(round_, vote)
        vote.counted_at, vote.counted = timezone.now(), found.ballots
        vote.save(update_fields=["counted_at", "counted"])
        _report(round_, found)
        record(round_, "vote.counted", actor, {"ballots": vote.cast, "counted": vote.counted})
        _state(round_, vote)
    return vote


def count_before_close(round: Round, actor: str, **_signal: Any) -> None:  # noqa: A002 (the signal's name)
    """A round closes with its vote counted, or not at all (see `simsa.web.panel.services.closing`)."""
    if round.rules.vote is None:
        return
    if timezone.now() < window(round)[1]:
        raise StageError(_("The vote of this round is not over; it closes after that."))
    close_vote(round, actor=actor)
    count_vote(round, actor=actor)


def forget_voters(vote: Vote) -> None:
    """Destroy what could tell who has voted: the secret, all hashes of people, devices and networks. Ballots stay.

    StageError before the announcement.
    """
    with transaction.atomic():
        round_ = lock(vote.round, Stage.ANNOUNCED)
        vote = _held(vote)
        if vote.forgotten_at is not None:
            return
        voters = Participation.objects.filter(vote=vote).count()
        record(round_, "voters.forgotten", SYSTEM, {"identities": voters})
        Participation.objects.filter(vote=vote).delete()
        VoterLink.objects.filter(vote=vote).delete()
        Ballot.objects.filter(vote=vote).update(device="", network="")
        for aside in vote.asides.all():
            aside.key = str(aside.pk)
            aside.save(update_fields=["key"])
        vote.forgotten_at = timezone.now()
        vote.save(update_fields=["forgotten_at"])
        transaction.on_commit(lambda: destroy_secret(round_.slug))


def run_votes() -> int:
    """Do what is due in all votes; how many have moved on."""
    moved, now = 0, timezone.now()
    for round_ in Round.objects.filter(stage__in=[Stage.PREPARING, Stage.SCORING]):
        with each_on_its_own(round_):
            if round_.rules.vote is not None:
                moved += _run(round_, now)
    for vote in Vote.objects.filter(round__stage=Stage.ANNOUNCED, forgotten_at=None).select_related("round"):
        with each_on_its_own(vote.round):
            forget_voters(vote)
            moved += 1
    return moved


def _run(round_: Round, now: datetime) -> bool:
    vote = Vote.objects.filter(round=round_).select_related("round").first()
    opens, closes = window(round_)
    if (vote is None or vote.opened_at is None) and opens <= now < closes and round_.entries.exists():
        open_vote(round_)
        return True
    # What had passed when the rules were frozen was never due here.
    if (vote is None or vote.closed_at is None) and now >= closes > round_.opened_at:
        close_vote(round_)
        return True
    return False


def _held(vote: Vote) -> Vote:
    """The vote as the database has it, once nobody is casting a ballot; the round is locked."""
    held = Vote.objects.select_for_update(of=("self",)).get(pk=vote.pk)
    held.round = vote.round
    return held


def _counted(round_: Round, vote: Vote) -> Count:
    released = Ballot.objects.filter(vote=vote, aside__ruling=Aside.Ruling.RELEASED)
    plain = Ballot.objects.filter(vote=vote, aside=None)
    codes = list(round_.entries.order_by("position").values_list("entrant__code", flat=True))
    rows = (says for ballots in (plain, released) for says in ballots.values_list("says", flat=True).iterator())
    return count(codes, (ballot_from(json.loads(says)) for says in rows))


def _report(round_: Round, found: Count) -> None:
    entries = dict(round_.entries.values_list("entrant__code", "pk"))
    ReportedNumber.objects.filter(entry__round=round_, criterion="", field__in=FIELDS).delete()
    ReportedNumber.objects.bulk_create(
        ReportedNumber(entry_id=entries[code], criterion="", field=field, number=number)
        for code, points, named in zip(found.entries, found.points, found.named, strict=True)
        for field, number in ((POINTS, exact_text(points)), (NAMED, str(named)), (BALLOTS, str(found.ballots)))
    )


def _state(round_: Round, vote: Vote) -> None:
    """The record says what was counted; where it has stated the entries, it does so again, and says why."""
    state(round_, lambda _head: statement_of(vote))
    if not round_.log.statements.filter(kind="entries").exists():
        return
    with translation.override(round_.language):
        reason = _("The public vote was counted: %(counted)d of %(cast)d ballots count.")
        reason %= {"counted": vote.counted, "cast": vote.cast}
    state(round_, lambda _head: amendment(round_.slug, reason, round_.rules_hash, round_.rules_hash))
    state_entries(round_)
