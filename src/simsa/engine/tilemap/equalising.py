"""The first step: a density-equalising map, by the flow of a fluid from dense to sparse."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy.fft import dctn, idctn
from scipy.ndimage import gaussian_filter, map_coordinates
from scipy.spatial import cKDTree

from simsa.engine.tilemap.layout import Floats, Ints

FLOWS = 10
FLOW_STEPS = 30
CENTRINGS = 3


def equalised(points: Floats) -> Floats:
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
