"""Every picture: nothing cut, nothing that needs a style sheet, a script or a network."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import pytest

from simsa.tables.pictures import (
    TEXT,
    Tile,
    noise_picture,
    scale_picture,
    severity_picture,
    text_width,
    tile_map_picture,
    timeline_picture,
)
from tests.tables.pictures.drawn import SVG, layout_of, rows, said, standings, texts

PICTURES = [
    standings(rows(30, 2, 1), 2, synthetic=True),
    standings(rows(5, 0, calibrated=False), 0),
    severity_picture(["가", "나"], [1.0, -2.0], [0.4, 5.0], title="엄격도"),
    scale_picture(["가", "나"], [1.2, 0.8], [0.1, 0.3], title="척도 폭"),
    noise_picture(["가", "나"], [9.0, 4.0], [2.0, 0.5], panel=6.0, title="잡음"),
    timeline_picture([("공고", "1일"), ("마감", "9일")], 1, ("접수 중", "5일"), title="일정", synthetic=True),
    tile_map_picture(layout_of(4), [Tile(str(n), "중구", "중구", "서울") for n in range(4)], title="지도"),  # type: ignore[arg-type]
]


@pytest.mark.parametrize("svg", PICTURES)
def test_a_picture_stands_alone(svg: str) -> None:
    root = ElementTree.fromstring(svg)
    title, description = root.find(f"{SVG}title"), root.find(f"{SVG}desc")
    assert title is not None
    assert description is not None
    assert root.get("aria-labelledby") == f"{title.get('id')} {description.get('id')}"
    assert title.text
    assert description.text
    assert root.get("role") == "img"
    assert not re.search(r"<style|<script|style=|url\(|href", svg)
    assert "http" not in svg.replace("http://www.w3.org/2000/svg", "")


@pytest.mark.parametrize("svg", PICTURES)
def test_every_colour_can_be_set_from_outside(svg: str) -> None:
    colours = re.findall(r'(?:fill|stroke)="([^"]+)"', svg)
    assert colours
    assert all(
        colour == "none" or re.fullmatch(r"var\(--simsa-\S+, var\(--\S+, #\w{6}\)\)", colour) for colour in colours
    )


@pytest.mark.parametrize("svg", PICTURES)
def test_everything_is_inside_the_picture(svg: str) -> None:
    root = ElementTree.fromstring(svg)
    width, height = (float(number) for number in root.get("viewBox", "").split()[2:])
    for text, y, element in texts(svg):
        anchor, wide = element.get("text-anchor"), text_width(text, float(element.get("font-size", TEXT))) * 0.85
        left = float(element.get("x", "nan")) - {"end": wide, "middle": wide / 2}.get(anchor or "", 0.0)
        assert 0 <= y <= height
        assert left >= -1
        assert left + wide <= width + 1


def test_texts_can_be_read_on_a_phone() -> None:
    for svg in PICTURES[:3]:
        assert ElementTree.fromstring(svg).get("width") == "360"
        assert min(float(size) for size in re.findall(r'font-size="([\d.]+)"', svg)) >= 12


def test_equal_input_gives_equal_bytes() -> None:
    assert standings(rows(9, 2), 2) == standings(rows(9, 2), 2)
    assert standings(rows(9, 2), 2) != standings(rows(9, 3), 3)


@pytest.mark.parametrize("make", [standings, None])
def test_the_word_synthetic_is_there_exactly_when_it_must(make: object) -> None:
    if make:
        marked, plain = (standings(rows(4, 1), 1, synthetic=flag) for flag in (True, False))
    else:
        marked, plain = (severity_picture(["가"], [1.0], [1.0], title="t", synthetic=flag) for flag in (True, False))
    assert "가상 데이터" in said(marked)
    assert "가상 데이터" in marked.partition("<desc")[2].partition("</desc>")[0]
    assert "가상 데이터" not in plain
