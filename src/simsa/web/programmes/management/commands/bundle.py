"""`bundle ROUND FILE`: what anyone, or an auditor, verifies with `simsa verify`."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from simsa.web.programmes.management.round_command import RoundCommand
from simsa.web.programmes.models import Round
from simsa.web.programmes.services import bundle


class Command(RoundCommand):
    help = "Write the bundle of a round's record, for `simsa verify`; with --full for auditors, who may see who scored."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("file", type=Path, help="where to write it")
        parser.add_argument("--full", action="store_true", help="with everything behind the commitments")

    def work(self, round_: Round, *, file: Path, full: bool = False, **options: Any) -> None:
        data = bundle(round_, "full" if full else "public")
        part = file.with_name(f".{file.name}.part")
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600 if full else 0o644), "wb") as out:
            out.write(data)
        part.replace(file)
        self.stdout.write(f"{file}: {len(data):,} bytes")
