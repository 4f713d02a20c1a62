"""The tile map: every name whole, every tile with what it says."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import pytest

from simsa.tables import korea
from simsa.tables.pictures import Tile, text_width, tile_map_picture
from tests.tables.pictures.drawn import SVG, layout_of, said


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


@pytest.mark.parametrize("language", ["ko", "en"])
def test_one_stop_of_the_keyboard_and_a_layer_of_regions_that_meet_nowhere(language: str) -> None:
    governments, labels = korea.governments(), korea.region_labels(language)
    tiles = [Tile(g.code, g.label(language), g.code, g.region_code) for g in governments]
    title = "지도" if language == "ko" else "Map"
    svg = tile_map_picture(
        korea.tile_map(), tiles, title=title, language=language, href=lambda code: f"#{code}", regions=labels
    )
    root = ElementTree.fromstring(svg)
    stops = [link for link in root.iter(f"{SVG}a") if link.get("tabindex") is None]
    assert len(stops) == 1
    layer = next(group for group in root.iter(f"{SVG}g") if group.get("class") == "regions")
    assert layer.get("aria-hidden") == "true"
    size = float(layer.get("font-size") or 0)
    boxes = []
    for text in layer:
        wide, x, y = text_width(text.text or "", size, bold=True), float(text.get("x") or 0), float(text.get("y") or 0)
        boxes.append((text.text, x - wide / 2, x + wide / 2, y))
    assert {name for name, *_ in boxes} == set(labels.values())
    for n, (_one, left, right, y) in enumerate(boxes):
        for _other, start, end, line in boxes[:n]:
            assert abs(y - line) >= size * 0.9 or right <= start or end <= left
    plain = tile_map_picture(korea.tile_map(), tiles, title=title, language=language)
    assert 'class="regions"' not in plain
    assert "tabindex" not in plain
