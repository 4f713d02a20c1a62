"""The typeface of documents: which letters it has, and what stands for those that it lacks.

Simsa Sans has what Korean texts are made of, Simsa Hanja the Chinese characters of KS X 1001, Simsa Rest the other
Hangul syllables, kana and signs (see `tools/fonts.py`). A PDF that is to be read aloud (PDF/UA) may hold no letter
without a shape, so what none of them has is told in another way.
"""

from __future__ import annotations

import unicodedata
from functools import cache, lru_cache
from pathlib import Path
from struct import unpack_from

FONTS = Path(__file__).parent / "fonts"
FILES = {
    "regular": ("simsa-sans-regular.ttf", "simsa-hanja-regular.otf", "simsa-rest-regular.otf"),
    "bold": ("simsa-sans-bold.ttf", "simsa-hanja-bold.otf", "simsa-rest-regular.otf"),
}
"""By weight, in the order in which they are asked for a letter."""
LACKING = "□"
LIKE = {"≒": "≈", "∼": "~", "◈": "◇"}
"""Signs of Korean keyboards that no typeface of the three has, and what says the same."""
BEFORE = {"super": "^", "fraction": " "}
"""What keeps 10⁶ and 1⅔ from becoming other numbers where they are written with plain digits."""
UNSEEN = ("Cc", "Cf", "Cs", "Mn", "Mc", "Me", "Sk")
"""Categories of what only changes the look of its neighbours: the skin of a face, the colours of a sign."""
FLAG_A = 0x1F1E6
"""Flags are written with 26 letters of their own."""


def face(letter: str, weight: str) -> str | None:
    """The name of the file with the shape of a letter; None where there is none."""
    return next((name for name in FILES[weight] if ord(letter) in _points(name)), None)


def has(text: str) -> bool:
    """Whether there is a shape for every letter."""
    return all(letter in "\n\t" or face(letter, "regular") for letter in text)


def with_stand_ins(text: str) -> str:
    """A text of letters that have a shape: a sign that has none is named in brackets, a letter becomes a box."""
    return "".join(map(_stand_in, unicodedata.normalize("NFC", text)))


def without_lacking(text: str) -> str:
    """A text without the letters that have no shape."""
    return " ".join("".join(filter(has, unicodedata.normalize("NFC", text))).split())


@lru_cache(maxsize=8192)
def _stand_in(letter: str) -> str:
    if has(letter):
        return letter
    plain = LIKE.get(letter) or unicodedata.normalize("NFKC", letter)
    if plain != letter and has(plain):
        return BEFORE.get(unicodedata.decomposition(letter).partition(">")[0][1:], "") + plain
    kind = unicodedata.category(letter)
    if 0 <= ord(letter) - FLAG_A < 26:
        return chr(ord("A") + ord(letter) - FLAG_A)
    if kind in UNSEEN:
        return ""
    name = unicodedata.name(letter, "") if kind[0] in "SP" else ""
    return f"[{name.lower()}]" if name else LACKING


@cache
def _points(name: str) -> frozenset[int]:
    """The characters of a font, as its table `cmap` lists them for Unicode's first plane (OpenType, format 4)."""
    data = (FONTS / name).read_bytes()
    tables = {data[at : at + 4]: unpack_from(">8xL", data, at)[0] for at in range(12, 12 + 16 * data[5], 16)}
    start = tables[b"cmap"]
    (count,) = unpack_from(">2xH", data, start)
    listed = [unpack_from(">HHL", data, start + 4 + 8 * n) for n in range(count)]
    table = start + next(offset for platform, kind, offset in listed if (platform, kind) == (3, 1))
    segments = unpack_from(">6xH", data, table)[0] // 2
    last = unpack_from(f">{segments}H", data, table + 14)
    first = unpack_from(f">{segments}H", data, table + 16 + 2 * segments)
    ranges = zip(first, last, strict=True)
    return frozenset(point for a, b in ranges for point in range(a, b + 1) if point != 0xFFFF)
