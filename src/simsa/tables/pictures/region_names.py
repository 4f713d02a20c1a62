"""Names of the regions over a tile map, for where the map is shown so small that the tiles' own cannot be read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from html import escape
from itertools import groupby

from simsa.engine.tilemap import Tiles
from simsa.tables.pictures.colours import PAPER
from simsa.tables.pictures.lettering import text_width
from simsa.tables.pictures.marks import px

SIZE = 10.5
"""Of a region's name, in units of the picture, which is about as wide as a phone shows it."""


def region_names(layout: Tiles, names: Mapping[int, str], left: float, top: float, side: float) -> str:
    """A layer (`class="regions"`) with the name of each region, by its number in `layout`, over its tiles.

    The first column begins at `left`, the first row at `top`; a tile is `side` wide. A page's style sheet shows either
    the layer or the tiles' own names.
    """
    widths = {region: text_width(names[region], SIZE, bold=True) / side for region in layout.regions}
    texts = [
        f'<text x="{px(left + middle * side)}" y="{px(top + (line + 0.5) * side + 0.36 * SIZE)}">'
        f"{escape(names[region])}</text>"
        for region, (middle, line) in _places(layout, widths).items()
    ]
    return (
        f'<g class="regions" aria-hidden="true" pointer-events="none" font-size="{SIZE:g}" font-weight="700" '
        f'text-anchor="middle" paint-order="stroke" stroke="{PAPER}" stroke-width="3.5" stroke-linejoin="round">'
        f"{''.join(texts)}</g>"
    )


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
