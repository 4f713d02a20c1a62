"""`bounces [FILE ...]`: note which letters came back, from what mail servers report."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from simsa.web.programmes.bounces import messages_in, messages_of, take_report


class Command(BaseCommand):
    help = (
        "Read reports of mail servers (RFC 3464) and note which letters came back. Reading one again changes nothing. "
        "Without a file the messages come from standard input, as a mail server hands them over."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("files", nargs="*", type=Path, help="a message, an mbox, or a Maildir; - is standard input")

    def handle(self, *args: Any, files: list[Path], **options: Any) -> None:
        read = new = 0
        for path in files or [Path("-")]:
            try:
                messages = messages_in(sys.stdin.buffer.read()) if str(path) == "-" else messages_of(path)
                for message in messages:
                    news = take_report(message)
                    read += news is not None
                    new += bool(news)
            except OSError as error:
                raise CommandError(f"{path}: {error.strerror or error}") from error
        self.stdout.write(f"{read} reports about letters, {new} of them new")
