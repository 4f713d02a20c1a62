"""What readers do on the shell's own pages, in a real browser, by keyboard alone; all pages: test_every_page.py."""

from __future__ import annotations

from pathlib import Path

import pytest

from simsa.web import site
from simsa.web.accounts.services import open_account
from simsa.web.newsroom.models import HomePage

FONTS = Path(site.__file__).parent / "static/simsa/fonts"


@pytest.mark.parametrize(
    "browser_page", [{"width": "phone"}, {"width": "desktop"}], indirect=True, ids=["phone", "desktop"]
)
def test_first_tab_skips_to_the_content(browser_page):
    browser_page.goto("/ko/method/")
    browser_page.keyboard.press("Tab")
    assert browser_page.evaluate("document.activeElement.className") == "skip"
    assert browser_page.locator(".skip").bounding_box()["y"] >= 0
    browser_page.keyboard.press("Enter")
    assert browser_page.evaluate("document.activeElement.id") == "main"


def test_appearance_follows_the_system_until_chosen(browser_page):
    browser_page.goto("/ko/")
    paper = "getComputedStyle(document.documentElement).backgroundColor"
    light = browser_page.evaluate(paper)
    browser_page.emulate_media(color_scheme="dark")
    dark = browser_page.evaluate(paper)
    assert light != dark
    browser_page.get_by_label("밝게").check()
    assert browser_page.evaluate(paper) == light
    browser_page.goto("/ko/method/")
    assert browser_page.evaluate(paper) == light
    assert browser_page.get_by_label("밝게").is_checked()
    browser_page.get_by_label("시스템 설정").check()
    assert browser_page.evaluate(paper) == dark


@pytest.mark.parametrize("browser_page", [{"javascript": False, "scheme": "dark"}], indirect=True)
def test_without_javascript_pages_follow_the_system_and_forms_work(browser_page, transactional_db):
    open_account("officer@example.kr", "a-long-enough-one")
    browser_page.goto("/ko/account/login/")
    assert not browser_page.locator(".theme").is_visible()
    browser_page.locator("#id_login").fill("officer@example.kr")
    browser_page.get_by_label("비밀번호", exact=True).fill("wrong")
    browser_page.locator("main form button").first.click()
    assert browser_page.locator(".errorlist").is_visible()
    assert browser_page.locator("#id_login").input_value() == "officer@example.kr"
    browser_page.get_by_label("비밀번호", exact=True).fill("a-long-enough-one")
    browser_page.locator("main form button").first.click()
    assert browser_page.get_by_role("button", name="로그아웃").is_visible()


def test_chosen_language_is_kept_for_the_next_visit(browser_page):
    browser_page.goto("/")
    assert browser_page.url.endswith("/ko/")
    browser_page.goto("/ko/method/")
    browser_page.get_by_role("link", name="English").click()
    browser_page.wait_for_url("**/en/method/")
    browser_page.goto("/")
    assert browser_page.url.endswith("/en/")


def test_typeface_loads_only_the_slices_that_a_page_needs(browser_page):
    loaded = set()
    browser_page.on("response", lambda answer: loaded.add(answer.url.rpartition("/")[2]))
    for address, most in (("/en/method/", 60_000), ("/ko/", 250_000)):
        browser_page.goto(address, wait_until="networkidle")
        fonts = {name for name in loaded if name.endswith(".woff2")}
        assert {"latin.woff2", "hangul-1.woff2"} <= fonts
        assert "hangul-7.woff2" not in fonts
        assert sum((FONTS / name).stat().st_size for name in fonts) < most


def test_printed_page_has_no_navigation(browser_page, screenshot):
    browser_page.goto("/ko/method/")
    browser_page.emulate_media(media="print", color_scheme="dark")
    assert not browser_page.locator("nav").first.is_visible()
    assert browser_page.evaluate("getComputedStyle(document.documentElement).backgroundColor") == "rgb(255, 255, 255)"
    screenshot(browser_page, "site-method-ko-print")


def test_editor_works_in_the_cms_under_its_policy(browser_page, django_user_model, screenshot):
    django_user_model.objects.create_superuser("editor@example.kr", password="a-long-enough-one")
    browser_page.goto("/cms/pages/")
    browser_page.locator("#id_login").fill("editor@example.kr")
    browser_page.get_by_label("비밀번호", exact=True).fill("a-long-enough-one")
    browser_page.locator("main form button").first.click()
    browser_page.wait_for_url("**/cms/pages/**")
    page = HomePage.objects.get(locale__language_code="ko")
    browser_page.goto(f"/cms/pages/{page.pk}/edit/", wait_until="networkidle")
    screenshot(browser_page, "site-cms-edit")
    browser_page.goto("/ko/")
    assert browser_page.get_by_role("heading", level=1).inner_text() == page.title
