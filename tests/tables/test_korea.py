"""The committed table of governments, and their names as short as a tile needs them."""

from __future__ import annotations

import csv
import os
from collections import Counter
from pathlib import Path

import pytest

from simsa.tables.korea import Government, governments, tile_label


def test_the_243_by_group():
    assert Counter(g.group for g in governments()) == {"광역": 17, "시": 75, "군": 82, "구": 69}


def test_codes_are_keys_and_parents_are_there():
    codes = [g.code for g in governments()]
    upper = {g.code for g in governments() if g.group == "광역"}
    assert len(set(codes)) == 243
    assert all(len(code) == 10 and code.isdigit() for code in codes)
    assert {g.parent_code for g in governments()} - {""} == upper - {"3611000000", "5000000000"}
    assert {g.region_code for g in governments()} == upper


def test_a_row_is_read_whole():
    gunwi = next(g for g in governments() if g.name_ko == "군위군")
    assert (gunwi.name_en, gunwi.group, gunwi.parent_code) == ("Gunwi-gun", "군", "2700000000")
    assert (gunwi.lat, gunwi.lon, gunwi.full_name_ko) == (36.16688, 128.72511, "대구광역시 군위군")
    assert gunwi.other_code.startswith("47")


def test_all_lie_in_korea():
    outside = [g.full_name_ko for g in governments() if not (33 < g.lat < 38.7 and 124.5 < g.lon < 131)]
    assert outside == []


def test_the_table_equals_its_source():
    if "SIMSA_DATA" not in os.environ:
        pytest.skip("SIMSA_DATA is not set: the table is not compared with its source")
    with (Path(os.environ["SIMSA_DATA"]) / "korea" / "governments.csv").open(encoding="utf-8", newline="") as file:
        rows = [{**row, "lat": float(row["lat"]), "lon": float(row["lon"])} for row in csv.DictReader(file)]
    assert tuple(Government(**row) for row in rows) == governments()


def test_labels_of_the_upper_level():
    labels = [tile_label(g.name_ko) for g in governments() if g.group == "광역"]
    assert " ".join(labels) == "서울 부산 대구 인천 광주 대전 울산 세종 경기 강원 충북 충남 전북 전남 경북 경남 제주"


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("중구", "중구"),
        ("서구", "서구"),
        ("고성군", "고성"),
        ("구리시", "구리"),
        ("군산시", "군산"),
        ("시흥시", "시흥"),
        ("완도군", "완도"),
        ("남양주시", "남양주"),
        ("부산진구", "부산진"),
        ("전북특별자치도", "전북"),
        ("강원도", "강원"),
        ("Jung-gu", "Jung-gu"),
        ("", ""),
    ],
)
def test_labels(name, label):
    assert tile_label(name) == label


def test_labels_fit_a_tile():
    labels = [tile_label(g.name_ko) for g in governments()]
    assert {len(label) for label in labels} == {2, 3}
    assert sorted({label for label in labels if len(label) == 3}) == sorted(
        ["남양주", "동대문", "동두천", "미추홀", "부산진", "서대문", "영등포", "의정부", "해운대"]
    )
