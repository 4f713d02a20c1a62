"""Pages of rounds in a real browser: at both widths, in both languages and schemes, by keyboard, without JavaScript."""

from __future__ import annotations

import gzip
from itertools import product

import pytest
from playwright.sync_api import expect

from simsa.web.awards.services import publish, run_selection, start_selection
from simsa.web.programmes.services import publish_round
from tests.web.panel.rounds import scored

ROUND = "rounds/proactive-2023-h1/"
PAGES = {
    "list": "rounds/",
    "round": ROUND,
    "group": f"{ROUND}?group=광역",  # the same page with 17 rows in place of 243
    "entrant": f"{ROUND}entries/4155000000/",
    "last": f"{ROUND}entries/1100000000/",
    "rules": f"{ROUND}rules/",
    "filtered": f"{ROUND}?group=시&q=안&sort=-score",
    "nothing": f"{ROUND}?q=없음",
}
VIEWS = [{"width": width, "scheme": scheme} for width, scheme in product(("phone", "desktop"), ("light", "dark"))]
SHOWN = {
    "light": [*(("ko", name) for name in PAGES), ("en", "group"), ("en", "entrant")],
    "dark": [("ko", "group"), ("ko", "entrant"), ("ko", "rules")],
}


@pytest.mark.parametrize("browser_page", VIEWS, indirect=True, ids=lambda view: "-".join(view.values()))
def test_pages_are_accessible_and_fit(browser_page, example, axe, screenshot, request):
    view = request.node.callspec.params["browser_page"]
    for language, name in SHOWN[view["scheme"]]:
        browser_page.goto(f"/{language}/{PAGES[name]}")
        axe(browser_page)
        width = browser_page.evaluate("[document.documentElement.scrollWidth, document.documentElement.clientWidth]")
        assert width[0] <= width[1], f"{name} scrolls sideways"
        screenshot(browser_page, f"awards-{name}-{language}-{'-'.join(view.values())}")


def heading(page):
    return page.evaluate("document.activeElement.id")


@pytest.mark.parametrize(
    "browser_page", [{"width": "phone"}, {"width": "desktop"}], indirect=True, ids=["phone", "desktop"]
)
def test_table_is_sorted_by_keyboard_and_only_the_table_is_swapped(browser_page, example):
    browser_page.goto(f"/ko/{ROUND}")
    browser_page.evaluate("window.untouched = true")
    browser_page.locator("#sort-score").focus()
    browser_page.keyboard.press("Enter")
    browser_page.wait_for_url("**/?sort=-score")
    score = browser_page.locator("th[aria-sort]")
    assert score.get_attribute("aria-sort") == "descending"
    assert score.locator("a").get_attribute("id") == "sort-score"
    assert heading(browser_page) == "sort-score"
    assert browser_page.locator("#entrants tbody tr").count() == 243
    best = browser_page.locator("#entrants tbody th").first.inner_text()
    browser_page.keyboard.press("Enter")
    browser_page.wait_for_url("**/?sort=score")
    assert browser_page.locator("th[aria-sort]").get_attribute("aria-sort") == "ascending"
    assert heading(browser_page) == "sort-score"
    assert browser_page.locator("#entrants tbody th").last.inner_text() == best
    assert browser_page.evaluate("window.untouched") is True
    browser_page.go_back()
    browser_page.wait_for_url("**/?sort=-score")
    expect(browser_page.locator("#entrants tbody th").first).to_have_text(best)


def test_filter_answers_as_it_is_typed(browser_page, example):
    browser_page.goto(f"/ko/{ROUND}")
    browser_page.evaluate("window.untouched = true")
    browser_page.get_by_label("이름").fill("고성")
    browser_page.wait_for_url("**/?q=*")
    rows = browser_page.locator("#entrants tbody tr")
    expect(rows).to_have_count(2)
    browser_page.get_by_label("이름").fill("")
    expect(rows).to_have_count(243)
    browser_page.locator("#id_group").select_option("군")
    expect(rows).to_have_count(82)
    assert "82곳" in browser_page.locator("#entrants [role=status]").inner_text()
    assert browser_page.evaluate("window.untouched") is True


@pytest.mark.parametrize("browser_page", [{"javascript": False}], indirect=True)
def test_without_javascript_everything_is_a_link_or_a_form(browser_page, example):
    browser_page.goto(f"/ko/{ROUND}")
    browser_page.locator("#id_group").select_option("구")
    browser_page.get_by_label("이름").fill("중구")
    browser_page.get_by_role("button", name="보기").click()
    assert browser_page.locator("#entrants tbody tr").count() == 6
    browser_page.locator("#sort-chance").click()
    assert "sort=-chance" in browser_page.url
    assert browser_page.locator("#entrants tbody tr").count() == 6
    browser_page.locator("#entrants tbody a").first.click()
    assert "중구" in browser_page.locator("h1").inner_text()
    browser_page.get_by_role("link", name="이 회차의 결과").click()
    browser_page.locator(".map a").nth(7).click()
    assert "/entries/" in browser_page.url


def test_map_is_skipped_or_walked_by_keyboard(browser_page, example):
    browser_page.goto(f"/ko/{ROUND}")
    jump = browser_page.locator(".jump")
    jump.focus()
    assert jump.bounding_box()["width"] > 100
    browser_page.keyboard.press("Tab")
    assert browser_page.evaluate("document.activeElement.closest('svg') !== null")
    name = browser_page.evaluate("document.activeElement.querySelector('title').textContent")
    browser_page.keyboard.press("Enter")
    browser_page.wait_for_url("**/entries/**")
    assert name.startswith(browser_page.locator("h1").inner_text())
    browser_page.go_back()
    jump.focus()
    browser_page.keyboard.press("Enter")
    browser_page.keyboard.press("Tab")
    assert browser_page.evaluate("document.activeElement.closest('.drawings') !== null")


def test_pictures_follow_the_scheme(browser_page, example):
    browser_page.goto(f"/ko/{ROUND}")
    colour = "getComputedStyle(document.querySelector('.map svg text')).fill"
    light = browser_page.evaluate(colour)
    browser_page.emulate_media(color_scheme="dark")
    assert browser_page.evaluate(colour) != light


def test_page_shows_the_result_as_soon_as_it_is_there(browser_page, axe):
    round_ = publish_round(scored())
    start_selection(round_)
    browser_page.goto("/ko/rounds/small/")
    assert "계산하고 있습니다" in browser_page.locator("main").inner_text()
    axe(browser_page)
    publish(run_selection(round_))
    browser_page.wait_for_selector("#entrants", timeout=10_000)
    assert "작은 평가, 세 곳 선정" in browser_page.locator("h1").inner_text()


@pytest.mark.parametrize("browser_page", [{"javascript": False}], indirect=True)
def test_page_waits_without_javascript_too(browser_page):
    round_ = publish_round(scored())
    start_selection(round_)
    browser_page.goto("/ko/rounds/small/")
    assert browser_page.locator("#entrants").count() == 0
    publish(run_selection(round_))
    browser_page.wait_for_selector("#entrants", timeout=15_000)
    assert browser_page.locator("#entrants tbody tr").count() > 0


def test_printed_result_has_the_table_and_no_form(browser_page, example, screenshot):
    browser_page.goto(f"/ko/{ROUND}")
    browser_page.emulate_media(media="print")
    assert not browser_page.locator(".filter").is_visible()
    assert browser_page.locator("#entrants table").is_visible()
    screenshot(browser_page, "awards-round-ko-print")


def test_page_is_light(browser_page, example):
    """At most 20 KB of style and 40 KB of script, compressed (a quarter of what is sent here, or less)."""
    sizes = {"stylesheet": 0, "script": 0}

    def count(answer):
        kind = answer.request.resource_type
        if kind in sizes:
            sizes[kind] += len(gzip.compress(answer.body()))

    browser_page.on("response", count)
    browser_page.goto(f"/ko/{ROUND}", wait_until="networkidle")
    assert 0 < sizes["stylesheet"] <= 20_000
    assert 0 < sizes["script"] <= 40_000
