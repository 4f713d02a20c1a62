"""Saving sheets on the site: `submit_sheet` beside plain durable commits of the same database, in turns in one run.

Each database is new and as safe as it comes: SQLite with synchronous=FULL, PostgreSQL with fsync. A plain commit is one
row of a sheet's size, written through the same connection. What a save holds besides: the sheet, its leaf, its opening,
the slot's new version, and a signed promise. While a sheet is written its draft is saved again and again: that is
measured through the page's own address.
"""

from __future__ import annotations

import json
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from bench.figure import Figure
from bench.served import DATABASES, inside, new_database

CALLS, TURNS, STATEMENTS, SHARE, SITTING = 160, 7, 5, 0.5, 20


def figures() -> Iterator[Figure]:
    for database in reversed(DATABASES):
        with tempfile.TemporaryDirectory(prefix="simsa-bench-") as home:
            yield from _of(database, Path(home))


def _of(database: str, home: Path) -> Iterator[Figure]:
    with new_database(database, home) as environment:
        found = inside("bench.record_site", environment)
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
    ratio = found["drafts"] / found["plain"]
    yield Figure(
        f"autosaves of a sheet per second, through the whole site ({database})",
        found["drafts"],
        "1/s",
        f"{how}; PUT of a draft with a session, through WSGI handler and middleware, without a network",
        peer=f"{found['plain']:.0f}/s plain durable commits",
        ratio=ratio,
    )
    yield Figure(f"CPU of one autosave ({database})", found["draft_cpu_ms"], "ms", "of the site's process")
    name = f"statements of one autosave ({database})"
    yield Figure(name, found["draft_statements"], "", "BEGIN and COMMIT left out")
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
    import_reviewers(round_, [ReviewerRow("p", "p"), ReviewerRow("q", "q")])
    assigned = assign_as_given(round_, [(code, reviewer) for reviewer in "pq" for code in codes])
    slots, writes = assigned[:CALLS], _writer(round_, assigned[CALLS:])
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

    def draft(n: int) -> None:
        writes(n, marks(n + versions[n]), versions[n])
        versions[n] += 1

    versions = [0] * CALLS
    draft(0)
    with CaptureQueriesContext(connection) as asked:
        draft(0)
    of_draft = _ours(asked)
    submit(0)  # reads the rules and the key, once in a process
    with CaptureQueriesContext(connection) as asked:
        submit(0)
    of_sheet = _ours(asked)
    rates: dict[str, list[float]] = {"plain": [], "submit": [], "together": [], "drafts": [], "sequenced": []}
    for _ in range(TURNS):
        rates["plain"].append(_rate(plain))
        rates["submit"].append(_rate(submit))
        rates["together"].append(_rate(together))
        rates["drafts"].append(_rate(draft))
        waiting = Leaf.objects.filter(position__isnull=True).count()
        began = time.perf_counter()
        sequence_waiting()
        rates["sequenced"].append(waiting / (time.perf_counter() - began))
    found: dict[str, float] = {name: statistics.median(each) for name, each in rates.items()}
    for name, call in (("cpu_ms", submit), ("draft_cpu_ms", draft)):
        began = time.process_time()
        _rate(call)
        found[name] = 1000 * (time.process_time() - began) / CALLS
    print(json.dumps({**found, "statements": of_sheet, "draft_statements": of_draft}))


def _writer(round_: Any, slots: list[Any]) -> Callable[[int, dict[str, str], int], None]:
    """Saves the draft of a sheet as its page does while a reviewer writes: PUT, with the version last seen."""
    from django.conf import settings  # noqa: PLC0415 (after Django's set-up)
    from django.test import Client, RequestFactory  # noqa: PLC0415

    from simsa.web.accounts.models import User  # noqa: PLC0415
    from simsa.web.programmes.services import give_role  # noqa: PLC0415
    from simsa.web.site.wsgi import application  # noqa: PLC0415

    person, visitor, token = User.objects.create_user("q@example.org"), Client(), "a" * 32
    give_role(round_.programme, round_, "reviewer", person, "q")
    visitor.force_login(person, backend="simsa.web.accounts.sessions.Accounts")
    cookie = f"{settings.SESSION_COOKIE_NAME}={visitor.cookies[settings.SESSION_COOKIE_NAME].value}; csrftoken={token}"
    about = {"SERVER_NAME": "127.0.0.1", "HTTP_COOKIE": cookie, "HTTP_X_CSRFTOKEN": token}

    def write(n: int, marks: dict[str, str], version: int) -> None:
        data = json.dumps({"values": {f"mark/{leaf}": mark for leaf, mark in marks.items()}})
        path, seen = f"/ko/panel/sheets/{slots[n].name}/draft/", f'"{version}"'
        made = RequestFactory().generic("PUT", path, data, "application/json", HTTP_IF_MATCH=seen, **about)
        statuses: list[str] = []
        answer = application(made.environ, lambda status, _headers: statuses.append(status))
        said = b"".join(answer)
        answer.close()
        assert statuses == ["200 OK"], (statuses, said)

    return write


def _ours(asked: Any) -> int:
    return sum(not one["sql"].startswith(("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE")) for one in asked)


def _rate(call: Callable[[int], None]) -> float:
    began = time.perf_counter()
    for n in range(CALLS):
        call(n)
    return CALLS / (time.perf_counter() - began)


if __name__ == "__main__":
    _measure()
