"""A design study as a picture: the share of right winners over reviews per entry, a panel size below the other."""

from __future__ import annotations

import math
from collections.abc import Sequence
from html import escape

from simsa.engine.studies import Method, Row, Study
from simsa.tables.intervals import Z95
from simsa.tables.pictures.axis import Axis, tick_places
from simsa.tables.pictures.colours import ACCENT, EDGE, INK, LIMIT, LINE, SOFT
from simsa.tables.pictures.lettering import cut, text_width
from simsa.tables.pictures.marks import px, text_at
from simsa.tables.pictures.picture import WIDTH, Picture
from simsa.tables.words import fill
from simsa.tables.words.studies import method_name, study_words

_TALL = 190
_LEFT, _LETTER = 40, 12
_STROKES = {
    Method.ADAPTIVE: (ACCENT, "", 2.5),
    Method.CALIBRATED: (ACCENT, "6 3", 2.0),
    Method.TALLY: (LIMIT, "", 2.0),
    Method.MEAN: (INK, "2 3", 1.6),
    Method.TRIMMED_MEAN: (EDGE, "7 3 2 3", 1.6),
}
"""Colour, dashes and width: methods differ in dashes too, for those who do not tell colours apart."""


def study_picture(study: Study, *, title: str, language: str = "ko", width: int = WIDTH) -> str:
    """The share of the places that go to the right ones, with intervals of 95 %, as SVG."""
    return _Study(study, title, language, width).svg()


class _Study(Picture):
    def __init__(self, study: Study, title: str, language: str, width: int) -> None:
        super().__init__(title, language, True, width)
        self.study = study
        self.methods = [method for method in _STROKES if any(row.method == method for row in study.rows)]
        ends = [row.right + sign * _half(row) for row in study.rows for sign in (-1, 1)]
        self.vertical = Axis([min(max(end, 0.0), 1.0) for end in ends], 0.0, -_TALL)

    def svg(self) -> str:
        _ = self.texts.gettext
        self.add(text_at(0, 14, _("Winners that are the right ones"), bold=True))
        y = max(self.synthetic_mark(20), 24.0) + 20
        y = self.legend(y)
        for size in sorted({row.design.reviewers for row in self.study.rows}):
            y = self.panel(y + 10, size)
        self.height = y
        return self.close(" ".join(study_words(self.study, self.language)))

    def legend(self, top: float) -> float:
        """The methods with their strokes, as many in a row as fit."""
        x = 0.0
        for method in self.methods:
            name = method_name(method, self.language)
            wide = 34 + text_width(name, _LETTER) + 12
            if x and x + wide > self.width:
                x, top = 0.0, top + 18
            self.add(
                f'<path d="M{px(x)} {px(top + 7)}h28" {_stroke(method)}/>',
                text_at(x + 34, top + 11, cut(name, self.width - 34, _LETTER), size=_LETTER),
            )
            x += wide
        return top + 22

    def panel(self, top: float, reviewers: int) -> float:
        """One panel size: lines over the number of reviews."""
        _ = self.texts.gettext
        rows = [row for row in self.study.rows if row.design.reviewers == reviewers]
        self.add(text_at(0, top + 13, fill(_("%(n)d reviewers"), n=reviewers), bold=True))
        base = top + 26 + _TALL
        reviews = sorted({row.design.reviews for row in rows})
        across = Axis([float(n) for n in reviews], _LEFT, self.width - 12)
        for tick in self.vertical.ticks(5):
            y = base + self.vertical.x(tick)
            places = tick_places([100 * tick])
            self.add(
                f'<path d="M{_LEFT} {px(y)}H{px(self.width)}" stroke="{LINE}"/>',
                text_at(_LEFT - 6, y + 4, f"{100 * tick:.{places}f}%", size=_LETTER, fill=SOFT, anchor="end"),
            )
        every = -(-len(reviews) * 26 // int(self.width - _LEFT))
        for n, number in enumerate(reviews):
            if n % every == 0:
                self.add(text_at(across.x(number), base + 16, str(number), size=_LETTER, fill=SOFT, anchor="middle"))
        self.add(text_at(self.width, base + 33, _("Reviews per entry"), size=_LETTER, fill=SOFT, anchor="end"))
        for place, method in enumerate(self.methods):
            # Methods are a little apart, so that their intervals can be told apart.
            aside = 3.0 * (place - (len(self.methods) - 1) / 2)
            self.line([row for row in rows if row.method == method], base, across, aside)
        return base + 40

    def line(self, rows: Sequence[Row], base: float, across: Axis, aside: float) -> None:
        points = [(across.x(row.design.reviews) + aside, base + self.vertical.x(row.right), row) for row in rows]
        if not points:
            return
        path = "L".join(f"{px(x)} {px(y)}" for x, y, _ in points)
        self.add(f'<path d="M{path}" {_stroke(rows[0].method)}/>')
        colour = _STROKES[rows[0].method][0]
        for x, y, row in points:
            low, high = (base + self.vertical.x(min(max(row.right + sign * _half(row), 0.0), 1.0)) for sign in (-1, 1))
            said = f"{method_name(row.method, self.language)}, {row.design.reviews}: {100 * row.right:.1f}%"
            self.add(
                f"<g><title>{escape(said)}</title>"
                f'<path d="M{px(x)} {px(low)}V{px(high)}" stroke="{colour}" stroke-width="1"/>'
                f'<circle cx="{px(x)}" cy="{px(y)}" r="3" fill="{colour}"/></g>'
            )


def _half(row: Row) -> float:
    return 0.0 if math.isnan(row.right_error) else Z95 * row.right_error


def _stroke(method: Method) -> str:
    colour, dashes, width = _STROKES[method]
    dashed = f' stroke-dasharray="{dashes}"' if dashes else ""
    return f'fill="none" stroke="{colour}" stroke-width="{width:g}"{dashed}'
