"""The second step: places on the nearest cells by linear sum assignment, strays pushed back to their regions."""

from __future__ import annotations

import math
from collections import deque

import numpy as np
from scipy.optimize import linear_sum_assignment

from simsa.engine.tilemap.atlas import Atlas
from simsa.engine.tilemap.board import Board
from simsa.engine.tilemap.layout import Floats, Ints

PULLS = (0.0, 0.5, 0.9)
"""How far the places of a region are drawn together before they settle, tried in turn."""
PHASES = (0.0, 0.25, 0.5, 0.75)


def settle(atlas: Atlas) -> Board:
    """Places on the nearest cells, every region made whole: gently where that works, by force where it does not."""
    label = atlas.label
    count = np.bincount(label)[:, None]
    centre = np.column_stack([np.bincount(label, atlas.target[:, axis]) for axis in (0, 1)]) / count
    for pull in PULLS:
        phase, cells = _assigned(atlas.target + pull * (centre[label] - atlas.target))
        board = Board(atlas, atlas.target + phase, cells)
        strays = _strays(board)
        if (len(strays) <= len(label) // 4 or pull == PULLS[-1]) and _gathered(board, strays):
            board.recount()
            return board
    return Board(atlas, atlas.target, _snake(label, centre, atlas.target))


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


def _strays(board: Board) -> list[int]:
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


def _gathered(board: Board, strays: list[int]) -> bool:
    """Bring strays back to their regions' bodies; false when a region is walled in."""
    for place in strays:
        board.clear(board.cell[place])
        board.members[board.label[place]].remove(place)
    return all(_inserted(board, place) for place in strays)


def _inserted(board: Board, place: int) -> bool:
    """Give a region one more cell: an empty one, or one of a neighbour that can spare it and gets one in turn."""
    route = _route(board, board.label[place])
    for other in route[1:]:
        choice = _spare_cells(board, board.label[place], other)
        if not choice:
            return False
        place = _replaced(board, place, choice)
    choice = _open_cells(board, board.label[place]) if route else []
    return bool(choice) and _replaced(board, place, choice) < 0


def _route(board: Board, region: int) -> list[int]:
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


def _rim(board: Board, region: int) -> list[int]:
    """The usable cells beside a region's body, each once."""
    body = [board.cell[i] for i in board.members[region]]
    return list(dict.fromkeys(m for c in body for m in board.sides[c] if board.land[m] != region and board.usable[m]))


def _open_cells(board: Board, region: int) -> list[int]:
    return [c for c in _rim(board, region) if board.land[c] < 0]


def _spare_cells(board: Board, region: int, other: int) -> list[int]:
    if len(board.members[other]) < 2:
        return []
    return [c for c in _rim(board, region) if board.land[c] == other and board.whole(other, without=c)]


def _replaced(board: Board, place: int, choice: list[int]) -> int:
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
