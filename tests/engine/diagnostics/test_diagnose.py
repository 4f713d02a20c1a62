"""All diagnoses at once: on any panel, however small or odd, each is made or says why it is not."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simsa.engine.diagnostics import (
    Diagnostics,
    Drift,
    Habits,
    NotMade,
    Origin,
    Outliers,
    Pairs,
    Sizes,
    Timing,
    Why,
    diagnose,
    same_origin,
)
from simsa.engine.inputs import Entries, InputError, Sheets, Status
from simsa.engine.tally import tally
from simsa.rules import parse
from tests.draws import draws
from tests.rules.small import SMALL

RULES = parse(SMALL)
LEAVES = tuple(leaf.id for leaf in RULES.leaves)


def sheets(slots: list[tuple[int, int]], mark: np.ndarray, status: np.ndarray, reviewers: int) -> Sheets:
    pairs = np.array(slots, np.int64).reshape(-1, 2)
    names = tuple(f"r{n}" for n in range(reviewers))
    return Sheets(names, LEAVES, pairs[:, 0], pairs[:, 1], mark, status, RULES.mark_places)


def found(entries: Entries, given: Sheets, **options: object) -> Diagnostics:
    return diagnose(RULES, entries, given, tally(RULES, entries, given), **options)  # type: ignore[arg-type]


@st.composite
def rounds(draw: st.DrawFn) -> tuple[Entries, Sheets, Timing, dict[str, tuple[list[str], list[str]]]]:
    n, m = draw(st.integers(1, 8)), draw(st.integers(1, 6))
    entries = Entries(tuple(f"e{k}" for k in range(n)), tuple(draw(st.sampled_from("ab")) for _ in range(n)))
    every = [(e, r) for e in range(n) for r in range(m)]
    slots = draw(st.lists(st.sampled_from(every), unique=True, max_size=len(every)))
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    unit = 10**RULES.mark_places
    size = (len(slots), len(LEAVES))
    mark = random.integers(0, draw(st.sampled_from([1, 2, 10])), size) * unit
    # A sheet is whole or not there: part of a sum is refused by the tally.
    away = random.random(len(slots)) < draw(st.sampled_from([0.0, 0.3, 1.0]))
    status = np.where(away[:, None], int(Status.NOT_SUBMITTED), int(Status.MARK)) * np.ones(size, np.int8)
    order = np.where(random.random(len(slots)) < 0.8, random.integers(0, 5, len(slots)).astype(float), np.nan)
    given = sheets(slots, mark, status.astype(np.int8), m)
    timing = Timing(order, given.reviewer, np.where(np.isnan(order), np.nan, order > 2))
    cells = st.sampled_from(["", "x", "y", "x;y", " y ; z"])
    origins = {"region": ([draw(cells) for _ in range(n)], [draw(cells) for _ in range(m)])}
    return entries, given, timing, origins


@settings(max_examples=draws(100), deadline=None)
@given(rounds())
def test_every_diagnosis_is_made_or_says_why_not(case: object) -> None:
    entries, given, timing, origins = case  # type: ignore[misc]
    with np.errstate(all="raise", under="ignore"):
        result = found(entries, given, timing=timing, origins=origins)
    kinds = (Outliers, Drift, Drift, Pairs, Habits, Sizes)
    parts = (result.outliers, result.order, result.session, result.pairs, result.habits, result.sizes)
    for part, kind in zip(parts, kinds, strict=True):
        assert isinstance(part, (kind, NotMade))
    for part in (*result.origins, result.order, result.session):
        if isinstance(part, NotMade):
            continue
        slopes = part.slopes
        assert np.isfinite(slopes.shrunken).all()
        assert np.isfinite(slopes.shrunken_error).all()
        assert slopes.overall is None or np.isfinite([slopes.overall.value, slopes.overall.low, slopes.overall.p]).all()
        p = slopes.screening.p
        assert ((p >= 0) & (p <= 1) | np.isnan(p)).all()
    if isinstance(result.pairs, Pairs):
        assert (result.pairs.identical <= result.pairs.common).all()
        assert (result.pairs.expected <= result.pairs.common).all()
        assert ((result.pairs.screening.p >= 0) & (result.pairs.screening.p <= 1)).all()


def test_no_marks_at_all() -> None:
    entries = Entries(("e0",), ("a",))
    none = sheets([], np.zeros((0, len(LEAVES)), np.int64), np.zeros((0, len(LEAVES)), np.int8), 1)
    assert {part.why for part in found(entries, none).not_made} == {Why.NO_SHEETS}
    assert len(found(entries, none).not_made) == 7


def test_a_single_reviewer_and_constant_marks_say_so() -> None:
    entries = Entries(tuple(f"e{n}" for n in range(6)), ("a",) * 6)
    random = np.random.default_rng(1)
    marks = random.integers(0, 10, (6, len(LEAVES))) * 10**RULES.mark_places
    alone = found(entries, sheets([(n, 0) for n in range(6)], marks, np.zeros(marks.shape, np.int8), 1))
    why = {part.diagnosis.value: part.why for part in alone.not_made}
    assert why["outliers"] is why["habits"] is Why.FEW_REVIEWERS
    assert why["pairs"] is Why.NO_COMMON_ENTRIES
    slots = [(n, r) for n in range(6) for r in range(5)]
    same = np.full((30, len(LEAVES)), 5 * 10**RULES.mark_places)
    constant = found(
        entries, sheets(slots, same, np.zeros(same.shape, np.int8), 5), origins={"region": (["x"] * 6, list("xxyyy"))}
    )
    why = {part.diagnosis.value: part.why for part in constant.not_made}
    assert why["outliers"] is why["origin"] is Why.CONSTANT
    assert isinstance(constant.pairs, Pairs)
    assert not constant.pairs.screening.found.any()
    assert isinstance(constant.habits, Habits)
    assert constant.habits.constant.all()


def test_values_apart_by_semicolons_and_no_value() -> None:
    entrant, reviewer = np.array([0, 0, 0, 1, 1, 2]), np.array([0, 1, 2, 0, 2, 2])
    same = same_origin(["Seoul; Busan", "", "Jeju"], ["Busan", "Jeju ;Seoul", ""], entrant, reviewer)
    assert same.tolist() == [True, True, False, False, False, False]


def test_weights_choose_what_is_scored() -> None:
    entries = Entries(tuple(f"e{n}" for n in range(40)), ("a",) * 40)
    random = np.random.default_rng(2)
    slots = [(n, r) for n in range(40) for r in range(6)]
    marks = random.integers(3, 7, (240, len(LEAVES))) * 10**RULES.mark_places
    same = np.array([n % 2 == r % 2 for n, r in slots])
    marks[same, 0] += 3 * 10**RULES.mark_places
    given = sheets(slots, marks, np.zeros(marks.shape, np.int8), 6)
    origins = {"region": (["xy"[n % 2] for n in range(40)], ["xy"[r % 2] for r in range(6)])}

    def estimate(weights: dict[str, Fraction]) -> float:
        part = found(entries, given, origins=origins, weights=weights).origins[0]
        assert isinstance(part, Origin)
        assert part.slopes.overall is not None
        return part.slopes.overall.value

    assert estimate({LEAVES[0]: Fraction(1)}) == pytest.approx(3, abs=0.5)
    assert estimate({LEAVES[1]: Fraction(1)}) == pytest.approx(0, abs=0.5)
    assert estimate({LEAVES[0]: Fraction(2), LEAVES[1]: Fraction(1)}) == pytest.approx(6, abs=1)
    with pytest.raises(InputError, match="beauty"):
        estimate({"beauty": Fraction(1)})


def test_lengths_that_do_not_fit_are_refused() -> None:
    entries = Entries(("e0",), ("a",))
    marks = np.zeros((1, len(LEAVES)), np.int64)
    given = sheets([(0, 0)], marks, marks.astype(np.int8), 1)
    with pytest.raises(InputError, match="field 'region'"):
        found(entries, given, origins={"region": (["x", "y"], ["x"])})
    with pytest.raises(InputError, match="times of 3 sheets"):
        found(entries, given, timing=Timing.none(3))
