"""The facts of the room: 97 stations with names, regions and tiles."""

from __future__ import annotations

import csv
import os
from pathlib import Path

import pytest

from simsa.tables import korea
from simsa.web.weather.stations import region_name, region_numbers, regions, stations, tile_map


def test_stations_have_names_of_their_own_and_stand_in_a_region():
    found = stations()
    assert len(found) == len({one.number for one in found}) == 97
    for language in ("ko", "en"):
        assert len({one.name(language) for one in found}) == 97
    assert all(one.name_en.isascii() for one in found)
    assert {one.region_code for one in found} == set(regions())
    assert len(regions()) == 17


def test_stations_lie_in_korea():
    assert all(33 < one.lat < 38.3 and 124.7 < one.lon < 131 for one in stations())


def test_names_of_regions():
    assert region_name("5100000000", "ko") == "강원"
    assert region_name("5100000000", "en") == "Gangwon"


@pytest.mark.skipif(not os.environ.get("SIMSA_DATA"), reason="SIMSA_DATA is not set")
def test_facts_are_those_of_the_sources():
    folder = Path(os.environ["SIMSA_DATA"]) / "korea"
    governments = {one.code: one for one in korea.governments()}
    with (folder / "kma_stations.csv").open(encoding="utf-8") as file:
        given = {
            int(row["id"]): (row["name_ko"], float(row["lat"]), float(row["lon"]), governments[row["gov_code"]])
            for row in csv.DictReader(file)
        }
    for one in stations():
        name, lat, lon, government = given[one.number]
        assert (one.name_ko, one.lat, one.lon) == (name, lat, lon)
        assert one.region_code == government.region_code


def test_every_station_has_a_tile_and_regions_are_in_one_piece():
    layout = tile_map()
    cells = list(zip(layout.column.tolist(), layout.row.tolist(), strict=True))
    assert len(set(cells)) == 97
    for region in layout.regions:
        left = {cell for cell, number in zip(cells, region_numbers(), strict=True) if number == region}
        reached, edge = set(), {next(iter(left))}
        while edge:
            reached |= edge
            beside = {(c + x, r + y) for c, r in edge for x, y in ((1, 0), (-1, 0), (0, 1), (0, -1))}
            edge = beside & left - reached
        assert reached == left
