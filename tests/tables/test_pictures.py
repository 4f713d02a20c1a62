"""Pictures: what stands where, what is said, nothing cut, nothing that needs a style sheet, a script or a network."""

from __future__ import annotations

import math
import re
from fractions import Fraction
from xml.etree import ElementTree

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simsa.engine.selection import GroupResult, Outcome
from simsa.engine.tilemap import place_tiles
from simsa.rules import parse
from simsa.tables import korea
from simsa.tables.pictures import (
    TEXT,
    Row,
    Tile,
    same_scale,
    severity_picture,
    standings_picture,
    text_width,
    tile_map_picture,
    wrapped,
)
from tests.rules.small import SMALL, changed

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


PICTURES = [
    standings(rows(30, 2, 1), 2, synthetic=True),
    standings(rows(5, 0, calibrated=False), 0),
    severity_picture(["가", "나"], [1.0, -2.0], [0.4, 5.0], title="엄격도"),
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


@given(count=st.integers(1, 40), places=st.integers(0, 5), reserve=st.integers(0, 3))
def test_the_quota_line_falls_below_the_last_selected(count: int, places: int, reserve: int) -> None:
    entrants = rows(count, places, reserve)
    svg = standings(entrants, min(places, count), limit=15)
    y = {text: at for text, at, _ in texts(svg)}
    line = y[f"선정 {min(places, count)}곳"]
    shown = [row for row in entrants if row.name in y]
    assert [row.entry for row in shown] == [row.entry for row in entrants[: len(shown)]]
    for row in shown:
        assert (y[row.name] < line) == (row.outcome == "selected")
    rest = count - len(shown)
    assert (f"… 그 밖에 {rest}곳" in y) == (rest > 0)
    assert all(row.outcome == "not_selected" for row in entrants[len(shown) :])


def test_the_selected_are_bold_and_everyone_has_a_chance() -> None:
    svg = standings(rows(6, 2), 2)
    bold = {text for text, _, element in texts(svg) if element.get("font-weight") == "700"}
    assert {"기관 0", "기관 1"} <= bold
    assert not {f"기관 {n}" for n in range(2, 6)} & bold
    assert said(svg).count("50%") == 6


def test_all_rows_when_asked_for() -> None:
    assert "기관 39" in said(standings(rows(40, 2), 2, limit=None))


def test_without_calibration_the_official_score_is_the_number() -> None:
    svg = standings(rows(4, 1, calibrated=False), 1)
    assert {"90.00", "87.00", "공식 점수"} <= set(said(svg))
    assert "선정 확률" not in said(svg)


def test_who_is_barred_above_the_line_is_marked() -> None:
    entrants = rows(4, 2)
    barred = Row("x", "미달 기관", 1, Fraction(95), "not_selected", 94.0, 1.0, 0.1)
    svg = standings([barred, *entrants], 2)
    assert "미달 기관\u00a0†" in said(svg)
    assert any("† 기준 미달" in text for text in said(svg))
    assert "†" not in "".join(said(standings(entrants, 2)))


def test_entrants_without_a_result_are_counted_not_drawn() -> None:
    nothing = Row("x", "빠진 기관", None, None, "not_selected")
    svg = standings([*rows(3, 1), nothing], 1)
    assert "빠진 기관" not in said(svg)
    assert "결과 없음 1곳" in said(svg)


def test_unlike_scales_are_not_put_on_one_axis() -> None:
    assert same_scale(RULES)
    adjusted = parse(
        changed(
            "[[tie_break]]\ncriterion", '[[adjustment]]\nid = "late"\nkind = "deduction"\n\n[[tie_break]]\ncriterion'
        )
    )
    assert not same_scale(adjusted)
    svg = standings_picture(rows(4, 1), GroupResult("b", 4, 1, 0, None), adjusted, title="b")
    assert "공식" not in said(svg)


@pytest.mark.parametrize("make", [standings, None])
def test_the_word_synthetic_is_there_exactly_when_it_must(make: object) -> None:
    if make:
        marked, plain = (standings(rows(4, 1), 1, synthetic=flag) for flag in (True, False))
    else:
        marked, plain = (severity_picture(["가"], [1.0], [1.0], title="t", synthetic=flag) for flag in (True, False))
    assert "가상 데이터" in said(marked)
    assert "가상 데이터" in marked.partition("<desc")[2].partition("</desc>")[0]
    assert "가상 데이터" not in plain


def test_names_are_links_when_asked_for() -> None:
    svg = standings(rows(3, 1), 1, href=lambda entry: None if entry == "e2" else f"/a?x={entry}&y")
    assert re.findall(r'<a href="([^"]+)"', svg) == ["/a?x=e0&amp;y", "/a?x=e1&amp;y"]
    assert ElementTree.fromstring(svg).get("role") == "group"


def test_names_are_escaped() -> None:
    row = Row("x", '<b>&"', 1, Fraction(1), "selected", 1.0, 0.1, 1.0)
    assert '<b>&"' in said(standings([row], 1))


def test_reviewers_stand_from_the_harshest_to_the_mildest() -> None:
    names = ["가", "나", "다", "라"]
    svg = severity_picture(names, [-3.0, 5.25, math.nan, 0.5], [1.0, 1.0, 1.0, 1.0], title="엄격도", language="ko")
    shown = sorted((y, text) for text, y, _ in texts(svg) if text in names)
    assert [text for _, text in shown] == ["나", "라", "가"]
    assert {"+5.2", "−3.0"} <= set(said(svg))
    assert "평가위원 3명" in svg
    assert "뚜렷이 다른 평가위원은 2명" in svg


def test_of_many_reviewers_the_middle_is_counted() -> None:
    values = np.linspace(5, -5, 101)
    names = [f"R{n:03d}" for n in range(101)]
    shown = said(severity_picture(names, values, np.ones(101), title="엄격도", limit=10))
    assert [name for name in names if name in shown] == [*names[:5], *names[-5:]]
    assert "… 그 사이 91명 …" in shown


def test_no_reviewers_at_all() -> None:
    assert "엄격도를 알 수 있는 평가위원이 없습니다" in severity_picture([], [], [], title="엄격도")


@pytest.mark.parametrize("language", ["ko", "en"])
def test_no_name_on_the_map_is_ever_cut(language: str) -> None:
    governments = korea.governments()
    labels = [korea.tile_label(g.name_ko) if language == "ko" else g.name_en for g in governments]
    tiles = [Tile(g.code, label, g.code, g.parent_code) for g, label in zip(governments, labels, strict=True)]
    svg = tile_map_picture(layout_of(len(tiles)), tiles, title="지도", language=language)  # type: ignore[arg-type]
    root, drawn = ElementTree.fromstring(svg), {}
    for group in root.iter(f"{SVG}g"):
        title = group.find(f"{SVG}title")
        if title is not None:
            drawn[title.text] = "".join(e.text or "" for e in group.iter(f"{SVG}text"))
    assert drawn == {tile.entry: tile.label for tile in tiles}


def test_tiles_show_outcome_level_and_link() -> None:
    tiles = [
        Tile("a", "가평", "가평군, 선정", "경기", outcome="selected", level=4),
        Tile("b", "나주", "나주시", "전남", level=0, outcome="not_selected"),
        Tile("c", "서울", "서울", "서울", head=True),
    ]
    svg = tile_map_picture(layout_of(3), tiles, title="지도", href={"a": "#a"}.get)  # type: ignore[arg-type]
    root = ElementTree.fromstring(svg)
    assert [link.get("href") for link in root.iter(f"{SVG}a")] == ["#a"]
    assert root.get("role") == "group"
    shades = {}
    for group in [*root.iter(f"{SVG}g"), *root.iter(f"{SVG}a")]:
        title, rect = group.find(f"{SVG}title"), group.find(f"{SVG}rect")
        if title is not None and rect is not None:
            shades[title.text] = (rect.get("fill", "").partition(",")[0], rect.get("fill-opacity"))
    assert shades == {
        "가평군, 선정": ("var(--simsa-accent", None),
        "나주시": ("var(--simsa-accent", "0.05"),
        "서울": ("var(--simsa-paper", None),
    }
    assert "대상 아님·결과 없음" in said(svg)
    assert "선정: 가평군, 선정." in svg


@pytest.mark.parametrize("language", ["ko", "en"])
def test_the_legend_of_a_map_stays_inside(language: str) -> None:
    tiles = [Tile(str(n), "중구", "중구", "서울") for n in range(4)]
    svg = tile_map_picture(layout_of(4), tiles, title="지도", language=language)  # type: ignore[arg-type]
    keys = re.findall(r'translate\(([\d.]+) [\d.]+\)">.*?<text x="([\d.]+)"[^>]*>([^<]+)</text></g>', svg)
    assert len(keys) == 4
    for x, indent, text in keys:
        assert float(x) + float(indent) + text_width(text, 12) <= 360


def test_a_map_needs_a_tile_for_each_place() -> None:
    with pytest.raises(ValueError, match="1 tiles for a map of 2 places"):
        tile_map_picture(layout_of(2), [Tile("a", "가", "가", "나")], title="지도")  # type: ignore[arg-type]


@given(st.text(st.characters(categories=["Lu", "Ll", "Lo", "Nd", "Zs"]), max_size=60), st.floats(30, 200))
def test_wrapped_lines_fit(text: str, width: float) -> None:
    found = wrapped(text, width)
    assert len(found) <= 2
    assert all(text_width(line) <= width or len(line) <= 1 for line in found)
    if "…" not in "".join(found):
        assert "".join("".join(found).split()) == "".join(text.split())


def test_a_long_name_keeps_its_end_when_that_tells_it_apart() -> None:
    found = wrapped("ISU Grand Prix of Figure Skating Final 2016 / MEN FREE SKATING / J4", 130, keep_end=True)
    assert found[0].startswith("ISU Grand Prix")
    assert found[1].startswith("…")
    assert found[1].endswith("/ J4")
