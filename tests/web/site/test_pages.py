"""The shell's pages as a client sees them: who gets in, in which language, with which headers."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.db import DatabaseError, connection
from django.test import Client, override_settings
from django.urls import path

from simsa.web.accounts.services import open_account
from simsa.web.site import urls

pytestmark = pytest.mark.django_db

# A block of data runs nothing.
INLINE = r'<script(?![^>]*(?:\bsrc=|type="application/json"))|<style|\sstyle=|\son[a-z]+='


def closed(request):
    raise AssertionError("a view that is not marked public was reached without a login")


def failing(request):
    raise RuntimeError("on purpose")


failing.login_required, failing.is_public_page = False, True


class WithMoreViews:
    """The site's addresses and three that tests need."""

    handler400, handler403, handler404, handler500 = urls.handler400, urls.handler403, urls.handler404, urls.handler500
    urlpatterns = [path("closed/", closed), path("failing/", failing), *urls.urlpatterns]  # noqa: RUF012


@pytest.mark.parametrize(
    "address", ["/ko/", "/en/", "/ko/method/", "/en/method/", "/ko/account/login/", "/ko/account/password/reset/"]
)
def test_public_pages(client, address):
    answer = client.get(address)
    assert answer.status_code == 200
    language = address.split("/")[1]
    assert f'<html lang="{language}">' in answer.content.decode()
    assert answer.headers["Content-Language"] == language


@pytest.mark.parametrize(
    ("accepted", "cookie", "there"),
    [
        ("", None, "/ko/"),
        ("en-GB,en;q=0.8", None, "/en/"),
        ("fr", None, "/ko/"),
        ("en", "ko", "/ko/"),
        ("ko", "en", "/en/"),
    ],
)
def test_root_goes_to_the_readers_language(client, accepted, cookie, there):
    if cookie:
        client.cookies["django_language"] = cookie
    answer = client.get("/", headers={"accept-language": accepted})
    assert (answer.status_code, answer.url) == (302, there)
    assert {"Accept-Language", "Cookie"} <= {name.strip() for name in answer.headers["Vary"].split(",")}


@pytest.mark.parametrize(
    ("here", "there"),
    [
        ("/ko/", "/en/"),
        ("/en/method/", "/ko/method/"),
        ("/ko/account/login/?next=/cms/", "/en/account/login/?next=/cms/"),
        ("/ko/nowhere/", "/en/"),
    ],
)
def test_language_switch_keeps_the_page(client, here, there):
    page = client.get(here).content.decode()
    switch = re.search(r'<a href="([^"]+)" lang="[a-z]+" hreflang', page)
    assert switch[1] == there


def test_english_pages_have_no_korean_but_the_names(client):
    for address in ("/en/", "/en/method/", "/en/account/login/", "/en/nowhere/"):
        page = client.get(address).content.decode()
        assert set(re.findall("[가-힣]+", page)) <= {"심사", "한국어"}, address


def test_views_ask_for_a_login_unless_marked_public(client, settings):
    settings.ROOT_URLCONF = WithMoreViews
    answer = client.get("/closed/")
    assert (answer.status_code, answer.url) == (302, "/ko/account/login/?next=/closed/")


@pytest.mark.parametrize("address", ["/cms/", "/cms/pages/", "/cms/login/", "/ko/account/password/"])
def test_rooms_of_editors_and_accounts_are_closed(client, address):
    answer = client.get(address)
    assert (answer.status_code, answer.url.split("?")[0]) == (302, "/ko/account/login/")


def test_signing_in_and_out(client, db):
    open_account("editor@example.kr", "a-long-enough-one")
    answer = client.post(
        "/ko/account/login/", {"login": "editor@example.kr", "password": "a-long-enough-one", "next": "/ko/method/"}
    )
    assert (answer.status_code, answer.url) == (302, "/ko/method/")
    assert "로그아웃" in client.get("/ko/").content.decode()
    assert client.post("/ko/account/logout/").url == "/"
    assert "로그인" in client.get("/ko/").content.decode()


def test_login_sends_nobody_to_another_site(client, db):
    open_account("editor@example.kr", "a-long-enough-one")
    form = {"login": "editor@example.kr", "password": "a-long-enough-one", "next": "https://elsewhere.example/"}
    assert client.post("/ko/account/login/", form).url == "/ko/office/"


def test_wrong_password_is_told_at_the_form(client):
    page = client.post("/en/account/login/", {"login": "nobody@example.kr", "password": ""}).content.decode()
    assert 'value="nobody@example.kr"' in page
    assert 'aria-describedby="id_password_helptext id_password_error"' in page
    assert 'id="id_password_error"' in page


def test_password_change(client, db):
    user = open_account("editor@example.kr", "a-long-enough-one")
    client.login(email=user.email, password="a-long-enough-one")
    assert "비밀번호 변경" in client.get("/ko/account/password/").content.decode()
    form = {
        "oldpassword": "a-long-enough-one",
        "password1": "another-long-one",
        "password2": "another-long-one",
    }
    assert client.post("/ko/account/password/", form).status_code == 302
    user.refresh_from_db()
    assert user.check_password("another-long-one")


def test_whoever_lacks_the_role_is_told_so(client, django_user_model):
    client.force_login(django_user_model.objects.create_user("reader@example.kr"))
    for address in ("/cms/", "/ko/account/login/?next=/cms/"):
        answer = client.get(address, follow=True)
        assert answer.status_code == 403
        assert "권한이 없습니다" in answer.content.decode()
    assert client.get("/cms/login/").status_code == 302


def test_editor_reaches_the_cms(admin_client):
    answer = admin_client.get("/cms/")
    assert answer.status_code == 200
    assert "frame-ancestors 'self'" in answer.headers["Content-Security-Policy"]


@pytest.mark.parametrize("address", ["/ko/", "/ko/nowhere/", "/robots.txt", "/healthz"])
def test_headers_of_public_answers(client, address):
    headers = client.get(address).headers
    policy = headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"


@pytest.mark.parametrize("address", ["/ko/", "/ko/method/", "/ko/account/login/", "/ko/nowhere/"])
def test_pages_have_nothing_inline_and_nothing_from_elsewhere(client, address):
    page = client.get(address).content.decode()
    assert not re.search(INLINE, page)
    own = f"testserver|{re.escape(settings.PUBLIC_URL.partition('//')[2])}"
    assert not re.search(rf'(?:src|href)="(?:https?:)?//(?!{own})', page)


def test_public_pages_set_no_cookie(client):
    for address in ("/ko/", "/en/method/", "/"):
        assert not client.get(address).cookies


def test_not_found_in_both_languages(client):
    for address, text in (
        ("/ko/nowhere/", "이 주소에는 화면이 없습니다"),
        ("/en/nowhere/", "There is no page at this address"),
    ):
        answer = client.get(address)
        assert answer.status_code == 404
        assert text in answer.content.decode()


def test_stale_form(django_user_model):
    answer = Client(enforce_csrf_checks=True).post("/ko/account/login/", {"login": "editor@example.kr"})
    assert answer.status_code == 403
    assert "입력 시간이 지났습니다" in answer.content.decode()


def test_unknown_host_is_a_bad_request(client):
    answer = client.get("/ko/", headers={"host": "elsewhere.example"})
    assert answer.status_code == 400
    assert {"요청을 이해할 수 없습니다", "The request could not be understood"} <= set(
        re.findall(r"<h[12]>(.*?)</h", answer.content.decode())
    )


@override_settings(ROOT_URLCONF=WithMoreViews)
def test_failure_page_needs_nothing_that_can_fail(client, django_assert_num_queries):
    client.raise_request_exception = False
    with django_assert_num_queries(0):
        answer = client.get("/failing/")
    assert answer.status_code == 500
    assert {"서버에서 오류가 발생했습니다", "Something failed on the server"} <= set(
        re.findall(r"<h[12]>(.*?)</h", answer.content.decode())
    )
    assert "on purpose" not in answer.content.decode()


def test_health(client, monkeypatch):
    answer = client.get("/healthz")
    assert (answer.status_code, answer.content, answer.headers["Content-Type"]) == (200, b"ok\n", "text/plain")

    def dead():
        raise DatabaseError

    monkeypatch.setattr(connection, "cursor", dead)
    assert client.get("/healthz").status_code == 503


def test_robots(client):
    lines = client.get("/robots.txt").content.decode().splitlines()
    assert lines == [
        "User-agent: *",
        "Disallow: /cms/",
        "Disallow: /ko/account/",
        "Disallow: /en/account/",
        "Sitemap: http://127.0.0.1:8000/sitemap.xml",
        "Sitemap: http://127.0.0.1:8000/news-sitemap.xml",
    ]


def test_nothing_in_the_media_folder_is_public_by_itself(client, admin_client, settings):
    """Which pictures are: tests/web/newsroom/test_pictures.py."""
    folder = settings.MEDIA_ROOT / "images/1/0a1b2c3d"
    folder.mkdir(parents=True, exist_ok=True)
    for file in (folder / "seal.png", folder / "seal.svg", settings.MEDIA_ROOT / "private.txt"):
        file.write_text("closed")
    assert b"".join(admin_client.get("/media/images/1/0a1b2c3d/seal.png").streaming_content) == b"closed"
    assert admin_client.get("/media/images/1/0a1b2c3d/seal.svg").status_code == 404
    for address in (
        "/media/images/1/0a1b2c3d/seal.png",
        "/media/private.txt",
        "/media/images/../private.txt",
        "/media/images/%2e%2e/private.txt",
    ):
        assert client.get(address, follow=True).status_code in {400, 404}
    for address in ("/media/images/../private.txt", "/media/images/%2e%2e/private.txt"):
        assert admin_client.get(address).status_code in {400, 404}


GZIP = {"accept-encoding": "gzip, deflate, br"}


@pytest.mark.parametrize("address", ["/ko/", "/en/method/", "/ko/nowhere/"])
def test_public_pages_are_compressed(client, address):
    plain = client.get(address)
    packed = client.get(address, headers=GZIP)
    assert packed.headers["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in packed.headers["Vary"]
    assert gzip.decompress(packed.content) == plain.content
    assert len(packed.content) < len(plain.content) * 3 / 4  # with up to 100 random bytes
    assert "Content-Encoding" not in plain.headers


def test_lengths_of_compressed_pages_tell_nothing(client):
    """BREACH: the same page has another length each time, and what holds a secret is not compressed at all."""
    assert len({len(client.get("/ko/method/", headers=GZIP).content) for _ in range(20)}) > 1


def test_pages_with_a_session_or_a_token_are_not_compressed(client, admin_client):
    for visitor, address in ((client, "/ko/account/login/"), (admin_client, "/ko/"), (admin_client, "/cms/")):
        for _ in range(2):  # the second time the visitor has the cookie
            answer = visitor.get(address, headers=GZIP)
            assert answer.status_code == 200
            assert len(answer.content) > 200
            assert "Content-Encoding" not in answer.headers
    assert client.cookies["csrftoken"]
    assert client.get("/ko/", headers=GZIP).headers["Content-Encoding"] == "gzip"


def test_only_text_is_compressed(client, settings, monkeypatch):
    monkeypatch.setattr("simsa.web.site.views.is_shown", lambda path: True)
    folder = settings.MEDIA_ROOT / "images/1/0a1b2c3d"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "plain.png").write_bytes(b"picture" * 100)
    answer = client.get("/media/images/1/0a1b2c3d/plain.png", headers=GZIP)
    assert b"".join(answer.streaming_content) == b"picture" * 100
    assert "Content-Encoding" not in answer.headers
    assert client.get("/ko/method/", headers=GZIP).headers["Content-Encoding"] == "gzip"


def test_no_word_has_two_names():
    korean = (Path(urls.__file__).parent / "locale/ko/LC_MESSAGES/django.po").read_text(encoding="utf-8")
    assert "전자우편" not in korean


def test_queries_of_public_pages(client, django_assert_max_num_queries):
    client.get("/ko/")
    with django_assert_max_num_queries(8):
        client.get("/ko/")
    with django_assert_max_num_queries(0):
        client.get("/ko/method/")
