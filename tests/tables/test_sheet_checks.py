"""Delivered sheets against conflicts, panel limits and sizes of groups, in a round folder."""

from pathlib import Path

import pytest

from simsa.tables.intake import RoundError
from simsa.tables.run import run_round
from tests.rules.small import SMALL, changed
from tests.tables.folder import DECLARED, MAP, read

HOME = '\n[[conflict]]\nid = "home"\nkind = "same"\nreviewer = "region"\nentrant = "region"\n'
REGISTER = '[[conflicts]]\nfile = "c.csv"\nentry = "entry"\nreviewer = "reviewer"\nreason = "reason"\n'


def test_marks_in_spite_of_a_conflict_are_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(RoundError, match="reviewer 'R1' marked entry 'e1' against conflict rule 'home'"):
        read(tmp_path, rules_toml=SMALL + HOME)  # R1 and e1 are both of region r


def test_a_recused_sheet_is_no_mark(tmp_path: Path) -> None:
    text = changed('mark = "mark"', 'mark = "mark"\nstatus = "status"', MAP)
    sheets = "entry,reviewer,criterion,mark,status\ne1,R1,idea,,recused\ne1,R1,work,,recused\ne1,R2,idea,5,\n"
    inputs = read(tmp_path, rules_toml=SMALL + HOME, round_toml=text, sheets_csv=sheets)
    assert inputs.sheets is not None
    assert len(inputs.sheets) == 2


def test_the_register_is_checked_and_rules_without_their_fields_are_named(tmp_path: Path) -> None:
    with pytest.raises(RoundError, match="reviewer 'R2' marked entry 'e3' against conflict rule 'told'"):
        read(tmp_path, rules_toml=SMALL + DECLARED, round_toml=MAP + REGISTER, c_csv="entry,reviewer,reason\ne3,R2,\n")
    kin = HOME.replace('reviewer = "region"', 'reviewer = "kin"')
    notes = read(tmp_path, rules_toml=SMALL + kin, round_toml=MAP).report.notes
    assert any("conflict rule 'home' was not checked: it compares 'kin'" in note for note in notes)


def test_limits_and_sizes_that_are_not_kept_are_noted_once_each(tmp_path: Path) -> None:
    notes = read(tmp_path, rules_toml=changed("[missing]", "[panel]\nsheets_per_entry = 3\n\n[missing]")).report.notes
    assert [note for note in notes if "panel" in note] == [
        "[panel] sheets_per_entry is 3 (sheets with a mark): "
        "entry e1 has 1; entry e2 has 0; entry e3 has 1; entry e4 has 0"
    ]
    assert "group a has 2 entries; the rules say 4" in notes


def test_a_round_whose_panel_marks_something_does_not_run_without_sheets(tmp_path: Path) -> None:
    inputs = read(tmp_path, round_toml=MAP[: MAP.index("[sheets]")])
    with pytest.raises(RoundError, match=r"round\.toml: the panel marks idea, work, and there is no \[sheets\]"):
        run_round(inputs)
