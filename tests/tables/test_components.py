"""Components as JSON: recorded, read back to the same numbers, and refused by name where they are damaged."""

from __future__ import annotations

import csv
import hashlib
import json
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from simsa.cli import main
from simsa.engine.calibration import Components
from simsa.record.canonical import canonical_bytes
from simsa.record.components import Origin, components_json, origin_of
from simsa.tables.components import Recorded, components_of, read_components
from simsa.tables.lookup import SourceFile
from simsa.tables.outputs import to_json, write_outputs
from simsa.tables.report import render_report
from simsa.tables.run import run_round
from simsa.tables.table import TableError
from tests.rules.small import OFFICIAL, changed
from tests.tables.folder import read
from tests.tables.scored import MARKS, scored

REVIEWERS = ("하나", "two", "3")
ORIGIN = Origin("1" * 64, "2" * 64, 12, REVIEWERS, frozenset(("하나", "3")))
GIVEN: dict[str, Any] = {
    "simsa_components": 1,
    "rules_hash": "1" * 64,
    "sheets_hash": "2" * 64,
    "entrant": "68.91",
    "reviewer": "0",
    "residual": "61.2",
    "scale_spread": "0",
    "noise_spread": "0.3",
    "reviewers": {"하나": {"noise": "50"}, "3": {"noise": "70.5"}},
}
numbers = st.one_of(st.none(), st.decimals(0, 10**6, places=6).map(Fraction))
spreads = st.decimals("0.0001", 5, places=4).map(Fraction)


def recorded(content: dict[str, Any]) -> Recorded:
    return Recorded(content, SourceFile("file", Path("file"), 0, ""))


@st.composite
def components(draw: st.DrawFn) -> Components:
    known = draw(st.lists(st.booleans(), min_size=3, max_size=3).filter(any))
    own = [
        tuple(draw(st.integers(1, 10**6).map(lambda n: Fraction(n, 1000))) if one else None for one in known)
        if draw(st.booleans())
        else None
        for _ in range(2)
    ]
    spread = [Fraction(0) if numbers is None else draw(spreads) for numbers in own]
    return Components(*(draw(numbers) for _ in range(3)), *own, *spread)


@settings(deadline=None)
@given(components())
def test_what_is_recorded_is_read_back_to_the_same_numbers(given_: Components) -> None:
    origin = replace(ORIGIN, wrote=frozenset())
    content = recorded(json.loads(canonical_bytes(components_json(given_, origin))))
    assert components_of(content, origin) == given_
    turned = components_of(content, replace(origin, reviewers=REVIEWERS[::-1]))
    assert turned.scale == (None if given_.scale is None else given_.scale[::-1])


def test_as_they_are_written() -> None:
    noise = (Fraction(50), None, Fraction(141, 2))
    given_ = Components(Fraction("68.91"), Fraction(0), Fraction("61.2"), noise=noise, noise_spread=Fraction("0.3"))
    assert components_json(given_, ORIGIN) == GIVEN
    assert components_of(recorded(GIVEN), ORIGIN) == given_


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"entrant": "1e3"}, "file: entrant is '1e3', not a decimal number as text"),
        ({"entrant": 68}, "file: entrant is '68', not a decimal number as text"),
        ({"reviewer": Decimal("1.5")}, "file: reviewer is '1.5', not a decimal number as text"),
        ({"residual": "-1"}, "file: residual is -1; it cannot be below zero"),
        ({"entrants": "1"}, "file: entrants is not understood"),
        ({"reviewers": []}, "file: reviewers is not understood"),
        ({"reviewers": {"four": {"noise": "1"}}}, "file: reviewer 'four' wrote no sheet here"),
        ({"reviewers": {"하나": {"noise": "1"}, "3": {"noise": "x"}}}, "file: reviewer '3': noise is 'x'"),
        ({"reviewers": {"하나": {"noise": "1"}}}, "file: reviewer '3' has no noise; give the components of this panel"),
        ({"reviewers": {"하나": {"noise": "1"}, "3": {"noise": "0"}}}, "file: reviewer '3' has a noise of 0; give"),
        ({"reviewers": {"3": {"noise": "1", "bias": "1"}}}, "file: reviewer '3': bias is not understood"),
        ({"reviewers": {"3": "1"}}, "file: reviewer '3' is not understood"),
        ({"reviewers": {}}, "file: noise_spread is not 0, but no reviewer has a noise; give"),
        ({"entrant": "-0.1"}, "file: entrant is -0.1; it cannot be below zero"),
        ({"reviewer": "-2"}, "file: reviewer is -2; it cannot be below zero"),
        ({"entrant": "1.000000000002"}, "file: entrant is 1.000000000002, and the rules round it to 12 digits"),
        ({"rules_hash": None}, "file: has no rules_hash; give the components as they were recorded"),
        ({"sheets_hash": None}, "file: has no sheets_hash; give"),
        ({"rules_hash": "3" * 64}, "file: is of other rules (rules_hash 333333333333, here 111111111111); give"),
        ({"sheets_hash": "3" * 64}, "file: is of other sheets (sheets_hash 333333333333, here 222222222222); give"),
    ],
)
def test_what_is_damaged_is_named(wrong: dict[str, Any], told: str) -> None:
    with pytest.raises(TableError) as raised:
        components_of(recorded({**GIVEN, **wrong}), ORIGIN)
    assert told in str(raised.value)


@pytest.mark.parametrize(
    "content", ["{", "[]", "[" * 99999, '{"a": 1.5}', '{"calibration": null}', '{"simsa_components": 2}']
)
def test_a_file_that_holds_none_is_refused(tmp_path: Path, content: str) -> None:
    (tmp_path / "file.json").write_text(content)
    with pytest.raises(TableError, match="components"):
        read_components(tmp_path / "file.json")


def edited(file: Path, **numbers: str) -> Recorded:
    """The components of a result, changed by hand and read from a file of their own."""
    content = read_components(file).content
    hand = file.with_name("by hand.json")
    hand.write_text(json.dumps({**content, **numbers}), "utf-8")
    return read_components(hand)


def test_a_run_records_them_and_takes_them(tmp_path: Path) -> None:
    run = scored(tmp_path / "round", rules_toml=changed("[missing]", OFFICIAL))
    write_outputs(run, tmp_path / "out")
    result = tmp_path / "out/result.json"
    kept = read_components(result)
    assert kept.content == to_json(run)["calibration"]["components"]
    again = run_round(run.inputs, components=kept)
    assert again.evaluation.selection == run.evaluation.selection
    assert again.stability == run.stability
    other = run_round(run.inputs, components=edited(result, entrant="0.01"))
    assert other.evaluation.scores.score.values() != run.evaluation.scores.score.values()
    with pytest.raises(TableError, match=r"entrant is 2\.6511, and the rules round it to 4 digits"):
        run_round(run.inputs, components=edited(result, entrant="2.6511"))
    moved = read(tmp_path / "round", sheets_csv=MARKS.replace("e1,R1,idea,9.5", "e1,R1,idea,9"))
    with pytest.raises(TableError, match="is of other sheets"):
        run_round(moved, components=kept)
    ruled = changed("[missing]", OFFICIAL.replace("places = 2", "places = 3"))
    with pytest.raises(TableError, match="is of other rules"):
        run_round(read(tmp_path / "round", sheets_csv=MARKS, rules_toml=ruled), components=kept)


def test_the_hash_of_the_sheets_does_not_hang_on_their_order(tmp_path: Path) -> None:
    head, *rows = MARKS.splitlines()
    hashes = set()
    for n, sheets in enumerate((rows, rows[::-1], [*rows[5:], *rows[:5]])):
        run = scored(tmp_path / str(n), sheets_csv="\n".join([head, *sheets]) + "\n")
        hashes.add(origin_of(run.rules, run.inputs.entries, run.sheets, run.evaluation.tally).sheets_hash)
    assert len(hashes) == 1


def test_that_components_were_given_is_told(tmp_path: Path) -> None:
    run = scored(tmp_path / "round", rules_toml=changed("[missing]", OFFICIAL))
    write_outputs(run, tmp_path / "out")
    hand = edited(tmp_path / "out/result.json", reviewer="0")
    done = run_round(run.inputs, components=hand)
    sha256 = hashlib.sha256((tmp_path / "out/by hand.json").read_bytes()).hexdigest()
    assert done.command == "simsa run round --components 'by hand.json' --out out"
    result = to_json(done, language="en")
    assert result["checksums"][-1] == {"name": "by hand.json", "sha256": sha256}
    said = render_report(done, "en")
    assert f"Components were given (by hand.json, SHA-256 {sha256}), not estimated from these sheets" in said
    zero = "By the components that were given the difference in severity between reviewers is zero."
    assert zero in said
    assert zero in result["calibration"]["notes"]
    assert "restricted maximum likelihood" not in result["calibration"]["method"]
    assert "The estimated" not in said
    for text in ("REML", "the sheets do not show"):
        assert text not in said
        assert text in render_report(run, "en")
    assert f"(by hand.json, SHA-256 {sha256})" in render_report(done, "ko")
    for option, told in ((("--components", str(tmp_path / "out/by hand.json")), True), ((), False)):
        screen = CliRunner().invoke(main, ["run", str(tmp_path / "round"), *option])
        assert screen.exit_code == 0
        assert ("official scores rest on components that were given (by hand.json)" in screen.stderr) is told


def test_the_official_score_has_its_declared_places_in_both_tables(tmp_path: Path) -> None:
    run = scored(tmp_path / "round", rules_toml=changed("[missing]", OFFICIAL))
    write_outputs(run, tmp_path / "out")
    chosen, beside = (
        {row["entry"]: row[column] for row in csv.DictReader((tmp_path / "out" / file).open(encoding="utf-8"))}
        for file, column in (("selection.csv", "score"), ("calibration.csv", "calibrated"))
    )
    assert chosen == beside
    assert "8.30" in chosen.values()
