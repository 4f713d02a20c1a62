"""The verbs of writing an entry: its fields are saved one by one while it is written, by several people at once.

They leave no event in the record: nothing counts before it is submitted.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from simsa.web.entries.content import LONGEST, is_field
from simsa.web.entries.models import DraftField, Entry, Visit
from simsa.web.prepared import tell
from simsa.web.programmes.access import has_role
from simsa.web.programmes.models import Kind, Round
from simsa.web.programmes.phases import takes_entries


class ClosedError(ValueError):
    """Nothing is taken now: before the call, after the deadline and its grace, or the round has gone on."""


@dataclass(frozen=True)
class Saved:
    """A field as it is now. `clash`: somebody else had changed it in between, and nothing was saved."""

    name: str
    value: str
    version: int
    at: datetime | None = None
    clash: bool = False


def check_open(round_: Round) -> None:
    """ClosedError, with the server's time, where entries are not taken now."""
    if not takes_entries(round_):
        at = timezone.localtime().strftime("%Y-%m-%d %H:%M:%S %Z")
        raise ClosedError(_("Entries are not taken now (server time %(at)s). What was saved stays.") % {"at": at})


def fields_of(entry: Entry) -> dict[str, DraftField]:
    """What was written so far, by name of the field."""
    return {field.name: field for field in entry.draft.all()}


def values_of(fields: Mapping[str, DraftField]) -> dict[str, str]:
    return {name: field.value for name, field in fields.items()}


def save_fields(entry: Entry, values: Mapping[str, str], seen: Mapping[str, int], *, actor: str) -> list[Saved]:
    """Save fields of a draft, each if its version is still the one that was `seen` (0: there was nothing).

    What has changed in between is left as it is and comes back with `clash`. ValidationError for a field that there is
    not, or a value that is too long to keep; ClosedError.
    """
    now = timezone.now()
    check_open(entry.round)
    for name, value in values.items():
        if not is_field(entry.round.rules, name):
            raise ValidationError(_("There is no field “%(name)s” in this entry.") % {"name": name[:80]})
        if len(value) > LONGEST:
            raise ValidationError(_("Nothing longer than %(most)d characters is kept.") % {"most": LONGEST})
    with transaction.atomic() if len(values) > 1 else nullcontext():
        return [_save(entry, name, _clean(value), seen.get(name, 0), actor, now) for name, value in values.items()]


def note_visit(entry: Entry, person: Any) -> None:
    """Remember that somebody who acts for an entry has opened its desk."""
    if has_role(person, entry.round, Kind.ENTRANT, code=entry.entrant.code):
        now = timezone.now()
        first = {"first_at": now, "last_at": now}
        Visit.objects.update_or_create(entry=entry, person=person, defaults={"last_at": now}, create_defaults=first)


def add_case(entry: Entry, *, actor: str) -> int:
    """Begin another case; its number. Two people who add one at the same time get two."""
    now = timezone.now()
    check_open(entry.round)
    for _attempt in range(20):
        taken = [int(name.split("/")[1]) for name in _case_names(entry)]
        number = max(taken, default=0) + 1
        try:
            with transaction.atomic():
                name = f"case/{number}/title"
                DraftField.objects.create(entry=entry, name=name, saved_at=now, actor=actor)
            return number
        except IntegrityError:
            continue
    raise ValidationError(_("Somebody else is adding cases right now; try again."))


def remove_case(entry: Entry, number: int, *, removed: bool, actor: str) -> None:
    """Take a case out of the draft, or (`removed` False) bring it back: what was written in it is kept."""
    fields = fields_of(entry)
    if number not in {int(key.split("/")[1]) for key in fields if key.startswith("case/")}:
        raise ValidationError(_("There is no such case."))
    name = f"case/{number}/removed"
    save_fields(
        entry, {name: "1" if removed else ""}, {name: fields[name].version if name in fields else 0}, actor=actor
    )


def _case_names(entry: Entry) -> list[str]:
    return list(entry.draft.filter(name__startswith="case/").values_list("name", flat=True))


def _clean(value: str) -> str:
    """As browsers send it, without what no database keeps."""
    return value.replace("\r\n", "\n").replace("\0", "")


_CHANGE = """
UPDATE entries_draftfield SET value = %(value)s, version = %(seen)s + 1, saved_at = %(at)s, actor = %(actor)s
WHERE entry_id = %(entry)s AND name = %(name)s AND version = %(seen)s
"""


def _save(entry: Entry, name: str, value: str, seen: int, actor: str, now: datetime) -> Saved:
    if seen:
        at = connection.ops.adapt_datetimefield_value(now)
        new = {"entry": entry.pk, "name": name, "value": value, "seen": seen, "at": at, "actor": actor}
        if tell(_CHANGE, [new]):
            return Saved(name, value, seen + 1, now)
    else:
        field, created = DraftField.objects.get_or_create(
            entry=entry, name=name, defaults={"value": value, "saved_at": now, "actor": actor}
        )
        if created or field.value == value:
            return Saved(name, value, field.version, now)
    there = DraftField.objects.filter(entry=entry, name=name).first()
    if there is None:
        raise ValidationError(_("There is no field “%(name)s” in this entry.") % {"name": name[:80]})
    return Saved(name, there.value, there.version, there.saved_at, clash=there.value != value)
