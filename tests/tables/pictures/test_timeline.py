"""The schedule as a picture: the clock stands between what has passed and what is to come."""

from __future__ import annotations

import re

import pytest

from simsa.tables.pictures import timeline_picture
from tests.tables.pictures.drawn import texts

MOMENTS = [("Call", "1 May"), ("Deadline", "9 May"), ("Announcement", "1 June")]


@pytest.mark.parametrize("passed", range(4))
def test_clock_stands_between_past_and_future(passed: int) -> None:
    svg = timeline_picture(MOMENTS, passed, ("call open", "today"), title="Schedule", language="en")
    expected = [word for moment in MOMENTS for word in moment]
    expected[2 * passed : 2 * passed] = ["call open", "today"]
    assert [text for text, _y, _element in texts(svg)] == expected
    heights = [y for _text, y, _element in texts(svg)]
    assert heights == sorted(heights)
    told = re.search("<desc[^>]*>(.*)</desc>", svg)
    assert told
    assert told[1].split("; ").index("Now, today: call open") == passed
    assert len(re.findall(r'<circle[^>]*fill="[^"]*accent', svg)) == passed
