"""Countries by code and by name in both languages."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simsa.web.entries.countries import COUNTRIES, country_code, country_codes, country_name, listed_names


def test_every_code_is_known_by_itself_and_by_its_names():
    assert len(COUNTRIES) == 249  # as many as ISO 3166-1 has
    for code, names in COUNTRIES.items():
        for name in (code, code.lower(), *names, names[1].upper(), f" {names[0]} "):
            assert country_code(name) == code
        assert (country_name(code, "ko"), country_name(code, "en")) == names


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("U.S.A.", "US"),
        ("the Netherlands", "NL"),
        ("Cote d'Ivoire", "CI"),
        ("St. Lucia", "LC"),
        ("Bosnia & Herzegovina", "BA"),
        ("Viet Nam", "VN"),
        ("터키", "TR"),
        ("한국", "KR"),
        ("남아프리카 공화국", "ZA"),
        ("도미니카", None),  # one of two
        ("유럽", None),
        ("XX", None),
        ("", None),
    ],
)
def test_names_as_people_write_them(name, code):
    assert country_code(name) == code


@given(st.lists(st.sampled_from(sorted(COUNTRIES))), st.sampled_from([",", ", ", ";", "·", "、", "\n"]), st.booleans())
def test_list_keeps_its_order_and_names_each_once(codes, between, english):
    text = between.join(COUNTRIES[code][english] for code in codes)
    assert country_codes(listed_names(text)) == list(dict.fromkeys(codes))
