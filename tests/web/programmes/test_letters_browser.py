"""Letters, reminders and background work in a real browser, as officers and whoever runs the installation see them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from django_tasks_db.models import DBTaskResult
from playwright.sync_api import Page

from simsa.web.programmes.models import SentLetter
from simsa.web.programmes.services import invite
from simsa.web.programmes.services.posting import mark_address
from simsa.web.programmes.tasks import send_letters, stamp
from tests.web.panel.test_conflicts import MEAN, prepared
from tests.web.people import account, with_role
from tests.web.programmes.test_letters import letter
from tests.web.programmes.test_office_browser import enter

pytestmark = pytest.mark.django_db(transaction=True)
WORDS = {
    "ko": {"again": "다시 보내기", "stop": "중지", "no": "발송 중지", "address": "주소", "invite": "이 주소로 초대"},
    "en": {"again": "Send again", "stop": "Stop", "no": "Do not send it", "address": "The address",
           "invite": "Invite to this address"},
}  # fmt: skip


def within(page: Page) -> None:
    """The page is no wider than the screen."""
    wide, room = page.evaluate("[document.documentElement.scrollWidth, document.documentElement.clientWidth]")
    assert wide <= room


@pytest.mark.parametrize(
    ("browser_page", "language"),
    [
        pytest.param({"width": "phone", "language": "ko-KR"}, "ko", id="phone-ko"),
        pytest.param({"width": "desktop", "language": "en-GB"}, "en", id="desktop-en", marks=pytest.mark.long),
    ],
    indirect=["browser_page"],
)
def test_what_did_not_arrive_is_found_and_decided(browser_page, live_server, language, axe, screenshot):
    page, words, now = browser_page, WORDS[language], timezone.now()
    round_ = prepared(MEAN)
    with_role("boss", round_, "officer")
    with_role("kim", round_, "reviewer", "p")
    invite(round_.programme, round_, "reviewer", "leee@example.kr", "q")
    SentLetter.objects.update(
        status="failed", fault="address", error="SMTPRecipientsRefused: 550 5.1.1 unknown", attempts=1
    )
    letter(round_, "kim")
    letter(round_, "han", status="sending", fault="lost", tried_at=now, error="TimeoutError: timed out")
    letter(round_, "cho", status="sent", sent_at=now, body="")
    letter(round_, "old", status="returned", fault="returned", error="5.1.1 550 unknown", body="")
    mark_address(round_, "old@example.kr", False, actor=account("boss").actor)
    enter(page, account("boss", language=language))
    page.goto(f"/{language}/office/rounds/small/letters/")
    for summary in page.locator("main table summary").all():
        summary.click()
    axe(page)
    within(page)
    screenshot(page, f"letters-{language}")
    row = page.locator("tr", has_text="han@example.kr")
    row.get_by_role("button", name=words["again"]).press("Enter")
    row = page.locator("tr", has_text="kim@example.kr")
    row.locator("summary", has_text=words["stop"]).click()
    row.locator("[name=reason]").fill("회차 취소")
    row.get_by_role("button", name=words["no"]).press("Enter")
    row = page.locator("tr", has_text="leee@example.kr")
    row.locator("summary", has_text=words["address"]).click()
    row.locator("[name=email]").fill("lee@example.kr")
    row.get_by_role("button", name=words["invite"]).press("Enter")
    page.wait_for_selector("text=lee@example.kr")
    states = dict(SentLetter.objects.values_list("to", "status"))
    assert (states["kim@example.kr"], states["leee@example.kr"]) == ("stopped", "stopped")
    assert states["lee@example.kr"] in {"waiting", "sent"}
    page.goto(f"/{language}/office/rounds/small/panel/")
    axe(page)
    within(page)
    screenshot(page, f"reminders-{language}")

    DBTaskResult.objects.all().delete()
    send_letters.enqueue()
    stamp.enqueue()
    DBTaskResult.objects.update(enqueued_at=now - timedelta(minutes=20))
    failed = {"status": "FAILED", "finished_at": now, "exception_class_path": "django.db.utils.OperationalError"}
    DBTaskResult.objects.filter(task_path=stamp.module_path).update(started_at=now - timedelta(minutes=9), **failed)
    enter(page, account("root", is_staff=True, language=language))
    page.goto(f"/{language}/office/background/")
    axe(page)
    within(page)
    screenshot(page, f"background-{language}")
