"""`simsa verifier`: the page with which anyone can check a bundle in a browser."""

from __future__ import annotations

from pathlib import Path

import click
from rich.markup import escape

from simsa.record.verifier import verifier_page
from simsa.tables.files import write_bytes

from .output import command, notes


@click.command(epilog="Example: simsa verifier --out verifier.html")
@click.option(
    "-o",
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    default=Path("simsa-verifier.html"),
    show_default=True,
    help="File to write.",
)
@command
def verifier(out: Path) -> None:
    """Write the page that checks bundles in a browser, written apart from `simsa verify`.

    It is one file that needs neither a server nor a network: publish it beside the bundle, or keep your own copy.
    """
    write_bytes(out, verifier_page().encode())
    notes.print(f"wrote {escape(str(out))}: open it in a browser and drop a bundle on it")
