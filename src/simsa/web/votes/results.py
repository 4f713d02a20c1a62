"""What a count gave, once it may be shown."""

from __future__ import annotations

from fractions import Fraction
from typing import NamedTuple

from django.utils.translation import get_language

from simsa.rules.votes import NAMED, POINTS
from simsa.web.entries.models import ReportedNumber
from simsa.web.programmes.models import Round
from simsa.web.votes.models import Vote


class Points(NamedTuple):
    """An entry, its points, and on how many ballots it is named."""

    name: str
    points: Fraction
    named: int


def points_of(round_: Round) -> list[Points]:
    """The points of every entry, most first; nothing before the count."""
    if not Vote.objects.filter(round=round_, counted_at__isnull=False).exists():
        return []
    language = get_language() or "ko"
    rows = ReportedNumber.objects.filter(entry__round=round_, criterion="", field__in=(POINTS, NAMED))
    found: dict[str, dict[str, Fraction]] = {}
    for row in rows.select_related("entry__entrant").order_by("entry__position"):
        found.setdefault(row.entry.entrant.name(language), {})[row.field] = row.value
    listed = [Points(name, told[POINTS], int(told[NAMED])) for name, told in found.items()]
    return sorted(listed, key=lambda one: -one.points)
