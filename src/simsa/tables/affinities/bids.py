"""What a bid is worth: a declared number that is added to the affinity of its pair, or a conflict."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType

import numpy as np
import polars as pl

from simsa.tables.frames import Bools, Floats
from simsa.tables.spreadsheets import number_text
from simsa.tables.table import TableError

CONFLICT = "conflict"
POINT = "point"
HOTCRP_CONFLICT = -100.0
"""HotCRP's preference that stands for a conflict; what is lower counts as one too."""

_WORDS: Mapping[str, float | None] = {
    "yes": 1.0,
    "maybe": 0.5,
    "no": -1.0,
    CONFLICT: None,
    "very high": 1.0,
    "high": 0.5,
    "neutral": 0.0,
    "low": -0.5,
    "very low": -1.0,
    "none": 0.0,
}


@dataclass(frozen=True)
class BidMeaning:
    """What bids add to the affinity: `words` by word (None: a conflict), `point` for each point of a number.

    The default: yes 1, maybe 0.5, no -1, conflict; OpenReview's words from "very high" 1 to "very low" -1; and 0.01 for
    each of HotCRP's points from -99 to 100, of which -100 is a conflict.
    """

    words: Mapping[str, float | None] = field(default_factory=lambda: MappingProxyType(dict(_WORDS)))
    point: float = 0.01

    def changed(self, text: str) -> BidMeaning:
        """This with what a text such as `yes=2,maybe=1,no=conflict,point=0.02` says. TableError if it says nothing."""
        meaning = self
        for part in text.split(","):
            word, equals, value = (piece.strip().casefold() for piece in part.partition("="))
            if not word or not equals:
                raise TableError(f"--bid {part.strip()!r}: is no word with its number, such as yes=1")
            number = None if value == CONFLICT else _number(value, part)
            if word == POINT and number is not None:
                meaning = replace(meaning, point=number)
            else:
                meaning = replace(meaning, words=MappingProxyType({**meaning.words, word: number}))
        return meaning

    def described(self, used: Sequence[str]) -> str:
        """What the words that were used add, as a note."""
        parts = [f"{word} {_worth(self.words[word])}" for word in self.words if word in used]
        if POINT in used:
            parts.append(f"each point {_worth(self.point)}, from {HOTCRP_CONFLICT:g} down a conflict")
        return ", ".join(parts)


@dataclass(frozen=True)
class BidValues:
    """For each bid what it adds to the affinity (NaN where it is not understood), and whether it is a conflict.

    `used`: the words that occur, and `point` if numbers do.
    """

    value: Floats
    conflict: Bools
    used: tuple[str, ...]


def bid_affinity(bids: pl.Series, meaning: BidMeaning) -> BidValues:
    """What each bid adds to the affinity of its pair.

    `bids`: text, a word of `meaning` in any capitals, or a number of points from -100 to 100, which may carry HotCRP's
    letter for expertise (20X); an empty one is no bid and adds nothing.
    """
    distinct = bids.cast(pl.String).unique()
    worth = [worth_of(text or "", meaning) for text in distinct.to_list()]
    if not worth:
        return BidValues(np.zeros(0), np.zeros(0, np.bool_), ())
    values = pl.Series([one[0] for one in worth], dtype=pl.Float64)
    refused = pl.Series([one[1] for one in worth], dtype=pl.Boolean)
    texts = bids.cast(pl.String)
    return BidValues(
        texts.replace_strict(distinct, values).to_numpy().astype(np.float64),
        texts.replace_strict(distinct, refused).to_numpy().astype(np.bool_),
        tuple(dict.fromkeys(kind for _, _, kind in worth if kind)),
    )


def worth_of(text: str, meaning: BidMeaning) -> tuple[float, bool, str]:
    """What it adds, whether it is a conflict, and the word it is."""
    word = " ".join(text.casefold().split())
    if not word:
        return 0.0, False, ""
    if word in meaning.words:
        number = meaning.words[word]
        return (0.0, True, word) if number is None else (number, False, word)
    try:
        points = math.nan if "_" in word else float(word.rstrip("xyz").replace("−", "-"))
    except ValueError:
        points = math.nan
    if not math.isfinite(points) or abs(points) > 10**6:
        return math.nan, False, ""
    if points <= HOTCRP_CONFLICT:
        return 0.0, True, POINT
    return points * meaning.point, False, POINT


def _number(value: str, part: str) -> float:
    try:
        number = math.nan if "_" in value else float(value)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise TableError(f"--bid {part.strip()!r}: {value!r} is neither a number nor the word conflict")
    return number


def _worth(number: float | None) -> str:
    if number is None:
        return "never meets"
    return number_text(number) if number <= 0 else f"+{number_text(number)}"
