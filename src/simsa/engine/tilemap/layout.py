"""What a tile map is: the cell of each place, the outline of each region, and how the map was obtained."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]
Corner = tuple[int, int]


class TileMapError(ValueError):
    """The places cannot be laid out as they were given."""


@dataclass(frozen=True, slots=True, eq=False)
class Tiles:
    """Where places stand on a tile map. Tiles count from the top left, from 0; no outer row or column is empty.

    ``column``, ``row``: (n,) the cell of each place. ``columns``, ``rows``: the size of the map in tiles. ``region``:
    (n,) the region of each place.
    """

    column: Ints
    row: Ints
    columns: int
    rows: int
    region: Ints

    @property
    def regions(self) -> tuple[int, ...]:
        """The identifiers of the regions, ascending."""
        return tuple(int(r) for r in np.unique(self.region))

    def outline(self, region_id: int) -> list[list[Corner]]:
        """The border of a region: closed rectilinear polygons of (column, row) corners, the last joined to the first.

        Corners are where the border turns, in tile units, (0, 0) the top left of the map. Outer borders run clockwise
        on the page, holes anticlockwise, so that the signed areas add up to the number of tiles.

        Raises TileMapError when no place has this region.
        """
        mine = self.region == region_id
        if not mine.any():
            raise TileMapError(f"region {region_id} has no place on this map: choose one of {list(self.regions)}")
        return _outline({(int(c), int(r)) for c, r in zip(self.column[mine], self.row[mine], strict=True)})


@dataclass(frozen=True, slots=True, eq=False)
class TileMap(Tiles):
    """A tile map and how it was obtained.

    ``displacement_mean``, ``displacement_max``: distance in tiles between a place's tile and its place on the equalised
    map. ``neighbour_pairs``: how many pairs of places the Gabriel graph has; ``kept_neighbours``,
    ``kept_within_two``: the share of them whose tiles touch, at least by a corner, or lie at most two apart (Chebyshev
    distance). Capitals are left out of all these.

    ``lost_contacts``: pairs of regions that are neighbours but whose tiles share no side; ``false_contacts``: pairs
    that share one but are not. ``settled_cost``, ``cost``: before and after annealing, in its own unit. ``how``: one
    line that says how the map was made.
    """

    displacement_mean: float
    displacement_max: float
    neighbour_pairs: int
    kept_neighbours: float
    kept_within_two: float
    lost_contacts: tuple[tuple[int, int], ...]
    false_contacts: tuple[tuple[int, int], ...]
    settled_cost: float
    cost: float
    rounds: int
    seed: int
    how: str


def _outline(tiles: set[Corner]) -> list[list[Corner]]:
    """Border polygons of a set of tiles, land to the right of each side."""
    sides: dict[Corner, list[Corner]] = {}
    for x, y in sorted(tiles):
        ring = ((x, y), (x + 1, y), (x + 1, y + 1), (x, y + 1))
        beyond = ((x, y - 1), (x + 1, y), (x, y + 1), (x - 1, y))
        for k in range(4):
            if beyond[k] not in tiles:
                sides.setdefault(ring[k], []).append(ring[(k + 1) % 4])
    left = {(a, b) for a, ends in sides.items() for b in ends}
    out: list[list[Corner]] = []
    while left:
        side = min(left)
        walk: list[Corner] = []
        while side in left:
            left.discard(side)
            walk.append(side[0])
            side = _following(side, sides)
        around = zip(walk[-1:] + walk[:-1], walk, walk[1:] + walk[:1], strict=True)
        out.append([p for o, p, q in around if (p[0] - o[0], p[1] - o[1]) != (q[0] - p[0], q[1] - p[1])])
    return out


def _following(side: tuple[Corner, Corner], sides: dict[Corner, list[Corner]]) -> tuple[Corner, Corner]:
    """The next side of the same border: to the right where two tiles meet at a corner, so that each keeps its own."""
    (ax, ay), (bx, by) = side
    right = (bx - (by - ay), by + (bx - ax))
    ends = sides[bx, by]
    return (bx, by), right if right in ends else ends[0]
