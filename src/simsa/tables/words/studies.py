"""Design studies in words: methods, assumptions, and what one more review buys."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from simsa.engine.simulation import Settings
from simsa.engine.studies import Method, Row, Study
from simsa.tables.intervals import Z95
from simsa.tables.words.filling import fill
from simsa.tables.words.languages import translator
from simsa.tables.words.numbers import percent


def method_name(method: Method, language: str) -> str:
    """What a method is called."""
    _ = translator(language).gettext
    return {
        Method.TALLY: _("tally of the rules"),
        Method.MEAN: _("mean"),
        Method.TRIMMED_MEAN: _("mean without highest and lowest"),
        Method.CALIBRATED: _("calibrated"),
        Method.ADAPTIVE: _("calibrated, adaptive"),
    }[method]


def assumption_words(settings: Settings, language: str) -> str:
    """What a study takes for granted, in points of a scale of 100."""
    _ = translator(language).gettext
    said = fill(
        _(
            "Assumed, in points of a scale of 100: quality of entries spreads by %(entrant)s (standard deviation), "
            "reviewers' severity by %(severity)s, a sheet's noise by %(noise)s."
        ),
        entrant=f"{settings.entrant_sd:.1f}",
        severity=f"{settings.severity_sd:.1f}",
        noise=f"{settings.residual_sd:.1f}",
    )
    more = []
    if settings.erratic_share:
        more.append(
            fill(
                _("%(share)s of the reviewers have %(factor)s times the noise."),
                share=percent(settings.erratic_share, language),
                factor=f"{settings.erratic_factor:g}",
            )
        )
    if settings.noise_spread:
        more.append(
            fill(
                _("Reviewers' noise differs from one to another by a factor of about %(factor)s."),
                factor=f"{math.exp(settings.noise_spread / 2):.2f}",
            )
        )
    if settings.scale_sd:
        more.append(
            fill(
                _("How far reviewers stretch the scale differs by a factor of about %(factor)s."),
                factor=f"{math.exp(settings.scale_sd):.2f}",
            )
        )
    return " ".join([said, *more])


def study_words(found: Study, language: str) -> Iterator[str]:
    """For every panel and number of reviews a sentence on the right ones by each method."""
    _ = translator(language).gettext
    for design in dict.fromkeys(row.design for row in found.rows):
        rows = [row for row in found.rows if row.design == design]
        shares = [f"{method_name(row.method, language)} {percent(row.right, language)}" for row in rows]
        yield fill(
            _("%(reviewers)d reviewers, %(reviews)d reviews per entry: of the winners are the right ones %(shares)s."),
            reviewers=design.reviewers,
            reviews=design.reviews,
            shares=", ".join(shares),
        )


@dataclass(frozen=True)
class Measure:
    """One number of every row: a short head, what it is, and the cell with its interval of 95 %."""

    head: str
    meaning: str
    cell: Callable[[Row], str]


def measures(found: Study, language: str) -> list[Measure]:
    """What a study measures; the last is what each further review brought, where it was looked at."""
    _ = translator(language).gettext
    shown = [
        Measure(
            _("right"),
            _("Winners that are the right ones"),
            lambda row: _within(100 * row.right, 100 * row.right_error, 1, "%"),
        ),
        Measure(_("all right"), _("Rounds in which all are"), lambda row: f"{100 * row.all_right:.1f}%"),
        Measure(
            _("points lost"),
            _("Points of quality lost per place"),
            lambda row: _within(row.lost, row.lost_error, 2),
        ),
        Measure(
            _("one more"),
            _("What one more review of every entry brought, in percentage points of the winners"),
            lambda row: "" if row.since is None else _signed(100 * row.bought_right, 100 * row.bought_right_error),
        ),
    ]
    return [one for one in shown if any(one.cell(row) for row in found.rows)]


def study_method_words(found: Study, language: str) -> str:
    """How the study was made."""
    _ = translator(language).gettext
    return fill(
        _(
            "%(runs)s synthetic rounds of every design, drawn from the seed “%(seed)s”; assignment is random, "
            "with even loads."
        ),
        runs=f"{found.plan.runs:,}",
        seed=found.plan.seed,
    )


def _within(value: float, error: float, places: int, unit: str = "") -> str:
    text = f"{value:.{places}f}{unit}"
    return text if math.isnan(error) else f"{text} ±{Z95 * error:.{places}f}"


def _signed(value: float, error: float) -> str:
    text = f"{round(value, 1) + 0.0:+.1f}".replace("-", "−")
    return text if math.isnan(error) else f"{text} ±{Z95 * error:.1f}"
