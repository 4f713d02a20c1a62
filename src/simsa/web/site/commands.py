"""`simsa serve` and `simsa demo`: the site on this machine, with nothing else to install or to start."""

from __future__ import annotations

import hashlib
import os
import secrets
import socket
from collections.abc import Callable
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

import click

from simsa.cli.output import progress
from simsa.rules import load
from simsa.tables.examples import examples_home

if TYPE_CHECKING:
    from simsa.web.programmes.models import Round

HOST = "127.0.0.1"
DEMO = "demo@example.org"
EVERYWHERE = {"0.0.0.0", "::"}  # noqa: S104 (named to tell the reader what to set, never a default)

_host = click.option("--host", default=HOST, show_default=True, help="Address to listen on.")
_port = click.option("--port", type=click.IntRange(0, 65535), help="Port; by default 8000 or the next free one.")


@click.command()
@_host
@_port
@click.option("--home", type=click.Path(file_okay=False, path_type=Path), help="Data folder.  [default: ./var]")
def serve(host: str, port: int | None, home: Path | None) -> None:
    """Serve the site: pages and background work in one process.

    The database is brought up to date first, and style sheets and scripts are collected when they have changed.
    Settings come from the environment (SIMSA_HOME, DATABASE_URL, SIMSA_URL, SIMSA_HOSTS, ...).

    \b
    Examples:
      simsa serve
      simsa serve --port 9000 --home /srv/simsa
      SIMSA_URL=https://award.example.kr SIMSA_PROXY=1 simsa serve
    """
    home = home or Path(os.environ.get("SIMSA_HOME") or "var")
    _run(host, port, home, lambda: None, _hint_serve, "serve it with that version, or name another folder with --home")


@click.command()
@_host
@_port
@click.option(
    "--home",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("var/demo"),
    show_default=True,
    help="Data folder of the demo.",
)
def demo(host: str, port: int | None, home: Path) -> None:
    """Serve the site with the reference programme loaded: 243 governments, a panel of 33, synthetic score sheets.

    The demo has a data folder of its own and always uses SQLite in it. Ctrl-C stops it; it can be started again. It has
    accounts (demo@example.org for everything, officer@, entrant@, reviewer@ and auditor@example.org for their work)
    with a new password each time.

    \b
    Examples:
      simsa demo
      simsa demo --port 9000
    """
    os.environ.pop("DATABASE_URL", None)
    os.environ.setdefault("SIMSA_WEATHER", "recorded")
    os.environ.setdefault("SIMSA_SECOND_FACTOR", "optional")
    password = secrets.token_urlsafe(9)

    def prepare() -> None:
        announced = load_example()
        _open_account(password)
        open_practice(announced, password)

    remedy = "delete or rename that folder, and start the demo again"
    _run(host, port, home, prepare, lambda address: _hint_demo(address, password), remedy)


def _open_account(password: str) -> None:
    """An account that may do everything in the demo; nobody else knows its password, which ends with the demo."""
    from simsa.web.accounts.models import User  # noqa: PLC0415 (needs Django to be set up)
    from simsa.web.accounts.services import open_account  # noqa: PLC0415

    account = User.objects.filter(email=DEMO).first() or open_account(DEMO, None, name="demo")
    account.is_staff = account.is_superuser = True
    account.set_password(password)
    account.save()


def open_practice(announced: Round, password: str) -> None:
    """A round whose call is open, one that is being scored, and the accounts of those who work in them."""
    from simsa.web.site import demo  # noqa: PLC0415 (needs Django to be set up)

    demo.open_running_round(announced)
    demo.open_scored_round(announced)
    demo.open_accounts(password)


def load_example() -> Round:
    """Load the reference programme through the same verb that loads anyone's round folder, and show how far it is.

    Its newsroom is filled by the verbs that editors use.
    """
    from simsa.web.awards.services import load_folder  # noqa: PLC0415 (needs Django to be set up)
    from simsa.web.newsroom import example  # noqa: PLC0415
    from simsa.web.programmes.models import Round  # noqa: PLC0415
    from simsa.web.site.database import check_round  # noqa: PLC0415

    folder = examples_home() / "proactive"
    rules = load(folder / "rules.toml")
    check_round(rules)
    if not Round.objects.filter(slug=rules.id).exists():
        click.echo("Loading the reference programme ...", err=True)
        with progress("loading") as report:
            load_folder(folder, progress=report)
    announced: Round = Round.objects.get(slug=rules.id)
    example.load_example(announced)
    return announced


def _run(
    host: str,
    port: int | None,
    home: Path,
    prepare: Callable[[], None],
    hint: Callable[[str], None],
    remedy: str,
) -> None:
    os.umask(0o077)
    bound = _listen(host, port)
    address = _address(bound, host)
    os.environ["SIMSA_HOME"] = str(home)
    os.environ.setdefault("SIMSA_URL", address)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "simsa.web.site.settings")
    import django  # noqa: PLC0415 (settings read the environment that was just set)

    django.setup()
    from simsa.web.site.database import OtherVersionError  # noqa: PLC0415 (needs Django to be set up)

    try:
        _bring_up_to_date()
        prepare()
    except OtherVersionError as other:
        what = f"The data in {home.absolute()} were made by another version of simsa ({other})"
        raise click.ClickException(f"{what}: {remedy}.") from None
    _collect_static()
    _serve(bound, lambda: hint(address))


def _listen(host: str, port: int | None) -> socket.socket:
    from simsa.web.site.server import PORT, PortTakenError, listen  # noqa: PLC0415 (gunicorn loads slowly; --help need not)

    try:
        bound = listen(host, port)
    except PortTakenError as taken:
        raise click.ClickException(f"{taken} of {host} is taken; choose another with --port") from None
    except OSError as error:
        raise click.ClickException(f"cannot listen on {host}: {error.strerror or error}") from None
    got = bound.getsockname()[1]
    if port is None and got != PORT:
        click.echo(f"Port {PORT} is taken; using {got}.", err=True)
    return bound


def _address(bound: socket.socket, host: str) -> str:
    if host in EVERYWHERE:
        click.echo("Other machines are answered under the names in SIMSA_HOSTS only.", err=True)
        host = HOST
    return f"http://{f'[{host}]' if ':' in host else host}:{bound.getsockname()[1]}"


def _bring_up_to_date() -> None:
    from simsa.web.site.database import bring_up_to_date, check_tables, is_behind  # noqa: PLC0415

    if is_behind():
        click.echo("Bringing the database up to date ...", err=True)
        bring_up_to_date()
    check_tables()


def _collect_static() -> None:
    """Collect style sheets and scripts when one of them, or the version, has changed since the last time."""
    from django.conf import settings  # noqa: PLC0415
    from django.core.management import call_command  # noqa: PLC0415

    if "whitenoise" not in settings.STORAGES["staticfiles"]["BACKEND"]:
        return
    stamp, seen = settings.HOME / "static.stamp", _static_fingerprint()
    if stamp.exists() and stamp.read_text(encoding="ascii") == seen and settings.STATIC_ROOT.is_dir():
        return
    click.echo("Collecting style sheets and scripts ...", err=True)
    with suppress(FileNotFoundError):
        stamp.unlink()
    call_command("collectstatic", verbosity=0, interactive=False, clear=True)
    stamp.write_text(seen, encoding="ascii")


def _static_fingerprint() -> str:
    from django.contrib.staticfiles.finders import get_finders  # noqa: PLC0415

    digest = hashlib.sha256(version("simsa").encode())
    files = ((storage, path) for finder in get_finders() for path, storage in finder.list([]))
    for storage, path in files:
        state = os.stat(storage.path(path))
        digest.update(f"{path} {state.st_size} {state.st_mtime_ns}\n".encode())
    return digest.hexdigest()


def _serve(bound: socket.socket, ready: Callable[[], None]) -> None:
    from django.conf import settings  # noqa: PLC0415
    from django.db import connections  # noqa: PLC0415

    from simsa.web.site.server import Server  # noqa: PLC0415

    connections.close_all()  # a connection must not be shared with the worker process
    Server(bound, ready, settings.THREADS).run()


def _hint_serve(address: str) -> None:
    click.echo(f"simsa is at {address}/  (Ctrl-C stops it)")
    click.echo(f"  first account: python -m simsa.web.site createsuperuser, then {address}/ko/account/login/")


def _hint_demo(address: str, password: str) -> None:
    click.echo(f"The simsa demo is at {address}/  (Ctrl-C stops it)")
    click.echo(f"  {address}/ko/         front page, with the round that was loaded")
    click.echo(f"  {address}/en/         the same in English")
    click.echo(f"  {address}/ko/news/    its news")
    click.echo(f"  {address}/ko/method/  how an evaluation runs")
    click.echo(f"  {address}/cms/        the editors' room: {DEMO}, password {password}")
    click.echo(f"  {address}/ko/office/  rounds at work, with the same password: officer@example.org,")
    click.echo(
        "      officer2@example.org, auditor@example.org, reviewer@example.org, and for Gwangju entrant@example.org"
    )
    click.echo("All score sheets and entries in it are synthetic.")
