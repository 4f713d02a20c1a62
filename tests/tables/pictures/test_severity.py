"""What reviewers differ in: from the harshest to the mildest, and so for scale and noise."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simsa.tables.intervals import times_over
from simsa.tables.pictures import noise_picture, scale_picture, severity_picture
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


def test_scale_goes_from_far_apart_to_close_together() -> None:
    names = ["a", "b", "c", "d"]
    svg = scale_picture(names, [1.0, 1.5, 0.5, math.nan], [0.2, 0.1, 0.1, math.nan], title="t", language="en")
    shown = sorted((y, text) for text, y, _ in texts(svg) if text in names)
    assert [text for _, text in shown] == ["b", "a", "c"]
    assert {"1.50×", "1.00×", "0.50×"} <= set(said(svg))
    assert "2 clearly differ from the panel" in svg
    # 1.5 x exp(1.96 x 0.1 / 1.5): the interval of a factor is one of its logarithm.
    assert "b puts entrants 1.50× as far apart as the panel (95% interval 1.32× to 1.71×)" in svg


def test_noise_is_told_beside_the_panels() -> None:
    svg = noise_picture(["가", "나"], [4.0, 20.0], [1.0, 4.0], panel=8.0, title="잡음", language="ko")
    assert [text for text in said(svg) if text in {"가", "나"}] == ["나", "가"]
    assert "나: 점수가 20.0점만큼 흩어짐, 평가단은 8.0점(95% 구간 13.5 ~ 29.6)" in svg
    assert "뚜렷이 다른 평가위원은 2명" in svg


@given(st.lists(st.tuples(st.floats(0.01, 100), st.floats(0, 100)), min_size=1))
def test_the_interval_of_a_factor_is_positive_and_holds_it(rows: list[tuple[float, float]]) -> None:
    for value, error in rows:
        low, high = times_over(value, min(error, 10 * value))
        assert 0 < low <= value <= high
        assert low * high == pytest.approx(value**2)
