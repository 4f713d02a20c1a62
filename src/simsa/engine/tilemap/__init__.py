"""Tile maps: every place one square of the same size, neighbours near, every region in one piece.

A tile map (equal-area tile cartogram) shows each place of a country alike, so that no place looks more important
because it is large. The layout is found in three steps:

1. **Equalise.** Space is deformed until the places are spread evenly, as a fluid that flows from dense to sparse: the
   flow-based cartogram of M. T. Gastner, V. Seguy and P. More, "Fast flow-based algorithm for creating
   density-equalizing map projections", PNAS 115 (2018), E2156-E2164. Neighbours stay neighbours and north stays north.
   Land that lies far across the sea is drawn near first, so that it does not widen the page.
2. **Settle.** Places take the cells of an integer grid at the least sum of squared distances (linear sum assignment),
   as in G. McNeill and S. A. Hale, "Generating Tile Maps", Computer Graphics Forum 36 (2017), 435-445; parts of a
   region that lie apart from its body are then pushed back to it, cell by cell.
3. **Anneal.** Swaps, rotations, shifts of rows and moves into empty cells (S. Kirkpatrick, C. D. Gelatt and M. P.
   Vecchi, "Optimization by Simulated Annealing", Science 220 (1983), 671-680) lower one cost: distance from the
   equalised place, neighbours out of reach or out of direction, ragged coasts, long borders, regions that touch though
   they are no neighbours or do not touch though they are. No move may break a region.

Neighbours are the pairs of the Gabriel graph: no third place lies in the circle whose diameter joins them (K. R.
Gabriel and R. R. Sokal, "A New Statistical Approach to Geographic Variation Analysis", Systematic Zoology 18 (1969),
259-278).
"""

from simsa.engine.tilemap.annealing import Progress
from simsa.engine.tilemap.layout import TileMap, TileMapError, Tiles
from simsa.engine.tilemap.places import EARTH_RADIUS_KM, project
from simsa.engine.tilemap.placing import DEFAULT_ROUNDS, place_tiles

__all__ = [
    "DEFAULT_ROUNDS",
    "EARTH_RADIUS_KM",
    "Progress",
    "TileMap",
    "TileMapError",
    "Tiles",
    "place_tiles",
    "project",
]
