"""Lay out the tile map of the 243 governments anew and write src/simsa/tables/korea/tiles.csv.

The layout is kept with the facts, because readers learn a map by heart: it must not change with a version of NumPy or
a processor, nor cost seconds at every start. Run this only when the governments themselves change, and look at it.
"""

from __future__ import annotations

from pathlib import Path

from simsa.engine.tilemap import place_tiles, project
from simsa.tables import korea

TARGET = Path(__file__).resolve().parent.parent / "src/simsa/tables/korea/tiles.csv"


def main() -> None:
    governments = korea.governments()
    x, y = project([one.lat for one in governments], [one.lon for one in governments])
    capital = [one.region_code == one.code for one in governments]
    # The best of those tried: every province border right, no province torn.
    found = place_tiles(x, y, korea.regions(), capital=capital, seed=7, rounds=6000)
    rows = ["code,column,row"]
    rows += [f"{one.code},{c},{r}" for one, c, r in zip(governments, found.column, found.row, strict=True)]
    TARGET.write_text("\n".join(rows) + "\n", encoding="utf-8")
    print(f"{TARGET.name}: {found.columns} x {found.rows}, {found.how}")


if __name__ == "__main__":
    main()
