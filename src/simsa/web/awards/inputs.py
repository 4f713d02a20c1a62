"""Everything a result follows from, read back from the database, and one fingerprint of it."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from simsa.engine.inputs import Entries, Reported, Sheets, Status
from simsa.record import canonical_text
from simsa.rules import Rules, digest, exact_text
from simsa.web.entries.inputs import entries_by_id, reported_of
from simsa.web.panel.inputs import reviewers_of, sheets_of
from simsa.web.programmes.models import Round


@dataclass(frozen=True)
class Inputs:
    """Rules, entries, sheets, reported numbers, and the seed for lots (None if the round has none)."""

    rules: Rules
    entries: Entries
    sheets: Sheets
    reported: Reported
    seed: str | None

    @property
    def fingerprint(self) -> str:
        """SHA-256 of all of it: any change to what the result follows from changes it, and nothing else does."""
        form = {
            "simsa_inputs": 1,
            "rules": self.rules.hash,
            "seed": self.seed,
            "entries": [[code, group] for code, group in zip(self.entries.ids, self.entries.group, strict=True)],
            "reported": sorted([*key, exact_text(number)] for key, number in self.reported.values.items()),
            "sheets": self._sheet_lines(),
        }
        return digest(canonical_text(form).encode())

    def _sheet_lines(self) -> list[list[str]]:
        sheets, unit = self.sheets, 10**self.sheets.places
        return [
            [
                self.entries.ids[sheets.entry[row]],
                sheets.reviewers[sheets.reviewer[row]],
                *(
                    exact_text(Fraction(int(mark), unit)) if status == Status.MARK else Status(status).name.lower()
                    for mark, status in zip(sheets.mark[row].tolist(), sheets.status[row].tolist(), strict=True)
                ),
            ]
            for row in range(len(sheets))
        ]


def inputs_of(round_: Round) -> Inputs:
    """The inputs of a round as they are now; entries by id, as in the record: so equals stand in the same order."""
    entries = entries_by_id(round_)
    return Inputs(
        rules=round_.rules,
        entries=entries,
        sheets=sheets_of(round_, entries, reviewers_of(round_)),
        reported=reported_of(round_),
        seed=round_.seed or None,
    )


def about(round_: Round) -> dict[str, Any]:
    """What a result says of its round and of who took part, beside the numbers."""
    entrants = round_.entries.order_by("position").select_related("entrant")
    return {
        "round": round_.slug,
        "name": dict(round_.rules.name.by_language),
        "synthetic": round_.synthetic,
        "synthetic_note": round_.synthetic_note,
        "entrants": {
            entry.entrant.code: {
                "name_ko": entry.entrant.name_ko,
                "name_en": entry.entrant.name_en,
                "region": entry.entrant.region,
            }
            for entry in entrants
        },
    }
