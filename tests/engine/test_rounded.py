"""Rounded calibrated scores against an exact rational solution of the same equations, and against permutations."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from simsa.engine.calibration import Components, calibrate, rounded_scores
from simsa.engine.exact import NO_RESULT, Column
from simsa.rules import Rounding
from tests.draws import draws

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
        assert scale is not None and noise is not None
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
    return Components(draw(variances), draw(variances), residual, scale, noise), sheets, group


@hypothesis_settings(max_examples=draws(300), deadline=None)
@given(panels(), roundings)
def test_scores_are_the_rounded_exact_solution(
    panel: tuple[Components, list[Sheet], list[int]], rounding: Rounding
) -> None:
    components, sheets, group = panel
    exact = solved(components, sheets, group)
    wanted = [rounding.apply(exact[e]) if e in exact else None for e in range(len(group))]
    assert scored(components, sheets, group, rounding) == wanted
