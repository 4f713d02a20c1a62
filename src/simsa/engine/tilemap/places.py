"""The places as they are given: projected, checked, drawn near across the sea, and their Gabriel neighbours."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components, minimum_spanning_tree
from scipy.spatial.distance import pdist, squareform

from simsa.engine.tilemap.layout import Flags, Floats, Ints, TileMapError

EARTH_RADIUS_KM = 6371.0088
"""Mean radius of the Earth, R1 of the International Union of Geodesy and Geophysics, in km."""
GOLDEN_ANGLE = math.pi * (3 - math.sqrt(5))


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


def checked(x: ArrayLike, y: ArrayLike, region: ArrayLike, capital: ArrayLike | None) -> tuple[Floats, Ints, Flags]:
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


def numbered(group: Ints) -> Ints:
    """Regions as 0..k-1 in the order in which they first appear, so that nothing depends on their identifiers."""
    _, first, inverse = np.unique(group, return_index=True, return_inverse=True)
    rank: Ints = np.argsort(np.argsort(first))
    return rank[inverse]


def separated(points: Floats) -> Floats:
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


def drawn_near(points: Floats, label: Ints) -> tuple[Floats, tuple[int, ...]]:
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


def neighbours(points: Floats, ordinary: Flags) -> list[tuple[int, int, bool]]:
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
