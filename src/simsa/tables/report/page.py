"""The page: everything that the template shows."""

from __future__ import annotations

from dataclasses import dataclass, field

from markupsafe import Markup

from simsa.tables.report.diagnostics import DiagnosisView, diagnosis_views, diagnostics_text
from simsa.tables.report.edition import Edition
from simsa.tables.report.entrants import (
    EntrantView,
    GroupView,
    finding,
    group_views,
    interval_head,
    scores_text,
)
from simsa.tables.report.introduction import contents, lead, synthetic_note
from simsa.tables.report.method import calibration_notes, computed, method
from simsa.tables.report.reviewers import PanelView, panel_view
from simsa.tables.report.robustness import (
    SwapView,
    WeightView,
    stability_text,
    swap_views,
    weight_views,
    weights_text,
)
from simsa.tables.report.rows_read import FaultView, FileView, fault_views, file_views, renamed_views
from simsa.tables.report.tile_map import drawn_map, map_text
from simsa.tables.words import Section, fault_words, rules_words


@dataclass(frozen=True)
class Page:
    """Everything the template shows, in the language of the page."""

    title: str
    lead: str
    synthetic: bool
    synthetic_note: str
    contents: tuple[tuple[str, str], ...]
    long: bool
    groups: tuple[GroupView, ...]
    parts: tuple[str, ...]
    calibrated: bool
    interval_head: str
    scores_text: str
    names: tuple[tuple[str, tuple[tuple[str, str], ...]], ...]
    map: Markup | None
    map_text: str
    panel: PanelView | None
    diagnostics_text: str
    diagnoses: tuple[DiagnosisView, ...]
    weights: tuple[WeightView, ...]
    weights_text: str
    swaps: tuple[SwapView, ...]
    stability_text: str
    rules: tuple[Section, ...]
    files: tuple[FileView, ...]
    malformed: tuple[FaultView, ...]
    unmatched: tuple[FaultView, ...]
    repeated: tuple[FaultView, ...]
    dropped: tuple[FaultView, ...]
    renamed: tuple[FaultView, ...]
    without_input: tuple[str, ...]
    notes: tuple[str, ...]
    method: tuple[str, ...]
    calibration_notes: tuple[str, ...]
    rules_hash: str
    seed: str | None
    sources: tuple[object, ...]
    command: str
    versions: str
    computed: tuple[str, ...]
    credit: str | None
    licence: str | None
    rows: tuple[EntrantView, ...] = field(init=False)
    not_made: tuple[DiagnosisView, ...] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "rows", tuple(row for group in self.groups for row in group.rows))
        object.__setattr__(self, "not_made", tuple(found for found in self.diagnoses if not found.made))


def page_of(edition: Edition) -> Page:
    """The page of an edition."""
    report = edition.inputs.report
    country = drawn_map(edition)
    judged = len(edition.run.sheets) > 0
    return Page(
        title=edition.rules.name.text(edition.language),
        lead=lead(edition),
        synthetic=edition.run.synthetic,
        synthetic_note=synthetic_note(edition),
        contents=contents(edition, with_map=country is not None),
        long=edition.long,
        groups=group_views(edition),
        parts=tuple(edition.rules.by_id[node].name.text(edition.language) for node in edition.parts),
        calibrated=edition.evaluation.calibration is not None,
        interval_head=interval_head(edition),
        scores_text=scores_text(edition),
        names=finding(edition),
        map=country,
        map_text=map_text(edition),
        panel=panel_view(edition),
        diagnostics_text=diagnostics_text(edition) if judged else "",
        diagnoses=diagnosis_views(edition) if judged else (),
        weights=weight_views(edition),
        weights_text=weights_text(edition),
        swaps=swap_views(edition),
        stability_text=stability_text(edition),
        rules=tuple(rules_words(edition.rules, edition.language)),
        files=file_views(edition),
        malformed=fault_views(edition, report.malformed),
        unmatched=fault_views(edition, report.unmatched),
        repeated=fault_views(edition, report.repeated),
        dropped=fault_views(edition, report.dropped),
        renamed=renamed_views(edition),
        without_input=tuple(edition.names.get(entry, entry) for entry in report.without_input),
        notes=tuple(fault_words(note, edition.language) for note in report.notes),
        method=method(edition),
        calibration_notes=calibration_notes(edition),
        rules_hash=edition.rules.hash,
        seed=edition.run.seed,
        sources=edition.run.sources,
        command=edition.run.command,
        versions=", ".join(f"{name} {number}" for name, number in edition.run.versions),
        computed=computed(edition),
        credit=edition.inputs.credit,
        licence=edition.inputs.licence,
    )
