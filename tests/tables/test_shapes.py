import time
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from simsa.engine.inputs import Entries, Reported, Sheets, Status
from simsa.rules import parse
from simsa.tables.files import TableError, write_table
from simsa.tables.round_folder import Pairs
from simsa.tables.shapes import (
    RowsError,
    affinity_table,
    conflicts_table,
    entries_table,
    read_affinity,
    read_entries,
    read_pairs,
    read_reported,
    read_reviewers,
    read_sheets,
    read_slots,
    reported_table,
    reviewers_table,
    sheets_table,
)
from tests.rules.complete import LEVELLED
from tests.rules.small import SMALL
from tests.tables.folder import DECLARED, RULES, read, reporting

STATUSES = [status for status in Status if status is not Status.MARK]
CELL = st.one_of(st.integers(0, 20).map(lambda n: (n * 5, Status.MARK)), st.sampled_from([(0, s) for s in STATUSES]))


@pytest.mark.parametrize("ending", ["csv", "xlsx", "parquet", "json"])
def test_entries_and_panel_come_back(tmp_path: Path, ending: str) -> None:
    inputs = read(tmp_path / "round")
    write_table(entries_table(inputs.entrants), tmp_path / f"e.{ending}")
    write_table(reviewers_table(inputs.panel), tmp_path / f"r.{ending}")
    back = read_entries(tmp_path / f"e.{ending}", RULES)
    assert back.entries == inputs.entries
    assert back.names == ("가", "나", "다", "라")
    assert back.fields["region"] == ("r", "s", "r", "")
    assert back.fields["name_en"] == ("Ga", "Na", "Da", "Ra")
    assert read_reviewers(tmp_path / f"r.{ending}") == inputs.reviewers


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(slots=st.dictionaries(st.tuples(st.integers(0, 3), st.integers(0, 2)), st.tuples(CELL, CELL), min_size=1))
def test_sheets_come_back_with_every_status(
    tmp_path: Path, slots: dict[tuple[int, int], tuple[tuple[int, Status], ...]]
) -> None:
    inputs = read(tmp_path)
    cells = np.array(list(slots.values())).reshape(-1, 2, 2)
    sheets = Sheets(
        reviewers=inputs.reviewers.ids,
        leaves=("idea", "work"),
        entry=np.array([entry for entry, _ in slots]),
        reviewer=np.array([reviewer for _, reviewer in slots]),
        mark=cells[:, :, 0],
        status=cells[:, :, 1].astype(np.int8),
        places=1,
    )
    write_table(sheets_table(sheets, inputs.entries), tmp_path / "s.csv")
    back = read_sheets(tmp_path / "s.csv", RULES, inputs.entries)
    assert [back.reviewers[n] for n in back.reviewer] == [sheets.reviewers[n] for n in sheets.reviewer]
    assert np.array_equal(back.entry, sheets.entry)
    assert np.array_equal(back.mark, sheets.mark)
    assert np.array_equal(back.status, sheets.status)


def test_slots_without_a_sheet_are_not_submitted(tmp_path: Path) -> None:
    inputs = read(tmp_path)
    slots = [("e1", "R1"), ("e3", "R2"), ("e4", "R3")]
    sheets = read_sheets(tmp_path / "sheets.csv", RULES, inputs.entries, slots=slots)
    assert sheets.status.tolist() == [[0, 0], [1, 0], [1, 1]]
    with pytest.raises(RowsError, match="was not assigned to entry 'e3'"):
        read_sheets(tmp_path / "sheets.csv", RULES, inputs.entries, slots=slots[:1])


def test_levels_are_read_by_name_or_value_and_written_as_values(tmp_path: Path) -> None:
    rules, inputs = parse(LEVELLED), read(tmp_path)
    text = "entry,reviewer,criterion,mark\ne1,R1,work,수\ne1,R2,work,87.5\ne3,R1,work,가\ne3,R2,idea,2.5\n"
    (tmp_path / "l.csv").write_text(text, encoding="utf-8")
    sheets = read_sheets(tmp_path / "l.csv", rules, inputs.entries)
    assert sheets.mark[:, 1].tolist()[:3] == [950, 875, -10]
    write_table(sheets_table(sheets, inputs.entries), tmp_path / "back.csv")
    assert "e1,R1,work,95,mark" in (tmp_path / "back.csv").read_text(encoding="utf-8")
    assert np.array_equal(read_sheets(tmp_path / "back.csv", rules, inputs.entries).mark, sheets.mark)
    for wrong, what in (("우", "one of 수"), ("90", "one of 수"), ("", "")):
        (tmp_path / "w.csv").write_text(f"entry,reviewer,criterion,mark\ne1,R1,work,{wrong}\n", encoding="utf-8")
        if wrong:
            with pytest.raises(RowsError, match=f"line 2.*{what}"):
                read_sheets(tmp_path / "w.csv", rules, inputs.entries)
        else:
            assert read_sheets(tmp_path / "w.csv", rules, inputs.entries).status[0, 1] == Status.NOT_SUBMITTED


REPORTING = parse(reporting("a", "세수"))


@given(
    values=st.dictionaries(
        st.tuples(st.sampled_from(["e1", "e2"]), st.sampled_from(["", "idea"]), st.sampled_from(["a", "세수"])),
        st.decimals(allow_nan=False, allow_infinity=False).map(Fraction),
    )
)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_reported_numbers_come_back_exactly(tmp_path: Path, values: dict[tuple[str, str, str], Fraction]) -> None:
    inputs = read(tmp_path)
    write_table(reported_table(Reported(values)), tmp_path / "n.csv")
    assert read_reported(tmp_path / "n.csv", REPORTING, inputs.entries).values == values


def test_a_reported_field_that_the_rules_do_not_use_is_named(tmp_path: Path) -> None:
    inputs = read(tmp_path)
    write_table(reported_table(Reported({("e1", "", "세슈"): Fraction(1)})), tmp_path / "n.csv")
    with pytest.raises(TableError, match=r"field '세슈': is not a field that the rules use \(known: a, 세수\)"):
        read_reported(tmp_path / "n.csv", REPORTING, inputs.entries)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(values=st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=3, max_size=3))
def test_affinities_come_back_to_the_last_bit(tmp_path: Path, values: list[float]) -> None:
    inputs = read(tmp_path)
    pairs = Pairs(np.array([0, 1, 1]), np.array([2, 0, 1]), np.array(values))
    write_table(affinity_table(pairs, inputs.entries, inputs.reviewers), tmp_path / "a.csv")
    (entry, reviewer), back = read_affinity(tmp_path / "a.csv", inputs.entries, inputs.reviewers)
    assert (entry.tolist(), reviewer.tolist(), back.tolist()) == ([0, 1, 1], [2, 0, 1], values)


def test_the_conflict_register_comes_back(tmp_path: Path) -> None:
    more = '[[conflicts]]\nfile = "c.csv"\nentry = "entry"\nreviewer = "reviewer"\nreason = "reason"\n'
    text = (read(tmp_path).folder / "round.toml").read_text("utf-8") + more
    rules = SMALL + DECLARED
    inputs = read(tmp_path, rules_toml=rules, round_toml=text, c_csv="entry,reviewer,reason\ne4,R3,가족\n")
    write_table(conflicts_table(inputs.conflicts, inputs.entries, inputs.reviewers), tmp_path / "back.csv")
    assert (tmp_path / "back.csv").read_bytes() == (tmp_path / "c.csv").read_bytes()
    entry, reviewer = read_pairs(tmp_path / "back.csv", inputs.entries, inputs.reviewers)
    assert (entry.tolist(), reviewer.tolist()) == ([3], [2])


def test_every_faulty_row_is_named_and_the_table_refused(tmp_path: Path) -> None:
    inputs = read(tmp_path)
    file = tmp_path / "bad.csv"
    file.write_text("entry,reviewer,criterion,mark\ne1,R1,idea,x\ne9,R1,idea,5\ne1,,idea,5\ne1,R1,work,5.25\n", "utf-8")
    with pytest.raises(RowsError) as caught:
        read_sheets(file, RULES, inputs.entries)
    assert [(error.line, error.field) for error in caught.value.errors] == [
        (2, "mark"),
        (3, "entry"),
        (4, "reviewer"),
        (5, "mark"),
    ]
    file.write_text("id,group\na,a\na,a\n,b\nc,x\n", "utf-8")
    with pytest.raises(RowsError) as again:
        read_entries(file, RULES)
    assert [(error.line, error.field) for error in again.value.errors] == [(3, "id"), (4, "id"), (5, "group")]
    file.write_text("entry,reviewer,affinity\ne1,R1,1_0\ne1,R1,nan\ne1,R2,1e-3\n", "utf-8")
    with pytest.raises(RowsError) as third:
        read_affinity(file, inputs.entries, inputs.reviewers)
    assert {(error.line, error.field) for error in third.value.errors} == {
        (2, "affinity"),
        (3, "affinity"),
        (3, "reviewer"),
    }
    file.write_text("entry,reviewer\ne1,R1\n", "utf-8")
    with pytest.raises(TableError, match="there is no column 'affinity'"):
        read_affinity(file, inputs.entries, inputs.reviewers)


def test_an_empty_group_is_refused_where_each_group_has_the_same_rule(tmp_path: Path) -> None:
    start, end = SMALL.index("[[group]]"), SMALL.index("[missing]")
    each = parse(SMALL[:start] + "[each_group]\nquota = 1\n\n" + SMALL[end:])
    (tmp_path / "e.csv").write_text("id,group\ne1,a\ne2,\n", "utf-8")
    with pytest.raises(RowsError, match="line 3, group: is empty"):
        read_entries(tmp_path / "e.csv", each)


def test_a_panel_without_a_reviewer_is_refused(tmp_path: Path) -> None:
    (tmp_path / "p.csv").write_text("id,region\n", "utf-8")
    with pytest.raises(TableError, match=r"p\.csv: has no reviewer"):
        read_reviewers(tmp_path / "p.csv")


def test_names_with_signs_that_nobody_sees_are_refused(tmp_path: Path) -> None:
    inputs = read(tmp_path)
    file = tmp_path / "t.csv"
    file.write_text('id,group\n"e\n1",a\n', "utf-8")
    with pytest.raises(RowsError, match="has a control character"):
        read_entries(file, RULES)
    file.write_text("id,region\nR\x001,a\n", "utf-8")
    with pytest.raises(RowsError, match="has a control character"):
        read_reviewers(file)
    file.write_text("entry,reviewer,criterion,mark\ne1,R\x7f1,idea,5\n", "utf-8")
    with pytest.raises(RowsError, match="has a control character"):
        read_sheets(file, RULES, inputs.entries)
    file.write_text("entry,reviewer\ne1,R\x7f1\n", "utf-8")
    with pytest.raises(RowsError, match="has a control character"):
        read_slots([file], inputs.entries)


@pytest.mark.parametrize("status", ["Abstained", "ABSTAINED", " abstained "])
def test_a_status_may_be_written_in_capitals(tmp_path: Path, status: str) -> None:
    inputs = read(tmp_path)
    (tmp_path / "s.csv").write_text(f"entry,reviewer,criterion,mark,status\ne1,R1,idea,,{status}\n", "utf-8")
    found = read_sheets(tmp_path / "s.csv", RULES, inputs.entries)
    assert found.status.tolist() == [[Status.ABSTAINED, Status.NOT_SUBMITTED]]


def test_faulty_rows_beside_many_entries_are_named_in_no_time(tmp_path: Path) -> None:
    count = 20_000
    entries = Entries(tuple(f"e{n}" for n in range(count)), ("a",) * count)
    rows = "".join(f"x{n},R1,idea,5\n" for n in range(count))
    (tmp_path / "s.csv").write_text("entry,reviewer,criterion,mark\n" + rows, "utf-8")
    began = time.monotonic()
    with pytest.raises(RowsError) as caught:
        read_sheets(tmp_path / "s.csv", RULES, entries)
    assert time.monotonic() - began < 4
    assert caught.value.errors[0].hint == "known: e0, e1, e2, e3, e4, e5, e6, e7, ..."
