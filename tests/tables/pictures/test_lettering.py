"""Lettering: lines that fit."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from simsa.tables.pictures import text_width, wrapped


@given(st.text(st.characters(categories=["Lu", "Ll", "Lo", "Nd", "Zs"]), max_size=60), st.floats(30, 200))
def test_wrapped_lines_fit(text: str, width: float) -> None:
    found = wrapped(text, width)
    assert len(found) <= 2
    assert all(text_width(line) <= width or len(line) <= 1 for line in found)
    if "…" not in "".join(found):
        assert "".join("".join(found).split()) == "".join(text.split())


def test_a_long_name_keeps_its_end_when_that_tells_it_apart() -> None:
    found = wrapped("ISU Grand Prix of Figure Skating Final 2016 / MEN FREE SKATING / J4", 130, keep_end=True)
    assert found[0].startswith("ISU Grand Prix")
    assert found[1].startswith("…")
    assert found[1].endswith("/ J4")
