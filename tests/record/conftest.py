"""The JavaScript verifier in a real browser, opened as anyone would open it: one file, no server."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from simsa.record.verifier import checker_script, verifier_page

Verify = Callable[..., dict[str, Any]]


@pytest.fixture(scope="session")
def page_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("verifier") / "verifier.html"
    path.write_text(verifier_page(), encoding="utf-8")
    return path


@pytest.fixture(scope="session")
def verified(browser: Browser, page_file: Path) -> Iterator[Verify]:
    """`verified(bundle, receipts, key, policy)`: what the page says, `outcomes` by check among it."""
    page = browser.new_page()
    page.goto(page_file.as_uri())

    def verify(
        bundle: bytes, receipts: Sequence[bytes] = (), key: str | None = None, policy: str | None = None
    ) -> dict[str, Any]:
        options = {"receipts": [base64.b64encode(one).decode() for one in receipts], "key": key, "policy": policy}
        found: dict[str, Any] = page.evaluate(
            "([bundle, options]) => simsaVerify(bundle, options)", [base64.b64encode(bundle).decode(), options]
        )
        found["outcomes"] = {check["name"]: check["outcome"] for check in found["checks"]}
        found["failed"] = [check["name"] for check in found["checks"] if check["outcome"] == "failed"]
        found["why"] = {check["name"]: check["why"] for check in found["checks"]}
        return found

    yield verify
    page.close()


@pytest.fixture(scope="session")
def modules(browser: Browser, page_file: Path) -> Iterator[Page]:
    """A page in which the checker's modules are there by name (`module_sha256`, ...)."""
    empty = page_file.with_name("empty.html")
    empty.write_text("<!doctype html><title>empty</title>", encoding="utf-8")
    page = browser.new_page()
    page.goto(empty.as_uri())
    page.add_script_tag(content=checker_script())
    yield page
    page.close()
