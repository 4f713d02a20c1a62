"""Computing and publishing a result: from the database, exactly once for the same inputs, and never silently."""

from __future__ import annotations

import json
from collections import Counter
from fractions import Fraction

import pytest
from django.db import IntegrityError, transaction
from django_tasks import TaskResultStatus
from django_tasks_db.models import DBTaskResult

from simsa.engine.evaluation import evaluate
from simsa.rules import digest
from simsa.web.awards.inputs import inputs_of
from simsa.web.awards.models import Result, Standing
from simsa.web.awards.outcome import reason_of
from simsa.web.awards.services import ResultError, finish_selection, publish, run_selection, start_selection
from simsa.web.awards.tasks import compute_result
from simsa.web.entries.services import EntryRow, import_entries
from simsa.web.panel.services import slots_of, submit_sheet
from simsa.web.programmes.services import StageError, check_events, open_round, publish_round
from tests.rules.small import OFFICIAL, SMALL, changed
from tests.web.awards.conftest import RULES_OF_NUMBERS
from tests.web.panel.rounds import mark, prepared, scored, scoring, submit_all

pytestmark = pytest.mark.django_db

REFUSING = changed('not_submitted = "leave_out"', 'not_submitted = "refuse"')


def verbs(round_):
    return list(round_.events.order_by("pk").values_list("verb", flat=True))


def test_result_is_what_the_engine_makes_of_the_same_inputs():
    round_ = scored()
    result = run_selection(round_)
    inputs = inputs_of(round_)
    expected = evaluate(inputs.rules, inputs.entries, inputs.sheets, inputs.reported, seed="drawn")
    standings = list(result.standings.select_related("entry__entrant"))
    assert [
        (s.entry.entrant.code, s.entry.group, Fraction(s.score), s.rank, s.outcome, reason_of(json.loads(s.reason)))
        for s in standings
    ] == [(s.entry, s.group, s.score, s.rank, s.outcome, s.reason) for s in expected.selection.standings]
    for standing in standings:
        n = inputs.entries.index[standing.entry.entrant.code]
        assert json.loads(standing.values).keys() == set(expected.tally.nodes)
        assert {k: Fraction(v) for k, v in json.loads(standing.values).items()} == {
            node: expected.tally.value(node, n) for node in expected.tally.nodes
        }
        assert standing.calibrated == pytest.approx(expected.calibration.score[n], abs=1e-6)
        assert standing.chance == pytest.approx(expected.chances[n], abs=1e-6)
    assert result.rules_hash == round_.rules_hash == result.facts["rules_hash"]
    assert result.digest == digest(result.payload.encode())
    assert "float" not in {type(value).__name__ for value in walk(result.facts)}


def test_a_calibrated_score_that_is_official_ranks_and_the_tally_is_kept_beside_it():
    round_ = scored(changed("[missing]", OFFICIAL))
    result = run_selection(round_)
    inputs = inputs_of(round_)
    expected = evaluate(inputs.rules, inputs.entries, inputs.sheets, inputs.reported, seed="drawn")
    for standing, wanted in zip(result.standings.order_by("order"), expected.selection.standings, strict=True):
        assert (Fraction(standing.score), standing.rank) == (wanted.score, wanted.rank)
        assert standing.calibrated == float(wanted.score)
        assert reason_of(json.loads(standing.reason)) == wanted.reason
        assert Fraction(json.loads(standing.values)["total"]) == wanted.reason.tally


def walk(value):
    yield value
    for item in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from walk(item)


def test_places_count_the_higher_scores_of_the_whole_round():
    standings = list(run_selection(scored()).standings.all())
    for one in standings:
        assert one.place == 1 + sum(Fraction(other.score) > Fraction(one.score) for other in standings)


def test_no_reviewer_is_in_the_public_result():
    round_ = scored()
    payload = run_selection(round_).payload
    for reviewer in round_.reviewers.all():
        assert reviewer.name not in payload
    assert '"p"' not in payload
    severities = json.loads(payload)["panel"]["severity"]
    assert [one.keys() for one in severities] == [{"severity", "standard_error"}] * 3
    points = [Fraction(one["severity"]) for one in severities]
    assert points == sorted(points, reverse=True)  # as on the page: the harshest first


def test_chances_ranks_and_zones_are_the_engines():
    round_ = scored()
    result = run_selection(round_)
    inputs = inputs_of(round_)
    sure = evaluate(inputs.rules, inputs.entries, inputs.sheets, inputs.reported, seed=inputs.seed).uncertainty
    standings = {s.entry.entrant.code: s for s in result.standings.select_related("entry__entrant")}
    for n, code in enumerate(inputs.entries.ids):
        found = standings[code]
        ranks = (found.expected_rank, found.rank_low, found.rank_high)
        assert (None if None in ranks else ranks) == (sure.ranks(n) and pytest.approx(sure.ranks(n), abs=1e-6))
        assert found.zone == (sure.zone[n] or "")
    told = result.facts["uncertainty"]
    assert (told["confidence"], told["draws"]) == ("0.9", 4000)
    for group in told["groups"]:
        counted = Counter(s.zone for s in standings.values() if s.entry.group == group["group"])
        assert [counted[zone] for zone in ("certain", "tie", "out")] == [group[k] for k in ("certain", "tied", "out")]


def test_mean_mark_is_exact_and_not_told_of_too_few_marks():
    round_ = scored()
    slots = list(slots_of(round_)[:4])  # three of the first entry, one of the second
    for slot, text in zip(slots[:3], ("1", "2", "2"), strict=True):
        submit_sheet(slot, {"idea": text, "work": "3"})
    submit_sheet(slots[3], {"idea": "abstained", "work": "4"})
    result = run_selection(round_)
    means = {s.entry.entrant.code: json.loads(s.means) for s in result.standings.select_related("entry__entrant")}
    assert means["a1"] == {"idea": {"mean": "5/3", "marks": 3}, "work": {"mean": "3", "marks": 3}}
    assert means["a2"]["idea"] == {"mean": None, "marks": 2}


def test_same_inputs_give_the_same_result_and_no_event():
    round_ = scored()
    first = run_selection(round_)
    events = verbs(round_)
    assert run_selection(round_) == first
    assert verbs(round_) == events
    assert events[-1] == "selection.computed"
    submit_sheet(slots_of(round_)[0], mark(9))
    second = run_selection(round_)
    assert second != first
    assert Result.objects.count() == 2
    assert check_events(round_) == len(verbs(round_))


def test_fingerprint_changes_with_every_input_and_with_nothing_else():
    round_ = scored()
    inputs = inputs_of(round_)
    assert inputs_of(round_).fingerprint == inputs.fingerprint
    slot = slots_of(round_)[0]
    submit_sheet(slot, slot.sheets.get().by_leaf)
    assert inputs_of(round_).fingerprint == inputs.fingerprint  # the same marks once more
    submit_sheet(slot, {**mark(0), "idea": "abstained"})
    assert inputs_of(round_).fingerprint != inputs.fingerprint


def test_panel_must_be_assigned_first():
    with pytest.raises(StageError):
        run_selection(prepared())


def test_fault_in_the_inputs_is_kept_for_staff_and_can_be_mended():
    round_ = scoring(REFUSING)
    with pytest.raises(ResultError, match="not_submitted"):
        run_selection(round_)
    failed = round_.results.get()
    assert (failed.status, failed.payload) == ("failed", "")
    assert "not_submitted" in failed.error
    assert verbs(round_)[-1] == "selection.failed"
    submit_all(round_)
    assert run_selection(round_).status == "done"


def test_publishing_makes_round_and_result_public_once():
    round_ = scored()
    result = publish(run_selection(round_), actor="account 7")
    round_.refresh_from_db()
    assert (round_.stage, round_.published_at is not None, result.published is not None) == ("announced", True, True)
    event = round_.events.order_by("pk").last()
    assert (event.verb, event.actor, json.loads(event.payload)["result"]) == (
        "result.published",
        "account 7",
        result.digest,
    )
    assert publish(result).published == result.published
    assert verbs(round_)[-3:] == ["selection.computed", "round.closed", "result.published"]


def test_stale_result_is_not_published():
    round_ = scored()
    stale = run_selection(round_)
    submit_sheet(slots_of(round_)[0], mark(9))
    with pytest.raises(ResultError):
        publish(stale)
    publish(run_selection(round_))
    with pytest.raises(ResultError):
        publish(stale)
    assert Result.objects.filter(published__isnull=False).count() == 1


def test_result_without_a_computation_is_not_published():
    round_ = scored()
    started = start_selection(round_)
    with pytest.raises(ResultError):
        publish(started)
    publish_round(round_)
    assert not round_.results.filter(published__isnull=False).exists()


def test_background_computation(django_capture_on_commit_callbacks):
    round_ = scored()
    with django_capture_on_commit_callbacks(execute=True):
        started = start_selection(round_, actor="account 3")
    assert started.status == "computing"
    queued = DBTaskResult.objects.get(task_path=compute_result.module_path)
    assert (queued.status, queued.args_kwargs["args"]) == (TaskResultStatus.READY, [started.pk])
    assert compute_result.call(started.pk) == "done"
    started.refresh_from_db()
    assert started.status == "done"
    assert started.standings.count() == 6
    assert verbs(round_)[-2:] == ["selection.started", "selection.computed"]
    assert finish_selection(started) == run_selection(round_) == start_selection(round_) == started


def test_background_computation_of_inputs_that_changed_fails():
    round_ = scored()
    started = start_selection(round_)
    submit_sheet(slots_of(round_)[0], mark(9))
    assert compute_result.call(started.pk) == "failed"
    assert Result.objects.get(pk=started.pk).status == "failed"


def test_background_computation_of_faulty_inputs_is_kept():
    started = start_selection(scoring(REFUSING))
    assert compute_result.call(started.pk) == "failed"
    assert "not_submitted" in Result.objects.get().error


@pytest.mark.parametrize(
    "wrong",
    [
        {"status": "failed"},
        {"status": "computing"},
        {"payload": ""},
        {"digest": "abc"},
        {"status": "failed", "error": "x", "payload": "", "published": "2024-01-01T00:00:00Z"},
    ],
    ids=str,
)
def test_database_refuses_impossible_results(wrong):
    run_selection(scored())
    with pytest.raises(IntegrityError), transaction.atomic():
        Result.objects.update(**wrong)


@pytest.mark.parametrize(
    "wrong",
    [
        {"rank": None},
        {"score": None},
        {"outcome": "won"},
        {"chance": 1.5},
        {"order": 1},
        {"zone": "x"},
        {"rank_low": None},
    ],
    ids=str,
)
def test_database_refuses_impossible_standings(wrong):
    run_selection(scored())
    with pytest.raises(IntegrityError), transaction.atomic():
        Standing.objects.update(**wrong)


def test_indicators_alone_need_no_panel():
    round_ = open_round(RULES_OF_NUMBERS)
    rows = [EntryRow(f"e{n}", "a", f"기관 {n}", reported={("", "debt"): Fraction(n, 3)}) for n in range(1, 4)]
    import_entries(round_, [*rows, EntryRow("e9", "a", "기관 9")])
    result = publish(run_selection(round_))
    assert [
        (s.entry.entrant.code, s.score, s.rank, s.outcome) for s in result.standings.select_related("entry__entrant")
    ] == [
        ("e1", "10", 1, "selected"),
        ("e2", "5", 2, "not_selected"),
        ("e3", "0", 3, "not_selected"),
        ("e9", None, None, "not_selected"),
    ]
    assert result.facts["panel"] == {"reviewers": 0, "slots": 0, "sheets": 0, "severity": []}


def test_rules_text_is_the_one_that_was_given():
    assert scored().rules_toml == SMALL
