"""What tests of pictures share: rows, a picture of them, a layout, and what is written in a picture."""

from __future__ import annotations

import math
from fractions import Fraction
from xml.etree import ElementTree

import numpy as np

from simsa.engine.selection import GroupResult, Outcome
from simsa.engine.tilemap import place_tiles
from simsa.rules import parse
from simsa.tables.pictures import Row, standings_picture
from tests.rules.small import SMALL

SVG = "{http://www.w3.org/2000/svg}"
RULES = parse(SMALL)


def rows(count: int, places: int, reserve: int = 0, *, calibrated: bool = True) -> list[Row]:
    def outcome(n: int) -> Outcome:
        return "selected" if n < places else "reserve" if n < places + reserve else "not_selected"

    return [
        Row(
            f"e{n}",
            f"기관 {n}",
            n + 1,
            Fraction(90 - n),
            outcome(n),
            89.5 - n if calibrated else None,
            1.5 if calibrated else None,
            0.5 if calibrated else None,
        )
        for n in range(count)
    ]


def standings(entrants: list[Row], places: int, **options: object) -> str:
    result = GroupResult("b", len(entrants), places, 0, Fraction(90))
    return standings_picture(entrants, result, RULES, **{"title": "군 b", "language": "ko", **options})  # type: ignore[arg-type]


def texts(svg: str) -> list[tuple[str, float, ElementTree.Element]]:
    """Every text with its baseline and its element."""
    return [(e.text or "", float(e.get("y", "nan")), e) for e in ElementTree.fromstring(svg).iter(f"{SVG}text")]


def said(svg: str) -> list[str]:
    return [text for text, _, _ in texts(svg)]


def layout_of(places: int) -> object:
    side = math.ceil(math.sqrt(places))
    cells = np.arange(places)
    return place_tiles(cells % side, -(cells // side), np.zeros(places, int), rounds=0)
