import json
import re
import unicodedata
from typing import Any

import pytest
import rfc8785
from hypothesis import example, given
from hypothesis import strategies as st

from simsa.record import CanonicalError, canonical_bytes, canonical_text, digest, parse_canonical
from simsa.record.canonical import DEEPEST, encoded, parse_exact
from tests.record.vectors import VECTORS, needs_vectors

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


ANY_TEXT = st.text(st.characters(codec="utf-8"), max_size=4)
ANY_KEYS: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | ANY_TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(ANY_TEXT, inner, max_size=4),
    max_leaves=12,
)


@given(ANY_KEYS)
@example({"\U0001f602": 1, "\ufb33": 2, "\u20ac": 3, "\r": 4, "</script>": 5})
@example(['\x7f\x80\u2028\x00\x1f\b\f\n\r\t"\\/'])
def test_bytes_are_those_of_a_library_for_rfc_8785(content: Any) -> None:
    assert encoded(content) == rfc8785.dumps(content)


@given(ANY_KEYS)
def test_exactly_the_canonical_bytes_are_read(content: Any) -> None:
    try:
        data = canonical_bytes(content)
    except CanonicalError:  # two keys that are one in Unicode NFC
        return
    read = parse_exact(data)
    assert encoded(read) == data
    assert read == parse_canonical(data)
    raw = encoded(content)
    if raw != data:  # text that is not in NFC
        with pytest.raises(CanonicalError, match="not in canonical form"):
            parse_exact(raw)


GOOD = '{"a":[1,-2,"각\\n",true,null],"b":{}}'


@pytest.mark.parametrize(
    "data",
    [
        GOOD.replace(":", ": "),
        GOOD + "\n",
        "\ufeff" + GOOD,
        GOOD.replace("-2", "-0"),
        GOOD.replace("-2", "2.0"),
        GOOD.replace("-2", "2e0"),
        GOOD.replace("-2", "NaN"),
        GOOD.replace("-2", "-Infinity"),
        GOOD.replace("-2", "02"),
        GOOD.replace("-2", str(2**53)),
        GOOD.replace("-2", "9" * 5000),
        GOOD.replace("\\n", "\\u000a"),
        GOOD.replace("\\n", "\\/"),
        GOOD.replace("\\n", "\\ud800"),
        GOOD.replace("\\n", "\n"),
        GOOD.replace("각", "\\uac01"),
        GOOD.replace("각", unicodedata.normalize("NFD", "각")),
        GOOD.replace('"b":{}', '"a":[]'),
        GOOD.replace('"b":{}', '"b":{},"b":{}'),
        GOOD.replace('"b":{}', '"A":{}'),
        GOOD[:-1],
        "",
        "nul",
        GOOD.encode("utf-16"),
        GOOD.encode() + b"\xff",
        b'"\xed\xa0\x80"',
    ],
)
def test_what_is_not_exactly_canonical_is_refused(data: str | bytes) -> None:
    assert parse_exact(GOOD.encode())["a"][1] == -2
    with pytest.raises(CanonicalError):
        parse_exact(data.encode() if isinstance(data, str) else data)


@pytest.mark.parametrize(("open_", "close"), [("[", "]"), ('{"a":', "}")])
def test_depth_has_a_limit_for_readers_and_writers(open_: str, close: str) -> None:
    def nested(depth: int) -> bytes:
        return (open_ * depth + "1" + close * depth).encode()

    deepest = nested(DEEPEST)
    assert encoded(parse_exact(deepest)) == deepest
    assert canonical_bytes(parse_canonical(deepest)) == deepest
    for depth in (DEEPEST + 1, 500, 100_000):
        for read in (parse_exact, parse_canonical):
            with pytest.raises(CanonicalError):
                read(nested(depth))
    deeper: Any = 1
    for _ in range(DEEPEST + 1):
        deeper = [deeper]
    with pytest.raises(CanonicalError, match=f"deeper than {DEEPEST}"):
        canonical_bytes(deeper)


@needs_vectors
def test_published_vectors() -> None:
    """Those with floats, or text that is not in NFC, simsa refuses or normalises; their bytes are the library's."""
    refused, normalised, equal = set(), set(), set()
    for source in (VECTORS / "jcs" / "input").glob("*.json"):
        wanted = (VECTORS / "jcs" / "output" / source.name).read_bytes()
        assert rfc8785.dumps(json.loads(source.read_bytes())) == wanted
        if re.search(r"[0-9][.eE]", source.read_text()):
            with pytest.raises(CanonicalError, match="floating-point"):
                parse_canonical(source.read_bytes())
            refused.add(source.stem)
            continue
        own = canonical_bytes(parse_canonical(source.read_bytes()))
        assert encoded(json.loads(source.read_bytes())) == wanted
        if own == wanted:
            assert encoded(parse_exact(wanted)) == wanted
            equal.add(source.stem)
        else:
            assert json.loads(own) == json.loads(unicodedata.normalize("NFC", wanted.decode()))
            with pytest.raises(CanonicalError):
                parse_exact(wanted)
            normalised.add(source.stem)
    assert (refused, normalised) == ({"structures", "values"}, {"unicode", "weird"})
    assert equal == {"arrays", "french"}
