"""Single marks of a picture as SVG: coordinates, texts, the bar and the dot of an interval."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from simsa.tables.pictures.colours import LIMIT
from simsa.tables.pictures.lettering import TEXT


def px(value: float) -> str:
    """A coordinate, to a hundredth."""
    return f"{value:.2f}".rstrip("0").rstrip(".") if value else "0"


def text_at(
    x: float,
    y: float,
    text: str,
    *,
    size: float = TEXT,
    fill: str | None = None,
    anchor: str = "",
    bold: bool = False,
) -> str:
    """A text whose baseline is at (x, y); nothing for an empty one."""
    extra = (f' font-size="{size:g}"' if size != TEXT else "") + (f' fill="{fill}"' if fill else "")
    extra += f' text-anchor="{anchor}"' if anchor else ""
    extra += ' font-weight="700"' if bold else ""
    return f'<text x="{px(x)}" y="{px(y)}"{extra}>{escape(text)}</text>' if text else ""


def lines_at(lines: Sequence[str], middle: float, bold: bool = False) -> str:
    """One or two lines at the left, around the middle of their row."""
    first = middle + 4.4 - 7.2 * (len(lines) - 1)
    return "".join(text_at(0, first + 14.4 * n, line, bold=bold) for n, line in enumerate(lines))


def bar(low: float, high: float, y: float, colour: str) -> str:
    """The bar of an interval from `low` to `high`."""
    return (
        f'<path d="M{px(low)} {px(y)}H{px(high)}" stroke="{colour}" stroke-opacity=".4" stroke-width="6" '
        'stroke-linecap="round"/>'
    )


def band(x: float, y: float, width: float, height: float) -> str:
    """A tint behind a row."""
    return (
        f'<rect x="{px(x)}" y="{px(y)}" width="{px(width)}" height="{px(height)}" fill="{LIMIT}" fill-opacity=".09"/>'
    )


def dot(x: float, y: float, colour: str) -> str:
    """The dot of an estimate."""
    return f'<circle cx="{px(x)}" cy="{px(y)}" r="3.5" fill="{colour}"/>'


def ring(x: float, y: float, colour: str) -> str:
    """The hollow dot of an estimate that does not stand out."""
    return f'<circle cx="{px(x)}" cy="{px(y)}" r="3" fill="none" stroke="{colour}"/>'
