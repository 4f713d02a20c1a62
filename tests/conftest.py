"""Options of the whole run. The database is started in tests/settings.py, which Django loads before this file."""

from __future__ import annotations

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--database",
        choices=["sqlite", "postgresql"],
        help="of the web tests; by default what DATABASE_URL says, or SQLite; postgresql starts one for this run",
    )


def pytest_report_header(config: pytest.Config) -> str:
    from django.conf import settings

    return f"database: {settings.DATABASES['default']['ENGINE'].rpartition('.')[2]}"


def pytest_configure(config: pytest.Config) -> None:
    from django.conf import settings

    wanted = config.getoption("--database")
    used = settings.DATABASES["default"]["ENGINE"].rpartition(".")[2]
    if wanted and used != {"sqlite": "sqlite3", "postgresql": "postgresql"}[wanted]:
        raise pytest.UsageError(f"--database {wanted} came too late: the settings of this run already chose {used}")
