"""The result of a run written down: one JSON object, tables, and the report, in one folder.

    write_outputs(run_round(read_round("examples/proactive")), "out")

Whatever comes from synthetic sheets says so in every file.
"""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

from simsa.engine.inputs import Status
from simsa.engine.selection import Zone
from simsa.record.components import Origin, components_json, origin_of
from simsa.rules import Rules, decimal_places, decimal_text, exact_text

from . import results
from .diagnoses import diagnosis_tables, diagnostics_json
from .files import write_bytes, write_table
from .intake import RoundError
from .mapping_file import MAPPING
from .report import render_report
from .run import Run
from .shapes import labelled, sheets_table
from .table import Table
from .words import group_name, note_words, own_words, score_places, translator

TABLES = (
    "tally", "selection", "assignment", "sheets", "calibration", "severity", "sensitivity", "stability",
    "diagnosis-reviewers", "diagnosis-differences", "diagnosis-pairs", "diagnosis-panels",
)  # fmt: skip
"""The tables that a run may write, each as NAME.csv."""


def to_json(run: Run, *, language: str | None = None) -> dict[str, Any]:
    """The result as plain data: texts, whole numbers and lists; scores are exact decimals as text."""
    rules, spoken = run.rules, language or run.rules.language
    _ = translator(spoken).gettext
    selection = run.evaluation.selection
    note = _("The sheets are synthetic: drawn from a documented model and seed, not given by anyone.")
    return {
        "rules_hash": rules.hash,
        "round": {"id": rules.id, "name": rules.name.text(spoken)},
        "language": spoken,
        "synthetic": run.synthetic,
        "synthetic_note": note if run.synthetic else None,
        "groups": [
            {
                "id": result.group,
                "name": group_name(rules, result.group, spoken),
                "size": result.size,
                "places": result.places,
                "empty": result.empty,
                "line": _decimal(result.line, rules),
            }
            for result in selection.groups
        ],
        "winners": _winners(run, spoken),
        "counts": _counts(run),
        "assignment": _assignment(run),
        "reviews": _reviews(run),
        "calibration": _calibration(run, spoken),
        "diagnostics": diagnostics_json(run.diagnostics, spoken) if len(run.sheets) else None,
        "zones": _zones(run),
        "sensitivity": _sensitivity(run),
        "stability": _stability(run),
        "seed": run.seed,
        "lots_drawn": [list(drawn) for drawn in selection.lots_drawn],
        "import_report": run.inputs.report.to_dict(),
        "credit": run.inputs.credit,
        "checksums": [{"name": source.name, "sha256": source.sha256} for source in run.sources],
        "versions": dict(run.versions),
        "methods": [run.evaluation.tally.method, selection.method],
    }


def write_outputs(run: Run, folder: str | Path, *, language: str | None = None) -> tuple[Path, ...]:
    """Tables (CSV), result.json and report.html in `folder`, which is made if need be; the files that were written.

    Every table has a column, and the other two a mark, that says so where the data are synthetic. Tables of an earlier
    run that this one does not have are removed (`TABLES` are their names; nothing else is touched), so that what lies
    in the folder is of one run. RoundError if the folder is that of a round, whose inputs may have the same names.
    """
    spoken = language or run.rules.language
    folder = Path(folder)
    if (folder / MAPPING).exists():
        raise RoundError(f"{folder}: is the folder of a round; name another for what the run writes")
    tables = _tables(run, spoken)
    result = json.dumps(to_json(run, language=spoken), ensure_ascii=False, indent=2) + "\n"
    report = render_report(run, spoken)
    folder.mkdir(parents=True, exist_ok=True)  # only now: nothing is written before everything is there
    written = []
    for name, table in tables:
        written.append(folder / f"{name}.csv")
        write_table(labelled(table, run.synthetic), written[-1])
    for name, text in (("result.json", result), ("report.html", report)):
        written.append(folder / name)
        write_bytes(written[-1], text.encode())
    for name in TABLES:
        if folder / f"{name}.csv" not in written:
            (folder / f"{name}.csv").unlink(missing_ok=True)
    return tuple(written)


def _winners(run: Run, language: str) -> list[dict[str, Any]]:
    names, english = run.names(language), run.names("en")
    return [
        {
            "group": standing.group,
            "entrant": standing.entry,
            "name": names[standing.entry],
            "score": _decimal(standing.score, run.rules),
            "rank": standing.rank,
            "reason": run.reason(standing, language, names),
            "reason_en": run.reason(standing, "en", english),
            "assurance": run.assurance(standing, language),
            "assurance_en": run.assurance(standing, "en"),
        }
        for standing in run.evaluation.selection.winners
    ]


def _counts(run: Run) -> dict[str, int]:
    sheets = run.sheets
    marked = (sheets.status == Status.MARK).any(axis=1) if len(sheets) else np.zeros(0, bool)
    selection = run.evaluation.selection
    return {
        "entries": len(run.inputs.entries),
        "reviewers": len(sheets.reviewers),
        "slots": len(sheets),
        "sheets": int(marked.sum()),
        "reported_numbers": len(run.inputs.reported.values),
        "groups": len(selection.groups),
        "winners": len(selection.winners),
        "without_result": sum(standing.rank is None for standing in selection.standings),
    }


def _assignment(run: Run) -> dict[str, Any] | None:
    found = run.assignment
    if found is None:
        return None
    return {
        "slots": len(found.entry),
        "conflicts": len(run.conflicts),
        "complete": found.complete,
        "optimal": bool(found.certificate.optimal),
        "total_affinity": exact_text(found.total),
        "load": [int(found.load.min()), int(found.load.max())],
        "solver": found.solver,
    }


def _reviews(run: Run) -> dict[str, int] | None:
    """Reviews of an adaptive round: all, those given out, and those that are still held back."""
    plan = run.budget
    return None if plan is None else {"total": plan.total, "given": plan.given, "left": plan.left}


def _calibration(run: Run, language: str) -> dict[str, Any] | None:
    found, inputs = run.evaluation.calibration, run.inputs
    if found is None:
        return None
    names, groups = run.names(language), [group_name(inputs.rules, g, language) for g in inputs.entries.groups]
    entries, reviewers = [names[key] for key in inputs.entries.ids], run.reviewer_names(language)
    given = run.given_components is not None
    return {
        "entrant_variance": _six(found.entrant_variance),
        "reviewer_variance": _six(found.reviewer_variance),
        "residual_variance": _six(found.residual_variance),
        "scale_spread": _six(found.scale_spread),
        "noise_spread": _six(found.noise_spread),
        "differences": own_words(found, language, given=given),
        "reviewers": results.severity_table(found, run.sheets.reviewers).objects(),
        "converged": found.converged,
        "components": None if found.components is None else components_json(found.components, _origin(run)),
        "official": run.rules.calibration.official,
        "method": found.method,
        "scores": run.evaluation.scores.method,
        "notes": [
            note_words(note, language, groups=groups, entries=entries, reviewers=reviewers, given=given)
            for note in found.notes
        ],
    }


def _origin(run: Run) -> Origin:
    return origin_of(run.rules, run.inputs.entries, run.sheets, run.evaluation.tally)


def _zones(run: Run) -> list[dict[str, Any]]:
    sure, ids = run.evaluation.uncertainty, run.inputs.entries.ids
    if sure is None:
        return []
    return [
        {
            "group": group.group,
            "confidence": exact_text(sure.confidence),
            "draws": sure.draws,
            "held": f"{group.held:.6f}",
            "certified": group.certified,
            **{
                zone.value: [ids[n] for n in sure.members(run.inputs.entries, group.group, zone)]
                for zone in (Zone.CERTAIN, Zone.TIE)
            },
            "out": group.out,
        }
        for group in sure.groups
    ]


def _sensitivity(run: Run) -> list[dict[str, Any]]:
    ids = run.inputs.entries.ids
    return [
        {
            "group": change.group,
            "criterion": change.node,
            "exact": change.exact,
            "safe": exact_text(change.safe),
            "share": None if change.length is None else exact_text(change.length),
            "up": change.up,
            "down": list(change.down),
            "weights": {node: exact_text(weight) for node, weight in change.weights},
            "leaves": [ids[n] for n in change.leaves],
            "enters": [ids[n] for n in change.enters],
        }
        for change in (run.sensitivity.changes if run.sensitivity else ())
    ]


def _stability(run: Run) -> list[dict[str, Any]]:
    ids = run.inputs.entries.ids
    return [
        {
            "reviewer": run.sheets.reviewers[swap.reviewer],
            "group": swap.group,
            "leaves": [ids[n] for n in swap.leaves],
            "enters": [ids[n] for n in swap.enters],
        }
        for swap in (run.stability.swaps if run.stability else ())
    ]


def _tables(run: Run, language: str) -> list[tuple[str, Table]]:
    inputs, evaluation = run.inputs, run.evaluation
    names = run.names(language)
    called = [names[key] for key in inputs.entries.ids]
    reasons = [run.reason(standing, language, names) for standing in evaluation.selection.standings]
    assurances = [run.assurance(standing, language) for standing in evaluation.selection.standings]
    sure = evaluation.uncertainty
    chosen = results.selection_table(
        evaluation.selection, called, inputs.entries, reasons, assurances, sure, run.rules.calibration.round
    )
    tables = [
        ("tally", results.tally_table(inputs.rules, evaluation.tally, inputs.entries, called)),
        ("selection", chosen),
    ]
    if run.assignment is not None:
        tables.append(
            ("assignment", results.assignment_table(run.assignment, inputs.entries.ids, inputs.reviewers.ids))
        )
    if len(run.sheets):
        tables.append(("sheets", sheets_table(run.sheets, inputs.entries)))
    if evaluation.calibration is not None:
        scores = results.calibration_table(evaluation.calibration, inputs.entries, called, evaluation.scores)
        tables.append(("calibration", scores))
        tables.append(("severity", results.severity_table(evaluation.calibration, run.sheets.reviewers)))
    if run.sensitivity is not None and run.sensitivity.changes:
        tables.append(("sensitivity", results.sensitivity_table(run.sensitivity, inputs.entries)))
    if run.stability is not None:
        tables.append(("stability", results.stability_table(run.stability, inputs.entries, run.sheets.reviewers)))
    if len(run.sheets):
        tables += diagnosis_tables(run.diagnostics, inputs.entries)
    return tables


def _decimal(value: Fraction | None, rules: Rules) -> str | None:
    """An exact decimal with the places that the rules round to; a fraction where no decimal is exact."""
    if value is None:
        return None
    try:
        decimal_places(value)
    except ValueError:
        return exact_text(value)
    return decimal_text(value, score_places(rules))


def _six(value: float) -> str | None:
    return None if np.isnan(value) else f"{value:.6f}"
