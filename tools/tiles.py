"""Lay out a tile map anew and write it to the facts: `python tools/tiles.py governments` or `... stations`.

The layouts are kept with the facts, because readers learn a map by heart: they must not change with a version of NumPy
or a processor, nor cost seconds at every start. Run this only when the places themselves change, and look at the map.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from pathlib import Path

from simsa.engine.tilemap import TileMap, place_tiles, project
from simsa.tables import korea
from simsa.web.weather.stations import region_numbers, stations

SOURCE = Path(__file__).resolve().parent.parent / "src/simsa"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("places", choices=["governments", "stations"])
    {"governments": lay_out_governments, "stations": lay_out_stations}[parser.parse_args().places]()


def lay_out_governments() -> None:
    """The 243 local governments: src/simsa/tables/korea/tiles.csv."""
    governments = korea.governments()
    x, y = project([one.lat for one in governments], [one.lon for one in governments])
    capital = [one.region_code == one.code for one in governments]
    # The best of those tried: every province border right, no province torn.
    found = place_tiles(x, y, korea.regions(), capital=capital, seed=7, rounds=6000)
    write(SOURCE / "tables/korea/tiles.csv", "code", (one.code for one in governments), found)


def lay_out_stations() -> None:
    """The 97 weather stations: src/simsa/web/weather/tiles.csv."""
    x, y = project([one.lat for one in stations()], [one.lon for one in stations()])
    # Of those tried, the one whose regions touch where they should.
    found = place_tiles(x, y, region_numbers(), seed=2, rounds=6000)
    write(SOURCE / "web/weather/tiles.csv", "station", (str(one.number) for one in stations()), found)


def write(target: Path, key: str, names: Iterable[str], found: TileMap) -> None:
    rows = [f"{key},column,row"]
    rows += [f"{name},{c},{r}" for name, c, r in zip(names, found.column, found.row, strict=True)]
    target.write_text("\n".join(rows) + "\n", encoding="utf-8")
    print(f"{target.name}: {found.columns} x {found.rows}, {found.how}")
    print(f"contacts of regions lost: {found.lost_contacts}, false: {found.false_contacts}")


if __name__ == "__main__":
    main()
