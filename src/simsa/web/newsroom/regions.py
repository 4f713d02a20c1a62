"""The 17 upper-level governments, by which articles are listed."""

from __future__ import annotations

from functools import lru_cache

from simsa.tables import korea

# Provinces that are named after two cities and a direction, as their short Korean names are read.
SHORT_EN = {
    "4300000000": "Chungbuk",
    "4400000000": "Chungnam",
    "4500000000": "Jeonbuk",
    "4600000000": "Jeonnam",
    "4700000000": "Gyeongbuk",
    "4800000000": "Gyeongnam",
}


@lru_cache
def regions(language: str) -> dict[str, str]:
    """Names in a language, by code."""
    return {one.code: one.name(language) for one in korea.governments() if one.is_region}


@lru_cache
def short_names(language: str) -> dict[str, str]:
    """What stands for each of them on a small map, by code."""
    labels = {one.code: one.label(language) for one in korea.governments() if one.is_region}
    return labels | SHORT_EN if language == "en" else labels
