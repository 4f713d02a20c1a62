"""The tile map as a picture: one equal tile per place, regions outlined."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

import numpy as np

from simsa.engine.selection import Outcome
from simsa.engine.tilemap import Tiles
from simsa.tables.pictures.colours import ACCENT, EDGE, LINE, ON_ACCENT, PAPER, SOFT
from simsa.tables.pictures.lettering import text_width
from simsa.tables.pictures.marks import px, text_at
from simsa.tables.pictures.picture import WIDTH, Href, Picture, selected_words
from simsa.tables.pictures.region_names import region_names
from simsa.tables.pictures.stacking import fitted
from simsa.tables.words import fill, no_result

LEVELS = 5
# Opacity of the accent over the paper, from the lowest fifth to the highest. The highest leaves dark text readable.
_TINTS = (0.05, 0.12, 0.2, 0.29, 0.4)


@dataclass(frozen=True)
class Tile:
    """What stands on one tile of a map, in the order of the map's places.

    `label` is drawn, never cut; `title` says everything when asked; `region` names the region that the tile is in, and
    `head` is true for the tile that stands for its region as a whole. `level` is 0 (low) to 4 (high) within the group,
    None without a result.
    """

    entry: str
    label: str
    title: str
    region: str
    head: bool = False
    level: int | None = None
    outcome: Outcome | None = None


def tile_map_picture(
    layout: Tiles,
    tiles: Sequence[Tile],
    *,
    title: str,
    language: str = "ko",
    synthetic: bool = False,
    width: int = WIDTH,
    href: Href | None = None,
    regions: Mapping[int, str] | None = None,
) -> str:
    """One equal tile per place, regions outlined; the selected in the accent colour, others tinted by rank.

    `tiles[i]` stands on the i-th tile of `layout`. `href(entry)` makes tiles links, of which the first alone is a stop
    of the keyboard: a reader need not pass hundreds. `regions` names the regions of `layout` by their number in a layer
    of its own, for pages that show one or the other. ValueError if there are not as many tiles as places.
    """
    if len(tiles) != len(layout.column):
        raise ValueError(f"{len(tiles)} tiles for a map of {len(layout.column)} places")
    return _TileMap(layout, tiles, title, language, synthetic, width, href, regions).svg()


class _TileMap(Picture):
    def __init__(
        self,
        layout: Tiles,
        tiles: Sequence[Tile],
        title: str,
        language: str,
        synthetic: bool,
        width: int,
        href: Href | None,
        regions: Mapping[int, str] | None,
    ) -> None:
        super().__init__(title, language, synthetic, width)
        self.layout, self.tiles, self.href, self.regions = layout, tiles, href, regions
        self.linked = href is not None
        self.side = (width - 4) / max(layout.columns, 1)
        self.left = 2.0
        self.stops = 0

    def svg(self) -> str:
        self.top = self.synthetic_mark(0) + 2
        for place in np.lexsort((self.layout.column, self.layout.row)):
            self.tile(self.tiles[place], int(self.layout.column[place]), int(self.layout.row[place]))
        self.outlines()
        if self.regions is not None:
            self.add(region_names(self.layout, self.regions, self.left, self.top, self.side))
        self.height = self.legend(self.top + self.layout.rows * self.side + 10)
        return self.close(self.description())

    def tile(self, tile: Tile, column: int, row: int) -> None:
        x, y, side = self.left + column * self.side, self.top + row * self.side, self.side
        chosen = tile.outcome == "selected"
        marks = [f"<title>{escape(tile.title)}</title>", self.square(x, y, side, tile.level, tile.outcome)]
        if tile.head and not chosen:
            marks.append(
                f'<rect x="{px(x + 2)}" y="{px(y + 2)}" width="{px(side - 4)}" height="{px(side - 4)}" rx="2" '
                f'fill="none" stroke="{EDGE}"/>'
            )
        marks.append(self.label(tile, x + side / 2, y + side / 2, ON_ACCENT if chosen else None))
        body = "".join(marks)
        target = self.href(tile.entry) if self.href else None
        if target is None:
            self.add(f"<g>{body}</g>")
        else:
            stop = ' tabindex="-1"' if self.stops else ""
            self.add(f'<a{stop} href="{escape(target)}">{body}</a>')
            self.stops += 1

    def square(self, x: float, y: float, side: float, level: int | None, outcome: Outcome | None) -> str:
        fill_, opacity = (ACCENT, 1.0) if outcome == "selected" else (ACCENT, _TINTS[level or 0])
        shape = f'x="{px(x)}" y="{px(y)}" width="{px(side)}" height="{px(side)}" stroke="{PAPER}" stroke-width="1"'
        if level is None and outcome != "selected":
            return f'<rect {shape} fill="{PAPER}"/>'
        return (
            f'<rect {shape} fill="{fill_}" fill-opacity="{opacity:g}"/>'
            if opacity < 1
            else f'<rect {shape} fill="{fill_}"/>'
        )

    def label(self, tile: Tile, x: float, y: float, colour: str | None) -> str:
        bold = tile.head or tile.outcome == "selected"
        lines, size = fitted(tile.label, self.side - 1.5, bold)
        first = y + size * 0.36 - (len(lines) - 1) * size * 0.5
        return "".join(
            text_at(x, first + n * size, line, size=size, fill=colour, anchor="middle", bold=bold)
            for n, line in enumerate(lines)
        )

    def outlines(self) -> None:
        path = "".join(
            "M" + "L".join(f"{px(self.left + c * self.side)} {px(self.top + r * self.side)}" for c, r in ring) + "Z"
            for region in self.layout.regions
            for ring in self.layout.outline(region)
        )
        self.add(f'<path d="{path}" fill="none" stroke="{SOFT}" stroke-width="1.4" stroke-linejoin="round"/>')

    def legend(self, y: float) -> float:
        """What the colours and frames mean, on as many lines as it takes."""
        _ = self.texts.gettext
        side, frame = 14.0, f'width="13" height="13" fill="none" stroke="{EDGE}"'
        ramp = "".join(self.square(side * n, 0, side, LEVELS - 1 - n, None) for n in range(LEVELS))
        keys = [
            (self.square(0, 0, side, None, "selected"), side, _("selected")),
            (ramp, side * LEVELS, _("rank in its group: high to low")),
            (f'<rect x=".5" y=".5" rx="2" {frame}/>', side, _("the upper-level government of a region")),
        ]
        if any(tile.level is None for tile in self.tiles):
            outside = any(tile.outcome is None for tile in self.tiles)
            blank = _("no result or not in the round") if outside else no_result(self.language)
            keys.append((f'<rect x=".5" y=".5" {frame.replace(EDGE, LINE)}/>', side, blank))
        x = self.left
        for mark, wide, word in keys:
            room = wide + 6 + text_width(word, 12) + 14
            if x > self.left and x + room - 14 > self.width:
                x, y = self.left, y + 20
            label = text_at(wide + 6, 11.5, word, size=12, fill=SOFT)
            self.add(f'<g transform="translate({px(x)} {px(y)})">{mark}{label}</g>')
            x += room
        return y + 20

    def description(self) -> str:
        _, ngettext = self.texts.gettext, self.texts.ngettext
        chosen = [tile.title for tile in self.tiles if tile.outcome == "selected"]
        count = len(self.tiles)
        said = fill(
            ngettext(
                "A map of %(n)d equal tile, regions outlined.", "A map of %(n)d equal tiles, regions outlined.", count
            ),
            n=count,
        )
        return f"{said} {selected_words('; '.join(chosen), self.language)}"
