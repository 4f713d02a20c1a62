"""Importing the bodies of a round: all or nothing, errors by row, and versions of what is known about a body."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import pytest
from django.db import IntegrityError, transaction

from simsa.engine.inputs import Entries
from simsa.web.entries.inputs import entries_of, fields_of, reported_of
from simsa.web.entries.models import Entrant, Entry, ReportedNumber
from simsa.web.entries.services import EntryRow, ImportRefusedError, import_entries
from simsa.web.programmes.append_only import AppendOnlyError
from simsa.web.programmes.models import Stage
from simsa.web.programmes.services import StageError, advance, check_events, open_round
from tests.rules.small import SMALL, changed

pytestmark = pytest.mark.django_db

ROWS = [
    EntryRow("r2", "b", "둘", "Two", "남부", Decimal("35.1"), Decimal("129.03333333"), {"field": "법"}),
    EntryRow("r1", "a", "하나", reported={("", "late"): Fraction(1, 3), ("work", "days"): Fraction(5, 2)}),
]


def test_entries_come_back_as_the_engine_wants_them():
    opened = open_round(SMALL)
    import_entries(opened, ROWS)
    import_entries(opened, [EntryRow("r0", "b", "영")])
    assert entries_of(opened) == Entries(("r2", "r1", "r0"), ("b", "a", "b"))
    assert reported_of(opened).values == {("r1", "", "late"): Fraction(1, 3), ("r1", "work", "days"): Fraction(5, 2)}
    assert fields_of(opened) == {"region": ("남부", "", ""), "group": ("b", "a", "b"), "field": ("법", "", "")}
    assert Entrant.objects.get(code="r2").longitude == Decimal("129.033333")
    assert [event.verb for event in opened.events.all()] == ["round.opened", "entries.imported", "entries.imported"]
    assert check_events(opened) == 3


def test_every_fault_is_told_and_nothing_is_kept():
    opened = open_round(SMALL)
    rows = [
        ROWS[0],
        replace(ROWS[0], group="c"),
        EntryRow(" ", "a", ""),
        EntryRow("x", "a", "엑스", latitude=Decimal(1)),
        EntryRow("y", "a", "와이", latitude=Decimal(91), longitude=Decimal(0)),
    ]
    with pytest.raises(ImportRefusedError) as refused:
        import_entries(opened, rows)
    assert [(fault.row, fault.field) for fault in refused.value.faults] == [
        (2, "code"),
        (2, "group"),
        (3, "code"),
        (3, "name"),
        (4, "latitude, longitude"),
        (5, "latitude, longitude"),
    ]
    assert len(refused.value.messages) == 6
    assert Entry.objects.count() == Entrant.objects.count() == 0
    assert opened.events.count() == 1


def test_body_in_the_round_already_is_refused():
    opened = open_round(SMALL)
    import_entries(opened, ROWS)
    with pytest.raises(ImportRefusedError) as refused:
        import_entries(opened, ROWS[1:])
    assert [(fault.row, fault.field, "r1" in fault.what) for fault in refused.value.faults] == [(1, "code", True)]


def test_new_facts_about_a_body_leave_earlier_rounds_as_they_were():
    first, second, third = (
        open_round(changed('id = "small"', f'id = "{name}"\nprogramme = "same"'))
        for name in ("first", "second", "third")
    )
    import_entries(first, ROWS)
    import_entries(second, [replace(ROWS[0], name_ko="둘특별자치도"), ROWS[1]])
    import_entries(third, [replace(ROWS[0], name_ko="둘특별자치도")])
    assert [entry.entrant.name_ko for entry in first.entries.all()] == ["둘", "하나"]
    assert [entry.entrant.name_ko for entry in second.entries.all()] == ["둘특별자치도", "하나"]
    assert [(e.code, e.version) for e in Entrant.objects.all()] == [("r1", 1), ("r2", 1), ("r2", 2)]
    with pytest.raises(AppendOnlyError):
        Entrant.objects.filter(code="r2").update(name_ko="셋")


def test_entries_come_in_before_the_evaluation_only():
    opened = open_round(SMALL)
    advance(opened, Stage.SCORING)
    with pytest.raises(StageError):
        import_entries(opened, ROWS)


def test_database_refuses_a_second_entry_and_a_second_number():
    opened = open_round(SMALL)
    import_entries(opened, ROWS)
    one = opened.entries.get(entrant__code="r1")
    with pytest.raises(IntegrityError), transaction.atomic():
        Entry.objects.create(round=opened, entrant=one.entrant, group="b", position=9)
    with pytest.raises(IntegrityError), transaction.atomic():
        ReportedNumber.objects.create(entry=one, criterion="", field="late", number="2")
    with pytest.raises(IntegrityError), transaction.atomic():
        Entrant.objects.create(programme=opened.programme, code="z", name_ko="제트", latitude=1)


def test_names_by_language():
    two, one = (Entrant(code="x", name_ko="둘", name_en=name) for name in ("Two", ""))
    assert [two.name("ko"), two.name("en"), one.name("en")] == ["둘", "Two", "둘"]
