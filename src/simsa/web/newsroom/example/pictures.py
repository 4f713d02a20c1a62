"""The pictures of the demo, drawn here: they show nobody and nothing real, and have no words in them."""

from __future__ import annotations

import hashlib
import io
import math
from collections.abc import Callable
from functools import cache

from PIL import Image, ImageDraw

SIZE = (1600, 900)
Point = tuple[float, float]
FINE = 2
"""Drawn so many times as large, and made smaller, so that edges are smooth."""
PAPER, WHITE, TILE, MIDDLE, DEEP, ACCENT, WARM = (
    "#f2f6f4",
    "#ffffff",
    "#c5dad4",
    "#86b5aa",
    "#3f8f80",
    "#0b6e5f",
    "#d98f2b",
)


class Pen:
    """Draws in pixels of the finished picture."""

    def __init__(self) -> None:
        self.picture = Image.new("RGB", (SIZE[0] * FINE, SIZE[1] * FINE), PAPER)
        self.pen = ImageDraw.Draw(self.picture)

    def box(self, left: float, top: float, right: float, bottom: float, fill: str, radius: float = 0) -> None:
        corners = (left * FINE, top * FINE, right * FINE, bottom * FINE)
        self.pen.rounded_rectangle(corners, radius * FINE, fill=fill)

    def disc(self, x: float, y: float, radius: float, fill: str) -> None:
        corners = tuple(FINE * value for value in (x - radius, y - radius, x + radius, y + radius))
        self.pen.ellipse(corners, fill=fill)

    def shape(self, points: list[Point], fill: str) -> None:
        self.pen.polygon([(x * FINE, y * FINE) for x, y in points], fill=fill)

    def line(self, points: list[Point], fill: str, width: float) -> None:
        self.pen.line([(x * FINE, y * FINE) for x, y in points], fill=fill, width=round(width * FINE), joint="curve")

    def png(self) -> bytes:
        data = io.BytesIO()
        self.picture.reduce(FINE).save(data, "PNG")
        return data.getvalue()


def tiles(pen: Pen) -> None:
    """243 tiles, seven of them selected."""
    chosen = {(3, 2), (7, 6), (10, 4), (14, 1), (18, 6), (21, 3), (24, 7)}
    step, side = 54, 46
    for row in range(9):
        for column in range(27):
            left, top = 75 + column * step, 211 + row * step
            if (column, row) in chosen:
                pen.box(left - 3, top - 11, left + side + 3, top + side - 5, ACCENT, 9)
            else:
                pen.box(left, top, left + side, top + side, TILE, 7)


def waves(pen: Pen) -> None:
    """A ship with freight on waves, under a circle."""
    pen.disc(1210, 260, 128, WARM)
    for number, colour in enumerate((TILE, MIDDLE)):
        _wave(pen, 470 + number * 85, number, colour)
    pen.shape([(430, 520), (1050, 520), (985, 640), (490, 640)], ACCENT)
    pen.box(470, 380, 560, 520, WHITE)
    for column, height in enumerate((2, 3, 3, 2, 3)):
        for level in range(height):
            fill = WARM if (column + level) % 4 == 1 else (DEEP, MIDDLE)[(column + level) % 2]
            left, bottom = 584 + column * 86, 518 - level * 46
            pen.box(left, bottom - 42, left + 82, bottom, fill, 3)
    for number, colour in enumerate((DEEP, ACCENT)):
        _wave(pen, 640 + number * 105, number + 2, colour)


def groups(pen: Pen) -> None:
    """Four groups of 17, 75, 82 and 69 tiles; in them one, two, two and two are selected."""
    left, step, side = 204, 28, 23
    for size, columns, chosen in ((17, 5, {8}), (75, 10, {23, 61}), (82, 10, {36, 74}), (69, 9, {11, 48})):
        for number in range(size):
            x, y = left + number % columns * step, 580 - number // columns * step
            pen.box(x, y - side, x + side, y, ACCENT if number in chosen else TILE, 4)
        pen.box(left, 598, left + columns * step - 5, 604, MIDDLE, 3)
        left += columns * step + 80


def matching(pen: Pen) -> None:
    """Two patterns that are the same, and a sign of equality between them."""
    pattern = hashlib.sha256(b"simsa").digest() + hashlib.sha256(b"rules").digest()
    tones = (WHITE, TILE, MIDDLE, DEEP, ACCENT)
    for left in (170, 910):
        pen.box(left - 24, 166, left + 544, 734, WHITE, 16)
        for number, byte in enumerate(pattern):
            x, y = left + number % 8 * 66, 190 + number // 8 * 66
            pen.box(x, y, x + 58, y + 58, WARM if byte == pattern[20] else tones[byte % 5], 6)
    pen.box(755, 410, 845, 436, ACCENT, 13)
    pen.box(755, 464, 845, 490, ACCENT, 13)


def sealed(pen: Pen) -> None:
    """A sheet with lines and a seal with a tick."""
    pen.box(505, 105, 1105, 805, TILE, 14)
    pen.box(485, 85, 1085, 785, WHITE, 14)
    for number, length in enumerate((250, 440, 400, 440, 320, 440, 360)):
        top = 160 + number * 70
        pen.box(560, top, 560 + length, top + 22, DEEP if number == 0 else TILE, 11)
    pen.disc(1040, 690, 118, WARM)
    pen.disc(1040, 690, 96, PAPER)
    pen.line([(992, 692), (1026, 728), (1092, 652)], ACCENT, 22)


def intervals(pen: Pen) -> None:
    """Points with bars, one below the other; a dashed line after the second."""
    for number, (middle, half) in enumerate(((1120, 130), (1010, 120), (900, 150), (800, 120), (690, 140), (560, 110))):
        y = 170 + number * 112
        above = number < 2
        pen.box(180, y - 13, 350 - number % 3 * 30, y + 13, DEEP if above else TILE, 13)
        pen.box(middle - half, y - 10, middle + half, y + 10, MIDDLE if above else TILE, 10)
        pen.disc(middle, y, 24, ACCENT if above else MIDDLE)
    for number in range(32):
        pen.box(180 + number * 40, 335, 204 + number * 40, 341, WARM)


def routes(pen: Pen) -> None:
    """Two arcs from one point to two others, over a grid of dots."""
    for row in range(14):
        for column in range(25):
            pen.disc(80 + column * 60, 60 + row * 60, 5, TILE)
    start = (1080.0, 180.0)
    for end, bend, colour in (((980.0, 660.0), (1330.0, 470.0), ACCENT), ((420.0, 600.0), (560.0, 190.0), DEEP)):
        pen.line([_bent(start, bend, end, step / 60) for step in range(61)], colour, 10)
        pen.disc(*end, 40, colour)
        pen.disc(*end, 18, PAPER)
    pen.disc(*start, 56, WARM)
    pen.disc(*start, 26, PAPER)


DRAWN: dict[str, Callable[[Pen], None]] = {
    one.__name__: one for one in (tiles, waves, groups, matching, sealed, intervals, routes)
}


@cache
def png(name: str) -> bytes:
    """A picture as PNG, by its name in `DRAWN`."""
    pen = Pen()
    DRAWN[name](pen)
    return pen.png()


def _wave(pen: Pen, top: float, number: int, colour: str) -> None:
    crest = [(float(x), top + 22 * math.sin(x / 105 + number * 1.9)) for x in range(0, SIZE[0] + 8, 8)]
    pen.shape([*crest, (SIZE[0] + 8.0, float(SIZE[1])), (0.0, float(SIZE[1]))], colour)


def _bent(
    start: tuple[float, float], bend: tuple[float, float], end: tuple[float, float], at: float
) -> tuple[float, float]:
    """A point of a quadratic Bézier curve."""
    x, y = (
        (1 - at) ** 2 * first + 2 * at * (1 - at) * middle + at**2 * last
        for first, middle, last in zip(start, bend, end, strict=True)
    )
    return x, y
