"""An assignment as a picture: reviewers by load, entries by affinity, and the entries that fare worst."""

from __future__ import annotations

from fractions import Fraction
from html import escape

from simsa.tables.figures import Figures
from simsa.tables.pictures.bars import Bar, Bars
from simsa.tables.pictures.colours import ACCENT, SOFT
from simsa.tables.pictures.lettering import cut, text_width
from simsa.tables.pictures.marks import px, text_at
from simsa.tables.pictures.picture import WIDTH
from simsa.tables.words import fill

_ROW = 34
_MOST_BARS = 24


def assignment_picture(figures: Figures, *, title: str, language: str = "ko", width: int = WIDTH) -> str:
    """Two histograms, loads of the reviewers and affinities of the entries, and the worst entries below, as SVG."""
    return _Histograms(figures, title, language, width).svg()


def load_bars(figures: Figures) -> list[Bar]:
    """How many reviewers have each load; loads far apart are put together."""
    counts = figures.loads
    first = next((load for load, count in enumerate(counts) if count), 0)
    step = max(1, -(-(len(counts) - first) // _MOST_BARS))
    starts = range(first, len(counts), step)
    return [(_range_text(n, min(n + step, len(counts)) - 1), sum(counts[n : n + step])) for n in starts]


def affinity_bars(figures: Figures) -> list[Bar]:
    """How many entries have an affinity from each number on."""
    return [(f"{one.low:.4g}", one.count) for one in figures.affinities]


def _range_text(low: int, high: int) -> str:
    return str(low) if low == high else f"{low}–{high}"


class _Histograms(Bars):
    def __init__(self, figures: Figures, title: str, language: str, width: int) -> None:
        super().__init__(title, language, False, width)
        self.figures = figures

    def svg(self) -> str:
        _ = self.texts.gettext
        y = self.panel(0.0, _("Reviewers by load"), load_bars(self.figures))
        y = self.panel(y + 14, _("Entries by affinity"), affinity_bars(self.figures))
        self.height = self.worst(y + 14) if self.figures.worst else y
        return self.close(self.description())

    def worst(self, top: float) -> float:
        """The entries with the least affinity, one row each, with a bar on the scale of the greatest of all entries."""
        _ = self.texts.gettext
        self.add(text_at(0, top + 13, _("Entries with the least affinity"), bold=True))
        entries, numbers = ([one.entry for one in self.figures.worst], [one.affinity for one in self.figures.worst])
        left = min(max(text_width(name, 12) for name in entries), self.width * 0.35) + 8
        right = max(text_width(number, 12) for number in numbers) + 8
        most = max(self.figures.entry_affinity.most, 0) or 1
        base = top + 24.0
        for one in self.figures.worst:
            wide = (self.width - left - right) * min(max(float(Fraction(one.affinity)), 0) / most, 1)
            said = ", ".join(one.reviewers)
            if one.missing:
                missing = fill(_("%(n)s missing"), n=str(one.missing))
                said = f"{said} ({missing})" if said else missing
            self.add(
                f"<g><title>{escape(f'{one.entry}: {one.affinity} ({said})')}</title>",
                text_at(0, base + 12, cut(one.entry, left - 8, 12), size=12),
                f'<rect x="{px(left)}" y="{px(base + 2)}" width="{px(max(wide, 0.5))}" height="11" fill="{ACCENT}"/>',
                text_at(self.width, base + 12, one.affinity, size=12, anchor="end"),
                text_at(left, base + 26, cut(said, self.width - left, 12), size=12, fill=SOFT),
                "</g>",
            )
            base += _ROW
        return base + 4

    def description(self) -> str:
        _ = self.texts.gettext
        load, affinity = self.figures.load, self.figures.entry_affinity
        return fill(
            _(
                "Loads from %(least)s to %(most)s, half of the reviewers have at most %(median)s. "
                "Affinity of an entry from %(low)s to %(high)s."
            ),
            least=f"{load.least:g}",
            most=f"{load.most:g}",
            median=f"{load.median:g}",
            low=f"{affinity.least:.4g}",
            high=f"{affinity.most:.4g}",
        )
