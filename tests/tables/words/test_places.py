"""Decimal places: those that the rules round to."""

from __future__ import annotations

from fractions import Fraction

from simsa.rules import load, parse
from simsa.tables import words
from tests.rules.small import OFFICIAL, changed
from tests.tables.words.forms import EXAMPLES, RULES


def test_places_are_those_that_the_rules_round_to() -> None:
    skating, proactive = load(EXAMPLES / "skating/rules.toml"), load(EXAMPLES / "proactive/rules.toml")
    assert words.score_places(skating) == 2  # a sum of components, each rounded to 0.01
    assert words.score_places(proactive) == 2
    assert words.score_places(RULES, "idea") is None  # a mean that is not rounded
    assert words.format_score(Fraction(7), RULES) == "7.00"
    calibrated = parse(changed("[missing]", OFFICIAL.replace("places = 2", "places = 3")))
    assert words.format_score(Fraction(7), calibrated) == "7.000"
    assert words.score_places(calibrated, "total") == 2  # of the tally
    at_the_root = 'combine = { method = "weighted_sum" }\nround = { places = 2, mode = "half_up" }'
    rounded_before = 'combine = { method = "weighted_sum", round = { places = 1 } }\nfactor = "0.25"'
    with_factor = parse(changed(at_the_root, rounded_before))
    assert words.score_places(with_factor) == 3
