"""`simsa simulate`: the walk of an officer who plans a panel, over processes and a cluster, and each refusal."""

from __future__ import annotations

import csv
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner, Result

from simsa.cli import main

RULES = """
simsa_rules = 1
[round]
id = "x"
name = { ko = "시험", en = "Trial" }
time_zone = "Asia/Seoul"
language = "en"
[[group]]
id = "a"
size = 8
quota = 1
[[group]]
id = "b"
size = 10
quota = 2
[panel]
size = 9
sheets_per_entry = 3
[missing]
not_submitted = "leave_out"
not_applicable = "leave_out"
abstained = "leave_out"
recused = "leave_out"
[[criterion]]
id = "total"
scale = { min = 0, max = 100, step = 1 }
panel = { method = "mean" }
[[tie_break]]
lot = true
"""
SLOW = ["--runs", "100000", "--method", "adaptive", "--size", "a=200", "--size", "b=200"]


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    (tmp_path / "rules.toml").write_text(RULES, "utf-8")
    return tmp_path / "rules.toml"


def call(*words: str | Path) -> Result:
    return CliRunner().invoke(main, ["simulate", *map(str, words)], catch_exceptions=False)


def refused(*words: str | Path) -> str:
    done = call(*words)
    assert done.exit_code in (1, 2), done.output
    return " ".join(done.stderr.split())


def test_the_table_the_picture_and_the_words_say_the_same(rules: Path) -> None:
    out, picture = rules.with_name("study.csv"), rules.with_name("study.svg")
    done = call(rules, "--runs", "2", "-o", out, "--picture", picture, "--workers", "1")
    assert done.exit_code == 0, done.output
    rows = list(csv.DictReader(out.open(encoding="utf-8")))
    assert [(row["reviews"], row["method"]) for row in rows] == [
        (str(reviews), method)
        for reviews in (3, 4)
        for method in ("tally", "mean", "trimmed_mean", "calibrated", "adaptive")
    ]
    assert {row["synthetic"] for row in rows} == {"synthetic"}
    assert "SYNTHETIC DATA" in done.stdout
    for row in rows:
        assert f"{100 * float(row['right']):.1f}%" in done.stdout
    assert done.stdout.count("± is a 95% interval.") == 1
    tree = ElementTree.parse(picture).getroot()
    said = " ".join(tree.itertext())
    assert "Synthetic data" in said
    assert f"mean {float(rows[1]['right']):.0%}" in said
    korean = call(rules, "--runs", "1", "--method", "mean", "--workers", "1", "--lang", "ko").stdout
    assert "평균" in korean
    assert "mean" not in korean


CLUSTER = """
import sys
from distributed import LocalCluster
with LocalCluster(n_workers=int(sys.argv[1]), threads_per_worker=1, processes=False, protocol="tcp://",
                  dashboard_address=None) as one:
    print(one.scheduler_address, flush=True)
    sys.stdin.read()
"""


@contextmanager
def dask(workers: int) -> Iterator[str]:
    """The address of a cluster that runs in a process of its own."""
    command = [sys.executable, "-c", CLUSTER, str(workers)]
    with subprocess.Popen(
        command, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            yield process.stdout.readline().strip()
        finally:
            process.kill()


@pytest.fixture(scope="module")
def cluster() -> Iterator[str]:
    with dask(workers=2) as address:
        yield address


@pytest.mark.long
def test_processes_and_a_cluster_give_the_same_table(rules: Path, cluster: str) -> None:
    asked = (rules, "--runs", "12", "--reviews", "3", "--method", "mean", "--method", "calibrated", "--json")
    here = json.loads(call(*asked, "--workers", "1").stdout)
    assert json.loads(call(*asked, "--workers", "2").stdout) == here
    assert json.loads(call(*asked, "--cluster", cluster).stdout) == here
    assert json.loads(call(*asked, "--workers", "2", "--seed", "other").stdout)["rows"] != here["rows"]


def test_a_cluster_that_is_not_there_is_named(rules: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("simsa.cli.simulation.spreading._PATIENCE", 1)
    assert "there is no answer from a Dask scheduler" in refused(rules, "--cluster", "tcp://127.0.0.1:9")
    assert "there is no answer from a Dask scheduler" in refused(rules, "--cluster", "nonsense://x")


def test_a_cluster_without_workers_is_named(rules: Path) -> None:
    with dask(workers=0) as address:
        assert "the cluster has no workers" in refused(rules, "--cluster", address)


def test_a_past_round_can_be_assumed(rules: Path) -> None:
    example = Path(__file__).parents[2] / "examples/proactive"
    found = json.loads(
        call(rules, "--fit", example, "--runs", "1", "--method", "mean", "--workers", "1", "--json").stdout
    )
    assert found["assumptions"]["erratic_share"] == 0
    assert 2 < found["assumptions"]["severity_sd"] < 8
    assert 4 < found["assumptions"]["entrant_sd"] < 14
    told = call(
        rules, "--fit", example, "--assume", "severity_sd=9", "--runs", "1", "--method", "mean", "--workers", "1"
    )
    assert "severity by 9.0" in told.stdout


def test_reviews_held_back_count(rules: Path) -> None:
    """Two for every entry first and 60 % held back are five on average."""
    held = RULES.replace("sheets_per_entry = 3", 'sheets_per_entry = 2\n[adaptive]\nheld_back = "0.6"')
    rules.write_text(held, "utf-8")
    found = json.loads(call(rules, "--runs", "1", "--method", "mean", "--workers", "1", "--json").stdout)
    assert [row["reviews"] for row in found["rows"]] == [5, 6]


def test_entries_can_come_from_a_table_or_from_sizes(rules: Path) -> None:
    table = rules.with_name("entries.csv")
    table.write_text("id,group\ne1,a\ne2,b\ne3,b\ne4,b\n", "utf-8")
    quick = ("--runs", "1", "--method", "mean", "--workers", "1")
    assert json.loads(call(rules, "--entries", table, *quick, "--json").stdout)["entries"] == 4
    assert json.loads(call(rules, "--size", "a=20", *quick, "--json").stdout)["entries"] == 30
    rules.write_text(RULES.replace("size = 8\n", ""), "utf-8")
    assert "the rules do not say how many entries group 'a' has" in refused(rules, *quick)


@pytest.mark.parametrize(
    ("words", "what"),
    [
        (["--size", "c=3"], "group 'c' is not in the rules (known: a, b)"),
        (["--size", "a=2.5"], "--size takes whole numbers from 1"),
        (["--size", "a"], "give NAME=NUMBER"),
        (["--reviews", "5-3"], "is no list of numbers"),
        (["--reviews", "many"], "is no list of numbers"),
        (["--reviews", "12"], "12 reviews of every entry by a panel of 9"),
        (["--assume", "mood=3"], "'mood' is nothing that is assumed; known: centre"),
        (["--assume", "severity_sd=x"], "give NAME=NUMBER"),
        (["--picture", "study.png"], "a picture is written as .svg"),
        (["-o", "study.doc"], "study.doc"),
        (["-o", "nowhere/study.csv"], "there is no folder"),
        (["--picture", "nowhere/study.svg"], "there is no folder"),
        (["--workers", "2", "--cluster", "tcp://x:1"], "give one of them"),
        (["--runs", "0"], "0 is not in the range"),
        (["--fit", "nowhere"], "nowhere"),
    ],
)
def test_what_cannot_be_asked_is_refused(rules: Path, words: list[str], what: str) -> None:
    assert what in refused(rules, *words)


def started(rules: Path, *words: str) -> tuple[subprocess.Popen[str], list[int]]:
    """The command in a process group of its own, with the processes that it has started."""
    command = [sys.executable, "-m", "simsa", "simulate", str(rules), *SLOW, "--workers", "2", *words]
    running = subprocess.Popen(
        command, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True
    )
    children: list[int] = []
    for _ in range(600):
        listed = Path(f"/proc/{running.pid}/task/{running.pid}/children").read_text().split()
        children = [int(pid) for pid in listed]
        if len(children) >= 2:
            break
        time.sleep(0.1)
    time.sleep(1)
    return running, children


def gone(pids: list[int]) -> bool:
    for _ in range(300):
        if not any(_alive(pid) for pid in pids):
            return True
        time.sleep(0.1)
    return False


def _alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="processes are looked at through /proc")
@pytest.mark.parametrize("way", [signal.SIGINT, signal.SIGKILL])
def test_stopped_in_the_middle_nothing_is_written_and_nobody_stays(rules: Path, way: signal.Signals) -> None:
    out = rules.with_name("study.csv")
    running, children = started(rules, "-o", str(out))
    assert len(children) >= 2
    if way is signal.SIGINT:
        os.killpg(running.pid, way)  # as a terminal does: all hear it
    else:
        running.kill()
    said, wrong = running.communicate(timeout=30)
    assert gone(children)
    assert not out.exists()
    if way is signal.SIGINT:
        assert (running.returncode, said, wrong.strip()) == (130, "", "stopped")
