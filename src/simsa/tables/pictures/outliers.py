"""Reviewers by severity and noise: who lies apart from the panel in either."""

from __future__ import annotations

import math
from collections.abc import Sequence
from html import escape

from simsa.tables.pictures.axis import Axis, signed, tick_places
from simsa.tables.pictures.colours import ACCENT, EDGE, LINE, SOFT
from simsa.tables.pictures.lettering import cut, text_width
from simsa.tables.pictures.marks import px, text_at
from simsa.tables.pictures.picture import WIDTH, Picture
from simsa.tables.words import fill

Outlying = tuple[str, float, float, bool]
"""Name, severity in points, noise over that of the panel, and whether either stands out."""

_TALL = 230
_NAMED = 8


def outliers_picture(
    rows: Sequence[Outlying], *, title: str, language: str = "ko", synthetic: bool = False, width: int = WIDTH
) -> str:
    """Severity to the right, noise upwards; who stands out is filled, in the accent colour, and named."""
    return _Outliers(rows, title, language, synthetic, width).svg()


class _Outliers(Picture):
    def __init__(self, rows: Sequence[Outlying], title: str, language: str, synthetic: bool, width: int) -> None:
        super().__init__(title, language, synthetic, width)
        self.rows = [row for row in rows if math.isfinite(row[1]) and math.isfinite(row[2])]

    def svg(self) -> str:
        _ = self.texts.gettext
        top = self.synthetic_mark(0) + 20
        bottom, left = top + _TALL, 46.0
        across = Axis([row[1] for row in self.rows], left, self.width - 8, around=0.0)
        upwards = Axis([1.0, *(row[2] for row in self.rows)], bottom, top)
        self.add(
            text_at(0, top - 7, _("↑ noise beside the panel's"), size=12, fill=SOFT),
            text_at(left, bottom + 32, _("← milder"), size=12, fill=SOFT),
            text_at(self.width - 8, bottom + 32, _("harsher →"), size=12, fill=SOFT, anchor="end"),
        )
        self.grid(across, upwards, left, top, bottom)
        for row in sorted(self.rows, key=lambda row: row[3]):
            self.point(row, across, upwards)
        self.names(across, upwards, left)
        self.height = bottom + 38
        return self.close(self.description())

    def grid(self, across: Axis, upwards: Axis, left: float, top: float, bottom: float) -> None:
        for ticks, axis, upright in ((across.ticks(5), across, True), (upwards.ticks(5), upwards, False)):
            places = tick_places(ticks)
            for tick in ticks:
                at, strong = px(axis.x(tick)), abs(tick - (0.0 if upright else 1.0)) < 1e-9
                line = f"M{at} {px(top)}V{px(bottom)}" if upright else f"M{px(left)} {at}H{px(self.width - 8)}"
                self.add(f'<path d="{line}" stroke="{EDGE if strong else LINE}"/>')
                if upright:
                    said = signed(tick, places)
                    self.add(text_at(axis.x(tick), bottom + 16, said, size=12, fill=SOFT, anchor="middle"))
                else:
                    said = f"{tick:.{places}f}×"
                    self.add(text_at(left - 4, axis.x(tick) + 4, said, size=12, fill=SOFT, anchor="end"))

    def point(self, row: Outlying, across: Axis, upwards: Axis) -> None:
        name, severity, noise, found = row
        colour = ACCENT if found else EDGE
        self.add(
            f"<g><title>{escape(self.said(name, severity, noise))}</title>"
            f'<circle cx="{px(across.x(severity))}" cy="{px(upwards.x(noise))}" r="{"4" if found else "3"}" '
            f'fill="{colour}" fill-opacity="{"1" if found else ".25"}" stroke="{colour}"/></g>'
        )

    def names(self, across: Axis, upwards: Axis, left: float) -> None:
        """Names of those who stand out, the noisiest first, where they do not cover another."""
        taken: list[tuple[float, float, float]] = []
        for name, severity, noise, found in sorted(self.rows, key=lambda row: -row[2]):
            if not found or len(taken) == _NAMED:
                continue
            text = cut(name[::-1], 130, 12)[::-1]  # names differ at their end
            wide, x, y = text_width(text, 12), across.x(severity), upwards.x(noise) + 4
            start = x + 7 if x + 7 + wide <= self.width else x - 7 - wide
            if start < left or any(
                abs(y - other) < 14 and start < end and begin < start + wide for begin, end, other in taken
            ):
                continue
            taken.append((start, start + wide, y))
            self.add(text_at(start, y, text, size=12))

    def said(self, name: str, severity: float, noise: float) -> str:
        _ = self.texts.gettext
        return fill(
            _("%(name)s: severity %(severity)s, noise %(noise)s times the panel's"),
            name=name,
            severity=signed(severity, 1),
            noise=f"{noise:.1f}",
        )

    def description(self) -> str:
        _, ngettext = self.texts.gettext, self.texts.ngettext
        found = sum(row[3] for row in self.rows)
        template = ngettext(
            "%(n)d reviewer by severity and noise; %(found)d stands out.",
            "%(n)d reviewers by severity and noise; %(found)d stand out.",
            len(self.rows),
        )
        return fill(template, n=len(self.rows), found=found)
