"""A run of a round: the sheets that are there, or a synthetic panel that says so."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest

from simsa.engine.selection import SelectionError
from simsa.tables.outputs import to_json
from simsa.tables.run import run_round
from tests.tables.folder import read
from tests.tables.scored import DRAWN, drawn, scored

EQUAL = "entry,reviewer,criterion,mark\n" + "".join(
    f"{entry},R{n},{leaf},5\n" for entry in ("e1", "e2") for n in (1, 2, 3) for leaf in ("idea", "work")
)


def test_sheets_that_are_there_are_used(tmp_path: Path) -> None:
    run = scored(tmp_path)
    assert run.sheets is run.inputs.sheets
    assert (run.assignment, run.simulation, run.synthetic) == (None, None, False)
    scores = {standing.entry: standing.score for standing in run.evaluation.selection.standings}
    # idea: the mean; work: without the highest and the lowest; 0.4 idea + 0.6 work.
    assert scores == {"e1": Fraction("8.33"), "e2": Fraction("6.0"), "e3": Fraction("6.2"), "e4": None}
    assert [standing.entry for standing in run.evaluation.selection.winners] == ["e1", "e3"]


def test_a_synthetic_panel_is_assigned_and_drawn(tmp_path: Path) -> None:
    run = drawn(tmp_path)
    assert run.synthetic
    assert run.assignment is not None
    assert run.assignment.certificate.optimal
    assert run.simulation is not None
    assert run.sheets is run.simulation.sheets
    assert len(run.sheets) == 12
    assert run.assignment.load.max() <= 3
    met = set(zip(run.sheets.entry.tolist(), run.sheets.reviewer.tolist(), strict=True))
    assert not met & {(pair.entry, pair.reviewer) for pair in run.conflicts}


def test_conflicts_of_the_rules_hold(tmp_path: Path) -> None:
    same = '[[conflict]]\nid = "home"\nkind = "same"\nreviewer = "region"\nentrant = "region"\n\n[missing]'
    run = drawn(tmp_path, rules_toml=DRAWN.replace("[missing]", same))
    assert {(0, 0), (1, 1), (2, 0)} <= {(pair.entry, pair.reviewer) for pair in run.conflicts}
    regions, panel = run.inputs.entrant_fields["region"], run.inputs.reviewers.fields["region"]
    for entry, reviewer in zip(run.sheets.entry, run.sheets.reviewer, strict=True):
        assert regions[entry] != panel[reviewer] or not regions[entry]


def test_the_seed_makes_the_sheets(tmp_path: Path) -> None:
    inputs = drawn(tmp_path).inputs
    first, again, other = (run_round(inputs, seed=seed) for seed in (None, None, "another"))
    assert (first.sheets.mark == again.sheets.mark).all()
    assert not (first.sheets.mark == other.sheets.mark).all()
    assert (first.seed, other.seed) == ("a seed", "another")


def test_steps_are_told_in_order(tmp_path: Path) -> None:
    told: list[tuple[str, int, int]] = []
    run_round(drawn(tmp_path).inputs, progress=lambda *step: told.append(step))
    assert [done for _, done, _ in told] == [0, 1, 2, 3, 4]
    assert {total for _, _, total in told} == {4}


def test_a_lot_without_a_seed_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SelectionError, match="give the round's seed"):
        scored(tmp_path, sheets_csv=EQUAL)
    run = run_round(read(tmp_path), seed="drawn in public")
    assert run.evaluation.selection.lots_drawn
    assert "추첨" in next(w["reason"] for w in to_json(run)["winners"] if w["group"] == "a")
