"""Levels and anchors under a reviewer's hands: by tap and by key, with a network and without, on paper-thin screens."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from simsa.web.panel.models import Sheet
from simsa.web.panel.services import save_draft
from tests.rules.complete import LEVELLED
from tests.web.panel.test_scoring_browser import (
    _own_folders,  # noqa: F401 (a fixture)
    drafted,
    enter,
    ready,
    round_with_entries,
    slots,
    until,
    within,
)
from tests.web.people import with_role

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize(
    "browser_page",
    [
        pytest.param({"width": "phone", "language": "ko-KR"}, id="phone-ko"),
        pytest.param({"width": "desktop", "language": "en-GB"}, id="desktop-en", marks=pytest.mark.long),
    ],
    indirect=True,
)
def test_levels_are_chosen_by_tap_by_number_and_by_letter(browser_page, live_server, axe, screenshot, request):
    page, language = browser_page, "ko" if "ko" in request.node.callspec.id else "en"
    with_role("kim", round_with_entries(LEVELLED), "reviewer", "p")
    enter(page.context, "kim", live_server.url)
    slot = slots()[0]
    page.goto(f"{live_server.url}/{language}/panel/sheets/{slot.name}/")
    ready(page)
    best, good, poor = (page.locator(f"[data-leaf=work] [value='{value}']") for value in ("95", "87.5", "-1"))
    best.focus()
    page.keyboard.press("3")
    expect(poor).to_be_checked()
    expect(poor).to_be_focused()
    until(lambda: drafted(slot) == {"mark/work": "-1"})
    page.keyboard.press("a")
    expect(good).to_be_checked()
    page.keyboard.press("ArrowUp")
    expect(best).to_be_checked()
    until(lambda: drafted(slot) == {"mark/work": "95"})
    page.keyboard.press("9")  # there is no ninth
    expect(best).to_be_checked()
    page.keyboard.press("Delete")
    until(lambda: drafted(slot) == {})
    page.locator("[data-leaf=work] label").nth(1).click()
    page.locator("#m-work-why").select_option("abstained")
    expect(good).not_to_be_checked()
    until(lambda: drafted(slot) == {"mark/work": "abstained"})
    page.locator("[data-leaf=work] label").nth(1).click()
    expect(page.locator("#m-work-why")).to_have_value("")
    slider, means = page.locator("[data-leaf=idea] .mark-slider"), page.locator("[data-leaf=idea] .mark-means")
    page.locator("#m-idea").fill("10")
    expect(means).to_have_text({"ko": "탁월", "en": "Outstanding"}[language])
    assert slider.get_attribute("aria-valuetext").startswith("10, ")
    slider.focus()
    page.keyboard.press("ArrowLeft")
    expect(page.locator("#m-idea")).to_have_value("9.5")
    expect(means).to_contain_text("미흡")
    until(lambda: drafted(slot) == {"mark/work": "87.5", "mark/idea": "9.5"})
    page.evaluate("scrollTo(0, document.body.scrollHeight)")  # where the bar at the lower edge covers no link
    axe(page)
    within(page)
    screenshot(page, f"panel-levels-{language}")
    page.keyboard.press("Home")
    page.locator("#m-idea").focus()
    page.keyboard.press("Enter")
    expect(good).to_be_focused()  # the level that is chosen
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    page.wait_for_url("**#submitted")
    assert Sheet.objects.get().by_leaf == {"idea": "0", "work": "87.5"}


def test_what_was_written_elsewhere_is_submitted_from_here_and_once(browser_page, live_server):
    """A device that has nothing of it, and a finger that presses twice."""
    page = browser_page
    with_role("kim", round_with_entries(LEVELLED), "reviewer", "p")
    slot = slots()[0]
    save_draft(slot, {"mark/idea": "5", "mark/work": "A+"}, 0)
    enter(page.context, "kim", live_server.url)
    page.goto(f"{live_server.url}/ko/panel/sheets/{slot.name}/")
    ready(page)
    sent = []
    page.on("request", lambda request: sent.append(request.url) if request.method == "POST" else None)
    page.evaluate("const one = document.querySelector('[formaction]'); one.click(); one.click()")
    page.wait_for_url("**#submitted")
    assert len(sent) == 1
    assert Sheet.objects.get().by_leaf == {"idea": "5", "work": "87.5"}


def test_scrolling_changes_no_mark(browser_page, live_server):
    page = browser_page
    with_role("kim", round_with_entries(LEVELLED), "reviewer", "p")
    slot = slots()[0]
    enter(page.context, "kim", live_server.url)
    page.goto(f"{live_server.url}/ko/panel/sheets/{slot.name}/")
    ready(page)
    page.locator("#m-idea").fill("5")
    page.locator("#m-idea").hover()
    page.mouse.wheel(0, 200)
    page.wait_for_timeout(300)  # nothing is to happen
    expect(page.locator("#m-idea")).to_have_value("5")


def test_clash_over_a_level_is_told_by_its_name(browser_page, live_server):
    page = browser_page
    with_role("kim", round_with_entries(LEVELLED), "reviewer", "p")
    slot = slots()[0]
    enter(page.context, "kim", live_server.url)
    page.goto(f"{live_server.url}/ko/panel/sheets/{slot.name}/")
    ready(page)
    page.expected_statuses.add(412)
    save_draft(slot, {"mark/work": "95"}, 0)  # another device
    page.locator("[data-leaf=work] label").nth(2).click()
    clash = page.locator(".sheet-clash")
    expect(clash.locator(".sheet-theirs")).to_have_text("수")
    clash.get_by_role("button").nth(0).click()
    expect(page.locator("[data-leaf=work] [value='95']")).to_be_checked()
    expect(clash).to_have_count(0)
    assert drafted(slot) == {"mark/work": "95"}
