"""The verbs of reviews that the rules hold back: compute the next batch in the background, and give it out.

Which entries get more reviews and from whom follows from the rules (`simsa.engine.adaptive`); an officer approves it or
does not. Who must not review what is fixed by hand with a reason (`planning.fix_pair`), and the batch computed anew.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from simsa.tables.adaptive import Proposal, proposal_json, propose
from simsa.web.panel.models import ReviewBatch, Slot
from simsa.web.panel.seating import Pair, Seating
from simsa.web.panel.services.between import between
from simsa.web.panel.services.computing import compute
from simsa.web.panel.services.placing import Place, place
from simsa.web.panel.services.registering import by_code
from simsa.web.programmes.models import Round, Stage
from simsa.web.programmes.services import lock, record

LONGEST_SEED = 200
LANGUAGES = ("ko", "en")


class StaleBatchError(ValidationError):
    """What a batch was computed from has changed since."""


def start_batch(round_: Round, seed: str = "", *, actor: str) -> ReviewBatch:
    """Have the next batch computed. `seed`: of the draws, instead of the round's.

    Without any, one is drawn with the first batch and kept: whoever asks again gets no other draws. ValidationError for
    rules that hold nothing back, before any sheet is in, and while another batch is being computed.
    """
    said = seed.strip()
    if len(said) > LONGEST_SEED:
        raise ValidationError(_("A seed has at most %(most)d characters.") % {"most": LONGEST_SEED})
    with transaction.atomic():
        round_ = lock(round_, Stage.SCORING)
        if round_.rules.adaptive is None:
            raise ValidationError(_("The rules of this round hold no reviews back."))
        if not Slot.objects.filter(entry__round=round_, replaced_by=None, status=Slot.Status.SUBMITTED).exists():
            raise ValidationError(_("No sheet is in yet; what is in doubt is told by the sheets of the first round."))
        before = ReviewBatch.objects.filter(round=round_)
        if before.filter(state__in=["waiting", "running"]).exists():
            raise ValidationError(_("The next reviews are being computed already."))
        number = (before.aggregate(last=Max("number"))["last"] or 0) + 1
        made = ReviewBatch.objects.create(round=round_, number=number, seed=said or seed_of(round_), actor=actor)
        record(round_, "reviews.asked", actor, {"number": number, "seed": made.seed})
        transaction.on_commit(lambda: _enqueue(made.pk))
    return made


def seed_of(round_: Round) -> str:
    """The seed of a round's batches, unless another is stated: its own, or the one drawn with the first batch."""
    if round_.seed:
        return str(round_.seed)
    first = ReviewBatch.objects.filter(round=round_).order_by("number").first()
    return secrets.token_hex(16) if first is None else first.seed


def compute_batch(batch: ReviewBatch) -> ReviewBatch:
    """Compute what `start_batch` asked for; what goes wrong is kept in it."""

    def work() -> dict[str, str]:
        with transaction.atomic():
            found = between(lock(batch.round, Stage.SCORING))
        proposal = propose(found.so_far, seed=batch.seed, progress=_teller(batch))
        return {"inputs": found.fingerprint, "facts": json.dumps(facts_of(proposal))}

    return compute(batch, work)


def facts_of(proposal: Proposal) -> dict[str, object]:
    """What a batch keeps of a proposal."""
    told = {**proposal_json(proposal, LANGUAGES[0]), "text": {key: proposal.lines(key) for key in LANGUAGES}}
    del told["warning"]  # the first of the sentences
    return told


def give_out(batch: ReviewBatch, *, actor: str) -> list[Slot]:
    """Give out the reviews of a batch as it was computed: their slots are in the record, who got one gets a letter.

    Where an entry has a vacant place, the review takes that. StaleBatchError if sheets, conflicts,
    slots, limits or affinities have changed since; ValidationError for a batch that was given out, or has no reviews.
    """
    with transaction.atomic():
        round_ = lock(batch.round, Stage.SCORING)
        batch = ReviewBatch.objects.get(pk=batch.pk)
        if batch.state != ReviewBatch.State.DONE or batch.given_at is not None:
            raise ValidationError(_("These reviews are not computed, or were given out before."))
        if not batch.pairs:
            raise ValidationError(_("There are no reviews to be given out."))
        now = between(round_)
        if now.fingerprint != batch.inputs:
            raise StaleBatchError(_("Sheets, conflicts or the panel have changed since these reviews were computed."))
        slots = place(round_, _places(round_, batch.pairs, now.seating), now.seating, batch)
        batch.given_at, batch.given_by = timezone.now(), actor
        batch.save(update_fields=["given_at", "given_by"])
        told = batch.told
        facts = {"number": batch.number, "batch": told["batch"], "seed": batch.seed, "stop": told["stop"] or ""}
        facts |= {key: "" if told[key] is None else f"{told[key]:.6f}" for key in ("gain", "gain_error")}
        record(round_, "reviews.added", actor, {**facts, "reviews": [list(pair) for pair in batch.pairs]})
    return slots


def _places(round_: Round, pairs: list[Pair], seating: Seating) -> list[Place]:
    entries, reviewers = by_code(round_)
    left: dict[str, list[Slot]] = {}
    for slot in seating.vacant:
        left.setdefault(slot.entry.entrant.code, []).append(slot)
    return [
        Place(entries[entry], reviewers[code], left[entry].pop(0) if left.get(entry) else None) for entry, code in pairs
    ]


def _teller(batch: ReviewBatch) -> Callable[[str], None]:
    def tell(step: str) -> None:
        ReviewBatch.objects.filter(pk=batch.pk).update(step=step[:100])

    return tell


def _enqueue(pk: int) -> None:
    from simsa.web.panel.tasks import run_batch  # noqa: PLC0415 (the task calls back into this module)

    run_batch.enqueue(pk)
