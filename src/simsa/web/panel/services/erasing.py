"""Forgetting what was said about people, with what is behind the record (`simsa.web.programmes.erasing`)."""

from __future__ import annotations

import json

from django.db import models

from simsa.web.panel.models import (
    Bid,
    Conflict,
    Decision,
    Declaration,
    FixedPair,
    MeetingAct,
    Procedure,
    Profile,
    ReviewBatch,
)
from simsa.web.programmes.models import Round

NOTHING = "–"
"""In the place of a reason."""


def erase_said(round: Round, **_signal: object) -> list[type[models.Model]]:  # noqa: A002 (what the signal calls it)
    """Profiles, bids and declarations are deleted; of procedures, decisions, pairs fixed by hand and what happened in
    meetings it stays that there were some, without reasons and texts, and nobody dissented by name; of batches of
    reviews, without who was too noisy to be asked. Only here are rows changed that are otherwise added to alone."""
    Profile.objects.filter(reviewer__round=round).delete()
    Bid.objects.filter(reviewer__round=round).delete()
    Conflict.objects.filter(reviewer__round=round).update(declaration=None)
    models.QuerySet(Declaration).filter(reviewer__round=round).delete()
    Procedure.objects.filter(entry__round=round).update(reason=NOTHING)
    models.QuerySet(Decision).filter(procedure__entry__round=round).update(reason=NOTHING)
    acts = models.QuerySet(MeetingAct).filter(meeting__round=round)
    acts.filter(kind=MeetingAct.Kind.DISSENT).update(reviewer=None, actor=NOTHING)
    acts.exclude(text="").update(text=NOTHING)
    for one in Conflict.objects.filter(reviewer__round=round, source=Conflict.Source.REGISTER):
        one.reason = f"{NOTHING} {one.pk}"  # each of its own: several may have been told of one pair
        one.save(update_fields=["reason"])
    FixedPair.objects.filter(entry__round=round).update(reason=NOTHING)
    for batch in ReviewBatch.objects.filter(round=round, state=ReviewBatch.State.DONE):
        batch.facts = json.dumps({**batch.told, "skipped": [], "text": {}})
        batch.save(update_fields=["facts"])
    return [Profile, Bid, Declaration, Procedure, Decision, MeetingAct, Conflict, FixedPair, ReviewBatch]
