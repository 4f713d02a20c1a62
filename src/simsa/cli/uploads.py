"""Where a table of pairs goes, and in whose columns: simsa's own, or those that HotCRP and OpenReview import."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import click

from simsa.tables.files import check_ending, write_table
from simsa.tables.table import Table
from simsa.tables.uploads import HOTCRP_ACTIONS, check_upload, hotcrp_table, openreview_table, write_upload

FORMATS = ("simsa", "hotcrp", "openreview")
_F = TypeVar("_F", bound=Callable[..., Any])
_OPTIONS = (
    click.option(
        "--as", "out_format", type=click.Choice(FORMATS), default="simsa", help="Columns of the result: whose they are."
    ),
    click.option(
        "--action",
        type=click.Choice(HOTCRP_ACTIONS),
        default="primaryreview",
        show_default=True,
        help="Kind of review, with --as hotcrp.",
    ),
    click.option("--round", "round_name", help="Review round, with --as hotcrp."),
)


def upload_options(run: _F) -> _F:
    """`--as`, `--action` and `--round`."""
    for option in reversed(_OPTIONS):
        run = option(run)
    return run


def check_pairs_file(out: str, out_format: str) -> None:
    """TableError if the pairs cannot be written under this name."""
    (check_ending if out_format == "simsa" else check_upload)(out)


def write_pairs(
    own: Table,
    pairs: Sequence[tuple[str, str]],
    weights: Sequence[float],
    out: str,
    out_format: str,
    action: str,
    round_name: str | None,
) -> None:
    """Write `own`, the table in simsa's columns, or the same `pairs` of entry and reviewer in those of another."""
    if out_format == "hotcrp":
        write_upload(hotcrp_table(pairs, action, round_name), out)
    elif out_format == "openreview":
        write_upload(openreview_table(pairs, weights), out)
    else:
        write_table(own, out)
