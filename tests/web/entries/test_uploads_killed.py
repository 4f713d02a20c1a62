"""Uploads to the real server, which is killed in the middle, and whose clients' networks break."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import http.client
import os
import random
import re
import signal
import subprocess
import sys
import time
from typing import Any

import pytest

from simsa.web.entries.files import spool
from simsa.web.entries.models import Evidence, Upload
from tests.web.people import signed_in
from tests.web.processes import environment

SERVE = "import sys; from simsa.web.site.commands import serve; serve(sys.argv[1:])"
TOKEN = "a" * 32


class Served:
    """`simsa serve` on the database and the folders of the test."""

    def __init__(self, home: Any) -> None:
        self._environment = environment()
        self._command = [sys.executable, "-c", SERVE, "--port", "0", "--home", str(home)]
        self.start()

    def start(self) -> None:
        self._process = subprocess.Popen(
            self._command,
            env=self._environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            start_new_session=True,
        )
        line = self._process.stdout.readline()
        found = re.search(r"http://(127\.0\.0\.1:\d+)/ ", line)
        assert found, f"the server ended: {line}"
        self.address = found[1]

    def kill(self) -> None:
        """As a power cut ends it: no process of it does anything more."""
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        self._process.stdout.close()


class Sender:
    """A client that can stop in the middle of a request."""

    def __init__(self, served: Served, cookies: Any) -> None:
        self.served = served
        self.cookie = f"csrftoken={TOKEN}; sessionid={cookies['sessionid'].value}"

    def begin(self, method, path, length, **headers):
        asked = http.client.HTTPConnection(self.served.address, timeout=30)
        asked.putrequest(method, path)
        said = {"Tus-Resumable": "1.0.0", "X-CSRFToken": TOKEN, "Cookie": self.cookie, "Content-Length": length}
        for name, value in {**said, **headers}.items():
            asked.putheader(name.replace("_", "-"), str(value))
        asked.endheaders()
        return asked

    def ask(self, method, path, data=b"", **headers):
        asked = self.begin(method, path, len(data), **headers)
        asked.send(data)
        answer = asked.getresponse()
        answer.read()
        asked.close()
        return answer

    def patch(self, path, offset, data, upto=None):
        """Send a piece; with `upto`, only so many bytes of it, and return the open connection."""
        kind = {"Content_Type": "application/offset+octet-stream", "Upload_Offset": offset}
        if upto is None:
            return self.ask("PATCH", path, data, **kind)
        asked = self.begin("PATCH", path, len(data), **kind)
        asked.send(data[:upto])
        return asked

    def offset(self, path):
        return int(self.ask("HEAD", path).headers["Upload-Offset"])


def until(true):
    """Wait for something that another process does."""
    for _ in range(200):
        if true():
            return
        time.sleep(0.05)
    raise AssertionError("it did not come")


def go_through(entry, owner, home, trouble, content):
    served = Served(home)
    try:
        sender = Sender(served, signed_in(owner).cookies)
        name = base64.b64encode(b"plan.png").decode()
        told = {"Upload_Length": len(content), "Upload_Metadata": f"filename {name}"}
        path = sender.ask("POST", f"/en/entries/{entry.pk}/uploads/", **told).headers["Location"]
        key = Upload.objects.get().pk
        acknowledged = 0
        for what, size, part in trouble:
            piece = content[acknowledged : acknowledged + size]
            if what == "sent":
                assert sender.patch(path, acknowledged, piece).status == 204
                acknowledged += len(piece)
                continue
            open_one = sender.patch(path, acknowledged, piece, upto=part)
            if part:
                until(lambda: spool.path_of(key).stat().st_size > acknowledged)  # noqa: B023 (asked at once)
            if what == "killed":
                served.kill()
                served.start()
            open_one.close()
            with contextlib.suppress(AssertionError):
                until(lambda: sender.offset(path) > acknowledged or what == "killed")  # noqa: B023
            now = sender.offset(path)
            assert acknowledged <= now <= acknowledged + part
            assert spool.path_of(key).read_bytes()[:now] == content[:now]
            acknowledged = now
        assert sender.patch(path, acknowledged, content[acknowledged:]).status == 204
        assert sender.offset(path) == len(content)
        until(lambda: Evidence.objects.get().state in {"ready", "refused"})
        assert Evidence.objects.get().sha256 == hashlib.sha256(content).hexdigest()
    finally:
        served.kill()


@pytest.mark.own_database
@pytest.mark.django_db(transaction=True)
def test_a_server_that_is_killed_loses_nothing_that_it_acknowledged(entry, owner, tmp_path):
    content = random.Random(1).randbytes(6_000_000)
    trouble = [("sent", 1_000_000, 0), ("killed", 4_000_000, 3_000_000), ("lost", 3_000_000, 2_000_000)]
    go_through(entry, owner, tmp_path / "home", trouble, content)


@pytest.mark.long
@pytest.mark.own_database
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("seed", range(3))
def test_and_again_and_again(entry, owner, tmp_path, seed):
    chance = random.Random(seed)
    content = chance.randbytes(50_000_000)
    trouble = []
    for _ in range(8):
        size = chance.randrange(1_000_000, 12_000_000)
        trouble.append((chance.choice(["sent", "killed", "lost"]), size, chance.randrange(0, size)))
    go_through(entry, owner, tmp_path / "home", trouble, content)
