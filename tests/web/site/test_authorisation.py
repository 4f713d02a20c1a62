"""Who gets which answer at every public address of the site, by every method, as every kind of visitor.

The table below is complete by test: an address that is neither here nor among those for people with roles
(`test_work_authorisation.py`) fails. Those of Wagtail's editors' rooms stand under one rule, and so do the addresses of
a round that is not public, and those of accounts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

import pytest
from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils import translation

from tests.web.site.test_work_authorisation import WORK

pytestmark = [pytest.mark.django_db, pytest.mark.once]

ROLES = ("anonymous", "member", "staff")
SAFE = ("GET", "HEAD")
UNSAFE = ("POST", "PUT", "DELETE")
# What a person in each role gets: 200 or 204 the thing itself, 302 elsewhere (the login, mostly), 403, 404, 405.
Answers = tuple[int, int, int]


class Expected(NamedTuple):
    """One address: an example of it, what reading and what each way of writing is answered, by role."""

    path: str
    read: Answers
    post: Answers = (405, 405, 405)
    put: Answers = (405, 405, 405)
    delete: Answers = (405, 405, 405)


PUBLIC: Answers = (200, 200, 200)
AWAY: Answers = (302, 302, 302)
NOT_THERE: Answers = (404, 404, 404)
CODE = "4155000000"

DOCUMENT = "^documents/([0-9]{1,18})/([^/]+)$"
NO_TOKEN: Answers = (401, 401, 401)  # a session is none
BY_TOKEN = {
    "rounds": (),
    "rounds/<slug>": (),
    "rounds/<slug>/progress": (),
    "rounds/<slug>/entries": ("post",),
    "rounds/<slug>/entries/<path:code>/draft": ("post",),
    "rounds/<slug>/entries/<path:code>/submission": ("post",),
    "rounds/<slug>/entries/<path:code>/withdrawal": ("post", "only"),
    "rounds/<slug>/entries/<path:code>/receipt": (),
    "rounds/<slug>/entries/<path:code>/evidence": ("post",),
    "rounds/<slug>/entries/<path:code>/evidence/<uuidstr:pk>": ("delete",),
    "rounds/<slug>/entries/<path:code>/evidence/<uuidstr:pk>/original": (),
    "rounds/<slug>/entries/<path:code>": (),
    "rounds/<slug>/reviewers": ("post",),
    "rounds/<slug>/imports": (),
    "rounds/<slug>/imports/<pk>/undo": ("post", "only"),
}
NOWHERE = r"^api/(?P<path>[\s\S]*)$"


def _by_token(route: str, kinds: tuple[str, ...]) -> Expected:
    path = route.replace("<slug>", "proactive-2023-h1").replace("<path:code>", CODE).replace("<pk>", "1")
    path = path.replace("<uuidstr:pk>", "00000000-0000-4000-8000-000000000000")
    not_so = (405, 405, 405)
    get, post = not_so if {"only", "delete"} & set(kinds) else NO_TOKEN, NO_TOKEN if "post" in kinds else not_so
    return Expected(f"/api/v1/{path}", get, post, delete=NO_TOKEN if "delete" in kinds else not_so)


TABLE: dict[str, Expected] = {
    "api/v1/openapi.json": Expected("/api/v1/openapi.json", PUBLIC),
    **{f"api/v1/{route}": _by_token(route, kinds) for route, kinds in BY_TOKEN.items()},
    NOWHERE: Expected("/api/nothing", NOT_THERE, NOT_THERE, NOT_THERE, NOT_THERE),
    "": Expected("/", AWAY),
    "healthz": Expected("/healthz", PUBLIC),
    "robots.txt": Expected("/robots.txt", PUBLIC),
    "rounds/<str:slug>/rules.toml": Expected("/rounds/proactive-2023-h1/rules.toml", PUBLIC),
    "rounds/<str:slug>/rules.json": Expected("/rounds/proactive-2023-h1/rules.json", PUBLIC),
    "rounds/<str:slug>/results.csv": Expected("/rounds/proactive-2023-h1/results.csv", PUBLIC),
    "rounds/<str:slug>/results.json": Expected("/rounds/proactive-2023-h1/results.json", PUBLIC),
    "rounds/<str:slug>/results.xlsx": Expected("/rounds/proactive-2023-h1/results.xlsx", PUBLIC),
    "rounds/<str:slug>/calendar.ics": Expected("/rounds/proactive-2023-h1/calendar.ics", PUBLIC),
    "verify/": Expected("/verify/", PUBLIC),
    "rounds/<str:slug>/record/checkpoint": Expected("/rounds/proactive-2023-h1/record/checkpoint", PUBLIC),
    "rounds/<str:slug>/record/tile/<path:path>": Expected("/rounds/proactive-2023-h1/record/tile/0/000", PUBLIC),
    "rounds/<str:slug>/record/key": Expected("/rounds/proactive-2023-h1/record/key", PUBLIC),
    "rounds/<str:slug>/record/bundle.zip": Expected("/rounds/proactive-2023-h1/record/bundle.zip", PUBLIC),
    "sitemap.xml": Expected("/sitemap.xml", PUBLIC),
    "sitemap-<str:part>-<number:number>.xml": Expected("/sitemap-pages-1.xml", PUBLIC),
    "news-sitemap.xml": Expected("/news-sitemap.xml", PUBLIC),
    "news/cards/<number:pk>.png": Expected("/news/cards/0.png", NOT_THERE),
    "account/oidc/callback/": Expected("/account/oidc/callback/", AWAY, AWAY, AWAY, AWAY),
    DOCUMENT: Expected("/documents/999/none.pdf", NOT_THERE),
    "documents/authenticate_with_password/<int:restriction_id>/": Expected(
        # What is not there is looked for in the visitor's language, where it is a 404.
        "/documents/authenticate_with_password/999/",
        AWAY,
        AWAY,
        AWAY,
        AWAY,
    ),
    "files/<str:token>": Expected("/files/no.token", NOT_THERE),
    "media/images/<path:path>": Expected("/media/images/none.png", NOT_THERE),
    "LANGUAGE/panel/worker.js": Expected("/LANGUAGE/panel/worker.js", PUBLIC),
    "LANGUAGE/method/": Expected("/LANGUAGE/method/", PUBLIC),
    "LANGUAGE/weather/": Expected("/LANGUAGE/weather/", PUBLIC),
    "LANGUAGE/rounds/": Expected("/LANGUAGE/rounds/", PUBLIC),
    "LANGUAGE/rounds/<str:slug>/": Expected("/LANGUAGE/rounds/proactive-2023-h1/", PUBLIC),
    "LANGUAGE/rounds/<str:slug>/table/": Expected("/LANGUAGE/rounds/proactive-2023-h1/table/", AWAY),
    "LANGUAGE/rounds/<str:slug>/state/": Expected("/LANGUAGE/rounds/proactive-2023-h1/state/", AWAY),
    "LANGUAGE/rounds/<str:slug>/rules/": Expected("/LANGUAGE/rounds/proactive-2023-h1/rules/", PUBLIC),
    "LANGUAGE/rounds/<str:slug>/entries/<path:code>/": Expected(
        f"/LANGUAGE/rounds/proactive-2023-h1/entries/{CODE}/", PUBLIC
    ),
    "news/press/<number:pk>/article.<str:ending>": Expected("/news/press/0/article.pdf", NOT_THERE),
    # Rounds with a vote are those of tests/web/votes; the example has none.
    "LANGUAGE/votes/<str:slug>/": Expected("/LANGUAGE/votes/proactive-2023-h1/", NOT_THERE, NOT_THERE),
    "LANGUAGE/votes/<str:slug>/provided/": Expected(
        "/LANGUAGE/votes/proactive-2023-h1/provided/", NOT_THERE, NOT_THERE
    ),
    "LANGUAGE/votes/<str:slug>/provided/<key:pk>/": Expected(
        "/LANGUAGE/votes/proactive-2023-h1/provided/1/", NOT_THERE
    ),
    "LANGUAGE/votes/<str:slug>/receipt/": Expected("/LANGUAGE/votes/proactive-2023-h1/receipt/", NOT_THERE, NOT_THERE),
    "LANGUAGE/votes/ballots/<str:secret>/": Expected("/LANGUAGE/votes/ballots/none/", NOT_THERE, NOT_THERE),
    "LANGUAGE/votes/ballots/<str:secret>/entries/<key:pk>/": Expected(
        "/LANGUAGE/votes/ballots/none/entries/1/", NOT_THERE
    ),
    "LANGUAGE/<page:section>/<page:slug>/": Expected("/LANGUAGE/none/none/", NOT_THERE),
    "LANGUAGE/news/": Expected("/LANGUAGE/news/", PUBLIC),
    "LANGUAGE/news/search/": Expected("/LANGUAGE/news/search/", PUBLIC),
    "LANGUAGE/news/archive/": Expected("/LANGUAGE/news/archive/", PUBLIC),
    "LANGUAGE/news/archive/<year:year>/": Expected("/LANGUAGE/news/archive/1999/", NOT_THERE),
    "LANGUAGE/news/archive/<year:year>/<part:month>/": Expected("/LANGUAGE/news/archive/1999/1/", NOT_THERE),
    "LANGUAGE/news/archive/<year:year>/<part:month>/<part:day>/": Expected(
        "/LANGUAGE/news/archive/1999/1/1/", NOT_THERE
    ),
    "LANGUAGE/news/tags/<str:slug>/": Expected("/LANGUAGE/news/tags/none/", NOT_THERE),
    "LANGUAGE/authors/<str:slug>/": Expected("/LANGUAGE/authors/nobody/", NOT_THERE),
    "LANGUAGE/imprint/": Expected("/LANGUAGE/imprint/", PUBLIC),
    "LANGUAGE/privacy/": Expected("/LANGUAGE/privacy/", PUBLIC),
    **{
        f"LANGUAGE/{route}{form}.xml": Expected(f"/LANGUAGE/{path}{form}.xml", answers)
        for form in ("rss", "atom")
        for route, path, answers in (
            ("news/", "news/", PUBLIC),
            ("news/sections/<str:slug>/", "news/sections/none/", NOT_THERE),
            ("news/regions/<str:code>/", "news/regions/1100000000/", PUBLIC),
            ("news/tags/<str:slug>/", "news/tags/none/", NOT_THERE),
            ("authors/<str:slug>/", "authors/nobody/", NOT_THERE),
        )
    },
    "LANGUAGE/": Expected("/LANGUAGE/", PUBLIC),
    "LANGUAGE/_util/password/<int:page_view_restriction_id>/<int:page_id>/": Expected(
        "/LANGUAGE/_util/password/999/999/", NOT_THERE, NOT_THERE, NOT_THERE, NOT_THERE
    ),
    r"LANGUAGE/^((?:[\w\-]+/)*)$": Expected("/LANGUAGE/", PUBLIC),
}
# Wagtail's rooms: nobody but editors gets in, except at the door; its icons and texts are no secret.
WAGTAIL = ("cms/",)
DOOR = {"cms/login/", "cms/sprite/", "cms/jsi18n/"}
ACCOUNT = re.compile(r"LANGUAGE/\^?account/")
ENTRANCES = {
    f"LANGUAGE/account/{route}"
    for route in (
        "login/",
        "logout/",
        "signup/",
        "inactive/",
        "address/sent/",
        "password/reset/",
        "password/reset/sent/",
        "password/reset/done/",
        "elsewhere/cancelled/",
        "elsewhere/failed/",
        "factors/webauthn/login/",
    )
} | {
    r"LANGUAGE/^account/address/confirm/(?P<key>[-:\w]+)/$",
    r"LANGUAGE/^account/password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
    "LANGUAGE/account/oidc/",
}
ROUND_ROUTES = [route for route in TABLE if "rounds/<str:slug>/" in route]
OF_THE_API = {route for route in TABLE if route.startswith("api/v1/rounds")} | {NOWHERE}


def patterns_below(patterns: list[URLPattern | URLResolver], prefix: str = "") -> Iterator[tuple[str, URLPattern]]:
    for pattern in patterns:
        here = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from patterns_below(pattern.url_patterns, here)
        else:
            yield re.sub(r"^ko/", "LANGUAGE/", here), pattern


def views_by_route() -> list[tuple[str, URLPattern]]:
    with translation.override("ko"):
        return list(patterns_below(get_resolver().url_patterns))


def all_routes() -> set[str]:
    return {route for route, _pattern in views_by_route()}


def example_of(route: str) -> str:
    """An address that a route of Wagtail answers to, with made-up arguments."""
    converters = {"int": "1", "str": "x", "slug": "x", "uuid": "00000000-0000-0000-0000-000000000000", "path": "x"}
    path = re.sub(r"<(?:(\w+):)?\w+>", lambda found: converters.get(found[1] or "str", "x"), route)
    path = path.replace(r"^(?P<pk>\d+)", "1").replace(r"\.\.\.", "...")
    path = re.sub(r"\(\?P<revision_id_[ab]>[^)]*\)", "live", path).replace(r"^(\d+)/(.*)$", "1/x.pdf")
    return "/" + path.replace("^.*/$", "x/").replace("^", "").replace("$", "")


@pytest.fixture(autouse=True)
def _weather_is_shown(settings) -> None:
    settings.WEATHER = "recorded"


@pytest.fixture
def visitors(django_user_model) -> dict[str, Client]:
    clients = {role: Client(raise_request_exception=True) for role in ROLES}
    for role in ROLES[1:]:
        user = django_user_model.objects.create_user(
            f"{role}@example.kr", password="a-long-enough-one", is_staff=role == "staff"
        )
        clients[role].force_login(user)
    return clients


def again(client: Client, user_model, role: str) -> None:
    """Signing out is one of the things tried; whoever did is signed in again."""
    if role != "anonymous" and SESSION_KEY not in client.session:
        client.force_login(user_model.objects.get(email=f"{role}@example.kr"))


def test_every_address_is_in_the_table():
    known = {route for route in all_routes() if not route.startswith(WAGTAIL) and not ACCOUNT.match(route)}
    assert known == set(TABLE) | set(WORK)


@pytest.mark.once
def test_accounts_are_managed_by_their_owners_alone(visitors):
    routes = sorted(route for route in all_routes() if ACCOUNT.match(route))
    assert set(routes) >= ENTRANCES
    for route in routes:
        path = example_of(route).replace("LANGUAGE", "ko")
        for method in ("GET", "POST", "PUT", "DELETE"):
            answer = visitors["anonymous"].generic(method, path)
            assert (
                answer.status_code in (200, 302, 404, 405) if route in ENTRANCES else answer.status_code in (302, 404)
            ), route
            if route not in ENTRANCES and answer.status_code == 302:
                assert answer.url.startswith("/ko/account/"), route


@pytest.mark.parametrize(
    ("route", "language"),
    [
        pytest.param(route, code, marks=[] if code == "ko" else pytest.mark.once)
        for route in TABLE
        for code, _ in settings.LANGUAGES
        if "LANGUAGE" in route or code == "ko"
    ],
)
def test_answers(request, visitors, django_user_model, route, language):
    request.getfixturevalue("whole_example" if "/record/" in route else "example")
    expected = TABLE[route]
    path = expected.path.replace("LANGUAGE", language)
    answers = {"GET": expected.read, "HEAD": expected.read, "POST": expected.post, "PUT": expected.put}
    answers["DELETE"] = expected.delete
    found = {}
    for method in (*SAFE, *UNSAFE):
        found[method] = ()
        for role, client in visitors.items():
            response = client.generic(method, path, headers={"Accept-Language": language})
            found[method] += (response.status_code,)
            again(client, django_user_model, role)
    assert found == answers


READ_ONLY = [
    route
    for route, expected in TABLE.items()
    if expected.post == expected.put == (405, 405, 405) and route not in OF_THE_API
]


@pytest.mark.once
@pytest.mark.parametrize("route", READ_ONLY, ids=str)
def test_page_that_is_only_read_says_so_before_it_looks_for_a_token(example, route):
    strict = Client(enforce_csrf_checks=True)
    path = TABLE[route].path.replace("LANGUAGE", "ko")
    for method in (*UNSAFE, "PATCH"):
        answer = strict.generic(method, path)
        assert (answer.status_code, answer.headers["Allow"]) == (405, "GET, HEAD")


def test_no_other_view_is_spared_the_token():
    spared = {route for route, pattern in views_by_route() if getattr(pattern.callback, "csrf_exempt", False)}
    wagtails = {route for route in spared if route.startswith("cms/api/")}  # looks for the token itself
    assert spared - wagtails == {*READ_ONLY, *OF_THE_API, "cms/login/", "LANGUAGE/account/signup/"}


@pytest.mark.parametrize("path", ["login/", "password/reset/"])
def test_forms_still_need_their_token(visitors, path):
    for role in ROLES:
        strict = Client(enforce_csrf_checks=True)
        strict.cookies = visitors[role].cookies
        assert strict.post(f"/ko/account/{path}", {"login": "member@example.kr"}).status_code == 403


@pytest.mark.once
def test_wagtail_lets_nobody_in_but_editors(visitors):
    rooms = sorted(route for route in all_routes() if route.startswith(WAGTAIL))
    assert len(rooms) > 100
    open_doors = []
    for route in rooms:
        path = example_of(route)
        for role in ROLES:
            for method in ("GET", "POST"):
                status = visitors[role].generic(method, path).status_code
                if status < 300 and route not in DOOR:
                    open_doors.append((route, role, method, status))
    assert sorted({door[0] for door in open_doors}) == []


@pytest.mark.parametrize("route", ROUND_ROUTES, ids=str)
def test_round_that_is_not_public_is_there_for_staff_alone(request, visitors, hidden, route):
    if "/record/" in route:
        request.getfixturevalue("whole_example")
    hidden()
    path = TABLE[route].path.replace("LANGUAGE", "ko")
    for headers in ({}, {"HX-Request": "true"}):
        # What is not there is looked for in the visitor's language, where it is a 404.
        lost = "/record/" in route
        answers = [client.get(path, headers=headers, follow=lost).status_code for client in visitors.values()]
        assert answers[:2] == [404, 404]
        # A bundle is of an announced round; before, there is none for anybody.
        assert answers[2] in ((404,) if route.endswith("bundle.zip") else (200, 204, 302))
    for client in visitors.values():
        assert [client.generic(method, path).status_code for method in UNSAFE] == [405, 405, 405]


def test_inactive_staff_are_no_staff(client, hidden, django_user_model):
    hidden()
    user = django_user_model.objects.create_user("gone@example.kr", password="a-long-enough-one", is_staff=True)
    client.force_login(user)
    django_user_model.objects.update(is_active=False)
    assert client.get("/ko/rounds/proactive-2023-h1/").status_code == 404
