"""A difference of the panel and of each reviewer, with intervals, around zero."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from simsa.engine.diagnostics import Estimate
from simsa.tables.intervals import plus_minus
from simsa.tables.pictures.axis import signed
from simsa.tables.pictures.colours import INK
from simsa.tables.pictures.interval_rows import Estimated, IntervalRows
from simsa.tables.pictures.lettering import wrapped
from simsa.tables.pictures.marks import lines_at, px, text_at
from simsa.tables.pictures.picture import WIDTH
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
    left out, and counted."""
    estimated = [Estimated(name, value, *plus_minus(value, error), found) for name, value, error, found in rows]
    picture = _Differences(estimated, title, language, synthetic, limit, width)
    picture.overall = overall
    return picture.svg()


class _Differences(IntervalRows):
    overall: Estimate | None = None

    @property
    def panel(self) -> str:
        _ = self.texts.gettext
        return _("all reviewers")

    def names_above(self) -> Sequence[str]:
        return [self.panel] if self.overall else []

    def ends_above(self) -> Sequence[float]:
        return [self.overall.low, self.overall.high] if self.overall else []

    def above(self, y: float) -> float:
        """The panel as a diamond from end to end of its interval."""
        one = self.overall
        if one is None:
            return y
        middle, low, high, at = y + 11, *map(self.axis.x, (one.low, one.high, one.value))
        diamond = (
            f"M{px(low)} {px(middle)}L{px(at)} {px(middle - 6)}L{px(high)} {px(middle)}L{px(at)} {px(middle + 6)}Z"
        )
        self.add(
            f"<g><title>{escape(self.told(self.panel, one.value, one.low, one.high))}</title>",
            lines_at(wrapped(self.panel, self.left - 8, bold=True), middle, bold=True),
            f'<path d="{diamond}" fill="{INK}"/>',
            text_at(self.width, middle + 4.4, self.number(one.value), anchor="end", bold=True),
            "</g>",
        )
        return y + 26

    def number(self, value: float, places: int = 1) -> str:
        return signed(value, places)

    def said(self, row: Estimated) -> str:
        return self.told(row.name, row.value, row.low, row.high)

    def told(self, name: str, value: float, low: float, high: float) -> str:
        _ = self.texts.gettext
        return fill(
            _("%(name)s: %(value)s points (95%% interval %(low)s to %(high)s)"),
            name=name,
            value=signed(value, 1),
            low=signed(low, 1),
            high=signed(high, 1),
        )

    def description(self) -> str:
        ngettext = self.texts.ngettext
        one = self.overall
        panel = f"{self.told(self.panel, one.value, one.low, one.high)}. " if one else ""
        found = sum(row.found for row in self.rows)
        template = ngettext(
            "%(n)d reviewer, the greatest difference first; %(found)d stands out.",
            "%(n)d reviewers, the greatest difference first; %(found)d stand out.",
            len(self.rows),
        )
        return panel + fill(template, n=len(self.rows), found=found)
