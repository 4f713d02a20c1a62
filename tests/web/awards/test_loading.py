"""A round folder goes in by the verbs, and comes out with the result that `simsa run` has for it."""

from __future__ import annotations

import json
from dataclasses import replace
from fractions import Fraction
from io import StringIO

import numpy as np
import pytest
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.db.models import F

from simsa.tables.intake import RoundError
from simsa.tables.round_folder import read_round
from simsa.tables.run import run_round
from simsa.web.awards.inputs import inputs_of
from simsa.web.awards.outcome import reason_of
from simsa.web.awards.services import load_folder, run_selection
from simsa.web.entries.inputs import entries_of
from simsa.web.panel.inputs import reviewers_of, sheets_of
from simsa.web.panel.models import Conflict, Slot
from simsa.web.programmes.models import Event, Round
from simsa.web.programmes.services import check_events
from tests.rules.small import changed
from tests.web.awards.conftest import EXAMPLE

pytestmark = [pytest.mark.django_db, pytest.mark.once]


@pytest.fixture(scope="module")
def run():
    return run_round(read_round(EXAMPLE))


def test_example_gives_the_result_of_simsa_run(whole_example, run):
    result = whole_example.results.get()
    standings = list(result.standings.select_related("entry__entrant"))
    expected = run.evaluation.selection
    assert whole_example.rules_hash == result.rules_hash == run.rules.hash
    # Equals stand by id here, as in the record, and as in the file there.
    assert sorted((s.entry.entrant.code, Fraction(s.score), s.rank, s.outcome) for s in standings) == sorted(
        (s.entry, s.score, s.rank, s.outcome) for s in expected.standings
    )
    assert sum(s.outcome == "selected" for s in standings) == 7
    reasons = {standing.entry: standing for standing in expected.standings}
    for standing in standings:
        code = standing.entry.entrant.code
        n = run.inputs.entries.index[code]
        assert by_name(reason_of(json.loads(standing.reason))) == by_name(reasons[code].reason)
        assert standing.calibrated == round(float(run.evaluation.calibration.score[n]), 6)
        assert standing.standard_error == round(float(run.evaluation.calibration.standard_error[n]), 6)
        assert standing.chance == round(float(run.evaluation.chances[n]), 6)


def by_name(reason):
    return replace(reason, tied_with=tuple(sorted(reason.tied_with)))


def test_example_has_the_sheets_and_the_assignment_of_simsa_run(whole_example, run):
    sheets = sheets_of(whole_example, entries_of(whole_example), reviewers_of(whole_example))
    assert (sheets.reviewers, sheets.leaves, sheets.places) == (
        run.sheets.reviewers,
        run.sheets.leaves,
        run.sheets.places,
    )
    for name in ("entry", "reviewer", "status"):
        assert np.array_equal(getattr(sheets, name), getattr(run.sheets, name)), name
    there = sheets.status == 0
    assert np.array_equal(sheets.mark[there], run.sheets.mark[there])
    pairs = {(conflict.entry, conflict.reviewer) for conflict in run.conflicts}
    entries, reviewers = run.inputs.entries.index, run.inputs.reviewers.index
    assert {
        (entries[entry], reviewers[reviewer])
        for entry, reviewer in Conflict.objects.values_list("entry__entrant__code", "reviewer__code")
    } == pairs
    assert not Slot.objects.filter(entry__conflicts__reviewer_id=F("reviewer_id")).exists()


def test_example_is_public_synthetic_and_recorded(whole_example):
    assert (whole_example.stage, whole_example.synthetic, whole_example.published_at is not None) == (
        "announced",
        True,
        True,
    )
    assert "synthetic sheets" in whole_example.synthetic_note
    assert "SGIS" in whole_example.credit
    assert list(Event.objects.order_by("pk").values_list("verb", flat=True)) == [
        "round.opened",
        "entries.imported",
        "reviewers.imported",
        "conflicts.recorded",
        "affinities.recorded",
        "panel.assigned",
        "selection.computed",
        "round.closed",
        "result.published",
    ]
    assert check_events(whole_example) == 9


def test_loading_again_changes_nothing(whole_example):
    assert load_folder(EXAMPLE) == whole_example
    assert Event.objects.count() == 9
    assert run_selection(whole_example) == whole_example.results.get()


def test_database_alone_gives_the_same_fingerprint(whole_example):
    assert inputs_of(whole_example).fingerprint == whole_example.results.get().inputs


ROUND = """
simsa_round = 1
credit = "made up for a test"

[entries]
file = "entries.csv"
id = "id"
name = { ko = "name" }
group = "group"

[sheets]
file = "sheets.csv"
entry = "entry"
reviewer = "reviewer"
marks = { idea = "idea", work = "work" }
missing = { "A" = "abstained" }
"""
ENTRIES = "id,name,group\na1,에이 하나,a\na2,에이 둘,a\nb1,비 하나,b\n"
SHEETS = """entry,reviewer,idea,work
a1,p,8,7.5
a1,q,7,7
a1,r,9,6
a2,p,5,5
a2,q,A,6
a2,r,5,5
b1,p,6,6
b1,q,7,7
b1,r,,
"""


@pytest.fixture
def folder(tmp_path):
    """A round folder with sheets of its own and no list of reviewers."""
    (tmp_path / "rules.toml").write_text(changed("\nsize = 4", ""), encoding="utf-8")
    (tmp_path / "round.toml").write_text(ROUND, encoding="utf-8")
    (tmp_path / "entries.csv").write_text(ENTRIES, encoding="utf-8")
    (tmp_path / "sheets.csv").write_text(SHEETS, encoding="utf-8")
    return tmp_path


def test_folder_with_its_own_sheets(folder):
    loaded = load_folder(folder)
    run = run_round(read_round(folder))
    result = loaded.results.get()
    assert [(s.entry.entrant.code, s.score, s.rank) for s in result.standings.select_related("entry__entrant")] == [
        (s.entry, None if s.score is None else str(float(s.score)).rstrip("0").rstrip("."), s.rank)
        for s in run.evaluation.selection.standings
    ]
    assert (loaded.synthetic, loaded.credit, loaded.seed) == (False, "made up for a test", "")
    assert result.facts["panel"]["sheets"] == 8
    assert Slot.objects.filter(status="assigned").count() == 1


def test_folder_without_sheets_is_left_ready_for_its_panel(folder):
    mapping = ROUND[: ROUND.index("[sheets]")]
    (folder / "round.toml").write_text(mapping, encoding="utf-8")
    loaded = load_folder(folder)
    assert (loaded.stage, loaded.published_at, loaded.results.count()) == ("preparing", None, 0)
    assert loaded.entries.count() == 3


def test_another_round_of_the_same_id_is_refused(folder):
    load_folder(folder)
    (folder / "rules.toml").write_text(changed("quota = 1", "quota = 2", changed("\nsize = 4", "")), encoding="utf-8")
    with pytest.raises(ValidationError, match="small"):
        load_folder(folder)


def test_failure_half_way_leaves_nothing(folder):
    (folder / "rules.toml").write_text(
        changed('not_submitted = "leave_out"', 'not_submitted = "refuse"', changed("\nsize = 4", "")), encoding="utf-8"
    )
    with pytest.raises(Exception, match="not_submitted"):
        load_folder(folder)
    assert Round.objects.count() == Event.objects.count() == 0


def test_command(folder):
    out, err = StringIO(), StringIO()
    call_command("load_round", folder, stdout=out, stderr=err)
    assert out.getvalue() == f"small: announced, 3 entries, rules {Round.objects.get().rules_hash}\n"
    assert "[2/4] sheets" in err.getvalue()


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("rules.toml", "simsa_rules = 1", "round"),
        ("round.toml", "simsa_round = 1", "entries"),
        ("sheets.csv", "entry,reviewer,idea,work\na9,p,1,1\n", "sheets.csv"),
    ],
)
def test_command_says_what_is_wrong(folder, name, text, message):
    (folder / name).write_text(text, encoding="utf-8")
    with pytest.raises(CommandError, match=message):
        call_command("load_round", folder, verbosity=0)
    assert Round.objects.count() == 0


def test_missing_folder(tmp_path):
    with pytest.raises(RoundError):
        load_folder(tmp_path / "nowhere")
