"""The third step: swaps, rotations and shifts that lower the cost while the heat falls."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from simsa.engine.tilemap.board import COAST, WINDOW, Board
from simsa.engine.tilemap.layout import Flags, Floats, Ints

Progress = Callable[[str, float], None]

HOT, COLD, LAST = 5.5, 0.65, 0.15
"""Heat at first, at the end of a slow fall, and in the last rounds, which only smooth."""
SLOW = 0.92
"""The share of the rounds in which the heat falls."""
SHIFTS = 32
"""Moves of more than two tiles that are thought of in a round, besides all swaps within the window."""
SLACK = 0.4
"""What the estimate of a swap's cost may be wrong by, within a region; between two regions twice that."""


def anneal(board: Board, rounds: int, rng: np.random.Generator, tell: Progress) -> None:
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


def _promising(board: Board, heat: float, rng: np.random.Generator) -> Iterator[tuple[int, int, float]]:
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


def _estimate(board: Board, cell: Ints, goal: Ints, other: Ints) -> tuple[Floats, Flags, Flags]:
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


def _standing_there(board: Board, cell: Ints, goal: Ints) -> Floats:
    """Cost of each place at each of its goals, the others where they are."""
    out: Floats = np.take_along_axis(board.away, goal, axis=1)
    if len(board.first):
        entry = (board.origins + cell[board.ends])[:, None] - goal[board.starts]
        out[board.starts[board.first]] += np.add.reduceat(np.take(board.tables, entry), board.first, axis=0)
    return out


def _ground_there(board: Board, land: Ints, label: Ints, goal: Ints) -> tuple[Floats, Ints]:
    """Estimated cost of the four sides of a tile at each of its goals, and how many of them face its region."""
    cost, kin = np.zeros(goal.shape), np.zeros(goal.shape, dtype=np.int64)
    kinds = board.regions + 1
    for step in (-1, 1, -board.width, board.width):
        beyond = np.take(land, goal + step, mode="wrap")
        cost += np.take(board.rough, label * kinds + beyond % kinds)
        kin += beyond == label
    return cost, kin


def _shifts(board: Board, heat: float, rng: np.random.Generator) -> Iterator[tuple[list[int], float]]:
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


def _push(board: Board, place: int, draw: list[float]) -> list[int]:
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


def _insertion(board: Board, place: int, draw: list[float]) -> list[int]:
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


def _rectangle(board: Board, place: int, draw: list[float]) -> list[int]:
    """The rim of a small rectangle, either way around."""
    w, h = ((1, 1), (2, 1), (1, 2), (2, 2))[int(draw[0] * 4)]
    start, width = board.cell[place], board.width
    rim = [start + k for k in range(w)] + [start + w + k * width for k in range(h)]
    rim += [start + w + h * width - k for k in range(w)] + [start + (h - k) * width for k in range(h)]
    return rim if draw[1] < 0.5 else rim[::-1]
