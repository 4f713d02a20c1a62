"""The look holds its promises: contrast, tokens only, small files, everything of others accounted for."""

from __future__ import annotations

import gzip
import hashlib
import json
import re
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders

from simsa.web import site

STATIC = Path(site.__file__).parent / "static/simsa"
CSS = (STATIC / "simsa.css").read_text(encoding="utf-8")
BUDGET = {"css": 20_000, "js": 40_000}
TEXT = 4.5
SIGN = 3.0
PAIRS = [
    *(
        (front, back, TEXT)
        for front in ("ink", "soft", "accent", "accent-strong", "error", "limit")
        for back in ("paper", "surface")
    ),
    *((front, "tint", TEXT) for front in ("ink", "accent", "accent-strong", "soft")),
    *((front, "shade", TEXT) for front in ("ink", "soft", "accent")),
    ("on-accent", "accent", TEXT),
    ("on-accent", "accent-strong", TEXT),
    ("edge", "paper", SIGN),
    ("edge", "surface", SIGN),
]


def block(selector: str) -> str:
    return re.search(re.escape(selector) + r" \{\n(.*?)\n *\}", CSS, re.DOTALL)[1]


def colours(selector: str) -> dict[str, str]:
    return dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6});", block(selector)))


LIGHT = colours(":root")
DARK = colours(':root[data-theme="dark"]')


def luminance(colour: str) -> float:
    """Relative luminance, WCAG 2.2."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def test_contrast_is_measured_as_wcag_does():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.01)


@pytest.mark.parametrize("scheme", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize(("front", "back", "least"), PAIRS)
def test_contrast(scheme, front, back, least):
    assert contrast(scheme[front], scheme[back]) >= least


def test_look_has_the_agreed_colours():
    agreed = {
        "ink": "#16211f",
        "paper": "#fbfcfb",
        "soft": "#5b6765",
        "line": "#dfe5e3",
        "accent": "#0b6e5f",
        "tint": "#e4f2ef",
        "limit": "#b45309",
    }
    assert agreed.items() <= LIGHT.items()


def test_both_ways_to_the_dark_scheme_are_the_same():
    assert colours('  :root:not([data-theme="light"])') == DARK
    assert set(DARK) == set(LIGHT)


def test_colours_are_named_in_tokens_only():
    rest = CSS.split("/* --- text", 1)[1].split("@media print", 1)[0]
    assert re.findall(r"#[0-9a-fA-F]{3,8}\b(?![^{]*\{)|rgba?\(|hsla?\(", rest) == []


def test_every_token_that_is_used_exists():
    assert set(re.findall(r"var\(--([a-z-]+)", CSS)) <= set(re.findall(r"--([a-z-]+):", CSS))


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/ko/", "/en/method/", "/ko/account/login/", "/ko/nowhere/"])
def test_pages_keep_the_budget(client, address):
    page = client.get(address).content.decode()
    linked = set(re.findall(r'<(?:script|link rel="stylesheet")[^>]+(?:src|href)="/static/([^"]+)"', page))
    assert {"simsa/simsa.css", "simsa/site.js"} <= linked
    for kind, most in BUDGET.items():
        files = [name for name in linked if name.endswith(kind)]
        assert sum(len(gzip.compress(Path(finders.find(name)).read_bytes())) for name in files) <= most


def test_htmx_fits_beside_the_sites_own_scripts():
    scripts = ("htmx.min.js", "theme.js", "site.js")
    assert sum(len(gzip.compress((STATIC / name).read_bytes())) for name in scripts) <= BUDGET["js"]


def test_files_of_others_are_as_listed():
    listed = json.loads((STATIC / "VENDORED.json").read_text(encoding="utf-8"))["parts"]
    for part in listed:
        assert (STATIC / part["licence_file"]).stat().st_size > 100
        for name, digest in part["sha256"].items():
            assert hashlib.sha256((STATIC / name).read_bytes()).hexdigest() == digest, name
    own = {"simsa.css", "site.js", "theme.js", "favicon.svg", "VENDORED.json"}
    there = {file.relative_to(STATIC).as_posix() for file in STATIC.rglob("*") if file.is_file()}
    assert there - own == {name for part in listed for name in (*part["sha256"], part["licence_file"])}


def test_typeface_covers_ks_x_1001_and_rare_slices_give_way():
    faces = re.findall(
        r"fonts/([a-z0-9-]+)\.woff2.*?unicode-range:([^}]+)", (STATIC / "fonts.css").read_text(encoding="utf-8")
    )
    assert [name for name, _ in faces] == [*(f"hangul-{number}" for number in range(7, 0, -1)), "latin"]
    points: dict[str, set[int]] = {}
    for name, declared in faces:
        for part in declared.split(","):
            first, _, last = part.removeprefix("U+").partition("-")
            points.setdefault(name, set()).update(range(int(first, 16), int(last or first, 16) + 1))
    common = set.union(*(covered for name, covered in points.items() if name != "hangul-7"))
    syllables = {code for code in range(0xAC00, 0xD7A4) if len(chr(code).encode("euc_kr")) == 2}
    assert len(syllables) == 2350
    assert syllables <= common | points["hangul-7"]
    assert {ord(sign) for sign in "0123456789AZaz·…₩→≤"} <= points["latin"]
