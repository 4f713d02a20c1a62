import json
import time
import unicodedata
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from simsa.engine.inputs import Status
from simsa.rules import RulesError
from simsa.tables.files import read_table, write_table
from simsa.tables.intake import RoundError
from simsa.tables.round_folder import RoundInputs, read_round
from tests.rules.complete import LEVELLED
from tests.rules.small import SMALL, changed
from tests.tables.folder import DECLARED, FILES, MAP, read, reporting, write


def marks(inputs: RoundInputs) -> dict[tuple[str, str], list[Fraction | str]]:
    """(entry, reviewer) -> the mark or the reason why there is none, for each leaf."""
    sheets = inputs.sheets
    assert sheets is not None
    return {
        (inputs.entries.ids[entry], sheets.reviewers[reviewer]): [
            Fraction(int(mark), 10**sheets.places) if kind == Status.MARK else Status(kind).name.lower()
            for mark, kind in zip(mark_row, kind_row, strict=True)
        ]
        for entry, reviewer, mark_row, kind_row in zip(
            sheets.entry, sheets.reviewer, sheets.mark, sheets.status, strict=True
        )
    }


def faults(caught: pytest.ExceptionInfo[RoundError]) -> list[tuple[str, int, str]]:
    return [(error.file, error.line, error.what) for error in caught.value.errors]


def test_a_plain_folder(tmp_path: Path) -> None:
    inputs = read(tmp_path)
    assert inputs.entries.ids == ("e1", "e2", "e3", "e4")
    assert inputs.entries.group == ("a", "a", "b", "b")
    assert [(e.text("ko"), e.text("en"), e.region) for e in inputs.entrants][2:] == [
        ("다", "Da", "r"),
        ("라", "Ra", None),
    ]
    assert inputs.reviewers.fields == {"region": ("r", "s", "")}
    assert inputs.entrant_fields["region"] == ("r", "s", "r", "")
    assert marks(inputs) == {("e1", "R1"): [Fraction("9.5"), 8], ("e3", "R2"): ["not_submitted", 0]}
    assert inputs.report.without_input == ("e2", "e4")
    assert (inputs.affinity, inputs.assignment, inputs.synthetic, inputs.seed) == (None, None, None, None)
    assert [(s.name, s.as_recorded) for s in inputs.sources] == [
        (f"{n}.csv", None) for n in ("entries", "panel", "sheets")
    ]
    inputs.entries.check(inputs.rules)
    assert inputs.sheets is not None
    inputs.sheets.check(inputs.rules, inputs.entries)


def test_a_wide_table_of_marks_gives_the_same_sheets(tmp_path: Path) -> None:
    wide = changed('criterion = "criterion"\nmark = "mark"\n', 'marks = { idea = "I", work = "W" }\n', MAP)
    inputs = read(tmp_path / "wide", round_toml=wide, sheets_csv="entry,reviewer,I,W\ne3,R2,,0\ne1,R1,9.50,8\n")
    assert marks(inputs) == marks(read(tmp_path / "long"))


def test_reviewers_as_columns_are_unpivoted(tmp_path: Path) -> None:
    text = MAP + '[sheets.unpivot]\nmatches = "^R[0-9]$"\nname = "reviewer"\nvalue = "mark"\n'
    inputs = read(tmp_path, round_toml=text, sheets_csv="entry,criterion,R1,R2\ne1,idea,9,8.5\ne1,work,7,\n")
    assert marks(inputs) == {("e1", "R1"): [9, 7], ("e1", "R2"): [Fraction("8.5"), "not_submitted"]}


def test_a_file_for_each_reviewer_and_a_sheet_for_each_criterion(tmp_path: Path) -> None:
    text = changed('file = "sheets.csv"', 'files = ["marks/*.csv"]', MAP)
    text = changed(
        'reviewer = "reviewer"',
        "reviewer = { column = \"@file\", patterns = [{ matches = '/(.*)\\.csv', becomes = '\\1' }] }",
        text,
    )
    one = read(
        write(tmp_path, {"marks/R1.csv": "entry,criterion,mark\ne1,idea,5\n", "marks/.R9.csv": "not\nread\n"}),
        round_toml=text,
    )
    assert marks(one) == {("e1", "R1"): [5, "not_submitted"]}
    many = changed('file = "sheets.csv"', 'file = "sheets.xlsx"\nsheet = "*"', MAP)
    many = changed('criterion = "criterion"', 'criterion = "@sheet"', many)
    import xlsxwriter

    book = xlsxwriter.Workbook(tmp_path / "sheets.xlsx")
    for name, mark in (("idea", 5), ("work", 6.5)):
        sheet = book.add_worksheet(name)
        sheet.write_row(0, 0, ["entry", "reviewer", "mark"])
        sheet.write_row(1, 0, ["e1", "R1", mark])
    book.close()
    both = read(tmp_path, round_toml=many)
    assert marks(both) == {("e1", "R1"): [5, Fraction("6.5")]}
    assert [file.file for file in both.report.files[2:]] == ["sheets.xlsx#idea", "sheets.xlsx#work"]


@pytest.mark.parametrize("ending", ["csv", "parquet", "xlsx", "json", "jsonl"])
def test_every_format_of_the_same_tables_gives_the_same_inputs(tmp_path: Path, ending: str) -> None:
    files = write(tmp_path / "plain", FILES)
    other = write(
        tmp_path / "other", {"rules.toml": FILES["rules.toml"], "round.toml": MAP.replace(".csv", f".{ending}")}
    )
    for name in ("entries", "panel", "sheets"):
        write_table(read_table(files / f"{name}.csv"), other / f"{name}.{ending}")
    one, two = read_round(files), read_round(other)
    assert (one.entrants, one.panel, marks(one)) == (two.entrants, two.panel, marks(two))


def test_texts_that_mean_no_mark_are_compared_as_numbers_too(tmp_path: Path) -> None:
    text = MAP + 'missing = { "0.0" = "not_submitted", "기권" = "abstained", "" = "recused" }\n'
    rows = (
        "entry,reviewer,criterion,mark\ne1,R1,idea,0.0\ne1,R1,work,0\ne1,R2,idea, 기권 \ne1,R2,work,\ne2,R1,idea,0.5\n"
    )
    assert marks(read(tmp_path, round_toml=text, sheets_csv=rows)) == {
        ("e1", "R1"): ["not_submitted", "not_submitted"],
        ("e1", "R2"): ["abstained", "recused"],
        ("e2", "R1"): [Fraction(1, 2), "not_submitted"],
    }


def test_a_column_of_statuses(tmp_path: Path) -> None:
    text = MAP + 'status = "status"\n'
    rows = "entry,reviewer,criterion,mark,status\ne1,R1,idea,5,mark\ne1,R1,work,,abstained\ne2,R1,idea,,recused\n"
    assert marks(read(tmp_path, round_toml=text, sheets_csv=rows)) == {
        ("e1", "R1"): [5, "abstained"],
        ("e2", "R1"): ["recused", "not_submitted"],
    }
    bad = "entry,reviewer,criterion,mark,status\ne1,R1,idea,5,recused\ne1,R1,work,,mark\ne2,R1,idea,,gone\n"
    with pytest.raises(RoundError) as caught:
        read(tmp_path, round_toml=text, sheets_csv=bad)
    assert [what for _, _, what in faults(caught)] == [
        "status says that there is no mark, but there is",
        "status says that there is a mark, but there is none",
        "status is not known",
    ]


def test_every_faulty_row_of_the_sheets_is_named_and_stops_the_reading(tmp_path: Path) -> None:
    rows = [
        "entry,reviewer,criterion,mark",
        "e9,R1,idea,5",
        "e1,R9,idea,5",
        "e1,R1,style,5",
        "e1,R1,idea,9,5",
        "e1,R1,idea,5.25",
        "e1,R1,idea,11",
        "e1,R1,idea,five",
        ",R1,idea,5",
        "e2,R1,idea,5",
        "e2,R1,idea,5.0",
        "e2,R2,idea,5",
        "e2,R2,idea,6",
    ]
    with pytest.raises(RoundError) as caught:
        read(tmp_path, sheets_csv="\n".join(rows) + "\n")
    assert faults(caught) == [
        ("sheets.csv", 2, "is no entry of the round"),
        ("sheets.csv", 3, "is not on the panel"),
        ("sheets.csv", 4, "is no criterion that the panel marks"),
        ("sheets.csv", 5, "has 5 fields, the header has 4"),
        ("sheets.csv", 6, "is not on the scale of 'idea'"),
        ("sheets.csv", 7, "is not on the scale of 'idea'"),
        ("sheets.csv", 8, "is not a decimal number"),
        ("sheets.csv", 9, "is empty"),
        ("sheets.csv", 11, "says idea of this reviewer on this entry once more, after sheets.csv line 10"),
        ("sheets.csv", 12, "says idea of this reviewer on this entry otherwise than sheets.csv line 13"),
        ("sheets.csv", 13, "says idea of this reviewer on this entry otherwise than sheets.csv line 12"),
    ]
    assert "[sheets]: 11 faults" in str(caught.value)
    skipped = read(tmp_path, sheets_csv="\n".join(rows) + "\n", round_toml=MAP + 'on_error = "skip"\n')
    assert marks(skipped) == {("e2", "R1"): [5, "not_submitted"]}
    report = next(file for file in skipped.report.files if file.section == "sheets")
    assert (report.read, report.kept) == (12, 1)
    assert len(report.problems) == 11


def test_slots_of_the_assignment_without_a_sheet_are_not_submitted(tmp_path: Path) -> None:
    text = MAP + '[assignment]\nfile = "slots.csv"\nentry = "entry"\nreviewer = "reviewer"\n'
    slots = "entry,reviewer\ne1,R1\ne3,R2\ne4,R3\n"
    inputs = read(tmp_path, round_toml=text, slots_csv=slots)
    assert marks(inputs)[("e4", "R3")] == ["not_submitted", "not_submitted"]
    assert inputs.assignment is not None
    assert (inputs.assignment.entry.tolist(), inputs.assignment.reviewer.tolist()) == ([0, 2, 3], [0, 1, 2])
    with pytest.raises(RoundError) as caught:
        read(tmp_path, round_toml=text, slots_csv=slots.replace("e3,R2", "e3,R3"))
    assert faults(caught) == [("sheets.csv", 4, "was not assigned to entry 'e3'")]


def test_without_a_panel_the_reviewers_are_those_of_the_sheets(tmp_path: Path) -> None:
    start, end = MAP.index("[reviewers]"), MAP.index("[sheets]")
    inputs = read(tmp_path, round_toml=MAP[:start] + MAP[end:])
    assert inputs.reviewers.ids == ("R1", "R2") == tuple(reviewer.id for reviewer in inputs.panel)


def test_faulty_entries_are_skipped_and_reported_or_stop(tmp_path: Path) -> None:
    entries = (
        "id,name,name_en,kind,region\ne1,가,Ga,a,r\n,나,Na,a,\ne1,다,Da,b,\ne3,다,Da,c,\ne4,라,Ra,b,x,y\ne5,마,,b,\n"
    )
    no_sheets = MAP[: MAP.index("[sheets]")]
    inputs = read(tmp_path, entries_csv=entries, round_toml=no_sheets)
    assert inputs.entries.ids == ("e1", "e5")
    assert inputs.entrants[1].name == {"ko": "마"}
    assert inputs.sheets is None
    assert [(error.line, error.what) for error in inputs.report.files[0].problems] == [
        (3, "is empty"),
        (4, "is there already on line 2"),
        (5, "is no group of the rules"),
        (6, "has 6 fields, the header has 5"),
    ]
    assert inputs.report.notes == ("group a has 1 entries; the rules say 4",)
    with pytest.raises(RoundError, match=r"\[entries\]: 4 faults"):
        read(tmp_path, entries_csv=entries, round_toml=changed('id = "id"', 'on_error = "stop"\nid = "id"', no_sheets))
    with pytest.raises(RoundError, match=r"no entry is left"):
        read(tmp_path, entries_csv=entries[:28] + "e3,다,Da,c,\n", round_toml=no_sheets)


def test_joins_filters_and_dropped_rows(tmp_path: Path) -> None:
    text = changed('file = "sheets.csv"', 'file = "sheets.csv"\nwhere = { round = ["1", "2"] }', MAP)
    text += """
[[sheets.drop]]
column = "entry"
matches = "평균$"
reason = "an average"
[[sheets.join]]
file = "parts.csv"
on = { part = "id" }
where = { kind = { not = "practice" } }
prefix = "part_"
"""
    text = changed('criterion = "criterion"', 'criterion = "part_name"', text)
    rows = "entry,reviewer,part,round,mark\n조 평균,,,,\ne1,R1,p1,1,5\ne1,R1,p2,3,6\ne1,R1,p3,2,7\ne1,R1,p9,1,8\n"
    parts = "id,kind,name\np1,real,idea\np2,real,work\np3,practice,work\n"
    with pytest.raises(RoundError) as caught:
        read(tmp_path, round_toml=text, sheets_csv=rows, parts_csv=parts)
    assert faults(caught) == [("sheets.csv", 6, "has no row in parts.csv")]
    inputs = read(tmp_path, round_toml=text, sheets_csv=rows.replace("p9,1", "p2,2"), parts_csv=parts)
    assert marks(inputs) == {("e1", "R1"): [5, 8]}
    report = next(file for file in inputs.report.files if file.section == "sheets")
    assert (report.read, report.kept, report.filtered) == (5, 2, 2)
    assert [(e.line, e.field, e.value, e.what) for e in report.dropped] == [(2, "entry", "조 평균", "an average")]
    with pytest.raises(RoundError, match=r"parts\.csv line 5: id 'p1' is there already on line 2"):
        read(tmp_path, round_toml=text, sheets_csv=rows, parts_csv=parts + "p1,real,idea\n")


def test_a_join_without_a_partner_is_kept_or_dropped_as_declared(tmp_path: Path) -> None:
    text = changed(
        "[reviewers]", '[[entries.join]]\nfile = "extra.csv"\non = "id"\nunmatched = "keep"\n[reviewers]', MAP
    )
    text = changed('region = "region"', 'region = "region"\nfields = { colour = "colour" }', text)
    kept = read(tmp_path, round_toml=text, extra_csv="id,colour,name\ne1,red,other\n")
    assert [entrant.fields["colour"] for entrant in kept.entrants] == ["red", "", "", ""]
    assert kept.entrants[0].text() == "가"  # own columns win
    dropped = read(tmp_path, round_toml=text.replace('"keep"', '"drop"'), sheets_csv="entry,reviewer,criterion,mark\n")
    assert dropped.entries.ids == ("e1",)


REPORTED = """
[[reported]]
file = "numbers.csv"
entry = { column = "body", match = "body" }
fields = { tax = "세수", arrears = "체납" }
missing = ["-"]
grouping = ","
[match.body]
against = ["name.ko", "name.en"]
[match.body.prefixes]
"서" = ["서울", "서울특별시"]
[[match.body.renamed]]
from = "옛 가"
to = "가"
reason = "renamed 2020"
[[match.body.renamed]]
from = "잘못"
to = "없음"
reason = "a slip in the mapping"
[[match.body.gone]]
name = "옛 나"
reason = "merged 2014"
"""
BODIES = "id,name,name_en,kind,region\ne1,가,Ga,a,\ne2,서울특별시 중구,Jung,a,\ne3,중구,Same,b,\ne4,중구,Same,b,\n"


def test_names_are_matched_as_declared_and_never_guessed(tmp_path: Path) -> None:
    rows = [
        "옛 가,1.5,-",
        '서  중구,"1,234.50",-2',
        "중구,1,1",
        "옛 나,1,1",
        "잘못,1,1",
        "강,1,1",
        "서울 중구,1,1",
        ",1,1",
    ]
    numbers = "body,세수,체납\n" + "\n".join(rows)
    inputs = read(
        tmp_path,
        rules_toml=reporting("tax", "arrears"),
        round_toml=MAP[: MAP.index("[sheets]")] + REPORTED,
        entries_csv=BODIES,
        numbers_csv=numbers,
    )
    assert inputs.reported.values == {
        ("e1", "", "tax"): Fraction(3, 2),
        ("e2", "", "tax"): Fraction("1234.5"),
        ("e2", "", "arrears"): -2,
    }
    report = inputs.report
    assert [(r.line, r.name, r.entry, r.today, r.why) for r in report.renamed] == [
        (2, "옛 가", "e1", "가", "renamed 2020")
    ]
    assert [(e.line, e.value, e.what) for e in report.unmatched] == [
        (4, "중구", "2 entries are called so: e3, e4"),
        (5, "옛 나", "merged 2014"),
        (6, "잘못", "no entry is called so"),
        (7, "강", "no entry is called so"),
        (8, "서울 중구", "no entry is called so"),
    ]
    assert "the nearest is '서울특별시 중구'" in report.unmatched[4].hint
    assert [(e.line, e.what) for e in report.malformed] == [(9, "is empty")]
    assert report.without_input == ("e3", "e4")
    assert "2 entries have no input: 중구, 중구" in report.lines()
    assert json.loads(json.dumps(report.to_dict()))["files"][2]["unmatched"][1]["what"] == "merged 2014"


def test_a_number_told_twice_counts_if_it_is_the_same_and_otherwise_for_nobody(tmp_path: Path) -> None:
    numbers = "body,세수,체납\n가,1,2\nGa,1.0,2\nJung,1,2\nJung,1,3\n"
    inputs = read(
        tmp_path,
        rules_toml=reporting("tax", "arrears"),
        round_toml=MAP[: MAP.index("[sheets]")] + REPORTED,
        entries_csv=BODIES,
        numbers_csv=numbers,
    )
    assert inputs.reported.values == {("e1", "", "tax"): 1, ("e1", "", "arrears"): 2}
    assert [error.line for error in inputs.report.repeated] == [3]
    assert [error.line for error in inputs.report.malformed] == [4, 5]
    part = numbers.replace("가,1,2", "가,1,-")  # what Ga says is not all said before
    more = read(tmp_path, numbers_csv=part)
    assert (more.reported.values, more.report.repeated) == (inputs.reported.values, ())


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1,234.5", "1234.5"),
        ("-12,345,678", "-12345678"),
        ("+1,000", "1000"),
        ("1234", "1234"),
        ("0.5", "0.5"),
        *((text, None) for text in ("12,34", "1,2345", ",123", "1e3", "0,125", "01,125", "1234,567", "1,0٠0")),
    ],
)
def test_decimals_with_signs_between_thousands(tmp_path: Path, text: str, value: str | None) -> None:
    inputs = read(
        tmp_path,
        rules_toml=reporting("tax", "arrears"),
        round_toml=MAP[: MAP.index("[sheets]")] + REPORTED,
        entries_csv=BODIES,
        numbers_csv=f'body,세수,체납\n가,"{text}",1\n',
    )
    assert inputs.reported.values.get(("e1", "", "tax")) == (None if value is None else Fraction(value))
    assert len(inputs.report.malformed) == (value is None)


def test_long_numbers_with_a_decimal_comma(tmp_path: Path) -> None:
    part = '[[reported]]\nfile = "n.csv"\nentry = "e"\ncriterion = "c"\nfield = "f"\nvalue = "v"\n'
    part += 'decimal = ","\ngrouping = "."\n'
    text = "e;c;f;v\ne1;idea;factor;1.234,5\ne1;;bonus;-0,25\ne1;style;factor;1\ne1;;;1\ne2;;bonus;\ne2;;bonuss;2\n"
    inputs = read(tmp_path, rules_toml=reporting("factor", "bonus"), round_toml=MAP + part, n_csv=text)
    assert inputs.reported.values == {
        ("e1", "idea", "factor"): Fraction("1234.5"),
        ("e1", "", "bonus"): Fraction(-1, 4),
    }
    assert [(e.line, e.what) for e in inputs.report.malformed] == [
        (4, "is no criterion"),
        (5, "is empty"),
        (7, "is not a field that the rules use"),
    ]
    assert inputs.report.malformed[2].hint == "known: bonus, factor"
    other = part.replace("n.csv", "m.csv")
    with pytest.raises(RoundError, match="is reported otherwise in another"):
        read(tmp_path, round_toml=MAP + part + other, n_csv=text, m_csv="e;c;f;v\ne1;;bonus;1\n")


def test_affinity_and_conflicts(tmp_path: Path) -> None:
    text = MAP + '[affinity]\nfile = "aff.csv"\nentry = "e"\nreviewer = "r"\naffinity = "a"\n'
    text += '[[conflicts]]\nfile = "con.csv"\nentry = "e"\nreviewer = "r"\nreason = "why"\n'
    inputs = read(
        tmp_path,
        rules_toml=SMALL + DECLARED,
        round_toml=text,
        aff_csv="e,r,a\ne2,R1,0.25\ne1,R9,1\ne1,R2,x\n",
        con_csv="e,r,why\ne4,R3,가족\n",
    )
    assert inputs.affinity is not None
    assert [x.tolist() for x in (inputs.affinity.entry, inputs.affinity.reviewer, inputs.affinity.value)] == [
        [1],
        [0],
        [0.25],
    ]
    assert inputs.conflicts == ((3, 2, "가족"),)
    assert [(e.line, e.what) for e in inputs.report.files[3].problems] == [
        (3, "is not on the panel"),
        (4, "is not a decimal number"),
    ]


@pytest.mark.parametrize("number", ["9" * 400, "9" * 5000, "-91", "1e1", "north"])
def test_positions_and_affinities_that_are_none(tmp_path: Path, number: str) -> None:
    text = changed('region = "region"', 'region = "region"\nlatitude = "lat"', MAP[: MAP.index("[sheets]")])
    text += '[affinity]\nfile = "aff.csv"\nentry = "e"\nreviewer = "r"\naffinity = "a"\n'
    entries = f"id,name,name_en,kind,region,lat\ne1,가,Ga,a,r,\ne2,나,Na,a,s,{number}\n"
    inputs = read(tmp_path, round_toml=text, entries_csv=entries, aff_csv=f"e,r,a\ne1,R1,{number}\n")
    assert [entrant.latitude for entrant in inputs.entrants] == [None]
    assert inputs.affinity is not None
    assert len(inputs.affinity) == (number == "-91")
    assert inputs.report.malformed[0].what == "is no position"


def test_a_synthetic_panel_needs_the_fields_it_names(tmp_path: Path) -> None:
    text = MAP[: MAP.index("[sheets]")] + '[synthetic]\nseed = "s"\nseverity_sd = 2.5\n'
    text += 'affinity = { reviewer = "region", entrant = "group" }\n'
    inputs = read(tmp_path, round_toml=text)
    assert inputs.synthetic is not None
    assert (inputs.synthetic.seed, inputs.synthetic.settings.severity_sd) == ("s", 2.5)
    assert inputs.synthetic.affinity == ("region", "group")
    with pytest.raises(RoundError, match=r"no field 'skill' \(fields: region\)"):
        read(tmp_path, round_toml=text.replace('reviewer = "region"', 'reviewer = "skill"'))
    with pytest.raises(RoundError, match=r"no field 'theme' \(fields: region, group\)"):
        read(tmp_path, round_toml=text.replace('entrant = "group"', 'entrant = "theme"'))


def test_files_are_looked_for_in_order_and_never_mixed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = MAP + '[data]\nfolder = "fair"\n[[data.file]]\nname = "entries.csv"\n[[data.file]]\nname = "sheets.csv"\n'
    folder = write(tmp_path / "round", {**FILES, "round.toml": text})
    own = {name: folder.joinpath(name).read_bytes() for name in ("entries.csv", "sheets.csv")}
    for name in own:
        (folder / name).unlink()
    monkeypatch.delenv("SIMSA_DATA", raising=False)
    with pytest.raises(
        RoundError, match=r"entries.csv, sheets.csv are not there .*simsa examples get round.*SIMSA_DATA"
    ):
        read_round(folder)
    shared = write(tmp_path / "shared/fair", own)
    monkeypatch.setenv("SIMSA_DATA", str(tmp_path / "shared"))
    assert read_round(folder).sources[0].path == shared / "entries.csv"
    write(folder / "data", {"entries.csv": own["entries.csv"]})  # half of it: not this place
    assert read_round(folder).sources[0].path == shared / "entries.csv"
    write(folder / "data", own)
    assert read_round(folder).sources[0].path == folder / "data/entries.csv"
    named = write(tmp_path / "named", {**own, "panel.csv": "id,region\nR1,x\nR2,x\nR3,x\n"})
    inputs = read_round(folder, data=named)
    assert {source.path.parent for source in inputs.sources} == {named}
    (named / "sheets.csv").unlink()
    with pytest.raises(RoundError, match=r"sheets\.csv is not there"):
        read_round(folder, data=named)
    with pytest.raises(RoundError, match="there is no folder"):
        read_round(folder, data=tmp_path / "nowhere")


def test_a_checksum_that_differs_is_said(tmp_path: Path) -> None:
    text = MAP + f'[data]\n[[data.file]]\nname = "sheets.csv"\nsha256 = "{"0" * 64}"\n'
    inputs = read(tmp_path, round_toml=text)
    assert inputs.report.notes[0] == "sheets.csv is not the file whose checksum round.toml records"
    assert [source.as_recorded for source in inputs.sources] == [None, None, False]


def test_columns_that_are_not_there_and_folders_that_are_none(tmp_path: Path) -> None:
    with pytest.raises(RoundError, match=r"\[sheets\]: there is no column 'mark' \(did you mean 'marks'\?"):
        read(tmp_path, sheets_csv="entry,reviewer,criterion,marks\n")
    files = {"a_csv": FILES["sheets.csv"], "b_csv": "entry,reviewer,criterion\n"}
    with pytest.raises(RoundError, match=r"\[sheets\]: b.csv has no column 'mark'"):
        read(tmp_path, round_toml=changed('file = "sheets.csv"', 'files = ["a.csv", "b.csv"]', MAP), **files)
    with pytest.raises(RoundError, match="simsa has no such table"):
        read(tmp_path, round_toml=changed('"panel.csv"', '"@korea/none.csv"', MAP))
    with pytest.raises(RoundError, match="there is no such folder; a round folder holds"):
        read_round(tmp_path / "none")
    with pytest.raises(RulesError, match=r"rules\.toml"):
        read(tmp_path, rules_toml="x = 1")


PROPOSED = st.lists(
    st.tuples(
        st.sampled_from(["e1", "e2", "e9", ""]),
        st.sampled_from(["R1", "R2", "R9"]),
        st.sampled_from(["idea", "work", "style"]),
        st.sampled_from(["5", "5.0", "7.5", "11", "x", ""]),
        st.sampled_from(["", "", "", ",extra"]),
    ),
    max_size=12,
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=PROPOSED)
def test_every_row_is_accounted_for_exactly_once(tmp_path: Path, rows: list[tuple[str, ...]]) -> None:
    lines = [f"{e},{r},{c},{m}{extra}" for e, r, c, m, extra in rows]
    text = "entry,reviewer,criterion,mark\n" + "".join(f"{line}\n" for line in lines)
    inputs = read(
        tmp_path, sheets_csv=text, round_toml=MAP + 'on_error = "skip"\nwhere = { reviewer = { not = "R2" } }\n'
    )
    report = next(file for file in inputs.report.files if file.section == "sheets")
    assert report.read == len(rows)
    assert report.read == report.kept + report.filtered + len({error.line for error in report.problems})
    assert report.filtered == sum(reviewer == "R2" and not extra for _, reviewer, _, _, extra in rows)
    good = {}
    for entry, reviewer, criterion, mark, extra in rows:
        fits = (
            entry in ("e1", "e2")
            and reviewer == "R1"
            and criterion != "style"
            and mark not in ("11", "x")
            and not extra
        )
        if fits:
            good.setdefault((entry, criterion), set()).add(Fraction(mark) if mark else None)
    kept = {key: found.pop() for key, found in good.items() if len(found) == 1}
    told = {
        (entry, leaf): mark
        for (entry, _), row in marks(inputs).items()
        for leaf, mark in zip(("idea", "work"), row, strict=True)
    }
    assert {key: mark for key, mark in told.items() if mark != "not_submitted"} == {
        key: mark for key, mark in kept.items() if mark is not None
    }


def test_a_join_takes_every_file_that_a_pattern_finds(tmp_path: Path) -> None:
    text = changed("[reviewers]", '[[entries.join]]\nfile = "extra*.csv"\non = "id"\n[reviewers]', MAP)
    text = changed('region = "region"', 'region = "region"\nfields = { colour = "colour" }', text)
    write(tmp_path, {"extra1.csv": "id,colour\ne1,red\ne3,blue\n", "extra2.csv": "id,colour\ne2,white\ne4,black\n"})
    inputs = read(tmp_path, round_toml=text)
    assert [entrant.fields["colour"] for entrant in inputs.entrants] == ["red", "white", "blue", "black"]
    with pytest.raises(RoundError, match=r"extra2\.csv line 2: id 'e1' is there already on line 2 of extra1\.csv"):
        read(tmp_path, extra2_csv="id,colour\ne1,white\n")
    with pytest.raises(RoundError, match=r"extra2\.csv has no column 'colour'"):
        read(tmp_path, extra2_csv="id,shade\ne2,white\ne4,black\n")


@pytest.mark.parametrize(("name", "value"), [("reviewer", "entry"), ("mark", "reviewer"), ("@file", "mark")])
def test_unpivot_overwrites_no_column(tmp_path: Path, name: str, value: str) -> None:
    text = MAP + f'[sheets.unpivot]\nmatches = "^R[0-9]$"\nname = "{name}"\nvalue = "{value}"\n'
    with pytest.raises(RoundError, match=r"\[sheets\]: unpivot would overwrite the column"):
        read(tmp_path, round_toml=text, sheets_csv="entry,criterion,mark,reviewer,R1,R2\ne1,idea,,,9,8.5\n")


def test_unpivot_may_give_its_column_the_name_of_one_that_it_takes_apart(tmp_path: Path) -> None:
    text = MAP + '[sheets.unpivot]\ncolumns = ["mark", "R2"]\nname = "reviewer"\nvalue = "mark"\n'
    text = text.replace('id = "id"\nfields = ["region"]', 'id = "id"')
    inputs = read(
        tmp_path, round_toml=text, panel_csv="id\nmark\nR2\n", sheets_csv="entry,criterion,mark,R2\ne1,idea,9,8.5\n"
    )
    assert marks(inputs) == {("e1", "mark"): [9, "not_submitted"], ("e1", "R2"): [Fraction("8.5"), "not_submitted"]}


def test_blanks_between_thousands_tabs_between_fields_and_brackets_in_names(tmp_path: Path) -> None:
    part = '[[reported]]\nfile = "n[1].csv"\nentry = "e"\nfields = { bonus = "v" }\n'
    part += 'grouping = " "\ndelimiter = "\\t"\nencoding = "utf-8"\n'
    write(tmp_path, {"n[1].csv": b"\xef\xbb\xbfe\tv\ne1\t1 234.5\n", "n1.csv": "e\tv\ne1\t7\n"})
    inputs = read(tmp_path, rules_toml=reporting("bonus"), round_toml=MAP + part)
    assert inputs.reported.values == {("e1", "", "bonus"): Fraction("1234.5")}
    assert not inputs.report.notes[2:]
    pattern = part.replace("n[1].csv", "n[0-9].csv")
    assert read(tmp_path, round_toml=MAP + pattern).reported.values == {("e1", "", "bonus"): 7}


@pytest.mark.parametrize("status", ["Abstained", "ABSTAINED", " abstained "])
def test_a_status_may_be_written_in_capitals(tmp_path: Path, status: str) -> None:
    rows = f"entry,reviewer,criterion,mark,status\ne1,R1,idea,5,Mark\ne1,R1,work,,{status}\n"
    inputs = read(tmp_path, round_toml=MAP + 'status = "status"\n', sheets_csv=rows)
    assert marks(inputs) == {("e1", "R1"): [5, "abstained"]}


def test_ids_with_signs_that_nobody_sees_are_refused(tmp_path: Path) -> None:
    entries = FILES["entries.csv"] + "e\x005,마,Ma,a,r\n"
    no_panel = MAP[: MAP.index("[reviewers]")] + MAP[MAP.index("[sheets]") :] + 'on_error = "skip"\n'
    sheets = FILES["sheets.csv"] + 'e2,"R\n4",idea,5\n'
    inputs = read(tmp_path, entries_csv=entries, sheets_csv=sheets, round_toml=no_panel)
    assert inputs.entries.ids == ("e1", "e2", "e3", "e4")
    assert inputs.reviewers.ids == ("R1", "R2")
    assert [(e.value, e.what) for e in inputs.report.malformed] == [
        ("e\x005", "has a control character"),
        ("R\n4", "has a control character"),
    ]
    panel = read(tmp_path, round_toml=MAP[: MAP.index("[sheets]")], panel_csv="id,region\nR1,r\nR\x1f2,s\n")
    assert panel.reviewers.ids == ("R1",)


def test_a_synthetic_round_without_a_reviewer_names_the_file_of_the_panel(tmp_path: Path) -> None:
    text = MAP[: MAP.index("[sheets]")] + '[synthetic]\nseed = "s"\n'
    with pytest.raises(RoundError, match=r"\[reviewers\]: no reviewer is left of panel\.csv"):
        read(tmp_path, round_toml=text, panel_csv="id,region\n")


def test_many_rows_that_say_one_thing_are_settled_in_no_time(tmp_path: Path) -> None:
    part = '[[reported]]\nfile = "n.csv"\nentry = "e"\nfields = { bonus = "v" }\n'
    rows = "e,v\n" + "e1,1\n" * 30_000 + "e1,2\n"
    began = time.monotonic()
    inputs = read(tmp_path, rules_toml=reporting("bonus"), round_toml=MAP + part, n_csv=rows)
    assert time.monotonic() - began < 8
    what = [error.what for error in inputs.report.malformed]
    assert (len(what), what[0].split()[-1], what[-1].split()[-1]) == (30_001, "30002", "2")


def test_levels_are_written_by_name_or_by_what_they_count_as(tmp_path: Path) -> None:
    apart = unicodedata.normalize("NFD", "수")
    sheets = f"entry,reviewer,criterion,mark\ne1,R1,work,수\ne1,R2,work, A+ \ne2,R1,work,87.50\ne2,R2,work,{apart}\n"
    found = marks(read(tmp_path, rules_toml=LEVELLED, sheets_csv=sheets))
    work = {pair: row[1] for pair, row in found.items()}
    assert work == {("e1", "R1"): 95, ("e1", "R2"): 87.5, ("e2", "R1"): 87.5, ("e2", "R2"): 95}


def test_text_that_could_be_two_levels_or_none_is_named_with_its_row(tmp_path: Path) -> None:
    """A decimal comma turns the name of one level into the value of another."""
    rules = changed('id = "수"', 'id = "87,5"', LEVELLED)
    sheets = (
        'entry,reviewer,criterion,mark\ne1,R1,work,"87,5"\ne1,R2,work,우\ne2,R1,work,90\ne2,R2,work,가\ne3,R1,idea,A+\n'
    )
    comma = MAP + 'decimal = ","\nmissing = { "가" = "abstained" }\n'
    with pytest.raises(RoundError) as caught:
        read(tmp_path, rules_toml=rules, sheets_csv=sheets, round_toml=comma)
    assert faults(caught) == [
        ("sheets.csv", 2, "is the name of one level and the value of another"),
        ("sheets.csv", 3, "is not on the scale of 'work'"),
        ("sheets.csv", 4, "is not on the scale of 'work'"),
        ("sheets.csv", 5, "is the name of a level and declared to mean no mark"),
        ("sheets.csv", 6, "is not a decimal number"),
    ]
    assert {(error.field, error.value) for error in caught.value.errors[:2]} == {("mark", "87,5"), ("mark", "우")}
    assert caught.value.errors[1].hint == "one of 87,5 (95), A+ (87.5), 가 (-1)"
    plain = read(tmp_path, round_toml=MAP, sheets_csv='entry,reviewer,criterion,mark\ne1,R1,work,"87,5"\n')
    assert marks(plain) == {("e1", "R1"): ["not_submitted", 95]}
