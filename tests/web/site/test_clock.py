"""The clock: each piece of work when it is due, once however many clocks there are, whatever else fails."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import threading
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connections

from simsa.web.periodic import Periodic
from simsa.web.site.clock import periodic_work, tick
from simsa.web.site.models import Beat
from simsa.web.site.regular import clock_thread

NOW = datetime(2026, 5, 1, 9, 0, tzinfo=UTC)


@pytest.mark.django_db
def test_work_is_done_when_it_is_due_and_a_failure_stops_nothing(caplog):
    done: list[str] = []

    def fail() -> None:
        raise RuntimeError("the feed is away")

    work = (
        Periodic("a.fails", timedelta(minutes=1), fail),
        Periodic("b.minute", timedelta(minutes=1), lambda: done.append("b")),
        Periodic("c.hour", timedelta(hours=1), lambda: done.append("c")),
    )
    assert tick(NOW, work) == ["b.minute", "c.hour"]
    assert tick(NOW + timedelta(seconds=59), work) == []
    assert tick(NOW + timedelta(seconds=60), work) == ["b.minute"]
    assert done == ["b", "c", "b"]
    assert [record.getMessage() for record in caplog.records].count(
        "periodic work a.fails failed; it is due again in 0:01:00"
    ) == 2
    assert dict(Beat.objects.values_list("name", "due"))["c.hour"] == NOW + timedelta(hours=1)


@pytest.mark.django_db(transaction=True)
def test_of_many_clocks_one_does_the_work():
    done: list[int] = []
    work = (Periodic("a.once", timedelta(hours=1), lambda: done.append(1)),)
    start = threading.Barrier(4)

    def clock() -> None:
        start.wait()
        tick(NOW, work)
        connections.close_all()

    clocks = [threading.Thread(target=clock) for _ in range(4)]
    for one in clocks:
        one.start()
    for one in clocks:
        one.join()
    assert done == [1]


@pytest.mark.django_db(transaction=True)
def test_the_thread_ticks_until_it_is_stopped(monkeypatch):
    seen = threading.Event()
    monkeypatch.setattr("simsa.web.site.clock.periodic_work", lambda: (Periodic("a.x", timedelta(days=1), seen.set),))
    clock = clock_thread()
    clock.start()
    assert seen.wait(5)
    clock.stop(5)
    assert not clock.is_alive()


def test_every_piece_of_work_has_a_name_of_its_own():
    names = [work.name for work in periodic_work()]
    assert len(set(names)) == len(names)
    assert all(work.every >= timedelta(seconds=5) for work in periodic_work())


@pytest.mark.own_database
@pytest.mark.long
def test_the_command_ends_when_it_is_told_to(tmp_path, migrated):
    if migrated and migrated.exists():
        shutil.copyfile(migrated, tmp_path / "simsa.sqlite3")  # saves most of what is to be migrated
    settings = {"SIMSA_HOME": str(tmp_path), "DJANGO_SETTINGS_MODULE": "simsa.web.site.settings", "DATABASE_URL": ""}
    command = [sys.executable, "-m", "simsa.web.site"]
    subprocess.run([*command, "migrate", "--verbosity", "0"], env=os.environ | settings, check=True)
    clock = subprocess.Popen([*command, "clock"], env=os.environ | settings, stdout=subprocess.PIPE, text=True)
    assert clock.stdout is not None
    assert clock.stdout.readline() == "the clock is running\n"
    clock.send_signal(signal.SIGTERM)
    assert clock.wait(30) == 0
