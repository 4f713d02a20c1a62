"""Ways in, and what people manage of their account, in a browser: passwords, second factors, passkeys."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from playwright.sync_api import Page, expect

from simsa.web.programmes.models import Round
from tests.web.accounts.codes import code_of
from tests.web.accounts.letters import letters
from tests.web.panel.rounds import prepared
from tests.web.people import PASSWORD, account, with_role

NEW = "another long password 2"
WIDE = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
BOTH = pytest.mark.parametrize(
    "browser_page", [{"width": "desktop"}, {"width": "phone", "language": "en-GB"}], indirect=True, ids=["ko", "en"]
)


@pytest.fixture
def round_(transactional_db: None, settings: Any, live_server: Any) -> Round:
    settings.SECOND_FACTOR, settings.PUBLIC_URL = "required", live_server.url
    settings.MFA_TOTP_TOLERANCE = 1
    return prepared()


@pytest.fixture
def language(browser_page: Page) -> str:
    return "ko" if browser_page.viewport_size["width"] > 600 else "en"


@pytest.fixture
def look(browser_page: Page, axe: Callable[..., None], screenshot: Callable[..., None], language: str) -> Any:
    """`look(name)`: nothing is wrong with the page that is shown, and it is in the language of the visitor."""

    def check(name: str) -> None:
        page = browser_page
        screenshot(page, f"account-{name}-{language}")
        axe(page)
        assert page.evaluate(WIDE) <= 0, name
        assert page.locator("h1").count() == 1, name
        if language == "ko":
            assert re.search("[가-힣]", page.locator("h1").inner_text()), name

    return check


def send(page: Page, **fields: str) -> None:
    """Fill the fields of the form in which the first of them stands, and send it."""
    for name, value in fields.items():
        page.locator(f"main [name={name}]").fill(value)
    page.locator("main form", has=page.locator(f"[name={next(iter(fields))}]")).locator("button").first.click()
    page.wait_for_load_state()


def sign_in(page: Page, who: str = "boss", password: str = PASSWORD) -> None:
    send(page, login=f"{who}@example.kr", password=password)


def sign_out(page: Page) -> None:
    page.locator(".tools form button").click()
    page.wait_for_load_state()
    expect(page.locator("a[href$='/account/login/']").first).to_be_visible()


@pytest.mark.repeats
@BOTH
def test_second_factor_comes_first_and_then_the_work(browser_page: Page, look, round_, language):
    page, wanted = browser_page, f"/{language}/office/rounds/small/people/?x=1"
    with_role("boss", round_, "officer")
    page.goto(wanted)
    look("login")
    sign_in(page, password="wrong")
    look("login-wrong")
    sign_in(page)
    expect(page).to_have_url(re.compile(f"/{language}/account/$"))
    look("own")
    page.locator("a[href*='/totp/activate/']").click()
    look("again")
    send(page, password=PASSWORD)
    look("totp")
    send(page, code="000000")
    look("totp-wrong")
    secret = page.locator("#authenticator_secret").input_value()
    send(page, code=code_of(secret))
    look("codes")
    codes = page.locator("textarea").input_value().split()
    assert len(codes) == 10
    page.get_by_role("link", name={"ko": "계속하기", "en": "Go on"}[language]).click()
    expect(page).to_have_url(re.compile(re.escape(wanted) + "$"))
    page.goto(f"/{language}/account/factors/")
    look("factors")
    expect(page.locator(".notice a")).to_have_count(0)  # whoever has arrived is not sent there again
    sign_out(page)
    page.goto(wanted)
    sign_in(page)
    look("second")
    send(page, code=code_of(secret, ahead=1))
    expect(page).to_have_url(re.compile(re.escape(wanted) + "$"))
    for used in (False, True):
        sign_out(page)
        page.goto(wanted)
        sign_in(page)
        if used:
            send(page, code=codes[3])
            expect(page.locator("main .errorlist").first).to_be_visible()
        send(page, code=codes[3 + used])
        expect(page).to_have_url(re.compile(re.escape(wanted) + "$"))


@pytest.mark.repeats
@BOTH
def test_passkey_takes_the_place_of_everything_else(browser_page: Page, look, round_, language):
    page = browser_page
    with_role("boss", round_, "officer")
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    device = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": device})
    page.goto(f"/{language}/office/rounds/small/")
    sign_in(page)
    page.locator("a[href*='/webauthn/add/']").click()
    send(page, password=PASSWORD)
    look("key-new")
    page.locator("[name=name]").fill("노트북")
    page.locator("[name=passwordless]").check()
    page.locator("#mfa_webauthn_add").click()
    expect(page.locator("textarea")).to_be_visible()  # codes for emergencies
    assert Authenticator.objects.get(type="webauthn").wrap().is_passwordless
    page.goto(f"/{language}/account/factors/webauthn/")
    expect(page.locator("main")).to_contain_text("노트북")
    look("keys")
    sign_out(page)
    page.goto(f"/{language}/account/login/?next=/{language}/office/rounds/small/")
    page.locator("#passkey_login").click()
    page.wait_for_url(re.compile(f"[0-9]/{language}/office/rounds/small/$"))
    page.goto(f"/{language}/account/factors/webauthn/")
    page.locator("a[href$='/remove/']").click()
    if page.locator("[name=password]").count():
        send(page, password=PASSWORD)
    look("key-remove")
    page.locator("main form button").click()
    page.wait_for_load_state()
    assert not Authenticator.objects.exists()
    page.goto(f"/{language}/office/rounds/small/")
    expect(page).to_have_url(re.compile(f"/{language}/account/$"))  # first another one, and then the work


@pytest.mark.repeats
@pytest.mark.parametrize(
    "browser_page",
    [{"width": "phone", "javascript": False}, {"width": "desktop", "language": "en-GB", "javascript": False}],
    indirect=True,
    ids=["ko", "en"],
)
def test_forgotten_password_without_javascript(browser_page: Page, round_, live_server, screenshot):
    page, language = browser_page, "en" if browser_page.viewport_size["width"] > 600 else "ko"
    account("boss", language=language)
    page.goto(f"/{language}/account/login/")
    page.locator("main a[href$='/password/reset/']").click()
    screenshot(page, f"account-reset-{language}")
    send(page, email="boss@example.kr")
    screenshot(page, f"account-reset-sent-{language}")
    (letter,) = letters()
    (link,) = re.findall(r"http\S+/key/\S+", letter.body)
    page.goto(link)
    send(page, password1="short", password2="short")
    screenshot(page, f"account-reset-weak-{language}")
    expect(page.locator(".errorlist").first).to_be_visible()
    send(page, password1=NEW, password2=NEW)
    screenshot(page, f"account-reset-done-{language}")
    page.goto(f"/{language}/account/login/")
    sign_in(page)
    expect(page.locator(".errorlist, .notice.error").first).to_be_visible()
    sign_in(page, password=NEW)
    expect(page).to_have_url(re.compile("/office/$"))
    page.goto(link)
    assert page.locator("[name=password1]").count() == 0  # a link works once


@pytest.mark.repeats
@BOTH
def test_what_people_manage_of_their_account(browser_page: Page, look, round_, language):
    page = browser_page
    account("boss", language=language)
    page.goto(f"/{language}/account/")
    sign_in(page)
    for name, path in {
        "address": "address/",
        "password": "password/",
        "elsewhere": "elsewhere/",
        "logout": "logout/",
        "generate": "factors/recovery-codes/generate/",
    }.items():
        page.goto(f"/{language}/account/{path}")
        look(name)
    page.goto(f"/{language}/account/address/")
    send(page, email="new@example.kr")
    if page.locator("[name=password]").count():
        send(page, password=PASSWORD)
    look("address-pending")
    (link,) = re.findall(r"http\S+/confirm/\S+", letters()[-1].body)
    page.goto(link)
    look("address-confirm")
    page.locator("main form button").first.click()
    page.wait_for_load_state()
    page.goto(f"/{language}/account/")
    expect(page.locator("main")).to_contain_text("new@example.kr")
    page.goto(f"/{language}/account/password/")
    send(page, oldpassword=PASSWORD, password1=NEW, password2=NEW)
    expect(page.locator(".messages")).to_be_visible()
    sign_out(page)
    page.goto(f"/{language}/account/password/reset/")
    look("reset")
    send(page, email="new@example.kr")
    look("reset-sent")
    page.goto(re.findall(r"http\S+/key/\S+", letters()[-1].body)[0])
    look("reset-key")
    send(page, password1=PASSWORD, password2=PASSWORD)
    look("reset-done")
