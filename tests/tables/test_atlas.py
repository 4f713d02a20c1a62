"""What stands on the map of a round of local governments: one tile each, in words and in the step of its colour."""

from __future__ import annotations

from fractions import Fraction

import pytest

from simsa.tables import korea
from simsa.tables.atlas import Fared, government_tiles


def fared(name: str, rank: int | None = 1, size: int = 5) -> Fared:
    selected = rank == 1
    return Fared(
        name=name,
        group="Cities",
        size=size,
        rank=rank,
        score=None if rank is None else Fraction("87.5"),
        outcome="selected" if selected else "not_selected",
        outcome_text="selected" if selected else "not selected",
    )


def test_every_government_has_its_tile() -> None:
    first, second, third = korea.governments()[:3]
    tiles = government_tiles({first.code: fared("Seoul"), third.code: fared("Daegu", None)}, 2, "en")
    assert tiles is not None
    assert [tile.entry for tile in tiles] == [one.code for one in korea.governments()]
    assert (tiles[0].title, tiles[0].level, tiles[0].outcome) == (
        "Seoul, Cities, selected, 1st, 87.50 points", 4, "selected",
    )  # fmt: skip
    assert (tiles[1].title, tiles[1].level, tiles[1].outcome) == (f"{second.name_en}, not in this round", None, None)
    assert (tiles[2].title, tiles[2].level) == ("Daegu, Cities, not selected, no result", None)
    for one, tile in zip(korea.governments(), tiles, strict=True):
        assert (tile.label, tile.head) == (one.label("en"), one.is_region)
    heads = {tile.region for tile in tiles if tile.head}
    assert {tile.region for tile in tiles} == heads
    assert len(heads) == 17


@pytest.mark.parametrize("size", [1, 2, 5, 7, 75])
def test_the_colour_falls_in_five_steps_from_the_first_to_the_last(size: int) -> None:
    levels = [fared("x", rank, size).level for rank in range(1, size + 1)]
    assert levels[0] == 4
    assert levels == sorted(levels, reverse=True)  # type: ignore[type-var]
    assert set(levels) <= set(range(5))
    assert size < 5 or set(levels) == set(range(5))


def test_a_round_of_anything_else_has_no_map() -> None:
    seoul = korea.governments()[0].code
    assert government_tiles({}, 2, "ko") is None
    assert government_tiles({seoul: fared("서울"), "x": fared("y")}, 2, "ko") is None
