"""Severity: from the harshest to the mildest."""

from __future__ import annotations

import math

import numpy as np

from simsa.tables.pictures import severity_picture
from tests.tables.pictures.drawn import said, texts


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
