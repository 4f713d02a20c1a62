"""Letters that came back: what reports of mail servers say (RFC 3464), and which letter each is about.

A letter is found by its Message-ID, which nobody can make up; whose address a report names decides nothing.
"""

from __future__ import annotations

import mailbox
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes
from email.message import Message
from pathlib import Path

from django.utils import timezone

from simsa.web.programmes.letters import letter_named
from simsa.web.programmes.services.posting import returned

FAILED = "failed"
LONGEST = 25_000_000
"""Bytes of a message; a longer one is no report."""


@dataclass(frozen=True)
class Report:
    """That a letter did not arrive: its number, which sending of it, and what the server says (`5.1.1 ...`)."""

    letter: int
    again: int
    said: str


def messages_in(content: bytes) -> Iterator[bytes]:
    """One message, or all of an mbox."""
    if content.startswith(b"From "):
        yield from _split(content)
    elif content.strip():
        yield content


def messages_of(path: Path) -> Iterator[bytes]:
    """The messages of a file (one, or an mbox) or of a Maildir. OSError if it cannot be read."""
    if path.is_dir():
        for message in mailbox.Maildir(path, create=False):
            yield message.as_bytes()
    else:
        yield from messages_in(path.read_bytes())


def report_in(content: bytes) -> Report | None:
    """What a message reports; None for one that is no report of a failure, or about none of our letters."""
    if len(content) > LONGEST:
        return None
    message = message_from_bytes(content)
    if message.get_content_type() != "multipart/report":
        return None
    said = next(filter(None, map(_failure, message.walk())), None)
    named = next(filter(None, map(_letter, message.walk())), None)
    return None if said is None or named is None else Report(*named, said)


def take_report(content: bytes) -> bool | None:
    """Keep what a message reports: whether that is news; None where it reports nothing of ours."""
    report = report_in(content)
    return None if report is None else returned(report.letter, report.again, report.said, timezone.now())


def _failure(part: Message) -> str | None:
    """What the status of a recipient says, if it is that of a failure."""
    if part.get_content_type() != "message/delivery-status":
        return None
    groups = part.get_payload()
    for group in groups if isinstance(groups, list) else ():
        if str(group.get("Action", "")).strip().lower() == FAILED:
            reason = str(group.get("Diagnostic-Code", "")).partition(";")[2] or str(group.get("Diagnostic-Code", ""))
            return " ".join(f"{group.get('Status', '')} {reason}".split()) or FAILED
    return None


def _letter(part: Message) -> tuple[int, int] | None:
    """The letter that a returned message, or its head alone, is."""
    kind, original = part.get_content_type(), None
    if kind == "message/rfc822":
        payload = part.get_payload()
        original = payload[0] if isinstance(payload, list) and payload else None
    elif kind in {"text/rfc822-headers", "message/rfc822-headers"}:
        text = part.get_payload(decode=True)
        original = message_from_bytes(text) if isinstance(text, bytes) else None
    return letter_named(str(original.get("Message-ID", ""))) if isinstance(original, Message) else None


def _split(content: bytes) -> Iterator[bytes]:
    """The messages of an mbox: each begins after a line `From ` that an empty one precedes."""
    lines: list[bytes] = []
    before = b"\n"
    for line in content.splitlines(keepends=True):
        if line.startswith(b"From ") and not before.strip():
            if lines:
                yield b"".join(lines)
            lines = []
        else:
            lines.append(line[1:] if line.startswith((b">From ", b">>From ")) else line)
        before = line
    if lines:
        yield b"".join(lines)
