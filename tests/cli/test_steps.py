"""From tables to winners, one command at a time, and each refusal that a user can run into."""

import csv
import json
import os
import signal
import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from simsa.cli import main
from tests.rules.small import OFFICIAL, SMALL, changed

PANEL = """[panel]
sheets_per_entry = 3
load = { max = 6 }

[[conflict]]
id = "home"
kind = "same"
reviewer = "region"
entrant = "region"

[missing]"""
ENTRIES = [
    ("id", "group", "name", "region"),
    *((f"e{n}", "a" if n < 4 else "b", f"Entry {n}", str(n % 3)) for n in range(8)),
]
REVIEWERS = [("id", "region"), *((f"r{n}", str(n)) for n in range(6))]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "rules.toml").write_text(changed("[missing]", PANEL), "utf-8")
    write(tmp_path / "entries.csv", ENTRIES)
    write(tmp_path / "reviewers.csv", REVIEWERS)
    return tmp_path


def write(path: Path, rows: list[tuple[str, ...]]) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(rows)


def read(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def call(folder: Path, step: str, *words: str) -> Result:
    options = ["--rules", str(folder / "rules.toml"), "--entries", str(folder / "entries.csv")]
    return CliRunner().invoke(main, [step, *options, *words], catch_exceptions=False)


def marks(folder: Path) -> None:
    """Sheets for the assignment: entry n is marked n + 2 by everyone, and two lower by reviewer r3."""
    rows: list[tuple[str, ...]] = [("entry", "reviewer", "criterion", "mark")]
    for slot in read(folder / "assignment.csv"):
        mark = int(slot["entry"][1:]) + (0 if slot["reviewer"] == "r3" else 2)
        rows += [(slot["entry"], slot["reviewer"], leaf, str(mark)) for leaf in ("idea", "work")]
    write(folder / "sheets.csv", rows)


def assign(folder: Path, *words: str) -> Result:
    return call(folder, "assign", "--reviewers", str(folder / "reviewers.csv"), *words)


def test_the_steps_hand_their_tables_on(folder: Path) -> None:
    done = assign(folder, "-o", str(folder / "assignment.csv"), "--json")
    assert done.exit_code == 0
    assert json.loads(done.stdout)["optimal"] is True
    slots = read(folder / "assignment.csv")
    assert len(slots) == 24
    region = {entry: region for entry, _, _, region in ENTRIES[1:]}
    assert all(slot["reviewer"] != f"r{region[slot['entry']]}" for slot in slots)
    marks(folder)
    sheets = ("--sheets", str(folder / "sheets.csv"), "--assignment", str(folder / "assignment.csv"))
    assert call(folder, "tally", *sheets, "-o", str(folder / "tally.csv")).exit_code == 0
    selected = call(folder, "select", "--tally", str(folder / "tally.csv"), "--json")
    winners = [s["entry"] for s in json.loads(selected.stdout)["standings"] if s["outcome"] == "selected"]
    assert winners == ["e3", "e7", "e6"]
    sheets = ("--sheets", str(folder / "sheets.csv"))
    calibrated = call(folder, "calibrate", *sheets, "--json", "--reviewers-out", str(folder / "severity.csv"))
    found = json.loads(calibrated.stdout)
    assert found["converged"] is True
    assert (found["scale_spread"], found["noise_spread"]) == (0, 0)
    assert "the sheets do not show: both are taken to be the same for all." in " ".join(calibrated.stderr.split())
    assert {row["scale"] for row in found["reviewers"]} == {row["noise"] for row in found["reviewers"]} == {None}
    severity = {row["reviewer"]: float(row["severity"]) for row in read(folder / "severity.csv")}
    assert max(severity, key=lambda reviewer: severity[reviewer]) == "r3"


@pytest.mark.parametrize("ending", ["parquet", "xlsx", "json"])
def test_every_format_leads_to_the_same_winners(folder: Path, ending: str) -> None:
    assign(folder, "-o", str(folder / "assignment.csv"))
    marks(folder)
    call(folder, "tally", "--sheets", str(folder / "sheets.csv"), "-o", str(folder / f"tally.{ending}"))
    out = folder / f"selection.{ending}"
    done = call(folder, "select", "--tally", str(folder / f"tally.{ending}"), "-o", str(out))
    assert done.exit_code == 0
    assert "3 selected of 8" in done.stderr
    assert out.stat().st_size > 100


def test_too_few_reviewers_are_explained_and_exit_with_1(folder: Path) -> None:
    write(folder / "reviewers.csv", REVIEWERS[:4])  # three reviewers, one of whom has a conflict with each entry
    done = assign(folder, "--json", "-o", str(folder / "assignment.csv"))
    assert done.exit_code == 1
    told = json.loads(done.stdout)
    assert len(told["short"]) == 8
    assert sum(group["needed"] - group["available"] for group in told["reasons"]) == 8
    assert len(read(folder / "assignment.csv")) == 16  # what can be filled is filled


def test_a_lot_asks_for_a_seed_and_names_who_is_tied(folder: Path) -> None:
    rows: list[tuple[str, ...]] = [("entry", "reviewer", "criterion", "mark")]
    rows += [(f"e{n}", f"r{r}", leaf, "5") for n in range(8) for r in range(3, 6) for leaf in ("idea", "work")]
    write(folder / "sheets.csv", rows)
    call(folder, "tally", "--sheets", str(folder / "sheets.csv"), "-o", str(folder / "tally.csv"))
    done = call(folder, "select", "--tally", str(folder / "tally.csv"))
    assert done.exit_code == 1
    assert "a lot must decide between e0, e1, e2, e3; give the round's seed" in done.stderr
    assert call(folder, "select", "--tally", str(folder / "tally.csv"), "--seed", "x").exit_code == 0


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        (("e9", "r1", "idea", "5"), "line 2, entry 'e9': is not in the round"),
        (("e1", "r1", "beauty", "5"), "line 2, criterion 'beauty': is not in the round"),
        (
            ("e1", "r1", "idea", "5.25"),
            "line 2, mark '5.25': is not on the scale of 'idea' (from 0 to 10 in steps of 0.5)",
        ),
        (("e1", "r1", "idea", "five"), "line 2, mark 'five': is not a decimal number"),
        (("e1", "", "idea", "5"), "line 2, reviewer: is empty"),
    ],
)
def test_a_faulty_row_is_named_and_nothing_is_written(folder: Path, row: tuple[str, ...], expected: str) -> None:
    write(folder / "sheets.csv", [("entry", "reviewer", "criterion", "mark"), row])
    done = call(folder, "tally", "--sheets", str(folder / "sheets.csv"), "-o", str(folder / "tally.csv"))
    assert done.exit_code == 1
    assert expected in done.stderr
    assert not (folder / "tally.csv").exists()


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        (("e9", "r1"), "line 3, entry 'e9': is not in the round"),
        (("e1", ""), "line 3, reviewer: is empty"),
        (("e1", "r1"), "line 3, reviewer 'r1': stands twice beside entry 'e1'"),
    ],
)
def test_a_faulty_assignment_is_named(folder: Path, row: tuple[str, str], expected: str) -> None:
    write(folder / "slots.csv", [("entry", "reviewer"), ("e1", "r1"), row])
    write(folder / "sheets.csv", [("entry", "reviewer", "criterion", "mark"), ("e1", "r1", "idea", "5")])
    done = call(folder, "tally", "--sheets", str(folder / "sheets.csv"), "--assignment", str(folder / "slots.csv"))
    assert done.exit_code == 1
    assert expected in done.stderr


def test_a_missing_column_is_named(folder: Path) -> None:
    write(folder / "entries.csv", [("code", "group"), ("e1", "a")])
    done = call(folder, "tally", "--sheets", "none.csv")
    assert done.exit_code == 1
    assert "'id'" in done.stderr
    assert "code" in done.stderr


def test_the_tally_of_other_rules_is_refused(folder: Path) -> None:
    assign(folder, "-o", str(folder / "assignment.csv"))
    marks(folder)
    call(folder, "tally", "--sheets", str(folder / "sheets.csv"), "-o", str(folder / "tally.csv"))
    (folder / "rules.toml").write_text(SMALL, "utf-8")
    done = call(folder, "select", "--tally", str(folder / "tally.csv"))
    assert done.exit_code == 1
    assert "made under other rules" in done.stderr


def test_wrong_calls_exit_with_2(folder: Path) -> None:
    assert call(folder, "tally", "--no-such-option").exit_code == 2
    assert CliRunner().invoke(main, ["tally"]).exit_code == 2
    assert CliRunner().invoke(main, ["talli"]).exit_code == 2


def test_without_entries_or_sheets_there_is_nothing_to_tally(folder: Path) -> None:
    done = call(folder, "tally", "--json")
    assert done.exit_code == 1
    assert json.loads(done.stdout)["error"]["message"] == "the panel marks idea, work: give the sheets with --sheets"
    write(folder / "entries.csv", ENTRIES[:1])
    done = call(folder, "tally", "--sheets", "none.csv")
    assert done.exit_code == 1
    assert "entries.csv: has no entry" in done.stderr


def test_a_mark_in_spite_of_a_conflict_is_refused_by_name(folder: Path) -> None:
    assign(folder, "-o", str(folder / "assignment.csv"))
    marks(folder)
    tally = ("tally", "--sheets", str(folder / "sheets.csv"), "-o", str(folder / "tally.csv"))
    panel = ("--reviewers", str(folder / "reviewers.csv"))
    unchecked = call(folder, *tally)
    assert unchecked.exit_code == 0
    assert "conflict rule 'home' was not checked" in unchecked.stderr
    assert "not checked" not in call(folder, *tally, *panel).stderr
    with (folder / "sheets.csv").open("a", encoding="utf-8") as file:
        file.write("e1,r1,idea,10\ne1,r1,work,10\n")
    (folder / "tally.csv").unlink()
    done = call(folder, *tally, *panel)
    assert done.exit_code == 1
    assert "reviewer 'r1' marked entry 'e1' against conflict rule 'home'" in done.stderr
    assert not (folder / "tally.csv").exists()


def test_the_register_counts_where_the_rules_say_so(folder: Path) -> None:
    assign(folder, "-o", str(folder / "assignment.csv"))
    marks(folder)
    first = read(folder / "assignment.csv")[0]
    write(folder / "register.csv", [("entry", "reviewer"), (first["entry"], first["reviewer"])])
    call_it = ("tally", "--sheets", str(folder / "sheets.csv"), "--conflicts", str(folder / "register.csv"))
    assert "no [[conflict]] of kind 'declared'" in call(folder, *call_it).stderr
    told = (folder / "rules.toml").read_text("utf-8") + '\n[[conflict]]\nid = "told"\nkind = "declared"\n'
    (folder / "rules.toml").write_text(told, "utf-8")
    assert "against conflict rule 'told'" in call(folder, *call_it).stderr
    assert "declared conflicts were not checked" in call(folder, *call_it[:3]).stderr


def test_what_does_not_keep_to_sizes_and_limits_is_noted(folder: Path) -> None:
    write(folder / "entries.csv", ENTRIES[:-5])
    rows: list[tuple[str, ...]] = [("entry", "reviewer", "criterion", "mark")]
    rows += [("e0", f"r{n}", leaf, "5") for n in (1, 2) for leaf in ("idea", "work")]
    write(folder / "sheets.csv", rows)
    done = call(folder, "tally", "--sheets", str(folder / "sheets.csv"))
    assert done.exit_code == 0
    assert "group a has 3 entries; the rules say 4" in done.stderr
    assert "sheets_per_entry is 3 (sheets with a mark): entry e0 has 2; entry e1 has 0; entry e2 has 0" in done.stderr


def test_sheets_without_marks_cannot_be_calibrated(folder: Path) -> None:
    write(
        folder / "sheets.csv",
        [("entry", "reviewer", "criterion", "mark", "status"), ("e1", "r1", "idea", "", "abstained")],
    )
    done = call(folder, "calibrate", "--sheets", str(folder / "sheets.csv"), "--json")
    assert done.exit_code == 1
    assert "nothing to calibrate" in json.loads(done.stdout)["error"]["message"]


@pytest.mark.parametrize(("seed", "expected"), [("", "is empty"), ("  ", "is empty"), ("\udc80", "is not text")])
def test_a_seed_is_some_text_or_left_out(folder: Path, seed: str, expected: str) -> None:
    for words in (("select", "--tally", "none.csv", "--seed", seed), ("run", "--seed", seed)):
        done = call(folder, *words) if words[0] == "select" else CliRunner().invoke(main, [*words, str(folder)])
        assert done.exit_code == 2
        assert expected in done.stderr


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("[" * 100_000, "is not JSON that can be read"),
        ('[{"id": "\\ud800", "group": "a"}]', "line 1, id: holds half a character"),
    ],
)
def test_json_that_breaks_parsers_is_refused(folder: Path, content: str, expected: str) -> None:
    (folder / "entries.json").write_text(content, "utf-8")
    options = ["--rules", str(folder / "rules.toml"), "--entries", str(folder / "entries.json"), "--tally", "none.csv"]
    done = CliRunner().invoke(main, ["select", *options], catch_exceptions=False)
    assert done.exit_code == 1
    assert expected in done.stderr


def test_ctrl_c_stops_with_130_and_writes_nothing(folder: Path) -> None:
    """A real process, interrupted while it waits for its sheets."""
    options = ["--rules", str(folder / "rules.toml"), "--entries", str(folder / "entries.csv")]
    command = [sys.executable, "-m", "simsa", "tally", *options, "--sheets", "-", "-o", str(folder / "tally.csv")]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdin is not None
    process.stdin.write(b"entry,reviewer,criterion,mark\n" * 100_000)  # more than a pipe holds: it is reading
    process.stdin.flush()
    process.send_signal(signal.SIGINT)
    _, said = process.communicate()
    assert process.returncode == 130, said
    assert b"Traceback" not in said
    assert not (folder / "tally.csv").exists()


def test_json_is_utf8_in_any_terminal_and_not_beside_a_table(folder: Path) -> None:
    write(folder / "entries.csv", [ENTRIES[0], ("가", "a", "가평", "1"), ("나", "a", "나주", "1")])
    marked = [(e, "r1", leaf, "5") for e in "가나" for leaf in ("idea", "work")]
    write(folder / "sheets.csv", [("entry", "reviewer", "criterion", "mark"), *marked])
    options = ["--rules", str(folder / "rules.toml"), "--entries", str(folder / "entries.csv")]
    tally = [sys.executable, "-m", "simsa", "tally", *options, "--sheets", str(folder / "sheets.csv"), "--json"]
    done = subprocess.run(tally, capture_output=True, env=os.environ | {"PYTHONIOENCODING": "cp1252"}, check=True)
    assert [row["entry"] for row in json.loads(done.stdout)["tally"]] == ["가", "나"]
    both = subprocess.run([*tally, "-o", "-"], capture_output=True, check=False)
    assert both.returncode == 2
    assert b"give one of them" in both.stderr


def test_names_are_printed_as_they_are(folder: Path) -> None:
    """No name is taken for markup of the terminal."""
    names = ["[/b] x", "[ab] y", "A:100:B", "z"]
    write(folder / "entries.csv", [ENTRIES[0], *((f"e{n}", "a", name, "1") for n, name in enumerate(names))])
    write(
        folder / "sheets.csv",
        [
            ("entry", "reviewer", "criterion", "mark"),
            *((f"e{n}", f"r{r}", leaf, str(9 - n)) for n in range(4) for r in range(3) for leaf in ("idea", "work")),
        ],
    )
    sheets = ("--sheets", str(folder / "sheets.csv"))
    call(folder, "tally", *sheets, "-o", str(folder / "tally.csv"))
    for step in (("tally", *sheets), ("calibrate", *sheets)):
        told = call(folder, *step).stdout
        assert all(name in told for name in names), step
    assert "[/b] x: 4개 기관 중 1위" in call(folder, "select", "--tally", str(folder / "tally.csv")).stdout


def test_constant_scores_are_calibrated_without_a_number_that_json_lacks(folder: Path) -> None:
    marked = [(f"e{n}", f"r{r}", leaf, "5") for n in range(8) for r in range(3, 6) for leaf in ("idea", "work")]
    write(folder / "sheets.csv", [("entry", "reviewer", "criterion", "mark"), *marked])
    done = call(folder, "calibrate", "--sheets", str(folder / "sheets.csv"), "--json")
    assert done.exit_code == 0
    assert json.loads(done.stdout)["severity_sd"] in (0, None)


def test_the_value_below_a_threshold_is_told(folder: Path) -> None:
    rules = (folder / "rules.toml").read_text("utf-8") + "\n[[threshold]]\ncriterion = 'idea'\nat_least = 4\n"
    (folder / "rules.toml").write_text(rules, "utf-8")
    marked = [(f"e{n}", f"r{r}", leaf, str(n)) for n in range(8) for r in range(3) for leaf in ("idea", "work")]
    write(folder / "sheets.csv", [("entry", "reviewer", "criterion", "mark"), *marked])
    call(folder, "tally", "--sheets", str(folder / "sheets.csv"), "-o", str(folder / "tally.csv"))
    told = json.loads(call(folder, "select", "--tally", str(folder / "tally.csv"), "--lang", "en", "--json").stdout)
    reason = next(row["reason"] for row in told["standings"] if row["entry"] == "e3")
    assert "is 3 points, below the threshold of 4 points" in reason


def test_sheets_tell_how_sure_a_selection_is(folder: Path) -> None:
    assign(folder, "-o", str(folder / "assignment.csv"))
    marks(folder)
    sheets = ("--sheets", str(folder / "sheets.csv"), "--assignment", str(folder / "assignment.csv"))
    call(folder, "tally", *sheets, "-o", str(folder / "tally.csv"))
    more = ("--sensitivity-out", str(folder / "weights.csv"), "--stability-out", str(folder / "single.csv"))
    done = call(folder, "select", "--tally", str(folder / "tally.csv"), *sheets, *more, "--json", "--lang", "en")
    told = json.loads(done.stdout)
    assert {row["zone"] for row in told["standings"]} <= {"certain", "tie", "out"}
    assert all(row["chance"] and row["assurance"] for row in told["standings"])
    assert [row["criterion"] for row in told["sensitivity"]] == ["total", "total"]
    assert read(folder / "weights.csv")[0]["group"] == "a"
    assert len(read(folder / "single.csv")) == len(told["stability"])
    plain = json.loads(call(folder, "select", "--tally", str(folder / "tally.csv"), "--json").stdout)
    assert {row["zone"] for row in plain["standings"]} == {None}
    assert [row["outcome"] for row in plain["standings"]] == [row["outcome"] for row in told["standings"]]


def test_sheets_that_do_not_make_the_tally_are_refused(folder: Path) -> None:
    assign(folder, "-o", str(folder / "assignment.csv"))
    marks(folder)
    call(folder, "tally", "--sheets", str(folder / "sheets.csv"), "-o", str(folder / "tally.csv"))
    text = (folder / "sheets.csv").read_text("utf-8")
    (folder / "sheets.csv").write_text(text.replace(",2\n", ",3\n"), "utf-8")
    done = call(folder, "select", "--tally", str(folder / "tally.csv"), "--sheets", str(folder / "sheets.csv"))
    assert done.exit_code == 1
    assert "do not make this tally" in done.stderr
    alone = call(folder, "select", "--tally", str(folder / "tally.csv"), "--stability-out", "x.csv")
    assert alone.exit_code == 2
    assert "need --sheets" in alone.stderr


def test_a_lottery_needs_the_sheets_and_the_seed(folder: Path) -> None:
    rules = (folder / "rules.toml").read_text("utf-8")
    (folder / "rules.toml").write_text(
        rules.replace("[missing]", '[lottery]\nconfidence = "0.9"\n\n[missing]'), "utf-8"
    )
    assign(folder, "-o", str(folder / "assignment.csv"))
    marks(folder)
    sheets = ("--sheets", str(folder / "sheets.csv"))
    call(folder, "tally", *sheets, "-o", str(folder / "tally.csv"))
    tally = ("--tally", str(folder / "tally.csv"))
    assert "takes a calibration" in call(folder, "select", *tally, "--seed", "s").stderr
    assert "takes the round's seed" in call(folder, "select", *tally, *sheets).stderr
    assert call(folder, "select", *tally, *sheets, "--seed", "s", "-o", str(folder / "s.csv")).exit_code == 0


def test_with_reviews_held_back_the_first_round_is_assigned(folder: Path) -> None:
    """Its loads are the first round's share: 3 of 8 entries for each of 6 reviewers take 24 slots, 4 each."""
    text = (folder / "rules.toml").read_text("utf-8")
    held = text.replace("load = { max = 6 }", 'load = { max = 6 }\n\n[adaptive]\nheld_back = "0.4"')
    (folder / "rules.toml").write_text(held, "utf-8")
    files = ("--reviewers", str(folder / "reviewers.csv"), "-o", str(folder / "assignment.csv"))
    assert call(folder, "assign", *files).exit_code == 0
    slots = [row["reviewer"] for row in read(folder / "assignment.csv")]
    assert len(slots) == 24
    assert max(slots.count(one) for one in slots) == 4


def test_an_official_calibrated_score_is_selected_from_sheets_and_recorded_components(folder: Path) -> None:
    (folder / "rules.toml").write_text(changed("[missing]", OFFICIAL), "utf-8")
    rows: list[tuple[str, ...]] = [("entry", "reviewer", "criterion", "mark")]
    rows += [
        (f"e{n}", f"r{r}", leaf, str(min(10, n + (r == 3) + (n * r) % 3 / 2)))
        for n in range(8)
        for r in range(3 + n % 2, 6 + n % 2 - (n == 7))
        for leaf in ("idea", "work")
    ]
    write(folder / "sheets.csv", rows)
    sheets, tallied = ("--sheets", str(folder / "sheets.csv")), ("--tally", str(folder / "tally.csv"))
    call(folder, "tally", *sheets, "-o", str(folder / "tally.csv"))
    without = call(folder, "select", *tallied)
    assert without.exit_code == 2
    assert "give the sheets with --sheets" in without.stderr
    kept = str(folder / "components.json")
    first = json.loads(call(folder, "calibrate", *sheets, "--json", "--components-out", kept).stdout)
    assert first["official"] is True
    assert json.loads(Path(kept).read_text()) == first["components"]
    assert call(folder, "select", *tallied, "--components", kept).exit_code == 2
    again = json.loads(call(folder, "calibrate", *sheets, "--json", "--components", kept).stdout)
    assert again["entrants"] == first["entrants"]
    assert "components given" in again["method"]
    scores = {row["entry"]: row["calibrated"] for row in first["entrants"]}
    assert all(len(score.partition(".")[2]) == 2 for score in scores.values())
    out = [f"--{name}-out={folder / name}.csv" for name in ("sensitivity", "stability")]
    done = call(folder, "select", *tallied, *sheets, "--components", kept, "--json", *out)
    standings = json.loads(done.stdout)["standings"]
    assert scores.pop("e7") is not None
    ranked = {row["entry"]: row["score"] and Fraction(row["score"]) for row in standings}
    assert ranked.pop("e7") is None  # two sheets make no trimmed mean: what has no tally has no rank
    assert ranked == {entry: Fraction(score) for entry, score in scores.items()}
    assert "sensitivity is not told of an official calibrated score" in done.stderr
    assert (folder / "stability.csv").exists()
    assert not (folder / "sensitivity.csv").exists()
    other = json.loads(Path(kept).read_text()) | {"entrant": "0.01"}
    Path(kept).write_text(json.dumps(other))
    told = "official scores rest on components that were given (components.json), not estimated"
    assert told in call(folder, "select", *tallied, *sheets, "--components", kept).stderr
    assert told not in call(folder, "select", *tallied, *sheets).stderr
    moved = json.loads(call(folder, "calibrate", *sheets, "--json", "--components", kept).stdout)
    assert moved["entrants"] != first["entrants"]
    Path(kept).write_text("{}")
    assert "holds no components" in call(folder, "calibrate", *sheets, "--components", kept).stderr


def test_marks_by_criterion_and_short_scales_are_calibrated(folder: Path) -> None:
    rows: list[tuple[str, ...]] = [("entry", "reviewer", "criterion", "mark", "status")]
    for n in range(8):
        for r in range(4):
            rows.append((f"e{n}", f"r{r}", "idea", str((n + r) % 5), ""))
            mark = str((2 * n + r) % 7 + 0.5)
            rows.append((f"e{n}", f"r{r}", "work", *(("", "abstained") if (n + r) % 3 == 0 else (mark, ""))))
    write(folder / "sheets.csv", rows)
    sheets = ("--sheets", str(folder / "sheets.csv"))
    more = ("-o", str(folder / "entrants.csv"), "--reviewers-out", str(folder / "severity.csv"))
    done = call(folder, "calibrate", *sheets, "--model", "criteria", *more, "--json")
    assert done.exit_code == 0
    told = json.loads(done.stdout)
    assert -1 <= told["halo_share"] <= 1
    for row in read(folder / "entrants.csv"):
        total = 0.4 * float(row["idea"]) + 0.6 * float(row["work"])
        assert float(row["calibrated"]) == pytest.approx(total, abs=1e-5)
    assert set(read(folder / "severity.csv")[0]) >= {"severity", "idea", "idea.error", "work", "work.error"}
    done = call(folder, "calibrate", *sheets, "--model", "ordinal", "--criterion", "idea", "--json")
    assert done.exit_code == 1
    assert "'idea': its scale has 21 steps, and a short one at most 20" in json.loads(done.stdout)["error"]["message"]
    short = (folder / "rules.toml").read_text("utf-8").replace('max = 10, step = "0.5"', 'max = 5, step = "0.5"', 1)
    (folder / "rules.toml").write_text(short, "utf-8")
    done = call(folder, "calibrate", *sheets, "--model", "ordinal", "--criterion", "idea", "--json")
    told = json.loads(done.stdout)
    assert [row["threshold"] for row in told["thresholds"]] == [str(n) for n in range(1, 11)]
    assert all(0 < float(row["expected_mark"]) < 5 for row in told["entrants"])
    assert "어느 채점표에도 쓰이지 않은 척도 단계: 2, 4, 6, 8, 10, 11(1부터 셈)." in done.stderr


@pytest.mark.parametrize(
    ("words", "status", "expected"),
    [
        (("--criterion", "idea"), 2, "--criterion needs --model ordinal"),
        (("--model", "ordinal", "--criterion", "x"), 1, "'x' is not one that the panel marks (these are: idea, work)"),
        (("--model", "ordinal"), 1, "sheets' totals take 21 values, and a short scale has at most 20 steps"),
        (("--model", "criteria"), 1, "criterion 'work' has no mark in group 'b'; calibrate totals instead"),
    ],
)
def test_what_a_model_is_not_made_for_is_refused(
    folder: Path, words: tuple[str, ...], status: int, expected: str
) -> None:
    rows = [(f"e{n}", f"r{r}", "idea", str((3 * n + r) * 0.5)) for n in range(4) for r in range(3)]
    rows += [(f"e{n}", f"r{r}", "idea", str((12 + r + n) * 0.5)) for n in range(4, 6) for r in range(3)]
    rows += [("e0", "r0", "work", "3"), *((f"e{n}", f"r{r}", "idea", "10") for n in (6, 7) for r in range(3))]
    rows += [(f"e{n}", "r4", "idea", str(n + 0.5)) for n in range(8)]
    rows += [(f"e{n}", "r5", "idea", str(9.5 - n / 2)) for n in range(8)]
    write(folder / "sheets.csv", [("entry", "reviewer", "criterion", "mark"), *rows])
    done = call(folder, "calibrate", "--sheets", str(folder / "sheets.csv"), *words)
    assert done.exit_code == status
    assert expected in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("command", "options", "expected"),
    [
        ("calibrate", ["-o", "sheets.csv"], "sheets.csv is read and would be written over"),
        ("calibrate", ["-o", "a.csv", "--reviewers-out", "a.csv"], "two results would be written to a.csv"),
        ("calibrate", ["-o", "a.csv", "--components-out", "no/c.json"], "c.json: there is no folder"),
        ("tally", ["-o", "sheets.csv"], "sheets.csv is read and would be written over"),
        ("tally", ["-o", "no/tally.csv"], "tally.csv: there is no folder"),
    ],
)
def test_no_result_takes_the_place_of_what_is_read(
    folder: Path, monkeypatch: pytest.MonkeyPatch, command: str, options: list[str], expected: str
) -> None:
    monkeypatch.chdir(folder)
    write(folder / "sheets.csv", [("entry", "reviewer", "criterion", "mark"), ("e0", "r0", "idea", "5")])
    before = (folder / "sheets.csv").read_bytes()
    done = call(folder, command, "--sheets", "sheets.csv", *options)
    assert done.exit_code == 2
    assert expected in done.stderr
    assert (folder / "sheets.csv").read_bytes() == before
    assert not (folder / "a.csv").exists()
