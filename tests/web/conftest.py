"""What tests of the site's pages share: a live server, and a page of the real browser at two widths.

Where something is lacking that the set-up should have brought, tests are skipped and one loud line says so; with
CI=true that is a failure.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.conf import settings
from django.db import transaction
from django.utils import translation
from playwright.sync_api import Browser, Page

from simsa.web import public
from simsa.web.newsroom import embargo
from tests.browser import SKIPPED
from tests.web.example import example, example_rows, hidden, whole_example

# Defined here alone: where a folder imports them once more, the example is loaded once more.
__all__ = ["example", "example_rows", "hidden", "whole_example"]

if settings.SETTINGS_MODULE != "tests.settings":
    raise pytest.UsageError("the web tests run with tests.settings (pyproject.toml, or pytest --ds tests.settings)")

WIDTHS = {"phone": (390, 844), "desktop": (1280, 900)}


@pytest.fixture
def lacking() -> Callable[[str], None]:
    """`lacking(reason)`: skips the test for want of something that the set-up brings, loudly; fails with CI=true."""

    def skip(reason: str) -> None:
        assert SKIPPED in reason
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)

    return skip


@pytest.fixture(scope="module")
def shared_rows(django_db_setup: None, django_db_blocker: pytest.FixtureRequest) -> Iterator[None]:
    """What fixtures of a module put into the database after this one is there for each of its tests, made once.

    Each test goes back to it, and the last one to a database without it. Not for tests with real transactions.
    """
    with django_db_blocker.unblock(), transaction.atomic():  # type: ignore[attr-defined]
        yield
        transaction.set_rollback(True)


@pytest.fixture(autouse=True)
def _one_edition(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the clock says of the wall decides nothing: a process asks once, and after what itself has published."""
    monkeypatch.setattr(public, "ASKED", 3600.0)
    public._known.at = float("-inf")
    embargo._closed.clear()


@pytest.fixture(autouse=True)
def _own_language() -> None:
    """Each test begins in the site's language: a request leaves its own behind."""
    translation.activate(settings.LANGUAGE_CODE)


@pytest.fixture
def browser_page(browser: Browser, live_server: Any, request: pytest.FixtureRequest) -> Iterator[Page]:
    """A fresh page on the live server; relative addresses work.

    Parametrise indirectly with a dict of any of `width` ("phone" 390 px, "desktop" 1280 px, or pixels), `scheme`
    ("light", "dark"), `language` (the browser's, for `/`), `javascript` (True or False). The test fails if the page
    logs an error, breaks the Content Security Policy, or asks for anything that is not there, unless the test put the
    status into `browser_page.expected_statuses`.
    """
    wanted: dict[str, Any] = getattr(request, "param", {})
    width, height = WIDTHS.get(wanted.get("width", "desktop"), (wanted.get("width"), 900))
    context = browser.new_context(
        base_url=live_server.url,
        viewport={"width": width, "height": height},
        color_scheme=wanted.get("scheme", "light"),
        locale=wanted.get("language", "ko-KR"),
        java_script_enabled=wanted.get("javascript", True),
        timezone_id="Asia/Seoul",
        reduced_motion="reduce",
    )
    page, problems = context.new_page(), []
    expected: set[int] = set()
    page.expected_statuses = expected  # type: ignore[attr-defined]
    page.on("pageerror", lambda error: problems.append(f"script error: {error}"))
    page.on("console", lambda message: _note_console(message, expected, problems))
    page.on("response", lambda answer: _note_status(answer, expected, problems))
    yield page
    context.close()
    assert problems == []


def _note_console(message: Any, expected: set[int], problems: list[str]) -> None:
    offline = "net::ERR_INTERNET_DISCONNECTED" in message.text  # where the test itself has cut the network
    if message.type == "error" and not offline and not any(f"status of {one}" in message.text for one in expected):
        problems.append(f"console: {message.text}")


def _note_status(answer: Any, expected: set[int], problems: list[str]) -> None:
    if answer.status >= 400 and answer.status not in expected:
        problems.append(f"{answer.status} {answer.url}")
