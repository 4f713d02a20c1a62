"""The growth of the assignment's time as a picture: CPU time over pairs, both in powers of ten."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from simsa.tables.pictures.colours import ACCENT, EDGE, INK, LIMIT, LINE, PAPER, SOFT
from simsa.tables.pictures.marks import dot, px, text_at
from simsa.tables.pictures.picture import Picture

WIDTH, HEIGHT = 640, 420
LEFT, RIGHT, TOP, BOTTOM = 62, 150, 30, 52
Points = Sequence[tuple[float, float]]
"""Pairs, and CPU seconds of one call."""


class Growth(Picture):
    """Measured points of simsa and a peer, and what would be as many times the pairs, as many times the time."""

    def __init__(self, own: Points, peers: Mapping[str, Points]) -> None:
        super().__init__("Time of the assignment by number of pairs", "en", False, WIDTH)
        self.height = HEIGHT
        self.own, self.peers = own, peers
        every = [point for points in (own, *peers.values()) for point in points]
        self.across = _powers([pairs for pairs, _ in every])
        self.up = _powers([took for _, took in every])

    def svg(self) -> str:
        self.add(f'<rect width="{WIDTH}" height="{HEIGHT}" fill="{PAPER}"/>')
        self._axes()
        (first, began), last = self.own[0], self.own[-1][0]
        straight = [(first, began), (last, began * last / first)]
        self._line(straight, EDGE, dashed=True)
        self._name(straight[-1], "in proportion", SOFT, below=True)
        peers = [(name, points, LIMIT) for name, points in self.peers.items()]
        for name, points, colour in (*peers, ("simsa", self.own, ACCENT)):
            self._line(points, colour)
            self.add(*(dot(*self._at(point), colour) for point in points))
            self._name(points[-1], name, colour)
        measured = "; ".join(
            f"{name}: " + ", ".join(f"{pairs:,.0f} pairs in {took:.3g} s" for pairs, took in points)
            for name, points in (("simsa", self.own), *self.peers.items())
        )
        return self.close(f"CPU seconds of one call, both axes in powers of ten. {measured}.")

    def _at(self, point: tuple[float, float]) -> tuple[float, float]:
        x, y = (math.log10(value) for value in point)
        across = (x - self.across[0]) / (self.across[1] - self.across[0])
        up = (y - self.up[0]) / (self.up[1] - self.up[0])
        return LEFT + across * (WIDTH - LEFT - RIGHT), HEIGHT - BOTTOM - up * (HEIGHT - TOP - BOTTOM)

    def _axes(self) -> None:
        for power in range(self.across[0], self.across[1] + 1):
            x, base = self._at((10.0**power, 10.0 ** self.up[0]))
            self.add(f'<path d="M{px(x)} {TOP}V{px(base)}" stroke="{LINE}"/>')
            self.add(text_at(x, base + 18, f"{10**power:,}", size=12, fill=SOFT, anchor="middle"))
        for power in range(self.up[0], self.up[1] + 1):
            x, y = self._at((10.0 ** self.across[0], 10.0**power))
            self.add(f'<path d="M{px(x)} {px(y)}H{WIDTH - RIGHT}" stroke="{LINE}"/>')
            self.add(text_at(x - 8, y + 4, f"{10.0**power:g}", size=12, fill=SOFT, anchor="end"))
        self.add(text_at(8, 18, "CPU seconds", size=12, fill=INK))
        middle = (LEFT + WIDTH - RIGHT) / 2
        self.add(text_at(middle, HEIGHT - 10, "pairs (entries x 100 candidates)", size=12, anchor="middle"))

    def _line(self, points: Points, colour: str, *, dashed: bool = False) -> None:
        path = "L".join(f"{px(x)} {px(y)}" for x, y in map(self._at, points))
        dashes = ' stroke-dasharray="5 5"' if dashed else ""
        self.add(f'<path d="M{path}" fill="none" stroke="{colour}" stroke-width="2"{dashes}/>')

    def _name(self, point: tuple[float, float], name: str, colour: str, *, below: bool = False) -> None:
        x, y = self._at(point)
        self.add(text_at(x + 10, y + (18 if below else 4), name, size=13, fill=colour, bold=not below))


def _powers(values: Sequence[float]) -> tuple[int, int]:
    """The powers of ten around some values."""
    return math.floor(math.log10(min(values))), math.ceil(math.log10(max(values)))
