"""A voter's way on a phone, without a script: from the public page by letter to the ballot, and back to the receipt."""

from __future__ import annotations

import io
import re

import pytest
import zxingcpp
from PIL import Image
from playwright.sync_api import expect

from simsa.record.ballots import BallotReceipt
from simsa.record.notes import VerifierKey
from simsa.web.programmes.sequencing import sequence_waiting
from simsa.web.programmes.services import publish_round
from simsa.web.votes.models import Ballot, Vote
from simsa.web.votes.services import open_vote, put_aside, seal_ballots
from tests.browser import reach
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


WORDS = {
    "ko": {"email": "이메일 주소", "ask": "링크 받기", "choose": "고르기", "up": "위로", "look": "투표지 확인",
           "cast": "투표하기", "file": "접수증을 파일로 보관", "check": "접수증 확인", "sealed": "봉인되어"},
    "en": {"email": "E-mail address", "ask": "Send me a link", "choose": "choose", "up": "up",
           "look": "Look at the ballot", "cast": "Cast the ballot", "file": "Keep the receipt as a file",
           "check": "Check the receipt", "sealed": "sealed"},
}  # fmt: skip


@pytest.mark.repeats
@pytest.mark.parametrize(
    ("browser_page", "language"),
    [
        ({"width": width, "language": f"{language}-{'KR' if language == 'ko' else 'GB'}"}, language)
        for width, language in (("phone", "en"), ("desktop", "ko"), ("phone", "ko"), ("desktop", "en"))
    ],
    indirect=["browser_page"],
    ids=("phone-en", "desktop-ko", "phone-ko", "desktop-en"),
)
def test_from_the_letter_to_the_receipt_by_keyboard(browser_page, language, axe, screenshot):
    """From the public page to the file that is checked without the site, without a mouse."""
    vote = open_vote(publish_round(prepared(NOW)))
    page, words = browser_page, WORDS[language]

    def looked_at(name):
        axe(page)
        wide, room = page.evaluate("[document.documentElement.scrollWidth, document.documentElement.clientWidth]")
        assert wide <= room
        screenshot(page, f"voter-{name}-{language}-{page.viewport_size['width']}")

    def press(name):
        reach(page.get_by_role("button", name=name))
        page.keyboard.press("Enter")

    page.goto(f"/{language}/votes/small/")
    looked_at("public")
    reach(page.get_by_label(words["email"]))
    page.keyboard.type("kim@example.kr")
    press(words["ask"])
    expect(page.get_by_role("status")).to_be_visible()
    looked_at("asked")
    [link] = [one for one in links_of_letters() if "/votes/ballots/" in one]
    assert link.startswith(f"/{language}/")
    page.goto(link)
    looked_at("ballot")
    for n, code in enumerate(("b1", "a2", "a1"), 1):
        press(re.compile(f"{code}: {words['choose']}$"))
        expect(page.locator(".order .name")).to_have_count(n)
    press(re.compile(f"a1: {words['up']}$"))
    expect(page.locator(".order .name")).to_have_text([re.compile("b1"), re.compile("a1"), re.compile("a2")])
    looked_at("chosen")
    press(words["look"])
    expect(page.locator(".ballot li")).to_have_count(3)
    looked_at("check")
    press(words["cast"])
    expect(page.locator(".code")).to_be_visible()
    looked_at("cast")
    assert Ballot.objects.get().says == '[["b1","3"],["a1","2"],["a2","1"]]'
    seal_ballots(vote)
    sequence_waiting()
    press(words["check"])
    expect(page.get_by_role("status")).to_contain_text(words["sealed"])
    looked_at("receipt")
    with page.expect_download() as kept:
        press(words["file"])
    held = BallotReceipt.parse(kept.value.path().read_bytes())
    log = Vote.objects.get().round.log
    held.check(log.origin, [VerifierKey.parse(log.key)])
    pictures = page.locator(".pictures svg")
    read = [zxingcpp.read_barcodes(Image.open(io.BytesIO(one.screenshot())))[0].bytes for one in pictures.all()]
    assert b"".join(read) == bytes(held)


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
