"""The board: a grid with places on it, the cost of how they stand, and moves that never break a region."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np

from simsa.engine.tilemap.atlas import DIRECTIONS, Atlas, toward
from simsa.engine.tilemap.layout import Flags, Floats, Ints

AWAY = 0.15
"""Cost of a tile's distance from the equalised place, squared (linear beyond two tiles)."""
AWAY_CAPITAL = 0.05
"""The same for capitals, which belong inside more than anywhere exactly."""
BROKEN = 0.5
"""Extra cost of neighbours whose tiles do not touch, besides the squared error of direction and distance."""
WEIGHTS = (1.0, 0.35, 3.0)
"""Weights of neighbours: of the Gabriel graph, beyond it, and Gabriel pairs that alone join two regions."""
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
WINDOW = 2
"""How far a tile may be swapped, in tiles across and down."""
HOPE = 6.0
"""More than this the ground is not expected to repay, so that a dear sum can be spared."""


class Board:
    """A grid with places on it, its cost, and moves that never break a region.

    Cells are numbered row by row. Rows are so long that the difference of two cells' numbers says how they lie to each
    other; only cells within the box of the first layout are used.
    """

    def __init__(self, atlas: Atlas, target: Floats, cells: Ints) -> None:
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

    def _weigh_places(self, atlas: Atlas) -> None:
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
            right, down = toward(kind)
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
        ideal = toward(turn)
        error = np.hypot(right - ideal[0], down - ideal[1])
        broken = np.maximum(np.abs(right), np.abs(down)) > 1
        cost: Floats = weight * (np.where(error < 1, error**2, 2 * error - 1) + BROKEN * broken)
        return cost

    def _weigh_ground(self, atlas: Atlas) -> None:
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
