"""What a run writes: whole, and honest about synthetic data."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from simsa.tables.files import read_table
from simsa.tables.intake import RoundError
from simsa.tables.outputs import TABLES, to_json, write_outputs
from tests.tables.scored import drawn, scored


def test_the_result_as_data(tmp_path: Path) -> None:
    result = to_json(scored(tmp_path))
    assert result["rules_hash"] == scored(tmp_path).rules.hash
    assert result["round"] == {"id": "small", "name": "작은 평가"}
    assert (result["synthetic"], result["synthetic_note"]) == (False, None)
    assert result["groups"][1] == {"id": "b", "name": "b", "size": 2, "places": 2, "empty": 1, "line": "6.20"}
    assert result["winners"][0] == {
        "group": "a",
        "entrant": "e1",
        "name": "가",
        "score": "8.33",
        "rank": 1,
        "reason": "2개 기관 중 1위(8.33점)로 선정되었습니다(선정 1곳).",
        "reason_en": "Selected: 1st of 2 with 8.33 points; the group has 1 place.",
        "assurance": "평가단의 채점으로 볼 때 선정이 확실합니다(선정 확률 100%). "
        "평가단의 판단으로 본 순위는 1위입니다. 평가위원 3명 중 누구든 한 명의 채점표가 없었다면 선정되지 않았을 "
        "것입니다.",
        "assurance_en": "By the panel's sheets its place is certain (chance of selection 100%). Its rank in the "
        "panel's judgement is 1st. Without the sheets of any single one of 3 reviewers it would not be selected.",
    }
    assert result["counts"] == {
        "entries": 4, "reviewers": 3, "slots": 9, "sheets": 9, "reported_numbers": 0, "groups": 2, "winners": 2,
        "without_result": 1,
    }  # fmt: skip
    assert {source["name"] for source in result["checksums"]} == {"entries.csv", "panel.csv", "sheets.csv"}
    assert dict(result["versions"])["simsa"]
    assert json.loads(json.dumps(result)) == result
    english = to_json(scored(tmp_path), language="en")
    assert english["winners"][0]["reason"] == english["winners"][0]["reason_en"]
    assert english["winners"][0]["name"] == "Ga"


def test_every_file_is_written_and_says_what_is_synthetic(tmp_path: Path) -> None:
    run = drawn(tmp_path / "round")
    written = write_outputs(run, tmp_path / "out", language="en")
    names = [path.name for path in written]
    assert names == [
        "tally.csv", "selection.csv", "assignment.csv", "sheets.csv", "calibration.csv", "severity.csv",
        "sensitivity.csv", "stability.csv", "diagnosis-reviewers.csv", "diagnosis-pairs.csv", "diagnosis-panels.csv",
        "result.json", "report.html",
    ]  # fmt: skip
    for path in written:
        if path.suffix == ".csv":
            table = read_table(path)
            assert table.column("synthetic") == ("yes",) * len(table)
    result = json.loads((tmp_path / "out/result.json").read_text())
    assert result == to_json(run, language="en")
    assert result["synthetic"] is True
    assert "synthetic" in result["synthetic_note"]
    tally = read_table(tmp_path / "out/tally.csv")
    assert tally.column("entry") == run.inputs.entries.ids
    assert set(tally.header) >= {"total", "idea", "work"}


def test_collected_data_is_not_called_synthetic(tmp_path: Path) -> None:
    written = write_outputs(scored(tmp_path / "round"), tmp_path / "out")
    assert "assignment.csv" not in [path.name for path in written]
    for path in written:
        text = path.read_text()
        assert "Synthetic" not in text
        assert "가상" not in text
        assert path.suffix != ".csv" or "synthetic" not in read_table(path).header


def test_tables_of_an_earlier_run_do_not_stay_beside_those_of_another(tmp_path: Path) -> None:
    out = tmp_path / "out"
    write_outputs(drawn(tmp_path / "one"), out)
    (out / "notes.csv").write_text("mine", "utf-8")
    written = write_outputs(scored(tmp_path / "two"), out)
    assert sorted(path.name for path in out.iterdir()) == sorted([*(path.name for path in written), "notes.csv"])
    assert not (out / "assignment.csv").exists()


def test_every_table_that_a_run_writes_is_known(tmp_path: Path) -> None:
    written = write_outputs(drawn(tmp_path / "round"), tmp_path / "out")
    names = {path.stem for path in written if path.suffix == ".csv"}
    assert names | {"diagnosis-differences"} == set(TABLES)  # there where origins or an order can be compared


def test_the_folder_of_a_round_is_not_written_over(tmp_path: Path) -> None:
    run = scored(tmp_path)
    with pytest.raises(RoundError, match="is the folder of a round; name another"):
        write_outputs(run, tmp_path)
