"""What a page shows of the files of one criterion: `{% include "entries/evidence.html" with part=part %}`.

The page that includes it loads `entries/evidence.css`, `entries/evidence.js` and `simsa/htmx.html`, and works without.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from simsa.web.entries.evidence import Finding
from simsa.web.entries.files.keeping import evidence_of
from simsa.web.entries.files.uploads import Intake, intake_of
from simsa.web.entries.models import Entry, Evidence
from simsa.web.entries.services.submitting import submitted_evidence


@dataclass(frozen=True)
class ShownFile:
    """A file as it is shown: `sent` is how much of it has come, in per cent, while it is on its way."""

    evidence: Evidence
    sent: int | None
    faults: tuple[Finding, ...]
    notes: tuple[Finding, ...]
    first: bool
    last: bool


@dataclass(frozen=True)
class Part:
    """The files of one criterion (or "", of the entry as a whole). `editable`: the visitor may change them now."""

    entry: Entry
    criterion: str
    files: tuple[ShownFile, ...]
    intake: Intake
    editable: bool

    @property
    def id(self) -> str:
        """Of the part in the page."""
        return id_of(self.criterion)

    @property
    def waiting(self) -> bool:
        """Whether a file will change by itself soon."""
        return any(file.evidence.state == Evidence.State.WAITING for file in self.files)

    @property
    def full(self) -> bool:
        taken = [file for file in self.files if file.evidence.state != Evidence.State.REFUSED]
        return len(taken) >= self.intake.most


def id_of(criterion: str) -> str:
    """Of a criterion's part in a page."""
    return f"evidence-{criterion or 'entry'}"


def part_of(entry: Entry, criterion: str, user: Any) -> Part:
    """What a visitor is shown of a criterion's files: those of the draft, or of the last submission."""
    if user.has_perm("entries.view_draft", entry):
        files = evidence_of(entry, criterion)
    else:
        files = [one for one in submitted_evidence(entry) if one.criterion == criterion]
    shown = tuple(_shown(one, n == 0, n == len(files) - 1) for n, one in enumerate(files))
    return Part(entry, criterion, shown, intake_of(entry.round), user.has_perm("entries.edit_entry", entry))


def _shown(evidence: Evidence, first: bool, last: bool) -> ShownFile:
    on_its_way = evidence.state == Evidence.State.UPLOADING
    sent = 100 * evidence.upload.offset // evidence.size if on_its_way else None
    faults, notes = (tuple(Finding(*said) for said in findings) for findings in (evidence.faults, evidence.notes))
    return ShownFile(evidence, sent, faults, notes, first, last)
