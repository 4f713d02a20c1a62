"""Letters through a real mail server: by several processes at once, one of which is killed, and while it refuses."""

from __future__ import annotations

import os
import signal
import socketserver
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta
from email import message_from_bytes

import pytest
from django.utils import timezone

from simsa.web.programmes.letters import Letter, post, send_due
from simsa.web.programmes.models import Round, SentLetter
from simsa.web.programmes.services.posting import post_again
from tests.web.panel.rounds import prepared
from tests.web.processes import environment

pytestmark = pytest.mark.django_db(transaction=True)
SEND = """
import sys, django
from django.conf import settings
from django.core.mail.utils import DNS_NAME
django.setup()
DNS_NAME._fqdn = "child"
settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_USE_TLS = "127.0.0.1", int(sys.argv[1]), False
from simsa.web.programmes.letters import send_due
print("ready", flush=True)
sys.stdin.readline()
print(send_due(), flush=True)
"""


class MailServer(socketserver.ThreadingTCPServer):
    """The least of SMTP (RFC 5321): keeps what it takes. `answer` may say otherwise to a command (b"" is no answer)."""

    allow_reuse_address = daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Session)
        self.taken: list[bytes] = []
        self.answer: Callable[[bytes], bytes | None] = lambda _said: None
        self.hang_at, self.begun, self.hanging = -1, threading.Event(), threading.Event()
        self.of_child = 0
        threading.Thread(target=self.serve_forever, args=(0.01,), daemon=True).start()

    def hangs(self, child: bool) -> bool:
        """Whether this letter is the one that is taken without an answer."""
        self.of_child += child
        if child:
            self.begun.set()
        else:
            time.sleep(0.02)
        if self.of_child != self.hang_at or self.hanging.is_set():
            return False
        self.hanging.set()
        return True

    @property
    def named(self) -> Counter[str]:
        """How often each letter was taken, by address."""
        return Counter(message_from_bytes(one)["To"] for one in self.taken)


class _Session(socketserver.StreamRequestHandler):
    server: MailServer

    def handle(self) -> None:
        self.wfile.write(b"220 here\r\n")
        child = False
        while line := self.rfile.readline():
            said = line.strip().upper()
            child = child or said == b"EHLO CHILD"
            other = self.server.answer(said)
            if other is not None:
                if not other:
                    return
                self.wfile.write(other + b"\r\n")
            elif said == b"DATA":
                self.wfile.write(b"354 go on\r\n")
                content = b""
                while (more := self.rfile.readline()) not in {b".\r\n", b""}:
                    content += more
                self.server.taken.append(content)
                if self.server.hangs(child):
                    time.sleep(20)  # it has the letter, and does not say so
                self.wfile.write(b"250 taken\r\n")
            elif said == b"QUIT":
                self.wfile.write(b"221 bye\r\n")
                return
            else:
                self.wfile.write(b"250 yes\r\n")


@pytest.fixture
def server(settings) -> Iterator[MailServer]:
    """A mail server, to which this process sends."""
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    with MailServer() as made:
        settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_USE_TLS = "127.0.0.1", made.server_address[1], False
        settings.EMAIL_TIMEOUT = 5
        yield made
        made.shutdown()


def written(count: int) -> Round:
    round_ = prepared()
    for n in range(count):
        post(
            Letter(f"test/{n}", f"p{n}@example.kr", "ko", "seated", {"round": "x", "n": 1, "link": f"link {n}"}), round_
        )
    return round_


def test_of_two_processes_one_is_killed_and_nothing_is_sent_twice_nor_lost(server):
    written(40)
    server.hang_at = 3
    command = [sys.executable, "-c", SEND, str(server.server_address[1])]
    child = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment(), start_new_session=True
    )
    try:
        assert child.stdout.readline() == "ready\n"
        child.stdin.write("\n")
        child.stdin.flush()
        assert server.begun.wait(30)
        sent = send_due()  # while the child sends, too
        assert server.hanging.wait(30)
    finally:
        os.kill(child.pid, signal.SIGKILL)
        child.wait()
        child.stdout.close()
        child.stdin.close()
    assert (sent, send_due()) == (37, 0)
    states = Counter(SentLetter.objects.values_list("status", flat=True))
    assert states == {"sent": 39, "sending": 1}
    assert server.named == {f"p{n}@example.kr": 1 for n in range(40)}
    SentLetter.objects.filter(status="sending").update(tried_at=timezone.now() - timedelta(hours=1))
    unclear = SentLetter.objects.get(status="sending")
    assert unclear.is_unclear
    assert post_again([unclear], actor="person/1") == 1  # somebody asked, and it had not arrived
    assert send_due() == 1


def test_a_server_that_refuses_for_a_while_gets_each_letter_once(server):
    written(3)
    for to, way in ((b"EHLO", b""), (b"MAIL", b"421 too busy"), (b"RCPT", b"450 later"), (b"DATA", b"451 disk full")):
        server.answer = lambda line, to=to, way=way: way if line.startswith((to, to.replace(b"EH", b"HE"))) else None
        assert send_due() == 0
        assert set(SentLetter.objects.values_list("status", flat=True)) == {"waiting"}
        SentLetter.objects.update(due=timezone.now())
    server.answer = lambda _line: None
    assert server.taken == []
    assert send_due() == 3
    assert set(server.named.values()) == {1}


def test_an_answer_that_never_came_leaves_it_to_the_officer(server, settings):
    written(2)
    settings.EMAIL_TIMEOUT = 0.3
    server.hang_at = 0  # none of the child: the first that is taken
    assert send_due() == 1
    one = SentLetter.objects.exclude(status="sent").get()
    assert (one.status, one.fault, one.is_unclear) == ("sending", "lost", True)
    assert set(server.named.values()) == {1}
