"""The three examples on their real data, which is read from SIMSA_DATA and never committed."""

import csv
import os
from collections import Counter
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from simsa.engine.inputs import Sheets, Status
from simsa.engine.tally import tally
from simsa.rules import parse
from simsa.tables.examples import get_example
from simsa.tables.files import read_table, write_table
from simsa.tables.intake import RoundError
from simsa.tables.round_folder import RoundInputs, read_round

EXAMPLES = Path(__file__).parents[2] / "examples"
DATA = Path(os.environ.get("SIMSA_DATA", "none"))


def needs(name: str) -> pytest.MarkDecorator:
    return pytest.mark.skipif(not (DATA / name).is_dir(), reason=f"SIMSA_DATA is not set or holds no {name}")


@pytest.fixture(scope="module")
def skating() -> RoundInputs:
    return read_round(EXAMPLES / "skating", data=DATA / "skating")


@pytest.fixture(scope="module")
def fiscal() -> RoundInputs:
    return read_round(EXAMPLES / "fiscal-efforts", data=DATA / "fiscal-efforts")


@needs("skating")
def test_every_mark_of_the_components_is_read(skating: RoundInputs) -> None:
    assert skating.sheets is not None
    assert (len(skating.entries), len(skating.entries.groups)) == (1335, 120)
    assert skating.sheets.mark.shape == (1335 * 9, 5)
    assert (skating.sheets.status == Status.MARK).all()
    assert len(skating.reported.values) == 6675
    assert set(skating.reported.values.values()) == {Fraction(n, 5) for n in (4, 5, 6, 8, 10)}
    assert Counter(np.bincount(skating.sheets.entry).tolist()) == {9: 1335}
    assert len(skating.reviewers.ids) == 120 * 9
    skating.entries.check(skating.rules)
    skating.sheets.check(skating.rules, skating.entries)


@needs("skating")
def test_elements_are_left_out_and_nothing_else(skating: RoundInputs) -> None:
    rows = {(file.file, file.section): (file.read, file.kept, file.filtered) for file in skating.report.files}
    assert rows["judge-scores.csv", "sheets"] == (166_734, 6675 * 9, 106_659)
    assert rows["judged-aspects.csv", "reported[1]"] == (18_605, 6675, 11_930)
    assert skating.report.malformed + skating.report.unmatched + skating.report.repeated == ()
    assert skating.report.without_input == ()
    assert [source.as_recorded for source in skating.sources] == [False] * 3  # a part of the recorded files


@needs("skating")
def test_every_official_component_total_comes_out(skating: RoundInputs) -> None:
    assert skating.sheets is not None
    done = tally(skating.rules, skating.entries, skating.sheets, skating.reported)
    with (DATA / "skating/performances.csv").open(encoding="utf-8") as file:
        official = {row["performance_id"]: Fraction(row["total_component_score"]) for row in csv.DictReader(file)}
    assert dict(zip(skating.entries.ids, done.values["total"].values(), strict=True)) == official


def small_competition(folder: Path, component: str, mark: str) -> RoundInputs:
    folder.mkdir()
    aspects = "aspect_id,performance_id,section,aspect_desc,factor\nx1,p,elements,2A,\n"
    marks = ["aspect_id,judge,score", "x1,J1,0.0"]
    names = ["Skating Skills", "Transitions", "Performance", "Composition", component]
    for n, name in enumerate(names):
        aspects += f"c{n},p,components,{name},1.0\n"
        marks += [f"c{n},J{judge},{mark if judge == 9 else '8.25'}" for judge in range(1, 10)]
    (folder / "judged-aspects.csv").write_text(aspects, "utf-8")
    (folder / "judge-scores.csv").write_text("\n".join(marks) + "\n", "utf-8")
    (folder / "performances.csv").write_text("performance_id,competition,program,name,nation\np,C,MEN,A,KOR\n", "utf-8")
    return read_round(EXAMPLES / "skating", data=folder)


def test_spellings_that_were_never_seen_are_understood_and_unknown_components_refused(tmp_path: Path) -> None:
    inputs = small_competition(tmp_path / "one", "INTERPRETATION  of the music -Timing", "8.5")
    assert inputs.sheets is not None
    assert inputs.sheets.mark[8].tolist() == [850] * 5
    with pytest.raises(RoundError, match="'Costume': is no criterion that the panel marks"):
        small_competition(tmp_path / "two", "Costume", "8.5")


def test_a_component_of_zero_is_a_mark_that_was_not_given(tmp_path: Path) -> None:
    inputs = small_competition(tmp_path / "one", "Interpretation of the Music", "0.0")
    assert inputs.sheets is not None
    assert inputs.sheets.status.tolist() == [[Status.MARK] * 5] * 8 + [[Status.NOT_SUBMITTED] * 5]
    with pytest.raises(
        RoundError, match=r"'10.25': is not on the scale of 'skating-skills' \(from 0.25 to 10 in steps"
    ):
        small_competition(tmp_path / "two", "Interpretation of the Music", "10.25")


@pytest.mark.long
@needs("skating")
def test_parquet_and_xlsx_forms_of_the_data_give_the_same_inputs(skating: RoundInputs, tmp_path: Path) -> None:
    mapping = (EXAMPLES / "skating/round.toml").read_text("utf-8")
    (tmp_path / "rules.toml").write_bytes((EXAMPLES / "skating/rules.toml").read_bytes())
    mapping = mapping[: mapping.index("[data]")] + mapping[mapping.index("# An entry is") :]
    endings = {"performances": ".xlsx", "judged-aspects": ".parquet", "judge-scores": ".parquet"}
    for name, ending in endings.items():
        table = read_table(DATA / f"skating/{name}.csv")
        write_table(table, tmp_path / f"{name}{ending}")
        mapping = mapping.replace(f"{name}.csv", f"{name}{ending}")
    (tmp_path / "round.toml").write_text(mapping, "utf-8")
    other = read_round(tmp_path)
    assert skating.sheets is not None
    assert other.sheets is not None
    assert other.entrants == skating.entrants
    assert other.reported == skating.reported
    for name in ("entry", "reviewer", "mark", "status"):
        assert np.array_equal(getattr(other.sheets, name), getattr(skating.sheets, name))


@needs("fiscal-efforts")
def test_the_good_rows_are_kept_and_the_malformed_ones_reported_with_their_lines(fiscal: RoundInputs) -> None:
    files = {file.file: file for file in fiscal.report.files if file.section == "reported[1]"}
    assert {name: (file.read, file.kept) for name, file in files.items()} == {
        "city.csv": (77, 75),
        "goon.csv": (83, 82),
        "gu.csv": (69, 56),
    }
    assert [(error.file, error.line) for error in fiscal.report.malformed] == [("gu.csv", n) for n in range(14, 27)]
    assert {error.what for error in fiscal.report.malformed} == {"has 12 fields, the header has 11"}
    assert [(error.line, error.value) for error in files["city.csv"].dropped] == [
        (57, "시(3) 평균"),
        (58, "시단위 평균"),
    ]
    assert [source.as_recorded for source in fiscal.sources] == [None, True, True, True]


@needs("fiscal-efforts")
def test_bodies_of_2013_are_matched_to_the_codes_of_today(fiscal: RoundInputs) -> None:
    assert Counter(fiscal.entries.group) == {"시": 75, "군": 82, "구": 69}
    assert [(e.file, e.line, e.value) for e in fiscal.report.unmatched] == [("goon.csv", 9, "충북 청원군")]
    assert {item.name: (item.line, item.entry) for item in fiscal.report.renamed} == {
        "충북 청주시": (11, "4311000000"),
        "경남 (신)창원시": (15, "4812000000"),
        "경북 군위군": (79, "2772000000"),
        "부산 진구": (27, "2623000000"),
        "인천 남구": (36, "2817700000"),
    }
    assert len(fiscal.report.without_input) == 13
    assert {fiscal.entrants[fiscal.entries.index[e]].region for e in fiscal.report.without_input} == {"1100000000"}
    assert len(fiscal.reported.values) == (75 + 82 + 56) * 10
    assert fiscal.reported.get("4111000000", "total", "지방세징수율제고노력도") == Fraction("1.0015")
    assert fiscal.reported.get("2614000000", "events", "행사축제경비절감노력도") == Fraction("-4.1337")
    assert fiscal.sheets is None


@needs("fiscal-efforts")
def test_the_data_of_an_example_is_taken_from_the_shared_folder(tmp_path: Path) -> None:
    files = get_example("fiscal-efforts", tmp_path)
    assert [(file.path.name, file.as_recorded) for file in files] == [
        ("city.csv", True),
        ("goon.csv", True),
        ("gu.csv", True),
    ]
    assert {source.path.parent for source in read_round(tmp_path).sources[1:]} == {tmp_path / "data"}


def test_the_reference_programme_has_243_entries_and_a_synthetic_panel_of_33() -> None:
    inputs = read_round(EXAMPLES / "proactive")
    assert Counter(inputs.entries.group) == {"광역": 17, "시": 75, "군": 82, "구": 69}
    assert inputs.report.notes == ()
    provinces = {entrant.id for entrant in inputs.entrants if entrant.group == "광역"}
    assert {entrant.region for entrant in inputs.entrants} == provinces
    assert all(entrant.region == entrant.id for entrant in inputs.entrants if entrant.group == "광역")
    assert len(inputs.reviewers.ids) == 33
    assert set(inputs.reviewers.fields["region"]) == provinces
    assert set(inputs.reviewers.fields["synthetic"]) == {"yes"}
    assert [inputs.panel[0].text("ko"), inputs.panel[0].text("en")] == ["가상 평가위원 01", "Synthetic reviewer 01"]
    names = [entrant.text("en") for entrant in inputs.entrants]
    assert {"Seoul", "Jung-gu, Seoul", "Jung-gu, Busan"} < set(names)
    assert len(set(names)) == 243
    assert all(entrant.latitude and entrant.longitude for entrant in inputs.entrants)
    assert inputs.synthetic is not None
    assert inputs.synthetic.settings.pair_correlation == 0.4
    known = {kind for cell in inputs.reviewers.fields["groups"] for kind in cell.split(";")}
    assert known == set(inputs.entries.groups)
    assert (inputs.sheets, inputs.report.without_input) == (None, ())


@needs("fiscal-efforts")
def test_real_figures_by_other_methods(fiscal: RoundInputs) -> None:
    """The figures of 2013 under other rules, each body's points counted here one by one."""
    ways = {
        "local-tax-collection": 'method = "percentile", counts = "not_better", within = "round"',
        "local-tax-arrears": 'method = "percentile", counts = "middle", better = "lower"',
        "personnel": 'method = "step", boundary = "above", base = 1, steps = [{ at = 0, points = 2 }, '
        '{ at = "0.05", points = 4 }]',
        "events": 'method = "target", target = "0.2", cap = "1.1"',
    }
    text = (EXAMPLES / "fiscal-efforts/rules.toml").read_text("utf-8")
    for node in fiscal.rules.indicators:
        assert node.indicator is not None
        field, was = node.indicator.field, text[text.index("indicator = {", text.index(f'id = "{node.id}"')) :]
        way = ways.get(node.id)
        if way is not None:
            text = text.replace(was[: was.index("\n")], f'indicator = {{ {way}, field = "{field}" }}')
    rules = parse(text)
    done = tally(rules, fiscal.entries, Sheets.none(rules), fiscal.reported)
    numbers = {
        node.id: [fiscal.reported.get(entry, node.id, node.indicator.field or "") for entry in fiscal.entries.ids]
        for node in rules.indicators
        if node.indicator
    }

    def counted(node: str, n: int, own: Fraction) -> Fraction:
        if node == "local-tax-collection":
            field = [v for v in numbers[node] if v is not None]
            return Fraction(100 * sum(v <= own for v in field), len(field))
        if node == "local-tax-arrears":
            groups = zip(numbers[node], fiscal.entries.group, strict=True)
            field = [v for v, group in groups if v is not None and group == fiscal.entries.group[n]]
            return Fraction(100 * sum(2 * (v > own) + (v == own) for v in field), 2 * len(field))
        if node == "personnel":
            return Fraction(1 if own < 0 else 2 if own < Fraction("0.05") else 4)
        return min(max(own / Fraction("0.2"), Fraction(0)), Fraction("1.1")) * 100

    for node in ways:
        expected = [None if own is None else counted(node, n, own) for n, own in enumerate(numbers[node])]
        assert done.values[node].values() == expected
        assert expected.count(None) == 13
