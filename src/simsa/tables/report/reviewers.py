"""Reviewers' severity: the picture, what it means, and the table behind it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from markupsafe import Markup

from simsa.engine.calibration import Calibration
from simsa.tables.pictures import Z95, severity_picture
from simsa.tables.report.edition import Edition
from simsa.tables.report.intervals import interval_text
from simsa.tables.words import NO_NUMBER


@dataclass(frozen=True)
class ReviewerView:
    """One row of the table of reviewers."""

    name: str
    severity: str
    sort: str
    interval: str
    sheets: int


def drawn_severity(edition: Edition) -> Markup | None:
    """The picture; None without a calibration."""
    calibration = edition.evaluation.calibration
    if calibration is None:
        return None
    _ = edition.texts.gettext
    picture = severity_picture(
        edition.run.reviewer_names(edition.language),
        calibration.severity,
        calibration.severity_error,
        title=_("Reviewers' severity"),
        language=edition.language,
        synthetic=edition.run.synthetic,
    )
    return Markup(picture)  # noqa: S704


def severity_text(edition: Edition) -> str:
    """How the picture is to be read."""
    _ = edition.texts.gettext
    said = _(
        "How much lower than the panel each reviewer scores the same entries. A bar that does not touch the zero "
        "line is a clear difference."
    )
    if edition.rules.calibration.official:
        return f"{said} {_('The official score is net of it.')}"
    return f"{said} {_('The official score does not use it.')}"


def reviewer_views(edition: Edition) -> tuple[ReviewerView, ...]:
    """Reviewers from the harshest to the mildest; none without a calibration."""
    calibration = edition.evaluation.calibration
    if calibration is None:
        return ()
    names = edition.run.reviewer_names(edition.language)
    order = np.argsort(-calibration.severity, kind="stable")
    return tuple(_reviewer(names[n], calibration, int(n)) for n in order)


def _reviewer(name: str, calibration: Calibration, n: int) -> ReviewerView:
    value, half = float(calibration.severity[n]), Z95 * float(calibration.severity_error[n])
    known = not np.isnan(value)
    return ReviewerView(
        name,
        f"{value:+.1f}".replace("-", "−") if known else NO_NUMBER,
        f"{value:.4f}" if known else "",
        interval_text((value - half, value + half) if known else None),
        int(calibration.sheets_per_reviewer[n]),
    )
