"""The colours and typeface of pictures: custom properties of the page, and a fixed value where the page has none."""

from __future__ import annotations


def _colour(name: str, plain: str) -> str:
    return f"var(--simsa-{name}, var(--{name}, {plain}))"


INK = _colour("ink", "#16211f")
SOFT = _colour("soft", "#5b6765")
LINE = _colour("line", "#dfe5e3")
EDGE = _colour("edge", "#7f8c89")
PAPER = _colour("paper", "#fbfcfb")
ACCENT = _colour("accent", "#0b6e5f")
ON_ACCENT = _colour("on-accent", "#ffffff")
LIMIT = _colour("limit", "#b45309")
FONT = "var(--simsa-sans, var(--sans, Pretendard, system-ui, 'Apple SD Gothic Neo', 'Noto Sans KR', sans-serif))"
