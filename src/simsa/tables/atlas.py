"""What stands on the tile map of a round of local governments: the label, the colour and the words of each tile."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from simsa.engine.selection import Outcome
from simsa.rules import Rules

from . import korea
from .pictures import LEVELS, Tile
from .words import fill, no_result, points, rank_words, translator


@dataclass(frozen=True)
class Fared:
    """How an entrant fared, in the language of the map: its name, its group's name and size, and the outcome.

    `rank` (from 1, within the group) and `score` are None without a result.
    """

    name: str
    group: str
    size: int
    rank: int | None
    score: Fraction | None
    outcome: Outcome
    outcome_text: str

    @property
    def level(self) -> int | None:
        """The step of the colour: 0 for the lowest fifth of the group, 4 for the highest, None without a result."""
        return None if self.rank is None else LEVELS - 1 - LEVELS * (self.rank - 1) // self.size


def government_tiles(fared: Mapping[str, Fared], places: Rules | int | None, language: str) -> tuple[Tile, ...] | None:
    """One tile for each of `korea.governments()`, in their order; None if there is any entrant that is none of them.

    `fared` is by code of the government. `places` are those of the score, as for `points`.
    """
    if not korea.are_governments(fared):
        return None
    _ = translator(language).gettext
    names = {government.code: government.name(language) for government in korea.governments()}
    tiles = []
    for government in korea.governments():
        code, one = government.code, fared.get(government.code)
        tiles.append(
            Tile(
                code,
                label=government.label(language),
                title=fill(_("%(name)s, not in this round"), name=names[code])
                if one is None
                else _title(one, places, language),
                region=names[government.region_code],
                head=government.is_region,
                level=None if one is None else one.level,
                outcome=None if one is None else one.outcome,
            )
        )
    return tuple(tiles)


def _title(one: Fared, places: Rules | int | None, language: str) -> str:
    facts = [one.name, one.group, one.outcome_text]
    if one.rank is None:
        facts.append(no_result(language))
    else:
        facts += [rank_words(one.rank, language), points(one.score, places, language)]
    return ", ".join(facts)
