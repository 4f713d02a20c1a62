"""Selection where the rules say that the calibrated score is the official one."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simsa.engine.adaptive import next_reviews
from simsa.engine.calibration import Components, rounded_scores
from simsa.engine.evaluation import Evaluation, evaluate, robustness
from simsa.engine.exact import Column
from simsa.engine.inputs import Entries, Reviewers, Sheets
from simsa.engine.selection import Cause, SelectionError, select, stability_recalibrated, uncertainty
from simsa.engine.selection import recalibrated as room
from simsa.engine.tally import tally
from simsa.rules import Missing, Rounding, Rules, RulesError, parse
from tests.draws import draws
from tests.engine.sheets import sheets
from tests.engine.test_selection import tallied
from tests.rules.small import OFFICIAL, SMALL, changed

PLAIN = SMALL.replace("size = 4\n", "").replace('"trimmed_mean", drop_high = 1, drop_low = 1', '"mean"')
RULES = parse(changed("[missing]", OFFICIAL, PLAIN))
ENTRIES = Entries(tuple(f"b{n}" for n in range(6)), ("b",) * 6)
HARSH = {"r1": 0, "r2": 0, "r3": -3}
QUALITY = {"b0": 9, "b1": 8, "b2": 7, "b3": 6, "b4": 5, "b5": 7}


def harsh() -> Sheets:
    """b0 is the best, but r3 scored it; b5 has no mark of r3 and looks better than it is."""
    seen = {"b0": ("r1", "r3"), "b1": ("r2", "r3"), "b2": ("r1", "r2"), "b3": ("r1", "r3"), "b4": ("r2", "r3")}
    marks = {
        (entry, reviewer): [str(QUALITY[entry] + HARSH[reviewer] + wobble)] * 2
        for entry, pair in {**seen, "b5": ("r1", "r2")}.items()
        for reviewer, wobble in zip(pair, (Fraction(1, 2), Fraction(-1, 2)), strict=True)
    }
    return sheets(RULES, ENTRIES, marks)  # type: ignore[arg-type]


def ranks(found: Evaluation) -> list[tuple[int | None, int | None]]:
    """By the official score and by the tally."""
    return [(s.rank, s.reason.tally_rank) for s in found.selection.standings]


def test_ranks_are_those_of_the_calibrated_score_and_the_tally_stands_beside() -> None:
    found = evaluate(RULES, ENTRIES, harsh(), seed="s")
    assert found.calibration is not None
    scores = found.scores.score.values()
    for standing in found.selection.standings:
        n = ENTRIES.index[standing.entry]
        assert standing.score == standing.reason.score == scores[n]
        assert standing.reason.tally == found.tally.value("total", n)
        better = sum(found.tally.value("total", m) > standing.reason.tally for m in range(6))  # type: ignore[operator]
        assert standing.reason.tally_rank == 1 + better
    order = [standing.entry for standing in found.selection.standings]
    assert order == sorted(order, key=lambda entry: -(scores[ENTRIES.index[entry]] or 0))
    assert any(rank != by_tally for rank, by_tally in ranks(found))
    assert found.selection.method.startswith("official calibrated score")
    plain = evaluate(parse(PLAIN), ENTRIES, harsh(), seed="s")
    assert {s.reason.tally for s in plain.selection.standings} == {None}
    assert plain.selection.method.startswith("official tally")
    assert plain.scores.rounding.places == 6


def test_recorded_components_make_the_same_result_and_others_another() -> None:
    first = evaluate(RULES, ENTRIES, harsh(), seed="s")
    assert first.calibration is not None
    recorded = first.calibration.components
    again = evaluate(RULES, ENTRIES, harsh(), seed="s", components=recorded)
    assert again.selection == first.selection
    assert again.scores.score.values() == first.scores.score.values()
    assert recorded is not None
    other = evaluate(RULES, ENTRIES, harsh(), seed="s", components=replace(recorded, entrant=Fraction(1, 100)))
    assert other.scores.score.values() != first.scores.score.values()


def test_equals_after_rounding_are_asked_the_tie_breaks_of_the_tally() -> None:
    done = tallied(RULES, ENTRIES, total=["1", "2", "3", "4", "5", "6"], work=["5", "9", "7", "7", "1", "2"])
    scores = Column.from_values([Fraction(n, 100) for n in (701, 700, 700, 700, 500, 400)])
    found = select(RULES, ENTRIES, done, seed="s", calibrated=scores)
    assert [s.entry for s in found.winners] == ["b0", "b1"]
    by_entry = {s.entry: s.reason for s in found.standings}
    assert by_entry["b1"].cause is Cause.TIE_BREAK
    assert by_entry["b1"].criterion == "work"
    assert by_entry["b0"].tally_rank == 6
    assert found.groups[-1].line == 7


def test_whoever_has_no_tally_or_no_sheet_has_no_rank_and_floors_ask_the_official_score() -> None:
    floor = changed("quota = 2", "quota = 2\nno_award = true\naward_floor = 6", PLAIN)
    rules = parse(changed("[missing]", OFFICIAL, floor))
    done = tallied(rules, ENTRIES, total=["9", None, "9", "1", "1", "1"], work=["1"] * 6)
    scores = Column.from_values([Fraction(5), Fraction(8), None, Fraction(7), Fraction(6), Fraction(2)])
    found = {s.entry: s for s in select(rules, ENTRIES, done, seed="s", calibrated=scores).standings}
    assert {entry for entry, s in found.items() if s.rank is None} == {"b1", "b2"}
    assert found["b0"].reason.cause is Cause.AWARD_FLOOR
    assert {entry for entry, s in found.items() if s.selected} == {"b3", "b4"}


def test_without_calibrated_scores_nothing_is_ranked() -> None:
    done = tallied(RULES, ENTRIES, total=["1"] * 6, work=["1"] * 6)
    with pytest.raises(SelectionError, match="rank by the calibrated score"):
        select(RULES, ENTRIES, done, seed="s")
    found = evaluate(RULES, ENTRIES, harsh(), seed="s")
    assert found.calibration is not None
    with pytest.raises(SelectionError, match="rank by the calibrated score"):
        uncertainty(RULES, ENTRIES, found.tally, found.calibration)
    none = evaluate(RULES, ENTRIES, Sheets.none(RULES), seed="s")
    assert {s.reason.cause for s in none.selection.standings} == {Cause.NO_RESULT}
    assert robustness(RULES, ENTRIES, Sheets.none(RULES), seed="s") == (None, None)


def winners(rules: Rules, given: Sheets, components: Components) -> set[str]:
    done = tally(rules, ENTRIES, given)
    scores = rounded_scores(
        components, done.sheet_totals, given.entry, given.reviewer, ENTRIES.group_index, Rounding(2)
    )
    return {s.entry for s in select(rules, ENTRIES, done, seed="s", calibrated=scores.score).winners}


@settings(max_examples=draws(40), deadline=None)
@given(st.data())
def test_stability_is_the_selection_again_without_the_sheets(data: st.DataObject) -> None:
    cells = st.one_of(st.integers(0, 4).map(str), st.sampled_from([Missing.NOT_SUBMITTED, Missing.ABSTAINED]))
    pairs = [(entry, reviewer) for entry in ENTRIES.ids for reviewer in ("r1", "r2", "r3")]
    chosen = data.draw(st.lists(st.sampled_from(pairs), min_size=1, unique=True))
    panel = sheets(RULES, ENTRIES, {pair: [data.draw(cells), data.draw(cells)] for pair in chosen})
    components = Components(Fraction(3), Fraction(2), Fraction(1))
    single = stability_recalibrated(RULES, ENTRIES, panel, components=components, seed="s")
    assert single is not None
    ids = ENTRIES.ids
    found = {
        (s.reviewer, frozenset(ids[n] for n in s.leaves), frozenset(ids[n] for n in s.enters)) for s in single.swaps
    }
    before, wanted = winners(RULES, panel, components), set()
    for reviewer in range(len(panel.reviewers)):
        keep = panel.reviewer != reviewer
        parts = {name: getattr(panel, name)[keep] for name in ("entry", "reviewer", "mark", "status")}
        after = winners(RULES, replace(panel, **parts), components)
        if after != before:
            wanted.add((reviewer, frozenset(before - after), frozenset(after - before)))
    assert found == wanted


def test_robustness_is_of_the_official_score_or_is_not_told(monkeypatch: pytest.MonkeyPatch) -> None:
    found = evaluate(RULES, ENTRIES, harsh(), seed="s")
    assert found.calibration is not None
    given = found.calibration.components
    weights, single = robustness(RULES, ENTRIES, harsh(), seed="s", components=given)
    assert weights is None
    assert single is not None
    assert single.method.startswith("official calibrated score")
    monkeypatch.setattr(room, "MOST_WORK", 1)
    assert robustness(RULES, ENTRIES, harsh(), seed="s", components=given) == (None, None)
    weights, single = robustness(parse(PLAIN), ENTRIES, harsh(), seed="s", components=given)
    assert weights is not None
    assert single is not None
    assert single.method.startswith("official tally")


LOTTERY = "[lottery]\nconfidence = '0.9'\n"
HELD_BACK = "[adaptive]\nheld_back = '0.5'\n[panel]\nsheets_per_entry = 2\n"
SCORE = "[calibration]\nofficial = true\nround = { places = 2 }\n"


@pytest.mark.parametrize("factor", ['{ field = "hard" }', "{ by_group = { a = 1, b = 3 } }"])
@pytest.mark.parametrize("section", [SCORE, LOTTERY, HELD_BACK])
def test_a_factor_that_differs_between_entries_is_no_matter_of_the_sheets_alone(factor: str, section: str) -> None:
    """It stretches severities and noises with the qualities: one severity for each reviewer would not fit."""
    hard = changed("round = { places = 2, mode", f"factor = {factor}\nround = {{ places = 2, mode", PLAIN)
    with pytest.raises(RulesError, match="the factor of 'total' that differs between entries"):
        parse(changed("[missing]", f"{section}\n[missing]", hard))
    assert parse(hard).beside_marks


@settings(max_examples=draws(20), deadline=None)
@given(st.permutations(range(6)), st.permutations(range(3)))
def test_the_order_of_a_file_changes_nothing(entry_order: list[int], reviewer_order: list[int]) -> None:
    """Neither what is estimated nor a single draw."""
    panel, order, by = harsh(), np.array(entry_order), np.array(reviewer_order)
    first = evaluate(RULES, ENTRIES, panel, seed="s")
    turned = replace(
        panel,
        reviewers=tuple(panel.reviewers[n] for n in by),
        entry=np.argsort(order)[panel.entry],
        reviewer=np.argsort(by)[panel.reviewer],
    )
    entries = Entries(tuple(ENTRIES.ids[n] for n in order), tuple(ENTRIES.group[n] for n in order))
    other = evaluate(RULES, entries, turned, seed="s")
    assert first.calibration is not None
    assert other.calibration is not None
    assert first.calibration.components is not None
    assert other.calibration.components is not None
    assert other.calibration.components.entrant == first.calibration.components.entrant
    assert other.calibration.components.reviewer == first.calibration.components.reviewer
    assert [other.scores.score.value(n) for n in np.argsort(order)] == first.scores.score.values()
    assert other.chances is not None
    np.testing.assert_array_equal(other.chances, np.asarray(first.chances)[order])
    np.testing.assert_array_equal(other.calibration.draws(50, 3), first.calibration.draws(50, 3)[:, order])


def test_more_reviews_go_by_the_official_score() -> None:
    held = '[adaptive]\nheld_back = "0.5"\n\n[panel]\nsheets_per_entry = 2\n\n[calibration]'
    floor = changed("quota = 2", "quota = 2\nno_award = true\naward_floor = 6", PLAIN)
    rules = parse(changed("[calibration]", held, changed("[missing]", OFFICIAL, floor)))
    panel = harsh()
    found = evaluate(rules, ENTRIES, panel, seed="s")
    assert found.calibration is not None
    so_far = (rules, ENTRIES, panel, found.tally, found.calibration, Reviewers(("r1", "r2", "r3", "r4")))
    barred = [n for n, score in enumerate(found.scores.score.values()) if score is None or score < 6]
    assert 0 < len(barred) < 6
    assert set(next_reviews(*so_far, calibrated=found.scores.score).chance[barred]) == {0.0}
    with pytest.raises(SelectionError, match="rank by the calibrated score"):
        next_reviews(*so_far)
