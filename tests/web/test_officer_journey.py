"""An officer's whole way in a real browser: from a new programme to an amendment, on a phone and at a desk; and once by
keyboard alone."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from playwright.sync_api import Page, expect

from simsa.tables import korea
from simsa.web.entries.services import save_fields, submit_entry
from simsa.web.programmes.models import Draft, Invitation, Programme, Round
from simsa.web.programmes.services import begin_programme
from tests.browser import reach
from tests.web.people import account, links_of_letters, signed_in, with_role

pytestmark = pytest.mark.django_db(transaction=True)
GOVERNMENTS = Path(korea.__file__).parent / "governments.csv"
GROUPS = "광역 1\n시 2\n군 2\n구 2"
BODY = "2917000000"  # 광주광역시 북구
MORE_RULES = """
[entries]
currency = "KRW"
cases = { max = 3 }

[[entries.exchange]]
currency = "USD"
rate = "1272.5"
date = 2023-06-30

[units]
saved = "억원"

[[criterion]]
id = "saving"
name = { ko = "예산 절감", en = "Money saved" }
indicator = { method = "step", field = "saved", boundary = "above", steps = [{ at = 10, points = 5 }, { at = 20, points = 10 }] }
"""  # noqa: E501
ENTRY = {
    "text/c1": "광융합무역촉진단을 보내 지역 기업의 수출을 도왔다.",
    "number/saving/saved": "20",
    "case/1/title": "광융합무역촉진단",
    "case/1/summary": "필리핀과 베트남에서 상담회를 열었다.",
    "case/1/from": "2023-04-01",
    "case/1/to": "2023-04-30",
    "case/1/partners": "필리핀, 베트남",
    "case/1/outcome/1/measure": "수출 상담",
    "case/1/outcome/1/value": "18,300,000",
    "case/1/outcome/1/currency": "USD",
    "case/1/outcome/2/measure": "현장 계약",
    "case/1/outcome/2/value": "1,700,000",
    "case/1/outcome/2/currency": "USD",
}
WAYS = [
    pytest.param({"width": "phone", "language": "ko-KR"}, "ko", id="phone-ko"),
    pytest.param({"width": "desktop", "language": "en-GB"}, "en", id="desktop-en", marks=pytest.mark.long),
    pytest.param({"width": "desktop", "language": "ko-KR"}, "ko", id="desktop-ko", marks=pytest.mark.long),
    pytest.param({"width": "phone", "language": "en-GB"}, "en", id="phone-en", marks=pytest.mark.long),
]


@contextmanager
def arriving(page: Page) -> Iterator[None]:
    """Wait for the page that what is done leads to: another document, for scripts rewrite addresses of the same one."""
    page.evaluate("document.documentElement.dataset.left = ''")
    yield
    expect(page.locator("html[data-left]")).to_have_count(0)
    page.wait_for_load_state()


class Way:
    """A page in somebody's hands: `look` is what every page must stand."""

    def __init__(self, page: Page, language: str, live: Any, axe: Callable[..., None], screenshot: Any, tag: str):
        self.page, self.language, self.live, self.tag = page, language, live.url, tag
        self.axe, self.screenshot = axe, screenshot

    def enter(self, name: str) -> None:
        cookie = settings.SESSION_COOKIE_NAME
        value = signed_in(name).cookies[cookie].value
        self.page.context.add_cookies([{"name": cookie, "value": value, "url": self.live}])

    def go(self, path: str, look: str = "") -> None:
        self.page.goto(f"/{self.language}/office/{path}")
        if look:
            self.look(look)

    def look(self, name: str) -> None:
        wide, room = self.page.evaluate("[document.documentElement.scrollWidth, document.documentElement.clientWidth]")
        assert wide <= room, f"{name} is wider than the screen"
        if self.language == "ko":  # the pages are the same in both languages
            self.axe(self.page)
        self.screenshot(self.page, f"officer-{name}-{self.tag}")

    def fill(self, **values: str) -> None:
        for name, value in values.items():
            self.page.locator(f"main [name='{name}']").fill(value)

    def press(self, selector: str, until: str | re.Pattern[str] = "") -> None:
        """Press a button and wait for where it leads."""
        with arriving(self.page):
            self.page.locator(selector).first.click()
        if until:
            self.page.wait_for_url(until)


@pytest.mark.takes_long
@pytest.mark.parametrize(("browser_page", "language"), WAYS, indirect=["browser_page"])
def test_from_a_new_programme_to_an_amendment(browser_page, language, live_server, axe, screenshot, request):
    way = Way(browser_page, language, live_server, axe, screenshot, request.node.callspec.id)
    draft = begin_rules(way)
    round_ = freeze(way, draft)
    import_bodies(way, round_)
    collect(way, round_)
    compare(way, round_)
    amend(way, round_)


def begin_rules(way: Way) -> Draft:
    """A programme, rules from scratch, more of them in forms and in the text."""
    page = way.page
    account("chief", is_staff=True)
    way.enter("chief")
    way.go("programmes/", "programmes")
    way.fill(slug="trade", name_ko="적극행정 성과평가", name_en="Proactive administration")
    way.press("main form button", "**/office/programmes/trade/")
    for name in ("kim", "lee"):
        with_role(name, Programme.objects.get(), "officer")
    way.enter("kim")
    way.go("", "home")
    way.press("main .list a", "**/office/programmes/trade/")
    way.look("programme")
    way.press("main a.button", "**/drafts/new/")
    way.fill(id="trade-2024", name="적극행정 성과평가 2024년", groups=GROUPS, criteria="노력도\n체감도", sheets="3")
    way.look("from-scratch")
    way.press("main form button", "**/office/drafts/*/")
    way.look("draft")
    draft = Draft.objects.get()
    way.go(f"drafts/{draft.pk}/forms/groups/")
    page.locator('[name="group[2].quota.count"]').fill("3")
    way.look("groups")
    way.press("form.rules .actions button")
    draft.refresh_from_db()
    assert "quota = 3" in draft.text
    way.go(f"drafts/{draft.pk}/text/")
    # An indicator belongs to the entry: the panel's marks have to be aggregated below where the two meet.
    by_leaf = re.sub("(?m)^panel = .*\n", "", draft.text).replace("scale =", 'panel = { method = "mean" }\nscale =')
    page.locator("#text").fill(by_leaf + MORE_RULES)
    way.look("text")
    way.press("form.text button")
    way.go(f"drafts/{draft.pk}/", "checked")
    return draft


def freeze(way: Way, draft: Draft) -> Round:
    """One officer proposes, and cannot approve; the other does."""
    way.press("form[action$='/propose/'] button")
    assert way.page.locator("form[action$='/approve/']").count() == 0
    way.enter("lee")
    way.go(f"drafts/{draft.pk}/", "approve")
    way.press("form[action$='/approve/'] button")
    round_ = Round.objects.get(slug="trade-2024")
    assert round_.rules.groups[1].quota.count == 3
    return round_


def import_bodies(way: Way, round_: Round) -> None:
    """The 243 governments from the example's file, looked at before they are taken."""
    way.enter("kim")
    way.go(f"rounds/{round_.slug}/", "round")
    way.go(f"rounds/{round_.slug}/lists/entries/", "lists")
    way.page.locator("main [name=file]").set_input_files(GOVERNMENTS)
    way.press("main form[enctype] button", re.compile(r"/lists/entries/\d+/$"))
    way.look("list-preview")
    assert round_.entries.count() == 0
    expect(way.page.locator(".facts dd").first).to_have_text("243")
    way.press("form[action$='/confirm/'] button")
    assert round_.entries.count() == 243


def collect(way: Way, round_: Round) -> None:
    """Somebody is invited, reminded, and submits; the import can no longer be undone."""
    page = way.page
    way.go(f"rounds/{round_.slug}/people/", "people")
    form = page.locator("main form", has=page.locator("[name=email]")).first
    form.locator("[name=email]").fill("han@example.kr")
    form.locator("[name=kind]").select_option("entrant")
    form.locator("[name=code]").fill(BODY)
    with arriving(page):
        form.locator("button").click()
    assert Invitation.objects.get().code == BODY
    way.look("invited")
    han = account("han")
    (link,) = links_of_letters()
    assert signed_in(han).post(link).status_code == 302
    way.go(f"rounds/{round_.slug}/progress/", "progress")
    way.press("form[action$='/remind/'] button")
    way.go(f"rounds/{round_.slug}/letters/", "letters")
    expect(page.locator("main tbody tr")).to_have_count(2)
    entry = round_.entries.get(entrant__code=BODY)
    save_fields(entry, ENTRY, {}, actor=han.actor)
    submit_entry(entry, with_missing=True, actor=han.actor)
    way.go(f"rounds/{round_.slug}/progress/?state=submitted")
    way.press("tbody th a")
    way.look("submission")
    way.go(f"rounds/{round_.slug}/lists/entries/")
    way.press("form[action$='/undo/'] button")
    expect(page.locator(".messages .error").first).to_be_visible()
    way.look("undo-refused")
    assert round_.entries.count() == 243


def compare(way: Way, round_: Round) -> None:
    """What was reported, beside each other and not final."""
    way.go(f"rounds/{round_.slug}/")
    way.press(f"main a[href$='/rounds/{round_.slug}/cases/']")
    expect(way.page.locator("main")).to_contain_text("23,286,750,000")
    way.look("cases")
    way.go(f"rounds/{round_.slug}/")
    way.press(f"main a[href$='/rounds/{round_.slug}/indicators/']")
    way.look("indicators")
    way.page.locator("main [name=within]").fill("0.5")
    way.press("main form.filter button", "**within=0.5*")
    way.page.locator("main details summary").first.click()
    way.look("indicator")


def amend(way: Way, round_: Round) -> None:
    """What is in force is changed by another draft, with a reason and what is different."""
    page = way.page
    way.go(f"rounds/{round_.slug}/")
    way.press("form[action$='/amend/'] button", "**/office/drafts/*/")
    draft = Draft.objects.get(amends=round_)
    way.go(f"drafts/{draft.pk}/forms/groups/")
    page.locator('[name="group[2].quota.count"]').fill("4")
    way.press("form.rules .actions button")
    way.go(f"drafts/{draft.pk}/", "amendment")
    page.locator("[name=reason]").fill("예산이 늘었다")
    way.press("form[action$='/propose/'] button")
    way.enter("lee")
    way.go(f"drafts/{draft.pk}/")
    expect(page.locator(".changes .new").first).to_contain_text("4")
    way.press("form[action$='/approve/'] button")
    way.go(f"rounds/{round_.slug}/", "amended")
    expect(page.locator("main")).to_contain_text("예산이 늘었다")
    assert Round.objects.get(pk=round_.pk).rules.groups[1].quota.count == 4


def test_by_keyboard_alone(browser_page, live_server):
    """Rules from scratch are begun, proposed and frozen without a mouse."""
    page = browser_page
    programme = begin_programme("trade", "평가", "", officer=account("kim"), actor="test")
    with_role("lee", programme, "officer")
    way = Way(page, "ko", live_server, lambda _page: None, lambda *_args: None, "")

    def enter_on(selector: str, until: str | None = None) -> None:
        reach(page.locator(selector))
        with arriving(page):
            page.keyboard.press("Enter")
        if until:
            page.wait_for_url(until)

    way.enter("kim")
    way.go("")
    enter_on("main .list a", "**/office/programmes/trade/")
    enter_on("main a.button", "**/drafts/new/")
    for name, text in {"id": "keys", "name": "자판 회차", "groups": "시 1", "criteria": "노력도"}.items():
        reach(page.locator(f"main [name={name}]"))
        page.keyboard.type(text)
    enter_on("main form button", "**/office/drafts/*/")
    enter_on("form[action$='/propose/'] button")
    way.enter("lee")
    way.go(f"drafts/{Draft.objects.get().pk}/")
    enter_on("form[action$='/approve/'] button")
    assert Round.objects.get().slug == "keys"
