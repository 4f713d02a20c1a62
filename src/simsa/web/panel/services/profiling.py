"""The verbs by which reviewers say what they know, how much they can do, and what they would like to score."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from simsa.web.panel.models import Bid, BidCall, Profile, Reviewer
from simsa.web.programmes.models import Round, Stage
from simsa.web.programmes.services import StageError, lock, record

LONGEST, LONGEST_LANGUAGES = 20_000, 200


@dataclass(frozen=True)
class ProfileRow:
    """What a profile says (see the model)."""

    keywords: str = ""
    publications: str = ""
    languages: str = ""
    most: int | None = None
    available_from: date | None = None
    available_until: date | None = None


def save_profile(reviewer: Reviewer, row: ProfileRow, seen: int, *, actor: str) -> Profile:
    """Save a profile until the panel is assigned; `seen`: the version that the writer has seen, 0 for none.

    ValidationError for texts that are too long, days out of order, and where somebody else saved meanwhile.
    """
    for text, most in ((row.keywords, LONGEST), (row.publications, LONGEST), (row.languages, LONGEST_LANGUAGES)):
        if len(text) > most:
            raise ValidationError(_("At most %(most)d characters.") % {"most": most})
    days = (row.available_from, row.available_until)
    if days[0] is not None and days[1] is not None and days[1] < days[0]:
        raise ValidationError(_("The last day is before the first."))
    with transaction.atomic():
        round_ = lock(reviewer.round, Stage.PREPARING)
        kept = Profile.objects.filter(reviewer=reviewer).first()
        if (0 if kept is None else kept.version) != seen:
            raise ValidationError(
                _(
                    "Somebody else saved this profile meanwhile: it stands below. What you wrote is still here; saved "
                    "again, it takes the place of theirs."
                )
            )
        saved = kept or Profile(reviewer=reviewer, version=0)
        for name, value in vars(row).items():
            setattr(saved, name, value)
        saved.version, saved.saved_at, saved.actor = saved.version + 1, timezone.now(), actor
        saved.save()
        record(round_, "reviewer.profiled", actor, {"reviewer": reviewer.code, "version": saved.version})
    return saved


def ask_for_bids(round_: Round, asked: bool, *, actor: str) -> None:
    """Ask reviewers which entries they would like to score, or no longer; nothing happens if it is so already."""
    with transaction.atomic():
        round_ = lock(round_, Stage.PREPARING)
        kept = BidCall.objects.filter(round=round_)
        if kept.exists() is asked:
            return
        if asked:
            BidCall.objects.create(round=round_, since=timezone.now(), actor=actor)
        else:
            kept.delete()
        record(round_, "bids.asked" if asked else "bids.closed", actor, {})


def bid(reviewer: Reviewer, wishes: Mapping[str, str], *, actor: str) -> None:
    """Save a reviewer's wishes by code of the entry ("" takes one back); others stay as they are.

    StageError while no bids are asked for; ValidationError for unknown entries and wishes.
    """
    with transaction.atomic():
        round_ = lock(reviewer.round, Stage.PREPARING)
        if not BidCall.objects.filter(round=round_).exists():
            raise StageError(_("Reviewers of this round are not asked what they would like to score."))
        entries = {entry.entrant.code: entry for entry in round_.entries.select_related("entrant")}
        if not (wishes.keys() <= entries.keys() and set(wishes.values()) <= {"", *Bid.Wish.values}):
            raise ValidationError(_("There is no such entry, or no such answer."))
        before = dict(Bid.objects.filter(reviewer=reviewer).values_list("entry__entrant__code", "wish"))
        changed = {code: wish for code, wish in wishes.items() if before.get(code, "") != wish}
        for code, wish in changed.items():
            if wish:
                Bid.objects.update_or_create(entry=entries[code], reviewer=reviewer, defaults={"wish": wish})
            else:
                Bid.objects.filter(entry=entries[code], reviewer=reviewer).delete()
        if changed:
            record(round_, "bids.saved", actor, {"reviewer": reviewer.code, "entries": sorted(changed)})
