"""How the result was made, in words: exact scores, assignment, calibration and what the engine says of itself."""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from simsa.engine.calibration import Calibration
from simsa.rules import exact_text
from simsa.tables.report.edition import Edition
from simsa.tables.words import fill, group_name, note_words
from simsa.tables.words.adaptive import budget_words


def method(edition: Edition) -> tuple[str, ...]:
    """A paragraph for each step."""
    _ = edition.texts.gettext
    said = [_official(edition)]
    assignment, calibration = edition.run.assignment, edition.evaluation.calibration
    if assignment is not None:
        proof = (
            _("The assignment is proven to have the greatest total affinity that loads and conflicts allow.")
            if assignment.certificate.optimal
            else fill(
                _("No assignment within the limits can have a total affinity that is greater by more than %(gap)s."),
                gap=exact_text(Fraction(assignment.certificate.gap, assignment.scale)),
            )
        )
        counted = fill(
            _("%(slots)s sheets were assigned; %(conflicts)s pairs with a conflict were excluded."),
            slots=f"{len(assignment.entry):,}",
            conflicts=f"{len(edition.run.conflicts):,}",
        )
        said.append(f"{counted} {proof}")
        if not assignment.complete:
            said.append(
                fill(_("Entries without all the reviewers that they need: %(n)s."), n=f"{len(assignment.short):,}")
            )
    if edition.run.budget is not None:
        said.append(budget_words(edition.run.budget, edition.language))
    if calibration is not None:
        said.append(_model(edition, calibration))
    return tuple(said)


def calibration_notes(edition: Edition) -> tuple[str, ...]:
    """What a reader of the calibration must know; nothing without one."""
    calibration = edition.evaluation.calibration
    if calibration is None:
        return ()
    groups = [group_name(edition.rules, group, edition.language) for group in edition.inputs.entries.groups]
    entries = [edition.names[entry] for entry in edition.inputs.entries.ids]
    reviewers = edition.run.reviewer_names(edition.language)
    given = edition.run.given_components is not None
    return tuple(
        note_words(note, edition.language, groups=groups, entries=entries, reviewers=reviewers, given=given)
        for note in calibration.notes
    )


def computed(edition: Edition) -> tuple[str, ...]:
    """What the engine says of how each part was obtained, as it says it."""
    run = edition.run
    parts = [
        ("assignment", run.assignment.solver if run.assignment else ""),
        ("sheets", run.simulation.method if run.simulation else ""),
        ("tally", edition.evaluation.tally.method),
        ("calibration", edition.evaluation.calibration.method if edition.evaluation.calibration else ""),
        ("scores", edition.evaluation.scores.method if edition.evaluation.calibration else ""),
        ("selection", edition.evaluation.selection.method),
        ("zones", edition.evaluation.uncertainty.method if edition.evaluation.uncertainty else ""),
        ("sensitivity", run.sensitivity.method if run.sensitivity and run.sensitivity.changes else ""),
        ("stability", run.stability.method if run.stability else ""),
    ]
    return tuple(f"{part}: {how}" for part, how in parts if how)


def _official(edition: Edition) -> str:
    """What decides."""
    _ = edition.texts.gettext
    if edition.rules.calibration.official:
        said = _(
            "The official score is the calibrated one: given the recorded components it is the solution of linear "
            "equations, proven to the last place that the rules declare, so that every machine comes to the same. "
            "Ranks are made by it; the exact tally stands beside it. How far weights may move before somebody else "
            "would be selected is told of tallies only."
        )
        if edition.rules.lottery is not None:
            said += " " + _("Places that the sheets cannot decide are filled by lot, as the rules say.")
        if edition.run.stability is None:
            said += " " + _("The panel is too large for the selection to be made again without each reviewer.")
        return said
    if edition.rules.lottery is not None:
        return _(
            "The official score is computed with exact numbers, as the rules say, and rounded only where they say "
            "so. It alone decides ranks; places that the sheets cannot decide are filled by lot, as the rules say."
        )
    return _(
        "The official score is computed with exact numbers, as the rules say, and rounded only where they say "
        "so. It alone decides ranks and places."
    )


def _model(edition: Edition, calibration: Calibration) -> str:
    _ = edition.texts.gettext
    spread = {
        name: "–" if np.isnan(variance) else f"{variance**0.5:.2f}"
        for name, variance in (
            ("entrants", calibration.entrant_variance),
            ("reviewers", calibration.reviewer_variance),
            ("rest", calibration.residual_variance),
        )
    }
    given = edition.run.given_components
    if given is None:
        said = _(
            "Calibration takes each sheet's total as the mean of its group, plus the entrant's quality, less the "
            "reviewer's severity, plus noise, and estimates all of them together (crossed random effects, REML). "
            "Standard deviations in points: entrants %(entrants)s, severity %(reviewers)s, noise %(rest)s. When to "
            "believe it, and when not, stands in simsa's manual: “When reviewers mark differently”."
        )
    else:
        said = _(
            "Calibration takes each sheet's total as the mean of its group, plus the entrant's quality, less the "
            "reviewer's severity, plus noise. Components were given (%(file)s, SHA-256 %(sha256)s), not estimated from "
            "these sheets. Standard deviations in points: entrants %(entrants)s, severity %(reviewers)s, noise "
            "%(rest)s. When to believe it, and when not, stands in simsa's manual: “When reviewers mark differently”."
        )
        spread |= {"file": given.name, "sha256": given.sha256}
    said = fill(said, **spread)
    if not edition.rules.calibration.official:
        said += " " + _("It is a diagnosis and decides nothing.")
    if calibration.noise_spread > 0:
        said += " " + _("Reviewers differ in how much noise their sheets hold; the sheets of noisier ones weigh less.")
    if calibration.scale_spread > 0:
        said += " " + _("Reviewers differ in how far apart they put entrants; each one's scale is taken out.")
    return said
