"""What would spoil a log for good does not come into it: the verbs of a record refuse it, and nothing is written."""

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from simsa.engine.inputs import Entries, Reported
from simsa.record import statements
from simsa.record.folder import Record, RecordError, keeping
from simsa.record.verification import Answer, verify
from tests.record.small_round import ENTRIES, MARKS, NAMES, ORIGIN, RULES, begun


@pytest.fixture
def record(tmp_path: Path) -> Record:
    return begun(tmp_path / "record")


def refused(record: Record, why: str, act: Callable[[], object]) -> None:
    before = list(record.database._connection.iterdump())
    with pytest.raises(RecordError, match=why):
        act()
    assert list(record.database._connection.iterdump()) == before


@pytest.mark.parametrize(
    ("marks", "why"),
    [
        ({"merit": "8"}, "other criteria"),
        ({**MARKS, "more": "8"}, "other criteria"),
        ({**MARKS, "merit": "8.50"}, "shortest form"),
        ({**MARKS, "merit": "8.25"}, "no mark that the rules allow"),
        ({**MARKS, "merit": "11"}, "mark 11 of 'r1' on entry 'e1' is not on the scale of 'merit'"),
        ({**MARKS, "merit": "-1"}, "not on the scale"),
        ({**MARKS, "merit": "good"}, "no mark"),
        ({**MARKS, "merit": ""}, "no mark"),
    ],
)
def test_marks_that_the_rules_do_not_allow_are_not_promised(record: Record, marks: dict[str, str], why: str) -> None:
    [slot] = [one.slot for one in record.slots if (one.entry, one.reviewer) == ("e1", "r1")]
    for _ in range(2):  # also after it was found to be wrong once, and what is right was found to be right
        refused(record, why, lambda: record.submit(slot, marks))
        record.submit(slot, {"merit": "recused", "reach": "8.5"})
    refused(record, "not one of this round", lambda: record.submit("0" * 32, MARKS))


def test_slots_are_for_those_who_take_part(record: Record) -> None:
    slots = {(one.entry, one.reviewer): one.slot for one in record.slots}
    refused(record, "'e3', who does not take part", lambda: record.assign([("e3", "r1")]))
    refused(record, "slots of 'e2'", lambda: record.enter(Entries(("e1",), ("a",)), NAMES, Reported({})))
    strange = Reported({("e3", "", "n"): Fraction(1)})
    refused(record, "numbers are reported of 'e3'", lambda: record.enter(ENTRIES, NAMES, strange))
    other = slots["e2", "r1"]
    refused(record, "cannot take the place", lambda: record.assign([("e1", "r4")], {("e1", "r4"): (other, "why")}))
    record.seat(["r4"])
    record.assign([("e1", "r4")], {("e1", "r4"): (slots["e1", "r1"], "ill")})
    again = {("e1", "r4"): (slots["e1", "r1"], "ill")}
    refused(record, "cannot take the place", lambda: record.assign([("e1", "r4")], again))


def test_a_round_is_not_closed_over_what_auditors_would_refuse(record: Record) -> None:
    slots = {(one.entry, one.reviewer): one.slot for one in record.slots}
    record.assign([("e1", "stranger")])
    refused(record, "'stranger' is not on the panel", record.close)
    record.seat(["stranger", "r4"], [("e2", "r1")])
    record.submit(slots["e2", "r1"], MARKS)
    refused(record, "'r1' gave marks to 'e2' in spite of a conflict", record.close)
    record.assign([("e2", "r4")], {("e2", "r4"): (slots["e2", "r1"], "a conflict")})
    record.assign([("e1", "r2")])
    refused(record, "'r2' has two slots of 'e1'", record.close)
    record.seat(["r5"])
    twice = next(one.slot for one in record.slots if (one.entry, one.reviewer) == ("e1", "r2"))
    record.assign([("e1", "r5")], {("e1", "r5"): (twice, "by mistake")})
    record.submit(slots["e2", "r2"], MARKS)
    record.close()
    record.conclude()
    assert verify(record.bundle("full")).answer is Answer.VERIFIED


def test_each_step_has_its_time(record: Record) -> None:
    for one in record.slots[:3]:
        record.submit(one.slot, MARKS)
    refused(record, "needs entries and the close", record.conclude)
    refused(record, "still needed", lambda: record.forget("why"))
    refused(record, "close the round first", lambda: record.draw("7 12 23"))
    record.close()
    closed: list[Callable[[], Any]] = [
        lambda: record.submit(record.slots[0].slot, MARKS),
        lambda: record.seat(["r9"]),
        lambda: record.assign([("e1", "r1")]),
        record.close,
    ]
    for act in closed:
        refused(record, "the round is closed", act)
    refused(record, "without an amendment", lambda: record.enter(ENTRIES, {**NAMES, "e1": {"ko": "새"}}, Reported({})))
    refused(record, "no beacon's value is awaited", lambda: record.draw("7 12 23"))
    record.conclude()
    refused(record, "needs an amendment", record.conclude)
    record.amend("a name was wrong")
    record.enter(ENTRIES, {**NAMES, "e1": {"ko": "새 이름"}}, Reported({}))
    record.conclude()
    for tier in ("public", "full"):
        assert verify(record.bundle(tier)).answer is Answer.VERIFIED  # type: ignore[arg-type]
    record.forget("the time is over")
    with pytest.raises(RecordError, match="no full tier"):
        record.bundle("full")
    assert verify(record.bundle("public")).answer is Answer.INCOMPLETE


def test_a_beacon_is_drawn_once(tmp_path: Path) -> None:
    record = Record.create(tmp_path / "record", RULES, ORIGIN, seed=statements.beacon("drand round 5"))
    record.enter(ENTRIES, NAMES, Reported({}))
    record.close()
    refused(record, "the lots await the beacon", record.conclude)
    seed = record.draw("7 12 23")
    assert record.seed == seed
    refused(record, "no beacon's value is awaited", lambda: record.draw("7 12 24"))


def test_a_result_of_a_round_that_went_on_meanwhile_is_not_recorded(
    record: Record, monkeypatch: pytest.MonkeyPatch
) -> None:
    record.close()
    other, conclude = Record.open(record.path), keeping.conclude

    def slow(*given: Any) -> Any:
        if other.story.last("amendment") is None:
            other.amend("meanwhile")
        return conclude(*given)

    monkeypatch.setattr(keeping, "conclude", slow)
    with pytest.raises(RecordError, match="took the round further meanwhile"):
        record.conclude()
    record.conclude()
    assert verify(record.bundle("full")).answer is Answer.VERIFIED


def test_a_record_that_is_none_or_of_another_round_is_named(record: Record, tmp_path: Path) -> None:
    with pytest.raises(RecordError, match="does not end in /small"):
        Record.create(tmp_path / "other", RULES, "simsa.example/log/large")
    with pytest.raises(RecordError, match="there already"):
        begun(record.path)
    with pytest.raises(RecordError, match="there is no record"):
        Record.open(tmp_path / "nowhere")
    (tmp_path / "text").mkdir()
    (tmp_path / "text" / "record.sqlite").write_text("no database at all" * 100)
    with pytest.raises(RecordError, match="not a database"):
        Record.open(tmp_path / "text")
    (tmp_path / "empty").mkdir()
    (tmp_path / "empty" / "record.sqlite").touch()
    with pytest.raises(RecordError, match="is no record"):
        Record.open(tmp_path / "empty")
    assert Record.open(record.path).story == record.story
