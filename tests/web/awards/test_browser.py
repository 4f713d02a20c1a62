"""Pages of rounds in a real browser: at both widths, in both languages and schemes, by keyboard, without JavaScript."""

from __future__ import annotations

import gzip
import re
from itertools import combinations

import pytest
from playwright.sync_api import expect

from simsa.web.awards.services import publish, run_selection, start_selection
from simsa.web.programmes.services import publish_round
from tests.web.panel.rounds import scored

ROUND = "rounds/proactive-2023-h1/"


def heading(page):
    return page.evaluate("document.activeElement.id")


@pytest.mark.repeats
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
    browser_page.locator(".map svg a").nth(7).click()
    assert "/entries/" in browser_page.url


TILE = "document.activeElement.querySelector('title').textContent"
IN_MAP = "document.activeElement.closest('.map svg') !== null"


def enter_map(page):
    page.locator(".map svg a").first.focus()
    page.keyboard.press("Shift+Tab")
    assert not page.evaluate(IN_MAP)
    page.keyboard.press("Tab")
    assert page.evaluate(IN_MAP)


@pytest.mark.repeats
@pytest.mark.parametrize(
    "browser_page", [{}, {"javascript": False}], indirect=True, ids=["javascript", "no-javascript"]
)
def test_map_is_one_stop_of_the_keyboard(browser_page, example):
    browser_page.goto(f"/ko/{ROUND}")
    enter_map(browser_page)
    browser_page.keyboard.press("Tab")
    assert browser_page.evaluate("document.activeElement.getAttribute('href')") == "#entrants"
    browser_page.keyboard.press("Shift+Tab")
    assert browser_page.evaluate(IN_MAP)


def test_arrow_keys_lead_from_tile_to_tile(browser_page, example, axe):
    browser_page.goto(f"/ko/{ROUND}")
    enter_map(browser_page)
    expect(browser_page.locator(".map .keys")).to_be_visible()
    first = browser_page.evaluate(TILE)
    assert first.startswith("경기도 김포시")
    places = [first]
    for key in ("ArrowRight", "ArrowDown", "ArrowLeft", "ArrowUp"):
        browser_page.keyboard.press(key)
        places.append(browser_page.evaluate(TILE))
    assert [place.split(",")[0] for place in places[1:]] == [
        "경기도 고양시",
        "서울특별시 은평구",
        "경기도 김포시",  # nothing is straight to the left
        "경기도 김포시",
    ]
    browser_page.keyboard.press("End")
    assert browser_page.evaluate(TILE).startswith("제주")
    browser_page.keyboard.press("ArrowDown")  # nothing is there
    assert browser_page.evaluate(TILE).startswith("제주")
    assert browser_page.locator(".map svg a:not([tabindex])").count() == 1
    assert browser_page.locator(".map .told").inner_text() == browser_page.evaluate(TILE)
    axe(browser_page)
    browser_page.keyboard.press("Tab")
    browser_page.keyboard.press("Shift+Tab")
    assert browser_page.evaluate(TILE).startswith("제주")
    browser_page.keyboard.press("Enter")
    browser_page.wait_for_url("**/entries/5000000000/")


LETTERING = """() => [...document.querySelectorAll('.map svg text')]
    .filter(text => text.getClientRects().length)
    .map(text => [
        text.closest('.regions') ? 'region' : text.closest('a') ? 'tile' : 'legend',
        parseFloat(getComputedStyle(text).fontSize) * text.ownerSVGElement.clientWidth / 360,
    ])"""
REGIONS = "[...document.querySelectorAll('.regions text')].map(text => text.getBoundingClientRect())"


@pytest.mark.repeats
@pytest.mark.parametrize("language", ["ko", "en"])
def test_lettering_of_the_map_can_be_read(browser_page, example, language):
    browser_page.goto(f"/{language}/{ROUND}")
    for width in (390, 768, 1000, 1280):
        browser_page.set_viewport_size({"width": width, "height": 900})
        shown = browser_page.evaluate(LETTERING)
        assert min(size for _kind, size in shown) >= 8.9, width
        kinds = {kind for kind, _size in shown}
        assert kinds == ({"region", "legend"} if (language, width) == ("en", 390) else {"tile", "legend"}), width
        if "region" in kinds:
            assert sum(kind == "region" for kind, _size in shown) == 17
            boxes = browser_page.evaluate(REGIONS)
            overlap = [
                (one, other)
                for one, other in combinations(boxes, 2)
                if abs(one["x"] + one["width"] / 2 - other["x"] - other["width"] / 2)
                < (one["width"] + other["width"]) / 2
                and abs(one["y"] - other["y"]) < one["height"] * 0.9
            ]
            assert overlap == []


@pytest.mark.repeats
@pytest.mark.parametrize("browser_page", [{"width": 390, "javascript": False}, {"width": 320}], indirect=True, ids=str)
def test_rows_are_read_on_a_phone_without_scrolling_sideways(browser_page, example):
    width = browser_page.viewport_size["width"]
    for language in ("ko", "en"):
        browser_page.goto(f"/{language}/{ROUND}?group=시")
        assert browser_page.evaluate("document.querySelector('#entrants').scrollWidth") <= width
        rows = browser_page.locator("#entrants tbody tr")
        assert rows.count() == 75
        for row in (rows.first, rows.nth(40), rows.last):
            boxes = {name: row.locator(f".{name}").bounding_box() for name in SHOWN_IN_A_ROW}
            for box in boxes.values():
                assert box["x"] >= 0
                assert box["x"] + box["width"] <= width
                assert box["height"] > 10
            tops = [boxes[name]["y"] for name in ("rank", "name", "score")]
            assert max(tops) - min(tops) < 4
            assert boxes["rank"]["x"] < boxes["name"]["x"] < boxes["score"]["x"]
            assert boxes["outcome"]["y"] > boxes["name"]["y"]
        for heading in browser_page.locator("#entrants thead a").all():
            assert heading.bounding_box()["x"] + heading.bounding_box()["width"] <= width
        said = browser_page.locator("#entrants table").aria_snapshot()
        assert said.count("- columnheader ") == 8
        assert said.count("- row ") == 76
        assert said.count("- rowheader ") == 75
        assert said.count("- cell ") == 7 * 75


SHOWN_IN_A_ROW = ("rank", "name", "score", "outcome", "group", "calibrated", "chance", "expected")


def test_language_switch_follows_what_the_table_shows(browser_page, example):
    browser_page.goto(f"/ko/{ROUND}")
    browser_page.locator("#id_group").select_option("군")
    browser_page.wait_for_url("**/?group=*")
    browser_page.locator("#sort-score").click()
    browser_page.wait_for_url("**sort=-score")
    asked = browser_page.evaluate("location.search")
    switch = browser_page.get_by_role("link", name="English")
    assert switch.evaluate("link => link.search") == asked
    switch.click()
    browser_page.wait_for_url(f"**/en/{ROUND}{asked}")
    assert browser_page.locator("#entrants tbody tr").count() == 82
    assert browser_page.locator("th[aria-sort] a").get_attribute("id") == "sort-score"
    browser_page.locator("#sort-name").click()
    browser_page.wait_for_url("**sort=name")
    browser_page.go_back()
    browser_page.wait_for_url("**sort=-score")
    expect(browser_page.get_by_role("link", name="한국어")).to_have_attribute("href", re.compile("sort=-score"))
    browser_page.get_by_role("link", name="한국어").click()
    browser_page.wait_for_url(f"**/ko/{ROUND}{asked}")
    browser_page.goto("/")
    assert browser_page.url.endswith("/ko/")


def test_pictures_follow_the_scheme(browser_page, example):
    browser_page.goto(f"/ko/{ROUND}")
    colour = "getComputedStyle(document.querySelector('.map svg text')).fill"
    light = browser_page.evaluate(colour)
    browser_page.emulate_media(color_scheme="dark")
    assert browser_page.evaluate(colour) != light


def test_page_shows_the_result_as_soon_as_it_is_there(browser_page):
    round_ = publish_round(scored())
    start_selection(round_)
    browser_page.goto("/ko/rounds/small/")
    assert "계산하고 있습니다" in browser_page.locator("main").inner_text()
    publish(run_selection(round_))
    browser_page.wait_for_selector("#entrants", timeout=10_000)
    assert "작은 평가, 세 곳 선정" in browser_page.locator("h1").inner_text()


@pytest.mark.parametrize("browser_page", [{"javascript": False}], indirect=True)
@pytest.mark.long
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
    browser_page.set_viewport_size({"width": 660, "height": 900})  # as wide as paper
    assert (
        browser_page.locator("#entrants tbody tr").first.evaluate("row => getComputedStyle(row).display") == "table-row"
    )
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
