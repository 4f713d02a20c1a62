"""A round folder on its way into the database: what `simsa.tables` read, handed to the verbs of each room in order.

Where a folder declares a synthetic panel, affinities, declared conflicts and sheets are drawn by the functions with
which `simsa run` draws them, so that both come to the same result.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from simsa.engine.inputs import Sheets
from simsa.record.outcome import marks_of_rows
from simsa.tables.mapping_file import load_mapping
from simsa.tables.round_folder import Entrant, Pairs, RoundInputs
from simsa.tables.run import Progress, synthetic_affinity, synthetic_conflicts, synthetic_sheets
from simsa.web.entries.services import EntryRow, import_entries
from simsa.web.panel.services import (
    ConflictRow,
    ReviewerRow,
    SheetRow,
    assign,
    assign_as_given,
    import_reviewers,
    record_affinities,
    record_conflicts,
    slots_of,
    submit_sheets,
)
from simsa.web.programmes.models import Round
from simsa.web.programmes.services import open_round

STEPS = ("entries and panel", "assignment", "sheets", "result")


class Folder:
    """One round folder, step by step; `round` is there after `open`."""

    round: Round

    def __init__(self, inputs: RoundInputs, progress: Progress, actor: str) -> None:
        self.inputs, self.progress, self.actor = inputs, progress, actor

    @property
    def has_result(self) -> bool:
        """Whether the folder leads to a result: there are sheets, they are drawn, or the rules need none."""
        inputs = self.inputs
        return inputs.sheets is not None or inputs.synthetic is not None or not inputs.rules.leaves

    @property
    def draws(self) -> bool:
        """Whether an assignment has to be made for sheets that are drawn."""
        return self.inputs.sheets is None and self.inputs.assignment is None

    def open(self) -> Round:
        """Open the round and let everybody in."""
        self.tell(0)
        inputs, synthetic, actor = self.inputs, self.inputs.synthetic, self.actor
        rules = inputs.folder / load_mapping(inputs.folder).rules_file
        self.round = open_round(
            rules.read_text(encoding="utf-8-sig"),
            seed=inputs.seed or (synthetic.seed if synthetic else ""),
            synthetic_note=synthetic.note if synthetic else "",
            credit="\n".join(filter(None, (inputs.credit, inputs.licence))),
            actor=actor,
        )
        import_entries(self.round, self._entries(), actor=actor)
        if inputs.panel:
            import_reviewers(self.round, self._reviewers(), actor=actor)
        if conflicts := self._conflicts():
            record_conflicts(self.round, conflicts, actor=actor)
        known, source = self._affinities()
        if known is not None:
            record_affinities(self.round, self._affinity_table(known), source=source, actor=actor)
        return self.round

    def assign(self) -> None:
        """Take over the assignment that the folder brings, or make one where sheets are to be drawn for it."""
        self.tell(1)
        inputs = self.inputs
        if inputs.sheets is not None:
            assign_as_given(self.round, self._pairs(inputs.sheets), actor=self.actor)
        elif inputs.assignment is not None:
            known = inputs.assignment
            assign_as_given(self.round, self._codes(known.entry, known.reviewer), actor=self.actor)
        elif inputs.synthetic is not None:
            assign(self.round, actor=self.actor)

    def submit(self) -> None:
        """Submit the sheets of the folder, or those drawn for the assignment."""
        self.tell(2)
        sheets = self.inputs.sheets
        if sheets is None and self.inputs.synthetic is not None:
            synthetic = self.inputs.synthetic
            sheets = synthetic_sheets(self.inputs, synthetic, self._slots(), synthetic.seed).sheets
        if sheets is not None:
            submit_sheets(self.round, list(self._sheets(sheets)))

    def tell(self, step: int) -> None:
        self.progress(STEPS[min(step, len(STEPS) - 1)], step, len(STEPS))

    def _entries(self) -> list[EntryRow]:
        reported: dict[str, dict[tuple[str, str], Fraction]] = {}
        for (entry, criterion, field), number in self.inputs.reported.values.items():
            reported.setdefault(entry, {})[criterion, field] = number
        return [_entry(entrant, reported.get(entrant.id, {})) for entrant in self.inputs.entrants]

    def _reviewers(self) -> list[ReviewerRow]:
        return [ReviewerRow(reviewer.id, reviewer.text("ko"), reviewer.fields) for reviewer in self.inputs.panel]

    def _conflicts(self) -> list[ConflictRow]:
        """The register of the folder, and what a synthetic panel adds to it."""
        inputs, found = self.inputs, {(c.entry, c.reviewer): c.reason for c in self.inputs.conflicts}
        if inputs.synthetic is not None and self.draws:
            declared = {rule.id for rule in inputs.rules.conflicts if rule.kind == "declared"}
            for pair in synthetic_conflicts(inputs, inputs.synthetic, inputs.synthetic.seed):
                if pair.rule in declared:
                    found.setdefault((pair.entry, pair.reviewer), "")
        entries, reviewers = inputs.entries.ids, inputs.reviewers.ids
        return [ConflictRow(entries[entry], reviewers[n], reason) for (entry, n), reason in found.items()]

    def _affinities(self) -> tuple[Pairs | None, str]:
        """The affinities of the folder, or those drawn for a synthetic panel, and where they come from."""
        inputs = self.inputs
        if inputs.affinity is not None:
            return inputs.affinity, inputs.folder.name
        if inputs.synthetic is None or not self.draws:
            return None, ""
        matrix = synthetic_affinity(inputs, inputs.synthetic, inputs.synthetic.seed)
        grid = np.indices(matrix.shape).reshape(2, -1)
        return Pairs(grid[0], grid[1], matrix.reshape(-1)), "simsa.engine.simulation"

    def _affinity_table(self, known: Pairs) -> dict[str, dict[str, str]]:
        """Affinities as text that reads back as the same numbers."""
        table: dict[str, dict[str, str]] = {}
        for (entry, reviewer), value in zip(self._codes(known.entry, known.reviewer), known.value, strict=True):
            table.setdefault(entry, {})[reviewer] = repr(float(value))
        return table

    def _slots(self) -> Pairs:
        """The assignment in the database as positions."""
        entries, reviewers = self.inputs.entries.index, self.inputs.reviewers.index
        codes = [(slot.entry.entrant.code, slot.reviewer.code) for slot in slots_of(self.round)]
        entry = np.array([entries[code] for code, _ in codes], np.int64)
        reviewer = np.array([reviewers[code] for _, code in codes], np.int64)
        return Pairs(entry, reviewer, np.zeros(len(codes)))

    def _codes(self, entry: NDArray[np.int64], reviewer: NDArray[np.int64]) -> list[tuple[str, str]]:
        entries, reviewers = self.inputs.entries.ids, self.inputs.reviewers.ids
        return [(entries[e], reviewers[r]) for e, r in zip(entry.tolist(), reviewer.tolist(), strict=True)]

    def _pairs(self, sheets: Sheets) -> list[tuple[str, str]]:
        return self._codes(sheets.entry, sheets.reviewer)

    def _sheets(self, sheets: Sheets) -> Iterator[SheetRow]:
        """The sheets that were handed in."""
        for (entry, reviewer), marks in zip(self._pairs(sheets), marks_of_rows(sheets), strict=True):
            if marks is not None:
                yield SheetRow(entry, reviewer, marks)


def _entry(entrant: Entrant, reported: Mapping[tuple[str, str], Fraction]) -> EntryRow:
    return EntryRow(
        code=entrant.id,
        group=entrant.group,
        name_ko=entrant.text("ko"),
        name_en=entrant.name.get("en", ""),
        region=entrant.region or "",
        latitude=_degrees(entrant.latitude),
        longitude=_degrees(entrant.longitude),
        fields=entrant.fields,
        reported=reported,
    )


def _degrees(number: float | None) -> Decimal | None:
    return None if number is None else Decimal(repr(number))
