"""Entries by their chance of being selected: those in the middle are in doubt, and get more reviews."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import NamedTuple

from simsa.tables.pictures.colours import ACCENT, EDGE, LIMIT, LINE, SOFT
from simsa.tables.pictures.lettering import text_width, wrapped
from simsa.tables.pictures.marks import band, dot, lines_at, px, ring, text_at
from simsa.tables.pictures.picture import WIDTH, Picture
from simsa.tables.words import fill, listed, percent

_NAMED = 8


class Chance(NamedTuple):
    """An entry, its chance of being selected from 0 to 1, and how many more reviews it gets."""

    name: str
    chance: float
    reviews: int


def chances_picture(
    rows: Sequence[Chance],
    *,
    title: str,
    language: str = "ko",
    synthetic: bool = False,
    limit: int = 20,
    width: int = WIDTH,
) -> str:
    """The first `limit` rows in their order, and how many more there are; who gets reviews is tinted."""
    return _Chances(rows, title, language, synthetic, limit, width).svg()


class _Chances(Picture):
    def __init__(
        self, rows: Sequence[Chance], title: str, language: str, synthetic: bool, limit: int, width: int
    ) -> None:
        super().__init__(title, language, synthetic, width)
        self.rows, self.shown = rows, rows[:limit]

    def svg(self) -> str:
        _ = self.texts.gettext
        self.left = min(max((text_width(row.name) for row in self.shown), default=0.0) + 14, self.width * 0.42)
        self.right = self.width - max(text_width(_("reviews"), 12), 24) - 10
        top = self.synthetic_mark(0)
        self.add(
            text_at(self.left, top + 13, _("chance of being selected"), size=12, fill=SOFT),
            text_at(self.width, top + 13, _("reviews"), size=12, fill=SOFT, anchor="end"),
        )
        y = top = top + 22
        at = len(self.marks)
        for row in self.shown:
            y = self.row(row, y)
        self.grid(at, top, y)
        y += 20
        more = len(self.rows) - len(self.shown)
        if more:
            self.add(text_at(0, y + 13, fill(_("and %(n)d more"), n=more), size=12, fill=SOFT))
            y += 19
        self.height = y
        return self.close(self.description())

    def x(self, chance: float) -> float:
        return self.left + 4 + (self.right - self.left - 8) * chance

    def row(self, row: Chance, y: float) -> float:
        lines = wrapped(row.name, self.left - 10, keep_end=True)
        tall = 22 if len(lines) == 1 else 38
        middle, more = y + tall / 2, row.reviews > 0
        if more:
            self.add(band(0, y, self.width, tall))
        self.add(
            f"<g><title>{escape(self.said(row))}</title>",
            lines_at(lines, middle, bold=more),
            (dot if more else ring)(self.x(row.chance), middle, ACCENT if more else EDGE),
            text_at(self.width, middle + 4.4, f"+{row.reviews}" if more else "–", anchor="end", bold=more),
            "</g>",
        )
        return y + tall

    def grid(self, at: int, top: float, bottom: float) -> None:
        lines = "".join(f"M{px(self.x(tick))} {px(top)}V{px(bottom)}" for tick in (0, 0.25, 0.75, 1))
        half = f"M{px(self.x(0.5))} {px(top)}V{px(bottom)}"
        self.marks.insert(
            at, f'<path d="{lines}" stroke="{LINE}"/><path d="{half}" stroke="{LIMIT}" stroke-dasharray="4 3"/>'
        )
        for tick in (0.0, 0.5, 1.0):
            said = f"{100 * tick:.0f}%"
            self.add(text_at(self.x(tick), bottom + 14, said, size=12, fill=SOFT, anchor="middle"))

    def said(self, row: Chance) -> str:
        _ = self.texts.gettext
        return fill(
            _("%(name)s: chance of being selected %(chance)s, %(n)d more reviews"),
            name=row.name,
            chance=percent(row.chance, self.language),
            n=row.reviews,
        )

    def description(self) -> str:
        _ = self.texts.gettext
        more = [row for row in self.rows if row.reviews]
        said = fill(_("Entries whose place is open: %(n)d."), n=len(self.rows))
        if not more:
            return said
        names = listed([f"{row.name} +{row.reviews}" for row in more], self.language, _NAMED)
        return f"{said} {fill(_('More reviews: %(names)s.'), names=names)}"
