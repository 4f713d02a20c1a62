"""What reviewers differ in, each with a 95 % interval: severity, scale and noise."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np
from numpy.typing import ArrayLike

from simsa.tables.intervals import plus_minus, times_over
from simsa.tables.pictures.axis import signed
from simsa.tables.pictures.interval_rows import Estimated, IntervalRows
from simsa.tables.pictures.picture import WIDTH
from simsa.tables.words import fill, severity_words


def severity_picture(
    names: Sequence[str],
    severity: ArrayLike,
    error: ArrayLike,
    *,
    title: str,
    language: str = "ko",
    synthetic: bool = False,
    limit: int | None = 40,
    width: int = WIDTH,
) -> str:
    """Reviewers from the harshest to the mildest around the panel's zero.

    `severity`, `error`: (n,) in points, NaN for a reviewer without sheets (not shown). Of more than `limit` reviewers
    the middle is left out, and counted.
    """
    rows = _estimated(names, severity, error, plus_minus, 0.0)
    return _Severity(rows, title, language, synthetic, limit, width).svg()


def scale_picture(
    names: Sequence[str],
    scale: ArrayLike,
    error: ArrayLike,
    *,
    title: str,
    language: str = "ko",
    synthetic: bool = False,
    limit: int | None = 40,
    width: int = WIDTH,
) -> str:
    """Reviewers from who puts entrants furthest apart to who puts them closest together, around the panel's one."""
    rows = _estimated(names, scale, error, times_over, 1.0)
    return _Scale(rows, title, language, synthetic, limit, width).svg()


def noise_picture(
    names: Sequence[str],
    noise: ArrayLike,
    error: ArrayLike,
    *,
    panel: float,
    title: str,
    language: str = "ko",
    synthetic: bool = False,
    limit: int | None = 40,
    width: int = WIDTH,
) -> str:
    """Reviewers from whose scores scatter most to whose scatter least, around those of the `panel`, in points."""
    rows = _estimated(names, noise, error, times_over, panel)
    picture = _Noise(rows, title, language, synthetic, limit, width)
    picture.centre = panel
    return picture.svg()


def _estimated(
    names: Sequence[str],
    values: ArrayLike,
    errors: ArrayLike,
    interval: Callable[[float, float], tuple[float, float]],
    centre: float,
) -> Iterator[Estimated]:
    """Rows of those that are known, who stand out if the centre lies outside of their interval."""
    known = zip(names, np.asarray(values, np.float64).tolist(), np.asarray(errors, np.float64).tolist(), strict=True)
    for name, value, error in known:
        low, high = interval(value, error)
        yield Estimated(name, value, low, high, not low <= centre <= high)


class _Severity(IntervalRows):
    symmetric = True

    def directions(self) -> tuple[str, str]:
        _ = self.texts.gettext
        return _("← milder"), _("harsher →")

    def number(self, value: float, places: int = 1) -> str:
        return signed(value, places)

    def said(self, row: Estimated) -> str:
        _ = self.texts.gettext
        return fill(
            _("%(name)s: %(severity)s (95%% interval %(low)s to %(high)s)"),
            name=row.name,
            severity=severity_words(row.value, self.language),
            low=signed(row.low, 1),
            high=signed(row.high, 1),
        )

    def description(self) -> str:
        _, ngettext = self.texts.gettext, self.texts.ngettext
        if not self.rows:
            return _("No reviewer has a severity.")
        template = ngettext(
            "%(n)d reviewer, the harshest first: from %(first)s to %(last)s; %(clear)d clearly differs from the panel.",
            "%(n)d reviewers, the harshest first: from %(first)s to %(last)s; %(clear)d clearly differ from the panel.",
            len(self.rows),
        )
        first, last = (severity_words(self.rows[n].value, self.language) for n in (0, -1))
        return fill(template, n=len(self.rows), first=first, last=last, clear=sum(row.found for row in self.rows))


class _Scale(IntervalRows):
    centre = 1.0

    def directions(self) -> tuple[str, str]:
        _ = self.texts.gettext
        return _("← narrower"), _("wider →")

    def unit(self) -> str:
        return ""

    def number(self, value: float, places: int = 2) -> str:
        return f"{value:.{places}f}×"

    def said(self, row: Estimated) -> str:
        _ = self.texts.gettext
        return fill(
            _("%(name)s puts entrants %(scale)s as far apart as the panel (95%% interval %(low)s to %(high)s)"),
            name=row.name,
            scale=self.number(row.value),
            low=self.number(row.low),
            high=self.number(row.high),
        )

    def description(self) -> str:
        ngettext = self.texts.ngettext
        template = ngettext(
            "%(n)d reviewer, who puts entrants furthest apart first; %(clear)d clearly differs from the panel.",
            "%(n)d reviewers, who puts entrants furthest apart first; %(clear)d clearly differ from the panel.",
            len(self.rows),
        )
        return fill(template, n=len(self.rows), clear=sum(row.found for row in self.rows))


class _Noise(IntervalRows):
    def directions(self) -> tuple[str, str]:
        _ = self.texts.gettext
        return _("← steadier"), _("noisier →")

    def said(self, row: Estimated) -> str:
        _ = self.texts.gettext
        return fill(
            _(
                "%(name)s: scores scatter by %(noise)s points, the panel's by %(panel)s (95%% interval %(low)s to "
                "%(high)s)"
            ),
            name=row.name,
            noise=self.number(row.value),
            panel=self.number(self.centre),
            low=self.number(row.low),
            high=self.number(row.high),
        )

    def description(self) -> str:
        ngettext = self.texts.ngettext
        template = ngettext(
            "%(n)d reviewer, whose scores scatter most first; %(clear)d clearly differs from the panel.",
            "%(n)d reviewers, whose scores scatter most first; %(clear)d clearly differ from the panel.",
            len(self.rows),
        )
        return fill(template, n=len(self.rows), clear=sum(row.found for row in self.rows))
