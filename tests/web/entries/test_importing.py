"""Imports that change and remove, the plan that is shown before, and taking them back exactly."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simsa.web.entries.models import Entrant, Entry, Import, ReportedNumber
from simsa.web.entries.services import (
    EntryRow,
    ImportRefusedError,
    import_entries,
    plan_entries,
    submit_entry,
    undo_entries,
)
from simsa.web.entries.services.importing import Held
from simsa.web.entries.services.plans import Difference, StalePlanError
from simsa.web.panel.services import ConflictRow, ReviewerRow, import_reviewers, record_affinities, record_conflicts
from simsa.web.programmes.models import Round, Stage
from simsa.web.programmes.services import StageError, advance, check_events, open_round
from tests.draws import draws
from tests.rules.small import changed
from tests.web.people import with_role

pytestmark = pytest.mark.django_db

DECLARED = '[[conflict]]\nid = "said"\nkind = "declared"\n\n[missing]'
ONE = EntryRow("r1", "a", "하나", reported={("", "late"): Fraction(1, 3), ("work", "days"): Fraction(5, 2)})
TWO = EntryRow("r2", "b", "둘", "Two", "남부", Decimal("35.1"), Decimal("129.03333333"), {"field": "법"})
THREE = EntryRow("r3", "b", "셋")


def everything(round_: Round) -> list[object]:
    """All that is known of a round's entries, whatever rows hold it."""
    held = Held.of(round_)
    return [(code, held.row(code), entry.position, entry.entrant.version) for code, entry in held.entries.items()]


@pytest.fixture
def round_() -> Round:
    opened = open_round(changed("[missing]", DECLARED))
    import_entries(opened, [ONE, TWO])
    return opened


def test_plan_says_what_an_import_then_does(round_):
    rows = [THREE, replace(TWO, group="a", name_en="", fields={"field": "법", "kind": "새"}), ONE]
    plan = plan_entries(round_, rows, update=True)
    assert [(change.row, change.code) for change in plan.added] == [(1, "r3")]
    assert [(change.row, change.code, change.differences) for change in plan.changed] == [
        (2, "r2", (Difference("group", "b", "a"), Difference("name_en", "Two", ""), Difference("field:kind", "", "새")))
    ]
    assert (plan.unchanged, plan.removed, plan.faults) == (1, (), ())
    assert len(everything(round_)) == 2
    import_entries(round_, rows, update=True, expected=plan.state)
    assert [(row[0], row[1], row[2]) for row in everything(round_)] == [
        ("r1", ONE, 0),
        ("r2", replace(rows[1], longitude=Decimal("129.033333")), 1),
        ("r3", THREE, 2),
    ]
    again = plan_entries(round_, rows, update=True)
    assert not again.changes
    assert again.unchanged == 3


def test_round_that_has_changed_since_the_plan_is_left_alone(round_):
    plan = plan_entries(round_, [THREE], update=True)
    import_entries(round_, [replace(TWO, name_ko="두울")], update=True)
    before = everything(round_)
    with pytest.raises(StalePlanError):
        import_entries(round_, [THREE], update=True, expected=plan.state)
    with pytest.raises(StalePlanError):  # the same rows, and others removed
        import_entries(
            round_, [THREE], update=True, remove=True, expected=plan_entries(round_, [THREE], update=True).state
        )
    assert everything(round_) == before


def test_who_is_not_listed_leaves_if_that_is_asked_for(round_):
    done = import_entries(round_, [THREE, ONE], update=True, remove=True)
    assert [row[0] for row in everything(round_)] == ["r1", "r3"]
    assert ReportedNumber.objects.filter(entry__entrant__code="r1").count() == 2
    undo_entries(done)
    assert [row[0] for row in everything(round_)] == ["r1", "r2"]


def _conflict(round_: Round) -> None:
    record_conflicts(round_, [ConflictRow("r2", "p")])


def _affinities(round_: Round) -> None:
    record_affinities(round_, {"r2": {"p": "1"}}, source="test")


def _role(round_: Round) -> None:
    with_role("kim", round_, "entrant", "r2")


@pytest.mark.parametrize("depend", [_conflict, _affinities, _role])
def test_what_depends_on_an_entry_keeps_it_in_the_round(round_, depend):
    import_reviewers(round_, [ReviewerRow("p", "위원")])
    first = Import.objects.filter(round=round_, kind="entries").get()
    depend(round_)
    before = everything(round_)
    assert [fault.field for fault in plan_entries(round_, [ONE], update=True, remove=True).faults] == ["r2"]
    with pytest.raises(ImportRefusedError):
        import_entries(round_, [ONE], update=True, remove=True)
    with pytest.raises(ImportRefusedError) as refused:
        undo_entries(first)
    assert [fault.field for fault in refused.value.faults] == ["r2"]
    assert everything(round_) == before
    first.refresh_from_db()
    assert first.undone_at is None


def test_what_was_submitted_is_changed_by_no_list(round_):
    second = import_entries(round_, [replace(ONE, name_ko="하나시")], update=True)
    submit_entry(round_.entries.get(entrant__code="r1"), with_missing=True, actor="person/1")
    before = everything(round_)
    plan = plan_entries(round_, [replace(ONE, name_ko="하니"), replace(TWO, name_ko="두울")], update=True)
    assert [(fault.row, fault.field) for fault in plan.faults] == [(1, "r1")]
    with pytest.raises(ImportRefusedError):
        import_entries(round_, [replace(ONE, group="b")], update=True)
    with pytest.raises(ImportRefusedError):
        undo_entries(second)
    assert everything(round_) == before
    import_entries(round_, [replace(TWO, name_ko="두울")], update=True)


def test_undoing_goes_back_step_by_step_and_not_across_a_later_change(round_):
    before = everything(round_)
    second = import_entries(round_, [replace(ONE, name_ko="하나시"), THREE], update=True)
    after = everything(round_)
    third = import_entries(round_, [replace(ONE, name_ko="하나시", group="b")], update=True)
    with pytest.raises(ImportRefusedError) as refused:
        undo_entries(second)
    assert [fault.field for fault in refused.value.faults] == ["r1"]
    undo_entries(third, actor="person/1")
    assert everything(round_) == after
    undo_entries(second)
    assert everything(round_) == before
    with pytest.raises(ImportRefusedError):
        undo_entries(second)
    assert [(done.undone_by, done.undone_at is None) for done in Import.objects.filter(kind="entries")] == [
        ("person/1", False),
        ("system", False),
        ("", True),
    ]
    assert [event.verb for event in round_.events.all()][-2:] == ["entries.import_undone"] * 2
    assert check_events(round_) == round_.events.count()


def test_position_that_somebody_has_by_now_is_not_given_back(round_):
    gone = import_entries(round_, [ONE], update=True, remove=True)
    import_entries(round_, [THREE])
    with pytest.raises(ImportRefusedError) as refused:
        undo_entries(gone)
    assert "r3" in str(refused.value.faults[0])


def test_undone_names_are_not_those_of_the_next_round(round_):
    wrong = import_entries(round_, [replace(ONE, name_ko="하니")], update=True)
    undo_entries(wrong)
    import_entries(round_, [replace(ONE, name_ko="하나시")], update=True)
    assert [one.name_ko for one in Entrant.objects.filter(code="r1").order_by("version")] == ["하나", "하니", "하나시"]
    assert Entry.objects.get(entrant__code="r1").entrant.version == 3


def test_neither_import_nor_undoing_once_the_evaluation_has_begun(round_):
    done = Import.objects.get()
    advance(round_, Stage.SCORING)
    for verb in (
        lambda: import_entries(round_, [ONE], update=True),
        lambda: undo_entries(done),
    ):
        with pytest.raises(StageError):
            verb()


CODES = ("c1", "c2", "c3", "c4")
rows_ = st.lists(
    st.builds(
        EntryRow,
        code=st.sampled_from(CODES),
        group=st.sampled_from("ab"),
        name_ko=st.sampled_from(("가", "나")),
        region=st.sampled_from(("", "도")),
        reported=st.dictionaries(st.just(("", "late")), st.integers(0, 2).map(Fraction), max_size=1),
    ),
    unique_by=lambda row: row.code,
    max_size=4,
)


@pytest.mark.once
@settings(max_examples=draws(25), deadline=None)
@given(steps=st.lists(st.tuples(rows_, st.booleans()), min_size=1, max_size=4))
def test_any_imports_taken_back_in_turn_leave_what_was_before(steps):
    opened = open_round(changed('id = "small"', f'id = "small-{Round.objects.count()}"'))
    trace, done = [everything(opened)], []
    for rows, remove in steps:
        listed = {row.code: row for row in rows}
        known = {code: row for code, row, *_ in trace[-1]}
        done.append(import_entries(opened, rows, update=True, remove=remove))
        trace.append(everything(opened))
        assert {code: row for code, row, *_ in trace[-1]} == (listed if remove else known | listed)
    for one in reversed(done):
        assert everything(opened) == trace.pop()
        undo_entries(one)
    assert everything(opened) == trace.pop() == []
    assert not trace
