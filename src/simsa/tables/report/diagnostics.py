"""Diagnostics: for each what was found in words, its picture, and the table behind it; or why it could not be made."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypedDict

import numpy as np
from markupsafe import Markup

from simsa.engine.diagnostics import (
    Diagnosis,
    Drift,
    Habits,
    NotMade,
    Origin,
    Outliers,
    Pairs,
    Screening,
    Sizes,
    Slopes,
)
from simsa.tables.intervals import plus_minus
from simsa.tables.pictures import counts_picture, differences_picture, outliers_picture
from simsa.tables.report.edition import Edition
from simsa.tables.report.intervals import interval_text
from simsa.tables.words import NO_NUMBER, fill, group_name
from simsa.tables.words.diagnostics import (
    diagnosis_title,
    diagnostics_lead,
    drift_words,
    habit_words,
    not_made_words,
    origin_words,
    outlier_words,
    pair_words,
    size_words,
)

_ROWS = 100  # of a table; the rest is in the files
Row = tuple[str, ...]


@dataclass(frozen=True)
class DiagnosisView:
    """One diagnosis. `rows` stand under `header`, the first cell being the name; `left_out` says how many
    are not there."""

    anchor: str
    title: str
    made: bool
    sentences: tuple[str, ...]
    picture: Markup | None = None
    header: Row = ()
    rows: tuple[Row, ...] = ()
    left_out: str = ""


def diagnostics_text(edition: Edition) -> str:
    """What diagnostics are, and why their severities are not quite those of the calibration."""
    _ = edition.texts.gettext
    said = diagnostics_lead(edition.language, level=edition.run.diagnostics.level)
    calibration = edition.evaluation.calibration
    if calibration is None or not (calibration.scale_spread > 0 or calibration.noise_spread > 0):
        return said
    plain = _(
        "Severities are here those of the plain model, in which scale and noise are the same for all reviewers, and so "
        "differ a little from those in “The reviewers”."
    )
    return f"{said} {plain}"


def diagnosis_views(edition: Edition) -> tuple[DiagnosisView, ...]:
    """Every diagnosis in order, also those that could not be made."""
    found = edition.run.diagnostics
    names = edition.run.reviewer_names(edition.language)
    made = _Made(edition, names)
    parts = (found.outliers, *found.origins, found.order, found.session, found.pairs, found.habits, found.sizes)
    return tuple(
        _missing(edition, part, f"d{n}") if isinstance(part, NotMade) else made.view(part, f"d{n}")
        for n, part in enumerate(parts, 1)
    )


def _missing(edition: Edition, part: NotMade, anchor: str) -> DiagnosisView:
    title = diagnosis_title(part.diagnosis, part.subject, edition.language)
    return DiagnosisView(anchor, title, False, (not_made_words(part, edition.language),))


class _Drawn(TypedDict):
    """What every picture is told."""

    title: str
    language: str
    synthetic: bool


class _Made:
    """Views of the diagnoses that were made."""

    def __init__(self, edition: Edition, names: Sequence[str]) -> None:
        self.edition, self.names, self.language = edition, names, edition.language

    def view(self, part: Outliers | Origin | Drift | Pairs | Habits | Sizes, anchor: str) -> DiagnosisView:
        if isinstance(part, Outliers):
            return self.outliers(part, anchor)
        if isinstance(part, Origin):
            title = diagnosis_title(Diagnosis.ORIGIN, part.field, self.language)
            return self.slopes(part.slopes, anchor, title, origin_words(part, self.names, self.language))
        if isinstance(part, Drift):
            title = diagnosis_title(part.diagnosis, "", self.language)
            return self.slopes(part.slopes, anchor, title, drift_words(part, self.names, self.language))
        if isinstance(part, Pairs):
            return self.pairs(part, anchor)
        return self.habits(part, anchor) if isinstance(part, Habits) else self.sizes(part, anchor)

    def outliers(self, part: Outliers, anchor: str) -> DiagnosisView:
        _ = self.edition.texts.gettext
        title = diagnosis_title(Diagnosis.OUTLIERS, "", self.language)
        found = part.severe.found | part.noisy.found
        shown = [
            (self.names[n], float(part.severity[n]), float(part.noise_ratio[n]), bool(found[n]))
            for n in range(len(self.names))
        ]
        order = np.argsort(-np.nan_to_num(part.noise_ratio, nan=-1.0), kind="stable").tolist()
        rows = [
            (
                self.names[n],
                _signed(part.severity[n]),
                _adjusted(part.severe, n),
                _ratio(part.noise_ratio[n]),
                _adjusted(part.noisy, n),
                str(part.sheets[n]),
            )
            for n in order
        ]
        header = (_("reviewer"), _("severity"), _("adjusted p"), _("noise"), _("adjusted p"), _("sheets"))
        said = outlier_words(part, self.names, self.language)
        return self.whole(anchor, title, said, outliers_picture(shown, **self.drawn(title)), header, rows)

    def slopes(self, part: Slopes, anchor: str, title: str, said: tuple[str, ...]) -> DiagnosisView:
        _ = self.edition.texts.gettext
        found = part.screening.found
        order = np.argsort(-part.shrunken, kind="stable").tolist()
        shown = [
            (self.names[part.reviewers[n]], float(part.shrunken[n]), float(part.shrunken_error[n]), bool(found[n]))
            for n in order
        ]
        rows = [
            (
                name,
                _signed(value),
                interval_text(plus_minus(value, error)),
                _signed(part.own[n]),
                _adjusted(part.screening, n),
            )
            for n, (name, value, error, _found) in zip(order, shown, strict=True)
        ]
        interval = fill(_("95%% interval"))
        header = (_("reviewer"), _("difference"), interval, _("from own sheets alone"), _("adjusted p"))
        picture = differences_picture(shown, part.overall, **self.drawn(title))
        return self.whole(anchor, title, said, picture, header, rows)

    def pairs(self, part: Pairs, anchor: str) -> DiagnosisView:
        _ = self.edition.texts.gettext
        title = diagnosis_title(Diagnosis.PAIRS, "", self.language)
        found = part.screening.found
        names = [
            f"{self.names[a]} – {self.names[b]}" for a, b in zip(part.first.tolist(), part.second.tolist(), strict=True)
        ]
        shown = [
            (name, int(part.identical[n]), float(part.expected[n]), bool(found[n])) for n, name in enumerate(names)
        ]
        rows = [
            (name, str(part.identical[n]), f"{part.expected[n]:.1f}", str(part.common[n]), _adjusted(part.screening, n))
            for n, name in enumerate(names)
        ]
        header = (_("reviewers"), _("identical"), _("expected"), _("entries in common"), _("adjusted p"))
        picture = counts_picture(shown, **self.drawn(title)) if shown else None
        return self.whole(anchor, title, pair_words(part, self.names, self.language), picture, header, rows)

    def habits(self, part: Habits, anchor: str) -> DiagnosisView:
        _ = self.edition.texts.gettext
        title = diagnosis_title(Diagnosis.HABITS, "", self.language)
        kinds = ((part.flat, _("flat")), (part.repeated, _("repeated")))
        shown, rows = [], []
        for counted, kind in kinds:
            order = np.argsort(np.nan_to_num(counted.screening.p, nan=1.0), kind="stable").tolist()
            for n in (n for n in order if counted.count[n]):
                name = f"{self.names[n]} ({kind})"
                expected, found = float(counted.expected[n]), bool(counted.screening.found[n])
                shown.append((name, int(counted.count[n]), expected, found))
                of = str(counted.trials[n])
                rows.append((name, str(counted.count[n]), f"{expected:.1f}", of, _adjusted(counted.screening, n)))
        shown.sort(key=lambda row: row[2] - row[1])
        header = (_("reviewer"), _("counted"), _("expected"), _("sheets"), _("adjusted p"))
        picture = counts_picture(shown, **self.drawn(title)) if shown else None
        return self.whole(anchor, title, habit_words(part, self.names, self.language), picture, header, rows)

    def sizes(self, part: Sizes, anchor: str) -> DiagnosisView:
        _ = self.edition.texts.gettext
        title = diagnosis_title(Diagnosis.SIZES, "", self.language)
        entries = self.edition.inputs.entries
        shown, rows = [], []
        for n in part.changed.tolist():
            name, usual = self.edition.names[entries.ids[n]], int(part.usual[part.group[n]])
            shown.append((name, int(part.size[n]), float(usual), True))
            group = group_name(self.edition.rules, entries.group[n], self.language)
            rows.append((name, str(part.size[n]), str(usual), group))
        header = (_("entrant"), _("reviewers"), _("usual"), _("group"))
        picture = counts_picture(shown, expected=_("usual"), **self.drawn(title)) if shown else None
        return self.whole(anchor, title, size_words(part, self.language), picture, header, rows)

    def drawn(self, title: str) -> _Drawn:
        return {"title": title, "language": self.language, "synthetic": self.edition.run.synthetic}

    def whole(
        self,
        anchor: str,
        title: str,
        said: tuple[str, ...],
        picture: str | None,
        header: Row,
        rows: Sequence[Row],
    ) -> DiagnosisView:
        _ = self.edition.texts.gettext
        drawn = None if picture is None else Markup(picture)  # noqa: S704
        more = len(rows) - _ROWS
        left_out = fill(_("and %(n)d more"), n=more) if more > 0 else ""
        return DiagnosisView(anchor, title, True, said, drawn, header, tuple(rows[:_ROWS]), left_out)


def _signed(value: float) -> str:
    return NO_NUMBER if np.isnan(value) else f"{value:+.1f}".replace("-", "−")


def _ratio(value: float) -> str:
    return NO_NUMBER if np.isnan(value) else f"{value:.2f}×"


def _adjusted(screening: Screening, n: int) -> str:
    value = float(screening.q[n])
    if np.isnan(value):
        return NO_NUMBER
    return "<0.001" if value < 0.001 else f"{value:.3f}"
