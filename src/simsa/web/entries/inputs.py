"""What the engine is handed of a round's entries, read back from the database."""

from __future__ import annotations

from simsa.engine.inputs import Entries, Reported
from simsa.web.entries.models import ReportedNumber
from simsa.web.programmes.models import Round


def entries_of(round_: Round) -> Entries:
    """The entries in the order of their import."""
    rows = list(round_.entries.order_by("position").values_list("entrant__code", "group"))
    return Entries(ids=tuple(code for code, _ in rows), group=tuple(group for _, group in rows))


def entries_by_id(round_: Round) -> Entries:
    """The entries in the order in which the record has them."""
    rows = sorted(round_.entries.values_list("entrant__code", "group"))
    return Entries(ids=tuple(code for code, _ in rows), group=tuple(group for _, group in rows))


def reported_of(round_: Round) -> Reported:
    """The reported numbers of every entry."""
    rows = ReportedNumber.objects.filter(entry__round=round_).select_related("entry__entrant")
    return Reported({(row.entry.entrant.code, row.criterion, row.field): row.value for row in rows})


def fields_of(round_: Round) -> dict[str, tuple[str, ...]]:
    """What conflict rules compare: each field of the entrants, one text for each entry, "" where it is unknown."""
    rows = list(round_.entries.order_by("position").values_list("entrant__region", "group", "entrant__fields"))
    known = [{"region": region, "group": group, **fields} for region, group, fields in rows]
    names = dict.fromkeys(name for fields in known for name in fields)
    return {name: tuple(fields.get(name, "") for fields in known) for name in names}
