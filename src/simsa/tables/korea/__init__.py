"""The 243 local governments of the Republic of Korea, as facts: names, codes, groups, where they lie (SOURCES.md).

Names repeat (중구, 북구, 고성군): key on the code, never on the name.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib import resources

import numpy as np
from numpy.typing import NDArray

from simsa.engine.tilemap import Tiles


@dataclass(frozen=True, slots=True)
class Government:
    """A local government as of 2023-07-01.

    ``code``: ten digits of the administrative district. ``group``: 광역 (upper level), 시, 군 or 구. ``parent_code``:
    the upper-level government it lies in; empty for the upper level itself. ``lat``, ``lon``: a point inside, in
    degrees (WGS 84), not its city hall. ``other_code``: its code before or after a change of status, with the date;
    empty when there is none.
    """

    code: str
    name_ko: str
    name_en: str
    group: str
    parent_code: str
    lat: float
    lon: float
    full_name_ko: str
    other_code: str

    @property
    def region_code(self) -> str:
        """The code of the upper-level government that it is or lies in."""
        return self.parent_code or self.code

    @property
    def is_region(self) -> bool:
        """Whether it is one of the 17 of the upper level, and so stands for its whole region."""
        return not self.parent_code

    def name(self, language: str) -> str:
        """What people call it: the full name in Korean, the romanised one otherwise."""
        return self.full_name_ko if language == "ko" else self.name_en

    def label(self, language: str) -> str:
        """What fits on a tile: Korean as it is written on maps, English without what kind of government it is."""
        return tile_label(self.name_ko) if language == "ko" else self.name_en.removesuffix(" State").rsplit("-", 1)[0]


@cache
def governments() -> tuple[Government, ...]:
    """All 243: the 17 of the upper level first, then region by region."""
    text = resources.files(__name__).joinpath("governments.csv").read_text(encoding="utf-8")
    return tuple(
        Government(
            code=row["code"],
            name_ko=row["name_ko"],
            name_en=row["name_en"],
            group=row["group"],
            parent_code=row["parent_code"],
            lat=float(row["lat"]),
            lon=float(row["lon"]),
            full_name_ko=row["full_name_ko"],
            other_code=row["other_code"],
        )
        for row in csv.DictReader(text.splitlines())
    )


def are_governments(codes: Iterable[str]) -> bool:
    """Whether there are codes at all and each is one of the 243."""
    wanted = set(codes)
    return bool(wanted) and wanted <= {one.code for one in governments()}


@cache
def regions() -> NDArray[np.int64]:
    """Per government, in their order, the number of the upper-level government that it is or lies in, shape (243,)."""
    number = {code: n for n, code in enumerate(dict.fromkeys(one.region_code for one in governments()))}
    return np.array([number[one.region_code] for one in governments()], dtype=np.int64)


def region_labels(language: str) -> dict[int, str]:
    """What stands for each region on a small map, by its number in `regions`."""
    numbered = zip(regions().tolist(), governments(), strict=True)
    return {number: one.label(language) for number, one in numbered if one.is_region}


@cache
def tile_map() -> Tiles:
    """The tile map of the 243, in their order: one equal tile each, every region in one piece. Always the same.

    It was laid out by `simsa.engine.tilemap.place_tiles` and is kept as a fact (tools/tiles.py).
    """
    text = resources.files(__name__).joinpath("tiles.csv").read_text(encoding="utf-8")
    cell = {row["code"]: (int(row["column"]), int(row["row"])) for row in csv.DictReader(text.splitlines())}
    cells = np.array([cell[one.code] for one in governments()], dtype=np.int64)
    columns, rows = cells.max(axis=0) + 1
    return Tiles(cells[:, 0], cells[:, 1], int(columns), int(rows), regions())


UPPER_ENDINGS = ("특별자치도", "특별자치시", "특별시", "광역시", "도")
LOWER_ENDINGS = ("시", "군", "구")


def tile_label(name_ko: str) -> str:
    """The name of a government (``name_ko``) as short as Koreans write it on a map: 서울, 충북, 고성, but 중구.

    The upper level loses its status, and a province named after two cities and a direction (충청북도) keeps the first
    city and the direction; the lower level loses 시, 군 or 구 where two syllables are left. Other text stays as it is.
    """
    for ending in UPPER_ENDINGS:
        if name_ko.endswith(ending) and len(name_ko) - len(ending) >= 2:
            name = name_ko.removesuffix(ending)
            return name[0] + name[2] if len(name) == 3 and name[2] in "남북" else name
    if name_ko.endswith(LOWER_ENDINGS) and len(name_ko) >= 3:
        return name_ko[:-1]
    return name_ko
