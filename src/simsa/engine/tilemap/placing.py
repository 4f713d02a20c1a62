"""The three steps in order, from places to a tile map and what it kept of them."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from simsa.engine.tilemap.annealing import Progress, anneal
from simsa.engine.tilemap.atlas import Atlas
from simsa.engine.tilemap.board import Board
from simsa.engine.tilemap.equalising import FLOWS, equalised
from simsa.engine.tilemap.layout import Flags, Ints, TileMap, TileMapError
from simsa.engine.tilemap.places import checked, drawn_near, neighbours, numbered, separated
from simsa.engine.tilemap.settling import settle

DEFAULT_ROUNDS = 1000


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
    points, group, heads = checked(x, y, region, capital)
    if seed < 0 or rounds < 0:
        raise TileMapError(f"seed is {seed} and rounds {rounds}: give 0 or more")
    tell: Progress = progress or (lambda _step, _share: None)
    label = numbered(group)
    heads &= np.bincount(label, ~heads)[label] > 0
    tell("equalise", 0.0)
    near, apart = drawn_near(separated(points), label)
    atlas = Atlas(label, heads, near, equalised(near), apart, neighbours(near, ~heads))
    tell("settle", 0.0)
    board = settle(atlas)
    settled = board.total()
    anneal(board, rounds, np.random.default_rng(seed), tell)
    return _result(atlas, board, group=group, settled=settled, rounds=rounds, seed=seed)


def _result(atlas: Atlas, board: Board, *, group: Ints, settled: float, rounds: int, seed: int) -> TileMap:
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


def _stood_off(atlas: Atlas, cells: Ints) -> Ints:
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
