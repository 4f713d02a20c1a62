"""Histograms of an assignment: every reviewer and entry is in a bar, and letters stay inside."""

from __future__ import annotations

import numpy as np
import pytest

from simsa.engine.assignment import Problem, assign
from simsa.tables.figures import Figures, assignment_figures
from simsa.tables.pictures import affinity_bars, assignment_picture, load_bars
from simsa.tables.pictures.lettering import text_width
from tests.tables.pictures.drawn import texts


def figures(entries: int, reviewers: int, coverage: int, most: int, scale: float = 1.0) -> Figures:
    matrix = np.random.default_rng(entries).random((entries, reviewers)) * scale
    problem = Problem.dense(matrix, coverage, most=most)
    ids = [[f"{kind}{n}" for n in range(count)] for kind, count in (("e", entries), ("r", reviewers))]
    limits = np.full(reviewers, most)
    return assignment_figures(assign(problem), *ids, pairs=matrix.size, most=limits)


@pytest.mark.parametrize(
    ("size", "scale"), [((30, 12, 3, 9), 1.0), ((1, 1, 1, 1), 1.0), ((80, 2, 1, 80), 1e6), ((9, 9, 0, 0), 1.0)]
)
def test_the_bars_hold_everybody(size: tuple[int, int, int, int], scale: float) -> None:
    found = figures(*size, scale)
    assert sum(count for _, count in load_bars(found)) == size[1]
    assert sum(count for _, count in affinity_bars(found)) == size[0]
    assert len(load_bars(found)) <= 25


@pytest.mark.parametrize(("language", "title"), [("ko", "배정"), ("en", "Assignment")])
def test_the_picture_says_what_it_shows(language: str, title: str) -> None:
    found = figures(40, 12, 3, 12)
    svg = assignment_picture(found, title=title, language=language)
    assert svg == assignment_picture(found, title=title, language=language)
    for text, _, element in texts(svg):
        at, wide, anchor = float(element.get("x", "0")), text_width(text, 12), element.get("text-anchor")
        start = at - {"middle": wide / 2, "end": wide}.get(anchor or "", 0)
        assert start >= -1
        assert start + wide <= 361
    assert ("심사위원" in svg or "평가위원" in svg) == (language == "ko")


def test_the_worst_entries_are_named_with_who_reviews_them_within_the_width() -> None:
    problem = Problem.dense([[0.5, np.nan, np.nan], [0.25, 0.5, 0.75]], [2, 3], most=2)
    long = "An entry whose name is far longer than the picture is wide, and goes on"
    found = assignment_figures(assign(problem), [long, "e2"], ["김", "이", "박"], pairs=4, most=np.full(3, 2))
    svg = assignment_picture(found, title="Assignment", language="en")
    drawn = [text for text, _, _ in texts(svg)]
    assert any(text.startswith("An entry") and text.endswith("…") for text in drawn)
    assert "김 (1 missing)" in drawn
    assert "김, 이, 박" in drawn
    assert f"<title>{long}: 0.5 (김 (1 missing))</title>" in svg
    for text, _, element in texts(svg):
        start = float(element.get("x", "0"))
        assert element.get("text-anchor") or start + text_width(text, 12) <= 361


def test_the_figures_add_up() -> None:
    found = figures(30, 12, 3, 9)
    assert (found.slots, found.pairs, found.coverage.least) == (90, 360, 3.0)
    assert found.worst[0].affinity == f"{found.entry_affinity.least:.6f}".rstrip("0")
    assert [float(one.affinity) for one in found.worst] == sorted(float(one.affinity) for one in found.worst)
    assert all(len(one.reviewers) == 3 and not one.missing for one in found.worst)
    assert found.as_json()["load"]["most"] == found.load.most
