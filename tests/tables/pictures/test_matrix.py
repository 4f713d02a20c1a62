"""The grid of entries and reviewers: each cell says what is true of its pair, and nothing else is in it."""

from __future__ import annotations

import re

import numpy as np

from simsa.tables.pictures import Matrix, matrix_picture
from tests.tables.pictures.drawn import texts


def grid(rows: int, columns: int, **changes: object) -> Matrix:
    facts = {
        "rows": tuple(f"기관 <{n}>" for n in range(rows)),
        "columns": tuple(f"위원 {n}" for n in range(columns)),
        "affinity": np.arange(rows * columns, dtype=float).reshape(rows, columns),
        "chosen": np.zeros((rows, columns), bool),
        "barred": np.zeros((rows, columns), bool),
        "of_rows": rows,
        "of_columns": columns,
    }
    return Matrix(**{**facts, **changes})  # type: ignore[arg-type]


def test_chosen_pairs_are_dots_and_barred_ones_hatched() -> None:
    chosen, barred = np.eye(3, 4, dtype=bool), np.eye(3, 4, 1, dtype=bool)
    svg = matrix_picture(grid(3, 4, chosen=chosen, barred=barred), title="Grid", language="en")
    assert svg.count("<circle") == 3 + 1  # one in the legend
    hatched = re.findall(r'<path d="([^"]*)" stroke="[^"]*limit', svg)
    assert [path.count("L") for path in hatched] == [2, 2 * 3]
    assert "3 entries beside 4 reviewers: 3 pairs assigned, 3 must not meet." in svg
    said = [text for text, _y, _element in texts(svg)]
    assert {f"기관 <{n}>" for n in range(3)} <= set(said)


def test_shades_follow_the_affinities_and_a_pair_without_one_has_none() -> None:
    affinity = np.array([[np.nan, 0.0, 1.0]])
    svg = matrix_picture(grid(1, 3, affinity=affinity), title="Grid", language="en")
    boxes = re.findall(r'<path d="(M[^"]*z)" fill="[^"]*" fill-opacity="([^"]*)"', svg)
    assert [path.count("z") for path, _opacity in boxes] == [1, 1]
    assert float(boxes[0][1]) < float(boxes[1][1])
    none = matrix_picture(grid(1, 3, affinity=np.full((1, 3), np.nan)), title="Grid")
    assert not re.search(r"M[^\"]*z\" fill", none)


def test_a_part_says_of_how_many() -> None:
    svg = matrix_picture(grid(2, 2, of_rows=243, of_columns=33), title="Grid", language="en")
    assert "2 of 243 entries and 2 of 33 reviewers" in svg
    assert len(matrix_picture(grid(40, 36), title="Grid")) < 60_000
