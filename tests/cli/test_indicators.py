"""`simsa indicators` on a round folder, in words and as JSON, and what it refuses."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from simsa.cli import main
from tests.rules.complete import BY_NUMBERS
from tests.tables.folder import FILES, write

MAP = """
simsa_round = 1
[entries]
file = "entries.csv"
id = "id"
name = "name"
group = "group"
[[reported]]
file = "numbers.csv"
entry = "id"
fields = ["집행률(%)", "spent", "planned", "days", "usd"]
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write(
        tmp_path,
        {
            "rules.toml": BY_NUMBERS,
            "round.toml": MAP,
            "entries.csv": "id,name,group\nx,가,a\ny,나,a\nz,다,a\n",
            "numbers.csv": "id,집행률(%),spent,planned,days,usd\nx,1,98.5,100,0.5,1\ny,2,50,0,7.9,2\n",
        },
    )


def call(folder: Path, *options: str) -> Result:
    return CliRunner().invoke(main, ["indicators", str(folder), *options], catch_exceptions=False)


def test_all_indicators_are_told_in_the_rules_language_or_another(folder: Path) -> None:
    korean, english = call(folder), call(folder, "--lang", "en", "--criterion", "steps", "--within", "0.1")
    assert korean.exit_code == english.exit_code == 0
    assert [name in korean.stdout for name in ("place", "goal", "steps", "other", "money")] == [True] * 5
    assert "a: 3곳 가운데 1곳의 수치가 있습니다." in korean.stdout
    assert "해당 없음: 1곳." in korean.stdout
    assert "goal" not in english.stdout
    assert "Exactly at 0.5: 가. Within 0.1 of it: nobody." in english.stdout
    assert "Exactly at 8: nobody. Within 0.1 of it: 나." in english.stdout


def test_json_holds_everything_exactly(folder: Path) -> None:
    found = json.loads(call(folder, "--json", "--criterion", "goal", "--unit", "spent=0.5").stdout)
    (goal,) = found["indicators"]
    assert goal["units"] == {"spent": "0.5", "planned": "1"}
    assert [(row["entry"], row["number"], row["missing"], row["points"]) for row in goal["entries"]] == [
        ("x", "98.5", None, "5"),
        ("y", None, "not_applicable", None),
        ("z", None, "not_submitted", None),
    ]
    assert goal["groups"] == [
        {
            "group": "a",
            "entries": 3,
            "missing": {"not_submitted": 1, "not_applicable": 1},
            "numbers": ["98.5"] * 5,
            "points": ["5"] * 5,
        }
    ]
    assert [(edge["number"], edge["at"]) for edge in goal["edges"]] == [("985/12", []), ("98.5", ["x"])]
    assert goal["moves"] == [
        {"entry": "x", "field": "spent", "by": "-0.5", "points": "5.031"},  # 98 %: 6 * 98.5 / 98 - 1
        {"entry": "x", "field": "spent", "by": "0.5", "points": "4.97"},
        {"entry": "x", "field": "planned", "by": "-1", "points": "4.94"},
        {"entry": "x", "field": "planned", "by": "1", "points": "5.062"},
    ]


@pytest.mark.parametrize(
    ("options", "status", "said"),
    [
        (["--criterion", "total"], 1, "'total' is no indicator of these rules (known: place, goal, steps"),
        (["--unit", "won=1"], 1, "--unit 'won': no field of these indicators (known: days, planned"),
        (["--unit", "days=0"], 2, "'0': give FIELD=UNIT, the unit above 0"),
        (["--within", "-1"], 2, "'-1': give a decimal number, 0 or more"),
    ],
)
def test_what_it_refuses(folder: Path, options: list[str], status: int, said: str) -> None:
    found = call(folder, *options)
    assert (found.exit_code, found.stdout) == (status, "")
    assert said in found.stderr


def test_rules_without_indicators(tmp_path: Path) -> None:
    found = call(write(tmp_path, FILES))
    assert found.exit_code == 1
    assert "these rules have no indicators (known: none)" in found.stderr
