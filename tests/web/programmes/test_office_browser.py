"""An officer's way from last year's rules to a frozen round, in a browser, with scripts and without."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from simsa.web.accounts.models import User
from simsa.web.programmes.models import Draft, Programme, Round
from simsa.web.programmes.services import begin_draft, open_round
from tests.rules.complete import BY_NUMBERS, EXAMPLES
from tests.rules.small import changed
from tests.web.people import account, signed_in, with_role

RULES = (Path(EXAMPLES) / "proactive" / "rules.toml").read_text(encoding="utf-8")


@pytest.fixture
def round_(transactional_db) -> Round:
    """The example's rules, moved so that the call is open now."""
    days = (datetime.now() - datetime(2023, 6, 20)).days
    text = RULES
    for line in RULES.split("\n"):
        key, _is, value = line.partition(" = 2023-")
        if value:
            moved = datetime.fromisoformat(f"2023-{value}") + timedelta(days=days)
            text = text.replace(line, f"{key} = {moved.isoformat()}")
    opened = open_round(text, synthetic_note="invented")
    for name in ("kim", "lee"):
        with_role(name, opened.programme, "officer")
    return opened


def enter(page: Page, person: User) -> None:
    """Sign in without the form, which has tests of its own."""
    cookie = signed_in(person).cookies["sessionid"].value
    page.goto("/ko/method/")
    page.context.add_cookies([{"name": "sessionid", "value": cookie, "url": page.evaluate("location.origin")}])


@pytest.mark.parametrize(
    "browser_page",
    [
        pytest.param({"width": "desktop"}, id="ko"),
        pytest.param({"width": "phone", "language": "en-GB"}, id="en", marks=pytest.mark.long),
    ],
    indirect=True,
)
def test_from_last_year_to_a_proposal(browser_page: Page, round_, axe, screenshot, request):
    """Every page is looked at in English on a phone, those that differ most in Korean on a desktop."""
    page, korean = browser_page, browser_page.viewport_size["width"] > 600
    office = f"/{'ko' if korean else 'en'}/office"
    all_of_them = request.config.getoption("--screenshots")

    def look(name: str) -> None:
        screenshot(page, f"office-{name}-{'ko' if korean else 'en'}")
        axe(page)
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide <= 0, f"{name} is wider than the screen by {wide}"

    def visit(name: str, address: str, *, always: bool = False) -> None:
        if always or not korean or all_of_them:
            page.goto(f"{office}/{address}")
            look(name)

    enter(page, account("kim"))
    programme = f"programmes/{round_.programme.slug}/"
    visit("home", "")
    visit("programme", programme)
    visit("new", f"{programme}drafts/new/")
    visit("round", f"rounds/{round_.slug}/", always=True)
    visit("clone", f"rounds/{round_.slug}/clone/", always=True)
    page.locator("[name=id]").fill("proactive-next")
    page.locator("[name=name]").fill("적극행정 성과평가 다음 회차")
    page.locator("main form button").press("Enter")
    page.wait_for_url("**/office/drafts/*/")
    look("draft")
    draft = f"drafts/{Draft.objects.get().pk}/"
    page.goto(f"{office}/{draft}forms/groups/")
    field = page.locator('[name="group[2].quota.count"]')
    field.fill("99")
    expect(page.locator("#source .wrong").first).to_be_visible()  # told while typing, and not saved
    assert Draft.objects.get().version == 1
    field.fill("3")
    expect(page.locator("#source .wrong")).to_have_count(0)
    expect(page.locator("#source")).to_contain_text("quota = 3")
    look("forms-groups")
    field.press("Enter")
    expect(page.locator(".messages")).to_be_visible()
    assert Draft.objects.get().text.count("quota = 3") == 1
    visit("forms-criteria", f"{draft}forms/criteria/")
    visit("criterion", f"{draft}criteria/2/", always=True)
    for section in ("round", "missing", "ties", "panel", "schedule") if all_of_them else ():
        visit(f"forms-{section}", f"{draft}forms/{section}/")
    page.goto(f"{office}/{draft}text/")
    page.locator("#text").fill(Draft.objects.get().text.replace("quota = 3", "quota = -3"))
    expect(page.locator("#source .wrong").first).to_be_visible()
    page.locator("form.text button").click()
    expect(page.locator(".messages")).to_be_visible()
    look("text-faulty")
    visit("draft-faulty", draft)
    visit("versions", f"{draft}versions/")


@pytest.mark.parametrize("browser_page", [{"width": "phone", "javascript": False}], indirect=True)
def test_without_javascript_two_officers_amend(browser_page: Page, round_, screenshot):
    page = browser_page
    enter(page, account("kim"))
    page.goto(f"/ko/office/rounds/{round_.slug}/")
    page.locator("form[action$='/amend/'] button").click()
    draft = Draft.objects.get()
    page.goto(f"/ko/office/drafts/{draft.pk}/forms/groups/")
    page.locator('[name="group[2].quota.count"]').fill("3")
    page.locator("form.rules .actions button").click()
    page.goto(f"/ko/office/drafts/{draft.pk}/")
    page.locator("[name=reason]").fill("예산이 늘었다")
    page.locator("form[action$='/propose/'] button").click()
    enter(page, account("lee"))
    page.goto(f"/ko/office/drafts/{draft.pk}/")
    screenshot(page, "office-approval-ko")
    page.locator("form[action$='/approve/'] button").click()
    round_.refresh_from_db()
    assert round_.rules.groups[1].quota.count == 3


@pytest.mark.parametrize(
    "browser_page",
    [
        pytest.param({"width": "phone", "language": "en-GB", "javascript": False}, id="en"),
        pytest.param({"width": "desktop"}, id="ko", marks=pytest.mark.long),
    ],
    indirect=True,
)
def test_rows_come_are_filled_move_and_go(browser_page: Page, transactional_db, axe, screenshot):
    page, korean = browser_page, browser_page.viewport_size["width"] > 600
    programme = Programme.objects.create(slug="yearly", name_ko="연간 평가")
    with_role("kim", programme, "officer")
    text = changed('name = "수치"', 'name = "수치", programme = "yearly"', BY_NUMBERS)
    draft = begin_draft(programme, "2024", text, by=account("kim"))
    enter(page, account("kim"))

    def visit(place: str) -> None:
        page.goto(f"/{'ko' if korean else 'en'}/office/drafts/{draft.pk}/{place}/")

    def look(name: str) -> None:
        screenshot(page, f"office-rows-{name}-{'ko' if korean else 'en'}")
        if korean:
            axe(page)  # needs scripts
        assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0

    def press(do: str = "") -> None:
        """A button, or that of saving."""
        version = page.locator(".rules [name=version]")
        before = version.input_value()
        page.locator(f'button[value="{do}"]' if do else ".rules .actions button").click()
        expect(version).not_to_have_value(before)

    visit("criteria/4")
    press("add:criterion[4].indicator.steps")
    look("steps")
    for key, value in (("at", "-9"), ("points", "-5")):
        page.locator(f'[name="criterion[4].indicator.steps[4].{key}"]').fill(value)
    press("move:criterion[4].indicator.steps[4]:2")
    press("move:criterion[4].indicator.steps[3]:3")
    assert "{ at = -9, points = -5 }]" in Draft.objects.get().text
    press("move:criterion[4].indicator.steps[4]:2")
    assert "{ at = -9, points = -5 }, { at = 8, points = 4 }]" in Draft.objects.get().text
    press("remove:criterion[4].indicator.steps[3]")
    factor = page.locator('[name="criterion[4].factor"]')
    page.locator("details.part", has=factor).locator("summary").click()
    factor.select_option("by_group")
    press()
    look("factor")
    visit("forms/numbers")
    page.locator('[name="constants[1].name"]').fill("usd")
    press("add:units")
    look("numbers")
    page.locator('[name="units[3].value"]').fill("원")
    press()
    for section in ("adjustments", "entries", "groups"):
        visit(f"forms/{section}")
        look(section)
    visit("forms/entries")
    press("add:entries.exchange")
    page.locator('[name="entries.exchange[1].date"]').fill("2024-01-31")
    press()
    look("rates")
    visit("forms/ties")
    press("add:lottery")
    look("lottery")
    press("remove:lottery")
    visit("forms/panel")
    press("add:adaptive")
    look("adaptive")
    now = Draft.objects.get().text
    assert "\nusd = " in now
    assert 'planned = "원"' in now
    assert "factor = { by_group = { a = 1 } }" in now
    assert "[lottery]" not in now
    assert "date = 2024-01-31\n" in now
