"""Evidence in a real browser: dropped, interrupted, resumed after the page was closed, and sent without a script."""

from __future__ import annotations

import re

import pytest
from django.conf import settings
from playwright.sync_api import Page, expect

from simsa.web.entries.files.keeping import evidence_of, take_in_evidence
from simsa.web.entries.models import Evidence, Upload
from tests.web.entries.pictures import noise
from tests.web.people import signed_in

pytestmark = pytest.mark.django_db(transaction=True)
PHONE = {"width": "phone", "language": "ko-KR"}
DESKTOP = {"width": "desktop", "language": "en-GB"}
UPLOAD = re.compile(r"/uploads/[0-9a-f-]{36}/$")


@pytest.fixture
def at(browser_page: Page, live_server, owner, entry):
    """`at(language)`: the page of the files of one criterion, as an officer of the entrant."""
    name = settings.SESSION_COOKIE_NAME
    cookie = signed_in(owner).cookies[name].value
    browser_page.context.add_cookies([{"name": name, "value": cookie, "url": live_server.url}])

    def go(language="en"):
        browser_page.goto(f"/{language}/entries/{entry.pk}/evidence/?criterion=work")
        return browser_page

    return go


def chosen(page):
    return page.locator('input[type="file"]')


def ready():
    """What a worker does in the background."""
    for evidence in Evidence.objects.filter(state="waiting"):
        take_in_evidence(evidence.pk)


@pytest.mark.parametrize(
    "browser_page", [PHONE, pytest.param(DESKTOP, marks=pytest.mark.long)], indirect=True, ids=["phone", "desktop"]
)
def test_files_are_sent_and_put_in_order_by_keyboard(at, entry, tmp_path, axe, screenshot, request):
    korean = "phone" in request.node.name
    page = at("ko" if korean else "en")
    files = []
    for n, name in enumerate(["추진계획.png", "성과 보고서.png"]):
        files.append(tmp_path / name)
        files[n].write_bytes(noise(480, n))
    chosen(page).set_input_files(files)
    expect(page.locator(".evidence-files li")).to_have_count(2, timeout=20_000)
    expect(page.locator(".evidence-sending")).to_be_hidden()
    ready()
    expect(page.locator(".evidence-files .badge.good")).to_have_count(2, timeout=10_000)
    axe(page)
    screenshot(page, f"evidence-{'phone-ko' if korean else 'desktop-en'}")
    with page.expect_response(lambda answer: answer.url.endswith("/pages/1.webp")) as shown:
        page.locator(".evidence-files li").first.get_by_role("link", name="미리 보기" if korean else "preview").click()
    assert shown.value.ok
    page.wait_for_load_state("networkidle")
    axe(page)
    screenshot(page, f"evidence-preview-{'phone-ko' if korean else 'desktop-en'}")
    page = at("ko" if korean else "en")
    before = [one.name for one in evidence_of(entry, "work")]
    page.get_by_role("button", name="아래로" if korean else "Down").first.focus()
    page.keyboard.press("Enter")
    expect(page.locator(".evidence-name").first).to_contain_text(before[1])
    assert [one.name for one in evidence_of(entry, "work")] == before[::-1]
    page.get_by_role("button", name="삭제" if korean else "Remove").first.press("Enter")
    expect(page.locator(".evidence-files li")).to_have_count(1)


def test_what_was_interrupted_goes_on(at, entry, tmp_path, screenshot):
    page = at()
    page.expected_statuses.add(503)
    file = tmp_path / "plan.png"
    content = noise(700)
    file.write_bytes(content)
    sent = []
    page.on("request", lambda asked: sent.append(asked.method) if "/uploads/" in asked.url else None)

    def broken(route):
        if route.request.method == "PATCH" and "PATCH" in sent[:-1]:
            route.fulfill(status=503)  # the second piece, and whatever is tried after it, where the server is away
        else:
            route.continue_()

    page.route(UPLOAD, broken)
    chosen(page).set_input_files(file)
    expect(page.locator(".evidence-sending [role=status]")).to_contain_text("no connection", timeout=10_000)
    screenshot(page, "evidence-interrupted")
    page.get_by_role("button", name="Pause plan.png").click()
    expect(page.locator(".evidence-sending [role=status]")).to_contain_text("paused")
    assert Upload.objects.get().offset == 256 * 1024
    page.unroute(UPLOAD)
    page = at()
    expect(page.locator(".evidence-files li")).to_contain_text("17 % has arrived")
    sent.clear()
    chosen(page).set_input_files(file)
    expect(page.locator(".evidence-files .badge")).to_have_text("received, being checked", timeout=10_000)
    assert sent[:2] == ["HEAD", "PATCH"]
    assert "POST" not in sent
    assert Evidence.objects.get().size == len(content)


def test_files_are_dropped_and_refused_in_words(at, entry):
    page = at()
    page.expected_statuses.add(400)  # a name that is none
    drop = """([name, size]) => {
      const data = new DataTransfer(), form = document.querySelector(".evidence-add");
      data.items.add(new File([new Uint8Array(size)], name));
      form.dispatchEvent(new DragEvent("drop", {dataTransfer: data, bubbles: true, cancelable: true}));
    }"""
    page.evaluate(drop, ["dropped.pdf", 1000])
    expect(page.locator(".evidence-files li")).to_contain_text("dropped.pdf", timeout=10_000)
    page.evaluate(drop, ["large.pdf", 52_428_801])
    expect(page.locator(".evidence-sending li")).to_contain_text("larger than")
    page.get_by_role("button", name="Give up large.pdf").click()
    expect(page.locator(".evidence-sending")).to_be_hidden()
    page.evaluate(drop, ["...", 10])
    expect(page.locator(".evidence-sending li")).to_contain_text("A file needs a name")
    ready()
    expect(page.locator(".evidence-fault")).to_be_visible(timeout=10_000)


@pytest.mark.parametrize("browser_page", [{"javascript": False, "width": "phone"}], indirect=True)
def test_without_a_script(at, entry, tmp_path, screenshot):
    page = at()
    file = tmp_path / "plan.png"
    file.write_bytes(noise(1000))
    chosen(page).set_input_files(file)
    page.get_by_role("button", name="Send").click()
    expect(page.locator(".evidence-files li")).to_contain_text("plan.png")
    screenshot(page, "evidence-without-script")
    page.get_by_role("button", name="Remove plan.png").click()
    expect(page.locator(".evidence-files")).to_contain_text("No files yet")
