"""A real browser for tests of pages: Chromium, axe-core, and screenshots to look at.

Browser tests need Chromium: the one that SIMSA_CHROMIUM names, or the system's. Where there is none they are skipped
and one loud line says so; with CI=true that is a failure.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect, sync_playwright

SCREENSHOTS = Path(__file__).resolve().parent / "screenshots"
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
SKIPPED = "TESTS WERE SKIPPED: "
NO_BROWSER = f"BROWSER {SKIPPED}no Chromium was found (install it, or name it in SIMSA_CHROMIUM)"


def chromium() -> str | None:
    named = os.environ.get("SIMSA_CHROMIUM")
    if named:
        return shutil.which(named)
    names = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
    return next((found for name in names if (found := shutil.which(name))), None)


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
def axe() -> Callable[..., None]:
    """`axe(page)` asserts that axe-core finds no violation of its rules for WCAG 2.2 AA and good practice."""
    from axe_playwright_python.sync_playwright import Axe

    def check(page: Page, context: str | None = None) -> None:
        found = Axe().run(page, context=context, options=AXE_OPTIONS)
        assert found.violations_count == 0, found.generate_report()

    return check


def reach(target: Locator, most: int = 150) -> None:
    """Go to an element (or one of several) as people without a mouse do: by the tabulator key alone."""
    page = target.page
    for _ in range(most):
        page.keyboard.press("Tab")
        if target.evaluate_all("all => all.includes(document.activeElement)"):
            return
    pytest.fail(f"{target} cannot be reached by keyboard")


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
