"""Pictures of a round as SVG: standings with intervals and the quota line, what reviewers differ in, the tile map,
histograms and the grid of an assignment, who is in doubt, the numbers of indicators, and what diagnostics found.

Written directly rather than through a chart grammar: rows break where the quota line falls, names wrap beside their
row, tiles carry stacked syllables, and colours stay custom properties, so that one picture serves light, dark and print
wherever it is put in a page (`--simsa-accent`, else the site's `--accent`, else a fixed colour). There is no style
sheet and no script inside, and equal input gives equal bytes. The natural width is that of a phone with text of at
least 12 units; a wider page scales it up.

Every picture has a title and a description; the table behind it belongs beside it.
"""

from simsa.tables.pictures.bars import bars_picture
from simsa.tables.pictures.chances import Chance, chances_picture
from simsa.tables.pictures.counts import counts_picture
from simsa.tables.pictures.differences import differences_picture
from simsa.tables.pictures.histograms import affinity_bars, assignment_picture, load_bars
from simsa.tables.pictures.lettering import TEXT, text_width, wrapped
from simsa.tables.pictures.matrix import Matrix, matrix_picture
from simsa.tables.pictures.numbers_by_group import numbers_picture
from simsa.tables.pictures.outliers import outliers_picture
from simsa.tables.pictures.picture import WIDTH, Href
from simsa.tables.pictures.rows import Row, same_scale, standing_rows
from simsa.tables.pictures.severity import noise_picture, scale_picture, severity_picture
from simsa.tables.pictures.standings import standings_picture
from simsa.tables.pictures.study import study_picture
from simsa.tables.pictures.tile_map import LEVELS, Tile, tile_map_picture
from simsa.tables.pictures.timeline import timeline_picture

__all__ = [
    "LEVELS",
    "TEXT",
    "WIDTH",
    "Chance",
    "Href",
    "Matrix",
    "Row",
    "Tile",
    "affinity_bars",
    "assignment_picture",
    "bars_picture",
    "chances_picture",
    "counts_picture",
    "differences_picture",
    "load_bars",
    "matrix_picture",
    "noise_picture",
    "numbers_picture",
    "outliers_picture",
    "same_scale",
    "scale_picture",
    "severity_picture",
    "standing_rows",
    "standings_picture",
    "study_picture",
    "text_width",
    "tile_map_picture",
    "timeline_picture",
    "wrapped",
]
