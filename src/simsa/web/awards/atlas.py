"""What stands on the tile map of a round of local governments."""

from __future__ import annotations

from typing import Any

from simsa.tables import korea
from simsa.tables.pictures import LEVELS, Tile
from simsa.tables.words import fill, points, rank_words
from simsa.web.awards.lines import Line, Lines


def tiles_of(lines: Lines, absent: str) -> list[Tile] | None:
    """One tile for each of `korea.governments()`, in their order; None if any entrant is something else.

    `absent` says in words that a government is not in this round (`%(name)s`).
    """
    governments = {government.code: government for government in korea.governments()}
    by_code = {line.code: line for line in lines.all}
    if not by_code or not by_code.keys() <= governments.keys():
        return None
    names = {code: government.name(lines.language) for code, government in governments.items()}
    tiles = []
    for code, government in governments.items():
        line, region = by_code.get(code), names[government.region_code]
        about = {"label": government.label(lines.language), "region": region, "head": government.is_region}
        if line is None:
            tiles.append(Tile(code, title=fill(absent, name=names[code]), **about))
        else:
            tiles.append(_tile(line, lines, about))
    return tiles


def _tile(line: Line, lines: Lines, about: dict[str, Any]) -> Tile:
    facts, level = [line.name, line.group_name, line.outcome_text], None
    if line.rank is None:
        facts.append(line.rank_text)
    else:
        level = LEVELS - 1 - LEVELS * (line.rank - 1) // len(lines.by_group[line.group])
        facts += [rank_words(line.rank, lines.language), points(line.score, lines.places, lines.language)]
    outcome: Any = line.outcome
    return Tile(line.code, title=", ".join(facts), level=level, outcome=outcome, **about)
