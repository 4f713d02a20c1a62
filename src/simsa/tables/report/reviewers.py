"""What reviewers differ in: severity, scale and noise, each with its picture, and the table behind them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

import numpy as np
from markupsafe import Markup
from numpy.typing import NDArray

from simsa.engine.calibration import Calibration
from simsa.tables.intervals import plus_minus, times_over
from simsa.tables.pictures import noise_picture, scale_picture, severity_picture
from simsa.tables.report.edition import Edition
from simsa.tables.report.intervals import interval_text
from simsa.tables.words import NO_NUMBER, fill, own_words


@dataclass(frozen=True)
class ReviewerView:
    """One row of the table of reviewers: `cells` below the headings, each as it is written and what it is sorted by."""

    name: str
    cells: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class AspectView:
    """One thing that reviewers differ in."""

    title: str
    text: str
    picture: Markup


@dataclass(frozen=True)
class PanelView:
    """The reviewers of a calibration, the harshest first."""

    text: str
    aspects: tuple[AspectView, ...]
    header: tuple[str, ...]
    rows: tuple[ReviewerView, ...]


def panel_view(edition: Edition) -> PanelView | None:
    """What the sheets show of the reviewers; None without a calibration."""
    calibration = edition.evaluation.calibration
    if calibration is None:
        return None
    _ = edition.texts.gettext
    names, aspects = edition.run.reviewer_names(edition.language), list(_aspects(edition, calibration))
    official = edition.rules.calibration.official
    decides = _("The official score is net of it.") if official else _("The official score does not use any of it.")
    text = f"{own_words(calibration, edition.language, given=edition.run.given_components is not None)} {decides}"
    interval = fill(_("95%% interval"))
    order = np.argsort(-calibration.severity, kind="stable").tolist()
    return PanelView(
        text,
        tuple(AspectView(one.title, one.text, one.drawn(names, edition)) for one in aspects),
        (_("reviewer"), *(head for one in aspects for head in (one.column, interval)), _("sheets")),
        tuple(
            ReviewerView(
                names[n],
                (
                    *(cell for one in aspects for cell in one.cells(n)),
                    (sheets := str(calibration.sheets_per_reviewer[n]), sheets),
                ),
            )
            for n in order
        ),
    )


@dataclass(frozen=True)
class _Aspect:
    title: str
    column: str
    text: str
    value: NDArray[np.float64]
    error: NDArray[np.float64]
    interval: Callable[[float, float], tuple[float, float]]
    form: str
    draw: Callable[..., str]

    def drawn(self, names: tuple[str, ...], edition: Edition) -> Markup:
        picture = self.draw(
            names,
            self.value,
            self.error,
            title=self.title,
            language=edition.language,
            synthetic=edition.run.synthetic,
        )
        return Markup(picture)  # noqa: S704

    def cells(self, n: int) -> tuple[tuple[str, str], ...]:
        value = float(self.value[n])
        if np.isnan(value):
            return (NO_NUMBER, ""), (NO_NUMBER, "")
        ends = self.interval(value, float(self.error[n]))
        said = format(value, self.form).replace("-", "−")
        return (said, f"{value:.4f}"), (interval_text(ends, self.form), f"{ends[0]:.4f}")


def _aspects(edition: Edition, calibration: Calibration) -> Iterator[_Aspect]:
    """Those that the sheets show, in the order in which they are told."""
    _ = edition.texts.gettext
    yield _Aspect(
        _("Reviewers' severity"),
        _("severity"),
        _(
            "How much lower than the panel each reviewer scores the same entries. A bar that does not touch the zero "
            "line is a clear difference."
        ),
        calibration.severity,
        calibration.severity_error,
        plus_minus,
        "+.1f",
        severity_picture,
    )
    if calibration.scale_spread > 0:
        yield _Aspect(
            _("Reviewers' scale"),
            _("scale"),
            _(
                "How far apart each reviewer puts good and weak entries: where the panel sees a difference of 10 "
                "points, a reviewer with 1.5 sees one of 15, a reviewer with 0.5 one of 5."
            ),
            calibration.scale,
            calibration.scale_error,
            times_over,
            ".2f",
            scale_picture,
        )
    if calibration.noise_spread > 0:
        panel = float(np.sqrt(calibration.residual_variance))
        yield _Aspect(
            _("Reviewers' noise"),
            _("noise"),
            _(
                "By how many points each reviewer's scores scatter about what the panel sees in the same entries, once "
                "severity and scale are taken off. The line is the panel's. Sheets of reviewers who scatter more weigh "
                "less in the calibrated score; being alone with a view is no mistake."
            ),
            calibration.noise,
            calibration.noise_error,
            times_over,
            ".1f",
            partial(noise_picture, panel=panel),
        )
