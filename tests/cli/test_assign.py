"""`simsa assign` straight on a file of affinities: the walk of an officer and of a conference, and each refusal."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner, Result

from simsa.cli import main
from tests.cli.test_steps import folder, read, write

__all__ = ["folder"]  # the fixture with the tables of a small round

AFFINITY = [
    ("entry", "reviewer", "affinity"),
    *((f"e{e}", f"r{r}", str((e * 7 + r * 3) % 10 / 10)) for e in range(6) for r in range(5)),
]


@pytest.fixture
def table(tmp_path: Path) -> Path:
    write(tmp_path / "affinity.csv", AFFINITY)
    return tmp_path / "affinity.csv"


def call(*words: str | Path) -> Result:
    return CliRunner().invoke(main, ["assign", *map(str, words)], catch_exceptions=False)


def told(*words: str | Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(call(*words, "--json").stdout)
    return found


def test_a_file_of_affinities_is_enough(table: Path) -> None:
    done = call(table, "-o", table.with_name("out.csv"))
    assert done.exit_code == 0, done.output
    for expected in (
        "affinity.csv: a row for each pair: entry, reviewer, affinity (shape long)",
        "coverage 3: the default; --coverage changes it",
        "load at most 6: the default, half as much again as all need; --most changes it",
        "6 entries, 5 reviewers, 30 possible pairs",
        "18 slots, total affinity",
        "Proven optimal: no assignment within these limits has a greater total affinity",
        "entries with the least affinity",
        "reviewers by load",
        "entries by affinity",
    ):
        assert expected in done.stdout
    slots = read(table.with_name("out.csv"))
    assert len(slots) == 18
    assert set(slots[0]) == {"entry", "reviewer", "affinity"}


def test_the_summary_for_programs_has_everything(table: Path) -> None:
    found = told(table, "--coverage", "2", "--most", "3")
    assert (found["slots"], found["optimal"], found["complete"], found["defaults"]) == (12, True, True, [])
    assert (found["shape"], found["source"]) == ("long", "affinity.csv")
    figures = found["figures"]
    assert (figures["entries"], figures["reviewers"], figures["pairs"]) == (6, 5, 30)
    assert figures["load_limit"] == {"least": 3.0, "median": 3.0, "most": 3.0}
    assert len(figures["worst"]) == 6
    assert sum(figures["loads"]) == 5
    assert sum(one["count"] for one in figures["affinities"]) == 6
    assert "rules_hash" not in found


def test_the_table_alone_goes_to_standard_output(table: Path) -> None:
    done = call(table, "--coverage", "1", "-o", "-")
    assert done.stdout.splitlines()[0] == "entry,reviewer,affinity"
    assert len(done.stdout.splitlines()) == 7
    assert "Proven optimal" in done.stderr
    assert call(table, "--json", "-o", "-").exit_code == 2


def test_affinities_come_from_standard_input(table: Path) -> None:
    words = ["assign", "-", "--coverage", "1", "-o", "-"]
    done = CliRunner().invoke(main, words, input=table.read_text("utf-8"), catch_exceptions=False)
    assert len(done.stdout.splitlines()) == 7
    assert "standard input: a row for each pair" in done.stderr


def test_a_picture_is_drawn(table: Path) -> None:
    call(table, "--picture", table.with_name("p.svg"))
    assert table.with_name("p.svg").read_text("utf-8").startswith("<svg ")
    refused = call(table, "--picture", table.with_name("p.png"))
    assert refused.exit_code == 2
    assert "must end in .svg" in refused.stderr
    (table.with_name("folder.svg")).mkdir()
    assert "folder.svg: cannot be written" in call(table, "--picture", table.with_name("folder.svg")).stderr
    assert "there is no folder" in call(table, "--picture", table / "p.svg").stderr


def test_constraints_and_limits_of_single_ones(table: Path) -> None:
    tmp = table.parent
    write(tmp / "conflicts.csv", [("entry", "reviewer"), ("e0", "r3")])
    write(tmp / "forbidden.csv", [("entry", "reviewer"), ("e1", "r0")])
    write(tmp / "pinned.csv", [("entry", "reviewer"), ("e0", "r0"), ("e1", "r4")])
    write(tmp / "panel.csv", [("id", "least", "most"), *((f"r{n}", "", "1" if n == 2 else "") for n in range(5))])
    write(tmp / "entries.csv", [("id", "coverage"), *((f"e{n}", "3" if n == 5 else "") for n in range(6))])
    files = [x for name in ("conflicts", "forbidden", "pinned") for x in (f"--{name}", tmp / f"{name}.csv")]
    limits = ["--entries", tmp / "entries.csv", "--reviewers", tmp / "panel.csv"]
    done = call(table, *files, *limits, "--coverage", "2", "--most", "4", "--least", "2", "-o", tmp / "out.csv")
    assert done.exit_code == 0, done.output
    slots = {(slot["entry"], slot["reviewer"]) for slot in read(tmp / "out.csv")}
    assert {("e0", "r0"), ("e1", "r4")} < slots
    assert not {("e0", "r3"), ("e1", "r0")} & slots
    load = {r: sum(reviewer == r for _, reviewer in slots) for r in ("r0", "r1", "r2", "r3", "r4")}
    assert load["r2"] == 1  # who asked for less than the least load for all is not forced
    assert min(count for r, count in load.items() if r != "r2") >= 2
    assert sum(entry == "e5" for entry, _ in slots) == 3


def test_loads_that_cannot_suffice_are_named_with_what_would_help(table: Path) -> None:
    done = call(table, "--coverage", "3", "--most", "2", "-o", table.with_name("out.csv"))
    assert done.exit_code == 1
    assert "all loads together are 10 slots and 18 are needed: raise --most to 4 or more" in done.stdout
    assert "or add 4 or more reviewers, or lower --coverage to 1" in done.stdout
    assert "short: entry" in done.stdout
    assert len(read(table.with_name("out.csv"))) == 10  # what can be filled is filled
    done = call(table, "--coverage", "6", "--most", "9")
    assert "some entries have fewer possible reviewers (from 5) than they need" in done.stdout
    done = call(table, "--coverage", "1", "--most", "9", "--least", "5")
    assert done.exit_code == 1
    assert "lower the least load" in done.stdout


def test_the_result_goes_back_to_hotcrp(table: Path, tmp_path: Path) -> None:
    prefs = tmp_path / "allprefs.csv"
    write(
        prefs,
        [
            ("paper", "title", "given_name", "family_name", "email", "conflict", "preference"),
            ("1", "T", "A", "B", "a@x.org", "", "20"),
            ("1", "T", "C", "D", "c@x.org", "conflict", ""),
            ("2", "U", "C", "D", "c@x.org", "", "-5"),
        ],
    )
    done = call(prefs, "--coverage", "1", "--as", "hotcrp", "-o", tmp_path / "bulk.csv")
    assert "HotCRP's preferences" in done.stdout
    assert read(tmp_path / "bulk.csv") == [
        {"paper": "1", "action": "primaryreview", "email": "a@x.org"},
        {"paper": "2", "action": "primaryreview", "email": "a@x.org"},  # nobody's preference is 0, above -5
    ]
    call(prefs, "--coverage", "1", "--as", "hotcrp", "--action", "pcreview", "--round", "R1", "-o", tmp_path / "b.csv")
    assert read(tmp_path / "b.csv")[0] == {"paper": "1", "action": "pcreview", "email": "a@x.org", "round": "R1"}
    refused = call(prefs, "--coverage", "1", "--as", "hotcrp", "-o", tmp_path / "b.xlsx")
    assert "ends in .csv" in refused.stderr


def test_the_result_goes_back_to_openreview(tmp_path: Path) -> None:
    (tmp_path / "scores.csv").write_text("-Ab1,~A_B1,0.25\n-Ab1,~C_D1,0.5\nxyz,~A_B1,0.125\n", "utf-8")
    (tmp_path / "constraints.csv").write_text("-Ab1,~C_D1,-1\n", "utf-8")
    words = [tmp_path / "scores.csv", "--conflicts", tmp_path / "constraints.csv", "--coverage", "1"]
    done = call(*words, "--as", "openreview", "-o", tmp_path / "edges.csv")
    assert done.exit_code == 0, done.output
    lines = (tmp_path / "edges.csv").read_text("utf-8").splitlines()
    assert lines == ["head,tail,weight", "-Ab1,~A_B1,0.25", "xyz,~A_B1,0.125"]  # an id stays as it is


def test_bids_count_and_say_what_they_are_worth(table: Path) -> None:
    bids = table.with_name("bids.csv")
    write(bids, [("entry", "reviewer", "bid"), ("e0", "r1", "yes"), ("e0", "r2", "conflict")])
    found = told(table, "--bids", bids, "--bid", "yes=9", "--coverage", "1", "--most", "6")
    assert float(found["total_affinity"]) > 9
    assert any("yes +9, conflict never meets" in note for note in found["notes"])
    alone = told(bids, "--coverage", "1")
    assert alone["shape"] == "bids"
    assert alone["total_affinity"] == "1"


def test_other_pairs_count_where_they_are_asked_for(tmp_path: Path) -> None:
    write(tmp_path / "a.csv", [("entry", "reviewer", "affinity"), ("e0", "r0", "1"), ("e1", "r1", "1")])
    assert call(tmp_path / "a.csv", "--coverage", "2").exit_code == 1
    done = told(tmp_path / "a.csv", "--coverage", "2", "--others", "0")
    assert (done["complete"], done["figures"]["pairs"]) == (True, 4)


def test_matrices_and_their_ids(tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", np.eye(3))
    call(tmp_path / "a.npy", "--coverage", "1", "--most", "1", "-o", tmp_path / "out.csv")
    assert [(slot["entry"], slot["reviewer"]) for slot in read(tmp_path / "out.csv")] == [
        (f"e{n}", f"r{n}") for n in (1, 2, 3)
    ]
    write(tmp_path / "panel.csv", [("id",), ("A",), ("B",)])
    refused = call(tmp_path / "a.npy", "--reviewers", tmp_path / "panel.csv")
    assert refused.exit_code == 1
    assert "a.npy: has 3 columns, but --reviewers lists 2; one for each, in their order" in refused.stderr


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ([], "give a file of affinities, or the rules"),
        (["A", "--affinity", "A"], "AFFINITIES and --affinity are the same"),
        (["A", "--coverage", "0"], "0 is not in the range"),
        (["A", "--most", "-1"], "-1 is not in the range"),
        (["A", "--least", "2.5"], "is not a valid integer"),
        (["A", "--others", "nan"], "--others: nan is no number"),
        (["A", "--bid", "yes"], "--bid 'yes': is no word with its number"),
        (["A", "-o", "A"], "affinity.csv is read and would be written over; give the result another name"),
        (["A", "-o", "x.csv", "--margins", "x.csv"], "two results would be written to x.csv"),
        (["A", "-o", "nowhere/x.csv"], "x.csv: there is no folder"),
        (["A", "--round", "R1"], "--round goes with --as hotcrp"),
        (["A", "--rules", "rules.toml"], "--rules needs --entries and --reviewers too"),
        (["A", "--rules", "rules.toml", "--most", "3"], "with --rules the rules say this ([panel] load); leave it out"),
        (
            ["--rules", "r.toml", "--entries", "e", "--reviewers", "r", "--bids", "b"],
            "give a file of affinities too",
        ),
    ],
)
def test_wrong_calls_say_what_to_do(table: Path, words: list[str], expected: str) -> None:
    done = call(*(str(table) if word == "A" else word for word in words))
    assert done.exit_code == 2
    assert expected in " ".join(done.stderr.split())


@pytest.mark.parametrize(
    ("content", "words", "expected"),
    [
        ("entry,reviewer,affinity\ne,r,x\n", (), "a.csv line 2, affinity 'x': is not a number"),
        ("", (), "a.csv: the file is empty"),
        ("entry,reviewer,affinity\ne,r,1e300\n", (), "a.csv: affinities from"),
        ("entry,reviewer,affinity\ne,r,1\n", ("-o", "out.docx"), "out.docx: the ending .docx says no format"),
        ("entry,reviewer,affinity\ne,r,1\n", ("--pinned", "none.csv"), "none.csv: there is no such file"),
    ],
)
def test_what_the_input_is_refused_for(tmp_path: Path, content: str, words: tuple[str, ...], expected: str) -> None:
    (tmp_path / "a.csv").write_text(content, "utf-8")
    done = call(tmp_path / "a.csv", *words)
    assert done.exit_code == 1
    assert expected in done.stderr
    assert json.loads(call(tmp_path / "a.csv", *words, "--json").stdout)["error"]["message"]


def test_with_rules_affinities_forbidden_and_pinned_pairs_count(folder: Path) -> None:
    rows = [("entry", "reviewer", "affinity"), *((f"e{e}", f"r{r}", str(e + r)) for e in range(8) for r in range(6))]
    write(folder / "affinity.csv", rows)
    write(folder / "pinned.csv", [("entry", "reviewer"), ("e0", "r1")])
    write(folder / "forbidden.csv", [("entry", "reviewer"), ("e0", "r5")])
    given = ["--rules", folder / "rules.toml", "--entries", folder / "entries.csv"]
    given += ["--reviewers", folder / "reviewers.csv"]
    pairs = ["--pinned", folder / "pinned.csv", "--forbidden", folder / "forbidden.csv"]
    done = call(folder / "affinity.csv", *given, *pairs, "-o", folder / "out.csv")
    assert done.exit_code == 0, done.output
    slots = {(slot["entry"], slot["reviewer"]) for slot in read(folder / "out.csv")}
    assert ("e0", "r1") in slots
    assert ("e0", "r5") not in slots
    found = told("--affinity", folder / "affinity.csv", *given)
    assert found["rules_hash"]
    assert found["figures"]["load_limit"]["most"] == 6
    write(folder / "pinned.csv", [("entry", "reviewer"), ("e1", "r1")])  # from the same region
    refused = call(*given, "--pinned", folder / "pinned.csv")
    assert refused.exit_code == 1
    assert "both pinned and forbidden: entry 'e1' with reviewer 'r1'" in refused.stderr


def test_an_earlier_assignment_is_changed_as_little_as_can_be(tmp_path: Path) -> None:
    rows = [f"e{e},r{r},{0.5 + 0.1 * ((e * 3 + r * 5) % 5):.1f}" for e in range(6) for r in range(5)]
    affinities = tmp_path / "affinity.csv"
    affinities.write_text("\n".join(["entry,reviewer,affinity", *rows]), "utf-8")
    before = tmp_path / "before.csv"
    limits = ("--coverage", "2", "--most", "4")
    assert call(affinities, *limits, "-o", before).exit_code == 0
    first = before.read_text("utf-8").splitlines()[1].split(",")[:2]
    (tmp_path / "conflict.csv").write_text(f"entry,reviewer\n{','.join(first)}\n", "utf-8")

    changes = told(affinities, *limits, "--previous", before, "--conflicts", tmp_path / "conflict.csv")["changes"]
    assert (changes["kept"], changes["gone"], changes["minimal"]) == (11, 0, True)
    assert changes["released"] == [first]
    assert len(changes["added"]) == 1
    words = call(affinities, *limits, "--previous", before, "--conflicts", tmp_path / "conflict.csv").output
    assert "of 12 pairs before 11 stay; 1 cannot, 0 more are given up, 1 are new" in words
    assert "Proven: no assignment that fills as many slots keeps more of the pairs before." in words

    affinities.write_text("\n".join(["entry,reviewer,affinity", *(row for row in rows if ",r1," not in row)]), "utf-8")
    changes = told(affinities, *limits, "--previous", before)["changes"]
    assert changes["gone"] == len(changes["added"]) > 0
    assert changes["kept"] == 12 - changes["gone"]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("entry,reviewer\na,x\na,x\n", "line 3, reviewer 'x': stands twice beside the same entry"),
        ("name\na\n", "a table of pairs has the columns entry and reviewer (it has name)"),
    ],
)
def test_an_earlier_assignment_that_is_none_is_refused(tmp_path: Path, content: str, expected: str) -> None:
    (tmp_path / "affinity.csv").write_text("entry,reviewer,affinity\na,x,1\nb,x,2\n", "utf-8")
    (tmp_path / "before.csv").write_text(content, "utf-8")
    done = call(tmp_path / "affinity.csv", "--coverage", "1", "--previous", tmp_path / "before.csv")
    assert done.exit_code == 1
    assert expected in done.output


def test_the_worst_off_entry_comes_first_where_that_is_asked(tmp_path: Path) -> None:
    rows = ["a,x,1.0", "a,y,0.9", "b,x,0.8", "b,y,0.1"]  # together best: a-y and b-x; the greatest total: 1.7
    rows += ["c,z,1.0", "c,w,0.4", "d,z,0.7", "d,w,0.0"]  # greatest total c-z, d-w 1.0; or c-w, d-z 1.1
    (tmp_path / "affinity.csv").write_text("\n".join(["entry,reviewer,affinity", *rows]), "utf-8")
    limits = ("--coverage", "1", "--most", "1", "--first", "worst-off")
    found = told(tmp_path / "affinity.csv", *limits)
    assert found["worst_off"] == {"worst": "0.4", "bound": "0.4", "share_of_greatest_total": "1", "not_counted": 0}
    said = call(tmp_path / "affinity.csv", *limits).output
    assert "Proven: no assignment leaves the worst-off entry with more than 0.4" in said
    both = call(tmp_path / "affinity.csv", *limits, "--previous", tmp_path / "affinity.csv")
    assert "give one of them" in both.output
