"""A reviewer who declares and withdraws, an entrant who challenges, and an officer who decides and finds another
reviewer, in a real browser: both languages, both widths, by keyboard."""

from __future__ import annotations

import pytest
from django.conf import settings
from playwright.sync_api import Page, expect

from simsa.web.panel.models import Conflict, Declaration, Procedure, Slot
from simsa.web.programmes.services import invite_many
from tests.web.panel.rounds import prepared
from tests.web.panel.test_conflicts import MEAN, entry, given_to, reviewer
from tests.web.people import signed_in, with_role

pytestmark = pytest.mark.django_db(transaction=True)
WORDS = {
    "ko": {
        "search": "검색",
        "declare": "신고하기",
        "declared": "신고 완료",
        "challenge": "기피 신청하기",
        "grant": "기피 인용",
        "seat": "배정",
    },
    "en": {
        "search": "Search",
        "declare": "Declare these",
        "declared": "has declared",
        "challenge": "Send the challenge",
        "grant": "Keep from the entry",
        "seat": "Seat",
    },
}


def enter(page: Page, name: str, address: str) -> None:
    cookie = settings.SESSION_COOKIE_NAME
    page.context.clear_cookies()
    page.context.add_cookies([{"name": cookie, "value": signed_in(name).cookies[cookie].value, "url": address}])


def within(page: Page) -> None:
    """The page is no wider than the screen."""
    wide, room = page.evaluate("[document.documentElement.scrollWidth, document.documentElement.clientWidth]")
    assert wide <= room


@pytest.mark.parametrize(
    ("browser_page", "language"),
    [
        pytest.param({"width": "phone", "language": "ko-KR"}, "ko", id="phone-ko"),
        pytest.param({"width": "desktop", "language": "en-GB"}, "en", id="desktop-en", marks=pytest.mark.long),
    ],
    indirect=["browser_page"],
)
def test_from_the_declaration_to_the_replacement(browser_page, live_server, language, axe, screenshot):
    page, words = browser_page, WORDS[language]
    round_ = prepared(MEAN)
    for name, kind, code in (("kim", "reviewer", "q"), ("lee", "entrant", "a1"), ("officer", "officer", "")):
        with_role(name, round_, kind, code)
    invite_many(round_, "reviewer", [("p", "p@example.kr")])

    def look(name: str) -> None:
        axe(page)
        within(page)
        screenshot(page, f"conflicts-{name}-{language}")

    enter(page, "kim", live_server.url)
    page.goto(f"/{language}/reviewers/{reviewer(round_, 'q').pk}/conflicts/")
    look("declaring")
    page.get_by_label(words["search"]).fill("기관b2" if language == "ko" else "bodyb2")
    expect(page.locator(".declare-list li:visible")).to_have_count(1)
    page.locator(".declare-list li:visible [type=checkbox]").focus()
    page.keyboard.press("Space")
    page.get_by_role("button", name=words["declare"]).press("Enter")
    expect(page.locator(".badge.good").first).to_have_text(words["declared"])
    assert Conflict.objects.get(source="register").entry.entrant.code == "b2"
    look("declared")

    enter(page, "officer", live_server.url)
    page.goto(f"/{language}/office/rounds/small/panel/")
    look("panel")
    page.locator("button[name=shown]").click()
    enter(page, "lee", live_server.url)
    page.goto(f"/{language}/entries/{entry(round_, 'a1').pk}/panel/")
    page.locator("#reviewer").select_option(label="위원 r")
    page.locator("#reason").fill("2022년까지 같은 기관에서 근무하였다.")
    page.get_by_role("button", name=words["challenge"]).press("Enter")
    expect(page.locator("main")).to_contain_text("2022년까지")
    look("challenge")
    enter(page, "officer", live_server.url)
    page.goto(f"/{language}/office/rounds/small/conflicts/")
    look("register")
    page.locator("textarea[id^=why]").fill("인사 기록으로 확인")
    page.get_by_role("button", name=words["grant"]).press("Enter")
    assert Procedure.objects.get().state == "granted"

    given_to(round_, ("a1", "q"), ("b1", "q"), ("b3", "q"), ("b4", "p"))
    enter(page, "kim", live_server.url)
    page.goto(f"/{language}/reviewers/{reviewer(round_, 'q').pk}/conflicts/")
    page.locator(".list > li", has_text="b1").locator("summary").click()
    look("withdrawing")
    page.locator("details[open] button").press("Enter")
    expect(page.locator("details")).to_have_count(2)
    enter(page, "officer", live_server.url)
    page.goto(f"/{language}/office/rounds/small/replacements/")
    look("replacement")
    page.get_by_role("button", name=words["seat"]).first.press("Enter")
    expect(page.locator("select[name=move]")).to_have_count(0)
    assert Slot.objects.get(replaces__isnull=False).entry.entrant.code == "b1"
    assert Declaration.objects.count() == 1
