"""The 243 local governments of Korea as of 1 July 2023: facts that come with simsa. Sources: SOURCES.md beside this.

Names repeat (북구, 중구, 고성군): key on the code, never on the name.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

REGIONAL = "광역"
_SHORT = {
    "경기도": "경기",
    "강원특별자치도": "강원",
    "충청북도": "충북",
    "충청남도": "충남",
    "전라북도": "전북",
    "전라남도": "전남",
    "경상북도": "경북",
    "경상남도": "경남",
    "제주특별자치도": "제주",
}


@dataclass(frozen=True)
class Government:
    """One local government: `group` is 광역, 시, 군 or 구; `parent_code` is None for the 17 regional ones.

    `lat` and `lon` (degrees) are an inner point, not the city hall; `other_code` is the code before or after
    a change of province.
    """

    code: str
    name_ko: str
    name_en: str
    group: str
    parent_code: str | None
    lat: float
    lon: float
    full_name_ko: str
    other_code: str

    @property
    def region(self) -> str:
        """Code of the regional government it belongs to: its own if it is one."""
        return self.parent_code or self.code

    def name(self, language: str = "ko") -> str:
        """What people call it: the full name in Korean, the romanised one otherwise."""
        return self.full_name_ko if language == "ko" else self.name_en


@cache
def governments() -> tuple[Government, ...]:
    """The 243 governments in the order of the file: the 17 regional ones first."""
    text = files(__package__).joinpath("governments.csv").read_text("utf-8")
    return tuple(
        Government(
            code=row["code"],
            name_ko=row["name_ko"],
            name_en=row["name_en"],
            group=row["group"],
            parent_code=row["parent_code"] or None,
            lat=float(row["lat"]),
            lon=float(row["lon"]),
            full_name_ko=row["full_name_ko"],
            other_code=row["other_code"],
        )
        for row in csv.DictReader(text.splitlines())
    )


def tile_label(government: Government, language: str = "ko") -> str:
    """Its name for a tile: 강진군 -> 강진, 서울특별시 -> 서울, 충청북도 -> 충북, 중구 stays; Gangjin-gun -> Gangjin."""
    if language != "ko":
        return government.name_en.removesuffix(" State").rsplit("-", 1)[0]
    name = government.name_ko
    if name in _SHORT:
        return _SHORT[name]
    for ending in ("특별자치시", "특별시", "광역시"):
        if name.endswith(ending):
            return name.removesuffix(ending)
    return name[:-1] if len(name) > 2 and name[-1] in "시군구" else name
