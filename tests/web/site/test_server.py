"""`simsa serve` as a person meets it: one command, a free port, pages and background work, a clean stop."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import sqlite3
import stat
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner
from django_tasks import task

from simsa.web.site import commands
from simsa.web.site.server import PortTakenError, TaskThread, listen

SERVE = "import sys; from simsa.web.site.commands import serve; serve(sys.argv[1:])"


@task()
def add(one: int, other: int) -> int:
    return one + other


def test_without_a_port_the_next_free_one_is_taken(monkeypatch):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        monkeypatch.setattr("simsa.web.site.server.PORT", taken.getsockname()[1])
        with listen("127.0.0.1", None) as bound:
            assert taken.getsockname()[1] < bound.getsockname()[1] < taken.getsockname()[1] + 50


def test_a_port_that_was_asked_for_is_not_replaced():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(PortTakenError, match=str(port)):
            listen("127.0.0.1", port)
        told = CliRunner().invoke(commands.serve, ["--port", str(port)])
        assert told.exit_code == 1
        assert f"port {port} of 127.0.0.1 is taken; choose another with --port" in told.output


@pytest.mark.parametrize("command", [commands.serve, commands.demo])
def test_help_has_examples(command):
    told = CliRunner().invoke(command, ["--help"])
    assert told.exit_code == 0
    assert "Examples:" in told.output


@pytest.mark.django_db(transaction=True)
def test_background_thread_works_and_stops():
    waiting = add.enqueue(2, 3)
    thread = TaskThread()
    thread.start()
    for _ in range(100):
        waiting.refresh()
        if waiting.is_finished:
            break
        time.sleep(0.1)
    thread.stop()
    assert waiting.return_value == 5
    assert not thread.is_alive()


def without_settings():
    ours = ("SIMSA_", "DATABASE_", "DJANGO_")
    return {name: value for name, value in os.environ.items() if not name.startswith(ours)}


@pytest.fixture
def served(tmp_path, migrated):
    """The command in a process of its own, with a data folder that it completes, until its first answer."""
    if migrated and migrated.exists():
        (tmp_path / "home").mkdir(mode=0o700)
        shutil.copyfile(migrated, tmp_path / "home" / "simsa.sqlite3")  # saves most of what is to be migrated
        (tmp_path / "home" / "simsa.sqlite3").chmod(0o600)
    process = subprocess.Popen(
        [sys.executable, "-c", SERVE, "--port", "0", "--home", str(tmp_path / "home")],
        env=without_settings(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    said = ""
    while not (found := re.search(r"simsa is at (http://\S+)/ ", said)):
        line = process.stdout.readline()
        assert line, f"the server ended: {said}"
        said += line
    yield found[1], tmp_path / "home", process
    if process.poll() is None:
        process.kill()
    process.stdout.close()
    process.wait()


def stopped(command, home):
    """What `simsa serve` or `simsa demo` says of a data folder that it cannot work with, in a process of its own."""
    start = f"import sys; from simsa.web.site.commands import {command}; {command}(sys.argv[1:])"
    asked = [sys.executable, "-c", start, "--port", "0", "--home", str(home)]
    return subprocess.run(asked, env=without_settings(), capture_output=True, text=True, timeout=120, check=False)


@pytest.mark.own_database
@pytest.mark.parametrize(
    ("command", "remedy"),
    [
        ("demo", "delete or rename that folder, and start the demo again"),
        ("serve", "serve it with that version, or name another folder with --home"),
    ],
)
def test_data_of_another_version_are_refused_in_one_sentence_and_kept(tmp_path, command, remedy):
    file = tmp_path / "simsa.sqlite3"
    with closing(sqlite3.connect(file)) as database:
        database.execute("CREATE TABLE django_migrations (id INTEGER PRIMARY KEY, app TEXT, name TEXT, applied TEXT)")
        database.execute("INSERT INTO django_migrations VALUES (1, 'awards', '0001_initial', '2024-01-01')")
        database.commit()
    told = stopped(command, tmp_path)
    assert told.returncode == 1
    [line] = told.stderr.splitlines()
    assert line.startswith(f"Error: The data in {tmp_path} were made by another version of simsa (Migration awards.0")
    assert line.endswith(f"): {remedy}.")
    with closing(sqlite3.connect(file)) as database:
        assert database.execute("SELECT name FROM sqlite_master").fetchall() == [("django_migrations",)]


@pytest.mark.own_database
def test_serve(served):
    address, home, process = served
    page = urllib.request.urlopen(f"{address}/ko/").read().decode()
    style = re.search(r'href="(/static/simsa/simsa\.[0-9a-f]{12}\.css)"', page)[1]
    asked = urllib.request.Request(address + style, headers={"Accept-Encoding": "gzip"})
    with urllib.request.urlopen(asked) as answer:
        assert answer.headers["Content-Encoding"] == "gzip"
        assert "immutable" in answer.headers["Cache-Control"]
    with pytest.raises(urllib.error.HTTPError, match="404"):
        urllib.request.urlopen(f"{address}/secret-key")
    assert stat.S_IMODE(home.stat().st_mode) == 0o700
    assert all(stat.S_IMODE(file.stat().st_mode) & 0o077 == 0 for file in home.iterdir())
    process.send_signal(signal.SIGTERM)
    assert process.wait(30) == 0
    assert not list(Path(home).glob("simsa.sqlite3-wal"))
