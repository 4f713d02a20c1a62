"""The 97 surface stations of the Korea Meteorological Administration, as facts (SOURCES.md)."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from importlib import resources

import numpy as np

from simsa.engine.tilemap import Tiles
from simsa.tables import korea


@dataclass(frozen=True, slots=True)
class Station:
    """A station: its number, its names, where it stands (WGS 84, degrees) and in which upper-level government."""

    number: int
    name_ko: str
    name_en: str
    lat: float
    lon: float
    region_code: str

    def name(self, language: str) -> str:
        return self.name_ko if language == "ko" else self.name_en


def rows(name: str) -> list[dict[str, str]]:
    """The rows of a CSV file of this room."""
    text = resources.files(__package__).joinpath(name).read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


@cache
def stations() -> tuple[Station, ...]:
    """All 97, in the order of their numbers."""
    return tuple(
        Station(
            number=int(row["station"]),
            name_ko=row["name_ko"],
            name_en=row["name_en"],
            lat=float(row["lat"]),
            lon=float(row["lon"]),
            region_code=row["region_code"],
        )
        for row in rows("stations.csv")
    )


@cache
def regions() -> dict[str, korea.Government]:
    """The 17 upper-level governments by code, in their official order; each has a station."""
    return {one.code: one for one in korea.governments() if one.is_region}


def region_name(code: str, language: str) -> str:
    """A region as people call it for short: 강원, Gangwon."""
    return regions()[code].label(language)


@cache
def tile_map() -> Tiles:
    """The tile map of the stations, in their order. Always the same: it is kept as a fact (tools/tiles.py)."""
    cell = {int(row["station"]): (int(row["column"]), int(row["row"])) for row in rows("tiles.csv")}
    cells = np.array([cell[one.number] for one in stations()], dtype=np.int64)
    columns, lines = cells.max(axis=0) + 1
    return Tiles(cells[:, 0], cells[:, 1], int(columns), int(lines), region_numbers())


def region_numbers() -> np.ndarray:
    """Per station the place of its region in `regions`, shape (97,)."""
    order = list(regions())
    return np.array([order.index(one.region_code) for one in stations()], dtype=np.int64)
