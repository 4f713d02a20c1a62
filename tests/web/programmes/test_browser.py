"""A round's bundle from its page to the verdict, in a browser under the site's own policy."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from simsa.web.programmes.models import Log


@pytest.mark.parametrize("browser_page", [{"width": "phone", "language": "en-GB"}], indirect=True)
def test_the_bundle_of_a_round_is_verified_in_the_browser(browser_page: Page, whole_example, axe, screenshot):
    page = browser_page
    page.goto("/en/rounds/proactive-2023-h1/")
    box = page.locator("aside[aria-labelledby=record]")
    screenshot(page, "round-with-record")
    axe(page, "aside[aria-labelledby=record]")
    with page.expect_download() as started:
        box.get_by_role("link", name="Bundle").click()
    file = started.value.path()
    box.get_by_role("link", name="Verifier").click()
    page.locator("#key").fill(Log.objects.get().first_key)
    page.set_input_files("#files", {"name": "bundle.zip", "mimeType": "application/zip", "buffer": file.read_bytes()})
    expect(page.locator(".verdict h2")).to_contain_text("Verified", timeout=60_000)
    assert "Jeollanam-do" in page.locator("#found tbody").first.inner_text()
