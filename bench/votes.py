"""A public vote: 100,000 ballots on one database, beside plain durable commits of the same database in the same run.

Threads cast ballots and commit plain rows in turns; each database is new and as safe as it comes (PostgreSQL with
fsync, SQLite with synchronous=FULL). One voter in twenty tries again with another ballot, one in twenty sends the same
once more. In between ballots are sealed; in the end all are counted and held against what was cast. What a vote costs
the web process from the address to the answer is measured through the page itself. Then the same over HTTP, on
PostgreSQL with two web processes: voters with links, of whom some lose the answer and send their ballot again.

`python -m bench.votes --scale 0.05` casts fewer.
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import json
import statistics
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from bench.deadline import TOKEN, Client, Told
from bench.figure import Figure
from bench.served import DATABASES, Site, inside, new_database

VOTES, TURNS, THREADS, PAGES = 100_000, 10, 4, 200
SECONDS, CORES, SHARE = 600, 2, 0.5
ENTRIES, CLIENTS = 30, 48
CODES = [f"e{n}" for n in range(ENTRIES)]
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
    for database in DATABASES:
        with tempfile.TemporaryDirectory(prefix="simsa-bench-") as home:
            yield from _of(database, Path(home), scale)
    with tempfile.TemporaryDirectory(prefix="simsa-bench-") as home:
        yield from _served(DATABASES[0], Path(home), scale)


def _of(database: str, home: Path, scale: float) -> Iterator[Figure]:
    with new_database(database, home) as environment:
        found = inside("bench.votes", environment, "verb", str(round(VOTES * scale)))
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


def _measure(argument: str) -> dict[str, Any]:
    """In a process of its own, on the database that the environment names."""
    from django.db import connection, connections  # noqa: PLC0415

    from simsa.engine.votes import ballot_of  # noqa: PLC0415
    from simsa.record.commitments import new_secret  # noqa: PLC0415
    from simsa.web.votes.services import AlreadyVotedError, cast, seal_ballots  # noqa: PLC0415

    number, (vote, rules) = int(argument), _opened()
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE plain (id integer, content text)")
    row, expected, names = "x" * 500, Counter[str](), set[str]()

    def plain(n: int) -> None:
        with connection.cursor() as cursor:
            cursor.execute("INSERT INTO plain VALUES (%s, %s)", [n, row])

    def one(n: int) -> None:
        said, secret, who = ballot_of(rules, CODES, chosen_by(n), {}), new_secret(), f"{n:064d}"
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
    expected[CODES[0]] += 3 * (PAGES + 1)
    found: dict[str, Any] = {name: statistics.median(each) for name, each in rates.items()}
    return {**found, **_held_against(vote, names, expected, turn * TURNS + PAGES + 1), "pages": pages}


def _opened() -> tuple[Any, Any]:
    """A vote of the public that is open, and its rules."""
    from django.core.management import call_command  # noqa: PLC0415 (after Django's set-up)

    from simsa.web.entries.services import EntryRow, import_entries  # noqa: PLC0415
    from simsa.web.programmes.services import open_round, publish_round  # noqa: PLC0415
    from simsa.web.votes.models import Vote  # noqa: PLC0415
    from simsa.web.votes.services import open_vote  # noqa: PLC0415

    call_command("migrate", verbosity=0)
    round_ = publish_round(open_round(RULES))
    import_entries(round_, [EntryRow(code, "a", code) for code in CODES])
    opened = open_vote(round_)
    vote = Vote.objects.select_related("round").get(pk=opened.pk)
    return vote, vote.round.rules.vote


def chosen_by(n: int) -> list[str]:
    """Whom a voter chooses, in order."""
    return list(dict.fromkeys(CODES[(n * step + n // 7) % ENTRIES] for step in (1, 3, 5)))


def _held_against(vote: Any, names: set[str], expected: Mapping[str, int], number: int) -> dict[str, Any]:
    """The vote closed and counted, and what of `number` ballots was lost or doubled; `names`: of those that were
    answered."""
    from simsa.web.entries.models import ReportedNumber  # noqa: PLC0415 (after Django's set-up)
    from simsa.web.votes.models import Ballot, Participation  # noqa: PLC0415
    from simsa.web.votes.services import rule_aside, running, waiting  # noqa: PLC0415

    kept = set(Ballot.objects.values_list("name", flat=True))
    running.window = lambda _round: (vote.opened_at, vote.opened_at)  # the vote is over
    began = time.perf_counter()
    closed = running.close_vote(vote.round)
    for aside in waiting(closed):  # all clients are on one machine
        rule_aside(aside, True, "a benchmark", actor="system")
    closed = running.count_vote(vote.round)
    taken = time.perf_counter() - began
    reported = ReportedNumber.objects.filter(entry__round=vote.round, field="vote_points")
    points = {code: int(told) for code, told in reported.values_list("entry__entrant__code", "number")}
    wrong = sum(abs(points[code] - expected[code]) for code in CODES)
    lost = len(names - kept) + abs(number - closed.counted) + wrong
    doubled = abs(len(kept) - number) + abs(Participation.objects.count() - number)
    return {"cast": number, "lost": lost, "doubled": doubled, "close_s": taken}


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


# Over HTTP.


def _served(database: str, home: Path, scale: float) -> Iterator[Figure]:
    """Voters with links, at the site as it is served: some go through all three pages, the others send their ballot."""
    number = round(VOTES * scale)
    with new_database(database, home, SIMSA_THREADS=str(THREADS)) as environment:
        made = inside("bench.votes", environment, "prepare", str(number))
        site, told = Site(database, home, environment, CORES, THREADS), Told()
        rates: dict[str, float] = {}
        try:
            asyncio.run(site.run(_crowd(site.port, number, made["keys"], told, rates)))
        finally:
            site.stop()
        answered = home / "answered"
        answered.write_text("\n".join(_secret(n).hex() for n in range(number)))
        found = inside("bench.votes", environment, "check", str(answered))
    waits = sorted(told.waits)
    how = (
        f"{database}, {number} voters, {CLIENTS} at once, {CORES} web processes with {THREADS} threads; clients beside"
    )
    needed = VOTES / SECONDS
    name = f"ballots cast per second over HTTP ({database})"
    holds = rates["cast"] >= needed
    yield Figure(name, rates["cast"], "1/s", how, goal=f">= {needed:.0f}/s: 100,000 in 10 minutes", holds=holds)
    yield Figure(f"voters per second through all three pages ({database})", rates["way"], "1/s", how)
    yield Figure(f"99th percentile of casting over HTTP ({database})", waits[int(0.99 * len(waits))], "s", how)
    wrong = found["lost"] + found["doubled"]
    said = f"{how}; {dict(told.statuses)}"
    yield Figure(f"votes lost or doubled over HTTP ({database})", wrong, "", said, goal="0", holds=wrong == 0)


async def _crowd(port: int, number: int, keys: Mapping[str, str], told: Told, rates: dict[str, float]) -> None:
    """One voter in ten goes through all pages. One in twenty sends the same ballot once more, one another one."""
    page = "/ko/votes/voting/"
    await asyncio.gather(*(Client(port, Told()).ask("page", "GET", page, "") for _ in range(64)))  # none is new to it
    way = number // 10
    for name, first, last in (("way", 0, way), ("cast", way, number)):
        waiting = iter(range(first, last))
        began = time.monotonic()
        await asyncio.gather(*(_voters(waiting, Client(port, told), keys, whole=name == "way") for _ in range(CLIENTS)))
        rates[name] = (last - first) / (time.monotonic() - began)


async def _voters(waiting: Iterator[int], client: Client, keys: Mapping[str, str], *, whole: bool) -> None:
    kind = {"Content_Type": "application/x-www-form-urlencoded", "Accept_Language": "ko"}
    for n in waiting:
        path, cookie = f"/ko/votes/ballots/voter-{n}/", f"csrftoken={TOKEN}; simsa_voter=device-{n}"
        about = {**kind, "X_Forwarded_For": f"10.{n % 250}.{n // 250 % 250}.1"}
        chosen = [("chosen", keys[code]) for code in chosen_by(n)]
        if whole:
            await client.ask("ballot", "GET", path, cookie, **about)
            await client.ask("check", "POST", path, cookie, urlencode([*chosen, ("do", "check")]).encode(), **about)
        filled = urlencode([*chosen, ("do", "cast"), ("secret", _secret(n).hex())]).encode()
        other = urlencode([*chosen, ("do", "cast"), ("secret", _secret(-1 - n).hex())]).encode()
        for again in range(3):  # an answer that is lost is asked for again
            began = time.monotonic()
            answer = await client.ask("cast", "POST", path, cookie, filled, **about)
            client.told.waits.append(time.monotonic() - began)
            if answer is not None and answer[0] == 200 and (again or n % 20):
                break
        if n % 20 == 10:
            await client.ask("cast", "POST", path, cookie, other, **about)
    client.close()


def _secret(n: int) -> bytes:
    """Of a voter's ballot; below 0: of the second one that they try."""
    return hashlib.sha256(f"voter {n}".encode()).digest()


def _prepare(argument: str) -> dict[str, Any]:
    """An open vote, and a link for every voter."""
    from django.utils import timezone  # noqa: PLC0415 (after Django's set-up)

    from simsa.web.votes.identities import digest  # noqa: PLC0415
    from simsa.web.votes.models import VoterLink  # noqa: PLC0415

    vote, _rules = _opened()
    links = (
        VoterLink(vote=vote, identity=f"voter {n}", digest=digest(f"voter-{n}"), invited=True, sent_at=timezone.now())
        for n in range(int(argument))
    )
    VoterLink.objects.bulk_create(links, batch_size=5000)
    return {"keys": {code: str(pk) for code, pk in vote.candidates.values_list("entry__entrant__code", "pk")}}


def _check(answered: str) -> dict[str, Any]:
    """The vote closed and counted, and held against what voters were told."""
    from simsa.record.ballots import ballot_name  # noqa: PLC0415
    from simsa.web.votes.models import Vote  # noqa: PLC0415

    vote = Vote.objects.select_related("round__log").get()
    names = {ballot_name(bytes.fromhex(secret)) for secret in Path(answered).read_text().split()}
    expected = Counter[str]()
    for n in range(len(names)):
        expected.update({code: 3 - place for place, code in enumerate(chosen_by(n))})
    return _held_against(vote, names, expected, len(names))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scale", type=float, default=1.0, help="of the number of votes")
    parser.add_argument("--inside", nargs=2, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.inside:
        import django  # noqa: PLC0415 (reads the environment)

        django.setup()
        what, argument = options.inside
        made = {"verb": _measure, "prepare": _prepare, "check": _check}[what](argument)
        print(json.dumps(made))
        return 0
    found = []
    for figure in figures(options.scale):
        found.append(figure)
        print(json.dumps(asdict(figure), ensure_ascii=False), flush=True)
    return 0 if all(figure.holds is not False for figure in found) else 1


if __name__ == "__main__":
    sys.exit(main())
