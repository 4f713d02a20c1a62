"""A voter's way on a phone, without a script: from the public page by letter to the ballot, and back to the receipt."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from simsa.web.programmes.sequencing import sequence_waiting
from simsa.web.programmes.services import publish_round
from simsa.web.votes.models import Ballot, Vote
from simsa.web.votes.services import open_vote, put_aside, seal_ballots
from tests.web.panel.rounds import prepared
from tests.web.people import links_of_letters, signed_in, with_role
from tests.web.votes.rounds import RULES, voted

pytestmark = pytest.mark.django_db(transaction=True)
NOW = RULES.replace("opens = 2124", "opens = 2024")


@pytest.mark.parametrize("browser_page", [{"width": "phone", "javascript": False}], indirect=True)
def test_voter_on_a_phone(browser_page, screenshot):
    open_vote(publish_round(prepared(NOW)))
    page = browser_page
    page.goto("/ko/votes/small/")
    screenshot(page, "vote-public-phone")
    page.get_by_label("이메일 주소").fill("kim@example.kr")
    page.get_by_role("button", name="링크 받기").click()
    expect(page.get_by_role("status")).to_contain_text("편지를 보냈습니다")
    [link] = [one for one in links_of_letters() if "/votes/ballots/" in one]
    page.goto(link)
    for n, name in enumerate(("기관 b1", "기관 a2", "기관 a1"), 1):
        page.get_by_role("button", name=f"{name}: 고르기").focus()
        page.keyboard.press("Enter")
        expect(page.locator(".order .name")).to_have_count(n)
    screenshot(page, "vote-ballot-phone")
    page.get_by_role("button", name="기관 a1: 위로").press("Enter")
    expect(page.locator(".order .name")).to_have_text(["기관 b1", "기관 a1", "기관 a2"])
    page.get_by_role("button", name="기관 b1: 빼기").click()
    expect(page.locator(".order .name")).to_have_text(["기관 a1", "기관 a2"])
    page.wait_for_load_state()
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    with page.context.expect_page() as opened:
        page.get_by_role("link", name="기관 a1").click()
    expect(opened.value.get_by_role("heading", level=1)).to_have_text("기관 a1")
    opened.value.close()
    page.get_by_role("button", name="투표지 확인").click()
    expect(page.locator(".ballot li")).to_have_text(["기관 a1", "기관 a2"])
    screenshot(page, "vote-check-phone")
    page.get_by_role("button", name="투표하기").click()
    code = page.locator(".code").inner_text()
    screenshot(page, "vote-cast-phone")
    assert Ballot.objects.get().says == '[["a1","3"],["a2","2"]]'
    seal_ballots(Vote.objects.get())
    sequence_waiting()
    page.goto("/ko/votes/small/receipt/")
    page.get_by_label("접수증 번호").fill(code)
    page.locator("main form button").click()
    expect(page.get_by_role("status")).to_contain_text("봉인되어")
    screenshot(page, "vote-receipt-phone")
    page.goto(link)
    expect(page.locator("main")).to_contain_text("이미 투표하셨습니다")


@pytest.mark.parametrize("browser_page", [{"width": "desktop"}], indirect=True)
def test_office_and_ballots_are_walked_by_everybody(browser_page, axe, screenshot, live_server):
    vote = open_vote(publish_round(prepared(NOW)))
    page = browser_page
    client = signed_in(with_role("voter", vote.round, "voter"))
    page.context.add_cookies(
        [{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}]
    )
    page.goto("/en/votes/small/own/")
    for name in ("b1", "a2", "a1"):
        page.get_by_role("button", name=f"Body {name}: choose").click()
    expect(page.get_by_role("button", name="Body b4: choose")).to_be_disabled()
    expect(page.get_by_role("button", name="Body a1: take off")).to_be_focused()
    page.get_by_role("button", name="Body a1: up").press("Enter")
    page.get_by_role("button", name="Body b1: take off").click()
    page.get_by_role("button", name="Look at the ballot").click()
    expect(page.locator(".ballot li")).to_have_text(["Body a1", "Body a2"])
    page.get_by_role("button", name="Change it").click()
    page.get_by_role("button", name="Body a2: up").click()
    expect(page.locator(".order .name")).to_have_text(["Body a2", "Body a1"])
    for n in range(5):
        voted(vote, str(n), "a1", device="same")
    put_aside(vote)
    for who, path, name in (
        ("voter", "/en/votes/small/", "index"),
        ("voter", "/en/votes/small/own/", "ballot"),
        ("voter", "/en/votes/small/receipt/", "receipt"),
        ("auditor", "/en/office/rounds/small/vote/", "auditor"),
        ("officer", "/ko/office/rounds/small/vote/", "officer"),
    ):
        client = signed_in(with_role(who, vote.round, who))
        cookie = {"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}
        page.context.add_cookies([cookie])
        page.goto(path)
        for width in (1280, 390):
            page.set_viewport_size({"width": width, "height": 900})
            axe(page)
            assert page.evaluate("document.documentElement.scrollWidth") == width
            screenshot(page, f"vote-{name}-{width}")
