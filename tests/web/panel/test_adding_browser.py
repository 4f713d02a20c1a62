"""From the first round's sheets to new entries on a reviewer's page, and a bundle that both verifiers accept."""

from __future__ import annotations

import base64

import pytest
from playwright.sync_api import expect

from simsa.record.verifier import verifier_page
from simsa.web.awards.services import publish, run_selection
from simsa.web.panel.models import ReviewBatch, Slot
from simsa.web.panel.services import close_round, withdraw
from simsa.web.panel.services.adding import compute_batch, give_out
from simsa.web.programmes.services import bundle
from tests.web.panel.held_back import N, computed, score, scored
from tests.web.panel.test_adding import every_slot
from tests.web.panel.test_conflicts_browser import enter, within
from tests.web.people import with_role

pytestmark = pytest.mark.django_db(transaction=True)
WORDS = {
    "ko": {"compute": "추가 채점 계산", "give": "배정하기", "new": "본인 채점표"},
    "en": {"compute": "Compute the next reviews", "give": "Give out", "new": "My sheets"},
}


@pytest.mark.parametrize(
    ("browser_page", "language"),
    [
        pytest.param({"width": "phone", "language": "ko-KR"}, "ko", id="phone-ko"),
        pytest.param({"width": "desktop", "language": "en-GB"}, "en", id="desktop-en", marks=pytest.mark.long),
    ],
    indirect=["browser_page"],
)
def test_from_the_first_round_to_new_entries(browser_page, live_server, language, axe, screenshot):
    page, words = browser_page, WORDS[language]
    round_ = scored()
    with_role("officer", round_, "officer")
    with_role("kim", round_, "reviewer", "r00")
    at = f"/{language}/office/rounds/r/reviews/"

    def look(name: str) -> None:
        axe(page)
        within(page)
        screenshot(page, f"reviews-{name}-{language}")

    enter(page, "officer", live_server.url)
    page.goto(at)
    look("desk")
    page.get_by_role("button", name=words["compute"]).press("Enter")
    expect(page.locator("progress")).to_be_visible()
    look("computing")
    compute_batch(ReviewBatch.objects.get())
    page.locator("tbody a").click()  # the page comes again by itself
    expect(page.locator("figure.chart svg")).to_be_visible()
    look("batch")
    page.get_by_role("button", name=words["give"]).press("Enter")
    expect(page.locator(".messages")).to_be_visible()
    look("given")
    assert Slot.objects.count() > 2 * N
    enter(page, "kim", live_server.url)
    page.goto(f"/{language}/panel/rounds/r/")
    expect(page.locator(".sheet-list > li")).to_have_count(Slot.objects.filter(reviewer__code="r00").count())
    look("own")


@pytest.mark.once
def test_the_verifier_in_the_browser_accepts_what_came_of_it(browser, tmp_path):
    round_ = scored()
    lost = every_slot(round_)[0]
    withdraw(lost.entry, lost.reviewer, "친족", actor="person/3")
    for _batch in range(2):
        give_out(computed(round_), actor="person/1")
        score(round_)
    close_round(round_)
    publish(run_selection(round_))
    page = browser.new_page()
    file = tmp_path / "verifier.html"
    file.write_text(verifier_page(), encoding="utf-8")
    page.goto(file.as_uri())
    for tier in ("public", "full"):
        data = base64.b64encode(bundle(round_, tier)).decode()
        found = page.evaluate("data => simsaVerify(data, { receipts: [], key: null, policy: null })", data)
        assert (found["verdict"], [one for one in found["checks"] if one["outcome"] == "failed"]) == ("verified", [])
    page.close()
