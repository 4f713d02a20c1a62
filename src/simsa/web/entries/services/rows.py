"""The rows of an import: what one says of an entry, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from simsa.rules import Rules, exact_text
from simsa.tables.lists import FIELD, REPORTED
from simsa.tables.table import has_control
from simsa.web.naming import called


@dataclass(frozen=True)
class EntryRow:
    """One entry to import, all of it. `reported` holds exact numbers by (criterion id or "", field)."""

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
    def name(self) -> str:
        """In the language of the page."""
        return called(self.name_ko, self.name_en)

    @property
    def place(self) -> tuple[Decimal | None, Decimal | None]:
        """Latitude and longitude as they are kept."""
        return _six_places(self.latitude), _six_places(self.longitude)

    @property
    def facts(self) -> tuple[object, ...]:
        """What one version of an entrant says."""
        return (self.name_ko, self.name_en, self.region, *self.place, dict(self.fields))

    @property
    def said(self) -> dict[str, str]:
        """Everything the row says, as text by key."""
        latitude, longitude = self.place
        return {
            "group": self.group,
            "name_ko": self.name_ko,
            "name_en": self.name_en,
            "region": self.region,
            "latitude": _degrees_text(latitude),
            "longitude": _degrees_text(longitude),
            **{FIELD + name: text for name, text in self.fields.items()},
            **{reported_key(*key): exact_text(number) for key, number in self.reported.items()},
        }


@dataclass(frozen=True)
class RowFault:
    """What is wrong with one row (counted from 1; 0 for what is in no row) of an import, in which field."""

    row: int
    field: str
    what: str

    def __str__(self) -> str:
        if not self.row:
            return f"{self.field}: {self.what}"
        return _("row %(row)d, %(field)s: %(what)s") % {"row": self.row, "field": self.field, "what": self.what}


class ImportRefusedError(ValidationError):
    """An import that changed nothing, with every fault that was found; a form can show it as it is."""

    def __init__(self, faults: Sequence[RowFault]) -> None:
        self.faults = tuple(faults)
        super().__init__([str(fault) for fault in faults], code="rows")


def refuse_rows(faults: Sequence[RowFault]) -> None:
    """ImportRefusedError if there is any."""
    if faults:
        raise ImportRefusedError(faults)


def reported_key(criterion: str, name: str) -> str:
    """The key of a reported number: of one criterion, or of the entry as a whole (`criterion` empty)."""
    return f"{REPORTED}{criterion}/{name}" if criterion else REPORTED + name


def code_faults(n: int, code: str) -> list[RowFault]:
    if not code.strip() or len(code) > 128 or has_control(code):
        return [RowFault(n, "code", _("a code of 1 to 128 characters is needed"))]
    return []


def entry_faults(rules: Rules, rows: Sequence[EntryRow]) -> list[RowFault]:
    """What is wrong with rows by themselves, whatever is in the round."""
    faults: list[RowFault] = []
    seen: set[str] = set()
    for n, row in enumerate(rows, start=1):
        faults += code_faults(n, row.code)
        if row.code in seen:
            faults.append(RowFault(n, "code", _("%(code)s is there twice") % {"code": row.code}))
        seen.add(row.code)
        faults += _text_faults(n, row)
        if rules.group(row.group) is None:
            known = ", ".join(group.id for group in rules.groups)
            what = _("group %(group)s is not in the rules (known: %(known)s)")
            faults.append(RowFault(n, "group", what % {"group": row.group or "“”", "known": known}))
        faults += _place_faults(n, row) + _number_faults(n, row)
    return faults


def _text_faults(n: int, row: EntryRow) -> list[RowFault]:
    faults = []
    if not row.name_ko.strip() or len(row.name_ko) > 200 or len(row.name_en) > 200:
        faults.append(RowFault(n, "name", _("a name of 1 to 200 characters is needed")))
    for key, text, most in (("region", row.region, 100), ("group", row.group, 64)):
        if len(text) > most:
            faults.append(RowFault(n, key, _("has more than %(most)d characters") % {"most": most}))
    faults += [
        RowFault(n, key, _("has a character that nobody sees (a line break, a control character)"))
        for key, text in row.said.items()
        if has_control(text) or has_control(key)
    ]
    long_names = [name for name in row.fields if len(name) > 100]
    faults += [RowFault(n, name[:100], _("has more than %(most)d characters") % {"most": 100}) for name in long_names]
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
    too_long = [
        name
        for (criterion, name), number in row.reported.items()
        if len(criterion) > 64 or len(name) > 100 or len(exact_text(number)) > 100
    ]
    return [RowFault(n, name[:100], _("names and numbers have at most 100 characters")) for name in too_long]


def _six_places(degrees: Decimal | None) -> Decimal | None:
    return None if degrees is None else round(degrees, 6)


def _degrees_text(degrees: Decimal | None) -> str:
    return "" if degrees is None else exact_text(Fraction(degrees))
