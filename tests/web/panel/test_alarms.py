"""Each invariant of a panel broken once: the alarm says what, where, and leads to what can be done."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import resolve

from simsa.web.panel.alarms import panel_alarms
from simsa.web.panel.models import Conflict, Reviewer, Slot
from simsa.web.panel.services import assign_as_given, replace, submit_sheet, withdraw
from simsa.web.programmes.models import Round
from simsa.web.programmes.rooms import Alarm
from tests.rules.small import SMALL, changed
from tests.web.panel.rounds import ENTRIES, REVIEWERS, mark, prepared, submit_all
from tests.web.panel.test_adding import every_slot
from tests.web.panel.test_conflicts import entry, reviewer, scheduled

pytestmark = pytest.mark.django_db
MEAN = changed('trimmed_mean", drop_high = 1, drop_low = 1', 'mean"')
POOL = '[[panel.kind]]\nid = "law"\nreviewer = "pool"\nvalues = ["law"]\nper_entry = { min = 1 }\n'
HOUSE = '[[panel.kind]]\nid = "house"\nreviewer = "pool"\nper_entry = { max = 1 }\n'


def wanting(panel: str, text: str = MEAN) -> str:
    return changed("[missing]", f"[panel]\n{panel}\n[missing]", text)


def given(rules: str, *codes: str, pools: tuple[str, ...] = ()) -> Round:
    """Everything to these reviewers."""
    round_ = prepared(rules)
    for one, pool in zip(Reviewer.objects.filter(round=round_), pools, strict=False):
        one.fields = {**one.fields, "pool": pool}
        one.save()
    assign_as_given(round_, [(code, who) for code, _group in ENTRIES for who in codes])
    round_.refresh_from_db()
    return round_


def one(round_: Round, *said: str) -> Alarm:
    """The one alarm in which all of this is said; it leads to a page."""
    found = [alarm for alarm in panel_alarms(round_) if all(word in alarm.what for word in said)]
    assert len(found) == 1, [alarm.what for alarm in panel_alarms(round_)]
    assert found[0].todo
    resolve(found[0].url)
    return found[0]


def vacate(round_: Round, code: str, who: str) -> None:
    withdraw(entry(round_, code), reviewer(round_, who), "친족", actor="person/1")


def test_a_panel_that_is_as_it_should_be_is_quiet():
    limits = "size = 3\nsheets_per_entry = 3\nload = { min = 6, max = 6 }"
    round_ = given(wanting(f"{limits}\n{POOL}"), *REVIEWERS, pools=("law", "it", "it"))
    assert panel_alarms(round_) == []
    submit_all(round_)
    assert panel_alarms(round_) == []


def test_size_of_the_panel():
    assert "lists" in one(prepared(wanting("size = 4")), "3", "4").url


def test_entries_with_too_few_reviewers():
    round_ = given(wanting("sheets_per_entry = 2"), "q", "r")
    vacate(round_, "b2", "q")
    assert "replacements" in one(round_, "1", "(2)", "b2").url


@pytest.mark.parametrize("panel", ["size = 3", "sheets_per_entry = { min = 1, max = 3 }"])
def test_sizes_that_differ(panel):
    round_ = given(wanting(panel), "q", "r")
    vacate(round_, "b2", "q")
    one(round_, "2", "b2 (1)")


def test_sizes_may_differ_where_reviews_are_held_back():
    held = '[adaptive]\nheld_back = "0.5"\n'
    round_ = prepared(wanting(f"sheets_per_entry = 1\nload = {{ max = 12 }}\n{held}"))
    pairs = [(code, "q") for code, _group in ENTRIES]
    assign_as_given(round_, [*pairs, ("b2", "r")])
    round_.refresh_from_db()
    assert panel_alarms(round_) == []


def test_a_kind_that_is_not_met_after_a_replacement():
    round_ = given(wanting(f"size = 3\n{POOL}"), "q", pools=("it", "law", "it"))
    assert panel_alarms(round_) == []
    vacate(round_, "b2", "q")
    slot = Slot.objects.get(status="recused")
    replace(round_, [(slot.pk, "r")], actor="person/1")
    one(round_, "law", "b2 (0)")
    assert "b1" not in one(round_, "law").what


def test_too_many_of_a_kind():
    round_ = given(wanting(f"size = 3\n{HOUSE}"), "q", "r", pools=("it", "law", "law"))
    found = [alarm for alarm in panel_alarms(round_) if "house law" in alarm.what]
    assert len(found) == 2  # one for each group
    assert sum("a1 (2)" in alarm.what for alarm in found) == 1


def test_a_field_that_the_list_does_not_have():
    assert "lists" in one(given(wanting(f"size = 3\n{POOL}"), "q"), "pool").url


def test_an_entry_that_others_judge_than_the_rest_of_its_group():
    round_ = given(wanting("size = 3"), "q")
    vacate(round_, "b2", "q")
    replace(round_, [(Slot.objects.get(status="recused").pk, "r")], actor="person/1")
    one(round_, "b2 (−q +r)")
    assert len(panel_alarms(round_)) == 1


def test_loads_above_and_below():
    round_ = given(wanting("load = { min = 1, max = 5 }"), "q")
    one(round_, "1–5", "q (6)")
    one(round_, "1–5", "p (0)", "r (0)")


@pytest.mark.parametrize(("left", "heard"), [(timedelta(hours=5), True), (timedelta(days=9), False)])
def test_members_without_a_sheet_close_to_the_deadline(left, heard):
    round_ = given(scheduled(wanting("size = 3"), scoring_from=timedelta(days=-1), scoring_until=left), "q", "r")
    submit_sheet(every_slot(round_)[0], mark(1))
    said = [alarm.what for alarm in panel_alarms(round_)]
    assert len(said) == heard
    assert all(": r" in what for what in said)


def test_marks_in_spite_of_a_conflict():
    round_ = given(wanting("size = 3"), "q")
    submit_sheet(every_slot(round_)[0], mark(1))
    Conflict.objects.create(entry=entry(round_, "a1"), reviewer=reviewer(round_, "q"), reason="x", source="register")
    assert "conflicts" in one(round_, "a1 - q").url


def test_nothing_is_said_of_other_rules():
    assert panel_alarms(prepared(SMALL)) == []
