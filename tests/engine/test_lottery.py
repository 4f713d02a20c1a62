"""Lots in the tie zone: nobody loses or gains a place otherwise, and anyone can draw them again."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simsa.engine.inputs import Entries
from simsa.engine.lots import lot
from simsa.engine.selection import Cause, Selection, SelectionError, Uncertainty, Zone, select, uncertainty
from simsa.rules import parse
from tests.engine.panels import scored
from tests.engine.test_selection import tallied
from tests.rules.small import SMALL, changed

LOTTERY = '[lottery]\nconfidence = "0.9"\n\n[missing]'
RULES = parse(changed("[missing]", LOTTERY, SMALL.replace("size = 4\n", "")))
ENTRIES = Entries(tuple(f"b{n}" for n in range(8)), ("b",) * 8)


def zoned(*zones: Zone | None, draws: int = 4000) -> Uncertainty:
    none = np.full(len(zones), np.nan)
    return Uncertainty(Fraction(9, 10), draws, none, none, none, none, zones, (), "told by the test")


def chosen(scores: list[str | None], zones: list[Zone | None], seed: str | None = "s") -> Selection:
    tally = tallied(RULES, ENTRIES, total=scores, work=["0"] * 8)
    return select(RULES, ENTRIES, tally, seed=seed, sure=zoned(*zones))


C, T, O, N = Zone.CERTAIN, Zone.TIE, Zone.OUT, None  # noqa: E741
SCORES: list[str | None] = ["9", "8", "7", "6", "5", "4", "3", None]


def test_places_of_the_zone_are_drawn_and_each_is_told() -> None:
    found = chosen(SCORES, [C, T, T, T, O, O, O, N])
    lots = sorted(("b1", "b2", "b3"), key=lambda entry: lot("s", "tie zone b", entry))
    assert found.lots_drawn == (tuple(lots),)
    told = {s.entry: s for s in found.standings}
    assert (told["b0"].outcome, told["b0"].reason.cause) == ("selected", Cause.CERTAIN)
    assert [told[entry].outcome for entry in lots] == ["selected", "reserve", "not_selected"]
    assert {told[entry].reason.cause for entry in lots} == {Cause.LOTTERY}
    assert told[lots[1]].reason.position == 1
    assert told["b1"].reason.tied_with == ("b2", "b3")
    assert {s.reason.drawn for s in found.standings if s.rank} == {1}
    assert told["b4"].reason.cause is Cause.OUT
    assert told["b7"].reason.cause is Cause.NO_RESULT
    assert [s.rank for s in found.standings] == [1, 2, 3, 4, 5, 6, 7, None]  # official ranks stay
    assert found.groups[-1].line is None
    assert "lottery" in found.method


def test_who_contradicts_the_official_order_draws_too() -> None:
    found = chosen(SCORES, [O, T, C, O, O, O, O, N])
    assert set(found.lots_drawn[0]) == {"b0", "b1", "b2"}  # b0 leads and is out, b2 is certain and third
    assert sum(s.selected for s in found.standings) == 2


@pytest.mark.parametrize(
    "zones",
    [
        [C, C, O, O, O, O, O, N],
        [C, T, O, O, O, O, O, N],  # one place and one who could draw for it
        [C, C, T, C, O, O, O, N],  # no place is left
    ],
)
def test_where_there_is_nothing_to_draw_the_official_selection_stands(zones: list[Zone | None]) -> None:
    plain = parse(SMALL.replace("size = 4\n", ""))
    official = select(plain, ENTRIES, tallied(plain, ENTRIES, total=SCORES, work=["0"] * 8))
    assert chosen(SCORES, zones).standings == official.standings


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.integers(0, 5), min_size=8, max_size=8),
    st.lists(st.sampled_from([C, T, O]), min_size=8, max_size=8),
    st.text(max_size=4),
)
def test_only_lots_move_places(scores: list[int], zones: list[Zone | None], seed: str) -> None:
    text: list[str | None] = [str(score) for score in scores]
    plain = parse(SMALL.replace("size = 4\n", ""))
    official = select(plain, ENTRIES, tallied(plain, ENTRIES, total=text, work=["0"] * 8), seed=seed)
    found = chosen(text, zones, seed)
    before, after = {s.entry for s in official.winners}, {s.entry for s in found.winners}
    assert len(before) == len(after)
    lots = {entry for drawn in found.lots_drawn[len(official.lots_drawn) :] for entry in drawn}
    assert before ^ after <= lots
    for n, entry in enumerate(ENTRIES.ids):
        if entry in lots:
            assert zones[n] is not (C if entry in before else O)
    positions = [s.reason.position for s in found.standings if s.outcome == "reserve"]
    assert sorted(p for p in positions if p) == list(range(1, len(positions) + 1))
    assert len(positions) == 1


def test_every_lot_of_the_zone_wins_equally_often() -> None:
    wins = dict.fromkeys(ENTRIES.ids, 0)
    for n in range(1200):
        for standing in chosen(SCORES, [C, T, T, T, O, O, O, N], f"seed {n}").winners:
            wins[standing.entry] += 1
    assert wins["b0"] == 1200
    assert all(abs(wins[entry] - 400) < 80 for entry in ("b1", "b2", "b3"))


def test_bad_input_is_refused_by_name() -> None:
    with pytest.raises(SelectionError, match="takes the round's seed"):
        chosen(SCORES, [C, T, T, T, O, O, O, N], None)
    tally = tallied(RULES, ENTRIES, total=SCORES, work=["0"] * 8)
    with pytest.raises(SelectionError, match="takes a calibration"):
        select(RULES, ENTRIES, tally, seed="s")
    with pytest.raises(SelectionError, match="'b1': the sheets do not say how sure"):
        chosen(SCORES, [C, N, T, T, O, O, O, N])
    with pytest.raises(SelectionError, match="another confidence or other draws"):
        select(RULES, ENTRIES, tally, seed="s", sure=replace(zoned(*[T] * 8), draws=100))


def test_a_whole_round_draws_where_its_own_sheets_cannot_tell() -> None:
    tally, calibration = scored(RULES, ENTRIES, [9, 6, 6, 6, 3, 2, 1, 1], noise=0.6)
    sure = uncertainty(RULES, ENTRIES, tally, calibration, seed=5)
    assert (sure.confidence, sure.draws) == (Fraction(9, 10), 4000)
    found = select(RULES, ENTRIES, tally, seed="s", sure=sure)
    assert set(found.lots_drawn[0]) == {"b1", "b2", "b3"}
    assert found.winners[0].entry == "b0"
