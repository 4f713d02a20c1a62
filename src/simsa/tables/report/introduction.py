"""What the page says first: how large the round was, that data is synthetic, and what follows."""

from __future__ import annotations

import numpy as np

from simsa.engine.inputs import Status
from simsa.tables.report.edition import Edition
from simsa.tables.words import fill


def lead(edition: Edition) -> str:
    """How many entrants, groups, reviewers and sheets there were, and how many are selected."""
    _ = edition.texts.gettext
    marked = (edition.run.sheets.status == Status.MARK).any(axis=1) if len(edition.run.sheets) else np.zeros(0, bool)
    sheets = int(marked.sum())
    counts = {
        "entrants": f"{len(edition.inputs.entries):,}",
        "reviewers": f"{len(edition.run.sheets.reviewers):,}",
        "sheets": f"{sheets:,}",
        "indicators": str(len(edition.rules.indicators)),
        "selected": f"{len(edition.evaluation.selection.winners):,}",
        "groups": f"{len(edition.evaluation.selection.groups):,}",
    }
    if sheets:
        return fill(
            _(
                "%(entrants)s entrants in %(groups)s groups, %(reviewers)s reviewers, %(sheets)s sheets: "
                "%(selected)s selected."
            ),
            **counts,
        )
    return fill(
        _("%(entrants)s entrants in %(groups)s groups, %(indicators)s indicators: %(selected)s selected."), **counts
    )


def synthetic_note(edition: Edition) -> str:
    """That nobody was evaluated, for pages made from synthetic sheets."""
    _ = edition.texts.gettext
    return _(
        "The panel's marks on this page are synthetic: drawn from a documented model and seed to show the "
        "procedure. Nobody was evaluated, and nothing here says anything about any entrant."
    )


def contents(edition: Edition, *, with_map: bool) -> tuple[tuple[str, str], ...]:
    """The parts of the page that are there: (anchor, title)."""
    _ = edition.texts.gettext
    found = [
        ("winners", _("Selected"), True),
        ("map", _("Map"), with_map),
        ("scores", _("Scores and how sure they are"), True),
        ("table", _("All entrants"), not edition.long),
        ("severity", _("The reviewers"), edition.evaluation.calibration is not None),
        ("diagnostics", _("Diagnostics"), len(edition.run.sheets) > 0),
        ("robustness", _("What would change the result"), bool(edition.run.stability or _weighed(edition))),
        ("rules", _("The rules in words"), True),
        ("input", _("Input"), True),
        ("method", _("Method"), True),
        ("proof", _("To check and to repeat"), True),
    ]
    return tuple((key, title) for key, title, there in found if there)


def _weighed(edition: Edition) -> bool:
    return edition.run.sensitivity is not None and bool(edition.run.sensitivity.changes)
