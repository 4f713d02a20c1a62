"""A meeting in real browsers: its chair, a member and an observer at once, and the office before and after."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from simsa.web.panel.meetings import stream as streams
from simsa.web.panel.models import Meeting, SheetChange
from simsa.web.panel.services import convene, exclude
from simsa.web.programmes.models import Round
from tests.rules.small import changed
from tests.web.conftest import WIDTHS
from tests.web.panel.meetings import AT, RULES, WHO, item, member
from tests.web.panel.rounds import scored
from tests.web.panel.test_scoring_browser import enter, within
from tests.web.people import with_role

pytestmark = pytest.mark.django_db(transaction=True)
NAMED = changed(
    'id = "idea"',
    'id = "idea"\nname = { ko = "창의성", en = "Originality" }',
    changed('id = "work"', 'id = "work"\nname = { ko = "추진 노력", en = "Effort" }', RULES),
)


@pytest.fixture
def screen(browser: Browser, live_server, request, monkeypatch) -> Iterator[Callable[[str], Page]]:
    """`screen(name)`: a browser of somebody of the round. A script error or a broken policy fails the test."""
    monkeypatch.setattr(streams, "PAUSE", 0.1)
    most = request.param.get("streams", 3)
    monkeypatch.setattr(streams, "_places", threading.BoundedSemaphore(most))
    width, height = WIDTHS[request.param["width"]]
    language, problems, contexts = request.param["language"], [], []

    def opened(name: str) -> Page:
        context = browser.new_context(
            base_url=f"{live_server.url}",
            viewport={"width": width, "height": height},
            locale=language,
            timezone_id="Asia/Seoul",
            reduced_motion="reduce",
        )
        contexts.append(context)
        context.on("weberror", lambda error: problems.append(str(error.error)))
        enter(context, name, live_server.url)
        page = context.new_page()
        page.on("console", lambda said: problems.append(said.text) if said.type == "error" else None)
        return page

    yield opened
    for context in contexts:
        context.close()
    for _ in range(most):  # the server's threads notice that nobody listens
        streams._places.acquire(timeout=5)
    assert problems == []


def ready(page: Page) -> Page:
    expect(page.locator("html[data-meeting=ready]")).to_have_count(1)
    return page


def people(round_: Round) -> None:
    for code in "pqr":
        with_role(f"m{code}", round_, "reviewer", code)
    for kind in ("officer", "observer"):
        with_role(kind, round_, kind)


@pytest.mark.takes_long
@pytest.mark.repeats
@pytest.mark.parametrize(
    ("screen", "language"),
    [
        pytest.param({"width": "phone", "language": "ko-KR"}, "ko", id="phone-ko"),
        pytest.param({"width": "desktop", "language": "en-GB"}, "en", id="desktop-en"),
    ],
    indirect=["screen"],
)
def test_from_the_letter_to_the_minutes(screen, language, axe, screenshot):
    round_ = scored(NAMED)
    people(round_)

    def look(page: Page, name: str) -> None:
        axe(page)
        within(page)
        screenshot(page, f"meeting-{name}-{language}")

    office = screen("officer")
    office.goto(f"/{language}/office/rounds/small/meetings/")
    look(office, "convene")
    office.locator("#at").fill("2124-03-01T14:00")
    office.locator("#where").fill("회의실 3")
    office.locator("#chair").select_option("p")
    office.locator("#deputy").select_option("q")
    for code in ("a1", "a2", "b1", "b2", "b3", "b4"):
        office.locator(f"[name='place/{code}']").fill({"b1": "1", "a1": "2"}.get(code, ""))
    office.locator("main form button").press("Enter")
    office.wait_for_url("**/meetings/1/")
    look(office, "agenda")
    meeting = Meeting.objects.get()
    exclude(item(meeting, "a1").entry, member(meeting, "p"), "행정절차법 제21조", "배우자", actor=WHO)

    chair, other, observer = screen("mp"), screen("mr"), screen("observer")
    room = f"/{language}/panel/meetings/{meeting.pk}/"
    for page in (chair, other, observer):
        page.goto(room)
        ready(page)
    other.locator("form[action$='/attend/'] button").press("Enter")
    observer.locator("form[action$='/attend/'] button").press("Enter")
    look(other, "before")
    chair.locator("button[value=begin]").press("Enter")
    expect(other.locator(".meeting-state .badge.good")).to_be_visible()  # without another load by hand
    chair.locator("form[action$='/lead/'] button").first.press("Enter")
    expect(chair.locator("#outcome")).to_be_visible()
    expect(other.locator("#change")).to_be_visible()
    look(other, "member")
    look(chair, "chair")

    # What one changes, the others see at once, and what they are writing stays.
    ready(chair).locator("#note-text").fill("상담 24건을 확인했다")
    expect(chair.locator("tr", has_text="창의성" if language == "ko" else "Originality").first).to_be_visible()
    before = chair.locator("table.spread").inner_text()
    ready(other).locator("#m-idea").fill("10")
    other.locator("#m-work").fill("0.5")
    other.locator("#why").fill("증빙 3을 다시 보았다")
    other.locator("form[action$='/sheet/'] button").press("Enter")
    expect(other.locator(".messages")).to_be_visible()
    expect(chair.locator("#live")).to_contain_text("증빙 3을 다시 보았다")
    assert chair.locator("table.spread").inner_text() != before
    expect(chair.locator("#note-text")).to_have_value("상담 24건을 확인했다")
    expect(observer.locator("#live")).not_to_contain_text("증빙 3")
    look(chair, "changed")
    chair.locator("form[action$='/note/'] button").press("Enter")
    expect(observer.locator("#live")).to_contain_text("상담 24건")
    ready(chair).locator("#outcome").fill("조정된 점수로 한다")
    chair.locator("form:has(#outcome) button").press("Enter")
    expect(other.locator(".meeting-agenda")).to_contain_text("조정된 점수로 한다")
    summary = ready(other).locator(".meeting-agenda summary").first
    summary.press("Enter")
    other.locator("textarea[id^=dissent]").fill("낮게 보아야 한다")
    look(other, "dissent")
    other.locator("form[action$='/dissent/'] button").press("Enter")
    expect(other.locator(".meeting-agenda")).to_contain_text("낮게 보아야 한다")

    # For the next entry the chair is out of the room, and the deputy takes over.
    deputy = screen("mq")
    deputy.goto(room)
    deputy.locator("form[action$='/attend/'] button").press("Enter")
    ready(deputy).locator("form[action$='/lead/'] button").first.press("Enter")
    expect(chair.locator("#live .notice")).to_be_visible()
    expect(chair.locator("main")).not_to_contain_text("a1")
    look(chair, "out")
    look(deputy, "deputy")
    ready(deputy).locator("#outcome").fill("그대로 둔다")
    deputy.locator("form:has(#outcome) button").press("Enter")
    expect(chair.locator("#live .notice")).to_have_count(0)
    expect(chair.locator("main")).not_to_contain_text("그대로 둔다")
    ready(chair).locator("button[value=finish]").press("Enter")
    expect(observer.locator(".meeting-state .badge.good")).to_have_count(0)

    observer.locator("main summary").last.press("Enter")
    observer.locator("#void-reason").fill("위원장이 점수를 유도했다")
    look(observer, "observer")
    observer.locator("form[action$='/void/'] button").press("Enter")
    expect(observer.locator(".messages")).to_be_visible()
    assert SheetChange.objects.filter(undoes__isnull=False).count() == 1
    office.goto(f"/{language}/office/rounds/small/meetings/1/")
    expect(office.locator("main")).to_contain_text("위원장이 점수를 유도했다")
    look(office, "minutes")
    with office.expect_download() as kept:
        office.locator("a[href$='minutes.txt']").click()
    assert "증빙 3을 다시 보았다" in kept.value.path().read_text(encoding="utf-8")


@pytest.mark.parametrize("screen", [{"width": "desktop", "language": "ko-KR", "streams": 1}], indirect=True)
@pytest.mark.long
def test_who_finds_no_place_for_a_stream_asks(screen):
    round_ = scored(NAMED)
    people(round_)
    meeting = convene(round_, AT, ["b1"], "p", "q", actor=WHO)
    room = f"/ko/panel/meetings/{meeting.pk}/"
    chair, other = screen("mp"), screen("mr")
    chair.goto(room)
    ready(chair)
    chair.wait_for_timeout(300)  # it has the only place
    other.goto(room)
    ready(other)
    chair.locator("button[value=begin]").press("Enter")
    expect(other.locator(".meeting-state .badge.good")).to_be_visible()
