"""A linear scale from data to the page, and how the numbers at it are written."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence


class Axis:
    """A linear scale from data to the page, with round ticks."""

    def __init__(self, values: Iterable[float], left: float, right: float, around: float | None = None) -> None:
        known = [value for value in values if math.isfinite(value)] or [0.0]
        low, high = min(known), max(known)
        if around is not None:
            reach = max(abs(low - around), abs(high - around)) or 1.0
            low, high = around - reach, around + reach
        room = (high - low or 1.0) * 0.04
        self.low, self.high = low - room, high + room
        self.left, self.right = left, right

    def x(self, value: float) -> float:
        return self.left + (value - self.low) / (self.high - self.low) * (self.right - self.left)

    def ticks(self, most: int = 4) -> list[float]:
        step = 10.0 ** math.floor(math.log10(self.high - self.low))
        for size in (0.1, 0.2, 0.25, 0.5, 1, 2, 2.5, 5):
            first, last = math.ceil(self.low / (step * size)), math.floor(self.high / (step * size))
            if last - first + 1 <= most:
                return [n * step * size for n in range(first, last + 1)]
        return []


def tick_places(ticks: Sequence[float]) -> int:
    """Decimal places that tell the ticks apart and show each exactly."""
    return next((n for n in range(4) if all(abs(round(tick, n) - tick) < 1e-9 for tick in ticks)), 4)


def signed(value: float, places: int) -> str:
    """A number with its sign, and none before what rounds to zero."""
    text = f"{abs(value):.{places}f}"
    if not float(text):
        return text
    return f"+{text}" if value > 0 else f"−{text}"
