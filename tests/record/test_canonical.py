import json
import os
import unicodedata
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simsa.record import CanonicalError, canonical_bytes, canonical_text, digest, parse_canonical

CONTENT: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(st.characters(codec="utf-8")),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text("abc각é", max_size=4), inner, max_size=4),
    max_leaves=20,
)


@given(CONTENT)
def test_canonical_bytes_are_a_fixed_point(content: Any) -> None:
    once = canonical_bytes(content)
    assert canonical_bytes(parse_canonical(once)) == once
    assert digest(json.loads(json.dumps(content))) == digest(content)


def test_text_is_in_nfc_and_keys_are_sorted() -> None:
    decomposed = unicodedata.normalize("NFD", "각")
    assert canonical_bytes({"b": decomposed, "a": 1}) == '{"a":1,"b":"각"}'.encode()
    assert canonical_text({"나": [1, "가"], "a": None, "A": True}) == '{"A":true,"a":null,"나":[1,"가"]}'


@pytest.mark.parametrize(
    ("content", "place"),
    [
        ({"sheets": [{"mark": 8.5}]}, "/sheets/0/mark: float has no canonical form"),
        ({"n": 2**53}, "/n: 9007199254740992 is beyond"),
        ({1: "x"}, "the key 1 is not a string"),
        ({"각": 1, unicodedata.normalize("NFD", "각"): 2}, "two keys are the same"),
        (["\ud800"], "/0: a lone surrogate"),
    ],
)
def test_what_has_no_canonical_form_is_named(content: Any, place: str) -> None:
    with pytest.raises(CanonicalError) as caught:
        canonical_bytes(content)
    assert place in str(caught.value)


@pytest.mark.parametrize("data", ['{"a":1,"a":2}', '{"a":1.5}', '{"a":NaN}', "{", b"\xff"])
def test_ambiguous_json_is_refused(data: str | bytes) -> None:
    with pytest.raises(CanonicalError):
        parse_canonical(data)


VECTORS = Path(os.environ.get("SIMSA_DATA", "")) / "vectors" / "jcs"


@pytest.mark.skipif(not os.environ.get("SIMSA_DATA"), reason="SIMSA_DATA is not set: no RFC 8785 vectors")
def test_published_vectors_that_hold_no_floats() -> None:
    checked = 0
    for source in sorted((VECTORS / "input").glob("*.json")):
        try:
            content = parse_canonical(source.read_bytes())
        except CanonicalError:
            continue  # holds floating-point numbers, which the record never does
        wanted = (VECTORS / "output" / source.name).read_bytes()
        if unicodedata.is_normalized("NFC", wanted.decode()):
            assert canonical_bytes(content) == wanted
            checked += 1
    assert checked >= 2  # the others hold floats, or text that is not in NFC
