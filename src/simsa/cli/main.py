"""`simsa`: commands are loaded when they are called, so that `simsa --help` answers at once."""

from __future__ import annotations

import importlib
import io
import sys
from importlib.metadata import entry_points, version

import click

# Where each command is, and its line in the list: written here so that the list needs none of them loaded.
COMMANDS = {
    "rules": ("simsa.cli.rules:rules", "Check, show and hash the rules of a round."),
    "import": ("simsa.cli.imports:import_", "Take what HotCRP or OpenReview exports into a round folder."),
    "assign": ("simsa.cli.assign:assign", "Assign reviewers to entries, proven optimal."),
    "indicators": ("simsa.cli.indicators:indicators", "Show how reported numbers lie to their points."),
    "tally": ("simsa.cli.steps:tally", "Add up the sheets exactly as the rules say."),
    "calibrate": ("simsa.cli.calibrate:calibrate", "Estimate quality net of reviewers' severity."),
    "diagnose": ("simsa.cli.diagnose:diagnose_command", "Show what the sheets say about the panel."),
    "next-reviews": ("simsa.cli.next_reviews:next_reviews_command", "Propose more reviews where places are open."),
    "select": ("simsa.cli.steps:select", "Fill the quotas, with a reason for every entrant."),
    "simulate": ("simsa.cli.simulate:simulate", "Say how often a panel chooses the right ones."),
    "run": ("simsa.cli.run:run", "Run a whole round from its folder, with a report."),
    "record": ("simsa.cli.record.keeping:record", "Keep the record of a round: frozen, sealed, signed."),
    "bundle": ("simsa.cli.record.bundling:bundle", "Write a round's record into one file for everybody."),
    "verify": ("simsa.cli.record.verifying:verify_command", "Check a bundle from its first byte to its winners."),
    "receipt": ("simsa.cli.record.holding:receipt", "Check and read a receipt."),
    "ballots": ("simsa.cli.ballots:ballots", "Count the ballots of a public vote again."),
    "verifier": ("simsa.cli.verifier:verifier", "Write the page that checks bundles in a browser."),
    "examples": ("simsa.cli.examples:examples", "List the examples and bring their data."),
}
_SITE = "simsa.commands"  # entry points by which the site adds its commands (serve, demo)


class Journey(click.Group):
    """The commands in the order of the journey; those of the site come from entry points, when it is installed."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return [*COMMANDS, *sorted(point.name for point in entry_points(group=_SITE))]

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        rows = [
            (name, COMMANDS[name][1] if name in COMMANDS else self._site_line(ctx, name))
            for name in self.list_commands(ctx)
        ]
        with formatter.section("Commands"):
            formatter.write_dl(rows)

    def _site_line(self, ctx: click.Context, name: str) -> str:
        command = self.get_command(ctx, name)
        return command.get_short_help_str(60) if command else ""

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name in COMMANDS:
            module, name = COMMANDS[cmd_name][0].split(":")
            command: click.Command = getattr(importlib.import_module(module), name)
            return command
        for point in entry_points(group=_SITE):
            if point.name == cmd_name:
                return _site_command(cmd_name, point.load)
        return None


def _site_command(name: str, load: object) -> click.Command:
    """The site's command, or one that says what to install when the site's packages are missing."""
    try:
        command: click.Command = load()  # type: ignore[operator]
    except ModuleNotFoundError as error:
        missing = error.name

        @click.command(name, short_help="(needs the site: pip install 'simsa[web]')")
        def absent() -> None:
            raise click.ClickException(f"{missing} is not installed; the site needs: pip install 'simsa[web]'")

        return absent
    return command


@click.group(
    cls=Journey,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="A first walk: `simsa run examples/proactive --out out`, then open out/report.html.",
)
@click.version_option(version("simsa"), prog_name="simsa")
def main() -> None:
    """Panel evaluations that can be proven fair: rules, assignment, sheets, tally, selection."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal that has no Korean shows "?" instead of a traceback
