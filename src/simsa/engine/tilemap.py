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

from __future__ import annotations

import math
from collections import Counter, deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.fft import dctn, idctn
from scipy.ndimage import gaussian_filter, map_coordinates
from scipy.optimize import linear_sum_assignment
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components, minimum_spanning_tree
from scipy.spatial import cKDTree
from scipy.spatial.distance import pdist, squareform

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]
Corner = tuple[int, int]
Progress = Callable[[str, float], None]

EARTH_RADIUS_KM = 6371.0088
"""Mean radius of the Earth, R1 of the International Union of Geodesy and Geophysics, in km."""

DEFAULT_ROUNDS = 1000


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


def project(lat: ArrayLike, lon: ArrayLike) -> tuple[Floats, Floats]:
    """Project degrees to (x east, y north) in km, equirectangular, true to scale along the mean latitude.

    lat, lon: (n,) WGS 84 degrees; places on both sides of the 180th meridian come out far apart. Source: J. P. Snyder,
    "Map Projections: A Working Manual", USGS Professional Paper 1395 (1987), 90-91.

    Raises TileMapError when the lengths differ, nothing is given, or a number is not on the globe.
    """
    phi, lam = _vector(lat, "lat"), _vector(lon, "lon")
    if len(phi) != len(lam):
        raise TileMapError(f"lat has {len(phi)} numbers and lon {len(lam)}: give one of each per place")
    for name, degrees, limit in (("lat", phi, 90.0), ("lon", lam, 180.0)):
        wrong = np.flatnonzero(np.abs(degrees) > limit)
        if len(wrong):
            raise TileMapError(f"{name}[{wrong[0]}] is {degrees[wrong[0]]}: give degrees from -{limit:g} to {limit:g}")
    scale = math.cos(math.radians(float(phi.mean())))
    x: Floats = EARTH_RADIUS_KM * scale * np.radians(lam - lam.mean())
    y: Floats = EARTH_RADIUS_KM * np.radians(phi - phi.mean())
    return x, y


def place_tiles(
    x: ArrayLike,
    y: ArrayLike,
    region: ArrayLike,
    *,
    capital: ArrayLike | None = None,
    seed: int = 0,
    rounds: int = DEFAULT_ROUNDS,
    progress: Progress | None = None,
) -> TileMap:
    """Lay places out as a tile map: one cell each, neighbours near, every region in one edge-connected piece.

    x, y: (n,) projected coordinates, x east and y north, in one unit of length (see `project`). region: (n,) integers.
    capital: (n,) true for a place that stands for its region as a whole: it is kept inside the region's block, where a
    label belongs, and has no neighbours of its own. seed: of the annealing; the same input, seed and rounds give the
    same map. rounds: how long to anneal; 0 keeps the settled layout. progress: told each step and its share done.

    An island belongs to its region's one piece. Only a region that lies wholly across the sea (farther off than twice
    the ninth decile of the steps between nearest places) stands off, with empty cells all around it.

    Raises TileMapError when the lengths differ, there is no place, a coordinate is not finite, a region is not an
    integer, or seed or rounds is negative.
    """
    points, group, heads = _checked(x, y, region, capital)
    if seed < 0 or rounds < 0:
        raise TileMapError(f"seed is {seed} and rounds {rounds}: give 0 or more")
    tell: Progress = progress or (lambda _step, _share: None)
    label = _numbered(group)
    heads &= np.bincount(label, ~heads)[label] > 0
    tell("equalise", 0.0)
    near, apart = _drawn_near(_separated(points), label)
    atlas = _Atlas(label, heads, near, _equalised(near), apart, _pairs(near, ~heads))
    tell("settle", 0.0)
    board = _settled(atlas)
    settled = board.total()
    _anneal(board, rounds, np.random.default_rng(seed), tell)
    return _result(atlas, board, group=group, settled=settled, rounds=rounds, seed=seed)


# --- what is given


def _vector(values: ArrayLike, name: str) -> Floats:
    try:
        out: Floats = np.array(values, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise TileMapError(f"{name} must hold one number per place: {error}") from error
    if out.ndim != 1 or not len(out):
        raise TileMapError(f"{name} has shape {out.shape}: give one number per place, of at least one place")
    wrong = np.flatnonzero(~np.isfinite(out))
    if len(wrong):
        raise TileMapError(f"{name}[{wrong[0]}] is {out[wrong[0]]}: give a finite number for every place")
    return out


def _checked(x: ArrayLike, y: ArrayLike, region: ArrayLike, capital: ArrayLike | None) -> tuple[Floats, Ints, Flags]:
    east, north, group = _vector(x, "x"), _vector(y, "y"), _vector(region, "region")
    heads = np.zeros(len(east)) if capital is None else _vector(capital, "capital")
    for name, size in (("y", len(north)), ("region", len(group)), ("capital", len(heads))):
        if size != len(east):
            raise TileMapError(f"x has {len(east)} numbers and {name} {size}: give one of each per place")
    wrong = np.flatnonzero(group != np.round(group))
    if len(wrong):
        raise TileMapError(f"region[{wrong[0]}] is {group[wrong[0]]}: give integers")
    points = np.column_stack([east, north])
    if np.abs(points).max() > 1e100:
        raise TileMapError(f"a coordinate is {np.abs(points).max():g}: give projected coordinates, in km for instance")
    return points, group.astype(np.int64), heads != 0


def _numbered(group: Ints) -> Ints:
    """Regions as 0..k-1 in the order in which they first appear, so that nothing depends on their identifiers."""
    _, first, inverse = np.unique(group, return_index=True, return_inverse=True)
    rank: Ints = np.argsort(np.argsort(first))
    return rank[inverse]


GOLDEN_ANGLE = math.pi * (3 - math.sqrt(5))


def _separated(points: Floats) -> Floats:
    """The places around their centre, within about one unit; those at one point on a tiny sunflower spiral around it.

    The unit is a power of two, so that no rounding depends on the unit of the coordinates.
    """
    out: Floats = points - points.mean(axis=0)
    out /= math.ldexp(1.0, math.frexp(float(np.ptp(out, axis=0).max()))[1])
    _, kind, count = np.unique(out, axis=0, return_inverse=True, return_counts=True)
    for k in np.flatnonzero(count > 1):
        mine = np.flatnonzero(kind.ravel() == k)
        order = np.arange(len(mine))
        spiral = np.column_stack([np.cos(order * GOLDEN_ANGLE), np.sin(order * GOLDEN_ANGLE)])
        out[mine] += 1e-4 * np.sqrt(order)[:, None] * spiral
    return out


def _drawn_near(points: Floats, label: Ints) -> tuple[Floats, tuple[int, ...]]:
    """The places with the crossings of the sea made short, and which regions lie wholly across it.

    A crossing is an edge of the minimum spanning tree longer than twice its ninth decile, the step of sparse country.
    """
    n = len(points)
    if n < 3:
        return points, ()
    tree = minimum_spanning_tree(squareform(pdist(points))).tocoo()
    step = float(np.percentile(tree.data, 90))
    short = tree.data <= 2 * step
    graph = coo_matrix((tree.data[short], (tree.row[short], tree.col[short])), shape=(n, n))
    _, land = connected_components(graph, directed=False)
    order = np.argsort(-np.bincount(land), kind="stable")
    out, done = points.copy(), land == order[0]
    apart: list[int] = []
    for part in order[1:]:
        mine, rest = np.flatnonzero(land == part), np.flatnonzero(done)
        kin = label[mine][:, None] == label[rest][None]
        gap = np.linalg.norm(out[mine][:, None] - out[rest][None], axis=2)
        a, b = np.unravel_index(int(np.where(kin | ~kin.any(), gap, np.inf).argmin()), gap.shape)
        wanted = step if kin.any() else 2 * step
        if gap[a, b] > 0:
            out[mine] -= (out[mine[a]] - out[rest[b]]) * (1 - wanted / gap[a, b])
        done |= land == part
        apart += [int(r) for r in np.unique(label[mine]) if not kin.any() and (land[label == r] == part).all()]
    return out, tuple(apart)


def _pairs(points: Floats, ordinary: Flags) -> list[tuple[int, int, bool]]:
    """Neighbouring places (a, b, gabriel), a < b.

    Gabriel pairs are those that no third place sees under an angle of 90 degrees or more; pairs that none sees under
    120 degrees are neighbours too, fainter ones.
    """
    index = np.flatnonzero(ordinary)
    if len(index) < 2:
        return []
    square = squareform(pdist(points[index], "sqeuclidean"))
    found: list[tuple[int, int, bool]] = []
    for i in range(len(index) - 1):
        rest = np.arange(i + 1, len(index))
        # The law of cosines at the third place; the slack lets the two ends themselves pass.
        legs = square[i][None] + square[rest]
        product = np.sqrt(square[i][None] * square[rest])
        span = square[i, rest][:, None] * (1 - 1e-12)
        gabriel = (legs >= span).all(axis=1)
        faint = (legs + product >= span).all(axis=1)
        found += [(int(index[i]), int(index[j]), bool(gabriel[j - i - 1])) for j in rest[faint]]
    return found


# --- equalise


FLOWS = 10
FLOW_STEPS = 30
CENTRINGS = 3


def _equalised(points: Floats) -> Floats:
    """The places on a map deformed to even density, in tiles: x to the right, y down."""
    if len(points) == 1:
        return np.zeros((1, 2))
    out = points
    for _ in range(FLOWS):
        out = _flowed(out)
    area = np.ones(1)
    for _ in range(CENTRINGS):
        out, area = _centred(out)
    out = out * (1, -1) / math.sqrt(float(np.median(area[area > 0])))
    tiles: Floats = out - out.min(axis=0)
    return tiles


@dataclass(frozen=True, slots=True)
class _Raster:
    side: int
    origin: Floats
    pixel: float
    centres: Floats
    owner: Ints


def _raster(points: Floats) -> _Raster:
    """The territory of each place: what is nearer to it than to others and within its reach; -1 is sea."""
    side = max(64, 32 * round(math.sqrt(len(points)) / 2))
    low, high = points.min(axis=0), points.max(axis=0)
    size = float((high - low).max()) * 1.4
    origin, pixel = (low + high - size) / 2, size / side
    axis = (np.arange(side) + 0.5) * pixel
    centres = np.stack(np.meshgrid(origin[0] + axis, origin[1] + axis, indexing="ij"), axis=-1).reshape(-1, 2)
    tree = cKDTree(points)
    spacing = np.asarray(tree.query(points, k=min(5, len(points)))[0])[:, 1:].mean(axis=1)
    reach = 0.85 * np.clip(spacing, 0.2 * np.median(spacing), np.percentile(spacing, 90))
    # Every place keeps at least the pixel it stands on.
    reach = np.maximum(reach, 0.75 * pixel)
    distance, owner = tree.query(centres, distance_upper_bound=float(reach.max()))
    # Where nothing is within the bound, the query names the place after the last.
    sea = np.append(reach, 0.0)[owner] < distance
    return _Raster(side, origin, pixel, centres, np.where(sea, -1, owner).astype(np.int64))


def _flowed(points: Floats) -> Floats:
    """The places moved with a fluid of their density (one over the territory's area; the mean at sea) until it is even.

    The density falls linearly in time to its mean, so the flux is constant: the gradient of a potential, which a cosine
    transform gives (nothing flows through the frame). Places ride on flux over density, by the midpoint rule.
    """
    raster = _raster(points)
    land = raster.owner >= 0
    area = np.maximum(np.bincount(raster.owner[land], minlength=len(points)), 0.5)
    density = np.ones(raster.side**2)
    density[land] = area.sum() / len(points) / area[raster.owner[land]]
    density = gaussian_filter(density.reshape(raster.side, raster.side), 1.0, mode="nearest")
    mean = float(density.mean())
    wave = (np.pi * np.arange(raster.side) / (raster.side * raster.pixel)) ** 2
    laplace = wave[:, None] + wave[None]
    laplace[0, 0] = 1.0
    potential = idctn(-dctn(density - mean, type=2) / laplace, type=2)
    fields = (density, *(np.gradient(potential, raster.pixel, axis=axis) for axis in (0, 1)))

    def velocity(at: Floats, time: float) -> Floats:
        pixels = ((at - raster.origin) / raster.pixel - 0.5).T
        here, east, north = (map_coordinates(f, pixels, order=1, mode="nearest") for f in fields)
        out: Floats = np.column_stack([east, north]) / ((1 - time) * here + time * mean)[:, None]
        return out

    out = points
    for step in range(FLOW_STEPS):
        half = out + velocity(out, step / FLOW_STEPS) / (2 * FLOW_STEPS)
        out = out + velocity(half, (step + 0.5) / FLOW_STEPS) / FLOW_STEPS
    return out


def _centred(points: Floats) -> tuple[Floats, Floats]:
    """The places moved to the centres of their territories (Lloyd's step), and the territories' areas."""
    raster = _raster(points)
    land = raster.owner >= 0
    owner, n = raster.owner[land], len(points)
    count = np.bincount(owner, minlength=n).astype(np.float64)
    total = np.column_stack([np.bincount(owner, raster.centres[land, axis], n) for axis in (0, 1)])
    centre = total / np.maximum(count, 1)[:, None]
    return np.where(count[:, None] > 0, centre, points), count * raster.pixel**2


# --- what a layout is judged by


AWAY = 0.15
"""Cost of a tile's distance from the equalised place, squared (linear beyond two tiles)."""
AWAY_CAPITAL = 0.05
"""The same for capitals, which belong inside more than anywhere exactly."""
BROKEN = 0.5
"""Extra cost of neighbours whose tiles do not touch, besides the squared error of direction and distance."""
WEIGHTS = (1.0, 0.35, 3.0)
"""Weights of neighbours: of the Gabriel graph, beyond it, and Gabriel pairs that alone join two regions."""
ALONE = 3
"""Up to so many Gabriel pairs between two regions count as alone."""
COAST = (0.0, 0.35, 1.1, 3.5, 9.0)
"""Cost of an empty cell by its sides to land: bays and holes cost more than a straight coast."""
BORDER = 0.4
"""Cost of a side between two regions."""
STRANGE = 1.0
"""Extra cost of such a side where the regions are no neighbours."""
LOST = 8.0
"""Cost of two neighbouring regions that share no side."""
EXPOSED = 1.2
"""Cost of a capital's side that does not face its region, times the root of the region's size: the large have an
inside."""
ACROSS = 4.0
"""Extra cost of a side between a region across the sea and another one."""

DIRECTIONS = 32


@dataclass(frozen=True, slots=True)
class _Atlas:
    """Regions 0..k-1, capitals, places projected and equalised, regions across the sea, neighbours."""

    label: Ints
    heads: Flags
    near: Floats
    target: Floats
    apart: tuple[int, ...]
    pairs: list[tuple[int, int, bool]]

    def contacts(self) -> tuple[Flags, Flags]:
        """(k, k) which regions are neighbours, and which may touch: across the sea none.

        Neighbours are joined by a Gabriel pair; where only fainter pairs join them, either is right.
        """
        count = int(self.label.max()) + 1
        wanted, allowed = np.zeros((2, count, count), dtype=np.bool_)
        for a, b, gabriel in self.pairs:
            r, s = self.label[a], self.label[b]
            wanted[r, s] = wanted[s, r] = wanted[r, s] or (gabriel and r != s)
            allowed[r, s] = allowed[s, r] = True
        for flags in (wanted, allowed):
            flags[list(self.apart)] = False
            flags[:, list(self.apart)] = False
        return wanted, allowed

    def arcs(self) -> Ints:
        """(m, 3) neighbours both ways, sorted: from, to, and the row of the table of costs: weight and direction."""
        count: Counter[tuple[int, ...]] = Counter(self._regions_of(a, b) for a, b, gabriel in self.pairs if gabriel)
        out: list[tuple[int, int, int]] = []
        for a, b, gabriel in self.pairs:
            regions = self._regions_of(a, b)
            alone = len(regions) == 2 and count[regions] <= ALONE
            weight = (2 if alone else 0) if gabriel else 1
            for i, j in ((a, b), (b, a)):
                right, up = self.near[j] - self.near[i]
                turn = round(math.atan2(-up, right) / (2 * math.pi) * DIRECTIONS) % DIRECTIONS
                out.append((i, j, weight * DIRECTIONS + turn))
        return np.array(sorted(out), dtype=np.int64).reshape(-1, 3)

    def _regions_of(self, a: int, b: int) -> tuple[int, ...]:
        return tuple(sorted({int(self.label[a]), int(self.label[b])}))


def _toward(turn: int) -> tuple[float, float]:
    """The step to the next tile in a direction, (right, down): on the unit square, not the unit circle."""
    angle = 2 * math.pi * (turn % DIRECTIONS) / DIRECTIONS
    right, down = math.cos(angle), math.sin(angle)
    longer = max(abs(right), abs(down))
    return right / longer, down / longer


# --- the board


WINDOW = 2
"""How far a tile may be swapped, in tiles across and down."""
HOPE = 6.0
"""More than this the ground is not expected to repay, so that a dear sum can be spared."""


class _Board:
    """A grid with places on it, its cost, and moves that never break a region.

    Cells are numbered row by row. Rows are so long that the difference of two cells' numbers says how they lie to each
    other; only cells within the box of the first layout are used.
    """

    def __init__(self, atlas: _Atlas, target: Floats, cells: Ints) -> None:
        self.places, self.regions = len(atlas.label), int(atlas.label.max()) + 1
        columns, rows = (int(s) for s in np.ptp(cells, axis=0) + 1)
        self.width = WINDOW + columns + max(columns, WINDOW)
        self.size = self.width * (rows + 2 * WINDOW)
        self.label: list[int] = atlas.label.tolist()
        self.members: list[list[int]] = [np.flatnonzero(atlas.label == r).tolist() for r in range(self.regions)]
        self.heads: list[float] = (EXPOSED * atlas.heads * np.sqrt(np.bincount(atlas.label))[atlas.label]).tolist()
        shift = WINDOW - cells.min(axis=0)
        self.target: Floats = target + shift
        self._lay(cells + shift, columns, rows)
        self._weigh_places(atlas)
        self._weigh_ground(atlas)

    def _lay(self, cells: Ints, columns: int, rows: int) -> None:
        width, size = self.width, self.size
        row, column = np.divmod(np.arange(size), width)
        self.inside: Flags = (column >= WINDOW) & (column < WINDOW + columns) & (row >= WINDOW) & (row < WINDOW + rows)
        self.usable: list[bool] = self.inside.tolist()
        sides = (-1, 1, -width, width)
        ring = (-width - 1, -width, 1 - width, 1, width + 1, width, width - 1, -1)
        self.sides: list[tuple[int, ...]] = [tuple((c + s) % size for s in sides) for c in range(size)]
        self.rings: list[tuple[int, ...]] = [tuple((c + s) % size for s in ring) for c in range(size)]
        self.cell: list[int] = (cells[:, 1] * width + cells[:, 0]).tolist()
        self.holds, self.land = [-1] * size, [-1] * size
        for place, cell in enumerate(self.cell):
            self.put(place, cell)

    def _weigh_places(self, atlas: _Atlas) -> None:
        row, column = np.divmod(np.arange(self.size), self.width)
        away = np.hypot(column - self.target[:, :1], row - self.target[:, 1:])
        unit = np.where(atlas.heads, AWAY_CAPITAL, AWAY)[:, None]
        self.away: Floats = unit * np.where(away < 2, away**2, 4 * away - 4)
        self.away_from: list[list[float]] = self.away.tolist()
        tables = [self._table(turn, weight) for weight in WEIGHTS for turn in range(DIRECTIONS)]
        self.tables: Floats = np.stack(tables)
        rows: list[list[float]] = self.tables.tolist()
        arcs = atlas.arcs()
        self.links: list[list[tuple[int, list[float]]]] = [[] for _ in range(self.places)]
        self.wishes: list[list[tuple[int, int]]] = [[] for _ in range(self.places)]
        for i, j, kind in arcs.tolist():
            right, down = _toward(kind)
            self.links[i].append((j, rows[kind]))
            self.wishes[i].append((j, -round(right) - self.width * round(down)))
        self.starts, self.ends = arcs[:, 0], arcs[:, 1]
        self.first: Ints = np.flatnonzero(np.diff(self.starts, prepend=-1))
        self.origins: Ints = arcs[:, 2] * self.tables.shape[1] + self.size

    def _table(self, turn: int, weight: float) -> Floats:
        """Cost of a neighbour in a direction, by size + the difference of the cells' numbers."""
        difference = np.arange(-self.size, self.size + 1)
        down = (difference + self.width // 2) // self.width
        right = difference - down * self.width
        ideal = _toward(turn)
        error = np.hypot(right - ideal[0], down - ideal[1])
        broken = np.maximum(np.abs(right), np.abs(down)) > 1
        cost: Floats = weight * (np.where(error < 1, error**2, 2 * error - 1) + BROKEN * broken)
        return cost

    def _weigh_ground(self, atlas: _Atlas) -> None:
        wanted, allowed = atlas.contacts()
        border = np.where(allowed, BORDER, BORDER + STRANGE)
        border[list(atlas.apart)] += ACROSS
        border[:, list(atlas.apart)] += ACROSS
        np.fill_diagonal(border, 0.0)
        self.border: list[list[float]] = border.tolist()
        # The sea as one more region, each side at the price of a straight coast: an estimate for the quick look.
        self.rough: Floats = np.pad(border, (0, 1), constant_values=COAST[1])
        self.rough[-1, -1] = 0.0
        self.wanted = {r * self.regions + s for r, s in np.argwhere(np.triu(wanted)).tolist()}
        self.recount()

    def recount(self) -> None:
        """Count anew the sides that each two regions share."""
        keys: list[int] = []
        self.ground(range(self.size), keys)
        self.contact = dict(Counter(keys))

    def put(self, place: int, cell: int) -> None:
        self.cell[place], self.holds[cell], self.land[cell] = cell, place, self.label[place]

    def clear(self, cell: int) -> None:
        self.holds[cell] = self.land[cell] = -1

    def grid(self) -> Ints:
        """(n, 2) columns and rows of the places, in the frame of target."""
        row, column = np.divmod(np.array(self.cell, dtype=np.int64), self.width)
        return np.column_stack([column, row])

    def total(self) -> float:
        """The whole cost."""
        keys: list[int] = []
        cost = self.standing() + self.ground(range(self.size), keys)
        return cost + LOST * len(self.wanted - set(keys))

    def standing(self) -> float:
        """Cost of the places: distance from home and their neighbours, each pair once."""
        cell, size = self.cell, self.size
        pairs = sum(table[cell[j] - cell[i] + size] for i in range(self.places) for j, table in self.links[i])
        return pairs / 2 + sum(self.away_from[i][cell[i]] for i in range(self.places))

    def ground(self, cells: Sequence[int], keys: list[int]) -> float:
        """Cost of coasts, borders and exposed capitals at these cells; keys gains each side between two regions."""
        land, sides, k = self.land, self.sides, self.regions
        total = 0.0
        empty: set[int] = set()
        seen: set[int] = set()
        for c in cells:
            r = land[c]
            if r < 0:
                empty.add(c)
            for m in sides[c]:
                s = land[m]
                if s < 0:
                    empty.add(m)
                if r != s and m not in seen:
                    total += self._exposed(c) + self._exposed(m)
                    if r >= 0 and s >= 0:
                        total += self.border[r][s]
                        keys.append(r * k + s if r < s else s * k + r)
            seen.add(c)
        return total + sum(COAST[sum(land[m] >= 0 for m in sides[c])] for c in empty)

    def _exposed(self, cell: int) -> float:
        place = self.holds[cell]
        return self.heads[place] if place >= 0 else 0.0

    def whole(self, region: int, without: int = -1) -> bool:
        """Whether the region is one edge-connected piece, or would be without this cell."""
        land, sides = self.land, self.sides
        body = [self.cell[i] for i in self.members[region] if self.cell[i] != without]
        if len(body) <= 1:
            return True
        seen, front = {body[0], without}, [body[0]]
        count = 1
        while front:
            for m in sides[front.pop()]:
                if land[m] == region and m not in seen:
                    seen.add(m)
                    front.append(m)
                    count += 1
        return count == len(body)

    def attempt(self, source: Sequence[int], goal: Sequence[int], limit: float) -> bool:
        """Send what each source cell holds to its goal cell if the cost rises by at most limit and no region breaks.

        goal is a permutation of source.
        """
        load = [self.holds[c] for c in source]
        moves = {place: cell for place, cell in zip(load, goal, strict=True) if place >= 0}
        rise = self._moves_rise(moves)
        if rise > limit + HOPE:
            return False
        kinds = {self.land[c] for c in source}
        before: list[int] = []
        after: list[int] = []
        rise -= self.ground(source, before)
        self._fill(load, goal)
        rise += self.ground(source, after)
        change = Counter(after)
        change.subtract(before)
        if rise + self._contact_cost(change) <= limit and all(self.whole(r) for r in kinds if r >= 0):
            self._touch(change)
            return True
        self._fill(load, source)
        return False

    def _moves_rise(self, moves: dict[int, int]) -> float:
        """Rise of the places' cost when these go to these cells."""
        cell, size = self.cell, self.size
        rise = twice = 0.0
        for place, to in moves.items():
            here = cell[place]
            rise += self.away_from[place][to] - self.away_from[place][here]
            for other, table in self.links[place]:
                at = cell[other]
                if other in moves:
                    twice += table[moves[other] - to + size] - table[at - here + size]
                else:
                    rise += table[at - to + size] - table[at - here + size]
        return rise + twice / 2

    def _fill(self, load: list[int], cells: Sequence[int]) -> None:
        for place, cell in zip(load, cells, strict=True):
            if place >= 0:
                self.put(place, cell)
            else:
                self.clear(cell)

    def _contact_cost(self, change: dict[int, int]) -> float:
        """What it costs that regions gain and lose sides to each other."""
        cost = 0.0
        for key, gain in change.items():
            if gain and key in self.wanted:
                had = self.contact.get(key, 0)
                cost += LOST * ((had + gain == 0) - (had == 0))
        return cost

    def _touch(self, change: dict[int, int]) -> None:
        for key, gain in change.items():
            self.contact[key] = self.contact.get(key, 0) + gain

    def swap(self, i: int, j: int, limit: float) -> bool:
        """Exchange two places if the cost rises by at most limit and no region breaks: `attempt`, made quick."""
        a, b = self.cell[i], self.cell[j]
        r, s = self.label[i], self.label[j]
        rise = self._rise(i, b, j) + self._rise(j, a, i)
        if rise > limit + HOPE or (r != s and not (self._beside(b, r, a) and self._beside(a, s, b))):
            return False
        change: dict[int, int] = {}
        if r != s or self.heads[i] or self.heads[j]:
            rise += self._ground_rise(a, b, self.heads[j] - self.heads[i], change)
            rise += self._ground_rise(b, a, self.heads[i] - self.heads[j], change) + self._contact_cost(change)
        if rise > limit:
            return False
        self.put(i, b)
        self.put(j, a)
        if r != s and not (self._left_whole(a, r) and self._left_whole(b, s)):
            self.put(i, a)
            self.put(j, b)
            return False
        self._touch(change)
        return True

    def _rise(self, place: int, to: int, other: int) -> float:
        """Rise of a place's cost when it changes cells with another (of their own pair, half)."""
        cell, here, size = self.cell, self.cell[place], self.size
        rise = self.away_from[place][to] - self.away_from[place][here]
        for k, table in self.links[place]:
            at = cell[k]
            if k == other:
                rise += 0.5 * (table[here - to + size] - table[to - here + size])
            else:
                rise += table[at - to + size] - table[at - here + size]
        return rise

    def _beside(self, cell: int, region: int, but: int) -> bool:
        """Whether a cell has a side to another cell of a region than this one, or there is no other."""
        land = self.land
        return len(self.members[region]) == 1 or any(land[m] == region and m != but for m in self.sides[cell])

    def _ground_rise(self, cell: int, other: int, bare: float, change: dict[int, int]) -> float:
        """Rise of a cell's borders when another's tile comes to it, more exposed by bare; their common side apart."""
        land, border, k = self.land, self.border, self.regions
        old, new = land[cell], land[other]
        been = self._exposed(cell)
        rise = 0.0
        for m in self.sides[cell]:
            t = land[m]
            if m == other:
                continue
            if t < 0:
                rise += bare
                continue
            facing = self._exposed(m)
            if t != old:
                rise -= border[t][old] + been + facing
                key = t * k + old if t < old else old * k + t
                change[key] = change.get(key, 0) - 1
            if t != new:
                rise += border[t][new] + been + bare + facing
                key = t * k + new if t < new else new * k + t
                change[key] = change.get(key, 0) + 1
        return rise

    def _left_whole(self, cell: int, region: int) -> bool:
        """Whether a region that has just left a cell is whole: linked around the cell, or else by a search."""
        nw, n, ne, e, se, s, sw, w = (self.land[m] == region for m in self.rings[cell])
        links = (n and ne and e) + (e and se and s) + (s and sw and w) + (w and nw and n)
        return n + e + s + w - links == 1 or self.whole(region)


# --- settle


PULLS = (0.0, 0.5, 0.9)
"""How far the places of a region are drawn together before they settle, tried in turn."""
PHASES = (0.0, 0.25, 0.5, 0.75)


def _settled(atlas: _Atlas) -> _Board:
    """Places on the nearest cells, every region made whole: gently where that works, by force where it does not."""
    label = atlas.label
    count = np.bincount(label)[:, None]
    centre = np.column_stack([np.bincount(label, atlas.target[:, axis]) for axis in (0, 1)]) / count
    for pull in PULLS:
        phase, cells = _assigned(atlas.target + pull * (centre[label] - atlas.target))
        board = _Board(atlas, atlas.target + phase, cells)
        strays = _strays(board)
        if (len(strays) <= len(label) // 4 or pull == PULLS[-1]) and _gathered(board, strays):
            board.recount()
            return board
    return _Board(atlas, atlas.target, _snake(label, centre, atlas.target))


def _assigned(target: Floats) -> tuple[Floats, Ints]:
    """The cells nearest to the places in sum of squares, and the shift of the places that makes it least."""
    n = len(target)
    size = np.ceil(np.ptp(target, axis=0)).astype(np.int64) + 1
    while size.prod() < 1.2 * n:
        size += 1
    row, column = np.divmod(np.arange(size.prod()), size[0])
    cells = np.column_stack([column, row])
    spare = size - 1 - np.ptp(target, axis=0)
    found: list[tuple[float, Floats, Ints]] = []
    for across in PHASES:
        for down in PHASES:
            phase = spare * (across, down) - target.min(axis=0)
            cost = ((target + phase)[:, None] - cells[None]) ** 2 @ np.ones(2)
            _, chosen = linear_sum_assignment(cost)
            found.append((float(cost[np.arange(n), chosen].sum()), phase, cells[chosen]))
    _, phase, best = min(found, key=lambda f: round(f[0], 9))
    return phase, best


def _strays(board: _Board) -> list[int]:
    """The places that do not belong to the largest piece of their region."""
    out: list[int] = []
    for members in board.members:
        left = {board.cell[i] for i in members}
        pieces: list[list[int]] = []
        while left:
            piece = [min(left)]
            left.discard(piece[0])
            for c in piece:
                beside = [m for m in board.sides[c] if m in left]
                left.difference_update(beside)
                piece += beside
            pieces.append(piece)
        pieces.sort(key=len, reverse=True)
        out += [board.holds[c] for piece in pieces[1:] for c in piece]
    return out


def _gathered(board: _Board, strays: list[int]) -> bool:
    """Bring strays back to their regions' bodies; false when a region is walled in."""
    for place in strays:
        board.clear(board.cell[place])
        board.members[board.label[place]].remove(place)
    return all(_inserted(board, place) for place in strays)


def _inserted(board: _Board, place: int) -> bool:
    """Give a region one more cell: an empty one, or one of a neighbour that can spare it and gets one in turn."""
    route = _route(board, board.label[place])
    for other in route[1:]:
        choice = _spare_cells(board, board.label[place], other)
        if not choice:
            return False
        place = _replaced(board, place, choice)
    choice = _open_cells(board, board.label[place]) if route else []
    return bool(choice) and _replaced(board, place, choice) < 0


def _route(board: _Board, region: int) -> list[int]:
    """The shortest chain of regions from this one to one with an empty cell beside it; empty if there is none."""
    before = {region: -1}
    front = deque([region])
    while front:
        here = front.popleft()
        if _open_cells(board, here):
            route = [here]
            while before[route[-1]] >= 0:
                route.append(before[route[-1]])
            return route[::-1]
        for other in sorted({board.land[c] for c in _rim(board, here)} - set(before)):
            if _spare_cells(board, here, other):
                before[other] = here
                front.append(other)
    return []


def _rim(board: _Board, region: int) -> list[int]:
    """The usable cells beside a region's body, each once."""
    body = [board.cell[i] for i in board.members[region]]
    return list(dict.fromkeys(m for c in body for m in board.sides[c] if board.land[m] != region and board.usable[m]))


def _open_cells(board: _Board, region: int) -> list[int]:
    return [c for c in _rim(board, region) if board.land[c] < 0]


def _spare_cells(board: _Board, region: int, other: int) -> list[int]:
    if len(board.members[other]) < 2:
        return []
    return [c for c in _rim(board, region) if board.land[c] == other and board.whole(other, without=c)]


def _replaced(board: _Board, place: int, choice: list[int]) -> int:
    """Put a place on the cell of choice that suits it best; the place that was there, or -1."""
    cell = min(choice, key=lambda c: (board.away_from[place][c], c))
    out = board.holds[cell]
    if out >= 0:
        board.members[board.label[out]].remove(out)
    board.put(place, cell)
    board.members[board.label[place]].append(place)
    return out


def _snake(label: Ints, centre: Floats, target: Floats) -> Ints:
    """Regions one after the other along a path that turns at the end of each row: whole whatever the input."""
    n = len(label)
    width = math.ceil(math.sqrt(n))
    rank = np.argsort(np.argsort(centre[:, 1], kind="stable"))
    row, column = np.divmod(np.arange(n), width)
    out = np.zeros((n, 2), dtype=np.int64)
    order = np.lexsort((target[:, 0], rank[label]))
    out[order] = np.column_stack([np.where(row % 2 == 0, column, width - 1 - column), row])
    return out


# --- anneal


HOT, COLD, LAST = 5.5, 0.65, 0.15
"""Heat at first, at the end of a slow fall, and in the last rounds, which only smooth."""
SLOW = 0.92
"""The share of the rounds in which the heat falls."""
SHIFTS = 32
"""Moves of more than two tiles that are thought of in a round, besides all swaps within the window."""
SLACK = 0.4
"""What the estimate of a swap's cost may be wrong by, within a region; between two regions twice that."""


def _anneal(board: _Board, rounds: int, rng: np.random.Generator, tell: Progress) -> None:
    for k in range(rounds):
        fallen = k / (SLOW * rounds)
        heat = HOT * (COLD / HOT) ** fallen if fallen < 1 else LAST
        for place, cell, limit in _promising(board, heat, rng):
            if board.holds[cell] >= 0:
                board.swap(place, board.holds[cell], limit)
            else:
                board.attempt((board.cell[place], cell), (cell, board.cell[place]), limit)
        for path, limit in _shifts(board, heat, rng):
            board.attempt(path, path[-1:] + path[:-1], limit)
        if k % 16 == 0:
            tell("anneal", k / rounds)
    tell("anneal", 1.0)


def _promising(board: _Board, heat: float, rng: np.random.Generator) -> Iterator[tuple[int, int, float]]:
    """Places, cells near them and limits of cost: the exchanges that a first look at all of them finds promising."""
    reach = range(-WINDOW, WINDOW + 1)
    offset = np.array([across + down * board.width for down in reach for across in reach])
    cell, holds = np.array(board.cell), np.array(board.holds)
    goal = cell[:, None] + offset
    other = holds[goal]
    rise, same, possible = _estimate(board, cell, goal, other)
    limit = heat * rng.exponential(size=goal.shape)
    # Of the two ways to name a swap, one is enough.
    possible &= board.inside[goal] & (other < np.arange(len(cell))[:, None]) & (offset != 0)
    place, way = np.nonzero(possible & (rise <= limit + np.where(same, SLACK, 2 * SLACK)))
    for k in rng.permutation(len(place)).tolist():
        i, o = int(place[k]), int(way[k])
        to = int(goal[i, o])
        if board.cell[i] == cell[i] and board.holds[to] == other[i, o]:
            yield i, to, float(limit[i, o])


def _estimate(board: _Board, cell: Ints, goal: Ints, other: Ints) -> tuple[Floats, Flags, Flags]:
    """(n, w) rise of the cost if places went to their goals, whether that is within the region, and whether it may be.

    The two that change are taken one at a time, and each cell's coast for straight.
    """
    land, label = np.array(board.land), np.array(board.label)[:, None]
    middle = goal.shape[1] // 2
    ground, kin = _ground_there(board, land, label, goal)
    gain = _standing_there(board, cell, goal) + ground
    gain -= gain[:, middle : middle + 1].copy()
    back = gain[other, np.arange(goal.shape[1])[::-1]]
    shore = COAST[1] * np.sum([np.roll(land, step) >= 0 for step in (-1, 1, -board.width, board.width)], axis=0)
    rise = gain + np.where(other >= 0, back, shore[cell][:, None] - shore[goal])
    step = np.abs(goal - cell[:, None])
    beside = (step == 1) | (step == board.width)
    rise += 2 * beside * board.rough[label, land[goal]]
    same = land[goal] == label
    alone = np.array([len(members) == 1 for members in board.members])[label]
    return rise, same, same | alone | (kin > beside)


def _standing_there(board: _Board, cell: Ints, goal: Ints) -> Floats:
    """Cost of each place at each of its goals, the others where they are."""
    out: Floats = np.take_along_axis(board.away, goal, axis=1)
    if len(board.first):
        entry = (board.origins + cell[board.ends])[:, None] - goal[board.starts]
        out[board.starts[board.first]] += np.add.reduceat(np.take(board.tables, entry), board.first, axis=0)
    return out


def _ground_there(board: _Board, land: Ints, label: Ints, goal: Ints) -> tuple[Floats, Ints]:
    """Estimated cost of the four sides of a tile at each of its goals, and how many of them face its region."""
    cost, kin = np.zeros(goal.shape), np.zeros(goal.shape, dtype=np.int64)
    kinds = board.regions + 1
    for step in (-1, 1, -board.width, board.width):
        beyond = np.take(land, goal + step, mode="wrap")
        cost += np.take(board.rough, label * kinds + beyond % kinds)
        kin += beyond == label
    return cost, kin


def _shifts(board: _Board, heat: float, rng: np.random.Generator) -> Iterator[tuple[list[int], float]]:
    """Paths of cells along which each tile may go one back, the first to the end, and limits of cost."""
    kinds = rng.random(SHIFTS).tolist()
    places = rng.integers(board.places, size=SHIFTS).tolist()
    draws = rng.random((SHIFTS, 4)).tolist()
    limits = (heat * rng.exponential(size=SHIFTS)).tolist()
    for kind, place, draw, limit in zip(kinds, places, draws, limits, strict=True):
        if kind < 0.5:
            path = _push(board, place, draw)
        elif kind < 0.85:
            path = _insertion(board, place, draw)
        else:
            path = _rectangle(board, place, draw)
        if len(path) > 2 and len(set(path)) == len(path) and all(board.usable[c] for c in path):
            yield path, limit


def _push(board: _Board, place: int, draw: list[float]) -> list[int]:
    """From an empty cell through land to another coast, straight or around a corner: tiles move up into the gap."""
    step = (-1, 1, -board.width, board.width)[int(draw[0] * 4)]
    here = board.cell[place]
    while board.holds[here] >= 0:
        here -= step
    path = [here]
    corner = 2 + int(draw[1] * 20)
    while True:
        if len(path) == corner:
            side = 1 if abs(step) > 1 else board.width
            step = side if draw[2] < 0.5 else -side
        here += step
        if board.holds[here] < 0:
            return path
        path.append(here)


def _insertion(board: _Board, place: int, draw: list[float]) -> list[int]:
    """From a place to where a neighbour would have it (a capital: anywhere in its region), around a corner."""
    width, wishes, kin = board.width, board.wishes[place], board.members[board.label[place]]
    if wishes:
        other, stride = wishes[int(draw[0] * len(wishes))]
        end = board.cell[other] + stride
    else:
        end = board.cell[kin[int(draw[0] * len(kin))]]
    (y, x), (v, u) = divmod(board.cell[place], width), divmod(end, width)
    across, down = range(x, u, 1 if u > x else -1), range(y, v, 1 if v > y else -1)
    if draw[1] < 0.5:
        return [c + y * width for c in across] + [u + r * width for r in down] + [end]
    return [x + r * width for r in down] + [c + v * width for c in across] + [end]


def _rectangle(board: _Board, place: int, draw: list[float]) -> list[int]:
    """The rim of a small rectangle, either way around."""
    w, h = ((1, 1), (2, 1), (1, 2), (2, 2))[int(draw[0] * 4)]
    start, width = board.cell[place], board.width
    rim = [start + k for k in range(w)] + [start + w + k * width for k in range(h)]
    rim += [start + w + h * width - k for k in range(w)] + [start + (h - k) * width for k in range(h)]
    return rim if draw[1] < 0.5 else rim[::-1]


# --- the result


def _result(atlas: _Atlas, board: _Board, *, group: Ints, settled: float, rounds: int, seed: int) -> TileMap:
    cells = _stood_off(atlas, board.grid())
    away = np.hypot(*(cells - board.target)[~atlas.heads].T)
    close = np.array([(a, b) for a, b, gabriel in atlas.pairs if gabriel], dtype=np.int64).reshape(-1, 2)
    steps = np.abs(cells[close[:, 0]] - cells[close[:, 1]]).max(axis=1)
    ids = list(dict.fromkeys(group.tolist()))
    wanted, allowed = atlas.contacts()
    touching = _touching(atlas.label, cells)
    column, row = (_frozen(axis - axis.min()) for axis in cells.T)
    return TileMap(
        column=column,
        row=row,
        columns=int(column.max()) + 1,
        rows=int(row.max()) + 1,
        region=_frozen(group),
        displacement_mean=float(away.mean()),
        displacement_max=float(away.max()),
        neighbour_pairs=len(close),
        kept_neighbours=float((steps <= 1).mean()) if len(close) else 1.0,
        kept_within_two=float((steps <= 2).mean()) if len(close) else 1.0,
        lost_contacts=_named(np.triu(wanted) & ~touching, ids),
        false_contacts=_named(touching & ~allowed, ids),
        settled_cost=settled,
        cost=board.total(),
        rounds=rounds,
        seed=seed,
        how=f"equalised by {FLOWS} flows, settled by linear sum assignment, annealed {rounds} rounds from seed {seed}",
    )


def _stood_off(atlas: _Atlas, cells: Ints) -> Ints:
    """Each region across the sea shifted by as little as gives it empty cells all around, rather away than along."""
    out = cells.copy()
    reach = range(-8, 9)
    shifts = sorted(((dx, dy) for dx in reach for dy in reach), key=lambda s: (s[0] ** 2 + s[1] ** 2, s))
    for region in atlas.apart:
        mine = atlas.label == region
        away = atlas.target[mine].mean(axis=0) - atlas.target[~mine].mean(axis=0)
        free = [s for s in shifts if np.abs(out[mine][:, None] + s - out[~mine][None]).max(axis=2).min() > 1]
        if free:
            least = free[0][0] ** 2 + free[0][1] ** 2
            out[mine] += max((s for s in free if s[0] ** 2 + s[1] ** 2 == least), key=lambda s: float(away @ s))
    return out


def _frozen(values: Ints) -> Ints:
    out = np.array(values, dtype=np.int64)
    out.flags.writeable = False
    return out


def _named(pairs: Flags, ids: list[int]) -> tuple[tuple[int, int], ...]:
    """The pairs of regions by their identifiers, ascending."""
    return tuple(sorted((min(ids[r], ids[s]), max(ids[r], ids[s])) for r, s in np.argwhere(pairs).tolist()))


def _touching(label: Ints, cells: Ints) -> Flags:
    """(k, k) upper triangle: whether tiles of two regions share a side."""
    at = {(int(x), int(y)): int(r) for (x, y), r in zip(cells, label, strict=True)}
    count = int(label.max()) + 1
    out = np.zeros((count, count), dtype=np.bool_)
    for (x, y), r in at.items():
        for side in ((x + 1, y), (x, y + 1)):
            s = at.get(side, r)
            out[min(r, s), max(r, s)] |= r != s
    return out


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
