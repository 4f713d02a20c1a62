"""Bars beside each other: how many there are of each of a row of things."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from simsa.tables.pictures.colours import ACCENT, LINE, SOFT
from simsa.tables.pictures.lettering import text_width
from simsa.tables.pictures.marks import px, text_at
from simsa.tables.pictures.picture import WIDTH, Picture

_TALL = 120
_WIDEST = 60
Bar = tuple[str, int]
"""What a bar stands for, and how many there are."""


def bars_picture(
    bars: Sequence[Bar], *, title: str, heading: str, language: str = "ko", synthetic: bool = False, width: int = WIDTH
) -> str:
    """One row of bars as SVG; each says what it is by its title, and all of them in the picture's description."""
    picture = Bars(title, language, synthetic, width)
    picture.height = picture.panel(picture.synthetic_mark(0), heading, bars)
    return picture.close("; ".join(f"{label}: {count}" for label, count in bars))


class Bars(Picture):
    """A picture that has rows of bars in it."""

    def panel(self, top: float, title: str, bars: Sequence[Bar]) -> float:
        """One histogram below its title; gives where it ends."""
        self.add(text_at(0, top + 13, title, bold=True))
        highest = max((count for _, count in bars), default=0) or 1
        base, wide = top + 38 + _TALL, min(self.width / max(len(bars), 1), _WIDEST)
        self.add(f'<path d="M0 {px(base)}H{px(self.width)}" stroke="{LINE}"/>')
        every = -(-max((text_width(label, 12) + 6 for label, _ in bars), default=1.0) // wide)
        for n, (label, count) in enumerate(bars):
            tall = _TALL * count / highest
            middle = (n + 0.5) * wide
            self.add(
                f'<g><title>{escape(f"{label}: {count}")}</title><rect x="{px(n * wide + 1)}" y="{px(base - tall)}" '
                f'width="{px(max(wide - 2, 0.5))}" height="{px(tall)}" fill="{ACCENT}"/></g>'
            )
            if text_width(str(count), 12) <= wide and count:
                self.add(text_at(middle, base - tall - 4, str(count), size=12, anchor="middle"))
            if n % int(every) == 0:
                self.add(self.label(label, n, wide, base))
        return base + 20

    def label(self, label: str, n: int, wide: float, base: float) -> str:
        """What a bar stands for: in its middle, but never beyond the edge of the picture."""
        half = text_width(label, 12) / 2
        middle = min(max((n + 0.5) * wide, half), self.width - half)
        return text_at(middle, base + 15, label, size=12, fill=SOFT, anchor="middle")
