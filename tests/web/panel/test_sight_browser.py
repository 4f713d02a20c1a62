"""Sheets that somebody else wrote, in a real browser: beside a reviewer's own, and on the entrant's page."""

from __future__ import annotations

import pytest

from simsa.web.panel.services import close_round, submit_sheet
from simsa.web.programmes.services import begin_draft
from tests.rules.small import SMALL
from tests.rules.test_sight import sight
from tests.web.panel.rounds import mark
from tests.web.panel.test_conflicts_browser import enter, within
from tests.web.panel.test_sight import EVERYTHING, slot, written
from tests.web.people import account, with_role

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize(
    ("browser_page", "language"),
    [
        pytest.param({"width": "phone", "language": "ko-KR"}, "ko", id="phone-ko"),
        pytest.param({"width": "desktop", "language": "en-GB"}, "en", id="desktop-en", marks=pytest.mark.long),
    ],
    indirect=["browser_page"],
)
def test_sheets_of_others(browser_page, live_server, language, axe, screenshot):
    page, round_ = browser_page, written(sight(EVERYTHING))
    submit_sheet(slot("a1", "p"), mark(1))
    close_round(round_)
    with_role("kim", round_, "reviewer", "p")
    with_role("lee", round_, "entrant", "a1")
    with_role("programme", round_.programme, "officer")
    text = SMALL.replace('id = "small"', 'id = "next"', 1)
    draft = begin_draft(round_.programme, "next", text, by=account("programme"))
    for person, path, said in (
        ("kim", f"panel/sheets/{slot('a1', 'p').name}/", "의견 q"),
        ("lee", f"entries/{slot('a1', 'p').entry_id}/sheets/", "의견 q"),
        ("programme", f"office/drafts/{draft.pk}/forms/sight/", ""),
    ):
        enter(page, person, live_server.url)
        page.goto(f"/{language}/{path}")
        assert said in page.content()
        axe(page)
        within(page)
        screenshot(page, f"sight-{person}-{language}")
