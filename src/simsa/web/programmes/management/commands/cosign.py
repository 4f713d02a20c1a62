"""`cosign ROUND CHECKPOINT`: keep what a witness or auditor has signed and handed over."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError, CommandParser

from simsa.record.checkpoints import Checkpoint
from simsa.record.log import LogError
from simsa.record.notes import NoteError, VerifierKey
from simsa.web.programmes.management.round_command import RoundCommand
from simsa.web.programmes.models import Round
from simsa.web.programmes.witnessing import take_cosignatures


class Command(RoundCommand):
    help = "Keep the cosignatures of a checkpoint that somebody has signed with `simsa record countersign`."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("checkpoint", type=Path, help="the signed checkpoint")
        parser.add_argument("--witness", action="append", default=[], help="verifier key of who signed; repeatable")

    def work(self, round_: Round, *, checkpoint: Path, witness: list[str], **options: Any) -> None:
        try:
            known = [*map(VerifierKey.parse, witness), *(settings.WITNESSES.cosigners if settings.WITNESSES else ())]
            if not known:
                raise CommandError("name who signed: --witness KEY, or SIMSA_WITNESSES")
            names = take_cosignatures(round_.log, Checkpoint.parse(checkpoint.read_bytes()), known)
        except (NoteError, LogError, OSError) as error:
            raise CommandError(f"{checkpoint}: {error}") from error
        self.stdout.write(f"kept what was signed by {', '.join(names)}")
