"""Options of the whole run, and its database, which is migrated once however many processes test.

The server of a run on PostgreSQL is started in tests/settings.py, which Django loads before this file.
"""

from __future__ import annotations

import fcntl
import gc
import itertools
import os
import re
import shutil
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests import draws  # noqa: F401 (before the option that names its profile is read)
from tests.browser import NO_BROWSER, SKIPPED, axe, browser, chromium, screenshot
from tests.resetting import Planted
from tests.settings import HOME_OF_RUN

__all__ = ["axe", "browser", "screenshot"]


# What is imported and collected stays to the end: looking through it for garbage, again and again, finds none.
gc.disable()


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop() -> None:
    gc.freeze()
    gc.set_threshold(10_000, 20, 20)
    gc.enable()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--database",
        choices=["sqlite", "postgresql"],
        help="of the web tests; by default what DATABASE_URL says, or SQLite; postgresql starts one for this run",
    )
    parser.addoption("--screenshots", action="store_true", help="keep pages under tests/screenshots, to be looked at")


def pytest_report_header(config: pytest.Config) -> str:
    from django.conf import settings

    return f"database: {settings.DATABASES['default']['ENGINE'].rpartition('.')[2]}"


def pytest_configure(config: pytest.Config) -> None:
    from django.conf import settings

    wanted = config.getoption("--database")
    used = settings.DATABASES["default"]["ENGINE"].rpartition(".")[2]
    if wanted and used != {"sqlite": "sqlite3", "postgresql": "postgresql"}[wanted]:
        raise pytest.UsageError(f"--database {wanted} came too late: the settings of this run already chose {used}")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests that use the browser are marked so, and run last; without a browser they are skipped or fail.

    Of these the long ones begin first, so that no process of the run is left alone with one. What asks the database is
    marked, too: only that is worth a second run, on another.
    """
    from django.conf import settings

    browsing = [item for item in items if "browser" in getattr(item, "fixturenames", ())]
    found = chromium()
    for item in browsing:
        item.add_marker(pytest.mark.browser)
        if not found and os.environ.get("CI") != "true":
            item.add_marker(pytest.mark.skip(reason=NO_BROWSER))
    _leave_repeats(items)
    sqlite = not settings.DATABASES["default"]["ENGINE"].endswith("postgresql")
    for item in items:
        if sqlite and item.get_closest_marker("postgresql"):
            item.add_marker(pytest.mark.skip(reason="this run is on another database"))
        if {"db", "transactional_db"} & set(getattr(item, "fixturenames", ())) or item.get_closest_marker("django_db"):
            item.add_marker(pytest.mark.database)
    items.sort(key=_turn)


def _leave_repeats(items: list[pytest.Item]) -> None:
    """A walk that is marked as repeated in other languages or widths is part of the suite in its first form alone."""
    first: dict[str, str] = {}
    for item in items:
        if item.get_closest_marker("repeats"):
            walk = item.nodeid.partition("[")[0]
            if first.setdefault(walk, item.nodeid) != item.nodeid:
                item.add_marker(pytest.mark.long)


def _turn(item: pytest.Item) -> int:
    if not item.get_closest_marker("browser"):
        return 0
    return 1 if item.get_closest_marker("takes_long") else 2


def pytest_terminal_summary(terminalreporter: Any) -> None:
    reasons = [str(report.longrepr) for report in terminalreporter.stats.get("skipped", [])]
    loud = Counter(found[0] for reason in reasons if (found := re.search(rf"[A-Z]+ {SKIPPED}[^'\"]+", reason)))
    for reason, count in loud.items():
        terminalreporter.write_sep("!", f"{reason}; {count} tests", red=True, bold=True)


@pytest.fixture(scope="session")
def migrated(django_db_blocker: pytest.FixtureRequest) -> Path | None:
    """The database of the site as migrations leave it, made by the first process of the run that needs one.

    On SQLite this file, on the server that the run started itself the database `migrated`; on somebody else's server
    there is none, and each process makes its own. Migrations take longer than all other preparations together.
    """
    from django.conf import settings

    if settings.DATABASES["default"]["ENGINE"].endswith("postgresql") and "SIMSA_TESTS_SERVER" not in os.environ:
        return None
    file, done = HOME_OF_RUN / "migrated.sqlite3", HOME_OF_RUN / "migrated"
    with (HOME_OF_RUN / "migrating").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not done.exists():
            with django_db_blocker.unblock():  # type: ignore[attr-defined]
                _migrate(str(file) if settings.DATABASES["default"]["ENGINE"].endswith("sqlite3") else "migrated")
            done.touch()
    return file


def _migrate(name: str) -> None:
    from django.db import connection

    own, test = connection.settings_dict["NAME"], connection.settings_dict["TEST"]
    own_test, test["NAME"] = test["NAME"], name
    try:
        connection.creation.create_test_db(verbosity=0, autoclobber=True)
    finally:
        test["NAME"] = own_test
        connection.close()
        connection.settings_dict["NAME"] = own


@pytest.fixture(scope="session")
def django_db_keepdb(migrated: Path | None) -> bool:
    """Whether Django leaves the database where it is: it goes with the folder or the server of the run."""
    return migrated is not None


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    django_db_modify_db_settings_parallel_suffix: None, migrated: Path | None
) -> Iterator[None]:
    """Each process has a copy of the migrated database, which is put back after a test with real transactions.

    Django would empty the tables instead, of what migrations planted as well: the next test would miss it.
    """
    from django.db import connection
    from django.test import TransactionTestCase

    test = connection.settings_dict["TEST"]
    if migrated is None:
        yield
        return
    with pytest.MonkeyPatch.context() as patch:
        if migrated.exists():
            shutil.copyfile(migrated, test["NAME"])
            patch.setattr(TransactionTestCase, "_fixture_teardown", lambda _test: _copy_file(migrated))
            yield
            connection.close()
        else:
            test["TEMPLATE"] = "migrated"
            patch.setattr(TransactionTestCase, "_fixture_teardown", lambda _test: _put_back("migrated"))
            yield


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: pytest.FixtureRequest, migrated: Path | None) -> None:
    """Remembers what is in a database that is put back after tests with real transactions."""
    if migrated is not None and not migrated.exists():
        with django_db_blocker.unblock():  # type: ignore[attr-defined]
            _planted.append(Planted.now())


_planted: list[Planted] = []


def _put_back(template: str) -> None:
    if not _planted[0].restore():
        _copy_database(template)


_copies = itertools.count(1)


def _copy_file(migrated: Path) -> None:
    """A new copy under a new name: a request that outlives its test has the old one open, and removes its journal when
    it is done. Under the same name that would be the journal of the new one, whose next reader has an I/O error."""
    from django.db import connection

    connection.close()
    old = Path(connection.settings_dict["NAME"])
    new = migrated.with_name(f"copy-{os.getpid()}-{next(_copies)}.sqlite3")
    connection.settings_dict["NAME"] = str(shutil.copyfile(migrated, new))  # of all threads
    for ending in ("", "-wal", "-shm"):
        Path(f"{old}{ending}").unlink(missing_ok=True)


def _copy_database(template: str) -> None:
    from django.db import connection

    connection.close()
    name = connection.ops.quote_name(connection.settings_dict["NAME"])
    with connection._nodb_cursor() as cursor:
        cursor.execute(f"DROP DATABASE {name} WITH (FORCE)")
        cursor.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
