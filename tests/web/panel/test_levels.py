"""Levels and anchors on the sheet: shown beside the marks, and recorded as exact marks however they are given."""

from __future__ import annotations

import json
import re

import pytest
from django.core.exceptions import ValidationError

from simsa.rules import parse
from simsa.web.awards.services import run_selection
from simsa.web.panel.marks import checked, spelt
from simsa.web.panel.models import Sheet, SheetDraft
from simsa.web.panel.services import SheetRow, close_round, save_draft, submit_draft, submit_sheets
from simsa.web.programmes.models import Round
from simsa.web.programmes.services.amending import amendment_faults
from tests.rules.complete import LEVELLED
from tests.rules.small import changed
from tests.web.panel.rounds import ENTRIES, REVIEWERS, scoring
from tests.web.panel.test_drafting import slot_of
from tests.web.people import signed_in, with_role

pytestmark = pytest.mark.django_db
RULES = parse(LEVELLED)


@pytest.fixture
def round_(db: None) -> Round:
    return scoring(LEVELLED)


@pytest.mark.parametrize(
    ("given", "kept"),
    [("수", "95"), ("95", "95"), ("95.0", "95"), ("A+", "87.5"), ("87.50", "87.5"), ("-1", "-1"), ("abstained",) * 2],
)
def test_level_is_given_by_name_or_by_what_it_counts_as(given, kept):
    assert checked(RULES, {"idea": "2.5", "work": given}) == {"idea": "2.5", "work": kept}


@pytest.mark.parametrize("given", ["우", "a+", "90", "", "수 ", "87", "9" * 40])
def test_what_is_no_level_is_refused_with_all_that_are(given):
    with pytest.raises(ValidationError) as told:
        checked(RULES, {"idea": "2.5", "work": given})
    assert list(told.value.message_dict) == ["work"]
    assert "수, A+, 가" in told.value.message_dict["work"][0]


def test_mark_is_shown_as_reviewers_know_it():
    idea, work = RULES.leaves
    assert [spelt(work, text) for text in ("95", "수", "87.50", "90", "recused")] == ["수", "수", "A+", "90", "recused"]
    assert spelt(idea, "9.5") == "9.5"


def test_marks_of_others_are_shown_by_the_names_of_their_levels():
    round_ = scoring(changed("[missing]", '[sight.reviewer]\nmarks = "scoring"\n\n[missing]', LEVELLED))
    given = (("p", "95"), ("q", "A+"))
    submit_sheets(round_, [SheetRow("a1", code, {"idea": "2.5", "work": work}) for code, work in given])
    client = signed_in(with_role("kim", round_, "reviewer", "p"))
    sheet = client.get(f"/en/panel/sheets/{slot_of(round_).name}/").context["sheet"]
    assert sheet.others.rows == (("2.5", "A+"),)


def test_sheet_shows_levels_and_what_marks_mean(round_):
    client = signed_in(with_role("kim", round_, "reviewer", "p"))
    slot, other = slot_of(round_), slot_of(round_, "a2")
    save_draft(other, {"mark/work": "A+"}, 0)
    save_draft(slot, {"mark/idea": "2.5", "mark/work": "수"}, 0)
    at = f"/en/panel/sheets/{slot.name}/"
    page = client.get(at).content.decode()
    buttons = re.findall(r'<input type="radio"[^>]*name="mark/work"[^>]*>', page)
    assert [" checked" in one for one in buttons] == [True, False, False]
    idea, work = client.get(at).context["sheet"].fields
    assert [(one.sign, one.name, one.mark, one.chosen) for one in work.meanings] == [
        ("수", "", "95", True),
        ("A+", "Good", "87.5", False),
        ("가", "", "-1", False),
    ]
    assert work.meanings[0].description == "Without a flaw"
    assert [(one.mark, one.name, one.chosen) for one in idea.meanings] == [
        ("2.5", "미흡", True),
        ("10", "Outstanding", False),
    ]
    assert [mark for _number, mark in work.others] == ["A+"]
    client.post(at, {"version": "1", "mark/idea": "3", "mark/work": "-1"})  # without a script
    assert SheetDraft.objects.get(slot=slot).by_field == {"mark/idea": "3", "mark/work": "-1"}
    client.post(f"{at}submit/", {"version": "2", "mark/idea": "3", "mark/work": "-1"})
    assert Sheet.objects.get().by_leaf == {"idea": "3", "work": "-1"}


def test_mark_that_is_none_any_more_is_told_beside_its_levels(round_):
    client = signed_in(with_role("kim", round_, "reviewer", "p"))
    slot = slot_of(round_)
    save_draft(slot, {"mark/work": "90"}, 0)
    page = client.get(f"/ko/panel/sheets/{slot.name}/")
    assert page.context["sheet"].fields[1].fault.startswith("90")
    assert not re.search(r'name="mark/work"[^>]* checked', page.content.decode())
    with pytest.raises(ValidationError):
        submit_draft(slot, 1)


def test_round_of_levels_is_counted_by_their_values(round_):
    given = ["수", "A+", "가", "95", "87.5", "-1"]
    pairs = [(entry, reviewer) for entry, _ in ENTRIES for reviewer in REVIEWERS]
    submit_sheets(round_, [SheetRow(*pair, {"idea": "10", "work": given[n % 6]}) for n, pair in enumerate(pairs)])
    assert {sheet.by_leaf["work"] for sheet in Sheet.objects.all()} == {"95", "87.5", "-1"}
    close_round(round_)
    standings = run_selection(round_).standings.all()
    # Each entry has all three levels; the highest and the lowest are dropped.
    assert [json.loads(one.values)["work"] for one in standings] == ["87.5"] * 6
    assert {one.score for one in standings} == {"56.5"}


def test_what_marks_mean_stays_once_there_are_sheets(round_):
    submit_sheets(round_, [SheetRow("a1", "p", {"idea": "10", "work": "수"})])
    for old, new in (("Outstanding", "Fine"), ("Without a flaw", "Fine"), ("value = 95", "value = 94")):
        assert amendment_faults(round_, parse(changed(old, new, LEVELLED)))
