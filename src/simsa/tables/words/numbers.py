"""Numbers for people: official scores exactly, ranks, shares and chances."""

from __future__ import annotations

from fractions import Fraction

from simsa.rules import Rules, decimal_places, decimal_text
from simsa.tables.words.filling import fill
from simsa.tables.words.languages import translator
from simsa.tables.words.places import score_places

NO_NUMBER = "–"
"""Stands where there is no number; never 0. Beside it belongs `no_result`, for those who listen."""
_LONGEST = 6  # decimal places of a number that the rules never round


def format_score(value: Fraction | None, places: Rules | int | None, language: str = "ko") -> str:
    """An official number, exact, with the places that the rules round to, thousands apart; `–` if there is none.

    `places` is a number of places, or the rules (then those of the official score), or None for as many as it
    takes. A number without a decimal form, or with more than six places nobody declared, is cut off with `…`.
    """
    translator(language)
    if value is None:
        return NO_NUMBER
    wanted = score_places(places) if isinstance(places, Rules) else places
    longest = max(_LONGEST, wanted or 0)
    units, rest = divmod(abs(value.numerator) * 10**longest, value.denominator)
    text = f"{decimal_text(Fraction(units, 10**longest), longest)}…" if rest else decimal_text(abs(value), wanted)
    whole, point, part = text.partition(".")
    return f"{'−' if value < 0 else ''}{int(whole):,}{point}{part}"


def points(value: Fraction | None, places: Rules | int | None, language: str = "ko") -> str:
    """A score with its unit ("87.67점", "87.67 points"), or that there is no result."""
    _ = translator(language).gettext
    return no_result(language) if value is None else fill(_("%(n)s points"), n=format_score(value, places, language))


def no_result(language: str = "ko") -> str:
    """What `–` means."""
    _ = translator(language).gettext
    return _("no result")


def rank_words(rank: int, language: str = "ko", *, shared: bool = False) -> str:
    """ "1위", "1st"; with others at the same rank "공동 1위", "joint 1st"."""
    if language == "ko":
        return f"공동 {rank}위" if shared else f"{rank}위"
    ending = "th" if rank % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(rank % 10, "th")
    return f"joint {rank}{ending}" if shared else f"{rank}{ending}"


def expected_rank_text(expected: float, low: float, high: float) -> str:
    """A rank that is not sure, with the ends of its interval: "3.2 (1–7)"; "1" where it is."""
    ends = f"{low:.0f}–{high:.0f}"
    return f"{low:.0f}" if round(low) == round(high) else f"{expected:.1f} ({ends})"


def percent(share: float, language: str = "ko") -> str:
    """A probability for people: whole per cent, but never 0 % or 100 % of what is only nearly so."""
    translator(language)
    text = f"{share:.0%}"
    if share > 0 and text == "0%":
        return "<1%"
    return ">99%" if share < 1 and text == "100%" else text


def number(value: Fraction) -> str:
    """A number of the rules, exact, without a unit."""
    return format_score(value, None)


def share_words(share: Fraction) -> str:
    """20%, or a fraction where there is no short decimal."""
    hundredfold = share * 100
    try:
        short = decimal_places(hundredfold) <= 4
    except ValueError:
        short = False
    return f"{decimal_text(hundredfold)}%" if short else f"{share.numerator}/{share.denominator}"


def plus_minus_words(language: str = "ko") -> str:
    """What ± stands for, wherever simsa writes it."""
    return fill(translator(language).gettext("± is a 95%% interval."))
