"""The map of a round of local governments, where the round is one."""

from __future__ import annotations

from markupsafe import Markup

from simsa.engine.selection import Standing
from simsa.tables import korea
from simsa.tables.atlas import Fared, government_tiles
from simsa.tables.pictures import tile_map_picture
from simsa.tables.report.edition import Edition
from simsa.tables.words import group_name, outcome_words


def drawn_map(edition: Edition) -> Markup | None:
    """The picture; None if any entry is no local government of Korea, known by its code."""
    _ = edition.texts.gettext
    sizes = {result.group: result.size for result in edition.evaluation.selection.groups}
    standings = edition.evaluation.selection.standings
    fared = {standing.entry: _fared(edition, standing, sizes[standing.group]) for standing in standings}
    tiles = government_tiles(fared, edition.rules, edition.language)
    if tiles is None:
        return None
    index = edition.inputs.entries.index
    picture = tile_map_picture(
        korea.tile_map(),
        tiles,
        title=_("Map"),
        language=edition.language,
        synthetic=edition.run.synthetic,
        href={entry: f"#e{n + 1}" for entry, n in index.items()}.get,
        regions=korea.region_labels(edition.language),
    )
    return Markup(picture)  # noqa: S704


def map_text(edition: Edition) -> str:
    """How the map is to be read."""
    _ = edition.texts.gettext
    return _("Every local government is a tile of the same size. The tint is the rank within its own group.")


def _fared(edition: Edition, standing: Standing, size: int) -> Fared:
    return Fared(
        name=edition.names[standing.entry],
        group=group_name(edition.rules, standing.group, edition.language),
        size=size,
        rank=standing.rank,
        score=standing.score,
        outcome=standing.outcome,
        outcome_text=outcome_words(standing.outcome, edition.language, standing.reason.position),
    )
