from fractions import Fraction
from pathlib import Path

import pytest

from simsa.engine.evaluation import calibrated, certainty
from simsa.engine.selection import select, sensitivity, stability
from simsa.engine.tally import tally
from simsa.rules import exact_text, parse
from simsa.tables.files import read_table, write_table
from simsa.tables.results import read_tally, selection_table, sensitivity_table, stability_table, tally_table
from simsa.tables.table import Table, TableError
from tests.engine.test_selection import ENTRIES
from tests.engine.test_tally import sheets
from tests.rules.small import SMALL, changed

RULES = parse(changed('[[tie_break]]\ncriterion = "work"', '[[tie_break]]\ncriterion = "total"\nexact = true'))
MARKS = {(e, f"r{n}"): [str(n), str(Fraction(n * 3 + len(e) + int(e[1]), 2))] for e in ENTRIES.ids for n in range(4)}


@pytest.mark.parametrize("ending", ["csv", "parquet", "xlsx", "json"])
def test_a_tally_comes_back_exactly_from_every_format(tmp_path: Path, ending: str) -> None:
    done = tally(RULES, ENTRIES, sheets(RULES, ENTRIES, MARKS))
    file = tmp_path / f"tally.{ending}"
    write_table(tally_table(RULES, done, ENTRIES, ENTRIES.ids), file)
    back = read_tally(file, RULES, ENTRIES)
    for node in done.nodes:
        assert back.values[node].values() == done.values[node].values()
    assert back.unrounded["total"].values() == done.unrounded["total"].values()
    assert select(RULES, ENTRIES, back, seed="s") == select(RULES, ENTRIES, done, seed="s")


def test_a_tally_of_other_rules_or_entries_is_refused(tmp_path: Path) -> None:
    done = tally(RULES, ENTRIES, sheets(RULES, ENTRIES, MARKS))
    file = tmp_path / "tally.csv"
    write_table(tally_table(RULES, done, ENTRIES, ENTRIES.ids), file)
    with pytest.raises(TableError, match="made under other rules"):
        read_tally(file, parse(SMALL), ENTRIES)
    text = file.read_text("utf-8").splitlines()
    file.write_text("\n".join(text[:-1]), "utf-8")
    with pytest.raises(TableError, match="its entries are not those of the round"):
        read_tally(file, RULES, ENTRIES)
    file.write_text("\n".join([*text[:-1], text[-1].replace(",4,", ",4,x", 1)]), "utf-8")
    with pytest.raises(TableError, match=r"line 9, total 'x.*is not an exact number"):
        read_tally(file, RULES, ENTRIES)


def test_the_selection_table_says_everything_in_order() -> None:
    done = tally(RULES, ENTRIES, sheets(RULES, ENTRIES, MARKS))
    chosen = select(RULES, ENTRIES, done, seed="s")
    table = selection_table(chosen, ENTRIES.ids, ENTRIES, ["why"] * len(ENTRIES))
    assert table.column("entry") == tuple(s.entry for s in chosen.standings)
    assert set(table.column("reason")) == {"why"}
    assert [Fraction(c or "") for c in table.column("score")] == [s.score for s in chosen.standings]


def test_written_tables_are_read_by_the_same_reader(tmp_path: Path) -> None:
    done = tally(RULES, ENTRIES, sheets(RULES, ENTRIES, MARKS))
    table = tally_table(RULES, done, ENTRIES, ENTRIES.ids)
    write_table(table, tmp_path / "t.csv")
    assert read_table(tmp_path / "t.csv").columns == table.columns


@pytest.mark.parametrize(
    ("column", "cell", "what"),
    [
        ("total", "1e99999999", "is not an exact number"),
        ("total", "1_0", "is not an exact number"),
        ("total", " 1", "is not an exact number"),
        ("total", "1/0", "is not an exact number"),
        ("total", "9" * 5000, "is not an exact number"),
        ("sheets", None, "is not a whole number"),
        ("sheets", "1.5", "is not a whole number"),
        ("sheets", "-1", "is not a whole number"),
    ],
)
def test_a_tally_has_only_numbers_as_they_are_written(tmp_path: Path, column: str, cell: str | None, what: str) -> None:
    table = tally_table(RULES, tally(RULES, ENTRIES, sheets(RULES, ENTRIES, MARKS)), ENTRIES, ENTRIES.ids)
    place = table.header.index(column)
    damaged = [list(row) for row in table.rows()]
    damaged[2][place] = cell
    write_table(Table.of(table.header, damaged), tmp_path / "t.json")
    with pytest.raises(TableError, match=rf"line 3, {column}.*: {what}"):
        read_tally(tmp_path / "t.json", RULES, ENTRIES)


def test_how_sure_a_selection_is_stands_beside_it_and_what_would_change_it_in_tables() -> None:
    given = sheets(RULES, ENTRIES, MARKS)
    done = tally(RULES, ENTRIES, given)
    sure = certainty(RULES, ENTRIES, done, calibrated(RULES, done, ENTRIES, given), None)
    assert sure is not None
    table = selection_table(select(RULES, ENTRIES, done, seed="s"), ENTRIES.ids, ENTRIES, ["why"] * 8, ["so"] * 8, sure)
    for n, entry in enumerate(table.column("entry")):
        at = ENTRIES.index[entry or ""]
        assert float(table.column("chance")[n] or "") == pytest.approx(sure.chance[at], abs=1e-6)
        assert table.column("zone")[n] == sure.zone[at]
        assert float(table.column("rank_low")[n] or "") <= float(table.column("expected_rank")[n] or "")
    assert set(table.column("assurance")) == {"so"}
    weights = sensitivity(RULES, ENTRIES, given, seed="s")
    told = sensitivity_table(weights, ENTRIES)
    assert told.column("group") == ("a", "b")
    assert told.column("share") == tuple(None if c.length is None else exact_text(c.length) for c in weights.changes)
    single = stability(RULES, ENTRIES, given, seed="s")
    rows = stability_table(single, ENTRIES, given.reviewers)
    assert len(rows) == len(single.swaps)
    assert rows.header == ("reviewer", "group", "leaves", "enters")
