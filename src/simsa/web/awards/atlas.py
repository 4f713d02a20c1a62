"""What stands on the tile map of a round of local governments."""

from __future__ import annotations

from simsa.tables.atlas import Fared, government_tiles
from simsa.tables.pictures import Tile
from simsa.web.awards.lines import Line, Lines


def tiles_of(lines: Lines) -> tuple[Tile, ...] | None:
    """One tile for each of `korea.governments()`, in their order; None if any entrant is something else."""
    fared = {line.code: _fared(line, lines) for line in lines.all}
    return government_tiles(fared, lines.places, lines.language)


def _fared(line: Line, lines: Lines) -> Fared:
    return Fared(
        name=line.name,
        group=line.group_name,
        size=len(lines.by_group[line.group]),
        rank=line.rank,
        score=line.score,
        outcome=line.outcome,  # type: ignore[arg-type]
        outcome_text=line.outcome_text,
    )
