"""Signing in through a provider of OpenID Connect: who comes in, and that nothing wrong with it lets anybody in."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from allauth.account.models import EmailAddress
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from allauth.socialaccount.models import SocialAccount
from django.contrib.auth import SESSION_KEY
from django.test import Client
from playwright.sync_api import Page, expect

from simsa.web.accounts.models import User
from tests.web.accounts.codes import code_of
from tests.web.accounts.provider import Provider
from tests.web.people import account

pytestmark = pytest.mark.django_db


def sent_back(client: Client, provider: Provider, query: str = "") -> str:
    """Where the provider sends a visitor back to whom the site has sent there."""
    answer = client.post(f"/ko/account/oidc/?process=login{query}")
    away = answer.context["away"]
    assert away.startswith(provider.url)
    back = requests.get(away, allow_redirects=False, timeout=10).headers["Location"]
    return back.replace("http://127.0.0.1:8000", "")


def through(client: Client, provider: Provider, query: str = ""):
    return client.get(sent_back(client, provider, query))


def is_in(client: Client) -> User | None:
    number = client.session.get(SESSION_KEY)
    return User.objects.get(pk=number) if number else None


def test_verified_address_signs_in_to_its_account(provider):
    person, client = account("kim"), Client()
    answer = through(client, provider, "&next=/ko/account/")
    assert (answer.status_code, answer.url) == (302, "/ko/account/")
    assert is_in(client) == person
    assert User.objects.count() == 1
    kept = SocialAccount.objects.get()
    assert kept.extra_data == {"email": "kim@example.kr"}
    assert kept.uid != "42"
    path, asked = provider.asked[1]
    assert path == "/authorization"
    assert (asked["code_challenge_method"], asked["response_type"]) == ("S256", "code")


def test_whoever_came_once_is_known_by_subject_and_issuer(provider):
    person = account("kim")
    through(Client(), provider)
    provider.person["email"] = "other@example.kr"
    client = Client()
    through(client, provider)
    assert is_in(client) == person
    provider.person = {**provider.person, "sub": "44"}
    client = Client()
    assert "other@example.kr" not in through(client, provider).content.decode()
    assert is_in(client) is None


@pytest.mark.parametrize(
    "person",
    [
        {"email": "stranger@example.kr"},
        {"email_verified": False},
        {"email_verified": "false"},
        {"email_verified": None},
        {"email": ""},
        {"email": "kim@example.kr.evil.example"},
    ],
    ids=str,
)
def test_address_that_is_unknown_or_unverified_signs_nobody_in(provider, person):
    account("kim")
    provider.person.update(person)
    client = Client()
    answer = through(client, provider)
    assert (answer.status_code, is_in(client)) == (200, None)
    assert "계정은 초대" in answer.content.decode()
    assert (User.objects.count(), SocialAccount.objects.count()) == (1, 0)


def test_address_that_somebody_else_has_typed_in_is_not_theirs(provider):
    """Somebody asks to change to an address that is not theirs, and waits for its owner to come."""
    mallory = account("mallory")
    EmailAddress.objects.create(user=mallory, email="kim@example.kr", verified=False, primary=False)
    client = Client()
    through(client, provider)
    assert is_in(client) is None
    assert not SocialAccount.objects.exists()


def test_forgotten_or_inactive_account_stays_closed(provider):
    account("kim", is_active=False)
    client = Client()
    through(client, provider)
    assert is_in(client) is None


@pytest.mark.parametrize(
    "wrong",
    [
        "issuer", "audience", "nonce", "no nonce", "no subject", "no expiry", "expired", "unsigned", "shared secret",
        "signature", "key", "no token", "userinfo", "state",
    ],
)  # fmt: skip
def test_what_is_not_as_it_must_be_signs_nobody_in(provider, wrong):
    account("kim")
    provider.wrong = wrong
    client = Client()
    answer = through(client, provider)
    assert (answer.status_code, is_in(client)) == (401, None)
    assert "로그인되지 않았습니다" in answer.content.decode()
    assert not SocialAccount.objects.exists()


@pytest.mark.parametrize("wrong", ["discovery", "down"])
def test_provider_that_is_another_or_away_is_not_asked(provider, wrong):
    provider.wrong = wrong
    answer = Client().post("/ko/account/oidc/?process=login")
    assert answer.status_code == 401
    assert "로그인되지 않았습니다" in answer.content.decode()
    assert "/authorization" not in {path for path, _facts in provider.asked}


def test_answer_is_for_the_session_that_asked_and_for_once(provider):
    account("kim")
    first, thief = Client(), Client()
    back = sent_back(first, provider)
    thief.get(back)
    assert is_in(thief) is None
    first.get(back)
    assert is_in(first) is not None
    again = Client()
    again.get(back)
    assert is_in(again) is None


def test_who_says_no_is_not_signed_in(provider):
    provider.wrong = "denied"
    client = Client()
    assert through(client, provider).url == "/ko/account/elsewhere/cancelled/"
    assert is_in(client) is None


def test_link_has_no_say_in_what_the_provider_is_asked(provider):
    answer = Client().post("/ko/account/oidc/?process=login&scope=admin&auth_params=nonce%3Dx%26prompt%3Dnone")
    asked = parse_qs(urlsplit(answer.context["away"]).query)
    assert set(asked["scope"][0].split()) == {"openid", "email", "profile"}
    assert asked["nonce"] != ["x"]
    assert "prompt" not in asked


def test_nobody_is_led_to_another_site_afterwards(provider):
    account("kim")
    assert through(Client(), provider, "&next=https://evil.example/").url == "/ko/office/"


def test_second_factor_is_asked_for_all_the_same(provider):
    person = account("kim")
    secret = generate_totp_secret()
    TOTP.activate(person, secret)
    client = Client()
    assert through(client, provider).url.startswith("/ko/account/factors/authenticate/")
    assert is_in(client) is None
    assert client.post("/ko/account/factors/authenticate/", {"code": code_of(secret)}).status_code == 302
    assert is_in(client) == person


def test_where_there_is_no_provider_there_is_no_address():
    assert Client().post("/ko/account/oidc/?process=login").status_code == 404
    assert Client().get("/account/oidc/callback/", follow=True).status_code == 404


@pytest.mark.parametrize("browser_page", [{}, {"width": "phone", "javascript": False}], indirect=True, ids=str)
def test_in_a_browser(transactional_db, provider, browser_page: Page, live_server, settings, screenshot):
    settings.PUBLIC_URL = live_server.url
    account("kim")
    page = browser_page
    page.goto("/ko/account/login/?next=/ko/account/")
    screenshot(page, "account-login-elsewhere")
    page.get_by_role("button", name="행정망").click()
    page.wait_for_url("**/ko/account/")
    expect(page.locator("[name=name]")).to_have_value("kim")
