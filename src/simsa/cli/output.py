"""What every command shares: JSON or words on standard output, progress and problems on standard error."""

from __future__ import annotations

import functools
import json
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import click
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from simsa.rules import Rules, RulesError

F = TypeVar("F", bound=Callable[..., Any])

words = Console(highlight=False, soft_wrap=True, emoji=False)
notes = Console(stderr=True, highlight=False, soft_wrap=True, emoji=False)


def _seed(_ctx: click.Context, _option: click.Parameter, value: str | None) -> str | None:
    if value is None:
        return None
    if not value.strip():
        raise click.BadParameter("is empty; leave the option out, or give the recorded seed")
    try:
        value.encode()
    except UnicodeEncodeError:
        raise click.BadParameter("is not text in the terminal's encoding; write it in UTF-8") from None
    return value


components_option = click.option(
    "--components",
    "components_file",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="Recorded components of the calibration (JSON, or a result.json) instead of estimating them.",
)


def note_components(file: Path | None, rules: Rules) -> None:
    """Says it where components that were given, not estimated, decide."""
    if file is not None and rules.calibration.official:
        notes.print(f"note  official scores rest on components that were given ({escape(file.name)}), not estimated")


def seed_option(purpose: str) -> Callable[[F], F]:
    """`--seed`, which is some text or is left out."""
    return click.option("--seed", callback=_seed, help=purpose)


as_json = click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output.")


def command(run: F) -> F:
    """Turns what the input is refused for into a message and exit status 1; anything else is a fault of ours."""

    @functools.wraps(run)
    def guarded(*args: Any, **options: Any) -> Any:
        if options.get("as_json") and options.get("out") == "-":
            raise click.UsageError("--json and -o - both write to standard output; give one of them")
        try:
            return run(*args, **options)
        except KeyboardInterrupt:
            notes.print("stopped")
            raise click.exceptions.Exit(130) from None
        except BrokenPipeError:  # the reader of our output has gone: click ends quietly
            raise
        except (ValueError, OSError) as error:
            if isinstance(error, ValueError) and not _is_refusal(error):
                raise
            if options.get("as_json") and not isinstance(error, OutputError):
                emit({"error": _plain(error)})
                raise click.exceptions.Exit(1) from None
            raise click.ClickException(_said(error)) from None

    return guarded  # type: ignore[return-value]


def check_targets(targets: Sequence[str], sources: Sequence[str], *, as_json: bool) -> None:
    """UsageError unless all files that are written differ, none of them is read, and their folders are there."""
    if sum(target == "-" for target in targets) + as_json > 1:
        raise click.UsageError("only one table, or the JSON object, can go to standard output")
    files = [Path(target).resolve() for target in targets if target != "-"]
    read = {Path(source).resolve() for source in sources if source != "-"}
    for at, file in enumerate(files):
        if file in files[:at]:
            raise click.UsageError(f"two results would be written to {file.name}; give each a file of its own")
        if file in read:
            raise click.UsageError(f"{file.name} is read and would be written over; give the result another name")
        if not file.parent.is_dir():
            raise click.UsageError(f"{file.name}: there is no folder {file.parent}; make it first")
        if not os.access(file.parent, os.W_OK):
            raise click.UsageError(f"{file.name}: nothing may be written in {file.parent}; name another folder")


class OutputError(OSError):
    """Standard output cannot be written, so nothing more can be said there."""


def emit(content: Any) -> None:
    """One JSON document on standard output: UTF-8 whatever the terminal's encoding, readable by people too."""
    try:
        click.echo(json.dumps(content, ensure_ascii=False, indent=2, allow_nan=False).encode())
    except BrokenPipeError:
        raise
    except OSError as error:
        raise OutputError(f"standard output: cannot be written: {error.strerror or error}") from None


@contextmanager
def progress(title: str) -> Iterator[Callable[..., None]]:
    """A progress line on standard error while something runs, if a person is looking.

    Yields `report(step, done=None, total=None)`.
    """
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=notes, transient=True, disable=not notes.is_terminal) as bars:
        task = bars.add_task(title, total=None)

        def report(step: object = title, done: float | None = None, total: float | None = None, *_: object) -> None:
            label = step if isinstance(step, str) else title
            bars.update(task, description=label, completed=done, total=total)

        yield report


def _is_refusal(error: ValueError) -> bool:
    """Errors of simsa's own kinds are about the input; a bare ValueError is a fault in the program."""
    return type(error) is not ValueError and type(error).__module__.startswith("simsa.")


def _said(error: Exception) -> str:
    if isinstance(error, OSError) and error.filename and error.strerror:
        return f"{error.filename}: {error.strerror}"
    return str(error)


def _plain(error: Exception) -> dict[str, Any]:
    plain: dict[str, Any] = {"kind": type(error).__name__, "message": _said(error)}
    if isinstance(error, RulesError):
        plain["problems"] = [
            {"key": p.key, "line": p.line, "what": p.what, "allowed": p.allowed} for p in error.problems
        ]
    return plain
