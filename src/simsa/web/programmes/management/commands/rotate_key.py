"""`rotate_key ROUND`: another signing key for a round's record."""

from __future__ import annotations

from typing import Any

from simsa.web.programmes.management.round_command import RoundCommand
from simsa.web.programmes.models import Round
from simsa.web.programmes.services import rotate


class Command(RoundCommand):
    help = "Have another key sign a round's record from here on; the record says so, signed by both."

    def work(self, round_: Round, **options: Any) -> None:
        self.stdout.write(str(rotate(round_)))
