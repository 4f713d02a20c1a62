import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from simsa.cli import main
from simsa.rules import load, parse
from tests.rules.complete import LEVELLED
from tests.rules.small import SMALL, changed

PROACTIVE = str(Path(__file__).parents[2] / "examples/proactive/rules.toml")


def call(*words: str, stdin: str | None = None) -> Result:
    return CliRunner().invoke(main, list(words), input=stdin, catch_exceptions=False)


def test_check_says_what_it_found() -> None:
    done = call("rules", "check", PROACTIVE)
    assert done.exit_code == 0
    assert "적극행정 성과평가 2023년 상반기: valid (4 groups, 7 criteria" in done.stdout
    assert load(PROACTIVE).hash in done.stdout


def test_check_reads_standard_input_and_speaks_json() -> None:
    done = call("rules", "check", "-", "--json", stdin=SMALL)
    assert json.loads(done.stdout) == {
        "valid": True,
        "id": "small",
        "rules_hash": parse(SMALL).hash,
        "groups": 2,
        "criteria": 3,
        "marked_leaves": 2,
        "indicators": 0,
        "tie_breaks": 2,
    }


def test_a_refused_file_names_each_fault_and_exits_with_1() -> None:
    broken = changed("quota = 1", "quota = 9", changed('weight = "0.4"', 'weight = "0.5"'))
    done = call("rules", "check", "-", stdin=broken)
    assert done.exit_code == 1
    assert "standard input: 2 problems" in done.stderr
    assert "group[1].quota: is 9, but the group has 4" in done.stderr
    assert done.stdout == ""
    told = json.loads(call("rules", "check", "-", "--json", stdin=broken).stdout)["error"]
    assert told["kind"] == "RulesError"
    assert [problem["key"] for problem in told["problems"]] == ["criterion[1]", "group[1].quota"]
    assert told["problems"][1]["line"] == 12


def test_hash_is_the_hash_of_the_canonical_form() -> None:
    import hashlib

    canonical = call("rules", "show", "--canonical", PROACTIVE).stdout_bytes
    assert call("rules", "hash", PROACTIVE).stdout.strip() == hashlib.sha256(canonical).hexdigest()


@pytest.mark.parametrize(("language", "word"), [("ko", "종합점수"), ("en", "Excellent cases")])
def test_show_reads_the_rules_back_in_words(language: str, word: str) -> None:
    done = call("rules", "show", PROACTIVE, "--lang", language)
    assert done.exit_code == 0
    assert word in done.stdout
    assert load(PROACTIVE).hash in done.stdout


def test_show_tells_levels_and_anchors(tmp_path: Path) -> None:
    (tmp_path / "rules.toml").write_text(LEVELLED, encoding="utf-8")
    done = call("rules", "show", str(tmp_path / "rules.toml"), "--lang", "en")
    assert "수=95 A+=87.5 가=-1" in done.stdout
    assert "0–10 (0.5)" in done.stdout
    assert "10 Outstanding" in done.stdout


def test_a_file_that_is_not_there() -> None:
    done = call("rules", "check", "nowhere.toml")
    assert done.exit_code == 1
    assert "nowhere.toml" in done.stderr
    assert "Traceback" not in done.stderr
