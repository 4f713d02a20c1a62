"""An entrant's officer from the letter to the receipt, in a real browser: both languages, both widths, by keyboard, and
through a bad network."""

from __future__ import annotations

from typing import Any

import pytest
from django.conf import settings
from django.utils import timezone
from playwright.sync_api import Page, expect

from simsa.web.entries.models import Entry, Evidence, Submission
from simsa.web.entries.services import save_fields, submit_entry
from simsa.web.entries.services.drafting import fields_of, values_of
from simsa.web.programmes.models import Round
from simsa.web.programmes.services import begin_draft, discard_draft, invite
from tests.web.entries.test_desk import WHOLE, desk_round, write
from tests.web.people import PASSWORD, account, links_of_letters, signed_in, with_role

pytestmark = pytest.mark.django_db(transaction=True)
WORDS = {
    "ko": {
        "accept": "계정을 만들고 수락",
        "name": "이름",
        "password": "비밀번호",
        "add": "우수사례 추가",
        "submit": "제출",
        "even": "빠진 것이 있어도 제출",
        "receipt": "접수증",
        "saved": "저장됨",
    },
    "en": {
        "accept": "Open the account and accept",
        "name": "Name",
        "password": "Password",
        "add": "Add a case",
        "submit": "Submit",
        "even": "Submit even if something is missing",
        "receipt": "Receipt",
        "saved": "saved",
    },
}


def entry_of(round_: Round) -> Entry:
    return round_.entries.get(entrant__code="x")


def enter(page: Page, name: str, address: str) -> None:
    cookie = settings.SESSION_COOKIE_NAME
    value = signed_in(name).cookies[cookie].value
    page.context.add_cookies([{"name": cookie, "value": value, "url": address}])


def arrived(entry: Entry, **facts: Any) -> Evidence:
    """A file of the entry, as far as pages show it."""
    return Evidence.objects.create(
        entry=entry,
        criterion="idea",
        name="계획.pdf",
        size=123456,
        sha256="0" * 64,
        received_at=timezone.now(),
        position=0,
        actor="test",
        **facts,
    )


def within(page: Page) -> None:
    """The page is no wider than the screen."""
    wide, room = page.evaluate("[document.documentElement.scrollWidth, document.documentElement.clientWidth]")
    assert wide <= room


@pytest.mark.parametrize(
    ("browser_page", "language"),
    [
        pytest.param({"width": "phone", "language": "ko-KR"}, "ko", id="phone-ko"),
        pytest.param({"width": "desktop", "language": "en-GB"}, "en", id="desktop-en"),
        pytest.param({"width": "desktop", "language": "ko-KR"}, "ko", id="desktop-ko", marks=pytest.mark.long),
        pytest.param({"width": "phone", "language": "en-GB"}, "en", id="phone-en", marks=pytest.mark.long),
    ],
    indirect=["browser_page"],
)
def test_from_the_letter_to_the_receipt(browser_page, live_server, language, axe, screenshot):
    page, words = browser_page, WORDS[language]
    round_ = desk_round(call=-1, deadline=3)
    invite(round_.programme, round_, "entrant", "kim@example.kr", "x", language=language)
    (link,) = links_of_letters()
    page.goto(link)
    axe(page)
    screenshot(page, f"desk-invitation-{language}")
    page.get_by_label(words["name"], exact=True).fill("김담당")
    page.get_by_label(words["password"], exact=True).fill(PASSWORD)
    page.get_by_role("button", name=words["accept"]).click()
    page.wait_for_url("**/office/")
    axe(page)
    within(page)
    screenshot(page, f"desk-work-{language}")
    page.get_by_role("link", name="기관 x").click()
    page.locator("#f-text-idea").fill("광융합 무역촉진단을 두 차례 운영하였다.")
    expect(page.locator(".desk-state")).to_contain_text(words["saved"])
    page.locator("#f-number-debt-debt").fill("1,234.5")
    page.get_by_role("button", name=words["add"]).click()
    page.locator("#f-case-1-title").fill("무역촉진단")
    page.locator("#f-case-1-summary").fill("상담과 계약")
    page.locator("#f-case-1-outcome-1-measure").fill("수출 상담")
    page.locator("#f-case-1-outcome-1-value").fill("18,300,000")
    page.locator("#f-case-1-outcome-1-currency").fill("USD")
    page.locator("#f-case-1-outcome-1-currency").blur()
    expect(page.locator(".desk-state")).to_contain_text(words["saved"])
    axe(page)
    within(page)
    screenshot(page, f"desk-writing-{language}")
    page.get_by_role("button", name=words["submit"], exact=True).click()
    page.wait_for_url("**#submitted")
    axe(page)
    screenshot(page, f"desk-submitted-{language}")
    assert Submission.objects.get().content.count("23286750000") == 1
    with page.expect_download() as kept:
        page.get_by_role("link", name=words["receipt"], exact=True).click()
    assert "simsa.promise@v1" in kept.value.path().read_text()
    page.goto(f"/{language}/entries/{entry_of(round_).pk}/preview/")
    axe(page)
    within(page)
    screenshot(page, f"desk-preview-{language}")


def test_by_keyboard_alone(browser_page, live_server):
    round_ = desk_round()
    with_role("kim", round_, "entrant", "x")
    enter(browser_page, "kim", live_server.url)
    page = browser_page
    page.goto(f"/ko/entries/{entry_of(round_).pk}/")
    reached: list[str] = []
    for _ in range(120):
        page.keyboard.press("Tab")
        at = page.evaluate("document.activeElement.id || document.activeElement.textContent.trim().slice(0, 30)")
        reached.append(at)
        if at == "f-text-idea":
            page.keyboard.type("자판만으로 쓴 글")
        if at == "f-number-debt-debt":
            page.keyboard.type("12")
        if at == "with-missing":
            page.keyboard.press("Space")
        if page.evaluate("document.activeElement.getAttribute('formaction') || ''").endswith("/submit/"):
            page.keyboard.press("Enter")
            break
    page.wait_for_url("**#submitted")
    assert "자판만으로 쓴 글" in Submission.objects.get().content
    assert reached.index("f-text-idea") < reached.index("with-missing")


def test_what_was_written_without_a_network_is_sent_later(browser, live_server):
    round_ = desk_round()
    with_role("kim", round_, "entrant", "x")
    address = f"{live_server.url}/ko/entries/{entry_of(round_).pk}/"
    context = browser.new_context()
    page = context.new_page()
    enter(page, "kim", live_server.url)
    page.goto(address)
    context.set_offline(True)
    page.locator("#f-text-idea").fill("끊긴 동안 쓴 글")
    expect(page.locator(".desk-state")).to_contain_text("이 기기에 보관")
    page.close(run_before_unload=False)  # the tab is gone before the network is back
    context.set_offline(False)
    again = context.new_page()
    again.goto(address)
    expect(again.locator("#f-text-idea")).to_have_value("끊긴 동안 쓴 글")
    for _ in range(200):  # what waits is gone from the device once the server has it
        if not again.evaluate("Object.keys(localStorage).some(key => key.startsWith('desk|'))"):
            break
        again.wait_for_timeout(100)
    assert entry_of(round_).draft.get(name="text/idea").value == "끊긴 동안 쓴 글"
    context.close()


def test_colleagues_never_overwrite_each_other_unseen(browser_page, live_server, axe):
    round_ = desk_round()
    with_role("kim", round_, "entrant", "x")
    enter(browser_page, "kim", live_server.url)
    page, entry = browser_page, entry_of(round_)
    browser_page.expected_statuses.add(409)
    page.goto(f"/ko/entries/{entry.pk}/")
    save_fields(entry, {"text/idea": "동료의 글"}, {}, actor="person/9")
    page.locator("#f-text-idea").fill("나의 글")
    clash = page.locator(".desk-clash")
    expect(clash.locator("textarea")).to_have_value("동료의 글")
    axe(page)
    assert entry.draft.get(name="text/idea").value == "동료의 글"
    clash.get_by_role("button").nth(1).click()
    expect(page.locator(".desk-state")).to_contain_text("저장됨")
    assert entry.draft.get(name="text/idea").value == "나의 글"


def test_countries_and_units_are_suggested_and_never_forced(browser_page, live_server):
    round_ = desk_round()
    with_role("kim", round_, "entrant", "x")
    enter(browser_page, "kim", live_server.url)
    page, entry = browser_page, entry_of(round_)
    save_fields(entry, {"case/1/title": "무역촉진단"}, {}, actor="person/9")
    page.goto(f"/ko/entries/{entry.pk}/")
    partners, offered = page.locator("#f-case-1-partners"), page.locator("#desk-countries option")
    expect(offered.first).to_have_attribute("value", "가나")
    partners.press_sequentially("필리핀, 베")
    expect(offered.first).to_have_attribute("value", "필리핀, 가나")  # the next name after what is there
    partners.fill("필리핀, Vietnam")
    assert page.locator("#desk-units option").count() > 5
    page.locator("#f-case-1-outcome-1-unit").fill("자루")
    page.locator("#f-case-1-outcome-1-unit").blur()
    expect(page.locator(".desk-state")).to_contain_text("저장됨")
    page.locator("#f-case-1-summary").focus()
    expect(page.locator(".desk-state")).to_contain_text("저장됨")
    assert values_of(fields_of(entry))["case/1/partners"] == "필리핀, Vietnam"


def test_after_the_deadline_the_desk_says_so_and_takes_nothing(browser_page, live_server, axe, screenshot):
    round_ = desk_round(call=-3, deadline=-1)
    with_role("kim", round_, "entrant", "x")
    enter(browser_page, "kim", live_server.url)
    browser_page.goto(f"/ko/entries/{entry_of(round_).pk}/")
    assert browser_page.locator("#f-text-idea").get_attribute("readonly") is not None
    assert browser_page.get_by_role("button", name="제출").count() == 0
    axe(browser_page)
    screenshot(browser_page, "desk-closed-ko")


@pytest.mark.repeats
@pytest.mark.parametrize("browser_page", [{"width": "phone"}, {"width": "desktop"}], indirect=True, ids=["phone", "pc"])
def test_progress_and_people(browser_page, live_server, axe, screenshot, request):
    round_ = desk_round(call=-1, deadline=3)
    with_role("boss", round_, "officer")
    with_role("kim", round_, "entrant", "x")
    account("lee")
    entry = entry_of(round_)
    arrived(entry, state="unread", faults=[["unread", ""]])
    rules = begin_draft(round_.programme, "개정", round_.rules_toml, by=account("boss"), amends=round_)
    discard_draft(rules, by=account("boss"))
    enter(browser_page, "boss", live_server.url)
    for name, address in (
        ("round", "/ko/office/rounds/desk/"),
        ("progress", "/ko/office/rounds/desk/progress/"),
        ("people", "/ko/office/rounds/desk/people/"),
        ("account", "/ko/account/"),
        ("factors", "/ko/account/factors/"),
        ("hand-over", f"/ko/office/roles/{account('boss').roles.get().pk}/hand-over/"),
        ("put-away", f"/ko/office/drafts/{rules.pk}/"),
        ("unread", f"/ko/entries/{entry.pk}/"),
    ):
        browser_page.goto(address)
        axe(browser_page)
        within(browser_page)
        screenshot(browser_page, f"office-{name}-{request.node.callspec.id}")


@pytest.mark.parametrize("browser_page", [{"width": "phone"}], indirect=True)
def test_an_auditor_looks_at_what_was_submitted(browser_page, live_server, axe, screenshot):
    round_ = desk_round(call=-1, deadline=3)
    with_role("audit", round_.programme, "auditor")
    entry = entry_of(round_)
    write(entry, **WHOLE)
    arrived(entry, state="ready")
    enter(browser_page, "audit", live_server.url)
    for name in ("work", "draft", "submitted"):
        if name == "submitted":
            submit_entry(entry, with_missing=True, actor="test")
        browser_page.goto("/ko/office/" if name == "work" else f"/ko/entries/{entry.pk}/")
        axe(browser_page)
        within(browser_page)
        screenshot(browser_page, f"auditor-{name}")
    expect(browser_page.locator("main")).to_contain_text(WHOLE["text__idea"])
    expect(browser_page.get_by_role("link", name="계획.pdf")).to_be_visible()
