"""What an import would do, before it does anything."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from django.utils.translation import gettext as _

from simsa.record import canonical_text
from simsa.rules import digest
from simsa.web.entries.services.rows import RowFault


class StalePlanError(RuntimeError):
    """What was looked at before it was confirmed is no longer what would be done; nothing was."""


@dataclass(frozen=True)
class Source:
    """The file that a list was in: its name, and the SHA-256 of its bytes; both empty where it was in none."""

    file_name: str = ""
    sha256: str = ""


@dataclass(frozen=True)
class Difference:
    """One field that changes, by its key."""

    key: str
    before: str
    after: str


@dataclass(frozen=True)
class Change:
    """What happens to one that is listed, or that leaves (`row` 0)."""

    row: int
    code: str
    name: str
    differences: tuple[Difference, ...] = ()


@dataclass(frozen=True)
class Plan:
    """Who is new, who changes and how, who stays as it is (a count), who leaves, and what is wrong.

    `state` is a fingerprint of what all that follows from, the round as it is and the rows as they are; in it is
    nothing that depends on the language in which somebody looks.
    """

    added: tuple[Change, ...]
    changed: tuple[Change, ...]
    unchanged: int
    removed: tuple[Change, ...]
    faults: tuple[RowFault, ...]
    state: str

    @property
    def changes(self) -> bool:
        return bool(self.added or self.changed or self.removed)

    def with_faults(self, more: Sequence[RowFault]) -> Plan:
        """The plan with further faults, all of them in the order of the rows."""
        return replace(self, faults=tuple(sorted((*self.faults, *more), key=lambda fault: fault.row)))


def check_expected(found: Plan, expected: str) -> None:
    """StalePlanError if the plan has not the state that was expected; "" expects nothing."""
    if expected and found.state != expected:
        raise StalePlanError(_("The round or the list has changed since this was shown; look at it again."))


Said = Mapping[str, str]


def differences(before: Said, after: Said) -> tuple[Difference, ...]:
    """The fields in which two that are listed differ; a field that one does not have is empty there."""
    keys = dict.fromkeys((*after, *before))
    pairs = ((key, before.get(key, ""), after.get(key, "")) for key in keys)
    return tuple(Difference(*pair) for pair in pairs if pair[1] != pair[2])


def plan(
    rows: Sequence[tuple[str, str, Said]],
    there: Mapping[str, tuple[str, Said]],
    faults: Sequence[RowFault],
    *,
    remove: bool,
    rules_hash: str,
) -> Plan:
    """The plan of rows (code, name, what they say) in a round where `there` (by code: name, what is known) are."""
    known = {code: differences(there[code][1], said) for code, _name, said in rows if code in there}
    listed = {code for code, _name, _said in rows}
    numbered = [(n, code, name) for n, (code, name, _said) in enumerate(rows, start=1)]
    leaving = [code for code in there if code not in listed] if remove else []
    form = {
        "rules": rules_hash,
        "rows": [[code, dict(said)] for code, _name, said in rows],
        "there": [[code, dict(said)] for code, (_name, said) in there.items()],
        "remove": remove,
    }
    return Plan(
        added=tuple(Change(n, code, name) for n, code, name in numbered if code not in there),
        changed=tuple(Change(n, code, name, known[code]) for n, code, name in numbered if known.get(code)),
        unchanged=sum(not found for found in known.values()),
        removed=tuple(Change(0, code, there[code][0]) for code in leaving),
        faults=tuple(sorted(faults, key=lambda fault: fault.row)),
        state=digest(canonical_text(form).encode()),
    )
