"""The last minutes before a deadline: 243 entrants upload 50 MB each while 250 drafts a second are saved.

The site runs as it would: on PostgreSQL three web processes with the background ones beside, on SQLite `simsa serve`
alone. Clients speak tus over real connections, each as fast as a good line, and break off at random in the middle of a
piece. Saves come at a steady rate, whatever is answered; each counts from the moment at which it was due. Afterwards
every file is read back from where it lies.

`python -m bench.deadline --scale 0.05` has fewer of everything but the size of a file.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import hashlib
import io
import json
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from bench.figure import Figure
from bench.served import Site, inside, new_database

ENTRANTS, SIZE, SAVES, SECONDS = 243, 50_000_000, {"PostgreSQL": 250, "SQLite": 50}, 600
THREADS, PROCESSES = 12, 3
LINE, PIECE = 5_000_000, 4_000_000
"""Bytes a second of one client, and the most that it sends in one request."""
BREAKS = 0.15
"""Of the requests of an upload are broken off."""
MEMORY = 600
"""Megabytes that a web process may take."""
TOKEN = "a" * 32


@dataclass
class Told:
    """What the clients saw."""

    statuses: Counter[str] = field(default_factory=Counter)
    waits: list[float] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    broken: int = 0
    sent: int = 0


@cache
def _base() -> bytes:
    """A document of one page, and of noise that no page shows, in which an entrant's number can be replaced."""
    import pikepdf  # noqa: PLC0415 (not where the site runs)

    made, file = io.BytesIO(), pikepdf.new()
    file.add_blank_page()
    file.docinfo["/Title"] = "entrant 000000"
    file.Root.Noise = pikepdf.Stream(file, random.Random(2023).randbytes(SIZE - 2000))
    file.save(made, compress_streams=False, deterministic_id=True, object_stream_mode=pikepdf.ObjectStreamMode.disable)
    return made.getvalue()


def content_of(n: int) -> bytes:
    """A file of entrant `n`, like no other's."""
    return _base().replace(b"entrant 000000", b"entrant %06d" % n, 1)


class Client:
    """HTTP/1.1 over one connection, for one entrant or (saves) for whoever it is asked for."""

    def __init__(self, port: int, told: Told) -> None:
        self.port, self.told = port, told
        self.streams: Any = None

    async def ask(self, what: str, method: str, path: str, cookie: str, data: bytes = b"", **headers: Any) -> Any:
        """The status and headers of the answer; None where the connection was lost."""
        said = {"Host": "127.0.0.1", "Cookie": cookie, "X-CSRFToken": TOKEN, "Content-Length": len(data), **headers}
        lines = [f"{method} {path} HTTP/1.1", *(f"{name.replace('_', '-')}: {value}" for name, value in said.items())]
        broken_at = headers.pop("broken_at", None)
        try:
            if self.streams is not None and self.streams[0].at_eof():  # it was idle for too long
                self.close()
            if self.streams is None:
                self.streams = await asyncio.open_connection("127.0.0.1", self.port)
            reader, writer = self.streams
            writer.write("\r\n".join([line for line in lines if "broken-at" not in line] + ["", ""]).encode())
            for start in range(0, len(data), 262_144):
                if broken_at is not None and start >= broken_at:
                    writer.transport.abort()
                    self.streams = None
                    return None
                writer.write(data[start : start + 262_144])
                await writer.drain()
                await asyncio.sleep(262_144 / LINE)
            head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
            found = dict(line.split(": ", 1) for line in head[1:] if line)
            await reader.readexactly(0 if method == "HEAD" else int(found.get("Content-Length", 0)))
        except (OSError, asyncio.IncompleteReadError):
            self.close()
            return None
        status = int(head[0].split()[1])
        self.told.statuses[f"{what} {status}"] += 1
        if found.get("Connection") == "close":
            self.close()
        return status, found

    def close(self) -> None:
        if self.streams is not None:
            self.streams[1].close()
        self.streams = None


async def upload(n: int, entry: int, cookie: str, port: int, told: Told, starts: float) -> None:
    """One file, to the end, through every break."""
    await asyncio.sleep(starts)
    chance, content, client, tus = random.Random(n), content_of(n), Client(port, told), {"Tus_Resumable": "1.0.0"}
    name = base64.b64encode(f"{n}.pdf".encode()).decode()
    path, offset = "", 0
    while offset < len(content):
        if not path:
            meta = {"Upload_Length": len(content), "Upload_Metadata": f"filename {name}"}
            answer = await client.ask("create", "POST", f"/ko/entries/{entry}/uploads/", cookie, **tus, **meta)
            path = answer[1].get("Location", "") if answer else ""
            await asyncio.sleep(0 if path else 1)
            continue
        piece = content[offset : offset + chance.randrange(PIECE // 4, PIECE)]
        broken_at = chance.randrange(len(piece)) if chance.random() < BREAKS else None
        told.broken += broken_at is not None
        kind = {"Content_Type": "application/offset+octet-stream", "Upload_Offset": offset, "broken_at": broken_at}
        answer = await client.ask("piece", "PATCH", path, cookie, piece, **tus, **kind)
        if answer and answer[0] == 204:
            offset = int(answer[1]["Upload-Offset"])
            continue
        await asyncio.sleep(chance.uniform(0.5, 1.5) * (2 if answer else 0.3))
        answer = await client.ask("look", "HEAD", path, cookie, **tus)
        if answer and answer[0] == 200:
            there = int(answer[1]["Upload-Offset"])
            if there < offset:
                told.faults.append(f"{n}: {offset} bytes were acknowledged, and {there} are there")
            offset = there
    told.sent += 1
    client.close()


@dataclass
class Writer:
    """An entrant's officer who writes: the field is saved again and again, with the version that was seen last."""

    path: str
    cookie: str
    version: int = 0


async def save(writer: Writer, client: Client, due: float, told: Told) -> None:
    """One save, counted from when it was due."""
    kind = {"Content_Type": "application/x-www-form-urlencoded"}
    value = f"{writer.version} " + "growth " * 100
    data = f"name=text/total&version={writer.version}&value={value}".encode()
    answer = await client.ask("save", "POST", writer.path, writer.cookie, data, **kind)
    if answer is None:  # a connection that was idle, and ended as it was taken up again: the page sends it once more
        told.broken += 1
        answer = await client.ask("save", "POST", writer.path, writer.cookie, data, **kind)
    told.waits.append(time.monotonic() - due)
    if answer is None or answer[0] != 200:
        told.faults.append(f"a save was not taken: {answer}")
    else:
        writer.version += 1


async def storm(made: dict[str, Any], port: int, rate: int, seconds: int, told: Told) -> None:
    """Everything at once, and then until the last upload is through."""
    content_of(0)  # made before the clock runs
    cookies = [f"sessionid={key}; csrftoken={TOKEN}" for key in made["sessions"]]
    # Long before a deadline every process has answered something.
    page = f"/ko/entries/{made['entries'][0]}/"
    await asyncio.gather(*(Client(port, told).ask("page", "GET", page, cookies[0]) for _ in range(64)))
    chance, begin, n = random.Random(1), time.monotonic(), 0
    going = [
        asyncio.create_task(upload(n, entry, cookie, port, told, chance.uniform(0, seconds * 0.8)))
        for n, (entry, cookie) in enumerate(zip(made["entries"], cookies, strict=True))
    ]
    free: asyncio.Queue[tuple[Writer, Client]] = asyncio.Queue()
    for entry, cookie in zip(made["entries"], cookies, strict=True):
        free.put_nowait((Writer(f"/ko/entries/{entry}/draft/", cookie), Client(port, told)))

    async def one(due: float) -> None:
        writer, client = await free.get()
        await save(writer, client, due, told)
        free.put_nowait((writer, client))

    saves = set()
    while time.monotonic() < begin + seconds:
        saving = asyncio.create_task(one(begin + n / rate))
        saves.add(saving)
        saving.add_done_callback(saves.discard)
        n += 1
        await asyncio.sleep(max(0, begin + n / rate - time.monotonic()))
    await asyncio.gather(*saves)
    await asyncio.wait_for(asyncio.gather(*going), 20 * 60)


def figures(scale: float = 1.0) -> Iterator[Figure]:
    for database in SAVES:
        with tempfile.TemporaryDirectory(prefix="simsa-bench-") as home:
            yield from _of(database, Path(home), scale)


def _of(database: str, home: Path, scale: float) -> Iterator[Figure]:
    entrants, rate = max(3, round(ENTRANTS * scale)), max(3, round(SAVES[database] * scale))
    seconds = max(20, round(SECONDS * scale))
    told = Told()
    with new_database(database, home, SIMSA_THREADS=str(THREADS)) as environment:
        made = inside("bench.deadline", environment, "prepare", str(entrants))
        site = Site(database, home, environment, PROCESSES, THREADS)
        try:
            asyncio.run(site.run(storm(made, site.port, rate, seconds, told)))
        finally:
            site.stop()
        kept = inside("bench.deadline", environment, "check", "0")
    how = (
        f"{database}, {entrants} uploads of {SIZE // 10**6} MB, {told.broken} requests broken off, {rate} saves/s for "
    )
    how += f"{seconds} s"
    wrong = len(told.faults) + abs(entrants - kept["whole"])
    yield Figure(f"uploads lost or changed ({database})", wrong, "", how, goal="0", holds=wrong == 0)
    failed = sum(count for status, count in told.statuses.items() if status.split()[1] >= "500")
    yield Figure(
        f"answers of 500 and above ({database})", failed, "", str(dict(told.statuses)), goal="0", holds=failed == 0
    )
    waits = sorted(told.waits)
    worst = waits[int(0.99 * len(waits))]
    yield Figure(f"99th percentile of a save ({database})", worst, "s", how, goal="<= 1 s", holds=worst <= 1)
    yield Figure(f"median of a save ({database})", waits[len(waits) // 2], "s", how)
    bounded = site.most <= MEMORY
    name = f"largest web process ({database})"
    yield Figure(name, site.most, "MB", how, goal=f"<= {MEMORY} MB", holds=bounded)


RULES = """
simsa_rules = 1
[round]
id = "storm"
name = "마감"
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
scale = { min = 0, max = 10, step = "0.5" }
panel = { method = "mean" }
[[tie_break]]
lot = true
"""


def _prepare(entrants: int) -> dict[str, Any]:
    """A round, its entries, and their officers with a session each."""
    from django.core.management import call_command  # noqa: PLC0415 (after Django's set-up)
    from django.test import Client as Visitor  # noqa: PLC0415

    from simsa.web.accounts.models import User  # noqa: PLC0415
    from simsa.web.entries.services import EntryRow, import_entries  # noqa: PLC0415
    from simsa.web.programmes.services import give_role, open_round  # noqa: PLC0415

    call_command("migrate", verbosity=0)
    round_ = open_round(RULES)
    import_entries(round_, [EntryRow(f"e{n}", "a", f"e{n}") for n in range(entrants)])
    made: dict[str, Any] = {"entries": [], "sessions": []}
    for n, entry in enumerate(round_.entries.order_by("position")):
        person = User.objects.create_user(f"e{n}@example.org")
        give_role(round_.programme, round_, "entrant", person, f"e{n}")
        visitor = Visitor()
        visitor.force_login(person, backend="simsa.web.accounts.sessions.Accounts")
        made["entries"].append(entry.pk)
        made["sessions"].append(visitor.cookies["sessionid"].value)
    return made


def _check() -> dict[str, Any]:
    """How many files lie whole where they should, byte for byte what their entrant sent."""
    from simsa.web.entries.files.keeping import check_evidence  # noqa: PLC0415 (after Django's set-up)
    from simsa.web.entries.models import Evidence  # noqa: PLC0415

    whole = 0
    for evidence in Evidence.objects.filter(criterion="", state__in=["waiting", "ready"]).select_related(
        "entry__round"
    ):
        check_evidence(evidence)
        n = int(evidence.name.removesuffix(".pdf"))
        whole += hashlib.sha256(content_of(n)).hexdigest() == evidence.sha256
    return {"whole": whole}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scale", type=float, default=1.0, help="of the entrants, the rate of saves and the time")
    parser.add_argument("--inside", nargs=2, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.inside:
        import django  # noqa: PLC0415 (reads the environment)

        django.setup()
        what, argument = options.inside
        print(json.dumps(_prepare(int(argument)) if what == "prepare" else _check()))
        return 0
    found = []
    for figure in figures(options.scale):
        found.append(figure)
        print(json.dumps(asdict(figure), ensure_ascii=False), flush=True)
    return 0 if all(figure.holds is not False for figure in found) else 1


if __name__ == "__main__":
    sys.exit(main())
