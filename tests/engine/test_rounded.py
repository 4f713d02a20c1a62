"""Rounded calibrated scores against an exact rational solution of the same equations, and against permutations."""

from __future__ import annotations

import re
from dataclasses import replace
from fractions import Fraction
from random import Random
from typing import Any, Literal

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from simsa.engine.calibration import CalibrationError, Components, calibrate, rounded_scores
from simsa.engine.calibration.rounded import EDGE
from simsa.engine.exact import Column
from simsa.rules import Rounding
from simsa.rules.nodes import RoundingMode
from tests.draws import draws
from tests.engine.panels import drawn

Sheet = tuple[int, int, Fraction]


def solved(components: Components, sheets: list[Sheet], group: list[int]) -> dict[int, Fraction]:
    """Each entrant's mean of the group plus quality by elimination in fractions."""
    names: list[tuple[str, int]] = []
    residual = components.residual or Fraction(0)
    entrant, reviewer = (v if residual and v else None for v in (components.entrant, components.reviewer))
    for e, r, _ in sheets:
        wanted = [("mean", group[e])] + [("quality", e)] * bool(entrant) + [("level", r)] * bool(reviewer)
        names += [name for name in wanted if name not in names]
    place = {name: n for n, name in enumerate(names)}
    rows = [[Fraction(0)] * (len(names) + 1) for _ in names]
    for name, n in place.items():
        variance = {"mean": None, "quality": entrant, "level": reviewer}[name[0]]
        if variance:
            rows[n][n] += 1 / variance
    for e, r, y in sheets:
        scale = components.scale[r] if components.scale and entrant else Fraction(1)
        noise = components.noise[r] if components.noise and residual else residual or Fraction(1)
        assert scale is not None
        assert noise is not None
        terms = [(("mean", group[e]), Fraction(1)), (("quality", e), scale), (("level", r), Fraction(1))]
        terms = [(name, factor) for name, factor in terms if name in place]
        for one, factor in terms:
            rows[place[one]][-1] += factor * y / noise
            for other, by in terms:
                rows[place[one]][place[other]] += factor * by / noise
    for n in range(len(names)):  # positive definite: no pivot is zero
        rows[n] = [value / rows[n][n] for value in rows[n]]
        for m in range(len(names)):
            if m != n and rows[m][n]:
                rows[m] = [a - rows[m][n] * b for a, b in zip(rows[m], rows[n], strict=True)]
    known = {name: rows[n][-1] for name, n in place.items()}
    return {e: known["mean", group[e]] + known.get(("quality", e), Fraction(0)) for e, _, _ in sheets}


def scored(components: Components, sheets: list[Sheet], group: list[int], rounding: Rounding) -> list[Fraction | None]:
    totals = Column.from_values([y for _, _, y in sheets])
    entrant, reviewer = (np.array([sheet[n] for sheet in sheets], np.int64) for n in (0, 1))
    return rounded_scores(components, totals, entrant, reviewer, np.array(group), rounding).score.values()


decimals = st.integers(1, 9999).map(lambda n: Fraction(n, 100))
variances = st.one_of(st.none(), st.just(Fraction(0)), decimals, st.sampled_from([Fraction(1, 10**6), Fraction(10**6)]))
roundings = st.builds(Rounding, st.integers(0, 6), st.sampled_from(["half_up", "half_even", "down"]))


@st.composite
def panels(draw: st.DrawFn) -> tuple[Components, list[Sheet], list[int]]:
    entrants, reviewers = draw(st.integers(1, 6)), draw(st.integers(1, 4))
    pairs = [(e, r) for e in range(entrants) for r in range(reviewers)]
    chosen = draw(st.lists(st.sampled_from(pairs), min_size=1, unique=True))
    # Few values make equal scores and means on the edge of a rounding.
    marks = draw(st.sampled_from([st.integers(0, 4).map(lambda n: Fraction(n, 4)), decimals.map(lambda n: n - 50)]))
    sheets = [(e, r, draw(marks)) for e, r in chosen]
    residual = draw(variances)
    own = [draw(st.booleans()) and bool(residual) for _ in range(2)]
    scale, noise = (
        tuple(draw(st.lists(decimals, min_size=reviewers, max_size=reviewers))) if one else None for one in own
    )
    group = draw(st.lists(st.integers(0, 2), min_size=entrants, max_size=entrants))
    quality, level = draw(variances), draw(variances)
    # Further apart they say nothing in floating point, where the solution begins, and `rounded_scores` says so.
    widest = (quality or Fraction(0)) * max((one or Fraction(1)) ** 2 for one in scale or [None])
    assume(residual is None or not residual or widest / residual <= 10**13)
    return Components(quality, level, residual, scale, noise), sheets, group


@settings(max_examples=draws(300), deadline=None)
@given(panels(), roundings)
def test_scores_are_the_rounded_exact_solution(
    panel: tuple[Components, list[Sheet], list[int]], rounding: Rounding
) -> None:
    components, sheets, group = panel
    exact = solved(components, sheets, group)
    wanted = [rounding.apply(exact[e]) if e in exact else None for e in range(len(group))]
    assert scored(components, sheets, group, rounding) == wanted


@settings(max_examples=draws(60), deadline=None)
@given(panels(), roundings, st.randoms(use_true_random=False))
def test_neither_the_order_of_sheets_nor_of_people_matters(
    panel: tuple[Components, list[Sheet], list[int]], rounding: Rounding, random: Random
) -> None:
    components, sheets, group = panel
    before = scored(components, sheets, group, rounding)
    entrants, reviewers = list(range(len(group))), list(range(4))
    random.shuffle(entrants)
    random.shuffle(reviewers)
    turned = [(entrants[e], reviewers[r], y) for e, r, y in sheets]
    random.shuffle(turned)
    own = {
        name: None if numbers is None else tuple(dict(zip(reviewers, numbers, strict=False)).get(r) for r in range(4))
        for name, numbers in (("scale", components.scale), ("noise", components.noise))
    }
    moved = [group[entrants.index(n)] for n in range(len(group))]
    after = scored(replace(components, **own), turned, moved, rounding)
    assert [after[entrants[n]] for n in range(len(group))] == before


@pytest.mark.parametrize(
    ("mode", "wanted"),
    [("half_up", ("0.3", "-0.3", "0.2")), ("half_even", ("0.2", "-0.2", "0.2")), ("down", ("0.2", "-0.2", "0.1"))],
)
def test_a_score_on_an_edge_of_the_rounding_is_rounded_as_declared(mode: RoundingMode, wanted: tuple[str, ...]) -> None:
    # The means of three groups, each of two entrants on either side of it: 0.25, -0.25 and 0.2 less next to nothing.
    centre = [Fraction(1, 4), Fraction(-1, 4), Fraction(1, 5) - Fraction(1, 10**30)]
    sheets = [(n, n % 2, centre[n // 2] + (n % 2) - Fraction(1, 2)) for n in range(6)]
    alone = Components(None, None, Fraction(3))
    found = scored(alone, sheets, [0, 0, 1, 1, 2, 2], Rounding(1, mode))
    assert found == [Fraction(one) for one in wanted for _ in range(2)]
    both = Components(Fraction(7, 3), Fraction(11, 7), Fraction(3))
    level = [(e, r, centre[e]) for e in range(2) for r in range(3)]
    assert scored(both, level, [0, 1], Rounding(1, mode)) == [Fraction(one) for one in wanted[:2]]


@pytest.mark.parametrize(("below", "wanted"), [(EDGE / 2, 1), (EDGE * 2, 0), (-2 * EDGE, 1), (EDGE * 11 / 10, 0)])
def test_an_edge_has_a_width(below: Fraction, wanted: int) -> None:
    components = Components(Fraction(1), Fraction(1), Fraction(1))
    assert scored(components, [(0, 0, Fraction(1, 2) - below)], [0], Rounding(0)) == [wanted]


def test_what_no_number_of_bits_decides_is_refused() -> None:
    components = Components(Fraction(1), Fraction(1), Fraction(1))
    with pytest.raises(CalibrationError, match="cannot be rounded to 0 places"):
        scored(components, [(0, 0, Fraction(1, 2) - EDGE)], [0], Rounding(0))
    lost = replace(components, noise=(Fraction(10**12),))
    with pytest.raises(CalibrationError, match="too far apart"):
        scored(lost, [(0, 0, Fraction(1))], [0], Rounding(0))


def test_whoever_has_no_sheet_has_no_score() -> None:
    nobody = rounded_scores(
        Components(None, None, None),
        Column.from_values([None]),
        np.array([0]),
        np.array([0]),
        np.array([0, 0]),
        Rounding(2),
    )
    assert nobody.score.values() == [None, None]
    components = Components(Fraction(1), None, Fraction(1))
    assert scored(components, [(1, 0, Fraction(3))], [0, 0], Rounding(2)) == [None, 3]


@pytest.mark.parametrize(("reviewers", "own"), [(33, True), (33, False), (1010, False)])
def test_they_are_the_calibration_given_its_components(reviewers: int, own: bool) -> None:
    entrants, rounding = 8 * reviewers if reviewers < 100 else 2 * reviewers, Rounding(6)
    totals, entrant, reviewer, group = drawn(entrants, reviewers, 5, seed=3)
    given = {"n_entrants": entrants, "n_reviewers": reviewers, "group": group}
    kind: Literal["own", "alike"] = "own" if own else "alike"
    plain = calibrate(totals.floats(), entrant, reviewer, **given, reviewers=kind)
    found = calibrate(totals.floats(), entrant, reviewer, **given, reviewers=kind, digits=4)
    assert plain.components is None
    assert found.components is not None
    assert found.components.own is own
    assert found.entrant_variance == pytest.approx(plain.entrant_variance, rel=5e-4)
    assert found.entrant_variance == pytest.approx(float(found.components.entrant or 0), rel=1e-12)
    assert "rounded to 4 significant digits" in found.method
    scores = rounded_scores(found.components, totals, entrant, reviewer, group, rounding)
    assert np.abs(scores.score.floats() - found.score).max() < 0.5e-6 + 1e-8
    again = calibrate(totals.floats(), entrant, reviewer, **given, components=found.components)
    assert (again.score == found.score).all()
    assert (again.standard_error == found.standard_error).all()
    assert (again.draws(2, 1) == found.draws(2, 1)).all()
    assert again.components == found.components
    assert again.notes == found.notes


@pytest.mark.parametrize(
    ("marks", "told"),
    [
        ([(0, 0, 1), (1, 0, 1), (2, 0, 1)], "constant"),  # nothing tells entrants apart
        ([(0, 0, 1)], "one sheet"),
        ([(0, 0, 1), (1, 0, 3), (2, 0, 8)], "one reviewer, one sheet each"),
        ([(0, 0, 1), (0, 1, 2), (1, 0, 3), (1, 1, 4)], "no residual is left"),
        ([(0, 0, 1), (1, 1, 3), (0, 2, 3), (1, 3, 8)], "two blocks"),
    ],
)
def test_degenerate_panels_have_scores_too(marks: list[tuple[int, int, int]], told: str) -> None:
    sheets = [(e, r, Fraction(y)) for e, r, y in marks]
    entrant, reviewer, y = (np.array(column) for column in zip(*marks, strict=True))
    found = calibrate(y, entrant, reviewer, n_entrants=3, n_reviewers=4, reviewers="own", digits=4)
    assert found.components is not None
    exact = solved(found.components, sheets, [0, 0, 0])
    wanted = [Rounding(6).apply(exact[e]) if e in exact else None for e in range(3)]
    assert scored(found.components, sheets, [0, 0, 0], Rounding(6)) == wanted
    assert [np.nan if one is None else float(one) for one in wanted] == pytest.approx(
        found.score, abs=1e-6, nan_ok=True
    )


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"entrant": None}, "the entrant variance is None, and these sheets can tell it"),
        ({"residual": Fraction(0)}, "the residual variance is 0"),
        ({"reviewer": Fraction(-1)}, "the reviewer variance is -1"),
        ({"scale": (Fraction(1),)}, "the scale of reviewer 1, who wrote sheets, is None"),
        ({"noise": (Fraction(0),) * 9}, "the noise of reviewer 0, who wrote sheets, is 0"),
    ],
)
def test_components_of_another_panel_are_refused(wrong: dict[str, Any], told: str) -> None:
    totals, entrant, reviewer, group = drawn(30, 9, 4, seed=5)
    components = replace(Components(Fraction(60), Fraction(9), Fraction(70)), **wrong)
    with pytest.raises(CalibrationError, match=re.escape(told)):
        calibrate(totals.floats(), entrant, reviewer, n_entrants=30, n_reviewers=9, group=group, components=components)
    if "scale" in wrong or "noise" in wrong:
        with pytest.raises(CalibrationError, match=re.escape(told)):
            rounded_scores(components, totals, entrant, reviewer, group, Rounding(2))
