"""Drills: an insider with the database, the folder and the log's key does one thing, and publishes.

Each is found from the public bundle and one receipt; the verifier says which check found it, and in which slot or leaf.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from simsa.engine.evaluation import evaluate
from simsa.engine.inputs import Entries, Reported
from simsa.record import statements
from simsa.record.canonical import canonical_text
from simsa.record.commitments import new_secret
from simsa.record.folder import Record
from simsa.record.leaves import statement_leaf
from simsa.record.merkle import leaf_hash
from simsa.record.outcome import SheetRow, entries_of, result_content, sheets_of
from simsa.record.receipts import Receipt
from simsa.record.statements import Statement
from simsa.record.verification import Answer, Verdict, verify
from simsa.record.verification.archive import unpacked
from simsa.rules import Quota, Rules, parse
from tests.record.attacks import listed, sealed, zipped

RULES = parse("""
simsa_rules = 1
round = { id = "drill", name = "Drill", time_zone = "UTC", language = "en" }
[[group]]
id = "city"
quota = 1
[missing]
not_submitted = "leave_out"
not_applicable = "leave_out"
abstained = "leave_out"
recused = "leave_out"
[[criterion]]
id = "total"
combine = { method = "mean" }
[[criterion]]
id = "idea"
scale = { min = 0, max = 10, step = 1 }
panel = { method = "mean" }
[[criterion]]
id = "work"
scale = { min = 0, max = 10, step = 1 }
panel = { method = "mean" }
[[tie_break]]
lot = true
""")
ENTRIES = ("Ansan", "Busan", "Cheonan")
PANEL = ("kim", "lee", "park")
MARKS = {"Ansan": "8", "Busan": "8", "Cheonan": "5"}
BEACON = "the lottery draw of Saturday"


@dataclass
class Drill:
    """The record, and the receipt that the reviewer kim holds for the sheet of Ansan, in `slot`."""

    record: Record
    slot: str
    receipt: Receipt

    def sql(self, query: str, *values: object) -> None:
        with self.record.database.transaction():
            self.record.database.write(query, [values])

    def finish(self) -> None:
        """As the organiser would."""
        self.record.close()
        self.decide()

    def decide(self) -> None:
        self.record.draw("4 8 15 16 23 42")
        self.record.conclude()

    def say(self, statement: Statement) -> None:
        """Into the log, without being asked whether it may stand there."""
        self.record._append(lambda _head: statement)

    def refused(self, data: bytes | None = None, receipt: Receipt | None = None) -> dict[str, str]:
        """The checks that fail for whoever holds the receipt and the public bundle, and why."""
        verdict = verdict_of(data or self.record.bundle("public"), receipt or self.receipt)
        assert verdict.answer is Answer.REFUSED
        return {one.name: one.why for one in verdict.failed}


def verdict_of(data: bytes, *receipts: Receipt) -> Verdict:
    return verify(data, receipts=[(f"receipt {n}", one) for n, one in enumerate(receipts)])


@pytest.fixture
def drill(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Drill]:
    """Scored, in the log, and still open; park has not scored Cheonan. What the record would refuse, it no longer does:
    the insider's own program asks nobody."""
    record = Record.create(tmp_path / "record", RULES, "example.org/drill", seed=statements.beacon(BEACON))
    record.enter(Entries(ENTRIES, ("city",) * 3), {key: {"en": key} for key in ENTRIES}, Reported())
    record.seat(PANEL)
    record.assign([(entry, code) for entry in ENTRIES for code in PANEL])
    slots = {(one.entry, one.reviewer): one.slot for one in record.slots}
    for (entry, code), slot in slots.items():
        if (entry, code) != ("Cheonan", "park"):
            record.submit(slot, {"idea": MARKS[entry], "work": MARKS[entry]})
    record.sequence()
    slot = slots["Ansan", "kim"]
    [receipt] = [one for one in record.receipts() if one.opening.values["slot"] == slot]
    monkeypatch.setattr("simsa.record.log.check_order", lambda _story: None)
    monkeypatch.setattr(Record, "_check_panel", lambda _record, _statuses: None)
    yield Drill(record, slot, receipt)
    record.stop()


def slot_of(drill: Drill, entry: str, code: str) -> str:
    [found] = [one.slot for one in drill.record.slots if (one.entry, one.reviewer) == (entry, code)]
    return found


def test_nothing_was_done(drill: Drill) -> None:
    drill.finish()
    verdict = verdict_of(drill.record.bundle("public"), *drill.record.receipts())
    assert verdict.answer is Answer.VERIFIED
    assert len(verdict.winners) == 1


# A score is edited in the database.


def edit_score(drill: Drill) -> None:
    opened = json.dumps({**drill.receipt.opening.values, "mark/idea": "3"})
    drill.sql("update openings set content = ? where slot = ?", opened, drill.slot)


def test_a_score_that_was_edited_before_the_close(drill: Drill) -> None:
    edit_score(drill)
    drill.finish()
    [(check, why)] = drill.refused().items()
    assert check == "receipts"
    assert f"slot {drill.slot}" in why
    assert "the marks were changed" in why
    auditors = verify(drill.record.bundle("full"))
    [failed] = auditors.failed
    assert failed.name == "openings"
    assert f"leaf {drill.receipt.index} does not open to this sheet" in failed.why


def test_a_score_that_was_edited_after_the_close(drill: Drill) -> None:
    drill.finish()
    drill.sql("update closing set marks = ? where slot = ?", canonical_text({"idea": "3", "work": "8"}), drill.slot)
    why = drill.refused()["sheets"]
    assert f"slot {drill.slot}: these are not the marks of the close" in why


def test_a_score_that_was_edited_in_the_leaf_too(drill: Drill) -> None:
    """The insider makes the leaf of other marks, and a log around it: the tree is sound, and another one."""
    own = drill.receipt.opening
    other = replace(own, values={**own.values, "mark/idea": "3"})
    edit_score(drill)
    drill.sql("update leaves set data = ?, hash = ? where hash = ?", other.leaf, other.leaf_hash, own.leaf_hash)
    drill.sql("update openings set hash = ? where hash = ?", other.leaf_hash, own.leaf_hash)
    rebuild(drill)
    drill.finish()
    assert verdict_of(drill.record.bundle("full")).answer is Answer.VERIFIED
    [(check, why)] = drill.refused().items()
    assert check == "receipts"
    assert "the log was forked" in why


def rebuild(drill: Drill) -> None:
    """Put the leaves of the database into a new log, in their order, under the same key."""
    leaves = [data for (data,) in drill.record.database.rows("select data from leaves order by position")]
    drill.sql("delete from leaves")
    drill.sql("delete from checkpoints")
    drill.sql("delete from nodes")
    drill.sql("update head set size = 0, edge = x''")
    for data in leaves:
        with drill.record.database.transaction():
            drill.record.database.add(data, leaf_hash(data))
        drill.record.sequence()


# A sheet is dropped.


def test_a_sheet_that_was_dropped_before_it_came_into_the_log(drill: Drill) -> None:
    promised = drill.record.submit(drill.slot, {"idea": "9", "work": "9"})
    for table in ("leaves", "openings"):
        drill.sql(f"delete from {table} where hash = ?", promised.opening.leaf_hash)
    drill.finish()
    [(check, why)] = drill.refused(receipt=promised).items()
    assert check == "receipts"
    assert f"slot {drill.slot}" in why
    assert "the log broke its promise" in why


def test_a_sheet_that_is_in_the_log_and_was_not_counted(drill: Drill) -> None:
    drill.sql("delete from openings where slot = ?", drill.slot)
    drill.finish()
    failed = drill.refused()
    assert "7 sheets were to count, the log has 8" in failed["slots"]


def test_a_sheet_that_was_not_counted_and_hidden_in_the_count(drill: Drill) -> None:
    """The slot is missing at the close, and the number of sheets is that of the log."""
    drill.sql("update openings set slot = ? where slot = ?", "0" * 32, drill.slot)
    drill.finish()
    [(check, why)] = drill.refused().items()
    assert check == "receipts"
    assert f"slot {drill.slot}" in why
    assert "this sheet was not counted" in why
    assert "missing at the close" in why


def test_a_sheet_that_was_cut_out_of_the_log(drill: Drill) -> None:
    own = drill.receipt.opening.leaf_hash
    for table in ("leaves", "openings"):
        drill.sql(f"delete from {table} where hash = ?", own)
    rebuild(drill)  # statements keep their places: here they all stand before the sheets
    drill.finish()
    assert verdict_of(drill.record.bundle("full")).answer is Answer.VERIFIED
    [(check, why)] = drill.refused().items()
    assert check == "receipts"
    assert "the log was forked" in why


# A sheet is added.


def test_a_later_version_that_the_reviewer_did_not_submit(drill: Drill) -> None:
    drill.record.submit(drill.slot, {"idea": "0", "work": "0"})
    drill.finish()
    [(check, why)] = drill.refused().items()
    assert check == "receipts"
    assert f"slot {drill.slot}" in why
    assert "the marks were changed" in why


def test_a_sheet_of_somebody_who_is_not_on_the_panel(drill: Drill) -> None:
    drill.record.assign([("Busan", "cousin")])
    slot = slot_of(drill, "Busan", "cousin")
    drill.record.submit(slot, {"idea": "10", "work": "10"})
    drill.finish()
    [failed] = verify(drill.record.bundle("full")).failed
    assert failed.name == "openings"
    assert f"slot {slot} was given to 'cousin', who is not on the panel" in failed.why


def test_a_sheet_without_a_slot(drill: Drill) -> None:
    drill.sql("insert into slots values (?, 'Busan', 'cousin', ?, '', '')", "0" * 32, new_secret())
    drill.record.submit("0" * 32, {"idea": "10", "work": "10"})
    drill.finish()
    assert f"slot {'0' * 32} was never opened" in drill.refused()["slots"]


# A sheet is submitted late.


def reopened(drill: Drill) -> None:
    drill.sql("delete from about where name = 'closed'")


def test_a_late_sheet(drill: Drill) -> None:
    drill.record.close()
    reopened(drill)
    drill.record.submit(slot_of(drill, "Cheonan", "park"), {"idea": "10", "work": "10"})
    drill.record.sequence()
    late = drill.record.database.head.size - 1
    drill.decide()
    assert f"leaf {late}: a sheet was submitted after the close" in drill.refused()["statements"]


def test_a_late_sheet_and_a_second_close(drill: Drill) -> None:
    drill.record.close()
    reopened(drill)
    drill.record.submit(slot_of(drill, "Cheonan", "park"), {"idea": "10", "work": "10"})
    drill.sql("delete from closing")
    drill.record.close()
    again = drill.record.database.head.size - 1
    drill.decide()
    assert f"leaf {again}: the round is closed a second time" in drill.refused()["statements"]


def test_a_late_sheet_in_a_log_from_which_the_close_was_taken_back(drill: Drill) -> None:
    """Whoever asked for a receipt after the close holds the old log."""
    drill.record.close()
    [shown] = [one for one in drill.record.receipts() if one.opening.values["slot"] == drill.slot]
    drill.sql("delete from leaves where position = ?", drill.record.database.head.size - 1)
    drill.sql("delete from statements where kind = 'close'")
    drill.sql("delete from closing")
    reopened(drill)
    rebuild(drill)
    drill.record.submit(slot_of(drill, "Cheonan", "park"), {"idea": "10", "work": "10"})
    drill.finish()
    assert drill.refused(receipt=shown).keys() == {"receipts"}
    assert "the log was forked" in drill.refused(receipt=shown)["receipts"]


# The selection is run again with another seed.


def other_result(drill: Drill) -> Statement:
    """The result with the lot drawn the other way."""
    story = drill.record.story
    result = story.result
    assert result is not None
    [lots] = result.content["lots"]
    for n in range(100):
        seed = f"another {n}"
        content = concluded(drill, seed)
        if content["lots"] != [lots]:
            return statements.result_statement("drill", content)
    raise AssertionError


def concluded(drill: Drill, seed: str, rules: Rules = RULES) -> dict[str, object]:
    """What a result would say under another seed or other rules."""
    said = drill.record.story.last("entries")
    assert said is not None
    entries, reported = entries_of(said.content)
    latest = drill.record.latest()
    rows = [SheetRow(one.slot, one.entry, one.reviewer, latest.get(one.slot)) for one in drill.record.slots]
    evaluation = evaluate(rules, entries, sheets_of(rules, entries, rows), reported, seed=seed)
    return result_content(rules, entries, evaluation, seed, None)


def test_a_second_result_with_another_seed(drill: Drill) -> None:
    drill.finish()
    drill.say(other_result(drill))
    again = drill.record.database.head.size - 1
    assert f"leaf {again}: a second result without an amendment" in drill.refused()["statements"]


def test_another_seed_after_an_amendment(drill: Drill) -> None:
    drill.finish()
    other = other_result(drill)
    drill.record.amend("the lots were drawn again")
    drill.say(other)
    why = drill.refused()["seed"]
    assert f"the result was drawn with the seed {other.content['seed']!r}" in why


def test_another_seed_in_the_seed_itself(drill: Drill) -> None:
    drill.record.close()
    drill.say(Statement("seed", "drill", {"value": "4 8 15 16 23 42", "seed": "0" * 64}))
    drill.record.conclude()
    assert "the seed does not follow from the close" in drill.refused()["seed"]


def test_another_result_in_the_place_of_the_first(drill: Drill) -> None:
    """Under a manifest that fits; the log still names the first one."""
    drill.finish()
    files, result = unpacked(drill.record.bundle("public")), drill.record.story.result
    assert result is not None
    other = {**files, f"statements/{result.sha256}.json": bytes(other_result(drill))}
    why = drill.refused(zipped(sealed(listed(other), drill.record.key)))["statements"]
    assert f"leaf {drill.record.database.head.size - 1}: its statement (result) is another document" in why


# The rules are changed after the freeze.


def test_rules_that_were_exchanged_in_the_database(drill: Drill) -> None:
    other = replace(RULES, groups=(replace(RULES.groups[0], quota=Quota(count=2)),))
    drill.sql("update rules set canonical = ? where hash = ?", other.canonical, RULES.hash)
    drill.finish()
    why = drill.refused()["rules"]
    assert f"rules/{RULES.hash}.json: these rules have the hash {other.hash}" in why


def test_a_result_by_other_rules_than_were_frozen(drill: Drill) -> None:
    other = replace(RULES, groups=(replace(RULES.groups[0], quota=Quota(count=2)),))
    drill.record.close()
    seed = drill.record.draw("4 8 15 16 23 42")
    drill.say(statements.result_statement("drill", concluded(drill, seed, other)))
    leaf = drill.record.database.head.size - 1
    why = drill.refused()["rules"]
    assert f"leaf {leaf}: the result is by the rules {other.hash}; in force are {RULES.hash}" in why


def test_a_freeze_that_was_written_anew(drill: Drill) -> None:
    """The first leaf and with it the whole log."""
    other = replace(RULES, groups=(replace(RULES.groups[0], quota=Quota(count=2)),))
    frozen = statements.freeze("drill", other.hash, statements.beacon(BEACON))
    old, new = drill.record.database.entries(0, 1)[0], statement_leaf("drill", frozen.kind, 0, frozen.sha256)
    drill.sql("update leaves set data = ?, hash = ? where data = ?", new, leaf_hash(new), old)
    drill.sql("update statements set content = ?, sha256 = ? where kind = 'freeze'", bytes(frozen), frozen.sha256)
    drill.sql("update rules set hash = ?, canonical = ?", other.hash, other.canonical)
    rebuild(drill)
    drill.finish()
    assert verdict_of(drill.record.bundle("public")).answer is Answer.VERIFIED
    assert "the log was forked" in drill.refused()["receipts"]


# Two people are shown different logs.


def test_two_people_are_shown_different_logs(drill: Drill, tmp_path: Path) -> None:
    drill.record.database.rows("pragma wal_checkpoint(truncate)")
    shutil.copytree(drill.record.path, tmp_path / "other")
    other = Record.open(tmp_path / "other")
    slot = slot_of(drill, "Cheonan", "park")
    mine, theirs = (one.submit(slot, {"idea": "7", "work": "7"}) for one in (drill.record, other))
    for one in (drill.record, other):
        one.sequence()
    held = [other.receipt(theirs.opening.leaf_hash), drill.record.receipt(mine.opening.leaf_hash)]
    drill.finish()
    size = other.database.head.size
    other.stop()
    assert verdict_of(drill.record.bundle("public"), held[1]).answer is Answer.VERIFIED
    [(check, why)] = drill.refused(receipt=held[0]).items()
    assert check == "receipts"
    assert f"two people were shown different logs of {size} leaves" in why
