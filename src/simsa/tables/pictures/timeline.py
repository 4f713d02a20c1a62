"""The moments of a round down a line, and where on it the clock stands."""

from __future__ import annotations

from collections.abc import Sequence

from simsa.tables.pictures.colours import ACCENT, EDGE, INK, LIMIT, LINE, PAPER, SOFT
from simsa.tables.pictures.lettering import TEXT, wrapped
from simsa.tables.pictures.marks import band, px, text_at
from simsa.tables.pictures.picture import WIDTH, Picture
from simsa.tables.words import fill

_ROW, _NOW, _LEFT, _DOT = 46.0, 30.0, 26.0, 14.0
Moment = tuple[str, str]
"""What comes, and when, in words."""


def timeline_picture(
    moments: Sequence[Moment],
    passed: int,
    now: Moment,
    *,
    title: str,
    language: str = "ko",
    synthetic: bool = False,
    width: int = WIDTH,
) -> str:
    """The moments in order, of which the first `passed` have passed; `now` is what the round is in, and the time."""
    return _Timeline(moments, passed, now, title, language, synthetic, width).svg()


class _Timeline(Picture):
    def __init__(
        self,
        moments: Sequence[Moment],
        passed: int,
        now: Moment,
        title: str,
        language: str,
        synthetic: bool,
        width: int,
    ) -> None:
        super().__init__(title, language, synthetic, width)
        self.moments, self.passed, self.now = moments, passed, now

    def svg(self) -> str:
        y = self.synthetic_mark(0)
        marks: list[str] = []
        ends: list[float] = []
        for number in range(len(self.moments) + 1):
            if number == self.passed:
                marks += self._clock(y)
                ends.append(y + _NOW / 2)
                y += _NOW
            if number < len(self.moments):
                marks += self._moment(*self.moments[number], y, number < self.passed)
                ends.append(y + _DOT)
                y += _ROW
        self.add(f'<path d="M8 {px(ends[0])}V{px(ends[-1])}" stroke="{LINE}" stroke-width="2"/>', *marks)
        self.height = y
        return self.close(self._said())

    def _moment(self, what: str, when: str, y: float, passed: bool) -> list[str]:
        inside, edge = (ACCENT, ACCENT) if passed else (PAPER, EDGE)
        name, *_rest = wrapped(what, self.width - _LEFT, bold=True)
        return [
            f'<circle cx="8" cy="{px(y + _DOT)}" r="5.5" fill="{inside}" stroke="{edge}" stroke-width="2"/>',
            text_at(_LEFT, y + 18, name, fill=INK, bold=True),
            text_at(_LEFT, y + 35, when, size=12, fill=SOFT),
        ]

    def _clock(self, y: float) -> list[str]:
        what, when = self.now
        middle = y + _NOW / 2
        return [
            band(0, y + 2, self.width, _NOW - 4),
            f'<path d="M2 {px(middle)}H14" stroke="{LIMIT}" stroke-width="3"/>',
            text_at(_LEFT, middle + TEXT * 0.35, what, fill=LIMIT, bold=True),
            text_at(self.width - 6, middle + TEXT * 0.35, when, size=12, fill=SOFT, anchor="end"),
        ]

    def _said(self) -> str:
        _ = self.texts.gettext
        what, when = self.now
        lines = [f"{name}: {at}" for name, at in self.moments]
        lines.insert(self.passed, fill(_("Now, %(when)s: %(what)s"), when=when, what=what))
        return "; ".join(lines)
