"""Rows of estimates: a name, a dot, the bar of its interval and its number, over an axis with a line at the centre."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from html import escape
from typing import NamedTuple

from simsa.tables.pictures.axis import Axis, tick_places
from simsa.tables.pictures.colours import ACCENT, EDGE, LINE, SOFT
from simsa.tables.pictures.lettering import text_width, wrapped
from simsa.tables.pictures.marks import bar, dot, lines_at, px, ring, text_at
from simsa.tables.pictures.picture import Picture
from simsa.tables.words import fill


class Estimated(NamedTuple):
    """A name, its value and interval, and whether it stands out."""

    name: str
    value: float
    low: float
    high: float
    found: bool


class IntervalRows(Picture, ABC):
    """The greatest value first; of more than `limit` rows the middle is left out, and counted. A row without a value is
    not shown. Those that stand out are in the accent colour and have a filled dot; the others' is hollow."""

    centre = 0.0
    symmetric = False

    def __init__(
        self, rows: Iterable[Estimated], title: str, language: str, synthetic: bool, limit: int | None, width: float
    ) -> None:
        super().__init__(title, language, synthetic, width)
        self.rows = sorted((row for row in rows if math.isfinite(row.value)), key=lambda row: -row.value)
        half = len(self.rows) if limit is None or len(self.rows) <= limit else limit // 2
        self.skipped = max(0, len(self.rows) - 2 * half)
        self.shown = self.rows[:half] + self.rows[-half:] if self.skipped else self.rows

    def svg(self) -> str:
        names = [*(row.name for row in self.shown), *self.names_above()]
        self.left = min(max(map(text_width, names), default=0.0) + 12, self.width * 0.4)
        ends = [end for row in self.shown for end in (row.low, row.high)] + [self.centre, *self.ends_above()]
        around = self.centre if self.symmetric else None
        self.axis = Axis(ends, self.left, self.width - 44, around=around)
        top = y = self.heads(self.synthetic_mark(0))
        at = len(self.marks)
        y = self.above(y)
        for n, row in enumerate(self.shown):
            if self.skipped and n == len(self.shown) // 2:
                y = self.gap(y)
            y = self.row(row, y)
        self.grid(at, top, y)
        self.height = y + 20
        return self.close(self.description())

    def heads(self, top: float) -> float:
        """What stands above the columns; gives where the rows begin."""
        _ = self.texts.gettext
        less, more = self.directions()
        self.add(
            text_at(self.left, top + 13, less, size=12, fill=SOFT),
            text_at(self.width - 44, top + 13, more, size=12, fill=SOFT, anchor="end"),
            text_at(self.width, top + 13, self.unit(), size=12, fill=SOFT, anchor="end"),
        )
        return top + 22

    def directions(self) -> tuple[str, str]:
        """What it means to lie to the left, and to the right."""
        return "", ""

    def unit(self) -> str:
        _ = self.texts.gettext
        return _("points")

    def names_above(self) -> Sequence[str]:
        return ()

    def ends_above(self) -> Sequence[float]:
        return ()

    def above(self, y: float) -> float:
        """What stands above the rows, on the same axis."""
        return y

    def number(self, value: float, places: int = 1) -> str:
        return f"{value:.{places}f}"

    @abstractmethod
    def said(self, row: Estimated) -> str:
        """A row in words."""

    @abstractmethod
    def description(self) -> str:
        """The whole picture in words."""

    def row(self, row: Estimated, y: float) -> float:
        lines = wrapped(row.name, self.left - 8, keep_end=True)
        tall = 20 if len(lines) == 1 else 36
        middle, colour = y + tall / 2, ACCENT if row.found else EDGE
        self.add(
            f"<g><title>{escape(self.said(row))}</title>",
            lines_at(lines, middle),
            bar(self.axis.x(row.low), self.axis.x(row.high), middle, colour),
            (dot if row.found else ring)(self.axis.x(row.value), middle, colour),
            text_at(self.width, middle + 4.4, self.number(row.value), anchor="end"),
            "</g>",
        )
        return y + tall

    def gap(self, y: float) -> float:
        ngettext = self.texts.ngettext
        said = fill(ngettext("… %(n)d between …", "… %(n)d between …", self.skipped), n=self.skipped)
        self.add(text_at(0, y + 16, said, size=12, fill=SOFT))
        return y + 24

    def grid(self, at: int, top: float, bottom: float) -> None:
        """Hairlines behind the rows, the line at the centre, and the numbers below."""
        ticks = self.axis.ticks(5)
        lines = "".join(f"M{px(self.axis.x(tick))} {px(top)}V{px(bottom)}" for tick in ticks)
        centre = f'<path d="M{px(self.axis.x(self.centre))} {px(top)}V{px(bottom)}" stroke="{EDGE}"/>'
        self.marks.insert(at, f'<path d="{lines}" stroke="{LINE}"/>{centre}')
        places = tick_places(ticks)
        for tick in ticks:
            said = self.number(tick, places)
            self.add(text_at(self.axis.x(tick), bottom + 14, said, size=12, fill=SOFT, anchor="middle"))
