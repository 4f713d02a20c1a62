"""Labels stacked on a tile, so that no name is ever cut."""

from __future__ import annotations

import re

from simsa.tables.pictures.lettering import text_width


def fitted(label: str, side: float, bold: bool) -> tuple[list[str], float]:
    """The label on one to three lines in the largest type with which all of it stands on a tile."""
    for size in _LATIN_SIZES if label.isascii() else _SIZES:
        for lines in _stacks(label):
            widest = max(text_width(line, size, bold) for line in lines)
            if widest <= side and len(lines) * size <= side:
                return lines, size
    return [label], _SIZES[-1]


_SIZES = (10.5, 10, 9.5, 9, 8.5, 8, 7.5, 7, 6.5, 6, 5.5, 5)
_LATIN_SIZES = tuple(size for size in _SIZES if size <= 7.5)  # small letters of all lengths look alike on their tiles
# A romanised Korean syllable: onset, vowels, and a final sound that no vowel or glide follows.
_SYLLABLE = re.compile(r"[^aeiou]*(?:[aeiou]+(?:(?:ng|[bklmnpst])(?![aeiouyw]))?|$)", re.IGNORECASE)


def _stacks(label: str) -> list[list[str]]:
    """Ways to stack a label: Hangul by syllables, two on the first line; romanised names by syllables."""
    if not label.isascii():
        return (
            [[label]] if len(label) < 3 else [[label], [label[: (len(label) + 1) // 2], label[(len(label) + 1) // 2 :]]]
        )
    parts = [part for part in _SYLLABLE.findall(label) if part]
    halves = [["".join(parts[:n]), "".join(parts[n:])] for n in range(1, len(parts))]
    thirds = [
        ["".join(parts[:a]), "".join(parts[a:b]), "".join(parts[b:])]
        for a in range(1, len(parts))
        for b in range(a + 1, len(parts))
    ]
    return [[label], *halves, *thirds]
