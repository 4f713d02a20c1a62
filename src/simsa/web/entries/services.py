"""The verbs of entries: import the bodies of a round, all or nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from simsa.record.statements import entries_statement
from simsa.rules import Rules, exact_text
from simsa.web.entries.inputs import entries_of, reported_of
from simsa.web.entries.models import Entrant, Entry, ReportedNumber
from simsa.web.programmes.models import Round, Stage
from simsa.web.programmes.recording import state
from simsa.web.programmes.services import SYSTEM, lock, record


@dataclass(frozen=True)
class EntryRow:
    """One entry to import. `reported` holds exact numbers by (criterion id or "", field)."""

    code: str
    group: str
    name_ko: str
    name_en: str = ""
    region: str = ""
    latitude: Decimal | None = None
    longitude: Decimal | None = None
    fields: Mapping[str, str] = field(default_factory=dict)
    reported: Mapping[tuple[str, str], Fraction] = field(default_factory=dict)

    @property
    def facts(self) -> tuple[object, ...]:
        """What one version of an entrant says."""
        place = (_six_places(self.latitude), _six_places(self.longitude))
        return (self.name_ko, self.name_en, self.region, *place, dict(self.fields))


@dataclass(frozen=True)
class RowFault:
    """What is wrong with one row (counted from 1) of an import, in which field."""

    row: int
    field: str
    what: str

    def __str__(self) -> str:
        return _("row %(row)d, %(field)s: %(what)s") % {"row": self.row, "field": self.field, "what": self.what}


class ImportRefusedError(ValidationError):
    """An import that changed nothing, with every fault that was found; a form can show it as it is."""

    def __init__(self, faults: Sequence[RowFault]) -> None:
        self.faults = tuple(faults)
        super().__init__([str(fault) for fault in faults], code="rows")


def import_entries(round_: Round, rows: Sequence[EntryRow], *, actor: str = SYSTEM) -> list[Entry]:
    """Add entries to a round in preparation, in the order of the rows.

    ImportRefusedError, and nothing is kept, on any fault.
    """
    with transaction.atomic():
        round_ = lock(round_, Stage.PREPARING)
        before = list(round_.entries.values_list("entrant__code", flat=True))
        refuse_rows(_faults(round_.rules, rows, set(before)))
        entrants = _entrants(round_, rows)
        entries = Entry.objects.bulk_create(
            Entry(round=round_, entrant=entrants[row.code], group=row.group, position=len(before) + n)
            for n, row in enumerate(rows)
        )
        ReportedNumber.objects.bulk_create(
            ReportedNumber(entry=entry, criterion=criterion, field=name, number=exact_text(number))
            for entry, row in zip(entries, rows, strict=True)
            for (criterion, name), number in row.reported.items()
        )
        record(round_, "entries.imported", actor, {"entries": [[row.code, row.group] for row in rows]})
    return entries


def state_entries(round_: Round) -> None:
    """Say in the record of a locked round who takes part, and what they reported."""
    rows = round_.entries.select_related("entrant")
    names = {row.entrant.code: _names(row.entrant) for row in rows}
    said = entries_statement(round_.slug, entries_of(round_), names, reported_of(round_))
    state(round_, lambda _head: said)


def _names(entrant: Entrant) -> dict[str, str]:
    return {code: name for code, name in (("ko", entrant.name_ko), ("en", entrant.name_en)) if name}


def refuse_rows(faults: Sequence[RowFault]) -> None:
    """ImportRefusedError if there is any."""
    if faults:
        raise ImportRefusedError(faults)


def _faults(rules: Rules, rows: Sequence[EntryRow], taken: set[str]) -> list[RowFault]:
    faults: list[RowFault] = []
    for n, row in enumerate(rows, start=1):
        if not row.code.strip() or len(row.code) > 128:
            faults.append(RowFault(n, "code", _("a code of 1 to 128 characters is needed")))
        elif row.code in taken:
            faults.append(RowFault(n, "code", _("%(code)s is in the round already") % {"code": row.code}))
        taken.add(row.code)
        if not row.name_ko.strip() or len(row.name_ko) > 200 or len(row.name_en) > 200:
            faults.append(RowFault(n, "name", _("a name of 1 to 200 characters is needed")))
        if rules.group(row.group) is None:
            known = ", ".join(group.id for group in rules.groups)
            what = _("group %(group)s is not in the rules (known: %(known)s)")
            faults.append(RowFault(n, "group", what % {"group": row.group or "“”", "known": known}))
        faults += _place_faults(n, row) + _number_faults(n, row)
    return faults


def _place_faults(n: int, row: EntryRow) -> list[RowFault]:
    if (row.latitude is None) != (row.longitude is None):
        return [RowFault(n, "latitude, longitude", _("give both or neither"))]
    if row.latitude is None or row.longitude is None:
        return []
    if not (-90 <= row.latitude <= 90 and -180 <= row.longitude <= 180):
        return [RowFault(n, "latitude, longitude", _("there is no such place on earth"))]
    return []


def _number_faults(n: int, row: EntryRow) -> list[RowFault]:
    numbers = {name: exact_text(number) for (_criterion, name), number in row.reported.items()}
    too_long = [name for name, text in numbers.items() if len(name) > 100 or len(text) > 100]
    return [RowFault(n, name[:100], _("names and numbers have at most 100 characters")) for name in too_long]


def _entrants(round_: Round, rows: Sequence[EntryRow]) -> dict[str, Entrant]:
    """The entrant of each row by code: the latest version where it says the same, else a new one."""
    known = {entrant.code: entrant for entrant in round_.programme.entrants.order_by("version")}
    new = [row for row in rows if row.code not in known or _facts(known[row.code]) != row.facts]
    created = Entrant.objects.bulk_create(
        Entrant(
            programme=round_.programme,
            code=row.code,
            version=known[row.code].version + 1 if row.code in known else 1,
            name_ko=row.name_ko,
            name_en=row.name_en,
            region=row.region,
            latitude=_six_places(row.latitude),
            longitude=_six_places(row.longitude),
            fields=dict(row.fields),
        )
        for row in new
    )
    return known | {entrant.code: entrant for entrant in created}


def _facts(entrant: Entrant) -> tuple[object, ...]:
    place = (entrant.latitude, entrant.longitude)
    return (entrant.name_ko, entrant.name_en, entrant.region, *place, entrant.fields)


def _six_places(number: Decimal | None) -> Decimal | None:
    return None if number is None else number.quantize(Decimal("0.000001"))
