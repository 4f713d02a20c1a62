"""Do figure-skating judges favour skaters of their own country? Named judges, senior competitions 2016-17.

    SIMSA_DATA=... python -m bench skating                 # the estimate beside plain least squares
    SIMSA_DATA=... python -m bench.skating FOLDER          # the tables from which `simsa diagnose` computes it

A judge's points for a performance are what the performance would have got from this judge alone, less its base value,
which is the same for all: grades of execution in points, and component marks times their factor. The data are read from
SIMSA_DATA/skating and never kept here.
"""

from __future__ import annotations

import csv
import os
import sys
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bench.figure import Figure, cpu_seconds
from simsa.engine.diagnostics import NotMade, Origin, find_origin

PARTS = ("elements", "components")
RULES = """simsa_rules = 1
round = { id = "skating-seniors", name = "Points of each judge", time_zone = "UTC", language = "en" }

[each_group]
quota = { best = true }

[missing]
not_submitted = "refuse"
not_applicable = "refuse"
abstained = "refuse"
recused = "refuse"

[[criterion]]
id = "total"
combine = { method = "sum" }
panel = { method = "mean" }

[[criterion]]
id = "elements"
scale = { min = -100, max = 100, step = "0.01" }

[[criterion]]
id = "components"
scale = { min = 0, max = 200, step = "0.01" }

[[tie_break]]
lot = true
"""


@dataclass(frozen=True)
class Judged:
    """Performances (id, group, nation, starting number), judges (id, country), and points of each part by both."""

    performances: tuple[tuple[str, str, str, str], ...]
    judges: tuple[tuple[str, str], ...]
    points: dict[tuple[int, int], dict[str, Decimal]]

    def arrays(self) -> tuple[NDArray[np.float64], NDArray[np.int64], NDArray[np.int64]]:
        """Total points, performance and judge of every sheet."""
        pairs = np.array(list(self.points), np.int64)
        return np.array([float(sum(own.values())) for own in self.points.values()]), pairs[:, 0], pairs[:, 1]


def data_folder() -> Path | None:
    """Where the data are, if they are there."""
    folder = Path(os.environ.get("SIMSA_DATA", "none")) / "skating"
    return folder if (folder / "judges.csv").is_file() else None


def read(folder: Path) -> Judged:
    """Senior performances with the points of each judge."""
    kept = [row for row in _rows(folder, "performances") if "JUNIOR" not in row["program"]]
    performance = {row["performance_id"]: n for n, row in enumerate(kept)}
    countries = {row["clean_judge_name"]: row["judge_country"] for row in _rows(folder, "judge-country")}
    judge = {name: n for n, name in enumerate(countries)}
    seat = {
        (row["competition"], row["program"], f"J{row['role'].rpartition('.')[2]}"): judge[row["clean_judge_name"]]
        for row in _rows(folder, "judges")
    }
    aspect = {row["aspect_id"]: row for row in _rows(folder, "judged-aspects")}
    points: dict[tuple[int, int], dict[str, Decimal]] = defaultdict(lambda: dict.fromkeys(PARTS, Decimal(0)))

    def add(row: dict[str, str], part: str, value: Decimal) -> None:
        number = performance.get(aspect[row["aspect_id"]]["performance_id"])
        if number is not None:
            where = kept[number]
            points[number, seat[where["competition"], where["program"], row["judge"]]][part] += value

    for row in _rows(folder, "judge-goe"):
        add(row, "elements", Decimal(row["judge_goe"]))
    for row in _rows(folder, "judge-scores"):
        found = aspect[row["aspect_id"]]
        if found["section"] == "components":
            add(row, "components", Decimal(row["score"]) * Decimal(found["factor"]))
    entries = tuple(
        (row["performance_id"], f"{row['competition']} / {row['program']}", row["nation"], row["starting_number"])
        for row in kept
    )
    return Judged(entries, tuple(countries.items()), dict(points))


def write(judged: Judged, folder: Path) -> None:
    """rules.toml, entries.csv, reviewers.csv and sheets.csv."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "rules.toml").write_text(RULES, "utf-8")
    entries = [(name, group, nation, order) for name, group, nation, order in judged.performances]
    _write(folder / "entries.csv", [("id", "group", "country", "order"), *entries])
    _write(folder / "reviewers.csv", [("id", "country"), *judged.judges])
    sheets = [
        (judged.performances[entry][0], judged.judges[reviewer][0], part, str(value.quantize(Decimal("0.01"))))
        for (entry, reviewer), own in judged.points.items()
        for part, value in own.items()
    ]
    _write(folder / "sheets.csv", [("entry", "reviewer", "criterion", "mark"), *sheets])


def preference(judged: Judged) -> Origin | NotMade:
    """The judges' preference for their own country in total points of a performance."""
    nations = [nation for _name, _group, nation, _order in judged.performances]
    countries = [country for _name, country in judged.judges]
    return find_origin("country", nations, countries, *judged.arrays(), level=0.05)


def plain(judged: Judged) -> tuple[float, float]:
    """The same by ordinary least squares on indicators of performance and judge, errors clustered by judge."""
    score, entry, reviewer = judged.arrays()
    n, performances, judges = len(score), len(judged.performances), len(judged.judges)
    nation = np.array([row[2] for row in judged.performances])[entry]
    same = (nation == np.array([country for _name, country in judged.judges])[reviewer]).astype(np.float64)
    design = np.zeros((n, performances + judges))
    design[np.arange(n), entry] = 1
    design[np.arange(n), performances + reviewer] = 1
    gram, both = design.T @ design, np.column_stack([same, score])
    rest = both - design @ (np.linalg.pinv(gram, hermitian=True) @ (design.T @ both))
    square = float(rest[:, 0] @ rest[:, 0])
    value = float(rest[:, 0] @ rest[:, 1]) / square
    by_judge = np.bincount(reviewer, rest[:, 0] * (rest[:, 1] - value * rest[:, 0]), judges)
    return value, float(np.sqrt(np.sum(by_judge**2))) / square


def figures() -> Iterator[Figure]:
    folder = data_folder()
    if folder is None:
        print("skating: SIMSA_DATA is not set, or holds no judges of skating", file=sys.stderr)
        return
    judged = read(folder)
    found = preference(judged)
    assert isinstance(found, Origin)
    one = found.slopes.overall
    assert one is not None
    own, peer = cpu_seconds(lambda: preference(judged)), cpu_seconds(lambda: plain(judged), runs=1)
    value, error = plain(judged)
    yield Figure(
        figure="home-country preference of judges, senior competitions",
        value=one.value,
        unit="points",
        peer="least squares on indicators",
        ratio=one.value / value,
        how=f"95 % interval {one.low:.2f} to {one.high:.2f}, error {one.error:.3f}, spread between judges "
        f"{found.slopes.spread:.2f}, {found.same} of {found.slopes.sheets} sheets; peer {value:.3f}, error {error:.3f} "
        f"clustered by judge",
    )
    yield Figure(
        figure="that estimate with every judge's own",
        value=own,
        unit="CPU s",
        peer="least squares on indicators, the panel's alone",
        ratio=own / peer,
        goal="<= 2 s",
        holds=own <= 2,
        how=f"{len(judged.judges)} judges, {len(judged.performances)} performances; median of 5, peer {peer:.2f} s",
    )


def _rows(folder: Path, name: str) -> Iterator[dict[str, str]]:
    with (folder / f"{name}.csv").open(newline="", encoding="utf-8") as file:
        yield from csv.DictReader(file)


def _write(path: Path, rows: list[tuple[str, ...]]) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(rows)


if __name__ == "__main__":
    where = data_folder()
    if where is None or len(sys.argv) != 2:
        sys.exit("give a folder for the tables, and set SIMSA_DATA to where skating/judges.csv is")
    write(read(where), Path(sys.argv[1]))
