"""The stations as a tile map, tinted by temperature."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from html import escape

from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from simsa.tables.pictures.colours import ACCENT, LINE, PAPER, SOFT
from simsa.tables.pictures.lettering import text_width
from simsa.tables.pictures.marks import px, text_at
from simsa.tables.pictures.picture import WIDTH, Picture
from simsa.tables.pictures.stacking import fitted
from simsa.web.weather.services import Line
from simsa.web.weather.stations import tile_map
from simsa.web.weather.wording import MINUS, celsius, degrees

# Opacity of the accent over the paper, from the coldest band to the warmest. The warmest leaves dark text readable.
_TINTS = (0.04, 0.12, 0.2, 0.29, 0.4)


@dataclass(frozen=True)
class Bands:
    """Five bands of equal width that hold every temperature: they begin at `low`, each is `step` half degrees wide."""

    low: int
    step: int

    @classmethod
    def of(cls, temperatures: Sequence[Decimal]) -> Bands:
        low = int(min(temperatures, default=Decimal(0)).to_integral_value(ROUND_FLOOR))
        halves = int((2 * (max(temperatures, default=Decimal(0)) - low)).to_integral_value(ROUND_CEILING))
        return cls(low, max(1, -(-halves // len(_TINTS))))

    def level(self, temperature: Decimal) -> int:
        """The band of a temperature, from 0; a temperature between two bands is in the upper one."""
        return min(int(2 * (temperature - self.low) // self.step), len(_TINTS) - 1)

    def words(self, level: int) -> str:
        """The temperatures of a band: 13 to 15.5."""
        low, high = (f"{self.low + (level + more) * self.step / 2:g}" for more in (0, 1))
        return (_("%(low)s to %(high)s") % {"low": low, "high": high}).replace("-", MINUS)


def weather_map(lines: Sequence[Line], language: str) -> SafeString:
    """A tile for each station, in their order: name, temperature, and a tint for the temperature."""
    return mark_safe(_WeatherMap(lines, language).svg())  # noqa: S308 (drawn here, every text in it escaped)


class _WeatherMap(Picture):
    def __init__(self, lines: Sequence[Line], language: str) -> None:
        super().__init__(_("Map of the temperatures"), language, synthetic=False, width=WIDTH)
        self.lines, self.layout = lines, tile_map()
        self.there = [line.reading.temperature for line in lines if line.reading.temperature is not None]
        self.bands = Bands.of(self.there)
        self.left, self.top = 2.0, 2.0
        self.side = (WIDTH - 4) / self.layout.columns

    def svg(self) -> str:
        places = zip(self.lines, self.layout.column.tolist(), self.layout.row.tolist(), strict=True)
        for line, column, row in sorted(places, key=lambda place: place[:0:-1]):
            self.tile(line, self.left + column * self.side, self.top + row * self.side)
        self.outlines()
        self.height = self.legend(self.top + self.layout.rows * self.side + 12)
        return self.close(self.description())

    def tile(self, line: Line, x: float, y: float) -> None:
        name, temperature = line.station.name(self.language), line.reading.temperature
        told = _("no temperature") if temperature is None else celsius(temperature)
        title = " ".join(filter(None, [name, line.reading.sky.word if line.reading.sky else "", told]))
        names, size = self.lettering(name)
        middle, first = x + self.side / 2, y + self.side * 0.34 + size * 0.36 - (len(names) - 1) * size / 2
        written = "".join(
            text_at(middle, first + n * size, part, size=size, anchor="middle") for n, part in enumerate(names)
        )
        number = "–" if temperature is None else degrees(temperature)
        self.add(
            f"<g><title>{escape(title)}</title>{self.square(x, y, self.side, temperature)}"
            f'<g class="name">{written}</g>'
            f"{text_at(middle, y + self.side * 0.86, number, size=10, anchor='middle', bold=True)}</g>"
        )

    def lettering(self, name: str) -> tuple[list[str], float]:
        """The name on one line or two, so that the number has its place below, and the size of its letters."""
        room = self.side - 2
        lines, size = fitted(name, room, bold=False)
        if len(lines) > 2:
            splits = (["".join(lines[:cut]), "".join(lines[cut:])] for cut in (1, 2))
            lines = min(splits, key=lambda parts: max(map(text_width, parts)))
        return lines, min(size, 9, *(room / text_width(line, 1) for line in lines))

    def square(self, x: float, y: float, side: float, temperature: Decimal | None) -> str:
        shape = f'x="{px(x)}" y="{px(y)}" width="{px(side)}" height="{px(side)}" stroke="{PAPER}"'
        if temperature is None:
            return f'<rect {shape} fill="{PAPER}"/>'
        return f'<rect {shape} fill="{ACCENT}" fill-opacity="{_TINTS[self.bands.level(temperature)]:g}"/>'

    def outlines(self) -> None:
        path = "".join(
            "M" + "L".join(f"{px(self.left + c * self.side)} {px(self.top + r * self.side)}" for c, r in ring) + "Z"
            for region in self.layout.regions
            for ring in self.layout.outline(region)
        )
        self.add(f'<path d="{path}" fill="none" stroke="{SOFT}" stroke-width="1.4" stroke-linejoin="round"/>')

    def legend(self, y: float) -> float:
        """What the tints mean, on as many lines as it takes."""
        keys = [
            (f'<rect width="14" height="14" fill="{ACCENT}" fill-opacity="{tint:g}" stroke="{LINE}"/>', words)
            for tint, words in zip(_TINTS, map(self.bands.words, range(len(_TINTS))), strict=True)
        ]
        if len(self.there) < len(self.lines):
            keys.append((f'<rect width="14" height="14" fill="{PAPER}" stroke="{LINE}"/>', _("no temperature")))
        x = self.left
        for mark, words in keys:
            room = 20 + text_width(words, 12) + 12
            if x > self.left and x + room - 12 > self.width:
                x, y = self.left, y + 20
            label = text_at(20, 11.5, words, size=12, fill=SOFT)
            self.add(f'<g transform="translate({px(x)} {px(y)})">{mark}{label}</g>')
            x += room
        return y + 20

    def description(self) -> str:
        if not self.there:
            return _("No station has a temperature.")
        order = sorted(
            (line for line in self.lines if line.reading.temperature is not None),
            key=lambda line: line.reading.temperature or Decimal(0),
        )
        (cold, low), (warm, high) = (
            (line.station.name(self.language), celsius(line.reading.temperature or Decimal(0)))
            for line in (order[0], order[-1])
        )
        return _(
            "A map of %(count)d equal tiles, one for each station, regions outlined. "
            "Coldest: %(cold)s, %(low)s. Warmest: %(warm)s, %(high)s."
        ) % {"count": len(self.lines), "cold": cold, "low": low, "warm": warm, "high": high}
