"""The numbers of an indicator as a picture: every number is in it, and nothing leaves it."""

from __future__ import annotations

from fractions import Fraction
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simsa.engine.indicators import distribution
from simsa.engine.inputs import Entries, Reported
from simsa.rules import parse
from simsa.tables.pictures import numbers_picture
from simsa.tables.pictures.lettering import text_width
from tests.rules.small import SMALL
from tests.tables.pictures.drawn import SVG, texts

STEPS = "[{ at = 10, points = 5 }, { at = 20, points = 9 }]"
RULES = parse(
    SMALL.replace("weight = 0.6", 'weight = "0.5"')
    + f"""
[[criterion]]
id = "plan"
weight = "0.1"
indicator = {{ method = "step", field = "saved", boundary = "above", steps = {STEPS} }}
"""
)
NUMBERS = st.none() | st.fractions(-(10**9), 10**9, max_denominator=50)


@given(st.lists(st.tuples(st.sampled_from("ab"), NUMBERS), max_size=30), st.sampled_from(["ko", "en"]))
def test_every_number_is_a_dot_inside(drawn, language):
    entries = Entries(tuple(f"e{n}" for n in range(len(drawn))), tuple(group for group, _ in drawn))
    known = {(f"e{n}", "plan", "saved"): number for n, (_, number) in enumerate(drawn) if number is not None}
    found = distribution(RULES, RULES.by_id["plan"], entries, Reported(known))
    svg = numbers_picture(found, RULES, entries, title="T", language=language)
    if not known:
        assert svg == ""
        return
    root = ElementTree.fromstring(svg)
    width = float(root.get("width", "0"))
    dots = [float(dot.get("cx", "-1")) for dot in root.iter(f"{SVG}circle")]
    assert len(dots) == len(known)
    assert all(0 <= x <= width for x in dots)
    for text, _, element in texts(svg):
        at, wide = float(element.get("x", "0")), text_width(text, float(element.get("font-size", "12.5")))
        start = at - {"middle": wide / 2, "end": wide}.get(element.get("text-anchor") or "", 0)
        assert start >= -1
        assert start + wide <= width + 1


@pytest.mark.parametrize("number", [Fraction(10), Fraction(20)])
def test_a_number_at_an_edge_lies_on_its_line(number):
    entries = Entries(("e",), ("a",))
    found = distribution(RULES, RULES.by_id["plan"], entries, Reported({("e", "plan", "saved"): number}))
    root = ElementTree.fromstring(numbers_picture(found, RULES, entries, title="T"))
    (dot,) = root.iter(f"{SVG}circle")
    dashed = next(path for path in root.iter(f"{SVG}path") if path.get("stroke-dasharray"))
    assert f"M{dot.get('cx')} " in dashed.get("d", "")
