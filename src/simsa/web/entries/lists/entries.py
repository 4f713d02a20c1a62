"""Lists of entries: rows of a file to rows of an import, what is not said being as it is known already."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from simsa.rules import decimal_text, parse_decimal
from simsa.tables.lists import FIELD, REPORTED, ListRow, entry_targets, group_ids
from simsa.web.entries.lists.kinds import CODE, ListKind
from simsa.web.entries.models import Entrant, Import
from simsa.web.entries.services.importing import Held, import_entries, plan_entries, row_of, undo_entries
from simsa.web.entries.services.plans import Plan, Source
from simsa.web.entries.services.rows import EntryRow, RowFault, refuse_rows
from simsa.web.programmes.models import Round

_TEXTS = ("name_ko", "name_en", "region")
_PLACES = ("latitude", "longitude")


def entry_rows(round_: Round, rows: Sequence[ListRow]) -> tuple[list[EntryRow], list[RowFault]]:
    """The rows of an import, and what is wrong with single cells; a cell that is wrong says nothing.

    What a list does not say of an entry is as the round has it, or as the last round of the programme had it.
    """
    held, groups = Held.of(round_), group_ids(round_.rules)
    known = _last_known(round_)
    found, faults = [], []
    for n, row in enumerate(rows, start=1):
        code = row.said["code"]
        if code in held.entries:
            before = held.row(code)
        elif code in known:
            before = row_of(known[code], "", {})
        else:
            before = EntryRow(code, "", "")
        after, wrong = _changed(before, row.said, groups)
        found.append(after)
        faults += [RowFault(n, key, what) for key, what in wrong]
    return found, faults


def _last_known(round_: Round) -> dict[str, Entrant]:
    """The entrants of the programme as its last round has them."""
    entries = round_.programme.entrants.model.objects.filter(programme=round_.programme, entries__isnull=False)
    return {entrant.code: entrant for entrant in entries.order_by("entries__pk")}


def _changed(
    row: EntryRow, said: Mapping[str, str], groups: Mapping[str, str]
) -> tuple[EntryRow, list[tuple[str, str]]]:
    changes: dict[str, Any] = {key: said[key] for key in _TEXTS if key in said}
    fields, reported = dict(row.fields), dict(row.reported)
    wrong = []
    if "group" in said:
        changes["group"] = groups.get(said["group"].casefold(), said["group"])
    for key, text in said.items():
        if key.startswith(FIELD):
            fields[key.removeprefix(FIELD)] = text
        elif key in _PLACES or key.startswith(REPORTED):
            try:
                number = parse_decimal(text) if text else None
            except ValueError:
                wrong.append(
                    (key, _("“%(text)s” is not a number; a plain decimal such as 37.5665 is") % {"text": text})
                )
                continue
            if key in _PLACES:
                changes[key] = None if number is None else Decimal(decimal_text(number))
            else:
                _report(reported, key.removeprefix(REPORTED), number)
    return replace(row, fields=fields, reported=reported, **changes), wrong


def _report(reported: dict[tuple[str, str], Fraction], name: str, number: Fraction | None) -> None:
    """A number that is reported; where the list has an empty cell none is."""
    if number is None:
        reported.pop(("", name), None)
    else:
        reported["", name] = number


def _plan(round_: Round, rows: Sequence[ListRow], removes: bool) -> Plan:
    found, faults = entry_rows(round_, rows)
    return plan_entries(round_, found, update=True, remove=removes).with_faults(faults)


def _take(
    round_: Round, rows: Sequence[ListRow], *, removes: bool, expected: str, source: Source, actor: str
) -> Import:
    found, faults = entry_rows(round_, rows)
    refuse_rows(faults)
    return import_entries(round_, found, update=True, remove=removes, expected=expected, source=source, actor=actor)


ENTRIES = ListKind(
    key="entries",
    permission="entries.import_entries",
    title=gettext_lazy("Entries"),
    labels={
        "code": CODE,
        "group": gettext_lazy("group"),
        "name": gettext_lazy("name"),
        "name_ko": gettext_lazy("Korean name"),
        "name_en": gettext_lazy("English name"),
        "region": gettext_lazy("region"),
        "latitude": gettext_lazy("latitude"),
        "longitude": gettext_lazy("longitude"),
        "latitude, longitude": gettext_lazy("latitude, longitude"),
    },
    needed=("code",),
    targets=entry_targets,
    plan=_plan,
    take=_take,
    undo=undo_entries,
)
