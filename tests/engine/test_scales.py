"""Scales in integers: the same marks as the rules allow, found by trying each."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simsa.engine.inputs import Entries, InputError, Status
from simsa.engine.scales import allowed, nearest, position
from simsa.engine.sheet_models import calibrated_by_steps
from simsa.engine.simulation import Settings, simulate
from simsa.engine.studies.plan import _fine
from simsa.engine.tally import tally
from simsa.rules import Level, Levels, Name, Scale, parse
from tests.rules.complete import LEVELLED

UNIT = 100


@st.composite
def scales(draw: st.DrawFn) -> Scale | Levels:
    hundredths = st.integers(-400, 400).map(lambda n: Fraction(n, UNIT))
    if draw(st.booleans()):
        values = sorted(draw(st.sets(hundredths, min_size=2, max_size=7)), reverse=True)
        return Levels(tuple(Level(str(n), Name((("", "x"),)), value) for n, value in enumerate(values)))
    least, step = draw(hundredths), Fraction(draw(st.integers(1, 150)), UNIT)
    return Scale(least, least + draw(st.integers(1, 8)) * step, step)


@given(scales(), st.lists(st.integers(-700, 1700), max_size=20))
def test_marks_in_units_are_those_of_the_rules(scale: Scale | Levels, units: list[int]) -> None:
    marks = np.array([*units, *(int(mark * UNIT) for mark in scale.marks)], np.int64)
    fits = allowed(scale, marks, UNIT)
    assert fits.tolist() == [scale.allows(Fraction(int(mark), UNIT)) for mark in marks]
    below = position(scale, marks[fits], UNIT)
    assert below.tolist() == [sum(one < Fraction(int(mark), UNIT) for one in scale.marks) for mark in marks[fits]]


@given(scales(), st.lists(st.floats(-1, 2), min_size=1, max_size=20))
def test_nearest_mark_is_one_than_which_none_is_nearer(scale: Scale | Levels, shares: list[float]) -> None:
    found = nearest(scale, np.array(shares), UNIT)
    assert allowed(scale, found, UNIT).all()
    marks = [float(mark) for mark in scale.marks]
    for share, unit in zip(shares, found.tolist(), strict=True):
        wanted = marks[0] + share * (marks[-1] - marks[0])
        assert abs(unit / UNIT - wanted) <= min(abs(mark - wanted) for mark in marks) + 1e-9


@given(scales())
def test_fine_scale_holds_every_mark(scale: Scale | Levels) -> None:
    """Studies let marks be what they truly ought to be."""
    fine = _fine(scale)
    assert all(map(fine.allows, scale.marks))
    assert fine.step <= min(b - a for a, b in zip(scale.marks, scale.marks[1:], strict=False)) / 1000


def test_panel_of_levels_is_drawn_counted_and_calibrated_by_them() -> None:
    rules = parse(LEVELLED)
    entries = Entries(tuple(f"e{n}" for n in range(12)), ("a",) * 4 + ("b",) * 8)
    entry, reviewer = (part.reshape(-1).astype(np.int64) for part in np.indices((12, 5)))
    drawn = simulate(rules, entries, entry, reviewer, tuple("pqrst"), Settings(), "seed").sheets
    drawn.check(rules, entries)
    there = drawn.mark[:, 1][drawn.status[:, 1] == Status.MARK]
    assert len(set(there.tolist())) > 1
    assert set(there.tolist()) <= {950, 875, -10}
    added = tally(rules, entries, drawn)
    assert Fraction(875, 10) in {added.value("work", n) for n in range(12)}
    found = calibrated_by_steps(rules, added, entries, drawn, "work")
    assert found is not None
    off = drawn.mark.copy()
    off[np.flatnonzero(drawn.status[:, 1] == Status.MARK)[0], 1] = 900
    with pytest.raises(InputError, match=r"mark 90 of .* is not on the scale of 'work'"):
        replace(drawn, mark=off).check(rules, entries)
