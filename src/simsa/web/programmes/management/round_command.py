"""What commands about one round's record share."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from simsa.record.order import OrderError
from simsa.web.programmes.bundles import BundleError
from simsa.web.programmes.keys import SigningKeyError
from simsa.web.programmes.models import Round
from simsa.web.programmes.services import StageError


class RoundCommand(BaseCommand):
    """`work` is handed the round that the first argument names; what a verb refuses is said in one line."""

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("round", help="the round's id")

    def handle(self, *args: Any, **options: Any) -> None:
        slug = options.pop("round")
        found = Round.objects.filter(slug=slug).first()
        if found is None:
            raise CommandError(f"there is no round {slug!r}")
        try:
            self.work(found, **options)
        except (StageError, OrderError, BundleError, SigningKeyError, OSError) as error:
            raise CommandError(str(error)) from error

    @abstractmethod
    def work(self, round_: Round, **options: Any) -> None:
        """What the command does."""
