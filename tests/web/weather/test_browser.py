"""The strip and the page of all stations in a real browser: looked at, by keyboard, in motion, without JavaScript."""

from __future__ import annotations

import time

import pytest
from playwright.sync_api import expect

MOVED = "document.querySelector('.weather .stations').scrollLeft"
FIRST = ".weather li:first-child b"


@pytest.fixture(autouse=True)
def _recorded(settings):
    settings.WEATHER = "recorded"


def soon(condition):
    """Ask again and again: the page's policy forbids the script that Playwright would wait with."""
    for _ in range(150):
        if condition():
            return
        time.sleep(0.1)
    pytest.fail("it never came about")


@pytest.fixture
def strip(browser_page):
    """A page with the strip, for a reader who did not ask for less motion, whose time passes in `moves` alone."""
    browser_page.emulate_media(reduced_motion="no-preference")
    browser_page.clock.install(time=0)
    browser_page.goto("/ko/method/")
    browser_page.clock.pause_at(60_000)
    return browser_page


def moves(page, seconds=0.5):
    """How far the strip moves in that time, in pixels."""
    before = page.evaluate(MOVED)
    page.clock.run_for(int(seconds * 1000))
    return page.evaluate(MOVED) - before


@pytest.mark.repeats
@pytest.mark.parametrize("browser_page", [{"width": 320}, {"width": 1060}, {"width": 1100}], indirect=True, ids=str)
@pytest.mark.parametrize("language", ["ko", "en"])
def test_nothing_sticks_out_at_widths_between(browser_page, language):
    browser_page.goto(f"/{language}/weather/?sort=-temperature")
    assert browser_page.evaluate("document.documentElement.scrollWidth") <= browser_page.viewport_size["width"]


def test_strip_is_one_line_on_a_desktop(browser_page):
    browser_page.goto("/ko/method/")
    assert browser_page.locator(".weather").bounding_box()["height"] <= 44


@pytest.mark.parametrize("browser_page", [{}, {"javascript": False}], indirect=True, ids=["script", "no script"])
def test_strip_is_scrolled_by_keyboard(browser_page):
    browser_page.goto("/ko/method/")
    region = browser_page.locator(".weather .stations")
    region.focus()
    browser_page.keyboard.press("ArrowRight")
    soon(lambda: browser_page.locator(FIRST).bounding_box()["x"] < region.bounding_box()["x"])
    browser_page.keyboard.press("Tab")
    assert browser_page.evaluate("document.activeElement.textContent") == "전체 지점"
    browser_page.keyboard.press("Enter")
    browser_page.wait_for_url("**/ko/weather/")


def test_strip_does_not_move_for_those_who_asked_for_less_motion(strip):
    strip.emulate_media(reduced_motion="reduce")
    strip.reload()
    assert strip.locator(".weather button").is_hidden()
    assert moves(strip, 30) == 0


def test_strip_moves_and_stops_for_pointer_focus_touch_and_button(strip, axe):
    strip.mouse.move(600, 600)
    strip.reload()
    assert moves(strip, 3.5) == 0
    assert 3 < moves(strip, 1) < 24
    assert 8 < moves(strip) < 16  # 24 pixels a second
    region, button = strip.locator(".weather .stations"), strip.locator(".weather button")
    region.hover()
    assert moves(strip, 30) == 0
    strip.mouse.move(600, 600)
    assert moves(strip) > 3
    region.focus()
    assert moves(strip, 30) == 0
    button.focus()
    assert moves(strip) > 3
    region.dispatch_event("touchstart")
    assert moves(strip, 3.5) == 0
    assert moves(strip, 1) > 3
    assert button.inner_text() == "멈추기"
    button.press("Enter")
    assert button.inner_text() == "움직이기"
    strip.clock.resume()  # axe waits for a time of its own
    axe(strip, ".weather")
    strip.clock.pause_at(600_000)
    assert moves(strip, 30) == 0
    strip.reload()
    assert moves(strip, 30) == 0
    expect(button).to_have_text("움직이기")
    button.press("Enter")
    assert moves(strip, 5) > 3


def test_strip_begins_again_after_its_end(strip):
    end = strip.locator(".weather .stations").evaluate("(view) => { view.scrollLeft = 1e6; return view.scrollLeft; }")
    assert end > 100
    assert moves(strip) == -end
    assert moves(strip, 3) == 0
    assert moves(strip, 2) > 3


def test_own_region_is_kept_in_the_browser_and_comes_first(browser_page):
    browser_page.goto("/ko/weather/")
    expect(browser_page.locator(FIRST)).to_have_text("속초")
    browser_page.get_by_label("내 지역").select_option("제주")
    browser_page.get_by_role("button", name="먼저 보기").click()
    browser_page.wait_for_url("**/?region=5000000000")
    expect(browser_page.locator("tbody th").first).to_have_text("제주")
    expect(browser_page.locator(FIRST)).to_have_text("제주")
    browser_page.goto("/en/method/")
    expect(browser_page.locator(FIRST)).to_have_text("Jeju")
    expect(browser_page.locator(".weather li").nth(4)).to_contain_text("Sokcho")
    browser_page.goto("/en/weather/?sort=-temperature")
    browser_page.wait_for_url("**/?sort=-temperature&region=5000000000")
    browser_page.get_by_label("My region").select_option("")
    browser_page.get_by_role("button", name="Show it first").click()
    browser_page.wait_for_url("**/?region=")
    browser_page.goto("/ko/method/")
    expect(browser_page.locator(FIRST)).to_have_text("속초")


def test_a_region_that_is_none_does_no_harm(browser_page):
    browser_page.goto("/ko/method/")
    browser_page.evaluate("localStorage.setItem('weather-region', '<b>99')")
    browser_page.goto("/ko/weather/")
    browser_page.wait_for_url("**/?region=*")
    assert browser_page.evaluate("localStorage.getItem('weather-region')") is None
    expect(browser_page.locator(FIRST)).to_have_text("속초")


@pytest.mark.parametrize("browser_page", [{"javascript": False}], indirect=True)
def test_page_needs_no_javascript(browser_page):
    browser_page.goto("/ko/weather/")
    browser_page.get_by_label("내 지역").select_option("강원")
    browser_page.get_by_role("button", name="먼저 보기").click()
    expect(browser_page.locator("tbody th").first).to_have_text("속초")
    browser_page.locator("thead").get_by_role("link", name="기온").click()
    expect(browser_page.locator("th[aria-sort=descending]")).to_have_text("기온")
    assert "region=5100000000" in browser_page.url
    assert browser_page.locator(".weather button").is_hidden()


@pytest.mark.repeats
@pytest.mark.parametrize("language", ["ko", "en"])
@pytest.mark.parametrize("browser_page", [{"width": "phone"}, {"width": "desktop"}], indirect=True, ids=str)
def test_lettering_of_the_map_can_be_read(browser_page, language):
    browser_page.goto(f"/{language}/weather/")
    sizes = browser_page.evaluate(
        """() => [...document.querySelectorAll('.weather-map text')].filter(text => text.getClientRects().length)
        .map(text => parseFloat(getComputedStyle(text).fontSize) * text.ownerSVGElement.clientWidth / 360)"""
    )
    assert min(sizes) >= 8.9
    stuck = browser_page.evaluate(
        """() => [...document.querySelectorAll('.weather-map svg > g:not([transform])')].filter(tile => {
            const square = tile.querySelector('rect').getBoundingClientRect();
            const texts = [...tile.querySelectorAll('text')].filter(text => text.getClientRects().length)
                .map(text => text.getBoundingClientRect());
            return texts.some(box => box.left < square.left - 1 || box.right > square.right + 1);
        }).map(tile => tile.querySelector('title').textContent)"""
    )
    assert stuck == []
