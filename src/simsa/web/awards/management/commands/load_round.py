"""`load_round FOLDER`: a round folder into the site's database, by the verbs that any round takes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from simsa.engine.inputs import InputError
from simsa.rules import RulesError
from simsa.tables.intake import RoundError
from simsa.web.awards.services import ResultError, load_folder
from simsa.web.panel.services import AssignmentShortError


class Command(BaseCommand):
    help = "Load a round folder (rules.toml, round.toml and data), and publish its result if it leads to one."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", type=Path, help="the round folder, such as examples/proactive")
        parser.add_argument("--data", type=Path, help="where the round's data files are, if not in a usual place")

    def handle(self, *args: Any, folder: Path, data: Path | None = None, **options: Any) -> None:
        try:
            round_ = load_folder(folder, data=data, progress=self._tell if options["verbosity"] else None)
        except ValidationError as error:
            raise CommandError("\n".join(error.messages)) from error
        except (RulesError, RoundError, InputError, AssignmentShortError, ResultError) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{round_.slug}: {round_.stage}, {round_.entries.count()} entries, rules {round_.rules_hash}")

    def _tell(self, step: str, done: int, total: int) -> None:
        self.stderr.write(f"[{done}/{total}] {step}")
