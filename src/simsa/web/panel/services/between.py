"""A round between two batches of reviews, as the engine is asked for the next one."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
from django.utils import timezone
from numpy.typing import NDArray

from simsa.engine.inputs import Reviewers, Sheets, Status
from simsa.engine.slots import ConflictPair
from simsa.record import canonical_text
from simsa.rules import digest
from simsa.tables.adaptive import SoFar
from simsa.web.entries.inputs import entries_of, reported_of
from simsa.web.panel.inputs import affinities_of, candidates_of, own_limits_of, reviewers_of, sheets_of
from simsa.web.panel.models import Profile
from simsa.web.panel.seating import Seating
from simsa.web.programmes.models import Round

CLOSED = "closed"
"""What the engine calls the rule of a pair that may not meet any more: a conflict, forbidden by hand, or it has met."""


@dataclass(frozen=True)
class Between:
    """What the next batch follows from; `fingerprint` changes with any of it."""

    so_far: SoFar
    seating: Seating
    fingerprint: str


def between(round_: Round) -> Between:
    """The round as it is now, in a transaction that has locked it."""
    entries, reviewers, seating = entries_of(round_), reviewers_of(round_), Seating.of(round_)
    closed = sorted(seating.closed)
    pairs, worth = candidates_of(round_, entries, reviewers)
    most, kept, reported = _most(round_, reviewers, len(entries)), affinities_of(round_), reported_of(round_)
    told: dict[str, Any] = {
        "rules": round_.rules_hash,
        "entries": [list(entries.ids), list(entries.group)],
        "reviewers": [list(reviewers.ids), {name: list(texts) for name, texts in reviewers.fields.items()}],
        "slots": sorted([slot.name, str(slot.status), slot.version] for slot in seating.slots),
        "missed": sorted(slot.name for slot in seating.vacant if slot.pk in seating.missed),
        "closed": [list(pair) for pair in closed],
        "limits": most.tolist(),
        "affinities": 0 if kept is None else kept.version,
        "reported": sorted([*key, str(value)] for key, value in reported.values.items()),
    }
    so_far = SoFar(
        rules=round_.rules,
        entries=entries,
        names=entries.ids,
        sheets=_without_missed(sheets_of(round_, entries, reviewers), seating),
        reported=reported,
        reviewers=reviewers,
        forbidden=[ConflictPair(entries.index[e], reviewers.index[r], CLOSED) for e, r in closed],
        affinity=None if pairs is None or worth is None else (*pairs, worth),
        synthetic=round_.synthetic,
        most=most,
    )
    return Between(so_far, seating, digest(canonical_text(told).encode()))


def _without_missed(sheets: Sheets, seating: Seating) -> Sheets:
    """Sheets of the slots that count, in their order: one that was missed is lost like one that was recused."""
    missed = np.array([slot.pk in seating.missed for slot in seating.slots], bool)
    return replace(sheets, status=np.where(missed[:, None], np.int8(Status.RECUSED), sheets.status))


def _most(round_: Round, reviewers: Reviewers, entries: int) -> NDArray[np.int64]:
    """How many entries each takes in all of their own accord: no more than they have, who is away from now on."""
    own = own_limits_of(round_)
    today = timezone.localdate(timezone=ZoneInfo(round_.time_zone))
    gone = Profile.objects.filter(reviewer__round=round_, available_until__lt=today)
    own |= dict.fromkeys(gone.values_list("reviewer__code", flat=True), 0)
    return np.array([own.get(code, entries) for code in reviewers.ids], np.int64)
