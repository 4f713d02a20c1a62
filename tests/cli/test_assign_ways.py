"""`simsa assign` with kinds, at random, on vectors, and by rules with each way to an assignment."""

from __future__ import annotations

import csv
import json
from fractions import Fraction
from pathlib import Path

import click
import numpy as np
import pytest

from simsa.cli.assign import assign
from simsa.cli.assignment.help import SECTIONS
from simsa.tables.affinities import vectors
from tests.cli.test_assign import call, table, told
from tests.cli.test_steps import folder, read, write

__all__ = ["folder", "table"]  # fixtures

PANEL = [("id", "rank", "home"), *((f"r{n}", "senior" if n < 2 else "junior", f"h{n % 3}") for n in range(5))]


def panels(path: Path) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for slot in read(path):
        found.setdefault(slot["entry"], set()).add(slot["reviewer"])
    return found


def test_kinds_are_counted_by_the_fields_of_the_panel(table: Path) -> None:
    write(table.with_name("panel.csv"), PANEL)
    given = [table, "--reviewers", table.with_name("panel.csv"), "--coverage", "2", "--most", "6"]
    done = call(*given, "--kind", "rank=senior:1..", "--kind", "home:..1", "-o", table.with_name("out.csv"))
    assert done.exit_code == 0, done.output
    home = {row[0]: row[2] for row in PANEL[1:]}
    for reviewers in panels(table.with_name("out.csv")).values():
        assert reviewers & {"r0", "r1"}
        assert len({home[reviewer] for reviewer in reviewers}) == 2
    exactly = call(
        *given, "--kind", "rank = junior | senior :2", "--kind", "rank=senior:0", "-o", table.with_name("o.csv")
    )
    assert exactly.exit_code == 0, exactly.output
    assert all(not reviewers & {"r0", "r1"} for reviewers in panels(table.with_name("o.csv")).values())


def test_pinned_pairs_that_leave_the_kinds_no_room_are_named_by_id(table: Path) -> None:
    write(table.with_name("panel.csv"), PANEL)
    write(table.with_name("pinned.csv"), [("entry", "reviewer"), ("e0", "r0"), ("e0", "r3")])  # both of home h0
    files = ["--reviewers", table.with_name("panel.csv"), "--pinned", table.with_name("pinned.csv")]
    done = call(table, *files, "--kind", "home:..1")
    assert done.exit_code == 1
    assert "entry 'e0', home h0: 2 pinned or kept for other kinds, at most 1; take a pinned pair out" in done.stderr


def test_kinds_that_cannot_be_met_are_named_with_their_entries(table: Path) -> None:
    write(table.with_name("panel.csv"), PANEL)
    given = [table, "--reviewers", table.with_name("panel.csv"), "--coverage", "2", "--most", "4"]
    done = call(*given, "--kind", "rank=senior:2")
    assert done.exit_code == 1
    assert "kind: entry " in done.stdout
    assert "of rank senior" in done.stdout
    found = told(*given, "--kind", "rank=senior:2")
    assert sum(one["missing"] for one in found["missed_kinds"]) == 4
    assert {one["kind"] for one in found["missed_kinds"]} == {"rank senior"}


@pytest.mark.parametrize(
    ("words", "status", "expected"),
    [
        (["--kind", "rank=senior:1"], 2, "give their table with --reviewers"),
        (["--reviewers", "P", "--kind", "rank=senior"], 2, "is no FIELD=VALUE:LIMIT, such as seniority=senior:1.."),
        (["--reviewers", "P", "--kind", "rank=senior:2..1"], 2, "at least 2 is more than at most 1"),
        (["--reviewers", "P", "--kind", "rank=senior|:1"], 2, "names an empty value"),
        (["--reviewers", "P", "--kind", "rank=senior:1 2"], 2, "is no FIELD=VALUE:LIMIT"),
        (["--reviewers", "P", "--kind", "rank=senior:1234567890"], 2, "is no FIELD=VALUE:LIMIT"),
        (
            ["--reviewers", "P", "--kind", "rank=senior:1..", "--kind", "rank=senior:..0"],
            1,
            "the kinds are at odds: rank",
        ),
        (["--reviewers", "P", "--kind", "rank=head:1"], 1, "no reviewer has it (there are: senior, junior)"),
        (["--reviewers", "P", "--kind", "grade:1"], 1, "which the reviewers do not have (fields: rank, home)"),
        (["--reviewers", "P", "--kind", "rank=senior:4.."], 1, "need 4 reviewers of each entry (rank senior 4)"),
        (["--cap", "0"], 2, "'0' is no probability"),
        (["--cap", "1/0"], 2, "'1/0' is no probability"),
        (["--cap", "nan"], 2, "'nan' is no probability"),
        (["--cap", "0.3333333333"], 2, "with at most six digits"),
        (["--cap", "0.333"], 2, "without --perturb probabilities are found in steps of 1/100 or more"),
        (["--cap", "1e-99999999"], 2, "is no probability"),
        (["--perturb", "nan"], 2, "--perturb: nan is no number"),
        (["--cap", "0.5", "--first", "worst-off"], 2, "are different assignments; give one of them"),
        (["--cap", "0.5", "--seed", " "], 2, "is empty"),
        (["--seed", "x"], 2, "--seed goes with an assignment that is drawn"),
        (["--probabilities", "p.csv"], 2, "--probabilities goes with an assignment that is drawn"),
        (["--cap", "0.5", "--probabilities", "p.doc"], 1, "p.doc: the ending .doc says no format"),
        (["--cap", "0.5", "--probabilities", "-", "--json"], 2, "only one table, or the JSON object"),
        (["--perturb", "-1"], 2, "is not in the range"),
        (["--cap", "0.1"], 1, "must be at least 0.6, or there must be more candidates"),
        (["--cap", "0.5", "--why", "e0", "r0"], 2, "explain the assignment with the greatest total; leave --cap"),
        (["--entry-vectors", "v.npy"], 2, "go together; give both"),
        (["--entry-vectors", "v.npy", "--reviewer-vectors", "v.npy"], 2, "vectors stand instead of AFFINITIES"),
    ],
)
def test_what_does_not_go_is_said_with_what_does(table: Path, words: list[str], status: int, expected: str) -> None:
    write(table.with_name("panel.csv"), PANEL)
    done = call(table, *(table.with_name("panel.csv") if word == "P" else word for word in words))
    assert done.exit_code == status
    assert expected in " ".join(done.stderr.split())


def test_a_draw_keeps_the_cap_and_can_be_drawn_again(table: Path) -> None:
    chances, out = table.with_name("p.csv"), table.with_name("out.csv")
    given = [table, "--coverage", "2", "--most", "4", "--cap", "2/3"]
    found = told(*given, "--probabilities", chances, "-o", out)
    drawn = found["randomised"]
    assert (drawn["cap"], drawn["perturbation"], drawn["gap"]) == ("2/3", 0.0, 0.0)
    assert any(f"seed {drawn['seed']}: drawn for this run" in said for said in found["defaults"])
    assert found["proof"].startswith("Proven: no probabilities within the cap")
    sums: dict[str, Fraction] = {}
    for row in read(chances):
        assert 0 < Fraction(row["probability"]) <= Fraction(2, 3)
        sums[row["entry"]] = sums.get(row["entry"], Fraction(0)) + Fraction(row["probability"])
    assert sums == {f"e{n}": 2 for n in range(6)}
    again = told(*given, "--seed", drawn["seed"], "-o", table.with_name("again.csv"))
    assert again["defaults"] == []
    assert read(table.with_name("again.csv")) == read(out)
    other = {tuple(map(tuple, map(dict.items, _drawn(given, table, seed)))) for seed in "abcdef"}
    assert len(other) > 1  # another seed draws another assignment


def _drawn(given: list[object], table: Path, seed: str) -> list[dict[str, str]]:
    call(*map(str, given), "--seed", seed, "-o", table.with_name("x.csv"))
    return read(table.with_name("x.csv"))


def test_a_perturbed_draw_says_what_it_bought(table: Path) -> None:
    done = call(table, "--coverage", "2", "--most", "4", "--perturb", "0.5", "--seed", "s")
    assert done.exit_code == 0, done.output
    assert "drawn at random with the seed s: no pair had a probability above 1, perturbation 0.5" in done.stdout
    assert "pairs had a chance; the largest of an entry was" in done.stdout
    assert "of the greatest" in done.stdout
    assert "Proven: the best probabilities within these limits are worth at most" in done.stdout


def test_nothing_is_drawn_or_saved_where_limits_cannot_be_met(table: Path) -> None:
    out = table.with_name("out.csv")
    done = call(
        table, "--coverage", "3", "--most", "2", "--cap", "0.9", "-o", out, "--picture", out.with_suffix(".svg")
    )
    assert done.exit_code == 1
    assert "nothing is drawn: the limits cannot all be met" in done.stdout
    assert "raise --most to 4 or more" in done.stdout
    assert not out.exists()
    assert not out.with_suffix(".svg").exists()
    assert told(table, "--coverage", "3", "--most", "2", "--cap", "0.9")["nothing_drawn"] is True
    tight = call(table, "--coverage", "5", "--most", "6", "--cap", "0.9")
    assert tight.exit_code == 1
    assert "is too low for these limits (entry 'e0' needs 5 of 5 candidates" in tight.stderr


def test_a_pinned_pair_is_beyond_the_cap_and_the_words_say_so(table: Path) -> None:
    write(table.with_name("pinned.csv"), [("entry", "reviewer"), ("e0", "r0")])
    words = [table, "--coverage", "2", "--most", "4", "--cap", "0.75", "--seed", "1"]
    done = call(*words, "--pinned", table.with_name("pinned.csv"))
    assert "no pair that is not pinned had a probability above 0.75" in done.stdout


def test_kinds_that_the_cap_leaves_no_room_are_named_by_id(table: Path) -> None:
    write(table.with_name("panel.csv"), PANEL)
    words = [table, "--reviewers", table.with_name("panel.csv"), "--coverage", "2", "--most", "6"]
    done = call(*words, "--kind", "rank=senior:2", "--cap", "0.75")
    assert done.exit_code == 1
    assert "--cap 0.75: no probabilities within it give its reviewers and kinds to entry 'e0', 'e1'" in done.stderr


def test_loads_that_no_probabilities_meet_are_told_without_numbers_of_ours(tmp_path: Path) -> None:
    rows = [("entry", "reviewer", "affinity"), *((f"e{e}", f"r{r}", "1") for e in range(2) for r in range(2))]
    rows += [("e0", "r2", "1"), ("e1", "r3", "1")]
    write(tmp_path / "a.csv", rows)
    write(tmp_path / "panel.csv", [("id", "most"), ("r0", "2"), ("r1", "2"), ("r2", "0"), ("r3", "0")])
    done = call(tmp_path / "a.csv", "--reviewers", tmp_path / "panel.csv", "--coverage", "2", "--cap", "2/3")
    assert done.exit_code == 1
    assert "--cap 2/3: no probabilities within it meet the loads; raise it" in done.stderr


def test_vectors_stand_for_every_pair(tmp_path: Path) -> None:
    rng = np.random.default_rng(5)
    entries, reviewers = rng.normal(size=(30, 8)), rng.normal(size=(20, 8)).astype(np.float32)
    np.save(tmp_path / "e.npy", entries)
    np.save(tmp_path / "r.npy", reviewers)
    given = ["--entry-vectors", tmp_path / "e.npy", "--reviewer-vectors", tmp_path / "r.npy"]
    found = told(*given, "--coverage", "2", "--most", "4", "-o", tmp_path / "out.csv")
    product = entries.astype(np.float32) @ reviewers.T
    np.save(tmp_path / "m.npy", product.astype(np.float64))
    same = told(tmp_path / "m.npy", "--coverage", "2", "--most", "4")
    assert found["total_affinity"] == same["total_affinity"]
    assert (found["shape"], found["figures"]["pairs"]) == ("vectors", 600)
    assert len(panels(tmp_path / "out.csv")) == 30
    short = call(*given, "--coverage", "4", "--most", "5")
    assert short.exit_code == 1
    assert "all loads together are 100 slots and 120 are needed: raise --most to 6" in short.stdout
    for words in (["--first", "worst-off"], ["--why", "e1", "r1"], ["--others", "0"], ["--cap", "0.5"]):
        refused = call(*given, *words)
        assert refused.exit_code == 2
        assert (
            f"{' '.join(words[:2]) if words[0] == '--first' else words[0]} does not go with vectors" in refused.stderr
        )


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (np.ones((3, 7)), "its vectors have 7 numbers and those of e.npy 8; both must come from one model"),
        (np.full((3, 8), np.nan), "r.npy: row 1, number 1 is nan; vectors are finite"),
        (np.full((3, 8), 1e300), "r.npy: row 1, number 1 is 1e+300; vectors are finite"),
        (np.zeros((0, 8)), "r.npy: holds no vectors"),
        (np.ones(8), "r.npy: has 1 dimensions"),
        (np.array([["a"]]), "r.npy: holds <U1, not numbers"),
    ],
)
def test_vectors_that_are_none_are_refused(tmp_path: Path, values: np.ndarray, expected: str) -> None:
    np.save(tmp_path / "e.npy", np.ones((4, 8)))
    np.save(tmp_path / "r.npy", values)
    done = call("--entry-vectors", tmp_path / "e.npy", "--reviewer-vectors", tmp_path / "r.npy")
    assert done.exit_code == 1
    assert expected in done.stderr
    (tmp_path / "r.npy").write_text("entry,reviewer\n", "utf-8")
    done = call("--entry-vectors", tmp_path / "e.npy", "--reviewer-vectors", tmp_path / "r.npy")
    assert "r.npy: is no file of numpy.save" in done.stderr


def test_a_matrix_too_large_to_be_held_is_read_where_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    values = np.random.default_rng(3).random((20, 15)).astype(np.float32)
    values[0, 0] = np.nan
    np.save(tmp_path / "m.npy", values)
    small = told(tmp_path / "m.npy", "--coverage", "2", "--most", "3")
    monkeypatch.setattr(vectors, "MOST_PAIRS", 100)
    large = told(tmp_path / "m.npy", "--coverage", "2", "--most", "3")
    assert large["total_affinity"] == small["total_affinity"]
    assert any("every pair was looked at" in note for note in large["notes"])
    values[3, 4] = np.inf
    np.save(tmp_path / "m.npy", values)
    done = call(tmp_path / "m.npy")
    assert done.exit_code == 1
    assert "m.npy: row 4, column 5 is infinite" in done.stderr


def given_rules(folder: Path) -> list[Path | str]:
    rows = [
        ("entry", "reviewer", "affinity"),
        *((f"e{e}", f"r{r}", str(1 + (e * r) % 5)) for e in range(8) for r in range(6)),
    ]
    write(folder / "affinity.csv", rows)
    files = ["--rules", folder / "rules.toml", "--entries", folder / "entries.csv"]
    return [folder / "affinity.csv", *files, "--reviewers", folder / "reviewers.csv"]


def test_with_rules_each_way_to_an_assignment_is_open(folder: Path) -> None:
    given = given_rules(folder)
    fair = told(*given, "--first", "worst-off", "-o", folder / "fair.csv")
    assert Fraction(fair["worst_off"]["bound"]) >= Fraction(fair["worst_off"]["worst"]) > 0
    drawn = told(*given, "--cap", "0.8", "--seed", "s")
    assert drawn["complete"]
    assert drawn["randomised"]["seed"] == "s"
    first = told(*given, "-o", folder / "before.csv")
    assert Fraction(first["total_affinity"]) >= Fraction(fair["total_affinity"])
    before = read(folder / "before.csv")
    write(folder / "conflicts.csv", [("entry", "reviewer"), (before[0]["entry"], before[0]["reviewer"])])
    changes = told(*given, "--previous", folder / "before.csv", "--forbidden", folder / "conflicts.csv")["changes"]
    assert changes["released"] == [[before[0]["entry"], before[0]["reviewer"]]]
    assert changes["minimal"] is True
    why = call(*given, "--why", before[0]["entry"], before[0]["reviewer"], "--what-if", "load=r1")
    assert f"why {before[0]['entry']} {before[0]['reviewer']}: affinity" in why.stdout
    assert "what if load=r1: total +0 (to 71)" in why.stdout


def test_with_rules_kinds_come_from_the_rules(folder: Path) -> None:
    given = given_rules(folder)
    refused = call(*given, "--kind", "region=1:1")
    assert refused.exit_code == 2
    assert "with --rules the rules say this ([[panel.kind]])" in " ".join(refused.stderr.split())
    kind = '[[panel.kind]]\nid = "near"\nreviewer = "region"\nvalues = ["4", "5"]\nper_entry = 1\n\n[[conflict]]'
    text = (folder / "rules.toml").read_text("utf-8").replace("[[conflict]]", kind, 1)
    (folder / "rules.toml").write_text(text, "utf-8")
    done = call(*given, "-o", folder / "out.csv", "--json")
    assert done.exit_code == 0, done.output
    assert all(len(reviewers & {"r4", "r5"}) == 1 for reviewers in panels(folder / "out.csv").values())
    write(folder / "pinned.csv", [("entry", "reviewer"), ("e0", "r4"), ("e0", "r5")])
    crowded = call(*given, "--pinned", folder / "pinned.csv")
    assert crowded.exit_code == 1
    assert "entry 'e0', near: 2 pinned or kept for other kinds, at most 1; take a pinned pair out" in crowded.stderr
    (folder / "rules.toml").write_text(text.replace('["4", "5"]', '["44"]'), "utf-8")
    said = json.loads(call(*given, "--json").stdout)["error"]["message"]
    assert "kind 'near' counts region '44', and no reviewer has it (there are: 0, 1, 2, 3, 4, 5)" in said


def test_a_kind_that_needs_more_than_the_least_coverage_raises_it(folder: Path) -> None:
    given = given_rules(folder)
    kind = '[[panel.kind]]\nid = "near"\nreviewer = "region"\nvalues = ["3", "4", "5"]\nper_entry = { min = 2 }\n\n'
    text = (folder / "rules.toml").read_text("utf-8").replace("[[conflict]]", f"{kind}[[conflict]]", 1)
    text = text.replace("sheets_per_entry = 3", "sheets_per_entry = { min = 1, max = 5 }")
    (folder / "rules.toml").write_text(text, "utf-8")
    found = told(*given)  # five each would be 40 slots of 36
    assert found["complete"]
    assert found["figures"]["coverage"] == {"least": 4.0, "median": 4.0, "most": 4.0}


def test_a_seat_that_nobody_can_take_lowers_no_other_entry(folder: Path) -> None:
    given = given_rules(folder)
    kind = '[[panel.kind]]\nid = "near"\nreviewer = "region"\nvalues = ["5"]\nper_entry = { min = 1 }\n\n'
    text = (folder / "rules.toml").read_text("utf-8").replace("[[conflict]]", f"{kind}[[conflict]]", 1)
    text = text.replace("sheets_per_entry = 3", "sheets_per_entry = { min = 1, max = 3 }").replace("max = 6", "max = 8")
    (folder / "rules.toml").write_text(text, "utf-8")
    write(folder / "forbidden.csv", [("entry", "reviewer"), ("e0", "r5")])
    found = told(*given, "--forbidden", folder / "forbidden.csv", "-o", folder / "out.csv")
    assert found["short"] == [{"entry": "e0", "missing": 1}]
    assert found["missed_kinds"] == [{"entry": "e0", "kind": "near", "missing": 1}]
    assert sorted(map(len, panels(folder / "out.csv").values())) == [2, 3, 3, 3, 3, 3, 3, 3]


def test_a_share_of_a_total_below_nothing_is_not_told(table: Path) -> None:
    rows = [
        ("entry", "reviewer", "affinity"),
        *((f"e{e}", f"r{r}", str(-1 - e - r)) for e in range(3) for r in range(4)),
    ]
    write(table, rows)
    fair = told(table, "--coverage", "2", "--first", "worst-off")
    assert fair["worst_off"]["share_of_greatest_total"] is None
    assert "below the greatest" in fair["proof"]
    drawn = told(table, "--coverage", "2", "--cap", "0.75", "--seed", "s")
    assert drawn["randomised"]["share_of_greatest_total"] is None
    assert "expected total affinity -" in call(table, "--coverage", "2", "--cap", "0.75").stdout


def test_what_is_advised_helps_when_it_is_done(tmp_path: Path) -> None:
    """Entry a has only a junior left: fewer reviewers help it only with fewer of the kind."""
    rows = [("a", "x", "1"), ("a", "y", "1"), ("b", "x", "1"), ("b", "y", "1")]
    write(tmp_path / "a.csv", [("entry", "reviewer", "affinity"), *rows])
    write(tmp_path / "panel.csv", [("id", "rank"), ("x", "senior"), ("y", "junior")])
    write(tmp_path / "conflicts.csv", [("entry", "reviewer"), ("a", "x")])
    files = ["--reviewers", tmp_path / "panel.csv", "--conflicts", tmp_path / "conflicts.csv"]
    words = [tmp_path / "a.csv", *files, "--coverage", "2", "--most", "2", "--kind", "rank=senior:1"]
    fixes = {fix["fix"]: fix for fix in told(*words)["fixes"]}
    assert fixes["fewer_slots"]["slots"] == [["a", 1]]
    assert fixes["fewer_slots"]["kinds"] == [["a", "rank senior", 1]]
    assert (
        "lower the coverage of a by 1 (1 slot), and of the kinds that their seats are kept for a rank"
        in call(*words).stdout
    )


def test_an_example_of_the_help_does_what_it_says(table: Path) -> None:
    write(table.with_name("panel.csv"), [("id", "institution"), *((f"r{n}", f"i{n % 4}") for n in range(5))])
    words = [table, "--reviewers", table.with_name("panel.csv"), "--kind", "institution:..1", "--first", "worst-off"]
    found = told(*words)
    assert found["complete"]
    assert Fraction(found["worst_off"]["worst"]) > 0


def test_every_option_has_its_section() -> None:
    listed = {name for names in SECTIONS.values() for name in names}
    options = {option.name for option in assign.params if isinstance(option, click.Option)}
    assert options <= listed


def test_a_table_of_chances_has_the_pairs_that_have_one(table: Path) -> None:
    call(table, "--coverage", "1", "--most", "2", "--cap", "0.5", "--probabilities", table.with_name("p.csv"))
    with table.with_name("p.csv").open(encoding="utf-8") as file:
        assert next(csv.reader(file)) == ["entry", "reviewer", "affinity", "probability"]
