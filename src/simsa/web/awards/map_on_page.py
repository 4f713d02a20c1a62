"""What a page adds to the picture of a tile map: one stop for the keyboard, and names of regions for small screens.

The names of the tiles are in type of five to eleven units. Where a page shows them smaller than nine pixels (romanised
names on a phone), its style sheet shows the names of the regions in their place; every tile keeps its own in its title.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from html import escape
from itertools import groupby

from simsa.engine.tilemap import Tiles
from simsa.tables.pictures import text_width

SIZE = 10.5
"""Of a region's name, in units of the picture, which is about as wide as a phone shows it."""

_TILE = re.compile(r'<title>[^<]*</title><rect x="([\d.]+)" y="([\d.]+)" width="([\d.]+)"')
_LINK = "<a href="
_HALO = "var(--paper, #fbfcfb)"


def one_stop(svg: str) -> str:
    """The picture with its first link alone in the order of Tab; a script leads on from there by arrow keys."""
    before, link, after = svg.partition(_LINK)
    return before + link + after.replace(_LINK, '<a tabindex="-1" href=')


def with_region_names(svg: str, layout: Tiles, names: Mapping[int, str]) -> str:
    """The picture with the name of each region (by its number in `layout`) over its tiles, for those who see it alone.

    `svg` is what `tile_map_picture` drew of `layout`.
    """
    found = _TILE.search(svg)
    if found is None:
        raise ValueError("this picture has no tiles")
    x, y, side = (float(number) for number in found.groups())
    row, column = min(zip(layout.row.tolist(), layout.column.tolist(), strict=True))
    left, top = x - column * side, y - row * side
    widths = {region: text_width(names[region], SIZE, bold=True) / side for region in layout.regions}
    texts = [
        f'<text x="{left + middle * side:.1f}" y="{top + (line + 0.5) * side + 0.36 * SIZE:.1f}">'
        f"{escape(names[region])}</text>"
        for region, (middle, line) in _places(layout, widths).items()
    ]
    layer = (
        f'<g class="regions" aria-hidden="true" pointer-events="none" font-size="{SIZE:g}" font-weight="700" '
        f'text-anchor="middle" paint-order="stroke" stroke="{_HALO}" stroke-width="3.5" stroke-linejoin="round">'
        f"{''.join(texts)}</g>"
    )
    return svg.replace("</svg>", f"{layer}</svg>")


def _places(layout: Tiles, widths: Mapping[int, float]) -> dict[int, tuple[float, int]]:
    """Where a name so many tiles wide stands for each region: the middle of it, and its row.

    Small regions choose first. Of all runs of tiles side by side a name takes the one where it meets no other name,
    sticks out least, and is nearest to the region's own middle.
    """
    found: dict[int, tuple[float, int]] = {}
    for region in sorted(layout.regions, key=lambda region: int((layout.region == region).sum())):
        width, mine = widths[region], layout.region == region
        at, line = layout.column[mine].mean() + 0.5, layout.row[mine].mean()
        choices = []
        for row, first, last in _runs(layout, region):
            low, high = first + width / 2, last - width / 2
            middle = min(max(at, low), high) if low <= high else (first + last) / 2
            taken = [(widths[other], *place) for other, place in found.items()]
            meets = sum(row == y and abs(middle - x) < (width + wide) / 2 + 0.25 for wide, x, y in taken)
            out = max(width - (last - first), 0.0)
            choices.append((meets, out, abs(middle - at) + 1.5 * abs(row - line), middle, row))
        *_why, middle, row = min(choices)
        found[region] = middle, row
    return found


def _runs(layout: Tiles, region: int) -> Iterator[tuple[int, int, int]]:
    """The tiles of a region that are side by side: their row, and where they begin and end."""
    mine = layout.region == region
    cells = sorted(zip(layout.row[mine].tolist(), layout.column[mine].tolist(), strict=True))
    for (row, _), run in groupby(enumerate(cells), key=lambda pair: (pair[1][0], pair[1][1] - pair[0])):
        columns = [column for _, (_row, column) in run]
        yield row, columns[0], columns[-1] + 1
