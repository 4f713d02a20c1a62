"""Lists, tokens and conferences in a real browser: at both widths and in both languages."""

from __future__ import annotations

import pytest
from django.conf import settings
from playwright.sync_api import Page

from simsa.web.entries.models import Entry
from simsa.web.entries.services import EntryRow, import_entries
from simsa.web.programmes.models import Round
from simsa.web.programmes.services import open_round
from tests.rules.small import SMALL
from tests.tables.conference.exports import HOTCRP
from tests.web.people import signed_in, with_role

WORDS = {
    "ko": ("미리 보기", "회차에 반영", "되돌리기", "다시 확인"),
    "en": ("Look at the list", "Take it into the round", "Undo", "Look again"),
}
FAULTY = "A,기관명,평가군,비고\nr1,하나시,a,변경\nr2,둘,x,\nr3,셋,b,\n"


def enter(page: Page, round_: Round, address: str) -> None:
    """Sign in as an officer of the round."""
    client = signed_in(with_role("kim", round_, "officer"))
    name = settings.SESSION_COOKIE_NAME
    page.context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": address}])


def send(page: Page, content: str, language: str) -> None:
    page.goto(f"/{language}/office/rounds/small/lists/entries/")
    page.locator("input[type=file]").set_input_files(
        {"name": "대상기관.csv", "mimeType": "text/csv", "buffer": content.encode("cp949")}
    )
    page.get_by_role("button", name=WORDS[language][0]).click()


@pytest.mark.repeats
@pytest.mark.parametrize(
    ("browser_page", "language"),
    [
        ({"width": "phone"}, "ko"),
        ({"width": "desktop"}, "en"),
    ],
    indirect=["browser_page"],
    ids=["phone-ko", "desktop-en"],
)
def test_from_the_file_to_the_round(browser_page, live_server, language, axe, screenshot):
    _look, take, undo, again = WORDS[language]
    round_ = open_round(SMALL)
    import_entries(round_, [EntryRow("r1", "a", "하나", "One", "남부")])
    enter(browser_page, round_, live_server.url)
    send(browser_page, FAULTY, language)
    axe(browser_page)
    screenshot(browser_page, f"lists-columns-{language}")
    browser_page.locator("#id_column-0").select_option("code")
    browser_page.get_by_role("button", name=again).click()
    assert browser_page.get_by_role("button", name=take).count() == 0
    assert "x" in browser_page.locator("main table").first.inner_text()
    axe(browser_page)
    screenshot(browser_page, f"lists-faults-{language}")
    send(browser_page, FAULTY.replace(",x,", ",b,").replace("A,", "코드,"), language)
    assert browser_page.locator("ins").all_inner_texts() == ["하나시"]
    axe(browser_page)
    screenshot(browser_page, f"lists-preview-{language}")
    browser_page.get_by_role("button", name=take).click()
    assert Entry.objects.count() == 3
    axe(browser_page)
    screenshot(browser_page, f"lists-done-{language}")
    assert not browser_page.evaluate("document.documentElement.scrollWidth > innerWidth")
    browser_page.get_by_role("button", name=undo).first.focus()
    browser_page.keyboard.press("Enter")
    browser_page.locator(".messages").wait_for()
    assert Entry.objects.get().entrant.name_ko == "하나"


@pytest.mark.repeats
@pytest.mark.parametrize(
    ("browser_page", "language"),
    [({"width": "phone"}, "ko"), ({"width": "desktop"}, "en")],
    indirect=["browser_page"],
    ids=["phone-ko", "desktop-en"],
)
def test_tokens_and_conferences(browser_page, live_server, language, axe, screenshot):
    round_ = open_round(SMALL)
    role = with_role("kim", round_, "officer")
    enter(browser_page, round_, live_server.url)
    browser_page.goto(f"/{language}/office/roles/{role.pk}/tokens/")
    browser_page.locator("#id_name").fill("statistics")
    browser_page.locator("main form button").last.click()
    browser_page.locator("code.hash").wait_for()
    axe(browser_page)
    screenshot(browser_page, f"tokens-{language}")
    browser_page.goto(f"/{language}/office/rounds/small/conference/")
    exports = [{"name": name, "mimeType": "text/plain", "buffer": text.encode()} for name, text in HOTCRP.items()]
    browser_page.locator("input[type=file]").set_input_files(exports)
    browser_page.locator("main form button").last.click()
    browser_page.get_by_text("ada@example.org").wait_for()
    axe(browser_page)
    screenshot(browser_page, f"conference-{language}")
    assert not browser_page.evaluate("document.documentElement.scrollWidth > innerWidth")
