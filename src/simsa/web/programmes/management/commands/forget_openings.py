"""`forget_openings ROUND --reason TEXT`: destroy what is behind the commitments of a round."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandError, CommandParser

from simsa.web.programmes.management.round_command import RoundCommand
from simsa.web.programmes.models import Round
from simsa.web.programmes.services import forget


class Command(RoundCommand):
    help = "Destroy every secret behind a round's record, for good: its sheets can no longer be proven."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--reason", required=True, help="why; it stands in the record for everybody to read")
        parser.add_argument("--yes", action="store_true", help="do it: there is no way back")

    def work(self, round_: Round, *, reason: str, yes: bool = False, **options: Any) -> None:
        if not yes:
            raise CommandError("there is no way back from this; say --yes if it is meant")
        forget(round_, reason)
        self.stdout.write(f"{round_.slug}: forgotten; backups of the database hold it still")
