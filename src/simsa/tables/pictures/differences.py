"""A difference of the panel and of each reviewer, with intervals, around zero."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from simsa.engine.diagnostics import Estimate
from simsa.tables.pictures.axis import Axis, signed, tick_places
from simsa.tables.pictures.colours import ACCENT, EDGE, INK, LINE, SOFT
from simsa.tables.pictures.intervals import Z95
from simsa.tables.pictures.lettering import text_width, wrapped
from simsa.tables.pictures.marks import bar, dot, lines_at, px, text_at
from simsa.tables.pictures.picture import WIDTH, Picture
from simsa.tables.words import fill

Difference = tuple[str, float, float, bool]
"""Name, value, standard error, and whether it stands out."""


def differences_picture(
    rows: Sequence[Difference],
    overall: Estimate | None,
    *,
    title: str,
    language: str = "ko",
    synthetic: bool = False,
    limit: int = 24,
    width: int = WIDTH,
) -> str:
    """The panel first, then reviewers from the greatest difference to the least; of more than `limit` the middle is
    left out, and counted. Those who stand out are in the accent colour and have a filled dot; the others' is hollow."""
    return _Differences(rows, overall, title, language, synthetic, limit, width).svg()


class _Differences(Picture):
    def __init__(
        self,
        rows: Sequence[Difference],
        overall: Estimate | None,
        title: str,
        language: str,
        synthetic: bool,
        limit: int,
        width: int,
    ) -> None:
        super().__init__(title, language, synthetic, width)
        self.overall = overall
        self.rows = sorted(rows, key=lambda row: -row[1])
        half = limit // 2
        self.skipped = max(0, len(self.rows) - 2 * half) if len(self.rows) > limit else 0
        self.shown = self.rows if not self.skipped else self.rows[:half] + self.rows[-half:]

    def svg(self) -> str:
        _ = self.texts.gettext
        panel = _("all reviewers")
        names = [row[0] for row in self.shown] + [panel]
        left = min(max(map(text_width, names)) + 12, self.width * 0.4)
        ends = [value + side * Z95 * error for _name, value, error, _found in self.shown for side in (-1, 1)]
        ends += [self.overall.low, self.overall.high] if self.overall else []
        axis = Axis([*ends, 0.0], left, self.width - 44)
        top = self.synthetic_mark(0)
        self.add(text_at(self.width, top + 13, _("points"), size=12, fill=SOFT, anchor="end"))
        y = top = top + 20
        at = len(self.marks)
        if self.overall is not None:
            y = self.panel(panel, self.overall, axis, left, y)
        middle = len(self.shown) // 2
        for n, row in enumerate(self.shown):
            if self.skipped and n == middle:
                y = self.gap(y)
            y = self.row(row, axis, left, y)
        ticks = axis.ticks(5)
        lines = "".join(f"M{px(axis.x(tick))} {px(top)}V{px(y)}" for tick in ticks)
        zero = px(axis.x(0.0))
        self.marks.insert(
            at, f'<path d="{lines}" stroke="{LINE}"/><path d="M{zero} {px(top)}V{px(y)}" stroke="{EDGE}"/>'
        )
        places = tick_places(ticks)
        self.add(*(text_at(axis.x(t), y + 14, signed(t, places), size=12, fill=SOFT, anchor="middle") for t in ticks))
        self.height = y + 20
        return self.close(self.description())

    def panel(self, name: str, one: Estimate, axis: Axis, left: float, y: float) -> float:
        middle, low, high, at = y + 11, axis.x(one.low), axis.x(one.high), axis.x(one.value)
        diamond = (
            f"M{px(low)} {px(middle)}L{px(at)} {px(middle - 6)}L{px(high)} {px(middle)}L{px(at)} {px(middle + 6)}Z"
        )
        self.add(
            f"<g><title>{escape(self.said(name, one.value, one.low, one.high))}</title>",
            lines_at(wrapped(name, left - 8, bold=True), middle, bold=True),
            f'<path d="{diamond}" fill="{INK}"/>',
            text_at(self.width, middle + 4.4, signed(one.value, 1), anchor="end", bold=True),
            "</g>",
        )
        return y + 26

    def row(self, row: Difference, axis: Axis, left: float, y: float) -> float:
        name, value, error, found = row
        low, high = value - Z95 * error, value + Z95 * error
        lines = wrapped(name, left - 8, keep_end=True)
        tall = 20 if len(lines) == 1 else 36
        middle, colour = y + tall / 2, ACCENT if found else EDGE
        self.add(
            f"<g><title>{escape(self.said(name, value, low, high))}</title>",
            lines_at(lines, middle),
            bar(axis.x(low), axis.x(high), middle, colour),
            dot(axis.x(value), middle, colour)
            if found
            else f'<circle cx="{px(axis.x(value))}" cy="{px(middle)}" r="3" fill="none" stroke="{colour}"/>',
            text_at(self.width, middle + 4.4, signed(value, 1), anchor="end"),
            "</g>",
        )
        return y + tall

    def gap(self, y: float) -> float:
        ngettext = self.texts.ngettext
        said = fill(ngettext("… %(n)d between …", "… %(n)d between …", self.skipped), n=self.skipped)
        self.add(text_at(0, y + 16, said, size=12, fill=SOFT))
        return y + 24

    def said(self, name: str, value: float, low: float, high: float) -> str:
        _ = self.texts.gettext
        return fill(
            _("%(name)s: %(value)s points (95%% interval %(low)s to %(high)s)"),
            name=name,
            value=signed(value, 1),
            low=signed(low, 1),
            high=signed(high, 1),
        )

    def description(self) -> str:
        _, ngettext = self.texts.gettext, self.texts.ngettext
        one = self.overall
        panel = f"{self.said(_('all reviewers'), one.value, one.low, one.high)}. " if one else ""
        found = sum(row[3] for row in self.rows)
        template = ngettext(
            "%(n)d reviewer, the greatest difference first; %(found)d stands out.",
            "%(n)d reviewers, the greatest difference first; %(found)d stand out.",
            len(self.rows),
        )
        return panel + fill(template, n=len(self.rows), found=found)
