"""The JavaScript verifier's own parts against what the browser or Python has."""

from __future__ import annotations

import json
from fractions import Fraction
from importlib.resources import files

import pytest
import rfc8785
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from playwright.sync_api import Page

from simsa.record.verifier import words
from simsa.rules import Rounding, exact_text
from tests.draws import draws
from tests.record.bundles_by_hand import commitment, proof, root

drawing = settings(max_examples=draws(60), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])

CANONICAL = """(texts) => texts.map((text) => {
  const bytes = Uint8Array.from(atob(text), (one) => one.charCodeAt(0));
  try { return module_json.canonicalText(module_json.parseCanonical(bytes, "x")); }
  catch (error) { if (error instanceof module_faults.Fault) return null; throw error; }
})"""


def read(modules: Page, *given_texts: bytes) -> list[str | None]:
    import base64

    found: list[str | None] = modules.evaluate(CANONICAL, [base64.b64encode(one).decode() for one in given_texts])
    return found


def test_sha256_is_the_browsers(modules: Page) -> None:
    wrong = modules.evaluate(
        """async () => {
          const wrong = [];
          for (const size of [...Array(200).keys(), 4095, 4096, 100003]) {
            const data = Uint8Array.from({ length: size }, (_, i) => (i * 131 + size * 7) & 255);
            const theirs = new Uint8Array(await crypto.subtle.digest("SHA-256", data));
            if (module_bytes.hex(theirs) !== module_bytes.hex(module_sha256.sha256(data))) wrong.push(size);
          }
          return wrong;
        }"""
    )
    assert wrong == []


values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4),
    max_leaves=12,
)


@settings(parent=drawing)
@given(values)
def test_canonical_json_is_read_and_written_as_python_does(modules: Page, value: object) -> None:
    import unicodedata

    text = rfc8785.dumps(value)
    composed = unicodedata.normalize("NFC", text.decode()) == text.decode()
    (found,) = read(modules, text)
    assert found == (text.decode() if composed else None)


@settings(parent=drawing)
@given(values, st.integers(0, 2**20), st.sampled_from([b" ", b"0", b",", b'"', b"\\", b"\xff", b"e1", b"[", b"-"]))
def test_nothing_but_canonical_bytes_is_read(modules: Page, value: object, at: int, more: bytes) -> None:
    """Whatever is read is what Python, too, would write for what it says."""
    text = rfc8785.dumps(value)
    at %= len(text) + 1
    changed = text[:at] + more + text[at:]
    (found,) = read(modules, changed)
    if found is not None:
        assert found.encode() == changed == rfc8785.dumps(json.loads(changed))


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"\xef\xbb\xbf{}",
        b"{} ",
        b'{"b":1,"a":1}',
        b'{"a":1,"a":1}',
        b"1.0",
        b"1e3",
        b"-0",
        b"01",
        b"9007199254740992",
        b'"\\u0041"',
        b'"\\/"',
        b'"\\u000A"',
        b'"\\u000a"',
        b'"\\ud800"',
        b'"\xed\xa0\x80"',
        '"\u1100\u1161"'.encode(),
        b'"\x7f\n"',
        b"[1,]",
        b"[1",
        b'{"a":}',
        b"nul",
        b"NaN",
        b"[" * 5000 + b"]" * 5000,
        '{"\U00010000":1,"\uff00":1}'.encode()[:-1] + b" }",
    ],
)
def test_what_has_another_form_is_refused(modules: Page, text: bytes) -> None:
    assert read(modules, text) == [None]


def test_keys_stand_by_utf16_and_texts_by_code_points(modules: Page) -> None:
    keys = '{"\U00010000":1,"\uff00":1}'.encode()
    assert read(modules, keys, '{"\uff00":1,"\U00010000":1}'.encode()) == [keys.decode(), None]
    texts = ["", "a", "a\U00010000", "a\uff00", "a\ud7ff", "b", "가", "\U0001f600", "\ue000"]
    found = modules.evaluate("(texts) => texts.sort(module_bytes.compareTexts)", list(texts))
    assert found == sorted(texts)


@settings(parent=drawing)
@given(st.integers(-(10**9), 10**9), st.integers(1, 4000), st.integers(0, 6))
def test_numbers_are_written_read_and_rounded_as_python_does(modules: Page, top: int, under: int, places: int) -> None:
    number = Fraction(top, under)
    modes = ["half_up", "half_even", "down"]
    told = modules.evaluate(
        """([text, places, modes]) => {
          const { parseNumber, rounded } = module_rationals;
          const number = parseNumber(text, "x");
          return [number.text, ...modes.map((mode) => rounded(number, { places, mode }).text)];
        }""",
        [exact_text(number), places, modes],
    )
    assert told == [exact_text(number), *(exact_text(Rounding(places, mode).apply(number)) for mode in modes)]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "text", ["1.50", "+1", ".5", "-0", "2/4", "1/2", "01", "1.", "", " 1", "1e3", "0/3", "3/1", "1/-3", "٣"]
)
def test_a_number_has_one_form(modules: Page, text: str) -> None:
    assert modules.evaluate(
        "(text) => { try { module_rationals.parseNumber(text, 'x'); return false; } catch { return true; } }", text
    )


@settings(parent=drawing)
@given(st.text(max_size=20), st.text(max_size=8), st.text(max_size=40), st.binary(min_size=32, max_size=32))
def test_commitments_are_those_of_the_format(modules: Page, round_: str, name: str, value: str, secret: bytes) -> None:
    told = modules.evaluate(
        "([round, name, secret, value]) => module_bytes.commitment(round, name, module_bytes.unhex(secret), value)",
        [round_, name, secret.hex(), value],
    )
    assert told == commitment(round_, name, secret.hex(), value)


def test_trees_and_proofs_are_those_of_the_rfc(modules: Page) -> None:
    """Every root and every inclusion proof up to 20 leaves; none holds for another index, size or a changed proof."""
    leaves = [bytes([n]) * 3 for n in range(20)]
    roots = [root(leaves[:size]).hex() for size in range(21)]
    proofs = [[[h.hex() for h in proof(leaves[:size], n)] for n in range(size)] for size in range(1, 21)]
    wrong = modules.evaluate(
        """([leaves, roots, proofs]) => {
          const { unhex, hex } = module_bytes;
          const { Tree, leafHash, rootOfProof } = module_merkle;
          const hashes = leaves.map((leaf) => leafHash(unhex(leaf)));
          const tree = new Tree(hashes);
          const wrong = [];
          roots.forEach((root, size) => {
            if (hex(tree.root(size)) !== root) wrong.push(`root ${size}`);
          });
          const leads = (n, index, size, proof) => {
            const found = rootOfProof(hashes[n], index, size, proof.map(unhex));
            return found !== null && hex(found) === roots[size];
          };
          proofs.forEach((own, below) => own.forEach((proof, n) => {
            const size = below + 1;
            if (!leads(n, n, size, proof)) wrong.push(`proof ${n} of ${size}`);
            const others = [[n, n + 1, size, proof], [n, n, size + 1, proof], [n, n, size, [...proof, roots[1]]],
              [n, n, size, proof.slice(1)], [n, n + size, size, proof], [(n + 1) % 20, n, size, proof]];
            for (const [leaf, index, whole, given] of others) {
              const same = given.length === proof.length && index === n && whole === size && leaf === n;
              if (whole <= 20 && !same && leads(leaf, index, whole, given)) wrong.push(`${index} of ${whole} holds`);
            }
          }));
          return wrong;
        }""",
        [[leaf.hex() for leaf in leaves], roots, proofs],
    )
    assert wrong == []


def test_everything_that_is_said_is_said_in_both_languages() -> None:
    said = words()

    def texts(part: object) -> set[str]:
        assert isinstance(part, dict)
        if set(part) == {"en", "ko"}:
            kinds = {json.dumps(sorted(text)) if isinstance(text, dict) else "text" for text in part.values()}
            assert len(kinds) == 1
            return kinds
        return set().union(*(texts(inner) for inner in part.values()))

    assert texts(said["checks"]) == {'["failed", "meaning", "title"]'}
    assert texts(said["verdicts"]) == {'["meaning", "title"]'}
    assert texts(said["outcomes"]) == texts(said["reasons"]) == {"text"}
    page = json.loads((files("simsa.record.verifier") / "texts.json").read_text("utf-8"))
    assert set(page) == {"en", "ko"}
    assert [(key, type(text), sorted(text) if isinstance(text, dict) else "") for key, text in page["en"].items()] == [
        (key, type(text), sorted(text) if isinstance(text, dict) else "") for key, text in page["ko"].items()
    ]
