"""How sure an entrant's outcome is: zone, chance, rank and what hangs on single reviewers, in plain sentences."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction

from simsa.engine.inputs import Entries
from simsa.engine.selection import Stability, Standing, Uncertainty, Zone
from simsa.tables.words.filling import fill
from simsa.tables.words.languages import translator
from simsa.tables.words.numbers import percent, rank_words, share_words


@dataclass(frozen=True)
class Assurance:
    """What is known of how sure an outcome is.

    `zone`, `chance` and the ranks as at `Uncertainty` (None where they cannot be told); `tied` entrants are in the tie
    zone, of whom `open_places` win; without any single one of `reviewers` reviewers the outcome would be the other
    (None: not looked at).
    """

    selected: bool
    zone: Zone | None = None
    chance: float | None = None
    expected_rank: float | None = None
    rank_low: float | None = None
    rank_high: float | None = None
    tied: int = 0
    open_places: int = 0
    reviewers: int | None = None


def assurance_of(
    standing: Standing, entries: Entries, sure: Uncertainty | None, stability: Stability | None
) -> Assurance:
    """What the engine found of one entrant."""
    n = entries.index[standing.entry]
    count = None
    if stability is not None:
        count = len((stability.needs if standing.selected else stability.hindered).get(n, ()))
        if standing.reason.drawn:
            count = None  # it speaks of the order before the lots
    if sure is None or sure.zone[n] is None:
        return Assurance(standing.selected, reviewers=count)
    group = next(group for group in sure.groups if group.group == standing.group)
    return Assurance(
        standing.selected,
        sure.zone[n],
        _known(sure.chance[n]),
        _known(sure.expected_rank[n]),
        _known(sure.rank_low[n]),
        _known(sure.rank_high[n]),
        group.tied,
        max(0, min(group.places, group.contested) - group.certain),
        count,
    )


def zone_words(zone: Zone | None, language: str = "ko") -> str:
    """ "확실", "경계", "밖"; nothing where there is no zone."""
    _ = translator(language).gettext
    if zone is None:
        return ""
    return {Zone.CERTAIN: _("certain"), Zone.TIE: _("tie zone"), Zone.OUT: _("out of reach")}[zone]


def zone_lead(confidence: Fraction, language: str = "ko") -> str:
    """What a tinted row means, and how sure what stands outside the tie zone is."""
    _ = translator(language).gettext
    return fill(
        _(
            "Tinted rows are in the tie zone: who of them belongs among the selected the sheets cannot tell. "
            "With a probability of %(confidence)s all that stand outside it are where they should be."
        ),
        confidence=share_words(confidence),
    )


def assurance_words(known: Assurance, language: str = "ko") -> str:
    """How sure the outcome is, in sentences; nothing where nothing is known."""
    return " ".join(part for part in (_zone(known, language), _rank(known, language), _single(known, language)) if part)


def _zone(known: Assurance, language: str) -> str:
    texts = translator(language)
    _, ngettext = texts.gettext, texts.ngettext
    if known.zone is None or known.chance is None:
        return ""
    chance = percent(known.chance, language)
    if known.zone is Zone.CERTAIN:
        return fill(_("By the panel's sheets its place is certain (chance of selection %(chance)s)."), chance=chance)
    if known.zone is Zone.OUT:
        return fill(_("By the panel's sheets a place is out of reach (chance of selection %(chance)s)."), chance=chance)
    said = ngettext(
        "It stands in the tie zone: for %(places)d place the sheets cannot tell these %(tied)d entrants apart (chance "
        "of selection %(chance)s).",
        "It stands in the tie zone: for %(places)d places the sheets cannot tell these %(tied)d entrants apart (chance "
        "of selection %(chance)s).",
        known.open_places,
    )
    return fill(said, tied=known.tied, places=known.open_places, chance=chance)


def _rank(known: Assurance, language: str) -> str:
    _ = translator(language).gettext
    if known.expected_rank is None or known.rank_low is None or known.rank_high is None:
        return ""
    low, high = (rank_words(round(rank), language) for rank in (known.rank_low, known.rank_high))
    if low == high:
        return fill(_("Its rank in the panel's judgement is %(rank)s."), rank=low)
    expected = f"{known.expected_rank:.1f}"
    return fill(
        _("Its rank in the panel's judgement is %(expected)s on average, with 95%% from %(low)s to %(high)s."),
        expected=expected,
        low=low,
        high=high,
    )


def _single(known: Assurance, language: str) -> str:
    """How many reviewers, but not who: that is for those who run the round."""
    _ = translator(language).gettext
    if known.reviewers is None:
        return ""
    if known.selected and not known.reviewers:
        return _("It would be selected without any single reviewer's sheets, too.")
    if known.selected:
        said = (
            _("Without the sheets of one of the reviewers it would not be selected.")
            if known.reviewers == 1
            else _("Without the sheets of any single one of %(count)d reviewers it would not be selected.")
        )
    elif known.reviewers:
        said = (
            _("Without the sheets of one of the reviewers it would be selected.")
            if known.reviewers == 1
            else _("Without the sheets of any single one of %(count)d reviewers it would be selected.")
        )
    else:
        return ""
    return fill(said, count=known.reviewers)


def _known(value: float) -> float | None:
    return None if math.isnan(value) else float(value)
