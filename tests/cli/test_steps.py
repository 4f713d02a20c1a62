"""From tables to winners, one command at a time, and each refusal that a user can run into."""

import csv
import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from simsa.cli import main
from tests.rules.small import SMALL, changed

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
    assert json.loads(calibrated.stdout)["converged"] is True
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
    done = call(folder, "tally")
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
