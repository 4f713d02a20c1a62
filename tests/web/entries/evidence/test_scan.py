"""What a virus scanner is asked, and what becomes of its answers."""

from __future__ import annotations

import socket
import socketserver
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from simsa.web.entries.evidence import NotNowError, ScannerError, check_address, examine
from simsa.web.entries.evidence.scan import scan
from tests.web.entries.evidence.files import picture

BAD = b"X5O!P%@AP"


class Daemon(socketserver.BaseRequestHandler):
    """Speaks ClamAV's INSTREAM."""

    answer: Callable[[bytes], bytes] = staticmethod(
        lambda data: b"stream: Test FOUND\0" if BAD in data else b"stream: OK\0"
    )
    longest = 1 << 30

    def handle(self) -> None:
        assert self._read(10) == b"zINSTREAM\0"
        data = b""
        while length := struct.unpack(">L", self._read(4))[0]:
            data += self._read(length)
            if len(data) > self.longest:
                self.request.sendall(b"INSTREAM size limit exceeded. ERROR\0")
                return
        self.request.sendall(self.answer(data))

    def _read(self, length: int) -> bytes:
        data = b""
        while len(data) < length:
            piece = self.request.recv(length - len(data))
            assert piece
            data += piece
        return data


@contextmanager
def serving(
    server: type[socketserver.BaseServer], place: object, **changes: object
) -> Iterator[socketserver.BaseServer]:
    with server(place, type("Changed", (Daemon,), changes)) as made:
        thread = threading.Thread(target=made.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield made
        finally:
            made.shutdown()
            thread.join()


@contextmanager
def daemon(**changes: object) -> Iterator[str]:
    with serving(socketserver.TCPServer, ("127.0.0.1", 0), **changes) as made:
        yield f"tcp://127.0.0.1:{made.server_address[1]}"


@pytest.fixture
def file(tmp_path) -> Path:
    path = tmp_path / "file"
    path.write_bytes(bytes(200_000))
    return path


def test_a_clean_file_is_clean_and_a_known_virus_is_named(file):
    with daemon() as address:
        assert scan(file, address) is None
        file.write_bytes(bytes(100_000) + BAD)
        found = scan(file, address)
    assert (found.code, found.detail) == ("virus", "Test")


def test_a_socket_in_a_folder_is_asked_too(file, tmp_path):
    place = str(tmp_path / "clamd")
    with serving(socketserver.UnixStreamServer, place):
        assert scan(file, f"unix:{place}") is None


@pytest.mark.parametrize(
    "said",
    [b"", b"\0", b"OK\0", b"stream: OK, I guess\0", b"stream: ERROR\0", b"x" * 100_000, b"UNKNOWN COMMAND\0"],
)
def test_an_unclear_answer_makes_the_file_wait(file, said):
    with daemon(answer=staticmethod(lambda _data: said)) as address, pytest.raises(ScannerError):
        scan(file, address)


def test_a_scanner_that_takes_no_file_of_this_size_makes_it_wait(file):
    with daemon(longest=10) as address, pytest.raises(ScannerError):
        scan(file, address)


def test_a_scanner_that_cannot_be_reached_or_does_not_answer_makes_the_file_wait(file, tmp_path):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"tcp://127.0.0.1:{free.getsockname()[1]}"
    with pytest.raises(ScannerError):
        scan(file, address)
    with pytest.raises(ScannerError):
        scan(file, f"unix:{tmp_path}/nothing")
    with socket.create_server(("127.0.0.1", 0)) as silent, pytest.raises(ScannerError):
        scan(file, f"tcp://127.0.0.1:{silent.getsockname()[1]}", patience=0.2)


@pytest.mark.parametrize(
    "address", ["", "localhost", "http://localhost", "tcp://", "unix:", "unix://host/path", "tcp://h:x"]
)
def test_an_address_that_is_none_is_told(address):
    with pytest.raises(ValueError, match=r"[Pp][Oo][Rr][Tt]"):
        check_address(address)
    check_address("tcp://[::1]:3310")
    check_address("unix:/run/clamav/clamd.ctl")


def test_a_file_is_read_only_after_the_scanner_said_that_it_is_clean(tmp_path, monkeypatch):
    path, folder = tmp_path / "a.png", tmp_path / "out"
    folder.mkdir()
    path.write_bytes(picture("PNG", comment="x"))
    with daemon() as address:
        assert examine(path, "a.png", folder, scanner=address).faults == ()
    for left in folder.iterdir():
        left.unlink()
    monkeypatch.setattr("simsa.web.entries.evidence.examining.run", lambda *_: pytest.fail("it was read"))
    path.write_bytes(picture("PNG") + BAD)
    with daemon() as address:
        assert [fault.code for fault in examine(path, "a.png", folder, scanner=address).faults] == ["virus"]
    with pytest.raises(NotNowError):
        examine(path, "a.png", folder, scanner=address)
