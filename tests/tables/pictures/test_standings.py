"""Standings: the quota line where it falls, and who stands where."""

from __future__ import annotations

import re
from fractions import Fraction
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simsa.engine.selection import GroupResult
from simsa.rules import parse
from simsa.tables.pictures import Row, same_scale, standings_picture
from tests.rules.small import changed
from tests.tables.pictures.drawn import RULES, rows, said, standings, texts


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


@pytest.mark.parametrize(("at", "between", "after"), [(20, 17, 19), (39, 36, 0), (3, 0, 36), (1, 0, 37)])
def test_one_entrant_is_shown_wherever_it_stands(at: int, between: int, after: int) -> None:
    svg = standings(rows(40, 1), 1, limit=3, also=f"e{at}")
    names = [text for text in said(svg) if text.startswith("기관 ")]
    assert names == [*(f"기관 {n}" for n in range(3)), *([f"기관 {at}"] if at > 2 else [])]
    bold = {text for text, _, element in texts(svg) if element.get("font-weight") == "700"}
    assert {"기관 0", f"기관 {at}"} <= bold
    assert (f"… 그 사이 {between}곳" in said(svg)) == (between > 0)
    assert (f"… 그 밖에 {after}곳" in said(svg)) == (after > 0)


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


def test_names_are_links_when_asked_for() -> None:
    svg = standings(rows(3, 1), 1, href=lambda entry: None if entry == "e2" else f"/a?x={entry}&y")
    assert re.findall(r'<a href="([^"]+)"', svg) == ["/a?x=e0&amp;y", "/a?x=e1&amp;y"]
    assert ElementTree.fromstring(svg).get("role") == "group"


def test_names_are_escaped() -> None:
    row = Row("x", '<b>&"', 1, Fraction(1), "selected", 1.0, 0.1, 1.0)
    assert '<b>&"' in said(standings([row], 1))
