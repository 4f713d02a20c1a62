"""Reviewers' severity as a picture."""

from __future__ import annotations

import math
from collections.abc import Sequence
from html import escape

import numpy as np
from numpy.typing import ArrayLike

from simsa.tables.pictures.axis import Axis, signed, tick_places
from simsa.tables.pictures.colours import ACCENT, EDGE, LINE, SOFT
from simsa.tables.pictures.intervals import Z95
from simsa.tables.pictures.lettering import text_width, wrapped
from simsa.tables.pictures.marks import bar, dot, lines_at, px, text_at
from simsa.tables.pictures.picture import WIDTH, Picture
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
    """Reviewers from the harshest to the mildest, each with a 95 % interval, around the panel's zero.

    `severity`, `error`: (n,) in points, NaN for a reviewer without sheets (not shown). Of more than `limit` reviewers
    the middle is left out, and counted.
    """
    values, errors = np.asarray(severity, np.float64), np.asarray(error, np.float64)
    return _Severity(names, values, errors, title, language, synthetic, limit, width).svg()


class _Severity(Picture):
    def __init__(
        self,
        names: Sequence[str],
        severity: np.ndarray,
        error: np.ndarray,
        title: str,
        language: str,
        synthetic: bool,
        limit: int | None,
        width: int,
    ) -> None:
        super().__init__(title, language, synthetic, width)
        order = [int(n) for n in np.argsort(-severity, kind="stable") if math.isfinite(severity[n])]
        self.count = len(order)
        self.values = [(names[n], float(severity[n]), Z95 * float(error[n])) for n in order]
        self.skipped = 0
        if limit is not None and self.count > limit:
            half = limit // 2
            self.skipped = self.count - 2 * half
            self.shown = [*self.values[:half], None, *self.values[-half:]]
        else:
            self.shown = [*self.values]

    shown: list[tuple[str, float, float] | None]

    def svg(self) -> str:
        _ = self.texts.gettext
        rows = [row for row in self.shown if row is not None]
        left = min(max((text_width(name) for name, _v, _e in rows), default=0.0) + 12, self.width * 0.4)
        axis = Axis([v + s * e for _n0, v, e in rows for s in (-1, 1)], left, self.width - 44, around=0.0)
        top = self.synthetic_mark(0)
        self.add(
            text_at(left, top + 13, _("← milder"), size=12, fill=SOFT),
            text_at(self.width - 44, top + 13, _("harsher →"), size=12, fill=SOFT, anchor="end"),
            text_at(self.width, top + 13, _("points"), size=12, fill=SOFT, anchor="end"),
        )
        y = top = top + 22
        at = len(self.marks)
        for row in self.shown:
            y = self.gap(y) if row is None else self.row(row, axis, left, y)
        ticks = axis.ticks(5)
        lines = "".join(f"M{px(axis.x(tick))} {px(top)}V{px(y)}" for tick in ticks)
        zero = axis.x(0.0)
        self.marks.insert(
            at, f'<path d="{lines}" stroke="{LINE}"/><path d="M{px(zero)} {px(top)}V{px(y)}" stroke="{EDGE}"/>'
        )
        places = tick_places(ticks)
        self.add(*(text_at(axis.x(t), y + 14, signed(t, places), size=12, fill=SOFT, anchor="middle") for t in ticks))
        self.height = y + 20
        return self.close(self.description())

    def row(self, row: tuple[str, float, float], axis: Axis, left: float, y: float) -> float:
        name, value, half = row
        colour = ACCENT if abs(value) > half else EDGE
        lines = wrapped(name, left - 8, keep_end=True)
        tall = 20 if len(lines) == 1 else 36
        middle = y + tall / 2
        _ = self.texts.gettext
        said = fill(
            _("%(name)s: %(severity)s (95%% interval %(low)s to %(high)s)"),
            name=name,
            severity=severity_words(value, self.language),
            low=signed(value - half, 1),
            high=signed(value + half, 1),
        )
        self.add(
            f"<g><title>{escape(said)}</title>",
            lines_at(lines, middle),
            bar(axis.x(value - half), axis.x(value + half), middle, colour),
            dot(axis.x(value), middle, colour),
            text_at(self.width, middle + 4.4, signed(value, 1), anchor="end"),
            "</g>",
        )
        return y + tall

    def gap(self, y: float) -> float:
        ngettext = self.texts.ngettext
        said = fill(ngettext("… %(n)d between …", "… %(n)d between …", self.skipped), n=self.skipped)
        self.add(text_at(0, y + 16, said, size=12, fill=SOFT))
        return y + 24

    def description(self) -> str:
        _, ngettext = self.texts.gettext, self.texts.ngettext
        if not self.values:
            return _("No reviewer has a severity.")
        clear = sum(abs(value) > half for _n0, value, half in self.values)
        template = ngettext(
            "%(n)d reviewer, the harshest first: from %(first)s to %(last)s; %(clear)d clearly differs from the panel.",
            "%(n)d reviewers, the harshest first: from %(first)s to %(last)s; %(clear)d clearly differ from the panel.",
            self.count,
        )
        first, last = (severity_words(self.values[n][1], self.language) for n in (0, -1))
        return fill(template, n=self.count, first=first, last=last, clear=clear)
