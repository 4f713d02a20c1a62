"""Marks in even steps with anchors, and levels with names: what can be said of them, and what a text means."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simsa.rules import AmbiguousError, Level, Levels, Name, RulesError, Scale, decimal_or_none, from_canonical, parse
from tests.rules.complete import LEVELLED
from tests.rules.small import SMALL, changed

EVEN = 'scale = { min = 0, max = 10, step = "0.5" }'


def scaled(inside: str) -> str:
    return changed(EVEN, f"scale = {{ {inside} }}")


def levels(*pairs: tuple[str, int | str]) -> str:
    return "levels = [" + ", ".join(f'{{ id = "{key}", value = "{value}" }}' for key, value in pairs) + "]"


ANCHOR = '{ at = 5, name = "x" }'
FAULTS = {
    "an anchor off the scale": ('min = 0, max = 10, step = 1, anchors = [{ at = "0.5", name = "x" }]', "anchors[1].at"),
    "an anchor beyond it": ("min = 0, max = 10, step = 1, anchors = [{ at = 11, name = 'x' }]", "anchors[1].at"),
    "an anchor of nothing": ('min = 0, max = 10, step = 1, anchors = [{ name = "x" }]', "anchors[1].at"),
    "an anchor without a name": ("min = 0, max = 10, step = 1, anchors = [{ at = 1 }]", "anchors[1].name"),
    "two of one mark": (f"min = 0, max = 10, step = 1, anchors = [{ANCHOR}, {ANCHOR}]", "anchors[2].at"),
    "no step under anchors": (f"min = 0, max = 10, step = 0, anchors = [{ANCHOR}]", "step"),
    "no list of anchors": ("min = 0, max = 10, step = 1, anchors = 5", "anchors"),
    "an unknown key": (
        'min = 0, max = 10, step = 1, anchors = [{ at = 5, name = "x", value = 1 }]',
        "anchors[1].value",
    ),
    "one level": (levels(("A", 1)), "levels"),
    "no levels": ("levels = []", "levels"),
    "no list of levels": ("levels = 3", "levels"),
    "two of one name": (levels(("A", 2), ("A", 1)), "levels[2].id"),
    "two of one value": (levels(("A", 2), ("B", 2)), "levels[2].value"),
    "values up and down": (levels(("A", 2), ("B", 3), ("C", 1)), "levels[3].value"),
    "values down and up": (levels(("A", 3), ("B", 2), ("C", "2.5")), "levels[3].value"),
    "a level without a name": ('levels = [{ value = 1 }, { id = "A", value = 2 }]', "levels[1].id"),
    "a name with a blank": (levels(("A A", 2), ("B", 1)), "levels[1].id"),
    "a level without a value": ('levels = [{ id = "A" }, { id = "B", value = 2 }]', "levels[1].value"),
    "levels and a step": (levels(("A", 2), ("B", 1)) + ", step = 1", "step"),
    "levels and anchors": (levels(("A", 2), ("B", 1)) + f", anchors = [{ANCHOR}]", "anchors"),
    "the name of a reason": (levels(("abstained", 2), ("B", 1)), "levels[1].id"),
    "the value of another": (levels(("1", 2), ("2", 1)), "levels[1].id"),
    "another way to write it": (levels(("A", 2), ("2.0", 1)), "levels[2].id"),
    "a sign that nobody sees": (levels(("A\u200b", 2), ("B", 1)), "levels[1].id"),
    "values that are too long": (levels(("A", "46116860184273880"), ("B", "0.01")), ""),
}


@pytest.mark.parametrize(("inside", "place"), FAULTS.values(), ids=FAULTS)
def test_each_fault_of_a_scale_is_told_at_its_place(inside: str, place: str) -> None:
    with pytest.raises(RulesError) as told:
        parse(scaled(inside))
    first = told.value.problems[0]
    assert first.key == f"criterion[2].scale.{place}".rstrip(".")
    assert first.line is not None


def test_rules_without_them_keep_their_hash() -> None:
    assert parse(SMALL).hash == "ac3c3b4df77ab34240a06188e665a05291413c88a859c6387b02ff14583d35cb"


def test_anchors_are_in_order_however_they_are_written() -> None:
    """And levels as they are written: reviewers see them so."""
    one = parse(scaled('min = 0, max = 10, step = 1, anchors = [{ at = 5, name = "b" }, { at = 0, name = "a" }]'))
    other = parse(scaled('min = 0, max = 10, step = 1, anchors = [{ at = 0, name = "a" }, { at = "5.0", name = "b" }]'))
    assert one.hash == other.hash
    up, down = (parse(scaled(levels(*pairs))) for pairs in ([("B", 1), ("A", 2)], [("A", 2), ("B", 1)]))
    assert up.hash != down.hash
    assert from_canonical(up.canonical) == up


def test_values_of_levels_make_the_units_of_marks() -> None:
    assert parse(scaled(levels(("A", "9.125"), ("B", 1)))).mark_places == 3
    assert parse(LEVELLED).mark_places == 1


NUMBERS = st.integers(-30, 30).map(lambda n: Fraction(n, 4))
NAMES = st.text(st.sampled_from("AB+수1.5-"), min_size=1, max_size=3)


@st.composite
def drawn_levels(draw: st.DrawFn) -> Levels:
    values = sorted(draw(st.sets(NUMBERS, min_size=2, max_size=6)), reverse=draw(st.booleans()))
    names = draw(st.lists(NAMES, min_size=len(values), max_size=len(values), unique=True))
    return Levels(tuple(Level(key, Name((("", key),)), value) for key, value in zip(names, values, strict=True)))


@given(drawn_levels(), st.one_of(NAMES, NUMBERS.map(str)))
def test_a_text_means_a_level_by_name_or_value_and_never_two(scale: Levels, text: str) -> None:
    number = decimal_or_none(text)
    fits = {one.value for one in scale.levels if one.id == text or one.value == number}
    if len(fits) > 1:
        with pytest.raises(AmbiguousError):
            scale.meant(text, number)
    else:
        assert scale.meant(text, number) == next(iter(fits), None)


@given(drawn_levels(), NUMBERS)
def test_a_level_is_found_by_what_it_counts_as(scale: Levels, mark: Fraction) -> None:
    assert scale.allows(mark) == (mark in [one.value for one in scale.levels])
    found = scale.at(mark)
    assert (found is not None) == scale.allows(mark)
    assert found is None or found.value == mark
    assert scale.marks == tuple(sorted(one.value for one in scale.levels))
    assert (scale.min, scale.max, scale.size) == (min(scale.marks), max(scale.marks), len(scale.marks))


@given(NUMBERS, st.integers(1, 40), st.integers(1, 6))
def test_marks_in_even_steps_are_those_that_are_allowed(least: Fraction, quarters: int, count: int) -> None:
    step = Fraction(quarters, 4)
    scale = Scale(least, least + count * step, step)
    assert len(scale.marks) == scale.size == count + 1
    assert all(map(scale.allows, scale.marks))
    between = [mark + step / 2 for mark in scale.marks] + [least - step]
    assert not any(map(scale.allows, between))
    assert [scale.meant("", mark) for mark in between] == [None] * len(between)
