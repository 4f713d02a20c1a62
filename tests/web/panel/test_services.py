"""Reviewers, the conflict register, slots, and sheets in versions."""

from __future__ import annotations

import json
from fractions import Fraction

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from simsa.engine.inputs import InputError, Status
from simsa.web.entries.inputs import entries_of
from simsa.web.entries.services import ImportRefusedError
from simsa.web.panel.inputs import declared_of, reviewers_of, sheets_of
from simsa.web.panel.models import Conflict, Reviewer, Sheet, Slot
from simsa.web.panel.services import (
    AssignmentShortError,
    ConflictRow,
    ReviewerRow,
    SheetRow,
    assign,
    assign_as_given,
    import_reviewers,
    record_affinities,
    record_conflicts,
    slots_of,
    submit_sheet,
    submit_sheets,
)
from simsa.web.programmes.append_only import AppendOnlyError
from simsa.web.programmes.models import Leaf, Round, Stage
from simsa.web.programmes.services import StageError, advance, check_events
from tests.rules.small import changed
from tests.web.panel.rounds import ENTRIES, REVIEWERS, mark, prepared, scored, scoring, submit_all

pytestmark = pytest.mark.django_db

FEW = changed('method = "trimmed_mean", drop_high = 1, drop_low = 1', 'method = "median"')
DECLARED = FEW + '\n[[conflict]]\nid = "kin"\nname = "친족"\nkind = "declared"\n'


def test_reviewers_come_back_as_the_engine_wants_them():
    round_ = prepared()
    import_reviewers(round_, [ReviewerRow("s", "위원 s", {"field": "법"})])
    reviewers = reviewers_of(round_)
    assert reviewers.ids == ("p", "q", "r", "s")
    assert reviewers.fields == {"region": ("a", "", "", ""), "field": ("", "", "", "법")}


def test_faulty_reviewers_are_told_and_none_is_kept():
    round_ = prepared()
    rows = [ReviewerRow("p", "위원"), ReviewerRow("", "위원"), ReviewerRow("t", " "), ReviewerRow("t", "위원")]
    with pytest.raises(ImportRefusedError) as refused:
        import_reviewers(round_, rows)
    assert [(f.row, f.field) for f in refused.value.faults] == [(1, "code"), (2, "code"), (3, "name"), (4, "code")]
    assert Reviewer.objects.count() == 3


def test_conflict_register():
    round_ = prepared(DECLARED)
    record_conflicts(round_, [ConflictRow("a1", "p"), ConflictRow("b2", "q", "사촌")])
    assert declared_of(round_) == [("a1", "p", "kin"), ("b2", "q", "사촌")]
    rows = [
        ConflictRow("a1", "p", "kin"),
        ConflictRow("a9", "p", "kin"),
        ConflictRow("a1", "x", "kin"),
        ConflictRow("a1", "q", "friend" * 40),
    ]
    with pytest.raises(ImportRefusedError) as refused:
        record_conflicts(round_, rows)
    faults = [(f.row, f.field) for f in refused.value.faults]
    assert faults == [(1, "entry"), (2, "entry"), (3, "reviewer"), (4, "reason")]
    assert Conflict.objects.count() == 2
    assert check_events(round_) == round_.events.count() == 4


def test_register_needs_a_rule():
    with pytest.raises(ImportRefusedError) as refused:
        record_conflicts(prepared(), [ConflictRow("a1", "p")])
    assert [(f.row, f.field) for f in refused.value.faults] == [(1, "reason")]


PANELLED = (
    DECLARED
    + """
[[conflict]]
id = "home"
name = "연고"
kind = "same"
reviewer = "region"
entrant = "region"

[panel]
sheets_per_entry = 1
load = { min = 1, max = 4 }
"""
)


def test_assignment_maximises_affinity_within_limits_and_conflicts():
    round_ = prepared(PANELLED)
    record_conflicts(round_, [ConflictRow("b1", "q", "사촌")])
    table = {entry: {"p": "0.9", "q": "0.5", "r": "0.1"} for entry, _ in ENTRIES}
    record_affinities(round_, table, source="drawn by a test")
    slots = assign(round_)
    chosen = {slot.entry.entrant.code: slot.reviewer.code for slot in slots}
    # p may score neither entry of her own region a; q may not score b1; everybody has at least one, at most four.
    assert [chosen["a1"], chosen["a2"]].count("p") == 0
    assert chosen["b1"] == "p"
    assert [list(chosen.values()).count(code) for code in REVIEWERS] == [4, 1, 1]
    assert {(c.entry.entrant.code, c.reviewer.code, c.reason, c.source) for c in Conflict.objects.all()} == {
        ("b1", "q", "사촌", "register"),
        ("a1", "p", "home", "rule"),
        ("a2", "p", "home", "rule"),
    }
    round_.refresh_from_db()
    assert round_.stage == Stage.SCORING
    event = json.loads(round_.events.order_by("pk").last().payload)
    assert (event["total"], len(event["slots"]), event["given"]) == ("4.2", 6, False)


def test_assignment_without_affinities_and_conflicts_covers_everybody():
    round_ = prepared(FEW + "\n[panel]\nsheets_per_entry = 2\n")
    assert len(assign(round_)) == 12
    assert Slot.objects.filter(affinity="0").count() == 12


def test_assignment_that_is_not_possible_says_who_is_short():
    round_ = prepared(PANELLED.replace("max = 4", "max = 1"))
    with pytest.raises(AssignmentShortError, match="b1"):
        assign(round_)
    assert Slot.objects.count() == Conflict.objects.count() == 0


def test_assignment_needs_a_number_of_sheets():
    with pytest.raises(InputError, match="sheets_per_entry"):
        assign(prepared())


def test_faulty_affinities_are_told_and_none_is_kept():
    round_ = prepared()
    with pytest.raises(ImportRefusedError) as refused:
        record_affinities(round_, {"a1": {"p": "high", "z": "1"}, "z": {"p": "nan"}}, source="test")
    faults = [(fault.row, fault.field) for fault in refused.value.faults]
    assert faults == [(1, "affinity"), (1, "reviewer"), (2, "entry"), (2, "affinity")]
    record_affinities(round_, {"a1": {"p": "0.5"}}, source="test")
    with pytest.raises(ImportRefusedError):
        record_affinities(round_, {"a1": {"p": "0.5"}}, source="test")


def test_given_assignment_opens_the_evaluation():
    round_ = prepared()
    with pytest.raises(ImportRefusedError):
        assign_as_given(round_, [("a1", "p"), ("a1", "p")])
    assign_as_given(round_, [("b1", "q"), ("a1", "p")])
    round_.refresh_from_db()
    assert round_.stage == Stage.SCORING
    assert [(s.entry.entrant.code, s.reviewer.code, s.status) for s in slots_of(round_)] == [
        ("b1", "q", "assigned"),
        ("a1", "p", "assigned"),
    ]
    with pytest.raises(StageError):
        assign_as_given(round_, [("b2", "q")])


def test_where_there_is_a_conflict_a_sheet_can_only_be_recused():
    round_ = prepared(PANELLED)
    record_conflicts(round_, [ConflictRow("b1", "q", "사촌")])
    assign_as_given(round_, [("a1", "p"), ("a1", "q"), ("b1", "q"), ("b1", "r")])
    assert set(Conflict.objects.values_list("entry__entrant__code", "reviewer__code")) == {
        ("a1", "p"),  # both of region a: the rules say so
        ("a2", "p"),
        ("b1", "q"),
    }
    marks = dict.fromkeys((leaf.id for leaf in round_.rules.leaves), "5")
    given = [SheetRow("a1", "p", marks), SheetRow("a1", "q", marks), SheetRow("b1", "q", marks)]
    with pytest.raises(ImportRefusedError) as refused:
        submit_sheets(round_, given)
    assert [(f.row, f.field) for f in refused.value.faults] == [(1, "reviewer"), (3, "reviewer")]
    slots = {(slot.entry.entrant.code, slot.reviewer.code): slot for slot in slots_of(round_)}
    with pytest.raises(ValidationError) as barred:
        submit_sheet(slots["a1", "p"], marks)
    assert barred.value.code == "conflict"
    submit_sheet(slots["a1", "p"], dict.fromkeys(marks, "recused"))
    submit_sheets(round_, [SheetRow("b1", "q", dict.fromkeys(marks, "recused")), SheetRow("a1", "q", marks)])
    assert Slot.objects.filter(status=Slot.Status.RECUSED).count() == 2


def test_sheets_come_back_as_the_engine_wants_them():
    round_ = scoring()
    submit_sheets(
        round_,
        [
            SheetRow("a1", "q", {"idea": "7.5", "work": "abstained"}),
            SheetRow("a1", "r", {"idea": "recused", "work": "recused"}),
        ],
    )
    submit_sheets(round_, [SheetRow("a1", "q", {"idea": "8.0", "work": "not_applicable"})])
    sheets = sheets_of(round_, entries_of(round_), reviewers_of(round_))
    sheets.check(round_.rules, entries_of(round_))
    assert (sheets.reviewers, sheets.leaves, sheets.places, len(sheets)) == (REVIEWERS, ("idea", "work"), 1, 18)
    assert sheets.status[:4].tolist() == [
        [Status.NOT_SUBMITTED] * 2,
        [Status.MARK, Status.NOT_APPLICABLE],
        [Status.RECUSED] * 2,
        [Status.NOT_SUBMITTED] * 2,
    ]
    assert Fraction(int(sheets.mark[1, 0]), 10) == 8
    assert [slot.status for slot in slots_of(round_)[:4]] == ["assigned", "submitted", "recused", "assigned"]


def test_faulty_sheets_are_told_and_none_is_kept():
    round_ = scoring()
    rows = [
        SheetRow("a1", "p", mark(1)),
        SheetRow("a1", "p", mark(1)),
        SheetRow("a1", "z", mark(1)),
        SheetRow("a2", "p", {"idea": "10.5", "work": "1.25", "style": "1"}),
        SheetRow("a2", "q", {"idea": "nine"}),
    ]
    with pytest.raises(ImportRefusedError) as refused:
        submit_sheets(round_, rows)
    assert [(fault.row, fault.field) for fault in refused.value.faults] == [
        (2, "entry"),
        (3, "entry"),
        (4, "style"),
        (4, "idea"),
        (4, "work"),
        (5, "idea"),
        (5, "work"),
    ]
    assert Sheet.objects.count() == 0


def test_one_faulty_sheet_tells_each_criterion():
    slot = slots_of(scoring())[0]
    with pytest.raises(ValidationError) as refused:
        submit_sheet(slot, {"idea": "", "work": "5"})
    assert list(refused.value.message_dict) == ["idea"]


def test_sheets_are_not_taken_before_the_assignment():
    round_ = prepared()
    with pytest.raises(StageError):
        submit_sheets(round_, [])


def test_nothing_is_taken_after_the_announcement():
    round_ = scored()
    slot = slots_of(round_)[0]
    Round.objects.update(published_at=round_.opened_at)
    round_.refresh_from_db()
    advance(round_, Stage.ANNOUNCED)
    with pytest.raises(StageError):
        submit_sheet(slot, mark(3))
    with pytest.raises(StageError):
        submit_all(round_)


def test_sheets_cannot_be_changed_or_deleted():
    submit_all(scoring())
    sheet = Sheet.objects.first()
    for attempt in (sheet.save, sheet.delete, Sheet.objects.all().delete, lambda: Sheet.objects.update(version=9)):
        with pytest.raises(AppendOnlyError):
            attempt()
    with pytest.raises(IntegrityError), transaction.atomic():
        Sheet(slot=sheet.slot, version=1, submitted_at=sheet.submitted_at).save()


MARKS = st.fixed_dictionaries(
    {
        leaf: st.integers(0, 20).map(lambda n: str(n / 2)) | st.sampled_from(["abstained", "not_applicable"])
        for leaf in ("idea", "work")
    }
)
SLOTS = st.integers(0, len(ENTRIES) * len(REVIEWERS) - 1)


def test_versions_of_sheets_as_a_state_machine():
    """However sheets come in, the last one of each slot counts, all earlier ones stay, and each has its leaf."""
    run_state_machine_as_test(
        SheetMachine,
        settings=settings(
            max_examples=10, stateful_step_count=8, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )


class SheetMachine(RuleBasedStateMachine):
    """Submits one or many sheets, right and wrong, and keeps its own books."""

    @initialize()
    def begin(self):
        self.point = transaction.atomic()
        self.point.__enter__()
        self.round = scoring()
        self.books: dict[int, list[dict[str, str]]] = {}
        self.slots = list(slots_of(self.round))
        self.events = self.round.events.count()

    @rule(n=SLOTS, marks=MARKS)
    def one(self, n, marks):
        promised = submit_sheet(self.slots[n], marks)
        self.books.setdefault(n, []).append(marks)
        assert promised.opening.values["version"] == str(len(self.books[n]))

    @rule(chosen=st.dictionaries(SLOTS, MARKS, min_size=1, max_size=5))
    def many(self, chosen):
        rows = [SheetRow(self.slots[n].entry.entrant.code, self.slots[n].reviewer.code, m) for n, m in chosen.items()]
        submit_sheets(self.round, rows)
        for n, marks in chosen.items():
            self.books.setdefault(n, []).append(marks)

    @rule(n=SLOTS, marks=MARKS)
    def refused(self, n, marks):
        with pytest.raises(ValidationError):
            submit_sheet(self.slots[n], {**marks, "idea": "11"})

    @invariant()
    def books_agree(self):
        kept: dict[int, list[dict[str, str]]] = {}
        place = {slot.pk: n for n, slot in enumerate(self.slots)}
        for sheet in Sheet.objects.order_by("version").select_related("opening"):
            kept.setdefault(place[sheet.slot_id], []).append(sheet.by_leaf)
        assert {n: [_exact(m) for m in sheets] for n, sheets in kept.items()} == {
            n: [_exact(m) for m in sheets] for n, sheets in self.books.items()
        }
        submitted = Slot.objects.exclude(status="assigned").count()
        assert submitted == len(self.books)
        leaves = Leaf.objects.filter(opening__sheet__isnull=False).count()
        assert leaves == Sheet.objects.count() == sum(len(sheets) for sheets in self.books.values())
        assert check_events(self.round) == self.round.events.count() == self.events

    def teardown(self):
        transaction.set_rollback(True)
        self.point.__exit__(None, None, None)


def _exact(marks):
    return {leaf: text if text.isalpha() or "_" in text else Fraction(text) for leaf, text in marks.items()}
