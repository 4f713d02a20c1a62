"""The numbers of an indicator by group: each number a dot, the quartiles a box, and lines where points leap or bend."""

from __future__ import annotations

from fractions import Fraction
from html import escape

from simsa.engine.indicators import Distribution, GroupNumbers
from simsa.engine.inputs import Entries
from simsa.rules import Rules
from simsa.tables.pictures.axis import Axis, tick_places
from simsa.tables.pictures.colours import ACCENT, INK, LIMIT, LINE, PAPER, SOFT
from simsa.tables.pictures.lettering import cut, text_width
from simsa.tables.pictures.marks import px, text_at
from simsa.tables.pictures.picture import WIDTH, Picture
from simsa.tables.words import fill, format_score, group_name
from simsa.tables.words.distribution import group_line

_TALL = 44  # of a group: its name, and below it the dots and the box
_BOX = 7  # half the height of the box


def numbers_picture(
    found: Distribution,
    rules: Rules,
    entries: Entries,
    *,
    title: str,
    language: str = "ko",
    synthetic: bool = False,
    width: int = WIDTH,
) -> str:
    """One row for each group that has a number, as SVG; the description says what `group_line` says. "" without any."""
    rows = [group for group in found.groups if group.numbers]
    if not rows:
        return ""
    picture = _ByGroup(found, title, language, synthetic, width)
    picture.frame(len(rows))
    for n, group in enumerate(rows):
        numbers = [one for one, own in zip(found.numbers, entries.group, strict=True) if own == group.group]
        drawn = [float(one) for one in numbers if isinstance(one, Fraction)]
        picture.group(group, drawn, group_name(rules, group.group, language), n)
    return picture.close(" ".join(group_line(group, rules, language) for group in found.groups))


class _ByGroup(Picture):
    def __init__(self, found: Distribution, title: str, language: str, synthetic: bool, width: float) -> None:
        super().__init__(title, language, synthetic, width)
        numbers = [float(one) for one in found.numbers if isinstance(one, Fraction)]
        self.edges = [(float(edge.number), format_score(edge.number, None, language)) for edge in found.edges]
        self.axis = Axis([*numbers, *(at for at, _ in self.edges)], 6, width - 6)

    def frame(self, rows: int) -> None:
        """The grid with its numbers below, and the edges with theirs above."""
        top = self.synthetic_mark(0) + (18 if self.edges else 0)
        self.first, bottom = top, top + rows * _TALL
        ticks = self.axis.ticks()
        said = [f"{tick:,.{tick_places(ticks)}f}" for tick in ticks]
        if sum(text_width(one, 12) + 8 for one in said) > self.width:
            ticks, said = ticks[::3], said[::3]
        self.add(f'<path d="{self.lines([self.axis.x(tick) for tick in ticks], top, bottom)}" stroke="{LINE}"/>')
        for tick, one in zip(ticks, said, strict=True):
            self.add(self.at(self.axis.x(tick), bottom + 14, one, SOFT))
        if self.edges:
            drawn = self.lines([self.axis.x(edge) for edge, _ in self.edges], top - 3, bottom)
            self.add(f'<path d="{drawn}" stroke="{LIMIT}" stroke-dasharray="3 3"/>')
        free = 0.0
        for edge, one in self.edges:
            x, half = self.axis.x(edge), text_width(one, 12) / 2
            if x - half >= free:  # of edges that lie close together, one number has room
                self.add(self.at(x, top - 6, one, LIMIT))
                free = x + half + 6
        self.height = bottom + 20

    def group(self, group: GroupNumbers, numbers: list[float], name: str, n: int) -> None:
        """The row of a group: its name and how many there are, dots, the box of quartiles with the median."""
        _ = self.texts.gettext
        top = self.first + n * _TALL
        there = fill(_("%(there)s of %(all)s"), there=len(numbers), all=group.entries)
        room = self.width - text_width(there, 12) - 8
        middle = top + 30
        low, median, high = (self.axis.x(float(value)) for value in group.numbers[1:4])
        dots = "".join(f'<circle cx="{px(self.axis.x(one))}" cy="{px(middle)}" r="3"/>' for one in sorted(numbers))
        self.add(
            f"<g><title>{escape(f'{name}: {there}')}</title>",
            f'<g stroke="{PAPER}" stroke-width="4" paint-order="stroke">',  # the lines end where a text is
            text_at(0, top + 14, cut(name, room)),
            text_at(self.width, top + 14, there, size=12, fill=SOFT, anchor="end"),
            "</g>",
            f'<rect x="{px(low)}" y="{px(middle - _BOX)}" width="{px(high - low)}" height="{2 * _BOX}" fill="none" '
            f'stroke="{ACCENT}"/>',
            f'<g fill="{ACCENT}" fill-opacity=".4">{dots}</g>',
            f'<path d="M{px(median)} {px(middle - _BOX)}V{px(middle + _BOX)}" stroke="{INK}" stroke-width="2"/></g>',
        )

    def at(self, x: float, y: float, text: str, colour: str) -> str:
        """A number in the middle of where it belongs, but never beyond the edge of the picture."""
        half = text_width(text, 12) / 2
        return text_at(min(max(x, half), self.width - half), y, text, size=12, fill=colour, anchor="middle")

    @staticmethod
    def lines(places: list[float], top: float, bottom: float) -> str:
        return "".join(f"M{px(x)} {px(top)}V{px(bottom)}" for x in places)
