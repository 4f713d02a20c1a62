"""Ask ClamAV's daemon whether it knows something bad in a file (its protocol's INSTREAM).

Its address is `tcp://HOST:PORT` or `unix:/path/of/the/socket`. A scanner that does not answer, or not clearly, makes
the file wait: what it did not see is never taken for clean.
"""

from __future__ import annotations

import socket
from pathlib import Path
from struct import pack
from urllib.parse import urlsplit

from simsa.web.entries.evidence.findings import Finding
from simsa.web.entries.evidence.sandbox.launch import NotNowError

PIECE = 1 << 16
PATIENCE = 120
"""Seconds for one answer; a large archive takes a while."""
LONGEST_ANSWER = 4096
PORT = 3310


class ScannerError(NotNowError):
    """The scanner cannot be asked, or does not say whether a file is clean."""


def check_address(address: str) -> None:
    """ValueError if it is none."""
    _place(address)


def scan(path: Path, address: str, *, patience: float = PATIENCE) -> Finding | None:
    """What the scanner knows of a file; None if it says that it is clean. ScannerError if it says neither."""
    try:
        with _connected(address, patience) as scanner, path.open("rb") as file:
            scanner.sendall(b"zINSTREAM\0")
            try:
                while piece := file.read(PIECE):
                    scanner.sendall(pack(">L", len(piece)) + piece)
                scanner.sendall(pack(">L", 0))
            except (BrokenPipeError, ConnectionResetError):
                pass  # it has its reason, which it may have said before it hung up
            said = _answer(scanner)
    except (OSError, ValueError) as error:
        raise ScannerError(f"{address}: {error}") from error
    if said == "stream: OK":
        return None
    if said.startswith("stream: ") and said.endswith(" FOUND"):
        return Finding("virus", said.removeprefix("stream: ").removesuffix(" FOUND"))
    raise ScannerError(f"{address}: {said or 'no answer'}")


def _place(address: str) -> str | tuple[str, int]:
    parts = urlsplit(address)
    if parts.scheme == "unix" and parts.path and not parts.netloc:
        return parts.path
    if parts.scheme == "tcp" and parts.hostname and parts.path in ("", "/"):
        return (parts.hostname, parts.port or PORT)
    raise ValueError(f"{address!r} is neither tcp://HOST:PORT nor unix:/PATH")


def _connected(address: str, patience: float) -> socket.socket:
    place = _place(address)
    if isinstance(place, tuple):
        return socket.create_connection(place, timeout=patience)
    scanner = socket.socket(socket.AF_UNIX)
    try:
        scanner.settimeout(patience)
        scanner.connect(place)
    except OSError:
        scanner.close()
        raise
    return scanner


def _answer(scanner: socket.socket) -> str:
    said = b""
    while b"\0" not in said and len(said) < LONGEST_ANSWER:
        piece = scanner.recv(LONGEST_ANSWER)
        if not piece:
            break
        said += piece
    return said.partition(b"\0")[0].decode("utf-8", "replace").strip()
