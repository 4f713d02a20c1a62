"""Ways in and out, and what people manage of their account, in a browser: passwords, second factors, passkeys."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import struct
import time
from collections.abc import Callable

import pytest
from django.core import mail
from playwright.sync_api import Page, expect

from tests.web.panel.rounds import prepared
from tests.web.people import PASSWORD, account, with_role


@pytest.fixture(autouse=True)
def _round(transactional_db, settings):
    settings.SECOND_FACTOR = "required"
    settings.MFA_TOTP_TOLERANCE = 1
    return prepared()


def code_of(secret: str, ahead: int = 0) -> str:
    """What an authenticator app shows (RFC 6238), `ahead` times 30 seconds from now."""
    key = base64.b32decode(secret)
    digest = hmac.new(key, struct.pack(">Q", int(time.time()) // 30 + ahead), hashlib.sha1).digest()
    at = digest[-1] & 15
    return f"{(struct.unpack('>I', digest[at : at + 4])[0] & 0x7FFFFFFF) % 10**6:06d}"


def sign_in(page: Page, language: str, password: str = PASSWORD, who: str = "boss") -> None:
    page.locator("[name=login]").fill(f"{who}@example.kr")
    page.locator("[name=password]").fill(password)
    page.locator("main form button").first.click()
    page.wait_for_load_state()


WIDE = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
BOTH = pytest.mark.parametrize(
    "browser_page", [{"width": "desktop"}, {"width": "phone", "language": "en-GB"}], indirect=True, ids=["ko", "en"]
)


@pytest.fixture
def look(browser_page: Page, axe, screenshot) -> Callable[[str], None]:
    def check(name: str) -> None:
        language = browser_page.locator("html").get_attribute("lang")
        screenshot(browser_page, f"account-{name}-{language}")
        axe(browser_page)
        assert browser_page.evaluate(WIDE) <= 0, name
        levels = browser_page.evaluate("[...document.querySelectorAll('h1, h2, h3')].map(one => +one.tagName[1])")
        assert levels.count(1) == 1, (name, levels)

    return check


@BOTH
def test_second_factor_comes_first_and_then_the_work(browser_page: Page, look, _round):
    page = browser_page
    language = "ko" if page.viewport_size["width"] > 600 else "en"
    with_role("boss", _round, "officer")
    wanted = f"/{language}/office/rounds/small/people/"
    page.goto(wanted)
    sign_in(page, language)
    look("own")
    page.locator("a[href*='/totp/activate/']").click()
    look("again")
    page.locator("[name=password]").fill(PASSWORD)
    page.locator("main form button").first.click()
    look("totp")
    secret = page.locator("#authenticator_secret").input_value()
    page.locator("[name=code]").fill("000000")
    page.locator("main form button").first.click()
    look("totp-wrong")
    page.locator("[name=code]").fill(code_of(page.locator("#authenticator_secret").input_value()))
    page.locator("main form button").first.click()
    page.wait_for_load_state()
    look("codes")
    codes = page.locator("textarea").input_value().split()
    page.goto(f"/{language}/account/factors/")
    look("factors")
    for name, path in {
        "keys": "factors/webauthn/",
        "address": "address/",
        "password": "password/",
        "off": "factors/totp/deactivate/",
        "generate": "factors/recovery-codes/generate/",
        "elsewhere": "elsewhere/",
        "logout": "logout/",
        "add": "factors/webauthn/add/",
    }.items():
        page.goto(f"/{language}/account/{path}")
        look(name)
    page.context.clear_cookies()
    page.goto(wanted)
    sign_in(page, language)
    look("second")
    page.goto(f"/{language}/account/password/reset/")
    look("reset")
    page.locator("[name=email]").fill("boss@example.kr")
    page.locator("main form button").first.click()
    look("reset-sent")
    print(mail.outbox[-1].subject, mail.outbox[-1].body)
