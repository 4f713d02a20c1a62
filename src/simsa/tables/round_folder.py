"""A round folder: rules.toml (who wins and how), round.toml (which file says what), and what they lead to.

    inputs = read_round("examples/skating")
    inputs.sheets, inputs.reported          # what the engine is handed
    inputs.report                           # what became of every row

The keys of round.toml are in `simsa.tables.mapping` and in the reference.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import Path

import numpy as np

from simsa.engine.diagnostics import Timing
from simsa.engine.inputs import Entries, Reported, Reviewers, Sheets
from simsa.rules import Rules

from .intake import FileReport, ImportReport, Intake, Renamed, RoundError
from .lookup import Lookup, SourceFile
from .mapping import RoundMap, Source, Synthetic
from .mapping_file import MAPPING, load_mapping
from .rows import Progress, Rows, TableReader, gather
from .sections import (
    Conflict,
    Entrant,
    Known,
    Pairs,
    Reviewer,
    as_entries,
    as_reviewers,
    read_conflicts,
    read_entrants,
    read_pairs,
    read_panel,
    read_reported,
    read_sheets,
)
from .sheet_checks import limit_notes, refuse_conflicts, size_notes

__all__ = [
    "Conflict",
    "Entrant",
    "FileReport",
    "ImportReport",
    "Pairs",
    "Progress",
    "Reviewer",
    "RoundError",
    "RoundInputs",
    "SourceFile",
    "Synthetic",
    "read_round",
]


@dataclass(frozen=True)
class RoundInputs:
    """Everything a round is computed from, and how it was obtained.

    `entries` and `entrants` are in the same order, as are `reviewers` and `panel`; positions in `sheets`, `affinity`,
    `assignment` and `conflicts` refer to them. Without [reviewers] the panel is whoever the sheets name. `sheets`,
    `affinity`, `assignment` and `synthetic` are None where the round has none, `timing` where nothing says when sheets
    were written.
    """

    folder: Path
    rules: Rules
    entries: Entries
    entrants: tuple[Entrant, ...]
    reviewers: Reviewers
    panel: tuple[Reviewer, ...]
    sheets: Sheets | None
    timing: Timing | None
    reported: Reported
    affinity: Pairs | None
    assignment: Pairs | None
    conflicts: tuple[Conflict, ...]
    report: ImportReport
    synthetic: Synthetic | None = None
    seed: str | None = None
    credit: str | None = None
    licence: str | None = None
    sources: tuple[SourceFile, ...] = ()

    @property
    def entrant_fields(self) -> Mapping[str, tuple[str, ...]]:
        """What conflict rules compare: each field of the entrants, one value per entry, "" where unknown."""
        names = self.entrants[0].fields if self.entrants else ()
        fields = {name: tuple(entrant.fields[name] for entrant in self.entrants) for name in names}
        region = tuple(entrant.region or "" for entrant in self.entrants)
        return {"region": region, "group": self.entries.group, **fields}


def read_round(folder: str | Path, *, data: str | Path | None = None, progress: Progress | None = None) -> RoundInputs:
    """The inputs of the round in `folder`; `data` is where its files are, if not in one of the usual places.

    RulesError if rules.toml or round.toml has a fault, RoundError if a file is missing or a row that must not be left
    out cannot be used; both name every fault with file and line.
    """
    folder = Path(folder)
    if not (folder / MAPPING).is_file():
        what = "there is no such folder" if not folder.is_dir() else f"has no {MAPPING}"
        raise RoundError(f"{folder}: {what}; a round folder holds rules.toml and {MAPPING}")
    found = load_mapping(folder)
    lookup = Lookup(folder.resolve(), found.data, None if data is None else Path(data))
    return _Assembly(found, folder, TableReader(lookup, progress)).inputs()


@dataclass
class _Assembly:
    """Reads one section after the other; each is checked before the next builds on it."""

    map: RoundMap
    folder: Path
    reader: TableReader
    files: list[FileReport] = field(default_factory=list)
    renamed: list[Renamed] = field(default_factory=list)

    def inputs(self) -> RoundInputs:
        found, rules = self.map, self.map.rules
        entrants = self._entrants()
        panel = self._panel()
        if found.synthetic is not None and not panel:
            files = ", ".join(found.reviewers.source.files) if found.reviewers else MAPPING
            raise RoundError(f"[reviewers]: no reviewer is left of {files}, for whom sheets could be drawn")
        known = Known(rules, entrants, found.matching, panel)
        assignment = self._assignment(known)
        sheets, timing = self._sheets(known, assignment)
        if panel is None:
            panel = tuple(Reviewer(name) for name in (sheets.reviewers if sheets else ()))
            known = Known(rules, entrants, found.matching, panel)
        reported = self._reported(known)
        affinity = self._affinity(known)
        conflicts = self._conflicts(known)
        inputs = RoundInputs(
            folder=self.folder,
            rules=rules,
            entries=as_entries(entrants),
            entrants=entrants,
            reviewers=as_reviewers(panel),
            panel=panel,
            sheets=sheets,
            timing=timing,
            reported=reported,
            affinity=affinity,
            assignment=assignment,
            conflicts=conflicts,
            report=self._report(entrants, sheets, reported),
            synthetic=found.synthetic,
            seed=found.seed,
            credit=found.credit,
            licence=found.data.licence,
            sources=tuple(self.reader.sources.values()),
        )
        _check_fields(inputs)
        return replace(inputs, report=replace(inputs.report, notes=(*inputs.report.notes, *_checks(inputs))))

    def _entrants(self) -> tuple[Entrant, ...]:
        part = self.map.entries
        rows = self._rows(part.source, "entries")
        entrants = read_entrants(part, rows, self.map.rules)
        self._done(rows.intake, part.source)
        if not entrants:
            raise RoundError("[entries]: no entry is left", rows.intake.errors)
        return entrants

    def _panel(self) -> tuple[Reviewer, ...] | None:
        part = self.map.reviewers
        if part is None:
            return None
        rows = self._rows(part.source, "reviewers")
        panel = read_panel(part, rows)
        self._done(rows.intake, part.source)
        return panel

    def _assignment(self, known: Known) -> Pairs | None:
        part = self.map.assignment
        if part is None:
            return None
        if known.reviewers is None:
            raise RoundError("[assignment] needs [reviewers]: without a panel nobody can be assigned")
        rows = self._rows(part.source, "assignment")
        pairs = read_pairs(part, rows, known)
        self._done(rows.intake, part.source)
        return pairs

    def _sheets(self, known: Known, assignment: Pairs | None) -> tuple[Sheets | None, Timing | None]:
        part = self.map.sheets
        if part is None:
            return None, None
        rows = self._rows(part.source, "sheets")
        found = read_sheets(part, rows, known, assignment)
        self._done(rows.intake, part.source)
        return found

    def _reported(self, known: Known) -> Reported:
        values: dict[tuple[str, str, str], Fraction] = {}
        for number, part in enumerate(self.map.reported, 1):
            rows = self._rows(part.source, f"reported[{number}]")
            found = read_reported(part, rows, known)
            self._done(rows.intake, part.source)
            twice = next((key for key in found if key in values and values[key] != found[key]), None)
            if twice is not None:
                what = f"{twice[2]} of {twice[0]!r} is reported otherwise in another [[reported]]"
                raise RoundError(f"[reported[{number}]]: {what}; nothing says which is right")
            values |= found
        return Reported(values)

    def _affinity(self, known: Known) -> Pairs | None:
        part = self.map.affinity
        if part is None:
            return None
        rows = self._rows(part.source, "affinity")
        pairs = read_pairs(part, rows, known, needs_value=True)
        self._done(rows.intake, part.source)
        return pairs

    def _conflicts(self, known: Known) -> tuple[Conflict, ...]:
        found: list[Conflict] = []
        for number, part in enumerate(self.map.conflicts, 1):
            rows = self._rows(part.source, f"conflicts[{number}]")
            found += read_conflicts(part, rows, known)
            self._done(rows.intake, part.source)
        return tuple(dict.fromkeys(found))

    def _rows(self, source: Source, section: str) -> Rows:
        return gather(self.reader, source, section)

    def _done(self, intake: Intake, source: Source) -> None:
        intake.stop_if(source.stops)
        self.files += intake.reports()
        self.renamed += intake.renamed

    def _report(self, entrants: Sequence[Entrant], sheets: Sheets | None, reported: Reported) -> ImportReport:
        with_input = {key[0] for key in reported.values}
        if sheets is not None:
            with_input |= {entrants[at].id for at in np.unique(sheets.entry)}
        expected = sheets is not None or bool(self.map.reported)
        without = [entrant for entrant in entrants if entrant.id not in with_input] if expected else []
        return ImportReport(
            files=(*self.files, *self.reader.partners),
            renamed=tuple(self.renamed),
            without_input=tuple(entrant.id for entrant in without),
            notes=tuple(self._notes()),
            names={entrant.id: entrant.text(self.map.rules.language) for entrant in without},
        )

    def _notes(self) -> list[str]:
        notes = [f"{file} is not UTF-8; read as {name}" for file, name in self.reader.encodings.items()]
        notes += [
            f"{source.name} is not the file whose checksum round.toml records"
            for source in self.reader.sources.values()
            if source.as_recorded is False
        ]
        return notes


def _checks(inputs: RoundInputs) -> list[str]:
    """What does not keep to the rules' sizes and limits. RoundError for marks in spite of a conflict."""
    rules, entries, sheets = inputs.rules, inputs.entries, inputs.sheets
    notes = size_notes(rules, entries)
    if sheets is not None:
        declared = [(conflict.entry, conflict.reviewer) for conflict in inputs.conflicts]
        notes += limit_notes(rules, entries, sheets, inputs.reviewers)
        notes += refuse_conflicts(rules, entries, inputs.entrant_fields, inputs.reviewers, declared, sheets)
    return notes


def _check_fields(inputs: RoundInputs) -> None:
    """RoundError if [synthetic.affinity] names a field that reviewers or entrants do not have."""
    wanted = inputs.synthetic.affinity if inputs.synthetic else None
    for name, known in zip(wanted or (), (inputs.reviewers.fields, inputs.entrant_fields), strict=False):
        if name not in known:
            raise RoundError(f"[synthetic.affinity]: there is no field {name!r} (fields: {', '.join(known) or 'none'})")
