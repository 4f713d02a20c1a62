"""`simsa next-reviews` on tables and on a round folder, batch after batch, and each refusal."""

from __future__ import annotations

import csv
import json
import shlex
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result

from simsa.cli import main
from simsa.tables.files import write_table
from simsa.tables.shapes import sheets_table
from tests.engine.adaptive_rounds import TEXT, adaptive_rules, drawn, entries, first_round, joined, panel

N, M = 18, 8
RULES = TEXT.replace("LOAD", "20").replace("KINDS", "").replace("ADAPTIVE", 'held_back = "0.5"\nleast_gain = "0.25"')
CONFLICT = '[[conflict]]\nid = "declared"\nkind = "declared"\n[[criterion]]'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    rules = adaptive_rules()
    (tmp_path / "rules.toml").write_text(RULES.replace("[[criterion]]", CONFLICT, 1), "utf-8")
    own, crew = entries(N), panel(M)
    rows(
        tmp_path / "entries.csv",
        [("id", "group", "name"), *((e, g, f"Case {e}") for e, g in zip(own.ids, own.group, strict=True))],
    )
    rows(tmp_path / "reviewers.csv", [("id", "house"), *zip(crew.ids, crew.fields["house"], strict=True)])
    rows(tmp_path / "conflicts.csv", [("entry", "reviewer", "reason"), ("e00", "r05", "kin")])
    first = first_round(N, M)
    slots = [(own.ids[e], crew.ids[r]) for e, r in zip(*first, strict=True)]
    rows(tmp_path / "assignment.csv", [("entry", "reviewer"), *slots])
    write_table(sheets_table(drawn(rules, N, M, first), own), tmp_path / "sheets.csv")
    return tmp_path


def rows(path: Path, table: list[tuple[str, ...]]) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(table)


def call(folder: Path, *words: str | Path, without: str = "") -> Result:
    names = ("entries", "sheets", "reviewers", "conflicts", "assignment")
    files = [word for name in names if name != without for word in (f"--{name}", str(folder / f"{name}.csv"))]
    options = ["--rules", str(folder / "rules.toml"), *files, *map(str, words)]
    return CliRunner().invoke(main, ["next-reviews", *options], catch_exceptions=False)


def pairs(path: Path) -> list[tuple[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return [(row["entry"], row["reviewer"]) for row in csv.DictReader(file)]


def test_batch_after_batch_until_it_stops(folder: Path) -> None:
    """What is written goes back in as an assignment; reviewers answer; budget and conflicts are kept to the end."""
    rules, own, crew = adaptive_rules(), entries(N), panel(M)
    sheets = drawn(rules, N, M, first_round(N, M))
    given, more = set(pairs(folder / "assignment.csv")), []
    for number in range(1, 9):
        out = folder / f"next-{number}.csv"
        done = call(folder, *more, "-o", out, "--why", folder / "why.csv", "--lang", "en")
        assert done.exit_code == 0, done.output
        assert out.read_text().splitlines()[0] == "entry,reviewer"
        new = pairs(out)
        if not new:
            break
        assert not set(new) & given
        assert ("e00", "r05") not in new
        given |= set(new)
        more += ["--assignment", str(out)]
        slots = np.array([(own.index[e], crew.index[r]) for e, r in new])
        sheets = joined(sheets, drawn(rules, N, M, (slots[:, 0], slots[:, 1]), f"a{number}"))
        write_table(sheets_table(sheets, own), folder / "sheets.csv")
    else:
        raise AssertionError("it never stops")
    assert number > 1
    assert len(given) <= 4 * N
    assert "The selection can be made." in done.stdout


def test_slots_that_are_not_in_count_and_are_told(folder: Path) -> None:
    first = call(folder, "-o", folder / "next.csv")
    assert first.exit_code == 0, first.output
    new = len(pairs(folder / "next.csv"))
    told = json.loads(call(folder, "--assignment", folder / "next.csv", "--json").stdout)
    assert told["outstanding"] == new
    assert told["budget"]["given"] == 2 * N + new
    assert told["text"][0] == told["warning"]
    assert f"채점표 {2 * N + new}건 가운데 {new}건이 아직 들어오지 않았습니다" in told["warning"]
    assert json.loads(call(folder, "--json").stdout)["warning"] is None


def test_words_tables_and_json_agree(folder: Path) -> None:
    done = call(folder, "-o", folder / "next.csv", "--why", folder / "why.csv", "--lang", "en", "--seed", "x")
    told = json.loads(call(folder, "--seed", "x", "--lang", "en", "--json").stdout)
    assert [(one["entry"], one["reviewer"]) for one in told["reviews"]] == pairs(folder / "next.csv")
    assert all(line in done.stdout for line in told["text"])
    assert (told["seed"], told["stop"], told["batch"], told["least_gain"]) == ("x", None, 1, "0.25")
    with (folder / "why.csv").open(encoding="utf-8") as file:
        why = list(csv.DictReader(file))
    assert [row["entry"] for row in why] == [row["entry"] for row in told["entries"]]
    assert sum(int(row["reviews"]) for row in why) == len(told["reviews"])
    assert why[0]["name"] == f"Case {why[0]['entry']}"


def test_in_the_columns_of_other_programs_and_to_standard_output(folder: Path) -> None:
    own = call(folder, "-o", "-")
    assert own.stdout.splitlines()[0] == "entry,reviewer"
    assert "points" in call(folder, "-o", "-", "--lang", "en").stderr
    hot = call(folder, "-o", "-", "--as", "hotcrp", "--action", "secondaryreview", "--round", "R2").stdout.splitlines()
    edges = call(folder, "-o", "-", "--as", "openreview").stdout.splitlines()
    assert (hot[0], edges[0]) == ("paper,action,email,round", "head,tail,weight")
    for ours, line, edge in zip(own.stdout.splitlines()[1:], hot[1:], edges[1:], strict=True):
        entry, reviewer = ours.split(",")
        assert line == f"{entry},secondaryreview,{reviewer},R2"
        assert edge == f"{entry},{reviewer},1"


def test_only_candidates_of_the_affinities(folder: Path) -> None:
    table = [("entry", "reviewer", "affinity"), *((f"e{e:02}", f"r{r:02}", "1") for e in range(N) for r in (2, 3))]
    rows(folder / "affinity.csv", table)
    done = call(folder, "--affinity", folder / "affinity.csv", "-o", folder / "next.csv")
    assert done.exit_code == 0, done.output
    assert {reviewer for _, reviewer in pairs(folder / "next.csv")} <= {"r02", "r03"}


def test_without_the_assignment_missing_sheets_are_asked_for(folder: Path) -> None:
    assert call(folder, without="assignment").exit_code == 0  # all are in
    lines = (folder / "sheets.csv").read_text().splitlines()
    (folder / "sheets.csv").write_text("\n".join([*lines[:1], *lines[2:]]) + "\n")
    done = call(folder, without="assignment")
    assert done.exit_code == 1
    assert "entry 'e00' has 1 of the 2 sheets of the first round" in done.stderr
    assert call(folder).exit_code == 0


def test_a_mark_in_spite_of_a_conflict_is_refused(folder: Path) -> None:
    rows(folder / "conflicts.csv", [("entry", "reviewer"), ("e00", "r00")])
    done = call(folder, "-o", folder / "next.csv")
    assert done.exit_code == 1
    assert "reviewer 'r00' marked entry 'e00' against conflict rule 'declared'" in done.stderr
    assert not (folder / "next.csv").exists()


@pytest.mark.parametrize(
    ("change", "words", "expected"),
    [
        (("rules.toml", "[adaptive]", "[adoptive]"), (), "did you mean adaptive?"),
        (("rules.toml", 'held_back = "0.5"', 'held_back = "1"'), (), "more than 0 and less than 1"),
        (("reviewers.csv", "r03,h3", "r93,h3"), (), "r03"),
        (("assignment.csv", "e03,r06", "e99,r06"), (), "'e99': is not in the round"),
        (("assignment.csv", "e03,r06", "e02,r04"), (), "stands twice beside entry 'e02'"),
        (("conflicts.csv", "e00", "e77"), (), "'e77': is not in the round"),
        (None, ("--why", "why.odt"), "why.odt"),
        (None, ("-o", "next.xlsx", "--as", "hotcrp"), "ends in .csv"),
    ],
)
def test_what_cannot_be_used_is_named_and_nothing_is_written(
    folder: Path, change: tuple[str, str, str] | None, words: tuple[str, ...], expected: str
) -> None:
    if change is not None:
        file = folder / change[0]
        text = file.read_text("utf-8")
        assert change[1] in text
        file.write_text(text.replace(change[1], change[2], 1), "utf-8")
    there = set(folder.iterdir())
    options = [str(folder / word) if "." in word else word for word in words] or ["-o", str(folder / "next.csv")]
    done = call(folder, *options)
    assert done.exit_code in (1, 2), done.output
    assert expected in done.stderr
    assert "Traceback" not in done.stderr
    assert set(folder.iterdir()) == there


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ([], "give the FOLDER of a round, or --rules, --entries, --sheets, --reviewers too"),
        (["--rules", "r.toml", "--entries", "e.csv"], "or --sheets, --reviewers too"),
        ([".", "--assignment", "a.csv"], "leave --assignment out"),
        ([".", "--round", "R2"], "--round goes with --as hotcrp"),
        ([".", "-o", "a.csv", "--why", "a.csv"], "two results would be written to a.csv"),
        ([".", "-o", "nowhere/a.csv"], "there is no folder"),
    ],
)
def test_calls_that_make_no_sense(words: list[str], expected: str) -> None:
    done = CliRunner().invoke(main, ["next-reviews", *words])
    assert done.exit_code == 2
    assert expected in done.stderr


ROUND = """simsa_round = 1
rules = "rules.toml"
[entries]
file = "entries.csv"
id = "id"
group = "group"
name = "name"
[reviewers]
file = "reviewers.csv"
id = "id"
fields = ["house"]
[[conflicts]]
file = "conflicts.csv"
entry = "entry"
reviewer = "reviewer"
reason = "reason"
"""
GIVEN = """[assignment]
file = "assignment.csv"
entry = "entry"
reviewer = "reviewer"
[sheets]
file = "sheets.csv"
entry = "entry"
reviewer = "reviewer"
criterion = "criterion"
mark = "mark"
"""


def test_a_round_folder_says_the_same_as_its_tables(folder: Path) -> None:
    (folder / "round.toml").write_text(ROUND + GIVEN, "utf-8")
    done = CliRunner().invoke(main, ["next-reviews", str(folder), "--json"], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout) == json.loads(call(folder, "--json").stdout)


def test_a_synthetic_round_goes_on_with_the_batches_in_its_assignment(folder: Path) -> None:
    (folder / "round.toml").write_text(f'{ROUND}[synthetic]\nseed = "s"\nresidual_sd = 8\n', "utf-8")
    done = CliRunner().invoke(main, ["next-reviews", str(folder), "-o", str(folder / "next.csv"), "--lang", "en"])
    assert done.exit_code == 0, done.output
    assert "SYNTHETIC DATA" in done.stdout
    assert (folder / "next.csv").read_text().splitlines()[0] == "entry,reviewer,synthetic"


def test_the_how_to_can_be_walked(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each of its commands in turn; what it shows of the first proposal is what comes out."""
    page = (Path(__file__).parents[2] / "docs/how-to/adaptive-round.md").read_text("utf-8")
    monkeypatch.chdir(folder)
    own, crew = entries(N), panel(M)
    shown = [line.strip() for line in page.splitlines() if line.startswith("    ")]
    commands = [shlex.split(line)[1:] for line in shown if line.startswith("simsa ")]
    assert [command[0] for command in commands] == ["assign", "next-reviews", "next-reviews", "tally", "select"]
    for number, command in enumerate(commands):
        more = ["--lang", "en"] if command[0] == "next-reviews" else []
        done = CliRunner().invoke(main, [*command, *more], catch_exceptions=False)
        assert done.exit_code == 0, (command, done.output)
        if number == 0:
            slots = np.array([(own.index[e], crew.index[r]) for e, r in pairs(folder / "assignment.csv")])
            sheets = drawn(adaptive_rules(), N, M, (slots[:, 0], slots[:, 1]))
            write_table(sheets_table(sheets, own), folder / "sheets.csv")
        elif number == 1:
            said = [line for line in shown if not line.startswith("simsa ")]
            assert [line for line in said if line not in done.stdout.splitlines()] == []
            slots = np.array([(own.index[e], crew.index[r]) for e, r in pairs(folder / "next-1.csv")])
            sheets = joined(sheets, drawn(adaptive_rules(), N, M, (slots[:, 0], slots[:, 1]), "b 1"))
            write_table(sheets_table(sheets, own), folder / "sheets.csv")
    assert (folder / "selection.csv").exists()
