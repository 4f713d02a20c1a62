"""Entries in doubt: where each stands between 0 and 100 per cent, who gets more, and how many are not shown."""

from __future__ import annotations

import re

from simsa.tables.pictures import Chance, chances_picture
from tests.tables.pictures.drawn import texts


def test_entries_lie_by_their_chance_and_those_with_more_reviews_stand_out() -> None:
    rows = [Chance("하나", 0.5, 2), Chance("둘", 0.9, 0), Chance("셋 <b>", 0.2, 1)]
    svg = chances_picture(rows, title="Open", language="en")
    places = [float(x) for x in re.findall(r'<circle cx="([0-9.]+)"', svg)]
    assert sorted(places) == [places[2], places[0], places[1]]
    assert [text for text, _y, _element in texts(svg) if re.fullmatch(r"\+\d|–", text)] == ["+2", "–", "+1"]
    assert "Entries whose place is open: 3. More reviews: 하나 +2 and 셋 &lt;b&gt; +1." in svg


def test_what_does_not_fit_is_counted() -> None:
    svg = chances_picture([Chance(f"e{n}", 0.5, 0) for n in range(30)], title="Open", language="en", limit=20)
    assert svg.count("<circle") == 20
    assert "and 10 more" in svg
    assert "More reviews" not in svg
