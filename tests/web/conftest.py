"""What tests of pages share: a live server, a real browser at two widths, axe-core, and screenshots to look at.

Browser tests need Chromium: the one that SIMSA_CHROMIUM names, or the system's. Where there is none they are skipped
and one loud line says so; with CI=true that is a failure. So it is with whatever else the set-up should have brought.
"""

from __future__ import annotations

import os
import re
import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.utils import translation
from playwright.sync_api import Browser, Page, expect, sync_playwright

from simsa.web import public
from simsa.web.newsroom import embargo
from tests.web.example import example, example_rows, hidden, whole_example

# Defined here alone: where a folder imports them once more, the example is loaded once more.
__all__ = ["example", "example_rows", "hidden", "whole_example"]

if settings.SETTINGS_MODULE != "tests.settings":
    raise pytest.UsageError("the web tests run with tests.settings (pyproject.toml, or pytest --ds tests.settings)")

SCREENSHOTS = Path(__file__).resolve().parents[1] / "screenshots"
# The background-networking flags keep Chromium from looking for its vendor's hosts.
FLAGS = [
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
# The rule for the size of targets is new in WCAG 2.2, and off unless it is asked for.
AXE_OPTIONS = {"resultTypes": ["violations"], "rules": {"target-size": {"enabled": True}}}
WIDTHS = {"phone": (390, 844), "desktop": (1280, 900)}
SKIPPED = "TESTS WERE SKIPPED: "
NO_BROWSER = f"BROWSER {SKIPPED}no Chromium was found (install it, or name it in SIMSA_CHROMIUM)"


def chromium() -> str | None:
    named = os.environ.get("SIMSA_CHROMIUM")
    if named:
        return shutil.which(named)
    names = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
    return next((found for name in names if (found := shutil.which(name))), None)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Tests that use the browser are marked so, and run last; without a browser they are skipped or fail.

    Of these the long ones begin first, so that no process of the run is left alone with one. What asks the database is
    marked, too: only that is worth a second run, on another.
    """
    browsing = [item for item in items if "browser" in getattr(item, "fixturenames", ())]
    found = chromium()
    for item in browsing:
        item.add_marker(pytest.mark.browser)
        if not found and os.environ.get("CI") != "true":
            item.add_marker(pytest.mark.skip(reason=NO_BROWSER))
    for item in items:
        if {"db", "transactional_db"} & set(getattr(item, "fixturenames", ())) or item.get_closest_marker("django_db"):
            item.add_marker(pytest.mark.database)
    items.sort(key=_turn)


def _turn(item: pytest.Item) -> int:
    if not item.get_closest_marker("browser"):
        return 0
    return 1 if item.get_closest_marker("takes_long") else 2


def pytest_terminal_summary(terminalreporter: Any) -> None:
    reasons = [str(report.longrepr) for report in terminalreporter.stats.get("skipped", [])]
    loud = Counter(found[0] for reason in reasons if (found := re.search(rf"[A-Z]+ {SKIPPED}[^'\"]+", reason)))
    for reason, count in loud.items():
        terminalreporter.write_sep("!", f"{reason}; {count} tests", red=True, bold=True)


@pytest.fixture
def lacking() -> Callable[[str], None]:
    """`lacking(reason)`: skips the test for want of something that the set-up brings, loudly; fails with CI=true."""

    def skip(reason: str) -> None:
        assert SKIPPED in reason
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)

    return skip


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


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    path = chromium()
    if path is None:
        pytest.fail(NO_BROWSER)
    expect.set_options(timeout=20_000)  # a busy machine takes longer than the usual five seconds
    # Chromium refuses its sandbox to root.
    flags = [*FLAGS, "--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else FLAGS
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=path, args=flags)
        yield running
        running.close()


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


@pytest.fixture
def axe() -> Callable[..., None]:
    """`axe(page)` asserts that axe-core finds no violation of its rules for WCAG 2.2 AA and good practice."""
    from axe_playwright_python.sync_playwright import Axe

    def check(page: Page, context: str | None = None) -> None:
        found = Axe().run(page, context=context, options=AXE_OPTIONS)
        assert found.violations_count == 0, found.generate_report()

    return check


@pytest.fixture
def screenshot(request: pytest.FixtureRequest) -> Callable[[Page, str], None]:
    """`screenshot(page, name)` keeps the whole page under tests/screenshots, to be looked at; never in git.

    Only with `--screenshots`: nothing fails by what is on them, and there are more than a hundred.
    """

    def keep(page: Page, name: str) -> None:
        if not request.config.getoption("--screenshots"):
            return
        SCREENSHOTS.mkdir(exist_ok=True)
        target = SCREENSHOTS / f"{re.sub(r'[^0-9A-Za-z가-힣_-]+', '-', name)}.png"
        page.evaluate("document.fonts.ready")
        page.screenshot(path=target, full_page=True)

    return keep


def _note_console(message: Any, expected: set[int], problems: list[str]) -> None:
    if message.type == "error" and not any(f"status of {status}" in message.text for status in expected):
        problems.append(f"console: {message.text}")


def _note_status(answer: Any, expected: set[int], problems: list[str]) -> None:
    if answer.status >= 400 and answer.status not in expected:
        problems.append(f"{answer.status} {answer.url}")
