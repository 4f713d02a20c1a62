"""A reviewer who writes a profile and bids, and an officer who computes affinities or sends a file, in a browser."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from simsa.web.panel.affinities.running import compute_affinities, start_affinities
from simsa.web.panel.models import AffinityRun, Alternative, Bid, Profile, Slot
from simsa.web.panel.services import record_affinities
from simsa.web.panel.services.planning import compute_alternative, fix_pair, start_alternative
from simsa.web.panel.services.profiling import ask_for_bids
from tests.web.panel.rounds import ENTRIES, prepared
from tests.web.panel.test_conflicts import MEAN, entry, reviewer
from tests.web.panel.test_conflicts_browser import enter, within
from tests.web.panel.test_profiles import write
from tests.web.people import with_role

pytestmark = pytest.mark.django_db(transaction=True)
WORDS = {
    "ko": {"save": "저장", "eager": "적극 희망", "look": "파일 확인", "confirm": "확정"},
    "en": {"save": "Save", "eager": "eager", "look": "Look at the file", "confirm": "Confirm"},
}


@pytest.mark.parametrize(
    ("browser_page", "language"),
    [
        pytest.param({"width": "phone", "language": "ko-KR"}, "ko", id="phone-ko"),
        pytest.param({"width": "desktop", "language": "en-GB"}, "en", id="desktop-en", marks=pytest.mark.long),
    ],
    indirect=["browser_page"],
)
def test_from_the_profile_to_the_affinities(browser_page, live_server, language, axe, screenshot, monkeypatch):
    monkeypatch.setattr("simsa.web.panel.affinities.texts.installed", lambda: False)
    page, words = browser_page, WORDS[language]
    round_ = prepared(MEAN)
    write(round_, "a1", "반도체 수출 상담")
    ask_for_bids(round_, True, actor="person/1")
    with_role("kim", round_, "reviewer", "q")
    with_role("officer", round_, "officer")

    def look(name: str) -> None:
        axe(page)
        within(page)
        screenshot(page, f"panel-{name}-{language}")

    enter(page, "kim", live_server.url)
    page.goto(f"/{language}/reviewers/{reviewer(round_, 'q').pk}/")
    page.locator("#id_keywords").fill("반도체, 무역")
    page.locator("#id_most").fill("4")
    look("profile")
    page.get_by_role("button", name=words["save"]).press("Enter")
    expect(page.locator(".messages")).to_be_visible()
    assert Profile.objects.get().most == 4
    page.goto(f"/{language}/reviewers/{reviewer(round_, 'q').pk}/bids/")
    look("bids")
    page.locator("input[value=eager]").first.focus()
    page.keyboard.press("Space")
    page.get_by_role("button", name=words["save"]).press("Enter")
    expect(page.locator(".messages")).to_be_visible()
    assert Bid.objects.get().wish == "eager"

    enter(page, "officer", live_server.url)
    page.goto(f"/{language}/office/rounds/small/panel/")
    look("members")
    AffinityRun.objects.create(round=round_, bid_weight="0", actor="x", state="running", done=3, total=9)
    page.goto(f"/{language}/office/rounds/small/affinities/")
    look("computing")
    AffinityRun.objects.update(state="done")
    compute_affinities(start_affinities(round_, "1", actor="person/1"))
    expect(page.locator("figure.chart")).to_be_visible()  # the page comes again by itself
    look("affinities")
    page.locator("#affinity-file").set_input_files(
        {"name": "mine.csv", "mimeType": "text/csv", "buffer": b"entry,reviewer,affinity\na1,q,0.25\nb1,r,-1.5\n"}
    )
    page.get_by_role("button", name=words["look"]).press("Enter")
    expect(page.get_by_role("heading", name="mine.csv")).to_be_visible()
    look("file")
    page.get_by_role("button", name=words["confirm"]).press("Enter")
    expect(page.locator("main")).to_contain_text("mine.csv (SHA-256")


@pytest.mark.parametrize(
    ("browser_page", "language"),
    [
        pytest.param({"width": "phone", "language": "ko-KR"}, "ko", id="phone-ko"),
        pytest.param({"width": "desktop", "language": "en-GB"}, "en", id="desktop-en", marks=pytest.mark.long),
    ],
    indirect=["browser_page"],
)
def test_from_alternatives_to_the_assignment(browser_page, live_server, language, axe, screenshot):
    page = browser_page
    round_ = prepared(MEAN)
    with_role("officer", round_, "officer")
    table = {code: {"p": "1", "q": f"0.{n}", "r": "0.1"} for n, (code, _group) in enumerate(ENTRIES)}
    record_affinities(round_, table, source="test")
    fix_pair(entry(round_, "b1"), reviewer(round_, "r"), "pinned", "현장 확인", actor="person/1")
    compute_alternative(start_alternative(round_, "total", actor="person/1"))

    def look(name: str) -> None:
        axe(page)
        within(page)
        screenshot(page, f"assignment-{name}-{language}")

    enter(page, "officer", live_server.url)
    page.goto(f"/{language}/office/rounds/small/assignment/")
    page.locator("button[name=way][value=fair]").press("Enter")
    expect(page.get_by_role("status")).to_be_visible()
    look("computing")
    compute_alternative(Alternative.objects.get(number=2))
    expect(page.locator("tbody a")).to_have_count(2)  # the page comes again by itself
    look("desk")
    page.locator("tbody a").first.press("Enter")
    expect(page.locator("figure svg")).to_have_count(2)
    page.locator("figure.wide + details summary").press("Enter")
    page.locator("summary").last.press("Enter")
    look("alternative")
    page.locator("form[action*=adopt] button").press("Enter")
    page.wait_for_url("**/panel/")
    look("members")
    assert Slot.objects.count() == 6
