"""Pictures of diagnostics: what is drawn, named and described."""

from __future__ import annotations

import math
from xml.etree import ElementTree

from simsa.engine.diagnostics import Estimate
from simsa.tables.pictures import counts_picture, differences_picture, outliers_picture
from tests.tables.pictures.drawn import SVG, said, texts

PANEL = Estimate(2.5, 0.5, 1.5, 3.5, 0.001)


def test_the_panel_is_first_and_reviewers_go_down() -> None:
    rows = [("가", -1.0, 1.0, False), ("나", 4.0, 1.0, True), ("다", 1.0, 1.0, False)]
    svg = differences_picture(rows, PANEL, title="같은 지역", language="ko")
    shown = sorted((y, text) for text, y, _ in texts(svg) if text in {"가", "나", "다", "평가단 전체"})
    assert [text for _, text in shown] == ["평가단 전체", "나", "다", "가"]
    assert {"+2.5", "+4.0", "−1.0"} <= set(said(svg))
    assert "두드러진 평가위원은 1명" in svg
    assert "평가단 전체: +2.5점(95% 구간 +1.5 ~ +3.5)" in svg


def test_who_stands_out_is_told_by_more_than_colour() -> None:
    rows = [("a", 4.0, 1.0, True), ("b", 1.0, 1.0, False)]
    root = ElementTree.fromstring(differences_picture(rows, None, title="t", language="en"))
    fills = [circle.get("fill") for circle in root.iter(f"{SVG}circle")]
    assert fills[1] == "none"
    assert fills[0] != "none"


def test_of_many_the_middle_is_counted() -> None:
    rows = [(f"R{n:02d}", float(n), 1.0, False) for n in range(40)]
    shown = said(differences_picture(rows, PANEL, title="t", language="en", limit=6))
    assert [text for text in shown if text.startswith("R")] == ["R39", "R38", "R37", "R02", "R01", "R00"]
    assert "… 34 between …" in shown


def test_counts_stand_beside_what_is_expected() -> None:
    rows = [("R1 – R2", 9, 1.25, True), ("R1 – R3", 1, 0.5, False)]
    svg = counts_picture(rows, title="t", language="en", limit=1)
    assert "R1 – R2: 9 beside 1.2" in svg
    assert {"R1 – R2", "9", "expected", "and 1 more"} <= set(said(svg))
    assert "R1 – R3" not in said(svg)
    assert "usual" in said(counts_picture(rows, title="t", language="en", expected="usual"))


def test_outliers_are_named_and_the_unknown_left_out() -> None:
    rows = [("calm", 0.0, 1.0, False), ("erratic", 1.0, 2.5, True), ("silent", math.nan, math.nan, False)]
    svg = outliers_picture(rows, title="t", language="en", synthetic=True)
    assert "erratic" in said(svg)
    assert "calm" not in said(svg)
    assert "calm: severity 0.0, noise 1.0 times the panel's".replace("'", "&#x27;") in svg
    assert "2 reviewers by severity and noise; 1 stand out." in svg
    assert "Synthetic data" in said(svg)


def test_names_are_escaped_and_nothing_is_drawn_outside() -> None:
    rows = [("<b>", 3.0, 1.0, True)]
    for svg in (differences_picture(rows, PANEL, title="<t>"), counts_picture([("<b>", 1, 0.5, True)], title="<t>")):
        root = ElementTree.fromstring(svg)
        wide = float(root.get("width", "0"))
        assert all(-0.5 <= float(text.get("x", "0")) <= wide for text in root.iter(f"{SVG}text"))
        assert root.find(f"{SVG}title") is not None
        assert root.find(f"{SVG}desc") is not None
