"""`simsa diagnose` on tables: words, JSON, tables, and each refusal."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result

from simsa.cli import main
from tests.rules.small import SMALL


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Nine reviewers of three countries on 36 entries; R4 adds three points to its own country's."""
    random = np.random.default_rng(3)
    (tmp_path / "rules.toml").write_text(SMALL, "utf-8")
    entries = [("id", "group", "country"), *((f"e{n}", "ab"[n % 2], "XYZ"[n // 2 % 3]) for n in range(36))]
    reviewers = [("id", "country"), *((f"R{n}", f"{'XYZ'[n % 3]};W") for n in range(9))]
    rows: list[tuple[str, ...]] = [("entry", "reviewer", "criterion", "mark", "time")]
    for n in range(36):
        level = random.integers(3, 7)
        for r in range(9):
            bonus = 3 * (r == 4 and n // 2 % 3 == 1)
            time = f"2026-03-0{1 + n % 3}T{8 + (n * 7 + r * 5) % 10:02d}:00"
            rows += [
                (f"e{n}", f"R{r}", leaf, str(level + bonus + random.choice([-0.5, 0, 0.5])), time)
                for leaf in ("idea", "work")
            ]
    for name, table in (("entries", entries), ("reviewers", reviewers), ("sheets", rows)):
        with (tmp_path / f"{name}.csv").open("w", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows(table)
    return tmp_path


def call(folder: Path, *options: str) -> Result:
    files = [word for name in ("entries", "sheets") for word in (f"--{name}", str(folder / f"{name}.csv"))]
    return CliRunner().invoke(main, ["diagnose", "--rules", str(folder / "rules.toml"), *files, *options])


def panel(folder: Path) -> tuple[str, str]:
    return "--reviewers", str(folder / "reviewers.csv")


def test_everything_as_json(folder: Path) -> None:
    done = call(folder, *panel(folder), "--json")
    assert done.exit_code == 0, done.output
    result = json.loads(done.stdout)
    origin = result["origins"][0]
    assert origin["field"] == "country"
    assert origin["reviewers"]["found"] == ["R4"]
    assert origin["same_origin"] == 9 * 12
    assert origin["overall"]["low"] < origin["overall"]["estimate"] < origin["overall"]["high"]
    assert result["session"]["overall"]["low"] < 0 < result["session"]["overall"]["high"]
    assert result["order"]["same_for_all"] is False
    assert result["not_made"] == []
    assert result["identical_sheets"]["tests"] == 36


def test_in_words_and_as_tables(folder: Path) -> None:
    done = call(folder, *panel(folder), "--lang", "en", "-o", str(folder / "out"))
    assert done.exit_code == 0, done.output
    assert "Diagnostics change no result and accuse nobody" in done.stdout
    assert "R4" in done.stdout
    assert {path.name for path in (folder / "out").iterdir()} == {
        "diagnosis-reviewers.csv", "diagnosis-differences.csv", "diagnosis-pairs.csv", "diagnosis-panels.csv",
    }  # fmt: skip
    assert "국가" in call(folder, *panel(folder), "--lang", "ko").stdout


def test_criteria_can_be_weighted_and_the_level_chosen(folder: Path) -> None:
    def estimate(*options: str) -> float:
        result = json.loads(call(folder, *panel(folder), "--json", *options).stdout)
        return float(result["origins"][0]["overall"]["estimate"])

    idea, work = estimate("--criterion", "idea"), estimate("--criterion", "work")
    assert estimate("--criterion", "idea=2") == pytest.approx(2 * idea, rel=1e-4)
    both = estimate("--criterion", "idea", "--criterion", "work")
    assert min(idea, work) < both / 2 < max(idea, work)
    assert json.loads(call(folder, "--json", "--level", "0.2").stdout)["level"] == 0.2


def test_without_reviewers_it_says_what_cannot_be_looked_at(folder: Path) -> None:
    done = call(folder, "--lang", "en")
    assert done.exit_code == 0, done.output
    assert "share no field" in done.stdout


@pytest.mark.parametrize(
    ("options", "status", "message"),
    [
        (("--origin", "city"), 1, "have no 'city'"),
        (("--origin", "=x"), 2, "FIELD"),
        (("--criterion", "beauty"), 1, "'beauty' has no marks"),
        (("--criterion", "idea=much"), 2, "decimal number"),
        (("--level", "1.5"), 2, "level"),
    ],
)
def test_refusals(folder: Path, options: tuple[str, ...], status: int, message: str) -> None:
    done = call(folder, *panel(folder), *options)
    assert done.exit_code == status
    assert message in done.output
