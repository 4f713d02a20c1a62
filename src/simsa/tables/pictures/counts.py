"""Counts beside what was expected: a bar for the one, a mark for the other."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from simsa.tables.pictures.axis import Axis
from simsa.tables.pictures.colours import ACCENT, EDGE, INK, LINE, SOFT
from simsa.tables.pictures.lettering import text_width, wrapped
from simsa.tables.pictures.marks import lines_at, px, text_at
from simsa.tables.pictures.picture import WIDTH, Picture
from simsa.tables.words import fill

Count = tuple[str, int, float, bool]
"""Name, observed, expected, and whether it stands out."""


def counts_picture(
    rows: Sequence[Count],
    *,
    title: str,
    language: str = "ko",
    synthetic: bool = False,
    expected: str | None = None,
    limit: int = 12,
    width: int = WIDTH,
) -> str:
    """The first `limit` rows in their order, and how many more there are.

    `expected`: what stands at the mark, if it is something else than "expected".
    """
    return _Counts(rows, title, language, synthetic, expected, limit, width).svg()


class _Counts(Picture):
    def __init__(
        self,
        rows: Sequence[Count],
        title: str,
        language: str,
        synthetic: bool,
        expected: str | None,
        limit: int,
        width: int,
    ) -> None:
        super().__init__(title, language, synthetic, width)
        self.rows, self.shown, self.mark = rows, rows[:limit], expected

    def svg(self) -> str:
        _ = self.texts.gettext
        left = min(max((text_width(row[0]) for row in self.shown), default=0.0) + 20, self.width * 0.48)
        axis = Axis([0.0, *(float(max(row[1], row[2])) for row in self.shown)], left, self.width - 34)
        axis.low, start = 0.0, left
        top = self.synthetic_mark(0)
        self.add(
            f'<path d="M{px(left)} {px(top + 4)}V{px(top + 14)}" stroke="{INK}" stroke-width="2"/>',
            text_at(left + 8, top + 13, self.mark or _("expected"), size=12, fill=SOFT),
            text_at(self.width, top + 13, _("counted"), size=12, fill=SOFT, anchor="end"),
        )
        y = top + 22
        for name, count, expected, found in self.shown:
            lines = wrapped(name, left - 16, keep_end=True)
            tall = 22 if len(lines) == 1 else 38
            middle, colour = y + tall / 2, ACCENT if found else EDGE
            said = fill(
                _("%(name)s: %(count)d beside %(expected)s"), name=name, count=count, expected=f"{expected:.1f}"
            )
            at = px(axis.x(expected))
            self.add(
                f"<g><title>{escape(said)}</title>",
                lines_at(lines, middle),
                f'<path d="M{px(start)} {px(middle)}H{px(self.width - 34)}" stroke="{LINE}"/>',
                f'<rect x="{px(start)}" y="{px(middle - 5)}" width="{px(max(axis.x(count) - start, 0.5))}" height="10" '
                f'fill="{colour}" fill-opacity="{".85" if found else ".45"}"/>',
                f'<path d="M{at} {px(middle - 8)}V{px(middle + 8)}" stroke="{INK}" stroke-width="2"/>',
                text_at(self.width, middle + 4.4, str(count), anchor="end", bold=found),
                "</g>",
            )
            y += tall
        more = len(self.rows) - len(self.shown)
        if more:
            self.add(text_at(0, y + 14, fill(_("and %(n)d more"), n=more), size=12, fill=SOFT))
            y += 20
        self.height = y + 4
        return self.close(self.description())

    def description(self) -> str:
        _ = self.texts.gettext
        found = sum(row[3] for row in self.rows)
        return fill(_("%(n)d counts each beside what is usual; %(found)d stand out."), n=len(self.rows), found=found)
